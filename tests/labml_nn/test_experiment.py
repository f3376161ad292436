"""The experiment: it learns, it survives, and it says what is wrong."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import jsonschema
import pytest
import torch
from PIL import Image
from torchvision.transforms.functional import to_pil_image

from labml_nn.experiments import command as experiments_command
from labml_nn.experiments.cifar10 import Run
from labml_nn.experiments.command import UsageError
from labml_nn.helpers import checkpoint
from labml_nn.helpers.data import synthetic
from labml_nn.transformers.vit import experiment, predict
from labml_nn.transformers.vit.experiment import COMMAND, PRESETS, sines, whiten
from tests.conftest import ROOT

main, configure, parse = COMMAND.main, COMMAND.configure, COMMAND.parse
TINY = ["preset=tiny", "held_out=4000", "epochs=2", "model.d_model=32", "model.heads=2"]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # labml keeps a list of projects in the home folder.
    monkeypatch.setenv("HOME", str(tmp_path))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def command(*arguments, launcher=()):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *launcher, "-m", "labml_nn.transformers.vit.experiment", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def results(folder):
    files = sorted(folder.glob("runs/vit/*/result.json"), key=os.path.getmtime)
    return [json.loads(file.read_text()) for file in files]


# ## Learning
def test_two_epochs_on_the_synthetic_set(capsys, tmp_path):
    assert main(["preset=tiny"]) == 0
    (result,) = results(tmp_path)
    assert result["test"]["accuracy"] > 0.6
    shown = capsys.readouterr().out
    assert re.search(r"epoch 2/2  loss \d.*held out .* images/s", shown)
    assert "accuracy on 1,000 test pictures" in shown
    assert "labml" not in shown.lower().replace("labml_nn", "")


def test_a_result_says_how_it_came_about(tmp_path):
    assert main([*TINY, "epochs=1"]) == 0
    (result,) = results(tmp_path)
    schema = ROOT / "labml_nn" / "experiments" / "result.schema.json"
    jsonschema.validate(result, json.loads(schema.read_text()))
    assert result["settings"]["model.d_model"] == 32
    assert result["settings"]["seed"] == 0
    assert result["settings"]["preset"] == "tiny"
    assert result["train_pictures"] == 1000
    assert result["hardware"] == {"device": "CPU", "threads": 1}
    assert result["versions"]["torch"] == torch.__version__
    assert len(result["epochs"]) == 1
    test = result["test"]
    assert sum(map(sum, test["confusion"])) == test["pictures"] == 1000
    right = sum(row[i] for i, row in enumerate(test["confusion"]))
    assert test["accuracy"] == right / 1000
    assert set(test["per_class"]) == set(result["classes"])
    # labml keeps the metrics on the disk, and writes them from a thread of its own.
    deadline = time.monotonic() + 20
    while not any(
        '"held_out_accuracy"' in log.read_text()
        for log in tmp_path.glob("runs/vit/*/log.jsonl")
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_overfits_a_batch():
    c = configure(parse([*TINY, "crop=0", "flip=false", "batch_size=32", "epochs=120",
                         "held_out=0", "average=0.5"]))  # fmt: skip
    pictures = synthetic(32, seed=0)
    run = Run(c, pictures)
    losses = [run.train_step(torch.arange(32))[0].item() for _ in range(120)]
    assert losses[-1] < 0.05 < 1.5 < losses[0]
    assert (run.answers(pictures).argmax(1) == pictures.labels).all()


def test_sizes_grow():
    c = configure(parse([*TINY, "sizes=0:16 0.5:24 0.75:32", "epochs=4"]))
    run = Run(c, synthetic(64, seed=0))
    seen = []
    run.model.register_forward_hook(lambda *hook: seen.append(hook[1][0].shape[-1]))
    for _ in range(4):
        run.train_step(torch.arange(64))
    assert seen == [16, 16, 24, 32]


def test_what_is_easy_comes_less_often():
    c = configure(parse([*TINY, "skip_easy=1", "epochs=10", "batch_size=16"]))
    run = Run(c, synthetic(64, seed=0))
    assert not run.skip(0).any()
    for indices in torch.arange(64).split(16):
        run.train_step(indices)
    assert not run.skip(0).any()
    run.end_epoch()
    # One that was never seen is not easy, and does not change what is.
    run.losses[5] = torch.inf
    skip = run.skip(1)
    assert 10 < skip.sum() < 54
    assert skip[5] == 0
    assert run.losses[skip == 1].max() < run.losses[skip == 0].min()
    drawn = torch.cat(list(run.batches.epoch(1, 0, skip)))
    assert len(drawn) == 64
    assert not skip[drawn].any()
    assert run.skip(9) is None


@pytest.mark.parametrize("mixing", ["mixup=0.5", "cutmix=1", "trivial_augment=true"])
def test_every_augmentation_trains(mixing):
    run = Run(configure(parse([*TINY, mixing])), synthetic(64, seed=0))
    loss, _ = run.train_step(torch.arange(64)).tolist()
    assert 1 < loss < 4


def test_compiled_and_in_bfloat16(monkeypatch):
    monkeypatch.setattr(experiments_command, "bfloat16_helps", lambda: True)
    run = Run(
        configure(parse([*TINY, "compile=yes", "bfloat16=yes"])), synthetic(64, 0)
    )
    losses = [run.train_step(torch.arange(64))[0].item() for _ in range(3)]
    assert losses[-1] < losses[0]


def test_what_does_not_help_here_is_left_out(tmp_path, monkeypatch, capsys):
    helps = experiments_command.bfloat16_helps()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([*TINY, "epochs=1", "bfloat16=yes", "compile=yes"]) == 0
    (result,) = results(tmp_path)
    assert result["settings"]["bfloat16"] == helps
    assert result["settings"]["compile"] is False
    shown = capsys.readouterr().err
    assert "there is no C++ compiler" in shown
    assert ("bfloat16 is left out" in shown) != helps


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
    positions = sines(8, 8, 64)
    similarity = positions @ positions.T
    here = 3 * 8 + 4
    assert similarity[here].argmax() == here
    assert similarity[here, here + 1] > similarity[here, here + 2]
    assert similarity[here, here + 8] > similarity[here, here + 24]


# ## Never lose a run
def weights(folder):
    return checkpoint.load(folder)["model"]


def run_folder(folder):
    return max(folder.glob("runs/vit/*"), key=os.path.getmtime) / "checkpoints"


def test_a_run_that_goes_on_gives_the_same_numbers(tmp_path, monkeypatch):
    settings = [
        *TINY, "average=0.9", "skip_easy=0.5", "model.drop_path=0.2", "model.dropout=0.1"
    ]  # fmt: skip
    assert main(settings) == 0
    whole = weights(run_folder(tmp_path))

    # The same again, asked to stop in the middle of the second epoch.
    asked = []
    monkeypatch.setattr(
        experiment.CIFAR10Configs.run.__globals__["_Stop"], "requested",
        lambda self: asked.append(1) or len(asked) == 3,
    )  # fmt: skip
    monkeypatch.setitem(experiment.CIFAR10Configs.run.__globals__, "_LOOK", 10)
    assert main(settings) == 130
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    folder = run_folder(tmp_path)
    assert checkpoint.load(folder)["step"] not in (0, 15, 30)
    assert main([*settings, f"resume={folder}"]) == 0
    resumed = weights(run_folder(tmp_path))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    first, second = results(tmp_path)
    assert first["test"] == second["test"]
    for one, two in zip(first["epochs"], second["epochs"], strict=True):
        assert {**one, "seconds": 0} == {**two, "seconds": 0}
    assert len(second["epochs"]) == 2


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path):
    process = command("preset=tiny", "epochs=50")
    process.stdout.readline()
    assert process.stdout.readline().startswith("epoch 1/50")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    folder = re.fullmatch(r"\nstopped; go on with resume=(\S+)\n", errors)[1]
    assert checkpoint.load(tmp_path / folder)["step"] > 0


def test_a_killed_run_leaves_a_good_checkpoint(tmp_path):
    process = command("preset=tiny", "epochs=50")
    while not process.stdout.readline().startswith("epoch 2"):
        pass
    time.sleep(0.2)
    process.kill()
    process.wait()
    assert checkpoint.load(run_folder(tmp_path))["step"] >= 70


def test_a_run_that_diverges_stops_with_a_clear_word(capsys):
    assert main([*TINY, "muon_lr=0", "adam_lr=1e6"]) == 1
    assert re.match(
        r"the loss is \S+ at step \d+, so the training has diverged; try a lower adam_lr",
        capsys.readouterr().err,
    )


def test_another_model_cannot_go_on(tmp_path, capsys):
    assert main([*TINY, "epochs=1"]) == 0
    arguments = [
        *TINY,
        "epochs=1",
        "model.d_model=16",
        f"resume={run_folder(tmp_path)}",
    ]
    assert main(arguments) == 1
    assert (
        "the run that is resumed had model.d_model=32, not 16"
        in capsys.readouterr().err
    )


def test_evaluate_agrees_with_the_run(tmp_path):
    assert main([*TINY, "average=0.9"]) == 0
    (result,) = results(tmp_path)
    c = configure(parse([*TINY, f"evaluate={run_folder(tmp_path)}"]))
    judged = c.run()
    assert judged["accuracy"] == result["test"]["accuracy"]
    assert judged["accuracy_with_flip"] == result["test"]["accuracy_with_flip"]


# ## Several processes
def test_two_processes_compute_what_one_does(tmp_path):
    settings = [*TINY, "epochs=1", "cutmix=1", "held_out=4500"]
    assert main(settings) == 0
    one = weights(run_folder(tmp_path))
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2")
    process = command(*settings, launcher=launcher)
    shown, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert shown.count("epoch 1/1") == 1
    two = weights(run_folder(tmp_path))
    assert len(list(tmp_path.glob("runs/vit/*"))) == 2
    for name, weight in one.items():
        torch.testing.assert_close(two[name], weight, atol=2e-3, rtol=2e-2)


# ## The command line
@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_settings_that_exist(preset):
    c = configure(parse([f"preset={preset}"]))
    for name, value in PRESETS[preset].items():
        assert parse([f"{name}={value}"]) == {name: value}
    assert c.model is not None
    assert c.epochs == PRESETS[preset]["epochs"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["epoch=5"], "there is no setting 'epoch=5'; did you mean epochs=...?"),
        (["model.dmodel=5"], "did you mean model.d_model=...?"),
        (["preset"], "there is no setting 'preset'; did you mean preset=...?"),
        (["epochs=many"], "epochs must be a whole number, not 'many'"),
        (["adam_lr=fast"], "adam_lr must be a number, not 'fast'"),
        (["flip=perhaps"], "flip must be true or false, not 'perhaps'"),
        (["preset=desktop"], "there is no preset 'desktop'; there are laptop, paper"),
    ],
)
def test_a_wrong_command_is_one_sentence(arguments, words, capsys):
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dataset=folder", "data_path=nosuch"], "there is no folder nosuch"),
        (["held_out=5000"], "held_out=5000 leaves nothing of 5000 pictures"),
        (["sizes=16"], "sizes='16' must say"),
        (["model.heads=5"], "d_model (48) must be a multiple of heads (5)"),
        (["model.d_model=18"], "model.d_model=18 must be a multiple of 4"),
        (["evaluate=nosuch.pt"], "there is no checkpoint nosuch.pt"),
        (["resume=."], ". holds no checkpoint"),
    ],
)
def test_a_setting_that_cannot_work_is_one_sentence(arguments, words, capsys):
    assert main(["preset=tiny", *arguments]) == 1
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.err.count("\n") == 1


def test_help(capsys):
    assert main(["--help"]) == 0
    assert "model.d_model" in capsys.readouterr().out


def test_overrides_from_code():
    c = configure({"preset": "laptop", "model.d_model": 36, "epochs": 3})
    assert (c.epochs, c.model.cls_token_emb.shape[-1]) == (3, 36)
    with pytest.raises(UsageError):
        configure({"preset": "none"})


# ## A picture in, a class out
def test_predict(tmp_path, capsys):
    assert main(["preset=tiny"]) == 0
    folder = run_folder(tmp_path)
    pictures = synthetic(30, seed=9)
    files = []
    for number, image in enumerate(pictures.images):
        files.append(f"{number}.png")
        to_pil_image(image).resize((64, 64)).save(files[-1])
    capsys.readouterr()
    assert predict.main([str(folder), *files]) == 0
    lines = capsys.readouterr().out.splitlines()
    named = [
        line.split(": ", 1)[1].rsplit(" ", 1)[0] for line in
        (re.split(r"(?<=\w) \d+\.\d%", line)[0] + " " for line in lines)
    ]  # fmt: skip
    expected = [pictures.classes[label] for label in pictures.labels]
    assert sum(map(str.startswith, named, expected)) > 15
    assert Image.open("0.attention.png").size == (384, 384)


def test_where_it_looked_sums_to_one():
    model = configure(parse(TINY)).model.eval()
    x = torch.randn(2, 3, 32, 32)
    for model.mean_pooling in (True, False):
        looked = predict.rollout(model, x)
        assert looked.shape == (2, 8, 8)
        torch.testing.assert_close(looked.sum((1, 2)), torch.ones(2))


def test_predict_says_what_is_wrong(tmp_path, capsys):
    assert predict.main([]) == 2
    assert "usage: " in capsys.readouterr().err
    assert predict.main(["nosuch.pt", "a.png"]) == 1
    assert capsys.readouterr().err == "there is no checkpoint nosuch.pt\n"
    assert main([*TINY, "epochs=1"]) == 0
    assert predict.main([str(run_folder(tmp_path)), "nosuch.png"]) == 1
    assert "nosuch.png is no picture that can be read" in capsys.readouterr().err
