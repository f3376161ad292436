"""
---
title: What runs have shown
summary: >
  A program runs and the shapes of its tensors are recorded; prose is held to them.
---

# What runs have shown

A program goes in, and a file comes out that says which shapes its tensors had in each
documented function: the record. Later, without running anything, the record and the
prose of a page go in, and a verdict on each statement about a shape comes out. This is
the only part of the generator that runs code, and it runs only what it is told to.

## The record

1. [The record](observations.py) of what was seen: a file, and how runs are added to it.

## Recording

What is recorded, from the inside out, and the program that is run for it.

2. [Whose code it is](own.py): the recorder's, or the program's.
3. [What can be said of a value](values.py) without running code of its class.
4. [A call in progress](calls.py) and what its statements bind.
5. [Which code is watched](watch.py), and all calls of it.
6. [Python 3.12 and newer tell by events](monitoring.py), and
7. [Python 3.11 tells by a trace function](tracing.py).
8. [Running a program](run.py) as Python would.
9. [Recording shapes](recorder.py): the command that puts these together.

## Holding prose to it

10. [Dimensions in prose](dimensions.py): a list of expressions, compared with sizes.
11. [A sentence about a shape](sentences.py), read as a reader would.
12. [What prose says about shapes](claims.py): which value in the code is meant.
13. [Shapes, said and seen](shapes.py): the two side by side.
"""
