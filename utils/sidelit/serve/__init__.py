"""
---
title: Showing pages while they are written
summary: >
  A server on this machine renders the page that a browser wants, again after each
  change, and tells the open pages to reload.
---

# Showing pages while they are written

Files that change come in, and pages in a browser go out.

1. [What is wrong](overlay.py) lies over the page, or stands in place of it.
2. [The site in memory](live.py): its newest state, and the last one of each page that
   was right.
3. [Answering a browser](server.py), from this machine only.
4. [Serving](serve.py): what happens after each change.
"""
