"""Documents that are no files."""

from sidelit.model import Document, Section, Source, Tokens


def one_section(source: Source, text: str, kind: str = "module") -> Document:
    """A document that is nothing but prose."""
    section = Section(kind, "", text, 1, ())
    return Document(source, text, "", "", (section,), Tokens())
