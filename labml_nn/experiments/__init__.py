r"""
---
title: Experiments
summary: >
  Training loops around the annotated models, from the data to a result file that says
  how it came about.
---

# Experiments

An experiment is a model, a data set and a training run that others can repeat.
Everything that does not depend on the model is here, one question to a page:

1. [The settings of a run](settings.py): what can be changed, and to which values?
2. [One run on several devices](distributed.py): how do processes share the work?
3. [What training prints](progress.py): how long will it take?
4. [What makes a run resumable](resume.py): what must be the same as before?
5. [One training step](run.py): what happens to a batch, and what is the state of a run?
6. [The training loop](loop.py): what happens between the steps, and when is it saved?
7. [What a run leaves behind](results.py): what is in a result file?
8. [A run from start to end](cifar10.py): in which order does all this happen?
9. [The command line](command.py): what can be typed, and what if it is wrong?

Each page uses only those before it. The [Vision Transformer's
experiment](../transformers/vit/experiment.py) and the [residual
network's](../resnet/experiment.py) add a model and its settings.
"""
