#!/usr/bin/env bash
# Assumed: saving a model again replaces it, or raises the FileExistsError that the
# documentation of `convert_model_to_external_data` promises for weights that are there.
#
# onnx 1.23.2 and numpy 2.4.6 from PyPI, Python 3.11: the file is looked for in the folder
# in which the program runs, but written into that of the model. Unless the two are the
# same, the weights are appended at each save. The model loads and is right, and its file
# of weights grows without an end. Seen here, for 16 KiB of weights: FileExistsError from
# within the folder; from outside 16384, 32768 and 49152 bytes after three saves.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check onnx==1.23.2 numpy==2.4.6

venv/bin/python - <<'PY'
import os, sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(path):
    weight = numpy_helper.from_array(np.ones((64, 64), np.float32), "weight")
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 64]) for n in "xy")
    product = helper.make_node("MatMul", ["x", "weight"], ["y"])
    model = helper.make_model(helper.make_graph([product], "model", [x], [y], [weight]))
    onnx.save(model, path, save_as_external_data=True, location="weights", size_threshold=0)


os.mkdir("models")
sizes = []
for _ in range(3):
    save("models/model.onnx")
    sizes.append(os.path.getsize("models/weights"))
print("bytes of weights after each save from outside:", sizes)

os.chdir("models")
try:
    save("model.onnx")
    refused = False
except FileExistsError as error:
    print("from within:", error)
    refused = True
sys.exit(not (refused and sizes == [16384, 32768, 49152]))
PY
