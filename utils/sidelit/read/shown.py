r"""
---
title: Outputs as data
summary: >
  The outputs of a notebook as plain data: text as a terminal would show it, and each
  image in the forms that it comes in.
---

# Outputs as data

A notebook may come from anywhere, and programs other than Jupyter write some. So
whatever is not as it should be in an output is left out, while the rest is shown.
"""

import re
from collections.abc import Mapping
from typing import Any

from ..files import CONTROLS, IMAGES
from ..model import Output
from .places import SURROGATES

# Of the forms that an output comes in, those that a page can show, the best one first.
# Version 3 had short names for them.
_FORMS = {
    "text/html": "html",
    **{form: re.split(r"[/+]", form)[1] for form in IMAGES.values()},
    "text/latex": "latex",
    "text/markdown": "markdown",
    "text/plain": "text",
}


def joined(found: object) -> str:
    """A text that may come in pieces, or nothing if it is none."""
    parts = [found] if isinstance(found, str) else found
    if not isinstance(parts, list) or not all(isinstance(one, str) for one in parts):
        return ""
    return "".join(map(str, parts))


def output_of(found: dict[str, Any]) -> Output | None:
    """An output other than a stream, or nothing if no form of it can be shown."""
    if found.get("output_type") in ("error", "pyerr"):
        name, value = joined(found.get("ename")), joined(found.get("evalue"))
        trace = found.get("traceback")
        lines = trace if isinstance(trace, list) else []
        text = "\n".join(filter(None, map(joined, lines))) or f"{name}: {value}"
        return Output(f"error {name}", {"text/plain": as_shown(text)})
    bundle = found.get("data")
    bundle = bundle if isinstance(bundle, dict) else {}
    forms = {}
    for form, short in _FORMS.items():
        if written := joined(bundle.get(form, found.get(short))):
            if form == "text/plain":
                written = as_shown(written)
            forms[form] = written.translate(CONTROLS)
    return Output("", forms, *_size(found.get("metadata"), forms)) if forms else None


# Pixels. What is more is no size that any image has.
_SIZES = range(1, 1_000_000)


def _size(metadata: object, forms: Mapping[str, str]) -> tuple[int, int]:
    """The width and the height that an image is to have, or zeros."""
    for form in forms:
        told = metadata.get(form) if isinstance(metadata, dict) else None
        if isinstance(told, dict):
            width, height = told.get("width"), told.get("height")
            if type(width) is type(height) is int:
                is_sensible = width in _SIZES and height in _SIZES
                return (width, height) if is_sensible else (0, 0)
    return 0, 0


# Colours and movements of a terminal.
_TERMINAL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])"
)


def as_shown(text: str) -> str:
    """What a terminal would show in the end, in one colour."""
    lines = _TERMINAL.sub("", text).replace("\r\n", "\n").split("\n")
    # A progress bar begins its line anew, again and again.
    last = (line.rstrip("\r").rpartition("\r")[2] for line in lines)
    return "\n".join(last).translate(CONTROLS).rstrip()


def attachments(found: object) -> dict[str, dict[str, str]]:
    """Images that prose can show, by their names, in base64 by their types."""
    return {
        name.translate(SURROGATES): forms
        for name, bundle in (found.items() if isinstance(found, dict) else ())
        if isinstance(bundle, dict)
        and (
            forms := {
                form: written
                for form, data in bundle.items()
                if form in _FORMS and (written := joined(data))
            }
        )
    }
