"""`dragoman plan`: its facts against the run's own, what it says, what it refuses, and that it leaves nothing."""

import json
import os
import pty
from pathlib import Path

import numpy as np
import pytest

from dragoman.bundle import load
from dragoman.cli import run
from dragoman.train import rehearsal
from trained_model import SIZES, trained, write_corpus

__all__ = ["trained"]


@pytest.fixture(autouse=True)
def short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rehearsal of a moment; caches stay in the test's own folder."""
    monkeypatch.setattr(rehearsal, "SECONDS", 0.2)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def corpus(tmp_path: Path) -> list[str]:
    return write_corpus(tmp_path)


def facts(capsys, *arguments: str) -> dict:
    assert run(["plan", *arguments, "--json"]) == 0
    found: dict = json.loads(capsys.readouterr().out)
    return found


def test_the_facts_of_a_plan(corpus, capsys):
    found = facts(capsys, *corpus, *SIZES, "--steps", "50", "--set", "train.accumulate=2", "--epochs", "3")
    data, batches, time = found["data"], found["batches"], found["time"]
    assert (data["pairs"], data["trained"], data["held_out"]) == (100, 95, 5)
    assert sum(v for k, v in found["parameters"].items() if k != "total") == found["parameters"]["total"]
    work = found["work"]
    assert work["attention"] + work["feed_forward"] + work["output"] == pytest.approx(1, abs=2e-4)
    assert 0 < work["attention_maps"] < work["attention"] and work["in_training"] > work["multiply_adds_a_piece"]
    assert 0 <= batches["padding"] < 1 and batches["steps_an_epoch"] == batches["an_epoch"] / 2
    assert time["steps"] == 50 and time["epochs_in_it"] == pytest.approx(50 / batches["steps_an_epoch"])
    assert 0 < time["an_epoch"] < time["of_epochs"] and time["seconds"] > found["speed"]["preparing_seconds"]
    assert found["memory"]["parts"]["so_far"] <= found["memory"]["needed"] <= found["memory"]["there"]


def test_it_plans_the_model_that_train_makes(trained, capsys):
    model = load(trained / "m")
    recipe = model.provenance["recipe"]
    data = ["--source", recipe["data"]["source"], "--target", recipe["data"]["target"]]
    settings = [f"--set=model.d_model={recipe['model']['d_model']}"]
    found = facts(capsys, *data, *SIZES, *settings, "--steps", "300")
    assert found["parameters"]["total"] == sum(weight.size for weight in model.weights.values())
    assert found["vocabulary"]["source"] == model.source_tokenizer.vocab_size


def test_an_epoch_of_the_plan_is_an_epoch_of_the_run(trained, capsys):
    trained_on = load(trained / "m").provenance["trained"]
    recipe = load(trained / "m").provenance["recipe"]
    data = ["--source", recipe["data"]["source"], "--target", recipe["data"]["target"]]
    found = facts(capsys, *data, *SIZES, "--set=model.d_model=16", "--steps", "300")
    assert found["batches"]["tokens_an_epoch"] * found["time"]["epochs_in_it"] == trained_on["tokens"]
    assert np.ceil(found["time"]["epochs_in_it"]) == trained_on["epoch"]


def test_minutes_become_steps(corpus, capsys):
    few, many = (facts(capsys, *corpus, *SIZES, "--minutes", minutes)["time"] for minutes in ("1", "100"))
    assert 0 < few["steps"] < many["steps"] and (few["seconds"], many["seconds"]) == (60, 6000)


def test_it_writes_nothing_but_the_cache(corpus, tmp_path, capsys):
    before = {path for path in tmp_path.rglob("*") if "cache" not in path.parts}
    facts(capsys, *corpus, *SIZES, "--out", str(tmp_path / "m"), "--steps", "5")
    assert {path for path in tmp_path.rglob("*") if "cache" not in path.parts} == before
    (kept,) = (tmp_path / "cache/dragoman/pairs").iterdir()
    assert run(["train", *corpus, *SIZES, "--out", str(tmp_path / "m"), "--steps", "2"]) == 0
    assert list((tmp_path / "cache/dragoman/pairs").iterdir()) == [kept]  # it found what the plan had made


def test_in_a_pipe_it_is_plain_and_notes_stand_on_stderr(corpus, capsys):
    assert run(["plan", *corpus, *SIZES]) == 0
    found = capsys.readouterr()
    assert found.err.startswith("planning for 30 minutes; write --minutes M or --steps N for another length\n")
    for words in ("vocabulary", "padding", "multiply-adds a piece", "decoder cross-attention", "pieces a second",
                  "10 epochs", "30 minutes see every pair"):  # fmt: skip
        assert words in found.out
    assert "\x1b" not in found.out and all(line == line.rstrip() for line in found.out.splitlines())


def test_on_a_terminal_it_is_a_table(corpus, monkeypatch):
    from dragoman.cli.plan_table import Line, show

    master, slave = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr("sys.stdout", terminal)
        show([Line("time"), Line("  an epoch", "82 s", "every pair once")])
    seen = os.read(master, 4096).decode()
    os.close(master)
    assert "\x1b[1m" in seen and "82 s" in seen


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "model.d_model=60000", "--set", "model.encoder_layers=99"], "choose a smaller --preset, such as "),
        (["--set", "model.d_model=10", "--set", "model.heads=4"], "does not split into heads=4"),
        (["--set", "train.batch_tokens=1"], "train.batch_tokens=1 has no room for the pair at "),
        (["--epochs", "0"], "--epochs 0: "),
    ],
)
def test_it_refuses_what_train_refuses(corpus, tmp_path, arguments, words, capsys):
    assert run(["plan", *corpus, *SIZES, "--out", str(tmp_path / "m"), *arguments]) == 2
    found = capsys.readouterr()
    assert found.out == "" and found.err.count("\n") == 1 and words in found.err
    assert not (tmp_path / "m").exists()


@pytest.mark.slow
def test_a_batch_that_no_machine_holds_is_refused_by_both(tmp_path, capsys):
    for name, letters in (("train.en", "a b c d e f g h"), ("train.de", "i j k l m n o p")):
        (tmp_path / name).write_text("".join(f"{n} {' '.join([letters] * 25)}\n" for n in range(1500)))
    large = ["--preset=pocket", "--set=model.d_model=256", "--set=model.heads=128", "--set=tokenizer.vocab_size=300"]
    large += ["--set=train.batch_tokens=1000000", f"--source={tmp_path / 'train.en'}"]
    large += [f"--target={tmp_path / 'train.de'}", "--steps=2"]
    for command in (["plan"], ["train", f"--out={tmp_path / 'm'}"]):
        assert run([*command, *large]) == 2
        (said,) = capsys.readouterr().err.splitlines()
        assert "train.batch_tokens=1000000 needs " in said and "write --set train.batch_tokens=" in said
    assert not (tmp_path / "m").exists()
