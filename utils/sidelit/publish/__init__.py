"""
---
title: What a published site has besides
summary: >
  Search, cards for shared links, dates, a map of the site and a feed.
---

# What a published site has besides

Pages come in, and what a site has beside them goes out.

1. [Text in images](typesetting.py).
2. [Cards](cards.py) for shared links.
3. [Dates](history.py) from git.
4. [A map of the site and a feed](feed.py).
5. [Search](search.py): what the index is told of each page.
"""
