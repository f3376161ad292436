"""
---
title: Prose and math
summary: >
  Markdown and LaTeX become HTML, with numbers that come from results and symbols
  that belong to variables.
---

# Prose and math

The prose of a section comes in, HTML goes out.

1. [What results come from](sources.py), and [numbers](numbers.py) that prose quotes.
2. [Symbols](symbols.py) that light up with the variables that they stand for.
3. [Setting formulas](tex.py) with KaTeX, while the site is built.
4. [Numbering](equations.py) those that are referred to.
5. [From Markdown to HTML](html.py), with links resolved.
"""
