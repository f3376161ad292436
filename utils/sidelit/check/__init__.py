"""
---
title: Prose held to the truth
summary: >
  Finds what is wrong with prose: shapes, names, links, formulas, numbers and form.
---

# Prose held to the truth

A site comes in, findings go out.

1. [The rules](rules.py), each with a page of examples.
2. [Whether links are answered](external.py).
3. [Checking](check.py).
"""
