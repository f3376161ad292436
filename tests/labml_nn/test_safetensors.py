"""The safetensors format, held to the package of that name."""

import json
import struct

import numpy as np
import pytest
import safetensors
import safetensors.torch
import torch

from labml_nn.helpers.safetensors import DTYPES, read, write
from labml_nn.transformers.vit.pretrained import WeightsError, read_weights


def some_of(dtype):
    numbers = torch.arange(-3, 9)
    if dtype in (torch.uint64, torch.uint32, torch.uint16, torch.uint8, torch.bool):
        numbers = numbers.abs()
    return numbers.to(dtype).reshape(3, 4)


def tensors():
    """One of each type, in shapes that are easily forgotten."""
    found = {name: some_of(dtype) for name, dtype in DTYPES.items()}
    found |= {
        "scalar": torch.tensor(0.5),
        "empty": torch.empty(0, 3),
        "turned": torch.arange(6.0).reshape(2, 3).T,
        'with spaces, ü and "quotes"': torch.ones(1),
    }
    return found


def written(file, tensors, metadata):
    with open(file, "wb") as opened:
        write(opened, tensors, metadata)
    return file


def same(one, other):
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        assert tensor.dtype == other[name].dtype, name
        assert tensor.shape == other[name].shape, name
        left, right = (
            x.contiguous().flatten().view(torch.uint8) for x in (tensor, other[name])
        )
        assert torch.equal(left, right), name


def test_the_package_reads_what_we_write(tmp_path):
    file = written(tmp_path / "a", tensors(), {"about": "ü", "none": ""})
    same(safetensors.torch.load_file(file), tensors())
    with safetensors.safe_open(file, "pt") as opened:
        assert opened.metadata() == {"about": "ü", "none": ""}


def test_we_read_what_the_package_writes(tmp_path):
    file = tmp_path / "a"
    contiguous = {name: tensor.contiguous() for name, tensor in tensors().items()}
    safetensors.torch.save_file(contiguous, file, {"about": "ü"})
    found, metadata = read(file)
    same(found, contiguous)
    assert metadata == {"about": "ü"}


def test_the_same_bytes_each_time(tmp_path):
    texts = {str(number): "x" * number for number in range(20)}
    one, other = (
        written(tmp_path / name, tensors(), texts).read_bytes() for name in "ab"
    )
    assert one == other


def test_numbers_lie_where_a_processor_likes_them(tmp_path):
    content = written(tmp_path / "a", tensors(), {"a": "b"}).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    assert length % 8 == 0
    header = json.loads(content[8 : 8 + length])
    for name, entry in header.items():
        if name != "__metadata__":
            assert entry["data_offsets"][0] % DTYPES[entry["dtype"]].itemsize == 0, name


def test_what_was_read_can_be_changed(tmp_path):
    found, _ = read(written(tmp_path / "a", {"x": torch.ones(2)}, {}))
    found["x"] += 1
    assert found["x"].tolist() == [2, 2]


def test_a_type_that_it_does_not_know(tmp_path):
    with pytest.raises(TypeError, match=r"x is of torch\.complex128"):
        written(tmp_path / "a", {"x": torch.ones(2, dtype=torch.complex128)}, {})


def with_header(header, content=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content


def entry(begin, end, shape=(1,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


WRONG = {
    "shorter than its length": b"\0" * 7,
    "a header longer than the file": struct.pack("<Q", 2**63) + b"{}",
    "no JSON": with_header(b"{"),
    "no object": with_header([1]),
    "a nested header": with_header(b"[" * 100_000),
    "no entry": with_header({"x": 1}),
    "an unknown type": with_header({"x": entry(0, 4, dtype="F4")}, bytes(4)),
    "not complete": with_header({"x": entry(0, 4)}, bytes(3)),
    "much longer than the file": with_header({"x": entry(0, 2**50, [2**48])}),
    "another shape": with_header({"x": entry(0, 4, [2])}, bytes(4)),
    "a negative shape": with_header({"x": entry(0, 4, [-1, -1])}, bytes(4)),
    "negative places": with_header({"x": entry(-4, 0)}, bytes(4)),
    "fractions": with_header({"x": entry(0.0, 4.0)}, bytes(4)),
    "the same bytes twice": with_header({"x": entry(0, 4), "y": entry(0, 4)}, bytes(4)),
    "a gap": with_header({"x": entry(0, 4), "y": entry(8, 12)}, bytes(12)),
    "bytes at the end": with_header({"x": entry(0, 4)}, bytes(5)),
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_a_damaged_file(tmp_path, content):
    file = tmp_path / "a.safetensors"
    file.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        read_weights(file)
    assert str(caught.value) == (
        f"{file} is damaged, or holds more than tensors and plain values"
    )


def test_wherever_it_is_cut(tmp_path):
    whole = written(tmp_path / "a", {"x": torch.ones(3)}, {"a": "b"}).read_bytes()
    file = tmp_path / "cut.safetensors"
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(WeightsError):
            read_weights(file)


def test_no_tensor_at_all(tmp_path):
    assert read(written(tmp_path / "a", {}, {"a": "b"})) == ({}, {"a": "b"})
    assert np.frombuffer((tmp_path / "a").read_bytes()[:8], "<u8") % 8 == 0
