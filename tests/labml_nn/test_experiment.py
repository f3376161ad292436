"""The experiment: it learns, it survives, and it says what is wrong."""

import contextlib
import io
import json
import re

import jsonschema
import pytest
import torch
from PIL import Image
from torchvision.transforms.functional import to_pil_image

from labml_nn.experiments import command as experiments_command
from labml_nn.experiments.cifar10 import CIFAR10Configs
from labml_nn.experiments.resume import stream_seed
from labml_nn.experiments.run import Run
from labml_nn.experiments.settings import UsageError, parse_size_schedule
from labml_nn.helpers import augment
from labml_nn.helpers.data import synthetic
from labml_nn.resnet.experiment import COMMAND as RESNET
from labml_nn.transformers.models import StochasticDepth
from labml_nn.transformers.vit import predict
from labml_nn.transformers.vit.experiment import (
    PRESETS,
    ModelConfigs,
    sinusoidal_positions,
    whiten,
)
from tests.conftest import ROOT, wait_for
from tests.labml_nn.conftest import working_in
from tests.labml_nn.running import (
    SHORT,
    TINY,
    configure,
    main,
    parse,
    results,
    run_folder,
)

pytestmark = pytest.mark.usefixtures("own_folder")


# ## Settings
def test_an_experiment_leaves_the_settings_of_others_alone():
    class Baseline(CIFAR10Configs):
        epochs: int = 10

    class Longer(Baseline):
        epochs: int = 20
        adam_lr: float = 0.5

    class SmallModel(ModelConfigs):
        d_model: int = 24

    assert (Longer().epochs, Longer().adam_lr, SmallModel().d_model) == (20, 0.5, 24)
    assert (Baseline().epochs, Baseline().adam_lr) == (10, CIFAR10Configs().adam_lr)
    assert CIFAR10Configs().adam_lr != 0.5
    assert ModelConfigs().d_model != 24


