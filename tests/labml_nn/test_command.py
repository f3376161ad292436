"""What is typed to start an experiment, and every way to type it wrong."""

import contextlib
import os
from pathlib import Path

import pytest
import torch

from labml_nn.experiments import (
    cifar10,
    command,
    distributed,
    loop,
    results,
    run,
    settings,
)
from labml_nn.experiments.settings import UsageError, nearest
from labml_nn.helpers.data import synthetic
from labml_nn.resnet.experiment import COMMAND as RESNET
from labml_nn.transformers.vit import ablation, export, figures, finetune, predict
from labml_nn.transformers.vit.experiment import COMMAND
from tests.labml_nn.running import SHORT, configure, main, parse

pytestmark = pytest.mark.usefixtures("own_folder")


def fails(arguments, status, words, capsys):
    assert main(arguments) == status
    shown = capsys.readouterr().err
    assert words in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["epoch=5"], "there is no setting 'epoch=5'; did you mean epochs=...?"),
        (["model.dmodel=5"], "did you mean model.d_model=...?"),
        (["preset"], "there is no setting 'preset'; did you mean preset=...?"),
        (["epochs=many"], "epochs must be a whole number, not 'many'"),
        (["adam_lr=fast"], "adam_lr must be a number, not 'fast'"),
        (["adam_lr=nan"], "adam_lr must be a number, not nan"),
        (["flip=perhaps"], "flip must be true or false, not 'perhaps'"),
        (["preset=desktop"], "there is no preset 'desktop'; there are laptop, paper"),
        (["lr_schedule=step"], "lr_schedule must be cosine or linear, not 'step'"),
        (["name=../../x"], "name=../../x must be made of letters"),
        (["name="], "name= must be made of letters"),
    ],
)
def test_a_wrong_command_is_one_sentence(arguments, words, capsys):
    fails(arguments, 2, words, capsys)


@pytest.mark.parametrize(
    "setting",
    """
    epochs=0 epochs=-1 batch_size=0 batch_size=-4 validation_size=-1 image_size=0 crop=-1
    seed=-1 seed=99999999999999999999 label_smoothing=2 label_smoothing=-1 ema_decay=1.5
    ema_decay=1 warmup=2 warmup=-1 skip_easy=2 muon_lr=-1 adam_lr=-1 weight_decay=-1
    mixup=-1 cutmix=-1 adam_lr=inf device.cuda_device=-1 model.patch_size=0
    model.heads=0 model.d_model=0 model.d_model=-4 model.d_ff=0 model.n_layers=0
    model.dropout=1 model.drop_path=-0.1 model.n_classes=0
    """.split(),
)
def test_a_number_out_of_its_range_is_one_sentence(setting, capsys):
    name = setting.partition("=")[0]
    fails([setting], 2, name, capsys)
    with pytest.raises(UsageError, match="must be"):
        configure(parse([setting]))


@pytest.mark.parametrize("setting", ["resume=", "evaluate=", "init="])
def test_a_checkpoint_without_a_name_is_refused(setting, capsys):
    """Else a variable of the shell that is not set would begin a new training."""
    fails([setting], 2, f"{setting} must be followed by a checkpoint or a run", capsys)


def test_every_number_has_a_range():
    for one in (COMMAND, RESNET):
        known = settings.RANGES.keys() | {f"model.{name}" for name in one.ranges}
        kinds = one.types()
        assert {name for name in kinds if kinds[name] in (int, float)} == known


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        # No images could make these right.
        (["dataset=mnist"], 2, "there is no data set 'mnist'"),
        (["crop=32"], 2, "crop=32 must be below image_size=32"),
        (["size_schedule=16"], 2, "size_schedule='16' must give"),
        (["size_schedule=0:0"], 2, "size_schedule='0:0' must give"),
        (["size_schedule=0:-4"], 2, "size_schedule='0:-4' must give"),
        (["size_schedule=0:16 2:32"], 2, "size_schedule='0:16 2:32' must give"),
        (["size_schedule=0:16 0.9:31"], 2, "an image of 31x31 pixels cannot be cut"),
        (["batch_size=64", "accumulation=3"], 2, "batch_size=64 cannot be split evenly over"),
        (["model.heads=5"], 2, "d_model (48) must be a multiple of heads (5)"),
        (["model.d_model=18"], 2, "model.d_model=18 must be a multiple of 4"),
        # With other images, checkpoints or machines, these would be.
        (["dataset=folder", "data_path=nosuch"], 1, "there is no folder nosuch"),
        (["dataset=folder", "data_path="], 1, "there is no folder '';"),
        (["validation_size=5000"], 1, "leaves none of 5000 images to train on; try validation_size=500"),
        (["model.n_classes=5"], 1, "model.n_classes=5 does not match the 10 classes upright disk,"),
        (["model.d_ff=2000000000"], 1, "there is not enough memory"),
        (["evaluate=nosuch.pt"], 1, "there is no checkpoint nosuch.pt"),
        (["init=ab://c/d.pt"], 1, "there is no checkpoint ab://c/d.pt"),
        (["resume=."], 1, ". holds no checkpoint"),
        (["output=afile"], 1, "cannot create a run in output=afile: "),
        (["output=/proc/x"], 1, "cannot create a run in output=/proc/x: "),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_work_is_one_sentence(arguments, status, words, capsys):
    Path("afile").touch()
    assert main(["preset=tiny", *arguments]) == status
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.err.count("\n") == 1
    # Nothing was trained before.
    assert "epoch" not in shown.out


