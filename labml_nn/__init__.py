r"""
---
title: Deep learning, side by side
summary: >
  Annotated PyTorch code for the Vision Transformer, with the prose and the math on
  the left and the running code on the right.
---

# Deep learning, side by side

Papers explain an idea and leave out the code. Code shows every detail and leaves out
the idea. These pages put both next to each other: on the left what a line is for, with
the equation that it implements, and on the right the line itself.

The code is not an excerpt. Each page is a Python module that imports, runs and trains;
the prose is its comments. Read it here, run it there, copy what you need.

## Where to begin

The road goes from the smallest part to the whole. If you have met attention before,
begin with the Vision Transformer and follow the links back when a part is new to you.

1. [Transformers](transformers/__init__.py): the vocabulary, and how the parts fit.
2. [Multi-head attention](transformers/mha.py): how tokens exchange what they know.
3. [The feed-forward block](transformers/feed_forward.py): how each token thinks it
   over.
4. [Layer and encoder](transformers/models.py): the two in turn, again and again.
5. [The Vision Transformer](transformers/vit/__init__.py): a picture, read as a
   sentence.
6. [Training it](transformers/vit/experiment.py) on CIFAR-10, from one command.
7. [What each choice is worth](transformers/vit/ablation.py) takes them back, one at a
   time, and [a small residual network](resnet/__init__.py) does the same work with
   convolutions.
8. [What is in this picture?](transformers/vit/predict.py) asks the trained model.
9. [The training loop](experiments/cifar10.py), its
   [command line](experiments/command.py) and its [helpers](helpers/__init__.py), which
   train other models as well.

A short [overview](transformers/vit/readme.md) says how to build one in three lines, and
[utilities](utils.py) holds the one helper that the models share.

## The tool that makes these pages

[sidelit](sidelit) turns any tree of annotated modules into a site like this one,
yours too. It never imports what it shows, it sets formulas when the site is built, and
its own modules are pages here: the tool is its own example.
"""