# ## Learning
@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run that has learned something, and what it has printed."""
    shown = io.StringIO()
    folder = tmp_path_factory.mktemp("trained")
    with working_in(folder), contextlib.redirect_stdout(shown):
        assert main(["preset=tiny", "epochs=1", "batch_size=16"]) == 0
    return folder, shown.getvalue()


def test_one_epoch_on_the_synthetic_set(trained):
    folder, shown = trained
    (result,) = results(folder)
    assert result["test"]["accuracy"] > 0.5
    assert re.search(r"epoch 1/1  loss \d.*validation .* images/s", shown)
    assert "accuracy on 1,000 test images" in shown
    assert "labml" not in shown.lower().replace("labml_nn", "")


def test_a_result_says_how_it_came_about(tmp_path):
    assert main([*TINY, "epochs=1"]) == 0
    (result,) = results(tmp_path)
    schema = ROOT / "labml_nn" / "experiments" / "result.schema.json"
    jsonschema.validate(result, json.loads(schema.read_text()))
    assert result["settings"]["model.d_model"] == 32
    assert result["settings"]["seed"] == 0
    assert result["settings"]["preset"] == "tiny"
    assert result["train_images"] == 1000
    cpu = result["hardware"].pop("cpu")
    assert cpu
    assert result["hardware"] == {"device": "CPU", "threads": 1}
    assert result["versions"]["torch"] == torch.__version__
    assert set(result["versions"]) > {"torchvision", "labml", "labml-helpers"}
    assert len(result["epochs"]) == 1
    test = result["test"]
    assert sum(map(sum, test["confusion"])) == test["images"] == 1000
    right = sum(row[i] for i, row in enumerate(test["confusion"]))
    assert test["accuracy"] == right / 1000
    assert set(test["per_class"]) == set(result["classes"])
    # labml keeps the metrics on the disk, and writes them from a thread of its own.
    wait_for(
        lambda: any(
            '"validation_accuracy"' in log.read_text()
            for log in tmp_path.glob("runs/vit/*/log.jsonl")
        )
    )


def test_it_overfits_a_batch():
    c = configure(parse([*TINY, "crop=0", "flip=false", "batch_size=32", "epochs=120",
                         "validation_size=0", "ema_decay=0.5", "model.patch_size=8"]))  # fmt: skip
    images = synthetic(32, seed=0)
    run = Run(c, images)
    losses = [run.train_step(torch.arange(32))[0].item() for _ in range(120)]
    assert losses[-1] < 0.05 < 1.5 < losses[0]
    assert (run.log_probabilities(images).argmax(1) == images.labels).all()


def test_sizes_grow():
    c = configure(parse([*TINY, "size_schedule=0:16 0.5:24 0.75:32", "epochs=4"]))
    run = Run(c, synthetic(64, seed=0))
    seen = []
    run.model.register_forward_hook(lambda *hook: seen.append(hook[1][0].shape[-1]))
    for _ in range(4):
        run.train_step(torch.arange(64))
    assert seen == [16, 16, 24, 32]


@pytest.mark.parametrize(
    ("arguments", "schedule", "image_size"),
    [
        ([], "0:12 0.25:16 0.6:24 0.88:32", 32),
        (["image_size=48"], "0:20 0.25:24 0.6:36 0.88:48", 48),
        (["image_size=16"], "0:8 0.6:12 0.88:16", 16),
        (["model.patch_size=16", "image_size=224"], "0:80 0.25:112 0.6:176 0.88:224", 224),
        (["model.patch_size=8"], "0:16 0.6:24 0.88:32", 32),
        (["model.patch_size=16", "image_size=16"], "0:16", 16),
        (["size_schedule=0:8 0.5:20"], "0:8 0.5:20", 20),
        (["size_schedule=", "image_size=64"], "", 64),
        (["preset=tiny", "image_size=64"], "", 64),
    ],
)  # fmt: skip
def test_training_ends_at_the_size_that_is_judged(arguments, schedule, image_size):
    c = configure(parse(["preset=laptop", *arguments]))
    assert (c.size_schedule, c.image_size) == (schedule, image_size)
    for _, size in parse_size_schedule(c.size_schedule, c.image_size):
        assert c.model.patch_emb.grid(size, size)


def test_the_sizes_of_a_network_without_patches():
    c = RESNET.configure({"image_size": 30})
    assert c.size_schedule == "0:15 0.5:23 0.8:30"


def test_sizes_that_contradict_each_other(capsys):
    arguments = [*TINY, "image_size=64", "size_schedule=0:16 0.5:32"]
    assert main(arguments) == 2
    assert capsys.readouterr().err == (
        "size_schedule='0:16 0.5:32' ends with images of 32 pixels, but image_size=64; "
        "leave one of them out\n"
    )


def test_what_is_easy_comes_less_often():
    c = configure(parse([*TINY, "skip_easy=1", "epochs=10", "batch_size=16"]))
    run = Run(c, synthetic(64, seed=0))
    assert not run.skip_probabilities(0).any()
    for indices in torch.arange(64).split(16):
        run.train_step(indices)
    assert not run.skip_probabilities(0).any()
    run.end_epoch()
    # One that was never seen is not easy, and does not change what is.
    run.losses[5] = torch.inf
    skip = run.skip_probabilities(1)
    assert 10 < skip.sum() < 54
    assert skip[5] == 0
    assert run.losses[skip == 1].max() < run.losses[skip == 0].min()
    drawn = torch.cat(list(run.batches.epoch(1, 0, skip)))
    assert len(drawn) == 64
    assert not skip[drawn].any()
    assert run.skip_probabilities(9) is None


@pytest.mark.parametrize("mixing", ["mixup=0.5", "cutmix=1", "trivial_augment=true"])
def test_every_augmentation_trains(mixing):
    run = Run(configure(parse([*TINY, mixing])), synthetic(64, seed=0))
    loss, _ = run.train_step(torch.arange(64)).tolist()
    assert 1 < loss < 4


def test_compiled_and_in_bfloat16(monkeypatch):
    monkeypatch.setattr(experiments_command, "bfloat16_helps", lambda: True)
    monkeypatch.setattr(torch._inductor.config, "compile_threads", 1)
    # Whether vectors help is for PyTorch to know; to find out takes a quarter of it all.
    monkeypatch.setattr(torch._inductor.config.cpp, "vec_isa_ok", False)
    # Each C++ program takes half a second; sums of no more than 8 need none of their own.
    few_programs = ["model.d_model=8", "model.d_ff=8", "model.mean_pooling=no"]
    settings = [*TINY, "model.n_layers=1", *few_programs, "compile=yes", "bfloat16=yes"]
    run = Run(configure(parse(settings)), synthetic(64, 0))
    # What another test has compiled is compiled anew, and counted.
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    losses = [run.train_step(torch.arange(64))[0].item() for _ in range(3)]
    assert losses[-1] < losses[0]
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] > 0


def test_what_does_not_help_here_is_left_out(tmp_path, monkeypatch, capsys):
    helps = experiments_command.bfloat16_helps()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([*SHORT, "bfloat16=yes", "compile=yes"]) == 0
    (result,) = results(tmp_path)
    assert result["settings"]["bfloat16"] == helps
    assert result["settings"]["compile"] is False
    shown = capsys.readouterr().err
    assert "there is no C++ compiler" in shown
    assert ("bfloat16 is switched off" in shown) != helps


# ## Randomness
@pytest.fixture
def noted_draws(monkeypatch):
    """Which images a run flips, and what it drops of each, by step and use."""
    draws = {}

    def note(use, values):
        draws.setdefault(use, []).append(values.clone())

    flip = augment.random_flip

    def noting_flip(x, generator):
        result = flip(x, generator)
        note("flip", (result != x).flatten(1).any(1))
        return result

    monkeypatch.setattr(augment, "random_flip", noting_flip)

    def watch(run):
        def hook(name):
            def after(module, inputs, output):
                # What was zero before is not dropped.
                dropped = ((output == 0) & (inputs[0] != 0)).flatten(1)
                one_each = isinstance(module, StochasticDepth)
                note(name, ~(dropped.any(1) if one_each else dropped[:, 0]))

            return after

        for name, module in run.model.named_modules():
            if isinstance(module, StochasticDepth | torch.nn.Dropout):
                module.register_forward_hook(hook(name))
        return draws

    return watch


# The first draw of the model is for dropout, or without it for stochastic depth.
@pytest.mark.parametrize(("dropout", "uses"), [(0.4, 15), (0.0, 5)])
def test_one_use_of_randomness_says_nothing_about_another(dropout, uses, noted_draws):
    c = configure(parse([
        *TINY, "epochs=100", "model.n_layers=3", "model.drop_path=0.5", f"model.dropout={dropout}",
        "model.structured_init=false", "crop=0", "model.d_model=8", "model.patch_size=16",
    ]))  # fmt: skip
    run = Run(c, synthetic(64, seed=0))
    draws = noted_draws(run)
    for _ in range(60):
        run.train_step(torch.arange(64))
    calls = {name: len(values) // 60 for name, values in draws.items()}
    drawn = torch.cat([
        torch.stack(values).unflatten(0, (60, calls[name])).transpose(0, 1).flatten(1)
        for name, values in draws.items()
        # The first layer is never skipped.
        if not torch.stack(values).all()
    ]).float()  # fmt: skip
    assert len(drawn) == uses
    correlation = torch.corrcoef(drawn).fill_diagonal_(0)
    assert correlation.abs().max() < 4 / (60 * 64) ** 0.5
    assert drawn[0].mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("lr_schedule", ["linear", "cosine"])
@pytest.mark.parametrize("warmup", [0.0, 0.3, 1.0])
def test_no_step_has_a_rate_of_zero(warmup, lr_schedule):
    settings = [
        *TINY,
        f"warmup={warmup}",
        f"lr_schedule={lr_schedule}",
        "batch_size=16",
    ]
    run = Run(configure(parse([*settings, "epochs=5"])), synthetic(64, seed=0))
    before = {name: weight.clone() for name, weight in run.model.state_dict().items()}
    rates = []
    for _ in range(run.steps):
        run.train_step(torch.arange(16))
        rates.append(
            [group["lr"] for one in run.optimizers for group in one.param_groups]
        )
        if len(rates) == 1:
            weights = run.model.state_dict()
            assert any(not torch.equal(weights[name], before[name]) for name in before)
    for rate in zip(*rates, strict=True):
        assert min(rate) > 0
        rising = round(20 * warmup)
        assert list(rate[:rising]) == sorted(rate[:rising])
        assert list(rate[rising:]) == sorted(rate[rising:], reverse=True)


def test_every_stream_has_seeds_of_its_own():
    streams = ("weights", "validation", "order", "prepare", "augmentation", "model")
    seeds = [
        stream_seed(seed, stream, step)
        for seed in (0, 1, 2**31 - 1)
        for stream in streams
        for step in range(1000)
    ]
    # The generator of a CPU looks at the lower half only.
    assert len({seed % 2**32 for seed in seeds}) == len(seeds)
    draws = torch.stack([
        torch.rand(3000, generator=torch.Generator().manual_seed(stream_seed(0, stream, 0)))
        for stream in streams
    ])  # fmt: skip
    assert torch.corrcoef(draws).fill_diagonal_(0).abs().max() < 4 / 3000**0.5


# ## The start
def test_whitened_patches():
    c = configure(parse(TINY))
    images = synthetic(500, seed=0).images.float() / 64 - 2
    patch_emb = c.model.patch_emb
    whiten(patch_emb, images)
    tokens = patch_emb(images).flatten(0, 1)[:, :16]
    covariance = 4 * tokens.T @ tokens / len(tokens)
    off_diagonal = covariance - covariance.diag().diag()
    assert off_diagonal.abs().max() < 0.02
    assert covariance.diag().max() <= 1.01
    assert covariance[0, 0] > 0.9


def test_positions_are_similar_where_they_are_near():
    positions = sinusoidal_positions(8, 8, 64)
    similarity = positions @ positions.T
    here = 3 * 8 + 4
    assert similarity[here].argmax() == here
    assert similarity[here, here + 1] > similarity[here, here + 2]
    assert similarity[here, here + 8] > similarity[here, here + 24]


# ## Presets
@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_settings_that_exist(preset):
    c = configure(parse([f"preset={preset}"]))
    for name, value in PRESETS[preset].items():
        assert parse([f"{name}={value}"]) == {name: value}
    assert c.model is not None
    assert c.epochs == PRESETS[preset]["epochs"]


# ## An image in, a class out
def test_predict(trained, capsys):
    folder = run_folder(trained[0])
    images = synthetic(30, seed=9)
    files = []
    for number, image in enumerate(images.images):
        files.append(f"{number}.png")
        to_pil_image(image).resize((64, 64)).save(files[-1])
    assert predict.main([str(folder), *files]) == 0
    lines = capsys.readouterr().out.splitlines()
    named = [
        line.split(": ", 1)[1].rsplit(" ", 1)[0] for line in
        (re.split(r"(?<=\w) \d+\.\d%", line)[0] + " " for line in lines)
    ]  # fmt: skip
    expected = [images.classes[label] for label in images.labels]
    assert sum(map(str.startswith, named, expected)) > 15
    assert Image.open(folder / "attention" / "0.png.png").size == (384, 384)


def test_where_it_looked_sums_to_one():
    model = configure(parse(TINY)).model.eval()
    x = torch.randn(2, 3, 32, 32)
    for model.mean_pooling in (True, False):
        looked = predict.rollout(model, x)
        assert looked.shape == (2, 8, 8)
        torch.testing.assert_close(looked.sum((1, 2)), torch.ones(2))


def test_where_it_looked_without_the_class_token():
    """A head that reads the patches alone does not care where the class token looks."""
    model = configure(parse([*TINY, "model.norm_after_pooling=true"])).model.eval()
    x = torch.randn(2, 3, 32, 32)
    mixed = predict.mix_layers(predict.all_attention(model, x))[:, 1:, 1:].mean(dim=1)
    expected = mixed / mixed.sum(dim=1, keepdim=True)
    torch.testing.assert_close(predict.rollout(model, x).flatten(1), expected)


def test_looking_leaves_the_model_as_it_was():
    model = configure(parse(TINY)).model.eval()
    before = [dict(module._forward_pre_hooks) for module in model.modules()]
    for size in (32, 30):
        with contextlib.suppress(ValueError):
            predict.rollout(model, torch.randn(1, 3, size, size))
        assert [dict(module._forward_pre_hooks) for module in model.modules()] == before


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_where_it_looked_in_other_precisions(dtype):
    torch.manual_seed(0)
    model = configure(parse([*TINY, "model.structured_init=false"])).model.eval()
    x = torch.randn(2, 3, 32, 32)
    expected = predict.rollout(model, x)
    looked = predict.rollout(model.to(dtype), x.to(dtype))
    assert looked.dtype == dtype
    torch.testing.assert_close(looked.float(), expected, atol=1e-3, rtol=0.05)


def test_predict_says_what_is_wrong(tmp_path, capsys):
    assert predict.main([]) == 2
    assert "usage: " in capsys.readouterr().err
    assert predict.main(["nosuch.pt", "a.png"]) == 1
    assert capsys.readouterr().err == "there is no checkpoint nosuch.pt\n"
    assert main(SHORT) == 0
    assert predict.main([str(run_folder(tmp_path)), "nosuch.png"]) == 1
    assert "nosuch.png cannot be read as an image" in capsys.readouterr().err


def gradients(*settings):
    """The gradients of one step on 64 images."""
    run = Run(configure(parse([*SHORT, *settings])), synthetic(64, seed=0))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for parameter in run.model.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
    run.train_step(torch.arange(64))
    return [parameter.grad for parameter in run.model.parameters()]


def test_a_batch_in_parts_has_the_same_gradient():
    whole, parts = gradients(), gradients("accumulation=4")
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
    with pytest.raises(
        UsageError, match="batch_size=64 cannot be split evenly over accumulation=3"
    ):
        gradients("accumulation=3")


def test_a_gradient_that_is_clipped():
    def norm(them):
        return torch.stack([gradient.norm() for gradient in them]).norm()

    whole, clipped = gradients(), gradients("clip_norm=0.01")
    assert norm(whole) > 0.02
    torch.testing.assert_close(norm(clipped), torch.tensor(0.01), atol=1e-5, rtol=1e-3)
    scale = clipped[0] / whole[0]
    torch.testing.assert_close(scale, torch.full_like(scale, scale.mean().item()))
