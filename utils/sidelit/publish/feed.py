r"""
---
title: A site map, a feed and a page for lost visitors
summary: >
  What crawlers and feed readers ask for, and the page that a server sends in place of
  one that it does not have.
---

# A site map, a feed and a page for lost visitors

All of this names pages by their full address, so it is made only for a site that knows
where it will be published: one with a `base-url`.
"""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from urllib.parse import quote

from ..model import (
    Document,
    Entry,
    Outline,
    Page,
    Section,
    Site,
    Source,
    Tokens,
)
from ..site import MISSING, address, root_path

Dates = Mapping[str, datetime]


def published_files(
    site: Site, base_url: str, title: str, dates: Dates, language: str
) -> dict[str, bytes]:
    """The site map, `robots.txt` and the feed, by URL."""
    if not base_url:
        return {}
    files = {
        "sitemap.xml": _sitemap(site, base_url, dates),
        "robots.txt": _robots(base_url),
    }
    if feed := _feed(site, base_url, escape(title), dates, language):
        files["feed.xml"] = feed
    return {url: text.encode() for url, text in files.items()}


_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


def _sitemap(site: Site, base_url: str, dates: Dates) -> str:
    lines = []
    for url, outline in site.outlines.items():
        place = escape(address(base_url, url))
        changed = dates.get(outline.source.path)
        when = f"<lastmod>{changed.isoformat()}</lastmod>" if changed else ""
        lines.append(f"<url><loc>{place}</loc>{when}</url>\n")
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'{_XML}<urlset xmlns="{namespace}">\n{"".join(lines)}</urlset>\n'


def _robots(base_url: str) -> str:
    return f"User-agent: *\nAllow: /\n\nSitemap: {address(base_url, 'sitemap.xml')}\n"


# ## The feed
#
# Subscribers hear of the thirty pages that changed last. A feed must say when each of
# them changed, so without dates there is none.
def _feed(site: Site, base_url: str, title: str, dates: Dates, language: str) -> str:
    dated = [
        (dates[outline.source.path], outline)
        for outline in site.outlines.values()
        if outline.source.path in dates
    ]
    dated.sort(key=lambda pair: pair[0], reverse=True)
    if not dated:
        return ""
    home = escape(base_url)
    entries = "".join(_entry(base_url, *pair) for pair in dated[:30])
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">\n'
        f"<title>{title}</title>\n"
        f"<id>{home}</id>\n"
        f'<link href="{home}"/>\n'
        f'<link rel="self" href="{escape(address(base_url, "feed.xml"))}"/>\n'
        f"<updated>{dated[0][0].isoformat()}</updated>\n"
        f"<author><name>{title}</name></author>\n"
        f"{entries}</feed>\n"
    )


def _entry(base_url: str, changed: datetime, outline: Outline) -> str:
    place = escape(address(base_url, outline.source.url))
    return (
        f"<entry>\n<title>{escape(outline.title)}</title>\n"
        f"<id>{place}</id>\n"
        f'<link href="{place}"/>\n'
        f"<updated>{changed.isoformat()}</updated>\n"
        f"<summary>{escape(outline.summary)}</summary>\n</entry>\n"
    )


# ## The page for lost visitors
#
# A server sends it for any address that it does not know, at any depth, so its links
# begin at the root of the server.
def missing_page(site: Site, base_url: str) -> Page:
    """The page that a server sends in place of one that it does not have."""
    root = root_path(base_url)
    title = "There is no such page"
    summary = "The page at this address has gone, or never was here."
    links = "\n".join(
        f'<li><a href="{escape(root + quote(url))}">'
        f"{escape(document.title, quote=False)}</a>"
        for url, document in site.outlines.items()
        if url.endswith("index.html")
    )
    head = (
        f"<h1>{title}</h1>\n"
        "<p>It was moved or renamed, or there is a typo in the address.</p>\n"
        f"<p>From these pages, you can reach all others:</p>\n<ul>\n{links}\n</ul>"
    )
    section = Section("module", "", "", 1, ())
    source = Source("", "", MISSING, "", "markdown")
    document = Document(source, "", title, summary, (section,), Tokens(), language="en")
    crumbs = (Entry("home", f"{root}index.html"), Entry("404", ""))
    return Page(document, head, (), crumbs, (), None, None)
