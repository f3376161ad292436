#!/usr/bin/env bash
# Assumed: the reference evaluator of ONNX does what the text of the standard says.
#
# onnx 1.23.2, onnxruntime 1.32.0 and numpy 2.4.6 from PyPI, Python 3.11, operator
# Attention of opset 23: with `qk_matmul_output_mode=0`, the default, the fourth output is
# "the output of qk matmul", and mode 1 is the one "after the softcap operation". With a
# softcap, the reference gives the capped scores for both. ONNX Runtime holds to the text.
# Who compares an implementation of their own with the reference finds it wrong. Seen here,
# for scores of 1 and 8 and a softcap of 2: reference 0.9242 and 1.9987, ONNX Runtime 1
# and 8.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6

venv/bin/python - <<'PY'
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper
from onnx.reference import ReferenceEvaluator

feeds = {
    "query": np.array([[[[1.0]]]], np.float32),
    "key": np.array([[[[1.0], [8.0]]]], np.float32),
    "value": np.array([[[[0.0], [1.0]]]], np.float32),
}
names = ["y", "present_key", "present_value", "scores"]
attention = helper.make_node(
    "Attention", list(feeds), names, scale=1.0, softcap=2.0, qk_matmul_output_mode=0
)
inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape) for n, a in feeds.items()]
outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 1, None, None]) for n in names]
model = helper.make_model(
    helper.make_graph([attention], "model", inputs, outputs),
    opset_imports=[helper.make_opsetid("", 23)],
    ir_version=10,
)
checker.check_model(model, full_check=True)
reference = ReferenceEvaluator(model).run(["scores"], feeds)[0].ravel()
session = onnxruntime.InferenceSession(model.SerializeToString())
runtime = session.run(["scores"], feeds)[0].ravel()
print("reference:", reference, "ONNX Runtime:", runtime)
capped = 2 * np.tanh(np.array([1.0, 8.0]) / 2)
sys.exit(not (np.allclose(reference, capped) and np.allclose(runtime, [1.0, 8.0])))
PY
