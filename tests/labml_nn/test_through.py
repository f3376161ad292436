"""One image through the model, and the table of its shapes."""

import ast

import torch

from labml_nn.transformers import vit as package
from labml_nn.transformers.vit import through, vit


def test_the_table_is_that_of_the_record():
    quoted = "\n".join(f"> {line}".rstrip() for line in through.table().splitlines())
    assert quoted in package.__doc__, "python -m labml_nn.transformers.vit.through"


def test_the_shapes_are_those_of_the_model():
    """Of the tensors that go in and out of its modules, and of the weights between."""
    seen = [list(through.IMAGE)]
    with torch.device("meta"):
        model = vit("ViT-Ti/4", image_size=32, n_classes=10)
        for module in model.modules():
            module.register_forward_hook(
                lambda _, inputs, output: seen.append(list(output.shape))
            )
        attention = model.encoder.layers[0].self_attn
        seen.append(list(attention.weights(torch.empty(1, 65, 192)).shape))
        seen.append(list(model.features(torch.empty(through.IMAGE)).shape))
        model(torch.empty(through.IMAGE))
    shapes = through.shapes()
    assert shapes[0] == through.IMAGE
    assert shapes[-1] == [1, 10]
    assert all(shape in seen for shape in shapes)


def test_each_step_is_a_link_into_a_function():
    """The prose is checked, so a row that has another comment now is a dead link."""
    for step in through.STEPS:
        page, row = step.place.split("#")
        name = row.partition("-")[0]
        source = (through.HERE / (page or "__init__.py")).read_text("utf-8")
        names = {
            f"{outer.name}.{inner.name}" if outer is not inner else inner.name
            for outer in ast.parse(source).body
            if isinstance(outer, ast.ClassDef | ast.FunctionDef)
            for inner in [outer, *outer.body]
            if isinstance(inner, ast.FunctionDef)
        }
        assert name in names
