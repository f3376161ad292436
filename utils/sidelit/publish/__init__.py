"""
---
title: What a published site has besides
summary: >
  Search, pictures for shared links, dates, a map of the site and a feed.
---

# What a published site has besides

Pages come in, and what a site has beside them goes out.

1. [Pictures](cards.py) of pages, for shared links.
2. [Dates](history.py) from git.
3. [A map of the site and a feed](feed.py).
4. [What search is told](search.py).
"""
