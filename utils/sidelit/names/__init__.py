"""
---
title: Names and where they lead
summary: >
  What a name means in its scope, in its module and across the site, and the page
  that explains it.
---

# Names and where they lead

Documents come in; for each name in them, the place that explains it goes out.

1. [Which names mean the same](scopes.py), scope by scope.
2. [What a module defines](definitions.py), noted in one walk.
3. [Names that live elsewhere](inventory.py): documentation of others, and an inventory
   for them.
4. [Where names lead](links.py), across files and along base classes.
"""
