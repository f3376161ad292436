"""
---
title: Prose and math
summary: >
  Markdown and LaTeX become HTML, with numbers that come from results and symbols
  that belong to variables.
---

# Prose and math

The prose of a section comes in, HTML goes out, and with it what was found on the way:
problems, images, links, files of figures.

1. [What results come from](sources.py), and [numbers](numbers.py) that prose quotes.
2. [Symbols](symbols.py) that light up with the variables that they stand for.
3. [Equations with text between them](parts.py), [their numbers](equations.py), and
   references to them.
4. [Lifting formulas out](formulas.py) of the Markdown, and setting them while the site
   is built, [as MathML](mathml.py) or [with KaTeX](tex.py).
5. [Images](images.py), [those of notebooks](notebook_images.py), [figures that
   run](figures.py), [diagrams](diagrams.py), and all that prose [asks of the rest of
   the site](lookup.py).
6. [A passage](passage.py), which is a section while it is being rendered.
7. [Text without mark-up](plain.py), which needs no parser; [tables](tables.py), and the
   [Markdown](markdown.py) of everything else.
8. [Fields of docstrings](fields.py), which become definition lists;
    [tags](tags.py) that are meant as text, [cleaning](clean.py) the HTML that authors
    write, [directives](directives.py), [tabs](tabs.py), and [rendering](renderer.py).
9. [From Markdown to HTML](html.py): all of the above, put together.
"""
