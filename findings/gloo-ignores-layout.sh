#!/usr/bin/env bash
# Assumed: what one process broadcasts or scatters is what the others have afterwards, or
# there is an error, as `send` has one: "input tensor has to be contiguous".
#
# torch 2.15.0 from PyPI, Python 3.11, two processes on CPUs, backend `gloo`: `broadcast`
# sends the memory of a tensor as it lies there, and the others fill theirs in their own
# order. If a batch of images is `channels_last` in one process and not in the other, its
# pixels change places; shapes and sums are as they should be. `all_reduce` adds numbers
# of different places in the same way, and `scatter` does it to transposed pieces even in
# the process that sends them. `all_gather` is right. Seen here, for
# [[0, 1], [2, 3], [4, 5]]: broadcast arrives as [[0, 2], [4, 1], [3, 5]], scatter as
# that in both processes, all_gather as it was, and `send` raises RuntimeError.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip, and gigabytes of
# space for what torch brings along; uv keeps it for the next time.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
venv/bin/uv pip install --quiet --python venv/bin/python torch==2.15.0 numpy==2.4.6

cat >layouts.py <<'PY'
import os, sys

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

SAME = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
OTHER = [[0.0, 2.0], [4.0, 1.0], [3.0, 5.0]]


def run(rank, folder):
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    rows = torch.tensor(SAME)
    # The same numbers, which lie in memory column by column.
    columns = rows.T.contiguous().T
    assert torch.equal(rows, columns)

    broadcast = columns if rank == 0 else torch.empty(3, 2)
    dist.broadcast(broadcast, 0)
    scattered = torch.empty(3, 2)
    dist.scatter(scattered, [columns, columns] if rank == 0 else None, 0)
    total = columns.clone() if rank == 0 else rows.clone()
    dist.all_reduce(total)
    gathered = [torch.empty(3, 2) for _ in range(2)]
    dist.all_gather(gathered, columns)
    try:
        dist.send(columns, 1 - rank)
        sent = "sent"
    except RuntimeError as error:
        sent = str(error)

    seen = [broadcast.tolist(), scattered.tolist(), total.tolist(), gathered[1].tolist(), sent]
    everyone = [None, None]
    dist.all_gather_object(everyone, seen)
    dist.destroy_process_group()
    if rank == 0:
        for name, *pair in zip(("broadcast", "scatter", "all_reduce", "all_gather", "send"), *everyone):
            print(f"{name}: {pair[0]} and {pair[1]}")
        (first, second), doubled = everyone, (2 * rows).tolist()
        same = first[0] == SAME and second[0] == OTHER
        same &= first[1] == second[1] == OTHER
        same &= doubled not in (first[2], second[2]) and first[2] != second[2]
        same &= first[3] == second[3] == SAME and "contiguous" in sent
        print("as described" if same else "no longer so")
        sys.exit(not same)


if __name__ == "__main__":
    mp.spawn(run, (os.getcwd(),), 2)
PY
venv/bin/python layouts.py
