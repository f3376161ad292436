r"""
---
title: sidelit, the generator of these pages
summary: >
  How annotated Python modules and Markdown files become pages with prose and math on
  the left and code on the right, told by the generator's own annotated source.
---

# sidelit, the generator of these pages

Write Python as you always do. Say what it is for in docstrings and comments, with
Markdown and LaTeX where they help. sidelit sets your prose beside your code, and the
module stays what it was: something to import, test and run.

```bash
pip install ./utils  # in a clone of this repository
sidelit build path/to/mypackage -o site
```

The name is short for *side-by-side literate*. Every module of the generator has a page
here, made by itself.

## The house

The generator is a house, and its folders are the wings. A module imports only what
comes before it in this list and, within a wing, what comes before it in the list of
that wing. So the house can be read from top to bottom.

1. [Settings](settings.py), what a project can choose, and the types that pass between
   the wings: [what Python says of a file](syntax.py) and [all others](model.py).
2. [Files and places](files.py), whether a site is [up to date](fresh.py), what
   [plugins](plugins.py) add, the [macros](macros.py) of formulas, the [values of
   settings](values.py), and [reading them](config.py).
3. What a build keeps and how it works: [values as bytes](packed.py),
   [results by content](cache.py), [several processes](jobs.py) and
   [a line of progress](progress.py).
4. [What the pages know of each other](site.py): reading order, anchors and names; and
   what is [copied as it is](static.py).
5. [Formulas in Markdown](markup.py), and [reading](read/__init__.py): a file becomes a
   document.
6. [Names](names/__init__.py): what a name means and where it leads.
7. [Prose](prose/__init__.py): Markdown and math become HTML.
8. [Recording](record/__init__.py): what runs have shown.
9. [Pages](page/__init__.py): a document becomes a page.
10. [Forms](forms/__init__.py): what a reader takes along.
11. [Publishing](publish/__init__.py): what a published site has besides.
12. [The three steps](steps/__init__.py) of a build: read, resolve, render.
13. [The build](build.py), the pipeline of these three.
14. [Writing the site](write.py), so that nothing is lost or half-written.
15. [Checking](check/__init__.py): prose held to the truth.
16. [Exporting](export/__init__.py): the forms and the paper, without a site.
17. [Serving](serve/__init__.py): the site while it is written.
18. [Beginning](new.py) a page or a site, [commands and flags](commands.py), their
    [help](usage.py), [reading](flags.py) a command line, [completing](completion.py) it
    in a shell, and [running](__main__.py) it.

## Four decisions

**Parse, never import.** A page is made from the text of a module. Its dependencies need
not be installed, and building the pages of a stranger's code cannot run it.

**Nothing is lost.** Every line of a file lands in exactly one section, as prose or as
code. A generator that drops a line, or shows a string as prose, lies about the code.

**Anchors are names.** A link to `#PatchEmbeddings.forward` survives the comment that
somebody adds above it. A link to "section 12" does not.

**Pages stand alone.** They use no content network and no tracker, and need no script.
They open from a disk, under any folder of any server, and in ten years.
"""

__version__ = "0.1.0"
