"""Documents and their views without a build."""

from sidelit.answers import Answers, Resolved
from sidelit.model import Config, Document, Section, Source, Tokens
from sidelit.outline import outline_of
from sidelit.site import make_site
from sidelit.view import View


def one_section(source: Source, text: str, kind: str = "module") -> Document:
    """A document that is nothing but prose."""
    section = Section(kind, "", text, 1, ())
    return Document(source, text, "", "", (section,), Tokens())


def views(config: Config, *documents: Document) -> list[View]:
    """The views of the pages of a site."""
    site = make_site(map(outline_of, documents), config)
    resolved = Resolved(site, "", {}, {}, frozenset(), {}, {}, {})
    answers = Answers(resolved)
    return [View(document.source, answers.respond) for document in documents]
