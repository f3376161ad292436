r"""
---
title: Images of notebooks
summary: >
  Images that a notebook holds become files beside its page, under names that change
  with what they show.
---

# Images of notebooks

A notebook holds its images as text: what its cells have shown, and what its author
has attached to prose, as `![alt](attachment:chart.png)`. On the site they are files
beside the page. A drawing is an exception. It may have scripts in it, which run where
it is opened alone, and so it stays in the page, where nothing can open it.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from ..cache import key_of
from ..files import IMAGE_ENDINGS, IMAGES
from ..model import Document, Section
from ..site import relative_file
from .images import Image, size_of

_DRAWING = IMAGES[".svg"]
ATTACHMENT = "attachment:"

# The forms of one image, by type.
Forms = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotebookImage:
    """
    An image of a notebook: its type, its bytes, and its place in the site, which a
    drawing has not.
    """

    form: str
    data: bytes
    url: str

    @property
    def address(self) -> str:
        """The image itself as an address."""
        written = base64.b64encode(self.data).decode()
        return f"data:{self.form};base64,{written}"


def is_image_form(form: str) -> bool:
    """Whether a type is that of an image."""
    return form in IMAGE_ENDINGS


def best_image(forms: Forms, page: str) -> NotebookImage | None:
    """The first form of an image on the page at a URL, if there is one."""
    return next(_decoded(forms, page), None)


def image_of(image: NotebookImage, page: str) -> Image:
    """What the page at a URL shows of an image."""
    src = relative_file(image.url, page) if image.url else image.address
    return Image(src, *size_of(image.data))


def notebook_images(document: Document) -> dict[str, bytes]:
    """The files that the images of a notebook become, by URL."""
    found: dict[str, bytes] = {}
    if notebook := document.notebook:
        shown = [one.forms for many in notebook.outputs.values() for one in many]
        for many in notebook.attachments.values():
            shown += many.values()
        for forms in shown:
            for one in _decoded(forms, document.source.url):
                if one.url:
                    found[one.url] = one.data
    return found


def attached(document: Document, section: Section, link: str) -> NotebookImage | None:
    """The image that a link in the prose of a section calls an attachment."""
    found = document.notebook.attachments if document.notebook else {}
    name = unquote(link.removeprefix(ATTACHMENT))
    forms = found.get(section.prose_line, {}).get(name, {})
    return best_image(forms, document.source.url)


def _decoded(forms: Forms, page: str) -> Iterator[NotebookImage]:
    for form, written in forms.items():
        if form == _DRAWING and written.lstrip().startswith("<"):
            yield NotebookImage(form, written.encode(), "")
        elif is_image_form(form):
            try:
                data = base64.b64decode("".join(written.split()), validate=True)
            except ValueError:
                # Then another form is shown.
                continue
            url = ""
            if form != _DRAWING:
                stem = page.removesuffix(".html")
                url = f"{stem}.{key_of(data)[:10]}{IMAGE_ENDINGS[form]}"
            yield NotebookImage(form, data, url)
