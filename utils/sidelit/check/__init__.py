"""
---
title: Prose held to the truth
summary: >
  Finds what is wrong with prose: shapes, names, links, formulas, numbers and form.
---

# Prose held to the truth

A site comes in, findings go out. Each way to be wrong is a family of rules, and each
family is a module of its own.

1. [The rules](rules.py), each with a page of examples.
2. [Which rules apply](selection.py) to a project and its files.
3. [Findings](findings.py), and the silencers that overrule them. A build, which tells
   problems as a check does, imports no room below this one.
4. What a rule is given: the [vocabulary](vocabulary.py) of the site, the
   [places of links](references.py), and the [subject](subject.py) that holds all of it.
5. The families: [shapes](shapes.py), [names](names.py), [links](links.py),
   [formulas](formulas.py), [numbers](numbers.py) and [form](form.py).
6. [Checking](check.py) runs them all.
7. [Fixes](fixes.py) for what has exactly one.
8. [The baseline](baseline.py): what was wrong before.
9. [Reports](report.py) for people and for programs.
10. [Whether links are answered](external.py), if the network may be asked.
"""
