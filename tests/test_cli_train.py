"""`dragoman train`: what it makes and says, and how it goes on after every way of being stopped."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dragoman.bundle import load, verify
from dragoman.cli import run
from dragoman.cli.display import Display
from dragoman.errors import CheckpointError
from dragoman.train.journal import Journal
from trained_model import SHORT, SIZES, WIDER, Training, command, dragoman, environment, trained, write_corpus

__all__ = ["trained"]

LONG = (*SIZES, "--steps", "1000000", "--set", "train.validate_every=40")


@pytest.fixture(autouse=True)
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments that name a corpus; caches stay in the test's own folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return write_corpus(tmp_path)


def weights(folder: Path) -> bytes:
    return (folder / "weights.safetensors").read_bytes()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below, but the lock, which names a process."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def interrupted(number: signal.Signals, arguments: Sequence[str | Path], step: int) -> int:
    """Train in this process, which sends itself the signal when it writes of a step not seen before, from `step` on."""
    metrics = Path(arguments[list(arguments).index("--out") + 1]) / "training" / "metrics.jsonl"
    lines = metrics.read_text().split("\n")[:-1] if metrics.exists() else []
    awaited = max(step, 1 + max((json.loads(line)["step"] for line in lines), default=0))
    write, sent = Journal.write, []

    def writing(journal: Journal, event: dict[str, Any]) -> None:
        write(journal, event)
        if not sent and event.get("step", 0) >= awaited:
            sent.append(event)
            os.kill(os.getpid(), number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "write", writing)
        return run(["train", *map(str, arguments)])


def test_what_a_run_leaves(trained):
    model = trained / "m"
    names = {path.name for path in model.iterdir()}
    assert names == {"manifest.json", "config.json", "tokenizer.json", "weights.safetensors", "card.md", "training"}
    assert verify(model) == []
    found = load(model)
    assert found.provenance["trained"]["step"] == 300 and found.alignment_heads
    assert "95 of" not in found.card and "100 of 100 sentence pairs" in found.card
    steps = [json.loads(line) for line in (model / "training" / "metrics.jsonl").read_text().splitlines()]
    assert {"step", "validation"} == {event["kind"] for event in steps}
    assert not [path for path in model.rglob("*") if path.name.endswith(".tmp")]


def test_notes_stand_on_stderr_alone(corpus, tmp_path, capsys):
    assert run(["train", *corpus, "--out", str(tmp_path / "m"), *SIZES, *SHORT]) == 0
    found = capsys.readouterr()
    assert found.out == ""
    for words in ("100 pairs, 100 usable", "5 pairs are kept out", "step 1/3", "validation loss", "is done"):
        assert words in found.err


def test_without_a_length_it_is_half_an_hour_and_says_so(corpus, tmp_path, capsys):
    assert interrupted(signal.SIGINT, [*corpus, "--out", tmp_path / "m", *SIZES], step=20) == 130
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "training for 30 minutes; write --minutes M or --steps N for another length"
    assert json.loads((tmp_path / "m/training/run.json").read_text())["recipe"]["train"]["minutes"] == 30


def test_the_same_command_after_the_end_says_so_and_changes_nothing(trained, tmp_path, capsys):
    shutil.copytree(trained / "m", tmp_path / "m")
    before = contents(tmp_path / "m")
    recipe = json.loads((tmp_path / "m/training/run.json").read_text())["recipe"]
    data = ["--source", recipe["data"]["source"], "--target", recipe["data"]["target"]]
    again = ["train", *data, "--out", str(tmp_path / "m"), "--preset", "pocket", "--steps", "300"]
    for table, name in (
        ("tokenizer", "vocab_size"), ("model", "d_model"), ("train", "rate"), ("train", "warmup"),
        ("train", "validate_every"),
    ):  # fmt: skip
        again += ["--set", f"{table}.{name}={recipe[table][name]}"]
    assert run(again) == 0
    assert "is done: finished at step 300" in capsys.readouterr().err
    assert contents(tmp_path / "m") == before


def test_sigint_saves_and_the_same_command_ends_as_if_never_stopped(corpus, tmp_path, capsys):
    arguments = [*corpus, *SIZES, "--steps", "120", "--set", "train.validate_every=20"]
    assert run(["train", *arguments, "--out", str(tmp_path / "straight")]) == 0  # all in this process, so with
    capsys.readouterr()  # the same number of threads: equal bits are promised for that alone
    assert interrupted(signal.SIGINT, [*arguments, "--out", tmp_path / "stopped"], step=20) == 130
    *_, last = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"saved at step \d+; the same command goes on from there", last)
    assert verify(tmp_path / "stopped") == []
    assert run(["train", *arguments, "--out", str(tmp_path / "stopped")]) == 0
    assert "going on from step" in capsys.readouterr().err
    assert weights(tmp_path / "stopped") == weights(tmp_path / "straight")


@pytest.mark.slow
def test_a_killed_run_ends_as_if_never_killed(corpus, tmp_path):
    arguments = [*corpus, *SIZES, "--steps", "60", "--set", "train.validate_every=20"]
    assert dragoman("train", *arguments, "--out", tmp_path / "straight").returncode == 0
    with Training([*arguments, "--out", tmp_path / "killed"]) as training:
        training.wait_for("step 20:")  # a model is kept, and there is no checkpoint yet
        training.process.kill()
        assert training.end() == -signal.SIGKILL
    assert verify(tmp_path / "killed") == []
    assert dragoman("train", *arguments, "--out", tmp_path / "killed").returncode == 0
    assert weights(tmp_path / "killed") == weights(tmp_path / "straight")


def test_sigterm_saves_and_has_its_own_status(corpus, tmp_path, capsys):
    assert interrupted(signal.SIGTERM, [*corpus, "--out", tmp_path / "m", *LONG], step=40) == 143
    assert list((tmp_path / "m/training/checkpoints").glob("step-*")) and "saved at step" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGUSR1, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)])
def test_sigusr1_and_sighup_save_and_go_on(corpus, tmp_path, number, capsys):
    arguments = [*corpus, "--out", str(tmp_path / "m"), *SIZES, "--steps", "60", "--set", "train.validate_every=10"]
    assert interrupted(number, arguments, step=10) == 0
    first, *_ = sorted((tmp_path / "m/training/checkpoints").glob("step-*"))
    assert 10 <= int(first.name[5:]) < 60 and "saved at" not in capsys.readouterr().err


@pytest.mark.slow
def test_a_second_signal_ends_a_run_at_once(corpus, tmp_path):
    with Training([*corpus, "--out", tmp_path / "m", *LONG]) as training:
        training.wait_for("step 40:")
        training.process.send_signal(signal.SIGSTOP)  # both are waiting when it wakes up
        training.process.send_signal(signal.SIGINT)
        training.process.send_signal(signal.SIGTERM)
        training.process.send_signal(signal.SIGCONT)
        assert training.end() in (130, 143)
        assert not any(line.startswith("saved") for line in training.lines)
        assert training.lines[-1].startswith("stopped at once; what came after the last save is lost")
    assert verify(tmp_path / "m") == []


def test_a_signal_before_training_leaves_nothing(corpus, tmp_path, capsys):
    text = "".join(f"{number} a line of some length for a corpus\n" for number in range(200_000))
    for name in ("train.en", "train.de"):
        (tmp_path / name).write_text(text.replace("corpus", name), encoding="utf-8")
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    status = run(["train", *corpus, "--out", str(tmp_path / "new" / "m"), *SIZES, *SHORT])
    timer.join()
    assert (status, capsys.readouterr().err) == (143, "stopped before a step was made; the same command begins again\n")
    assert not (tmp_path / "new").exists()


def test_a_second_process_is_refused_by_name_and_a_dead_one_s_lock_is_taken_over(corpus, tmp_path, capsys):
    arguments = [*corpus, "--out", str(tmp_path / "m"), *LONG]
    with Training(arguments) as training:
        training.wait_for("step 40:")
        assert run(["train", *arguments]) == 2
        said = capsys.readouterr().err
        assert f"in use by process {training.process.pid};" in said and said.count("\n") == 1
        training.process.kill()
        training.end()
    assert interrupted(signal.SIGINT, arguments, step=40) == 130


@pytest.mark.slow
def test_the_folder_is_a_whole_model_at_every_moment(corpus, tmp_path):
    loaded = 0
    often = ["--steps", "120", "--set", "train.validate_every=3"]
    with Training([*corpus, "--out", tmp_path / "m", *SIZES, *WIDER, *often]) as training:
        while not (tmp_path / "m/manifest.json").exists():
            assert training.process.poll() is None
            time.sleep(0.005)
        steps = set()
        while training.process.poll() is None:
            steps.add(load(tmp_path / "m").provenance.get("trained", {}).get("step", 0))
            loaded += 1
    assert loaded > 20 and len(steps) > 2


@pytest.mark.parametrize(
    "part",
    [
        "tensors.safetensors",
        pytest.param("state.json", marks=pytest.mark.slow),
        pytest.param("manifest.json", marks=pytest.mark.slow),
    ],
)
def test_a_damaged_checkpoint_is_named_and_the_one_before_is_taken(corpus, tmp_path, part, capsys):
    arguments = [*corpus, "--out", str(tmp_path / "m"), *LONG]
    for step in (40, 80):
        assert interrupted(signal.SIGINT, arguments, step) == 130
    older, newer = sorted((tmp_path / "m/training/checkpoints").glob("step-*"))
    data = (newer / part).read_bytes()
    (newer / part).write_bytes(data[: len(data) // 2])
    capsys.readouterr()
    assert interrupted(signal.SIGINT, arguments, step=40) == 130
    said = capsys.readouterr().err.splitlines()
    assert any(f"{newer.name}/{part}" in line and "damaged" in line for line in said)
    assert f"going on from step {int(older.name[5:]):,}" in said


@pytest.mark.slow
def test_odd_places_and_surroundings(tmp_path):
    folder = tmp_path / "ein Ordner mit Umlaut äöü 🙂" / ("long " * 20)
    folder.mkdir(parents=True)
    corpus = write_corpus(folder)
    for at, more in enumerate(({"LC_ALL": "C"}, {"PYTHONHASHSEED": "7", "TZ": "Asia/Kolkata"})):
        out = folder / f"m {at}"
        surroundings = {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere", **more}
        done = dragoman("train", *corpus, "--out", out, *SIZES, *SHORT, **surroundings)
        assert done.returncode == 0, done.stderr.decode()
        assert b"Traceback" not in done.stderr and verify(out) == []
    assert weights(folder / "m 0") == weights(folder / "m 1")


def screen(arguments: list[str], until: str, width: int = 90) -> str:
    """Run the command on a terminal of its own until it has shown these words; return all that it wrote."""
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(arguments[0], arguments, environment(TERM="xterm-256color", COLUMNS=str(width), LINES="24"))
    written = b""
    try:
        while until.encode() not in written:
            try:
                written += os.read(terminal, 65536)
            except OSError:  # it has ended
                break
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)
    return written.decode(errors="replace")


@pytest.mark.slow
def test_a_terminal_shows_progress_and_a_sentence_that_improves(corpus, tmp_path):
    faster = ["--set", "train.validate_every=10", "--set", "model.d_model=16", "--set", "train.rate=0.02"]
    written = screen(command("train", *corpus, "--out", tmp_path / "m", *SIZES, "--steps", "60", *faster), "is done")
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written)
    for words in (
        "step 30/60",
        "loss ",
        "tokens/s",
        "left",
        "validation loss",
        "chrF",
        "source",
        "reference",
        "step 10 ",
    ):
        assert words in shown, words
    last = shown.rindex("reference")
    panel = shown[shown.rindex("training", 0, last) :].split("is done")[0].replace("\r", "").split("\n")
    assert len(panel) <= 16 and max(map(len, panel)) <= 90


@pytest.mark.slow
def test_what_shows_a_run_may_vanish(corpus, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    arguments = command("train", *corpus, "--out", tmp_path / "m", *SIZES, *SHORT)
    done = subprocess.run(arguments, stderr=writer, env=environment(), timeout=120, check=False)
    os.close(writer)
    assert done.returncode == 0 and verify(tmp_path / "m") == []


def test_letters_that_a_terminal_obeys_are_not_shown(capsys):
    display = Display()
    sample = {"source": "a\x1b[2Jb", "reference": "c", "output": "d\x07\r\x9be\u202ef"}
    event = {"kind": "validation", "step": 1, "loss": 1.0, "chrf": 2.0, "best_step": 1, "samples": [sample]}
    display.watch(event)
    said = capsys.readouterr().err
    assert "d\ufffd\ufffd\ufffde\ufffdf" in said and "\x1b" not in said and said.count("\n") == 2


def test_notes_are_held_back_until_a_run_is_sure_to_begin(capsys):
    display = Display()
    with pytest.raises(CheckpointError), display.preparing(["first"]):
        display.note("second")
        raise CheckpointError("damaged")
    assert capsys.readouterr().err == ""
    with display.preparing(["first"]):
        display.note("second")
    assert capsys.readouterr().err == "first\nsecond\n"


def test_a_second_corpus_is_mixed_in_and_named(corpus, tmp_path, capsys):
    (tmp_path / "more").mkdir()
    more = write_corpus(tmp_path / "more", count=40)
    table = f'{{source = "{more[1]}", target = "{more[3]}", weight = 0.5}}'
    mixed = ["train", *corpus, "--out", str(tmp_path / "m"), *SIZES, *SHORT, "--set", f"data.more=[{table}]"]
    assert run(mixed) == 0
    said = capsys.readouterr().err
    assert "100 pairs, 100 usable" in said and "40 pairs, 40 usable" in said
    known = load(tmp_path / "m").provenance
    assert known["data"]["usable"] == 140 and len(known["data"]["sha256"]) == 4
    assert known["recipe"]["data"]["more"][0]["weight"] == 0.5
    assert run(mixed) == 0  # the same command finds the same run
    Path(more[1]).write_text(Path(more[1]).read_text(encoding="utf-8").replace("cat", "cow"), encoding="utf-8")
    capsys.readouterr()
    assert run(mixed) == 2 and "has changed since" in capsys.readouterr().err
    assert run([*mixed[:-1], "data.more=[{sauce=1}]"]) == 2
    assert "did you mean data.more.source?" in capsys.readouterr().err


def test_whose_the_data_are_stands_on_the_card(corpus, tmp_path):
    said = "Pairs by A. Writer, CC BY 4.0."
    assert (
        run(["train", *corpus, "--out", str(tmp_path / "m"), *SIZES, *SHORT, "--set", f"data.attribution={said}"]) == 0
    )
    assert f"\n{said}\n" in load(tmp_path / "m").card and "write it here" not in load(tmp_path / "m").card
