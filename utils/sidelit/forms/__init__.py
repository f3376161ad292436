"""
---
title: Taking it along
summary: >
  The forms of a page that a reader takes along: clean code, Markdown, a notebook,
  single blocks.
---

# Taking it along

A reader who has finished a page may want its code without the prose, or the prose
without the page.

1. [Clean code](clean.py), with the same syntax tree.
2. [Markdown twins](markdown.py) of the pages.
3. [Notebooks](notebook.py) that run from top to bottom.
4. [The forms of a page](blocks.py), which lie beside it.
"""
