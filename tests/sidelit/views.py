"""Documents and their views without a build."""

from sidelit.model import Config, Document, Section, Source, Tokens
from sidelit.page.view import View
from sidelit.site import make_site
from sidelit.steps.answers import Answers, Resolved
from sidelit.steps.outline import outline_of


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