def test_a_batch_that_cannot_be_shared(monkeypatch):
    c = configure(parse([*SHORT, "batch_size=63"]))
    monkeypatch.setattr(run, "world_size", lambda: 2)
    with pytest.raises(UsageError, match="batch_size=63 cannot be split"):
        run.Run(c, synthetic(64, 0))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full disk")
def test_a_full_disk_is_one_sentence(capsys, monkeypatch):
    save = loop.checkpoint.save

    def full(folder, step, *state):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"checkpoint-{step:08}.partial").symlink_to("/dev/full")
        return save(folder, step, *state)

    monkeypatch.setattr(loop.checkpoint, "save", full)
    fails(SHORT, 1, "cannot be written: No space left on device", capsys)


def test_a_result_that_cannot_be_written(capsys, monkeypatch):
    def full(file, result):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results, "write_json", full)
    fails(
        SHORT,
        1,
        "cannot be written: No space left on device; the last good checkpoint is runs",
        capsys,
    )


def test_no_other_error_of_the_system_is_a_traceback(capsys, monkeypatch):
    def broken(*_):
        raise PermissionError(13, "Permission denied", "the/file")

    monkeypatch.setattr(cifar10, "load", broken)
    fails(SHORT, 1, "the/file: Permission denied", capsys)


# ## The nearest name
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("patch_size", "model.patch_size"),
        ("d_model", "model.d_model"),
        ("depth", "model.n_layers"),
        ("model.depth", "model.n_layers"),
        ("optimizer", "muon_lr"),
        ("lr", "adam_lr"),
        ("learning_rate", "adam_lr"),
        ("LR", "adam_lr"),
        ("epoch", "epochs"),
        ("batchsize", "batch_size"),
        ("n_layer", "model.n_layers"),
        ("cuda", "device.use_cuda"),
    ],
)
def test_the_nearest_name(typed, meant):
    assert nearest(typed, COMMAND.types()) == meant


def test_there_is_always_a_nearest_name():
    types = RESNET.types()
    assert nearest("zzz", types) in types
    assert nearest("depth", types) in types
    assert nearest("", types) in types


# ## From code
def test_overrides_from_code():
    c = configure({"preset": "laptop", "model.d_model": 36, "epochs": 3, "adam_lr": 1})
    assert (c.epochs, c.model.cls_token_emb.shape[-1]) == (3, 36)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"preset": "none"}, "there is no preset 'none'"),
        ({"epoch": 3}, "there is no setting 'epoch'; did you mean epochs?"),
        ({"epochs": "3"}, "epochs must be a whole number, not '3'"),
        ({"epochs": True}, "epochs must be a whole number, not True"),
        ({"epochs": 0}, "epochs=0 must be at least 1"),
        ({"ema_decay": 1.0}, "ema_decay=1.0 must be at least 0 and below 1"),
        ({"warmup": 2}, "warmup=2 must be from 0 to 1"),
        ({"name": None}, "name must be text, not None"),
        ({"init": "a", "evaluate": "b"}, "evaluate= and init= exclude each other"),
        ({"init": "a", "resume": "b"}, "resume= and init= exclude each other"),
    ],
)
def test_wrong_overrides_from_code(overrides, words):
    with pytest.raises(UsageError) as error:
        configure(overrides)
    assert words in str(error.value)


def test_help(capsys):
    assert main(["--help"]) == 0
    assert "model.d_model" in capsys.readouterr().out


# ## What depends on the machine
def test_each_process_has_a_device_of_its_own(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert configure({"preset": "tiny"}).device == torch.device("cuda", 0)
    monkeypatch.setenv("LOCAL_RANK", "2")
    monkeypatch.setenv("RANK", "6")
    assert configure({"preset": "tiny"}).device == torch.device("cuda", 2)


def test_only_the_first_process_decides_what_helps(monkeypatch, capsys):
    """Where each looked for itself, they would not agree."""
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setattr(distributed, "world_size", lambda: 2)
    monkeypatch.setattr(command, "bfloat16_helps", lambda: pytest.fail("asked"))

    def from_the_first(decision):
        assert decision == [None]
        decision[0] = {"bfloat16": False}

    monkeypatch.setattr(distributed.dist, "broadcast_object_list", from_the_first)
    assert configure({"preset": "tiny", "bfloat16": True}).bfloat16 is False


@pytest.mark.parametrize("rank", ["0", "1"])
def test_only_the_first_process_complains(rank, monkeypatch, capsys):
    monkeypatch.setattr(command, "process_group", contextlib.nullcontext)
    monkeypatch.setenv("LOCAL_RANK", rank)
    monkeypatch.setenv("RANK", rank)
    assert main(["epoch=5"]) == 2
    assert ("epochs" in capsys.readouterr().err) == (rank == "0")


@pytest.mark.parametrize("program", [ablation, export, figures, finetune, predict])
def test_usage_is_shown_when_asked_for_and_when_wrong(program, capsys):
    for asked in ("-h", "--help"):
        assert program.main([asked]) == 0
        assert capsys.readouterr() == (f"{program.USAGE}\n", "")
    assert program.main(["--nonsense"]) == 2
    assert capsys.readouterr() == ("", f"{program.USAGE}\n")
