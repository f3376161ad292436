r"""
---
title: Helpers
summary: >
  What an experiment needs besides the model, in small annotated parts: data on the
  device, augmentation, optimizers, checkpoints, evaluation and plots.
---

# Helpers

Most of a training script does not depend on the model. These parts would serve another
model just as well. Each is short enough to read in one go, and all but the evaluation
can be copied alone.

1. [Images on the device](data.py): where they come from and how batches are drawn.
2. [Augmentation](augment.py) of whole batches at once.
3. [Optimization](optimize.py): Muon, AdamW, the learning rate schedule and the EMA of
   the weights.
4. [Checkpoints](checkpoint.py): how a run survives a power cut.
5. [The safetensors format](safetensors.py), in which most models are published.
6. [Evaluation](evaluate.py): accuracy, loss and confusion matrix.
7. [Plots](plot.py) of a result.
"""
