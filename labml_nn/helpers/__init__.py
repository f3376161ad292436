r"""
---
title: Helpers
summary: >
  What an experiment needs beside the model, in small annotated parts: data on the
  device, augmentation, optimizer, schedule and checkpoints.
---

# Helpers

A training script is mostly not about the model. These are the parts that would be the
same for another one, each small enough to be read at once and copied alone.

1. [Pictures on the device](data.py): where they come from and how batches are drawn.
2. [Augmentation](augment.py): whole batches at a time.
3. [Optimizing](optimize.py): Muon, AdamW, the schedule and the running average.
4. [Checkpoints](checkpoint.py): how a run survives a power cut.
5. [Plots](plot.py) of what came out.
"""
