"""
---
title: Taking pages along without a site
summary: >
  One page or the whole project as clean code, notebooks, Markdown or a PDF.
---

# Taking pages along without a site

Settings come in, files go out, and no site is written.

1. [Chapters](chapters.py): many pages become one document.
2. [Paper](paper.py): a browser prints the document.
3. [Exporting](export.py): which sources, in which form, to which place.
"""
