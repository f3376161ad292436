"""An image in, a class out: what can be wrong with either."""

import io
import json
import re
from pathlib import Path

import pytest
import torch
from PIL import Image

from labml_nn.experiments.progress import quiet
from labml_nn.experiments.run import Run
from labml_nn.helpers import checkpoint, safetensors
from labml_nn.helpers.data import load, synthetic
from labml_nn.resnet import experiment as resnet
from labml_nn.transformers.vit import experiment as vit
from labml_nn.transformers.vit import predict
from labml_nn.transformers.vit import vit as network
from labml_nn.transformers.vit.export import export

TINY = {"preset": "tiny", "model.d_model": 16, "model.n_layers": 1}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def saved(folder, module=vit, settings=TINY, **changes):
    """A checkpoint of a model that has learned nothing."""
    with quiet():
        state = Run(module.COMMAND.configure(settings), synthetic(64, seed=0)).state()
    state["settings"] |= changes
    return checkpoint.save(folder / "checkpoints", 1, state)


def said(capsys, *arguments):
    """Exit status, output and errors."""
    status = predict.main(list(map(str, arguments)))
    return status, *capsys.readouterr()


def test_the_folder_of_a_run_will_do(tmp_path, capsys):
    file = saved(tmp_path)
    Image.new("RGB", (40, 30)).save("a.png")
    answers = [
        said(capsys, place, "a.png") for place in (tmp_path, file.parent, str(file))
    ]
    assert answers[0][0] == 0
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1].startswith("a.png: ")


def test_a_checkpoint_of_another_model(tmp_path, capsys):
    others = {
        "resnet": saved(
            tmp_path / "resnet", resnet, {"preset": "laptop", "batch_size": 64}
        ),
        "sizes": saved(tmp_path / "sizes", **{"model.d_model": 32}),
    }
    reasons = {
        "resnet": "belongs to another experiment: labml_nn.transformers.vit.experiment "
        "has no setting model.blocks",
        "sizes": "holds a different model than its settings describe",
    }
    for name, file in others.items():
        expected = (1, "", f"{file} {reasons[name]}\n")
        assert said(capsys, file, "a.png") == expected


def test_a_checkpoint_without_what_it_needs(tmp_path, capsys):
    file = checkpoint.save(tmp_path, 1, {"model": {}})
    assert said(capsys, file, "a.png") == (
        1, "", f"{file} is not the checkpoint of a run: it has no ema\n",
    )  # fmt: skip


def test_images_that_cannot_be_read(tmp_path, capsys, monkeypatch):
    saved(tmp_path)
    Image.new("RGB", (10, 10)).save("good.png")
    Image.new("RGB", (100, 100)).save("large.png")
    (tmp_path / "half.png").write_bytes((tmp_path / "large.png").read_bytes()[:50])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    status, shown, errors = said(
        capsys, tmp_path, "nosuch.png", "large.png", "half.png", "good.png"
    )
    assert status == 1
    assert shown.startswith("good.png: ")
    assert [line.split(":")[0] for line in errors.splitlines()] == [
        f"{name}.png cannot be read as an image" for name in ("nosuch", "large", "half")
    ]


# ## Weights that were exported, and those that come along
def test_nothing_has_to_be_trained_first(tmp_path, capsys):
    Image.new("RGB", (40, 30), "blue").save("a.PNG")
    status, shown, errors = said(capsys, "a.PNG")
    assert (status, errors) == (0, "")
    assert re.fullmatch(
        r"a\.PNG: (\w+ \d+\.\d%(, )?){3} \(runs/attention/a\.PNG\.png\)\n", shown
    )
    assert said(capsys, predict.WEIGHTS, "a.PNG")[1] == shown
    assert files_of(tmp_path) == ["a.PNG", "runs/attention/a.PNG.png"]


def test_exported_weights_are_as_good_as_the_checkpoint(tmp_path, capsys):
    file = saved(tmp_path)
    Image.effect_noise((32, 32), 90).save("a.png")
    answer = said(capsys, file, "a.png")
    assert answer[0] == 0
    assert said(capsys, export(file, "safetensors"), "a.png") == answer
    again = export(file.with_suffix(".safetensors"), "safetensors")
    assert said(capsys, again, "a.png") == answer


@pytest.mark.parametrize("step", [0, 1])
def test_a_result_goes_along_with_its_checkpoint_alone(tmp_path, step):
    result = {"epochs": [{"step": step}], "test": {"accuracy": 0.5}}
    (tmp_path / "result.json").write_text(json.dumps(result))
    exported = predict.Classifier(export(saved(tmp_path), "safetensors"))
    assert exported.result == (result if step == 0 else None)


