"""
---
title: Names and where they lead
summary: >
  What a name means across the site, and the page that explains it.
---

# Names and where they lead

The [outlines](../steps/outline.py) of all files come in. For each name in the code or
the prose of a file, the place that explains it goes out.

1. [Names that live elsewhere](inventory.py): documentation of others.
2. [What a name stands for](resolve.py), across files and along base classes.
3. [Where names lead](links.py), for the code of one file.
4. [An inventory of our own](listing.py), for the documentation of others.
5. [Names in prose](mentions.py), of which readers expect more.
"""
