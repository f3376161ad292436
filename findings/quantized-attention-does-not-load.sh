#!/usr/bin/env bash
# Assumed: what `quantize_dynamic` of ONNX Runtime writes without an error, the same ONNX
# Runtime can load; operators that it cannot quantize stay as they are.
#
# onnxruntime 1.32.0, onnx 1.23.2 and numpy 2.4.6 from PyPI, Python 3.11: since opset 23
# ONNX has an operator Attention. ONNX Runtime has had one of that name for longer, with
# other inputs. The quantizer asks for the name only, not for the domain, and makes a
# QAttention with the inputs of the wrong one. It reports nothing, and the error comes
# where the file is used. `op_types_to_quantize=["MatMul"]` helps. Seen here: the model
# runs, its quantized form raises InvalidGraph at the load, and with that option it runs.
#
# Exits with 1 if that is no longer so. Needs Python with venv and pip.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6

venv/bin/python - <<'PY' 2>errors.txt || { cat errors.txt; exit 1; }
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

draws = np.random.default_rng(0)
parts = ["query", "key", "value"]
weights = [
    numpy_helper.from_array(draws.standard_normal((64, 64)).astype(np.float32), f"{part}_weight")
    for part in parts
]
nodes = [helper.make_node("MatMul", ["x", f"{part}_weight"], [part]) for part in parts]
nodes.append(helper.make_node("Attention", parts, ["y"], q_num_heads=4, kv_num_heads=4))
x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 5, 64]) for name in "xy")
model = helper.make_model(
    helper.make_graph(nodes, "model", [x], [y], weights),
    opset_imports=[helper.make_opsetid("", 23)],
    ir_version=10,
)
onnx.checker.check_model(model, full_check=True)
onnx.save(model, "model.onnx")
quantize_dynamic("model.onnx", "all.onnx")
quantize_dynamic("model.onnx", "products.onnx", op_types_to_quantize=["MatMul"])

seen = {}
for name in "model", "all", "products":
    try:
        session = onnxruntime.InferenceSession(f"{name}.onnx")
        session.run(None, {"x": np.ones((1, 5, 64), np.float32)})
        seen[name] = "runs"
    except Exception as error:
        seen[name] = type(error).__name__
print(seen)
sys.exit(seen != {"model": "runs", "all": "InvalidGraph", "products": "runs"})
PY
