"""
---
title: Making a page
summary: >
  A document and what the site knows of it become one page, ready to be written.
---

# Making a page

A document comes in, the bytes of its page go out.

1. [What a page asks](view.py) of the rest of the site.
2. [Cards and users](previews.py) of definitions on the page.
3. [Shapes on the page](annotations.py), as a run has shown them.
4. [Titles that break](titles.py), and [the page tree](tree.py) made of names.
5. [The contents](contents.py), [outputs of notebooks](outputs.py), and
   [from a document to a page](page.py): rows, crumbs, neighbours.
6. [The map](map.py) of what builds on what.
7. [A line at the foot](foot.py) that all pages share, [what a page offers](menu.py) to
   take along, and the [colours](palette.py) of the theme and of code, read from the
   style sheet.
8. [What pages load](assets.py), and [facts](facts.py) for search engines.
9. [From a page to bytes](template.py).

The answers to a page's questions come from [the site](../steps/answers.py).

What pages look like is not in Python: their HTML is in `templates`, their style sheets
and scripts are in `assets`. The colours are in `assets/sidelit.css`, those of code as
one rule for each kind of token.
"""
