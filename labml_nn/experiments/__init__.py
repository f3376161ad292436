r"""
---
title: Experiments
summary: >
  Training loops around the annotated models, from the data to a result file that says
  how it came about.
---

# Experiments

An experiment is a model, a data set and a way to bring them together that others can
repeat. [Classifying small pictures](cifar10.py) holds everything that is not about one
model, and [the command line](command.py) what is typed to start one. The [Vision
Transformer's experiment](../transformers/vit/experiment.py) and the [residual
network's](../resnet/experiment.py) add their settings to it.
"""
