"""Runs that are interrupted, resumed, evaluated again, distributed and watched."""

import json
import os
import re
import signal
import time

import pytest
import torch
from torchvision.transforms.functional import to_pil_image

from labml_nn.experiments import cifar10, distributed, loop, progress
from labml_nn.experiments import command as experiments_command
from labml_nn.experiments import results as results_module
from labml_nn.experiments import run as run_module
from labml_nn.experiments.run import Run
from labml_nn.helpers import checkpoint
from labml_nn.helpers.data import LabeledImages, Splits, synthetic
from labml_nn.helpers.optimize import lr_factor
from labml_nn.resnet.experiment import COMMAND as RESNET
from labml_nn.transformers.vit.experiment import COMMAND, Configs
from tests.conftest import wait_for
from tests.labml_nn import running
from tests.labml_nn.running import (
    SHORT,
    TINY,
    configure,
    main,
    one_process,
    parse,
    results,
    run_folder,
    together,
    two_processes,
    weights,
)
from tests.labml_nn.test_results import VALIDATOR

pytestmark = pytest.mark.usefixtures("own_folder")


# ## Never lose a run
def test_a_run_that_goes_on_gives_the_same_numbers(tmp_path, monkeypatch):
    settings = [
        *TINY, "ema_decay=0.9", "skip_easy=0.5", "model.drop_path=0.2", "model.dropout=0.1",
        "model.patch_size=8",
    ]  # fmt: skip
    assert main(settings) == 0
    whole = weights(run_folder(tmp_path))

    # The same again, asked to stop in the middle of the second epoch. The folder of
    # the run is all that is needed to go on with it.
    stop(monkeypatch, after=3)
    assert main(settings) == 130
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    folder = run_folder(tmp_path)
    state = checkpoint.load(folder)
    assert state["step"] not in (0, 15, 30)
    assert main([f"resume={folder}"]) == 0
    resumed = weights(run_folder(tmp_path))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    first, second = results(tmp_path)
    assert first["test"] == second["test"]
    assert first["settings"] == second["settings"]
    for one, two in zip(first["epochs"], second["epochs"], strict=True):
        assert {**one, "seconds": 0} == {**two, "seconds": 0}
    assert len(second["epochs"]) == 2
    # All parts together: the first took more than its whole epochs.
    assert state["total_seconds"] > sum(epoch["seconds"] for epoch in state["history"])
    assert second["seconds_total"] > state["total_seconds"]


def stop(monkeypatch, after):
    """Ask a run to stop when it has looked `after` times at its numbers."""
    asked = []
    monkeypatch.setattr(
        distributed.StopRequest,
        "received",
        lambda self: asked.append(1) or len(asked) == after,
    )
    monkeypatch.setattr(loop, "STEPS_BETWEEN_READINGS", 10)


def test_the_command_that_goes_on(tmp_path, monkeypatch, capsys):
    stop(monkeypatch, after=1)
    assert main([*SHORT, "validation_size=4000", "output=my runs"]) == 130
    (folder,) = tmp_path.glob("my runs/vit/*")
    assert capsys.readouterr().err == (
        "\nstopped; resume with\npython -m labml_nn.transformers.vit.experiment "
        f"'resume={folder.relative_to(tmp_path)}'\n"
    )
    monkeypatch.setattr(experiments_command, "world_size", lambda: 8)
    assert COMMAND._resume_command("x") == (
        "torchrun --standalone --nproc_per_node=8 "
        "-m labml_nn.transformers.vit.experiment resume=x"
    )


@pytest.mark.parametrize("part", ["load", "Run", "train_epoch"])
def test_ctrl_c_before_there_is_a_checkpoint(part, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cifar10, part, interrupt)
    assert main(SHORT) == 130
    assert (
        capsys.readouterr().err
        == "\nstopped before there was a checkpoint to resume from\n"
    )


