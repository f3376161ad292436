"""
---
title: What runs have shown
summary: >
  A program runs and the shapes of its tensors are recorded; prose is held to them.
---

# What runs have shown

A program is run, and what its tensors looked like comes out, to be compared with what
prose says.

1. [The record](observations.py) of what was seen.
2. [Recording shapes](recorder.py) while a program runs.
3. [What prose says about shapes](claims.py), read as a reader would.
4. [Shapes, said and seen](shapes.py): the two side by side.
"""
