r"""
---
title: The build
summary: >
  The pipeline from settings to the bytes of every file of a site: read each file,
  resolve what they know of each other, render each page that is not as it was.
---

# The build

```text
file ─ read ▸ Reading        knows one file                     in parallel, kept by content
Readings ─ resolve ▸ Site    knows all Readings, and no page    in one process
Reading + View ─ render ▸ files of a page                       in parallel, kept by content
```

Everything that shows pages goes through these three steps: `build` writes what they
make, `serve` sends it, `check` and the tests look at it. So they can never disagree,
and one property holds them all: whatever has changed since the last build, the site is
byte for byte what a build from nothing makes.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from .cache import Cache, opened
from .jobs import each, usable_cores
from .model import Config, Document, Problem, SidelitError, usage_error
from .reading import Reader, Reading