def test_ctrl_c_before_a_resumed_run_has_a_checkpoint(tmp_path, monkeypatch, capsys):
    """What it was resumed from is still there."""

    def interrupt(*_):
        raise KeyboardInterrupt

    assert main(SHORT) == 0
    resume = f"resume={run_folder(tmp_path)}"
    for module, part in ((results_module, "metrics"), (cifar10, "load")):
        monkeypatch.setattr(module, part, interrupt)
        assert main([resume]) == 130
        assert f"{resume}\n" in capsys.readouterr().err


def test_ctrl_c_during_the_final_evaluation(tmp_path, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(results_module, "metrics", interrupt)
        assert main(SHORT) == 130
    folder = run_folder(tmp_path).relative_to(tmp_path)
    assert f"resume={folder}\n" in capsys.readouterr().err
    assert main([f"resume={folder}"]) == 0
    (result,) = results(tmp_path)
    assert len(result["epochs"]) == 1


def test_what_helps_was_decided_when_the_run_began(tmp_path, monkeypatch):
    monkeypatch.setattr(experiments_command, "bfloat16_helps", lambda: False)
    settings = [*SHORT, "bfloat16=true"]
    assert main(settings) == 0
    monkeypatch.setattr(experiments_command, "bfloat16_helps", lambda: True)
    assert configure(parse(settings)).bfloat16 is True
    assert (
        configure(parse([*settings, f"resume={run_folder(tmp_path)}"])).bfloat16
        is False
    )


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path, forks):
    process = forks.start(one_process, [*SHORT, "epochs=500"])
    wait_for(lambda: "epoch 1/500" in shown(tmp_path))
    os.kill(process, signal.SIGINT)
    assert forks.wait(process) == 130
    folder = re.fullmatch(
        r"\nstopped; resume with\npython -m labml_nn\.\S+ resume=(\S+)\n",
        (tmp_path / "errors").read_text(),
    )[1]
    assert checkpoint.load(tmp_path / folder)["step"] > 0


