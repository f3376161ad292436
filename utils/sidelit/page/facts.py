"""
---
title: Facts for search engines
summary: >
  What a page is, as data that search engines read from it.
---

# Facts for search engines
"""

import json
from datetime import datetime

from ..model import Document
from ..site import HOME, address


def facts(
    document: Document,
    language: str,
    site_title: str,
    base_url: str,
    changed: datetime | None,
    card: str,
) -> str:
    """What the page is, as JSON-LD that may stand in a `script` element."""
    url = document.source.url
    site = {"@type": "WebSite", "name": site_title, "url": base_url}
    page = {
        "@type": "TechArticle",
        "headline": document.title,
        "url": address(base_url, url),
        "inLanguage": language,
        "isPartOf": site,
    }
    told = {"@context": "https://schema.org"} | (site if url == HOME else page)
    if document.summary:
        told["description"] = document.summary
    if card:
        told["image"] = card
    if changed:
        told["dateModified"] = changed.isoformat()
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