def test_no_path_is_exported(tmp_path):
    file = saved(tmp_path, data_path="/home/me/photos", output="/home/me")
    assert b"/home" not in export(file, "safetensors").read_bytes()


NOT_EXPORTED = "is damaged, or was not exported from a checkpoint"
ANOTHER = "holds a different model than its settings describe"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("classes", None, NOT_EXPORTED),
        ("classes", 3, NOT_EXPORTED),
        ("mean", [1.0], NOT_EXPORTED),
        ("settings", "none", NOT_EXPORTED),
        ("settings", {}, ANOTHER),
        ("settings", {"image_size": 32, "model.d_model": "wide"}, ANOTHER),
        ("settings", {"image_size": 32, "model.d_model": 30}, ANOTHER),
        ("settings", {"image_size": 32, "model.dim": 16}, "has no setting model.dim"),
        ("classes", ["cat", "dog"], ANOTHER),
    ],
)
def test_a_header_that_does_not_fit(tmp_path, capsys, name, value, words):
    weights, header = safetensors.read(export(saved(tmp_path), "safetensors"))
    header[name] = json.dumps(value)
    if value is None:
        del header[name]
    with open("b.safetensors", "wb") as opened:
        safetensors.write(opened, weights, header)
    status, shown, errors = said(capsys, "b.safetensors", "a.png")
    assert (status, shown) == (1, "")
    assert errors.startswith("b.safetensors ")
    assert errors.endswith(f"{words}\n")


def test_weights_that_are_none(capsys):
    Path("a.safetensors").write_bytes(b"none")
    assert (
        said(capsys, "a.safetensors", "a.png")[2] == f"a.safetensors {NOT_EXPORTED}\n"
    )
    answer = said(capsys, "b.safetensors", "a.png")
    assert answer == (
        1,
        "",
        "b.safetensors cannot be read: No such file or directory\n",
    )
    for arguments in ([], ["runs"], ["--help", "a.png"], ["a.png", ""]):
        assert said(capsys, *arguments) == (2, "", f"{predict.USAGE}\n")


# ## Where the drawings go
def files_of(folder):
    return sorted(
        str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()
    )


def test_a_data_set_stays_as_it_was(tmp_path, capsys, monkeypatch):
    """Wherever one stands, and whatever the checkpoint is called by."""
    file = saved(tmp_path / "run")
    photos = tmp_path / "data" / "test"
    for name in ("hen/1.png", "owl/1.png", "owl/1.bmp"):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 9)).save(photos / name)
    before = files_of(tmp_path / "data")
    drawn = []
    for place, folder in (
        (file, tmp_path),
        (file.parent, photos),
        (file.parents[1], "/"),
    ):
        monkeypatch.chdir(folder)
        status, shown, _ = said(capsys, place, *sorted(photos.rglob("*.*")))
        assert status == 0
        drawn += [line.rpartition("(")[2][:-1] for line in shown.splitlines()]
    assert files_of(tmp_path / "data") == before
    assert len(set(drawn)) == len(drawn) == 9
    for name in drawn:
        assert tmp_path / "run" / "attention" in Path(name).parents
        assert Image.open(name).size == (384, 384)
    assert [Path(name).name for name in drawn[:3]] == [
        "1.png.png",
        "1.bmp.png",
        "1.png.png",
    ]


def test_what_is_there_is_not_overwritten(tmp_path, capsys):
    saved(tmp_path)
    Image.new("RGB", (32, 32)).save("a.png")
    kept = tmp_path / "attention" / "a.png.png"
    kept.parent.mkdir()
    kept.write_text("mine")
    for _ in range(2):
        assert said(capsys, tmp_path, "a.png")[1].endswith("/a.png-2.png)\n")
    Image.effect_noise((32, 32), 90).save("a.png")
    assert said(capsys, tmp_path, "a.png")[1].endswith("/a.png-3.png)\n")
    assert kept.read_text() == "mine"
    assert len(files_of(kept.parent)) == 3


def test_an_attention_image_that_cannot_be_written(tmp_path, capsys, monkeypatch):
    saved(tmp_path)
    Image.new("RGB", (32, 32)).save("a.png")
    (tmp_path / "attention").touch()
    status, shown, errors = said(capsys, tmp_path, "a.png")
    assert status == 1
    assert shown.startswith("a.png: ")
    assert "attention" not in shown
    assert errors == f"{tmp_path}/attention cannot be written: File exists\n"

    # A disk that is full before the whole drawing is written keeps nothing of it.
    (tmp_path / "attention").unlink()
    monkeypatch.setattr(predict, "open", full_disk, raising=False)
    status, _, errors = said(capsys, tmp_path, "a.png")
    assert status == 1
    assert errors == f"{tmp_path} cannot be written: No space left on device\n"
    assert files_of(tmp_path / "attention") == []


