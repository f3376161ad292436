"""
---
title: The three steps of a build
summary: >
  Read each file, resolve what the files know of each other, render each page: the steps
  that build, serve, check and export share.
---

# The three steps of a build

Files come in, and the files of the pages go out. The steps differ in what they may
know: reading knows one file, resolving knows the outlines of all files and no page, and
rendering knows one file and the answers to what its page asks.

```mermaid
flowchart LR
  accTitle: What each step makes of a file
  accDescr {
    Reading makes a reading of a file. Resolving makes a site of its outline and those
    of all others. Rendering makes the files of a page of the reading and of a view of
    the site.
  }
  file([a file]) -->|read| reading[its reading]
  others([all others]) -->|read| outlines[their outlines]
  reading & outlines -->|resolve| site
  site -->|answers| view[its view]
  reading & view -->|render| page([the files of its page])
```

1. [The outline of a file](outline.py) is what other pages may know of it.
2. [Reading files](reading.py), the first step, in any number of processes.
3. [What the site answers](answers.py), the second step, in one process.
4. [Rendering a page](render.py), the third step, unless nothing has changed that it
   depends on.
5. [A home page](home.py) for a site without one.
6. [What a build has made](made.py), of which no more is in memory than it takes.
7. [What lasts](lasting.py) from one build of a process to the next.
8. [The pages of a site](pages.py), rendered all together or one by one.
9. [A site before its pages](prepared.py): any file of it, or all of them.
10. [What somebody has edited](edited.py) between two states of a site.
"""
