"""
---
title: Names and where they lead
summary: >
  What a name means across the site, and the page that explains it.
---

# Names and where they lead

Documents come in, each with [the names of its file](../syntax.py); for each name, the
place that explains it goes out.

1. [Names that live elsewhere](inventory.py): documentation of others, and an inventory
   for them.
2. [Where names lead](links.py), across files and along base classes.
"""
