"""
---
title: Taking pages along without a site
summary: >
  One page or the whole project as clean code, notebooks, Markdown or a PDF.
---

# Taking pages along without a site

Settings come in, files go out, and no site is written.

1. [On paper](paper.py).
2. [Forms of one source or of many](forms.py).
"""
