"""
---
title: Reading files
summary: >
  A file goes in, and what it says comes out: its sections of prose and code, its
  tokens, its syntax. Nothing here knows a second file.
---

# Reading files

A file comes in, a [document](../model.py) goes out. Nothing here knows that there is a
second file.

1. [Finding the sources](discover.py), and a place in the site for each.
2. [From bytes to text](decode.py).
3. [Reading tokens](lexer.py), once for the comments and for the colours.
4. [Colouring code](highlight.py): the kind of each token, a whole file at a time.

Python is parsed once and walked once; [what it says](../syntax.py) is plain data.

5. [Parsing](parse.py), whatever the depth.
6. [What an expression says by itself](expressions.py).
7. [Which names mean the same](scopes.py), scope by scope.
8. [From what was seen to what it means](tables.py).
9. [What a walk notes](notes.py),
    [of classes and functions](definitions.py),
    [of names and imports](uses.py), and
    [the walk itself](walk.py).
10. [Reading Python](syntax.py), all of this together.
11. [What a function binds](functions.py), in a walk of its own, which only checks and
    pages on record ask for.

Prose is what is left.

12. [Prose as it is written](markdown.py), and its place in the file.
13. [Front matter, titles and summaries](front_matter.py).
14. [Comments](comments.py) that are prose, and those that are not.
15. [Text that was written for Sphinx](rest.py), and
    [docstring styles](docstrings.py), as the Markdown that they mean.
16. [Sections](sections.py): where each begins.
17. [Splitting a file](split.py) into prose and code, the heart of it all.
"""
