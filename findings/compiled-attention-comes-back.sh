#!/usr/bin/env bash
# Assumed: attention that is written out as two matrix products and a softmax stays so
# under `torch.compile`. Whoever wants the fused kernel calls
# `scaled_dot_product_attention`, and whoever avoids it does not get it.
#
# torch 2.15.0 from PyPI, Python 3.11, on a CPU: the compiler recognises a product, a
# division of the scores by a constant, a softmax and another product, and puts the fused
# kernel there. Divide the queries in place of the scores, which is the same formula, and
# the products stay. Seen here: a fused kernel in the first graph, none in the second.
#
# Exits with 1 if that is no longer so. Needs Python 3.11 or newer, and no C++ compiler.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.15.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys
from functools import partial

import torch
from functorch.compile import make_boxed_func
from torch._inductor.compile_fx import compile_fx


def scores_divided(q, k, v):
    return (q @ k.transpose(-2, -1) / 4).softmax(-1) @ v


def queries_divided(q, k, v):
    return ((q / 4) @ k.transpose(-2, -1)).softmax(-1) @ v


def is_fused(attention):
    graphs = []

    def keep(graph, inputs, **_):
        graphs.append(graph)
        return make_boxed_func(graph)

    compiled = torch.compile(attention, backend=partial(compile_fx, inner_compile=keep))
    q, k, v = (torch.randn(2, 2, 8, 16) for _ in range(3))
    compiled(q, k, v)
    called = [str(node.target) for graph in graphs for node in graph.graph.nodes]
    return any("scaled_dot_product" in name for name in called)


found = is_fused(scores_divided), is_fused(queries_divided)
print("fused, if the scores are divided:", found[0])
print("fused, if the queries are divided:", found[1])
sys.exit(found != (True, False))
PY
