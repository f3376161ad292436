r"""
---
title: Deep learning, side by side
summary: >
  Annotated PyTorch code for the Vision Transformer, with the prose and the math on
  the left and the running code on the right.
---

# Deep learning, side by side

Papers explain the idea and leave out the code. Code shows every detail and leaves out
the idea. These pages put both side by side: on the left what a line is for and which
equation it implements, on the right the line itself.

The code is not an excerpt. Each page is a Python module that imports, runs and trains,
and the prose is its comments. Read it here, run it there, copy what you need.

In a clone of the repository, `pip install .` installs all of it as `annotated-vit`. It
needs Python 3.11 and PyTorch 2.6, or newer ones, and [must not be
installed](distributions.py) beside PyPI's `labml-nn`.

## Where to begin

The path goes from the smallest part to the whole. If you have met attention before,
start with the Vision Transformer, and follow the links back when a part is new to you.

1. [Transformers](transformers/__init__.py): the vocabulary, and how the parts fit.
2. [Multi-head attention](transformers/mha.py): how tokens exchange information.
3. [The feed-forward block](transformers/feed_forward.py): what happens to each token
   alone.
4. [Layer and encoder](transformers/models.py): the two in turn, again and again.
5. [The Vision Transformer](transformers/vit/__init__.py): an image, read as a sentence.
6. [Training it](transformers/vit/experiment.py) on CIFAR-10, from one command.
7. [What each choice is worth](transformers/vit/ablation.py): one choice undone at a
   time. [A small residual network](resnet/__init__.py) does the same work with
   convolutions.
8. [What is in this image?](transformers/vit/predict.py): the trained model at work, and
   [what it has learned](transformers/vit/figures.py).
   [Fine-tuned](transformers/vit/finetune.py), it learns other classes on larger images.
   [Exported](transformers/vit/export.py), it runs without this package, and with
   [weights from anywhere](transformers/vit/pretrained.py) you need not train it
   yourself.
9. [The training loop](experiments/__init__.py), its settings, its command line and its
   [helpers](helpers/__init__.py), which train other models as well.

A short [overview](transformers/vit/readme.md) builds a model in a few lines, and
[utilities](utils.py) holds the one function that the models share.

## The tool that makes these pages

[sidelit](sidelit) turns any tree of annotated modules into a site like this one,
[yours too](../docs/guide/index.md). It never imports what it shows, it sets formulas
when the site is built, and its own modules are pages here: the tool is its own example.
"""

from pathlib import Path

from .distributions import warn_of_other

# PyPI has [another package](distributions.py) that is imported by this name.
warn_of_other(Path(__file__).parent)
