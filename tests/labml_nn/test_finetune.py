"""Fine-tuning at higher resolution: what changes, what stays, and what can be wrong."""

import json
import math
import statistics
from pathlib import Path

import numpy as np
import pytest
import timm.layers
import torch
import transformers
from PIL import Image
from torch import nn
from torchvision.models.vision_transformer import interpolate_embeddings

from labml_nn.helpers import checkpoint
from labml_nn.helpers.data import LabeledImages, load, synthetic
from labml_nn.transformers import FeedForward, MultiHeadAttention, TransformerLayer
from labml_nn.transformers.vit import (
    ClassificationHead,
    LearnedPositionalEmbeddings,
    PatchEmbeddings,
    VisionTransformer,
    finetune,
    predict,
)
from labml_nn.transformers.vit.experiment import COMMAND
from labml_nn.transformers.vit.finetune import (
    RESAMPLINGS,
    Settings,
    fine_tune,
    linear_probe,
    parse,
    with_new_head,
)
from tests.labml_nn.test_predict import saved

STATISTICS = (torch.full((1, 3, 1, 1), 120.0), torch.full((1, 3, 1, 1), 60.0))


def model(image_size=16, patch_size=4):
    torch.manual_seed(0)
    layer = TransformerLayer(
        d_model=16,
        self_attn=MultiHeadAttention(2, 16, dropout_prob=0.0),
        feed_forward=FeedForward(16, 32, dropout=0.0),
    )
    return VisionTransformer(
        layer, 2, PatchEmbeddings(16, patch_size, 3),
        LearnedPositionalEmbeddings(16, image_size // patch_size),
        ClassificationHead(16, 8, 3),
    ).eval()  # fmt: skip


def few(count, size=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (count, 3, size, size), generator=generator)
    return LabeledImages(images.byte(), torch.arange(count) % 2, ("cat", "dog"))


# ## The model
def test_only_the_head_and_the_grid_are_new():
    old = model()
    before = {name: weight.clone() for name, weight in old.state_dict().items()}
    new = with_new_head(old, 5, 24)
    assert old.state_dict().keys() == before.keys()
    for name, weight in old.state_dict().items():
        assert weight.equal(before[name])
    assert new.classification.hidden is None
    assert not any(weight.any() for weight in new.classification.parameters())
    assert new.pos_emb.grid_size == (6, 6)
    assert new.pos_emb.positional_encodings.requires_grad
    same = {
        name for name, weight in new.state_dict().items()
        if name in before and weight.shape == before[name].shape and weight.equal(before[name])
    }  # fmt: skip
    changed = {
        "pos_emb.positional_encodings",
        "classification.output.weight",
        "classification.output.bias",
    }
    assert new.state_dict().keys() - same == changed
    x = torch.randn(2, 3, 24, 24)
    # To the rest of the model it is as if the positions were resampled in each pass.
    torch.testing.assert_close(new.features(x), old.features(x))
    assert new(x).equal(torch.zeros(2, 5))


def test_an_image_size_that_the_patches_do_not_divide():
    with pytest.raises(ValueError, match="30x30 pixels cannot be cut"):
        with_new_head(model(), 5, 30)


# ## Resampling
def positions(size):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(1, 1 + size * size, 8, generator=generator)


def ours(tokens, size, grid, resampling):
    embeddings = LearnedPositionalEmbeddings(8, size)
    embeddings.positional_encodings = nn.Parameter(tokens, requires_grad=False)
    return embeddings.interpolate((grid, grid), **RESAMPLINGS[resampling])


@pytest.mark.parametrize(("size", "grid"), [(4, 6), (4, 12), (6, 4)])
def test_torchvision_resamples_like_this(size, grid):
    tokens = positions(size)
    state = {"encoder.pos_embedding": tokens.clone()}
    theirs = interpolate_embeddings(grid * 16, 16, state)["encoder.pos_embedding"]
    torch.testing.assert_close(ours(tokens, size, grid, "torchvision"), theirs)


@pytest.mark.parametrize(("size", "grid"), [(4, 6), (4, 12), (6, 4)])
def test_timm_resamples_like_this(size, grid):
    tokens = positions(size)
    theirs = timm.layers.resample_abs_pos_embed(tokens, [grid, grid])
    torch.testing.assert_close(ours(tokens, size, grid, "timm"), theirs)
    # Antialiased, the cubic is another one, so it matters on a larger grid, too.
    plain = ours(tokens, size, grid, "bicubic")
    assert (plain - theirs).abs().max().item() > 0.01


@pytest.mark.parametrize(("size", "grid"), [(4, 6), (4, 12), (6, 4)])
def test_transformers_resamples_like_this(size, grid):
    config = transformers.ViTConfig(
        hidden_size=8, image_size=size * 4, patch_size=4, num_attention_heads=1
    )
    embeddings = transformers.models.vit.modeling_vit.ViTEmbeddings(config)
    tokens = positions(size)
    embeddings.position_embeddings = nn.Parameter(tokens)
    x = torch.zeros(1, 1 + grid * grid, 8)
    theirs = embeddings.interpolate_pos_encoding(x, grid * 4, grid * 4)
    torch.testing.assert_close(ours(tokens, size, grid, "bicubic"), theirs.detach())


@pytest.mark.parametrize(("size", "grid"), [(4, 6), (4, 12), (6, 4)])
def test_the_authors_resample_along_straight_lines_between_the_corners(size, grid):
    tokens = positions(size).double()
    old = tokens[:, 1:].transpose(1, 2).unflatten(-1, (size, size))
    places = np.linspace(0, size - 1, grid)

    def along(axis, values):
        return np.apply_along_axis(
            lambda line: np.interp(places, np.arange(size), line), axis, values
        )

    expected = along(3, along(2, old.numpy()))
    new = ours(tokens, size, grid, "authors")[:, 1:].transpose(1, 2)
    new = new.unflatten(-1, (grid, grid))
    torch.testing.assert_close(new, torch.from_numpy(expected))
    assert new[..., 0, 0].equal(old[..., 0, 0])
    torch.testing.assert_close(new[..., -1, -1], old[..., -1, -1])


# ## Training
def test_a_linear_map_of_the_features_is_the_best_there_is():
    network, train, test = model(), few(40), few(20, seed=1)
    y = finetune.features(network, STATISTICS, train).numpy()
    targets = 2.0 * np.eye(2)[train.labels] - 1
    # The same problem with the penalty as further rows.
    rows = np.concatenate([y, np.eye(y.shape[1])])
    more = np.concatenate([targets, np.zeros((y.shape[1], 2))])
    best, *_ = np.linalg.lstsq(rows, more, rcond=None)
    guesses = (finetune.features(network, STATISTICS, test).numpy() @ best).argmax(1)
    expected = (guesses == test.labels.numpy()).mean()
    assert linear_probe(network, STATISTICS, train, test) == expected


def test_no_step_is_longer_than_its_rate_times_the_norm():
    network = with_new_head(model(), 2, 16)
    before = [weight.detach().clone() for weight in network.parameters()]
    c = Settings(epochs=1, batch_size=8, lr=0.5, clip_norm=0.01, crop=0)
    fine_tune(network, STATISTICS, few(8), c, lambda history: None)
    changes = [
        (weight - old).norm() ** 2
        for weight, old in zip(network.parameters(), before, strict=True)
    ]
    # One step, halfway down the cosine.
    assert sum(changes).sqrt().item() == pytest.approx(0.5 * 0.5 * 0.01, rel=1e-3)


def test_it_learns_and_the_same_seed_learns_the_same():
    images = synthetic(64, seed=0)
    c = Settings(epochs=6, batch_size=16, lr=0.05, crop=0)

    def trained(seed):
        network = with_new_head(model(32, 8), 10, 32)
        history = fine_tune(
            network, STATISTICS, images, c._replace(seed=seed), lambda history: None
        )
        return network, history

    (one, history), (two, _), (other, _) = trained(0), trained(0), trained(1)
    assert history[-1]["loss"] < history[0]["loss"] < math.log(10) + 0.1
    for name, weight in one.state_dict().items():
        assert weight.equal(two.state_dict()[name])
    assert not one.classification.output.weight.equal(
        other.classification.output.weight
    )


# ## From the command line
@pytest.fixture
def images(tmp_path, monkeypatch):
    """Two classes, one dark and one bright."""
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    for split, count in (("train", 12), ("test", 6)):
        for name, low in (("dark", 0), ("bright", 200)):
            place = tmp_path / "images" / split / name
            place.mkdir(parents=True)
            for number in range(count):
                pixels = generator.integers(low, low + 55, (40, 40, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(place / f"{number}.png")
    return "images"


TINY = ["epochs=2", "batch_size=8", "image_size=48", "lr=0.05"]


def test_from_a_checkpoint_to_another(images, tmp_path, capsys):
    before = saved(tmp_path / "before")
    content = before.read_bytes()
    assert finetune.main([str(before), images, *TINY, "output=after"]) == 0
    assert before.read_bytes() == content
    result = json.loads((tmp_path / "after" / "result.json").read_text())
    assert result["classes"] == ["bright", "dark"]
    assert result["train_images"] == 24
    assert result["settings"]["image_size"] == 48
    assert [epoch["epoch"] for epoch in result["epochs"]] == [1, 2]
    assert result["probe_accuracy"] == 1.0
    assert result["test"]["images"] == 12
    state = checkpoint.load("after")
    assert state["model"]["pos_emb.positional_encodings"].shape[1] == 1 + 12 * 12

    # It is asked like any other.
    capsys.readouterr()
    picture = "images/test/dark/0.png"
    assert predict.main(["after", picture]) == 0
    assert capsys.readouterr().out.startswith(f"{picture}: ")
    classifier = predict.Classifier("after")
    test = load("folder", images, 48).test
    x = (test.images.float() - classifier.mean) / classifier.std
    right = (classifier.probabilities(x).argmax(1) == test.labels).double().mean()
    assert right.item() == result["test"]["accuracy"]
    assert classifier.result == result

    # Another run has another folder.
    assert finetune.main([str(before), images, *TINY, "epochs=1", "output=after"]) == 1
    assert "after holds another run; name a new folder" in capsys.readouterr().err
    assert checkpoint.load("after")["step"] == 2

    # The experiment finds the images again.
    assert COMMAND.main(["evaluate=after"]) == 0
    shown, errors = capsys.readouterr()
    assert f"accuracy on 12 test images: {right.item():.2%}" in shown
    # Nothing is trained, so no size of training needs to shrink.
    assert "validation_size" not in errors

    # But it cannot train on, since nothing is held out.
    assert COMMAND.main(["resume=after", "epochs=4"]) == 1
    told = "after does not say which images it was trained on, so it cannot be resumed"
    assert told in capsys.readouterr().err


def test_from_the_model_that_comes_along(images, capsys):
    command = [str(predict.WEIGHTS), images, "epochs=1", "batch_size=8", "output=after"]
    assert finetune.main(command) == 0
    assert predict.Classifier("after").classes == ["bright", "dark"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "usage: python -m labml_nn.transformers.vit.finetune CHECKPOINT FOLDER"),
        (["--help", "x"], 2, "usage: "),
        (["before", "images", "epoch=2"], 2, "there is no setting 'epoch=2'; there are image_size, epochs"),
        (["before", "images", "epochs=two"], 2, "epochs must be a whole number, not 'two'"),
        (["before", "images", "batch_size=2.5"], 2, "batch_size must be a whole number, not '2.5'"),
        (["before", "images", "lr=fast"], 2, "lr must be a number, not 'fast'"),
        (["before", "images", "image_size=4000000000"], 2, "image_size=4000000000 must be at most 2147483647"),
        (["before", "images", "image_size=2000000000"], 1, "there is not enough memory for this image_size or batch_size"),
        (["before", "images", "epochs=0"], 2, "epochs=0 must be above 0"),
        (["before", "images", "epochs=-1"], 2, "epochs=-1 must be above 0"),
        (["before", "images", "crop=48"], 2, "crop=48 must be below image_size=48"),
        (["before", "images", "lr=nan"], 2, "lr must be a number, not 'nan'"),
        (["before", "images", "clip_norm=inf"], 2, "clip_norm must be a number, not 'inf'"),
        (["before", "images", "lr=-1"], 2, "lr=-1 must be at least 0"),
        (["before", "images", "resampling=cubic"], 2, "there is no resampling 'cubic'; there are authors, torchvision"),
        (["nowhere", "images"], 1, "there is no checkpoint nowhere"),
        (["before", "nowhere"], 1, "nowhere"),
        (["before", "images", "image_size=30"], 2, "an image of 30x30 pixels cannot be cut into patches of 4x4"),
        (["before", "images", "batch_size=99"], 1, "batch_size=99 is more than the 24 images to train on"),
        (["before", "images", "batch_size=8", "output=images/train/dark/0.png"], 1, "cannot create a run in output=images/train/dark/0.png: "),
        (["compare", "images", "output=images"], 1, "images exists; remove it or name another output"),
        (["compare", "images", "output=new"], 1, "images/train/airplane: No such file or directory"),
    ],
)  # fmt: skip
def test_what_can_be_wrong(images, tmp_path, capsys, arguments, status, words):
    saved(tmp_path / "before")
    assert finetune.main(arguments) == status
    shown, error = capsys.readouterr()
    assert words in error
    assert "Traceback" not in error
    # Nothing was measured, trained or made before.
    assert "epoch" not in shown
    assert "linear map" not in shown
    assert not (tmp_path / "runs").exists()
    assert not (tmp_path / "new").exists()


def test_a_loss_that_is_worse_than_guessing():
    c = Settings(epochs=2, batch_size=8, lr=1e6, clip_norm=1e6, crop=0)
    network = with_new_head(model(), 2, 16)
    with pytest.raises(
        finetune.FineTuningError, match="diverged; try a lower lr than 1e"
    ):
        fine_tune(network, STATISTICS, few(64), c, lambda history: None)


def test_ctrl_c(images, tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    saved(tmp_path / "before")
    command = ["before", images, "epochs=1", "batch_size=8", "output=after"]
    with monkeypatch.context() as patched:
        patched.setattr(finetune, "linear_probe", interrupted)
        assert finetune.main(command) == 130
    assert capsys.readouterr().err == "\nstopped\n"
    monkeypatch.setattr(finetune, "log_probabilities", interrupted)
    assert finetune.main(command) == 130
    assert capsys.readouterr().err == "\nstopped; whole epochs are in after\n"


def test_every_setting_is_read():
    text = [f"{name}={value}" for name, value in Settings()._asdict().items()]
    assert parse(text) == Settings()


# ## What the page says
def test_the_page_says_what_was_recorded():
    text = " ".join(Path(finetune.__file__).read_text("utf-8").split())
    files = sorted(Path(finetune.__file__).parent.glob("results/finetune/*.json"))
    runs = [json.loads(file.read_text("utf-8")) for file in files]
    assert [run["fine_tuning"]["settings"]["seed"] for run in runs] == [0, 1, 2]
    for run in runs:
        assert run["fine_tuning"]["settings"] | {"output": Settings().output} == (
            Settings(seed=run["fine_tuning"]["settings"]["seed"])._asdict()
        )
        assert tuple(run["pretraining"]["classes"]) == finetune.PRETRAINING
        for stage in ("fine_tuning", "scratch"):
            assert tuple(run[stage]["classes"]) == finetune.FINE_TUNING
            assert run[stage]["train_images"] == 5 * finetune.PER_CLASS
            assert run[stage]["test"]["images"] == 5000
        epochs = [
            run[stage]["settings"]["epochs"] for stage in ("pretraining", "scratch")
        ]
        assert epochs == [finetune.PRETRAINING_EPOCHS, finetune.SCRATCH_EPOCHS]

    def mean(stage, *keys):
        values = []
        for run in runs:
            value = run[stage]
            for key in keys:
                value = value[key]
            values.append(value)
        return statistics.mean(values)

    def took(stage):
        return f"{mean(stage, 'processor_seconds') / 60:.1f} minutes"

    probed = mean("fine_tuning", "probe_accuracy")
    tuned = mean("fine_tuning", "test", "accuracy")
    scratch = mean("scratch", "test", "accuracy")
    for row in (
        f"linear map of its features | {probed:.1%} | {took('pretraining')} |",
        f"fine-tuned for five epochs | {tuned:.1%} | {took('fine_tuning')} more |",
        f"1,000 images of each class | {scratch:.1%} | {took('scratch')} |",
    ):
        assert row.replace("%", " %") in text
    assert 0.7 < probed < 0.8
    assert f"{100 * (tuned - probed):.0f}" == "9"
    assert 0.0045 < tuned - scratch < 0.0055
    rows = [
        [run["fine_tuning"]["probe_accuracy"] for run in runs],
        *(
            [run[stage]["test"]["accuracy"] for run in runs]
            for stage in ("fine_tuning", "scratch")
        ),
    ]
    spread = 100 * max(map(statistics.stdev, rows))
    assert f"have standard deviations of up to {spread:.1f} points" in text
