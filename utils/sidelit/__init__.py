r"""
---
title: sidelit, the generator of these pages
summary: >
  Turns annotated Python modules and Markdown files into pages with prose and math on
  the left and code on the right.
---

# sidelit

placeholder
"""

__version__ = "0.1.0"
