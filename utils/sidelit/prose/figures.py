r"""
---
title: Figures that run
summary: >
  A figure has a still form that every reader sees, and a script that may make more of
  it: how one is written, and how the data that it loads become part of the site.
---

# Figures that run

````markdown
> [!FIGURE] model.js slider.js slider.css weights.safetensors
> ![Three curves that rise ever more slowly](still.svg "What the slider changes.")
````

A quote that begins like this is a figure with a script. The files after the sign are
files of this project, relative to the source; with a backslash at its end, a line
continues on the next. The last script is that of the figure; those before it are loaded
first, and only once for a page. Below the files is the still form, in Markdown: what
readers see without JavaScript, on paper, and until the figure comes near their window.

The script runs inside the figure, and may change it freely. All other files are data,
which are loaded only when the script asks for them.

```javascript
const figure = document.currentScript.parentElement;
const promised = figure.read("weights.safetensors");  // of a `Uint8Array`
```
"""

import base64
import json
import re
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..site import ABSOLUTE


class Fault(NamedTuple):
    """What is wrong with a figure, and at which offset of the prose."""

    offset: int
    message: str


# The rest of a line of a quotation, with those that it continues on.
CONTINUED = r"(?:.*\\\n[ \t]*>)*.*"
# The sign and the files behind it, and the lines of the quotation below.
_FIGURE = re.compile(
    rf"^ {{0,3}}>[ \t]?\[!FIGURE\](?P<files>{CONTINUED})"
    r"(?P<still>(?:\n[ \t]*\S.*)*)",
    re.MULTILINE | re.IGNORECASE,
)


def faults(prose: str) -> Iterator[Fault]:
    """What is wrong with the figures in some prose without blocks of code."""
    if "[!" not in prose:
        return
    for match in _FIGURE.finditer(prose):
        names = re.sub(r"\\\n[ \t]*>", " ", match["files"]).split()
        if not any(name.endswith(".js") for name in names):
            message = "a figure names no script; write > [!FIGURE] and its file"
            yield Fault(match.start(), message)
        for name in filter(ABSOLUTE.match, names):
            message = f"a figure loads {name} from elsewhere; keep it in the project"
            yield Fault(prose.index(name, match.start()), message)
        if not re.search(r"[^\s>]", match["still"]):
            message = "a figure has no still form; show below it what it will be"
            yield Fault(match.start(), message)


# ## Data
#
# A page from disk may load scripts and style sheets, and nothing else. So data lie in
# the site as a script, which holds them in the 64 characters that no program mistakes.
_WRAPPED = ".data.js"


def wrapped_url(url: str) -> str:
    """The address in the site of a file that a figure loads."""
    return url if url.endswith((".js", ".css")) else url + _WRAPPED


def content(url: str, file: str) -> bytes:
    """
    The bytes at an address in the site that is copied from a file. Raises `OSError`,
    and `ValueError` for tensors in a file that has none.
    """
    with open(file, "rb") as opened:
        data = opened.read()
    if not url.endswith(_WRAPPED) or file.endswith(_WRAPPED):
        return data
    if file.endswith(".safetensors"):
        data = _half(data)
    text = base64.b64encode(data).decode()
    return f'document.currentScript.data = "{text}";\n'.encode()


# ## Weights
#
# Of a model that readers have to wait for, three decimal places are enough: tensors of
# float32 travel as float16, which is half as long. Everything else in the file stays.
def _half(data: bytes) -> bytes:
    """A file of safetensors with float16 in the place of float32."""
    try:
        (length,) = struct.unpack_from("<Q", data)
        header: dict[str, Any] = json.loads(data[8 : 8 + length])
        start, parts, end = 8 + length, [], 0
        tensors = {name: one for name, one in header.items() if name[:2] != "__"}
        for one in sorted(tensors.values(), key=lambda one: one["data_offsets"]):
            first, last = one["data_offsets"]
            part = data[start + first : start + last]
            if one["dtype"] == "F32":
                numbers = struct.unpack(f"<{len(part) // 4}f", part)
                part, one["dtype"] = struct.pack(f"<{len(numbers)}e", *numbers), "F16"
            one["data_offsets"] = [end, end + len(part)]
            end += len(part)
            parts.append(part)
    except (struct.error, ValueError, LookupError, TypeError, AttributeError):
        raise ValueError("is no file of safetensors") from None
    except OverflowError:
        raise ValueError("has a weight that is too large for float16") from None
    written = json.dumps(header, separators=(",", ":")).encode()
    # The numbers begin at a multiple of eight, as the format asks for.
    written += b" " * (-len(written) % 8)
    return struct.pack("<Q", len(written)) + written + b"".join(parts)
