"""
---
title: Reading files
summary: >
  A file goes in, and what it says comes out: its sections of prose and code, its
  tokens, its functions. Nothing here knows a second file.
---

# Reading files

A file comes in, a [document](../model.py) goes out. Nothing here knows that there is a
second file.

1. [Finding the sources](discover.py), and a place in the site for each.
2. [Reading tokens](lexer.py), once for the comments and for the colours.
3. [One walk over the tree](walk.py) of a Python file, and nobody has to look again.
4. [Splitting a file](split.py) into prose and code, the heart of it all.
5. [What a function binds](functions.py), so that a record survives a new comment.
6. [Colouring code](highlight.py), a whole file at a time.
"""
