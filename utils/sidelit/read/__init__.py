"""
---
title: Reading files
summary: >
  A file goes in, and what it says comes out: its sections of prose and code, its
  tokens, its syntax. Nothing here knows a second file.
---

# Reading files

A file comes in, a [document](../model.py) goes out. Nothing here knows that there is a
second file.

1. [Finding the sources](discover.py), and a place in the site for each.
2. [From bytes to text](decode.py).

Python has tokens of its own. All other languages share a scanner for comments and
strings, of which some need more.

3. [The scanner](scanner.py), and what is special about [JavaScript](javascript.py),
   [Ruby](ruby.py), [the shell](shell.py) and [YAML](yaml.py).
4. [Nineteen languages](languages.py), and the scanner of each.
5. [Reading tokens](lexer.py), once for the comments and for the colours.
6. [Colouring code](highlight.py): the kind of each token, a whole file at a time.

Python is parsed once and walked once; [what it says](../syntax.py) is plain data.

7. [Parsing](parse.py), whatever the depth.
8. [What an expression says by itself](expressions.py).
9. [Which names mean the same](scopes.py), scope by scope.
10. [Drawn rules](drawings.py), which no reader needs, and [markers](markers.py),
    which part a file into cells.
11. [From what was seen to what it means](tables.py).
12. [What a walk notes](notes.py),
    [of classes and functions](definitions.py),
    [of names and imports](uses.py), and
    [the walk itself](walk.py).
13. [Reading Python](syntax.py), all of this together.
14. [What a function binds](functions.py), in a walk of its own, which only checks and
    pages on record ask for.

Prose is what is left.

15. [Prose as it is written](markdown.py), and its place in the file.
16. [Front matter, titles and summaries](front_matter.py).
17. Of comments, [those for programs](directives.py) and [code](commented_out.py) are
    no prose; [the others](comments.py) are.
18. [Cells of a script](cells.py): a Python file that is read as a notebook.
19. [Text that was written for Sphinx](rest.py), its [blocks](rest_blocks.py) and its
    [fields](sphinx_fields.py), and [docstring styles](docstrings.py). In other
    languages, [commands of Doxygen](doxygen.py), [tags](tagged.py),
    [the XML of C#](xmldoc.py), [lists of Swift](callouts.py) and
    [names in brackets](brackets.py). All of it becomes the Markdown that it means.
20. [Sections](sections.py): where each begins.

Notebooks are read as scripts.

21. [JSON with places](places.py), whose strings know where they stand.
22. [What only IPython understands](magics.py), which is code but no Python, and the
    [colours of cells](cell_colours.py).
23. [Outputs as data](shown.py), and [notebooks](notebook.py) as a whole.

All of it comes together in the last room.

24. [Splitting a file](split.py) into prose and code, the heart of it all.
"""
