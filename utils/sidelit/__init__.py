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
pip install .  # in a clone of this repository
sidelit build path/to/mypackage -o site
```

The name is short for *side-by-side literate*. Tools of this kind are small enough to be
read in an evening, and this one was written to be. Each module does one job and has a
page here, made by itself.

## The chain

Data flows one way. Every stage takes a frozen value and returns another; only the last
one touches the disk.

1. [The types](model.py) that the stages hand to each other.
2. [Settings](config.py): what the project wants.
3. [Finding the sources](discover.py), and a place in the site for each.
4. [Reading tokens](lexer.py), once for the comments and for the colours.
5. [Splitting a file](split.py) into prose and code, the heart of it all.
6. [What the pages know of each other](site.py): reading order, anchors and names.
7. [From Markdown to HTML](prose.py), with links resolved.
8. [Setting formulas](tex.py) with KaTeX, while the site is built, and
   [numbering](equations.py) those that are referred to.
9. [Colouring code](highlight.py), a whole file at a time.
10. [From a document to a page](page.py): rows, contents, neighbours.
11. [From a page to bytes](template.py).
12. [The map](map.py) of what builds on what, and what [search](search.py) is told.
13. [The build](build.py) is all of the above in one function.
14. [Writing the site](write.py), so that nothing is lost or half-written.

## Names and where they lead

1. [Which names mean the same](names.py), scope by scope.
2. [What a module defines](definitions.py), noted in one walk.
3. [Where names lead](links.py), across files and along base classes.
4. [Names that live elsewhere](inventory.py): documentation of others, and an inventory
   for them.
5. [Cards and users](previews.py) of definitions on the page.

## Prose and what it says

Prose is about code, and here it is held to it.

1. [Recording shapes](record.py) while a program runs, into
   [the record](observations.py).
2. [What a function binds](functions.py), so that a record survives a new comment.
3. [What prose says about shapes](claims.py), read as a reader would.
4. [Shapes, said and seen](shapes.py): the two side by side.
5. [Checking](check.py) everything else, by [these rules](rules.py).
6. [Shapes on the page](annotations.py), and [symbols](symbols.py) that light up with
   the variables that they stand for.
7. [Numbers from results](numbers.py), [what they come from](sources.py), and whether
   [links](external.py) are answered.

## Taking it along

A reader who is done with a page may want its code without the words, or the words
without the page.

1. [Clean code](clean.py), with the same syntax tree.
2. [Markdown twins](markdown.py) of the pages.
3. [Notebooks](notebook.py) that run from top to bottom.
4. [The forms of a page](forms.py), which lie beside it.
5. [Taking pages along](export.py) without a site, and [on paper](paper.py).

A published site also has [pictures of its pages](cards.py) in [its
colours](palette.py), [dates](history.py), and [a map and a feed](published.py).

Around it stand [showing pages while they are written](serve.py), the question whether
there is [nothing to do](fresh.py), a few [files and places](files.py) and
[the command line](__main__.py).

## Four decisions

**Parse, never import.** A page is made from the text of a module. Its dependencies need
not be installed, and building the pages of a stranger's code cannot run it.

**Nothing is lost.** Every line of a file lands in exactly one section, as prose or as
code. A generator that drops a line, or shows a string as prose, lies about the code.

**Anchors are names.** A link to `#PatchEmbeddings.forward` survives the comment that
somebody adds above it. A link to "section 12" does not.

**Pages stand alone.** No content network, no tracker, no script that they need. They
open from a disk, under any folder of any server, and in ten years.
"""

__version__ = "0.1.0"