def full_disk(file, mode):
    opened = io.FileIO(file, mode.replace("b", ""))

    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            opened.close()

        def write(self, content):
            opened.write(content[:10])
            raise OSError(28, "No space left on device")

    return Full()


@pytest.mark.parametrize("size", [(32, 32), (48, 20), (20, 48), (64, 64)])
def test_an_image_is_seen_as_in_training(tmp_path, size):
    for name in ("train/a", "train/b", "test/a", "test/b"):
        (tmp_path / name).mkdir(parents=True)
        Image.effect_noise(size, 90).save(tmp_path / name / "a.png")
    trained = load("folder", str(tmp_path)).train.images[:1]
    classifier = predict.Classifier(saved(tmp_path))
    with Image.open(tmp_path / "train" / "a" / "a.png") as file:
        seen = classifier.prepare(file.convert("RGB"))
    assert ((trained - classifier.mean) / classifier.std).equal(seen)


def test_drawings_are_images_only_if_they_are_named(tmp_path, capsys):
    saved(tmp_path / "run")
    Image.new("RGB", (10, 10)).save("a.png")
    for _ in range(2):
        status, shown, errors = said(capsys, tmp_path / "run", ".")
        assert (status, errors) == (0, "")
        assert [line.split(":")[0] for line in shown.splitlines()] == ["./a.png"]
    assert said(capsys, tmp_path / "run", "run/attention")[0] == 0


def test_a_run_without_an_image_is_no_folder_of_images(tmp_path, capsys):
    saved(tmp_path / "run")
    Image.new("RGB", (10, 10)).save(tmp_path / "run" / "a.png")
    status, shown, errors = said(capsys, tmp_path / "run")
    assert (status, shown) == (2, "")
    assert "[CHECKPOINT] IMAGE|FOLDER..." in errors


def test_several_folders_need_no_checkpoint(tmp_path, capsys):
    for name in ("one/a.png", "two/b.png"):
        (tmp_path / name).parent.mkdir()
        Image.new("RGB", (10, 10)).save(tmp_path / name)
    status, shown, errors = said(capsys, "one", "two")
    assert (status, errors) == (0, "")
    assert [line.split(":")[0] for line in shown.splitlines()] == [
        "one/a.png",
        "two/b.png",
    ]
    # A run that has not saved its first checkpoint, say.
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "curves.svg").write_text("<svg/>")
    assert said(capsys, "run", "two") == (1, "", "run holds no checkpoint\n")


def test_a_folder_stands_for_the_images_in_it(tmp_path, capsys):
    saved(tmp_path / "run")
    for name in ("b/2.png", "b/1.png", "a.png", ".hidden/3.png", "b/.4.png"):
        file = tmp_path / "images" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (10, 10)).save(file)
    (tmp_path / "images" / "b" / "notes.txt").write_text("no image")
    status, shown, errors = said(capsys, tmp_path / "run", "images")
    assert (status, errors) == (0, "")
    names = [line.split(":")[0] for line in shown.splitlines()]
    assert names == ["images/a.png", "images/b/1.png", "images/b/2.png"]

    # Damage is told, whoever named the file.
    (tmp_path / "images" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    status, shown, errors = said(
        capsys, tmp_path / "run", "images", "images/b/notes.txt"
    )
    assert status == 1
    assert [line.split(" ")[0] for line in errors.splitlines()] == [
        "images/a.png", "images/b/notes.txt",
    ]  # fmt: skip
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "notes.txt").write_text("no image")
    assert said(capsys, tmp_path / "run", "empty", "texts") == (
        1, "", "there is no image in empty\nthere is no image in texts\n",
    )  # fmt: skip


def test_where_all_tokens_look_although_the_head_reads_one():
    torch.manual_seed(0)
    model = network("ViT-Ti/4", image_size=8, n_classes=3).eval()
    x = torch.randn(2, 3, 8, 8)
    weights = predict.all_attention(model, x)
    assert [one.shape for one in weights] == [(2, 3, 5, 5)] * 12
    last = model.encoder.layers[-1]
    tokens = model.intermediate_tokens(x, [-2])[0]
    expected = last.self_attn.weights(last.norm_self_attn(tokens))
    torch.testing.assert_close(weights[-1], expected)