def test_no_test_waits_for_the_run_of_another(forks, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(running, "LIMIT", 0.1)
        with pytest.raises(AssertionError):
            forks.wait(forks.start(time.sleep, 60))
    assert forks.wait(forks.start(int)) == 0


def shown(folder):
    file = folder / "shown"
    return file.read_text() if file.exists() else ""


def test_a_killed_run_leaves_a_good_checkpoint(tmp_path, forks):
    process = forks.start(one_process, [*SHORT, "epochs=500"])
    # The first epoch ends with a checkpoint; where saving is slow, not every one does.
    wait_for(lambda: "epoch 2/500" in shown(tmp_path))
    os.kill(process, signal.SIGKILL)
    assert forks.wait(process) == -signal.SIGKILL
    assert checkpoint.load(run_folder(tmp_path))["step"] >= 7


def test_a_run_that_diverges_stops_with_a_clear_word(capsys):
    assert main([*TINY, "muon_lr=0", "adam_lr=1e6"]) == 1
    assert re.match(
        r"the loss is \S+ at step \d+, so training has diverged; try a lower adam_lr",
        capsys.readouterr().err,
    )


def test_another_model_cannot_go_on(tmp_path, capsys):
    assert main(SHORT) == 0
    assert main([*SHORT, "model.d_model=32", f"resume={run_folder(tmp_path)}"]) == 1
    assert "the run to resume has model.d_model=16, not 32" in capsys.readouterr().err


def test_other_images_cannot_go_on(tmp_path, capsys):
    """However they differ: the validation set would hold what was trained on."""
    own_images(tmp_path / "own", 3)
    own = ["dataset=folder", "data_path=own", "batch_size=6", "validation_size=6"]
    assert main([*SHORT, *own, "epochs=2"]) == 0
    first, last = checkpoint.found(run_folder(tmp_path))
    picture = tmp_path / "own" / "train" / "b" / "3.png"
    whole = picture.read_bytes()

    def refused(words):
        capsys.readouterr()
        assert main([f"resume={first}"]) == 1
        assert capsys.readouterr().err == (
            f"the training images have changed since {first} was saved: {words}; bring "
            f"them back, or begin anew with these weights: init={first}\n"
        )

    moved = (
        "there are still 24, but some look different or come in another order, as they "
        "do when a file is renamed"
    )
    picture.rename(picture.with_name("9.png"))
    refused(moved)
    picture.with_name("9.png").rename(picture)
    to_pil_image(synthetic(9, 7).images[8]).save(picture)
    refused(moved)
    picture.unlink()
    refused("b has 7 and not 8")
    (tmp_path / "own" / "train" / "a" / "9.png").write_bytes(whole)
    refused("a has 9 and not 8, b has 7 and not 8")

    # Nor are they the same under another name.
    for part in ("train", "test"):
        (tmp_path / "own" / part / "b").rename(tmp_path / "own" / part / "owl's nest")
    capsys.readouterr()
    assert main([f"resume={first}"]) == 1
    assert capsys.readouterr().err == (
        f"{first} was trained on the classes a, b, c, but the data set has a, c, owl's nest; "
        f"begin anew with these weights: init={first}\n"
    )
    for part in ("train", "test"):
        (tmp_path / "own" / part / "owl's nest").rename(tmp_path / "own" / part / "b")

    # The same images elsewhere are no others, and those of the test do not count.
    (tmp_path / "own" / "train" / "a" / "9.png").unlink()
    picture.write_bytes(whole)
    (tmp_path / "own").rename(tmp_path / "moved")
    (tmp_path / "moved" / "test" / "a" / "9.png").write_bytes(whole)
    assert main([f"resume={first}", "data_path=moved"]) == 0
    resumed = weights(run_folder(tmp_path))
    assert all(
        torch.equal(resumed[name], weight) for name, weight in weights(last).items()
    )


def test_a_run_begins_anew_with_the_weights_of_another(tmp_path, capsys):
    assert main([*SHORT, "ema_decay=0.9"]) == 0
    first = run_folder(tmp_path)
    start = checkpoint.load(first)["ema"]
    # With a rate of nothing, it ends with what it began with.
    still = ["muon_lr=0", "adam_lr=0", "seed=5", f"init={first}"]
    for more in ([], ["preset=tiny", *SHORT]):
        assert main([*still, *more]) == 0
        state = checkpoint.load(run_folder(tmp_path))
        for name, weight in start.items():
            assert torch.equal(state["model"][name], weight)
            torch.testing.assert_close(
                state["ema"][name] if state["ema"] else weight, weight
            )
        assert state["step"] == 7
        assert results(tmp_path)[-1]["settings"]["init"] == str(first)
        assert (results(tmp_path)[-1]["settings"]["ema_decay"] > 0) == (more == [])
        # It can be resumed as any other, without the one that it began with.
        place = run_folder(tmp_path)
    first.rename(tmp_path / "gone")
    assert main([f"resume={place}"]) == 0

    capsys.readouterr()
    assert main([*SHORT, f"init={first}"]) == 1
    assert capsys.readouterr().err == f"there is no checkpoint {first}\n"
    # A preset brings its training, and the weights bring their model.
    c = configure(parse(["preset=record", "init=gone"]))
    assert (c.epochs, c.cutmix, c.size_schedule, c.dataset) == (
        400,
        1.0,
        "",
        "synthetic",
    )
    assert c.model.cls_token_emb.shape[-1] == 16
    assert main([*SHORT, "init=gone", "model.d_model=32"]) == 1
    assert (
        capsys.readouterr().err
        == "gone has model.d_model=16, not 32; give model.d_model=16\n"
    )


def test_a_run_goes_on_for_longer(tmp_path, capsys):
    """One that has ended, too; the learning rate is that of the longer run."""
    assert main([*SHORT, "epochs=2"]) == 0
    place = run_folder(tmp_path)
    capsys.readouterr()
    assert main([f"resume={place}", "epochs=4"]) == 0
    after, before = (14 + 0.5) / 28, 1
    now, then = (lr_factor(x, 0.05, "cosine") for x in (after, before))
    assert (
        "resumed with epochs=4 and not 2: the learning rate follows the schedule of 4 "
        f"epochs, so it goes on with {now:.1%} of its peak and not with {then:.1%}\n"
    ) in capsys.readouterr().out
    result = results(tmp_path)[-1]
    VALIDATOR.validate(result)
    assert [epoch["epoch"] for epoch in result["epochs"]] == [1, 2, 3, 4]
    assert result["settings"]["epochs"] == 4
    # Whoever wants to repeat the run can see that it was not planned that way.
    assert result["earlier_plans"] == [{"epochs": 2, "until_step": 14}]

    # The run remembers the new number, and goes on with it.
    longer = run_folder(tmp_path)
    assert main([f"resume={longer}"]) == 0
    assert results(tmp_path)[-1]["earlier_plans"] == result["earlier_plans"]
    # Fewer are possible as long as they have not begun.
    first = checkpoint.found(longer)[0]
    assert checkpoint.load(first)["step"] == 21
    capsys.readouterr()
    assert main([f"resume={first}", "epochs=3"]) == 0
    assert "resumed with epochs=3 and not 4" in capsys.readouterr().out
    assert main([f"resume={first}", "epochs=2"]) == 1
    assert capsys.readouterr().err == (
        f"epochs=2 is fewer than the 3 that {first} has begun; give epochs=3 or more\n"
    )


def test_the_best_checkpoint_is_kept_and_named(tmp_path, monkeypatch, capsys):
    accuracies = iter([0.1, 0.9, 0.5, 0.5])

    def predicted(run, images):
        """As many right answers as are asked for."""
        right = torch.arange(len(images.labels)) < next(accuracies, 0.5) * len(
            images.labels
        )
        labels = torch.where(right, images.labels, (images.labels + 1) % 10)
        return torch.nn.functional.one_hot(labels, 10).float().log_softmax(1)

    monkeypatch.setattr(Run, "log_probabilities", predicted)
    assert main([*SHORT, "epochs=4"]) == 0
    folder = run_folder(tmp_path)
    files = checkpoint.found(folder)
    steps = [int(file.stem[-8:]) for file in files]
    assert (steps[0], steps[-1]) == (14, 28)
    assert (
        f"best on the validation set, after epoch 2: {files[0].relative_to(tmp_path)}\n"
        in capsys.readouterr().out
    )


def test_an_interrupted_run_may_go_on_for_longer(tmp_path, monkeypatch):
    """In the middle of an epoch, with images that grow."""
    stop(monkeypatch, after=1)
    grow = ["validation_size=4000", "size_schedule=0:16 0.5:32"]
    assert main([*SHORT, *grow]) == 130
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    folder = run_folder(tmp_path)
    assert checkpoint.load(folder)["step"] == 10
    assert main([f"resume={folder}", "epochs=2"]) == 0
    (result,) = results(tmp_path)
    assert [epoch["step"] for epoch in result["epochs"]] == [15, 30]


def test_a_checkpoint_that_does_not_know_its_images(tmp_path, capsys):
    """It can be evaluated, but nobody knows whether it may go on."""
    assert main(SHORT) == 0
    state = checkpoint.load(run_folder(tmp_path))
    del state["images"]
    checkpoint.save(tmp_path / "older", 7, state)
    assert main(["evaluate=older"]) == 0
    capsys.readouterr()
    assert main(["resume=older"]) == 1
    assert capsys.readouterr().err == (
        "older does not say which images it was trained on, so it cannot be resumed; "
        "begin anew with these weights: init=older\n"
    )


def test_what_is_no_checkpoint_of_a_run(tmp_path, capsys):
    assert main(SHORT) == 0
    state = checkpoint.load(run_folder(tmp_path))
    state["optimizers"] = []
    checkpoint.save(tmp_path / "other", 7, state)
    assert main(["resume=other"]) == 1
    assert capsys.readouterr().err == (
        "other is not the checkpoint of a run with these settings\n"
    )


# ## Evaluating again
def test_evaluate_agrees_with_the_run(tmp_path):
    assert main([*TINY, "ema_decay=0.9"]) == 0
    (result,) = results(tmp_path)
    evaluated = configure(parse([f"evaluate={run_folder(tmp_path)}"])).run()
    assert evaluated["accuracy"] == result["test"]["accuracy"]
    assert evaluated["accuracy_with_flip"] == result["test"]["accuracy_with_flip"]
    # The whole of it is in a file.
    file = run_folder(tmp_path) / "evaluation.json"
    written = json.loads(file.read_text())
    assert written["test"] == json.loads(json.dumps(evaluated))
    assert written["test"]["per_class"].keys() == set(written["classes"])
    assert written["step"] == 30


def test_evaluate_needs_nothing_but_the_checkpoint(tmp_path, capsys):
    assert main(SHORT) == 0
    place = f"evaluate={run_folder(tmp_path)}"
    for arguments in ([], ["preset=laptop"], ["dataset=synthetic"]):
        assert main([place, *arguments]) == 0
        assert "accuracy on 1,000 test images" in capsys.readouterr().out
    assert main([place, "model.d_model=32"]) == 1
    assert (
        "holds a different model than these settings build" in capsys.readouterr().err
    )


def test_a_checkpoint_of_another_experiment(tmp_path, capsys):
    arguments = ["dataset=synthetic", "epochs=1", "model.width=4", "size_schedule=0:12"]
    assert RESNET.main([*arguments, "validation_size=4500", "batch_size=64"]) == 0
    (place,) = tmp_path.glob("runs/resnet/*")
    capsys.readouterr()
    for option in ("evaluate", "resume"):
        assert main([f"{option}={place}"]) == 1
        shown = capsys.readouterr().err
        assert (
            "belongs to another experiment: labml_nn.transformers.vit.experiment has no"
            in shown
        )
        assert shown.count("\n") == 1
    assert RESNET.main([f"evaluate={place}"]) == 0


# ## Your own images
def own_images(folder, classes, count=8):
    """The synthetic set as folders, each class under a letter."""
    for split, seed in (("train", 0), ("test", 1)):
        images = synthetic(10 * count, seed)
        for number in range(classes):
            place = folder / split / "abcdefghij"[number]
            place.mkdir(parents=True)
            of_class = images.images[images.labels == number]
            for index, image in enumerate(of_class):
                to_pil_image(image).save(place / f"{index}.png")


def test_as_many_classes_as_there_are_folders(tmp_path, capsys):
    own_images(tmp_path / "three", 3)
    own_images(tmp_path / "two", 2)
    own = [*SHORT, "dataset=folder", "batch_size=8", "validation_size=4"]
    assert main([*own, "data_path=three"]) == 0
    (result,) = results(tmp_path)
    assert result["classes"] == ["a", "b", "c"]
    assert result["settings"]["model.n_classes"] == 3
    place = run_folder(tmp_path)
    assert main([f"evaluate={place}"]) == 0
    capsys.readouterr()

    assert main([*own, "data_path=two", "model.n_classes=3"]) == 1
    assert (
        "model.n_classes=3 does not match the 2 classes a, b" in capsys.readouterr().err
    )
    told = f"{place} was trained on the classes a, b, c, but the data set has a, b"
    anew = f"; begin anew with these weights: init={place}"
    for option, advice in (("evaluate", ""), ("resume", anew)):
        assert main([f"{option}={place}", "data_path=two"]) == 1
        assert capsys.readouterr().err == f"{told}{advice}\n"
    assert main([*own, "data_path=two", "validation_size=1000"]) == 1
    assert (
        "leaves none of 16 images to train on; try validation_size=1"
        in capsys.readouterr().err
    )

    tiny = ["dataset=folder", "data_path=three", "epochs=1", "model.width=4"]
    assert (
        RESNET.main([*tiny, "batch_size=8", "validation_size=4", "size_schedule=0:12"])
        == 0
    )


def test_a_run_tells_what_it_has_read(tmp_path, capsys):
    own_images(tmp_path / "few", 3)
    for number in range(7):
        (tmp_path / "few" / "train" / "b" / f"{number}.txt").touch()
    (tmp_path / "few" / "train" / "b" / "3.png").unlink()
    run = ["dataset=folder", "validation_size=2", "batch_size=8"]
    assert main([*SHORT, *run, "data_path=few"]) == 0
    shown = capsys.readouterr()
    assert (
        "train: 23 images, 8 a, 7 b, 8 c\ntest: 24 images, 8 a, 8 b, 8 c\n" in shown.out
    )
    assert shown.err == (
        "left out, because hidden or no image: train/b/0.txt, train/b/1.txt, "
        "train/b/2.txt, train/b/3.txt, train/b/4.txt and 2 more\n"
    )
    names = tuple(f"class {number}" for number in range(25))
    images = LabeledImages(torch.zeros(1026, 3, 1, 1), torch.arange(1026) % 25, names)
    cifar10.report(Splits(images, images.subset(torch.arange(100))))
    assert capsys.readouterr().out == (
        "train: 1,026 images, 41 to 42 for each of 25 classes\n"
        "test: 100 images, 4 for each of 25 classes\n"
    )


def test_a_small_folder_needs_no_settings(tmp_path, capsys):
    own_images(tmp_path / "small", 3)
    small = ["dataset=folder", "data_path=small", "model.n_layers=1", "epochs=2"]
    assert main(["preset=laptop", *small, "model.d_model=8", "model.d_ff=8"]) == 0
    assert capsys.readouterr().err == (
        "with 24 images to train on, validation_size=2 and batch_size=5\n"
    )
    (result,) = results(tmp_path)
    settings = result["settings"]
    assert (settings["validation_size"], settings["batch_size"]) == (2, 5)
    assert result["train_images"] == 22
    # The run knows what was decided.
    assert main([f"resume={run_folder(tmp_path)}"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("typed", "preset", "chosen"),
    [
        ({}, "laptop", {2: (0, 1), 40: (4, 9), 130: (13, 29), 2000: (200, 128), 5000: (1000, 128)}),
        ({"validation_size": 9}, "laptop", {40: (9, 7), 5000: (9, 128)}),
        ({"batch_size": 30}, "laptop", {40: (4, 30), 20: (2, 30)}),
        ({}, "record", {40: (0, 10), 50_000: (0, 512)}),
    ],
)  # fmt: skip
def test_what_a_preset_supposes_gives_way(typed, preset, chosen):
    for count, expected in chosen.items():
        c = configure({"preset": preset, "compile": False, **typed})
        cifar10.shrink(c, count)
        assert (c.validation_size, c.batch_size) == expected


def test_each_process_gets_a_part_of_a_small_batch(monkeypatch):
    monkeypatch.setattr(cifar10, "world_size", lambda: 4)
    for count, batch_size in ((60, 12), (9, 4)):
        c = configure({"preset": "laptop"})
        cifar10.shrink(c, count)
        assert c.batch_size == batch_size


def test_large_images_are_prepared_from_few(monkeypatch):
    prepared = []
    monkeypatch.setattr(
        Configs, "prepare", lambda _, images: prepared.append(images.shape)
    )
    monkeypatch.setattr(run_module, "SAMPLE_PIXELS", 40 * 32 * 32)
    images = synthetic(64, seed=0)
    large = torch.zeros(64, 3, 80, 80, dtype=torch.uint8)
    Run(configure(parse(SHORT)), images)
    Run(configure(parse([*SHORT, "image_size=80"])), images._replace(images=large))
    assert prepared == [(40, 3, 32, 32), (6, 3, 80, 80)]


def test_one_class_is_not_enough(tmp_path, capsys):
    own_images(tmp_path / "one", 1)
    assert main([*SHORT, "dataset=folder", "data_path=one", "batch_size=4"]) == 1
    shown = capsys.readouterr().err
    assert "class" in shown
    assert "diverged" not in shown
    assert shown.count("\n") == 1


# ## Several processes
def test_two_processes_compute_what_one_does(tmp_path, forks):
    settings = [
        *SHORT, "cutmix=1", "model.dropout=0.3", "model.drop_path=0.5", "skip_easy=0.5",
        "accumulation=2", "model.n_layers=2",
    ]  # fmt: skip
    assert main(settings) == 0
    one = weights(run_folder(tmp_path))
    status = forks.wait(forks.start(two_processes, settings))
    assert status == 0, (tmp_path / "errors").read_text()
    assert shown(tmp_path).count("epoch 1/1") == 1
    two = weights(run_folder(tmp_path))
    assert len(list(tmp_path.glob("runs/vit/*"))) == 2
    assert one.keys() == two.keys()
    for name, weight in one.items():
        torch.testing.assert_close(two[name], weight, atol=2e-3, rtol=2e-2)


def test_a_part_of_an_epoch_is_saved_for_all(monkeypatch):
    """The first process saves, so it must know what the others have seen."""
    run = Run(configure(parse([*SHORT, "skip_easy=0.5"])), synthetic(64, seed=0))
    run.epoch_sums = torch.tensor([4.0, 2.0])
    run.new_losses[:2] = torch.tensor([1.0, 0.0])
    others = iter([torch.tensor([2.0, 0.0]), torch.arange(64.0).clamp(max=2)])

    def all_reduce(mine, operation=distributed.dist.ReduceOp.SUM):
        theirs = next(others)
        largest = operation == distributed.dist.ReduceOp.MAX
        mine.copy_(torch.maximum(mine, theirs) if largest else mine + theirs)

    monkeypatch.setattr(distributed, "world_size", lambda: 2)
    monkeypatch.setattr(distributed.dist, "all_reduce", all_reduce)
    run.gather()
    state = run.state()
    assert state["epoch_sums"].tolist() == [3.0, 1.0]
    assert state["losses"][1][:4].tolist() == [1.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dataset=folder", "data_path=nosuch"], "there is no folder nosuch"),
        # Only the first process ever finds out.
        (["output=afile"], "cannot create a run in output=afile"),
    ],
)
def test_an_error_of_one_process_is_told_once(arguments, words, tmp_path):
    (tmp_path / "afile").touch()
    status, errors = together([*SHORT, *arguments], tmp_path)
    assert status == 1
    assert errors.count(words) == 1
    assert "Gloo" not in errors
    assert "Traceback" not in errors


def test_batch_norms_of_several_gpus_see_the_whole_batch():
    c = RESNET.configure({"dataset": "synthetic", "model.width": 4})
    model = distributed.with_synchronised_batch_norms(c.model)
    assert isinstance(model.layers[0].norm1, torch.nn.SyncBatchNorm)


# ## What a person sees
def test_the_time_that_is_left(monkeypatch, capsys):
    monkeypatch.setattr(progress, "on_terminal", lambda: True)
    c = configure(
        parse([*SHORT, "size_schedule=0:8 0.5:16", "epochs=4", "batch_size=16"])
    )
    run = Run(c, synthetic(64, seed=0))
    clock = iter([100.0, 110.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    bar = progress.ProgressBar(0, 4, 0, run.work, 16)
    bar.show(2, 2.25, 0.125)
    # Two steps took ten seconds. Six more like them are left of the first half, and of
    # the second eight with four times the pixels.
    left = 10 / 2 * (6 + 8 * 4)
    shown = capsys.readouterr().out
    assert shown.endswith(f"about {progress.minutes(left)} left")
    assert (
        "epoch 1/4 [##########          ] loss 2.250  accuracy 12.5%  3 images/s"
        in shown
    )


def test_a_terminal_shows_that_images_are_read(monkeypatch, capsys):
    monkeypatch.setattr(progress.sys.stdout, "isatty", lambda: True, raising=False)
    assert main(SHORT) == 0
    shown = capsys.readouterr().out
    assert "Read the images" in shown
    assert "LABML" not in shown
    assert re.search(
        r"\[#+ *\] loss \S+  accuracy \S+  \S+ images/s  about 0:00 left", shown
    )
