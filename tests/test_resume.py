"""A run that stops, is killed or loses a checkpoint ends with the bits of one that never stopped."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, fields, replace
from itertools import pairwise
from pathlib import Path

import pytest

from dragoman.errors import CheckpointError

torch = pytest.importorskip("torch")
from dragoman.train import checkpoint  # noqa: E402  (only where torch is)
from dragoman.train import loop as loops  # noqa: E402
from dragoman.train.progress import Progress  # noqa: E402
from tiny_runs import CONFIG, OPTIONS, TIMES, Listener, journal, make_bench, same_bits, weights_of  # noqa: E402

BAD_STEP = 5  # its gradient is not finite, so that a run has something in every counter


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return make_bench(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(autouse=True)
def every_step_in_the_journal(monkeypatch):
    monkeypatch.setattr(loops, "LOG_EVERY", 1)


def run(bench, folder, stop_after=None, **settings):
    """A run from its beginning or its checkpoint; with dropout of both kinds, smoothing, accumulation, averaging."""
    listener = Listener(stop_after=stop_after)
    loop = bench.loop(folder, listener, film=True, **settings)

    def spoil(gradient):
        return gradient * torch.nan if loop.progress.step + 1 == BAD_STEP else gradient

    next(iter(loop.model.parameters())).register_hook(spoil)
    assert loop.run() == ("finished" if loop.progress.step == OPTIONS.steps else "interrupted")
    return loop, listener


def trace(loop):
    """Everything that a run leaves but times; the mean of the weights as its sums."""
    return {
        "weights": weights_of(loop.model),
        "sums": loop.average.sums,
        "moments": {
            f"{name}.{key}": moment
            for name, value in loop.model.named_parameters()
            for key, moment in loop.optimizer.state[value].items()
        },
        "progress": {name: value for name, value in asdict(loop.progress).items() if name not in TIMES},
        "journal": journal(loop.folder),
        "snapshots": {path.name: path.read_bytes() for path in (loop.folder / "snapshots").iterdir()},
    }


def differences(one, other):
    """The parts of two traces that are not the same to the last bit."""
    parts = {"weights", "sums", "moments"}
    return {
        part for part in one if not (same_bits(one[part], other[part]) if part in parts else one[part] == other[part])
    }


@pytest.fixture(scope="module")
def unbroken(bench, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "LOG_EVERY", 1)
        loop, listener = run(bench, tmp_path_factory.mktemp("unbroken"))
        return trace(loop), listener.kept


def last_of_an_epoch(unbroken) -> int:
    """A step whose batches end their epoch."""
    steps = [event for event in unbroken[0]["journal"] if event["kind"] == "step"]
    return next(a["step"] for a, b in pairwise(steps) if b["epoch"] > a["epoch"] > 0)


def test_the_run_has_what_could_be_lost(unbroken):
    found, kept = unbroken
    progress = found["progress"]
    assert progress["epoch"] >= 2 and progress["batch"] > 0 and progress["averaged"] == 12
    assert progress["skipped"] == 1 and progress["validations"] == 4 and len(found["snapshots"]) == 11 and kept


# The first step, a step that was left out, a validation, the average's beginning, its middle, the last but one.
@pytest.mark.parametrize("stops", [(1,), (5,), (6,), (12,), (23,), (2, 3, 4), (13, 17, 20)])
def test_a_stopped_run_ends_with_the_same_bits(bench, unbroken, tmp_path, stops):
    wanted, wanted_kept = unbroken
    kept = []
    for stop in (*stops, None):
        loop, listener = run(bench, tmp_path, stop)
        kept += listener.kept
        assert loop.progress.step == (stop or OPTIONS.steps)
    assert differences(trace(loop), wanted) == set()
    assert [step for step, _ in kept] == [step for step, _ in wanted_kept]
    assert all(same_bits(one, other) for (_, one), (_, other) in zip(kept, wanted_kept, strict=True))


def test_a_stop_before_the_first_step_at_an_epoch_s_end_and_after_the_last_step(bench, unbroken, tmp_path):
    wanted, _ = unbroken
    for stop in (0, 0, last_of_an_epoch(unbroken), None, None):
        loop, _ = run(bench, tmp_path, stop)
    assert differences(trace(loop), wanted) == set()


def test_a_stopped_run_of_the_other_optimizer_ends_with_the_same_bits(bench, tmp_path):
    other = "adamw" if OPTIONS.optimizer == "muon" else "muon"
    loops_ = [run(bench, tmp_path / "unbroken", optimizer=other)[0]]
    for stop in (5, 13, None):
        loops_.append(run(bench, tmp_path / "stopped", stop, optimizer=other)[0])
    assert differences(trace(loops_[0]), trace(loops_[-1])) == set()


def test_saving_at_every_step_changes_nothing(bench, unbroken, tmp_path, monkeypatch):
    monkeypatch.setattr(loops, "SAVE_SECONDS", -1.0)
    loop, _ = run(bench, tmp_path)
    assert differences(trace(loop), unbroken[0]) == set()
    assert len(list((tmp_path / "checkpoints").iterdir())) == checkpoint.KEPT


STOP = 15


@pytest.fixture(scope="module")
def stopped(bench, tmp_path_factory):
    """A run that has stopped; only copies of it go on."""
    folder = tmp_path_factory.mktemp("stopped") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "LOG_EVERY", 1)
        run(bench, folder, STOP)
    return folder


def spoiled(bench, stopped, folder, spoil):
    """A run that stops, whose checkpoint loses something, and that goes on."""
    shutil.copytree(stopped, folder, dirs_exist_ok=True)
    found = checkpoint.newest(folder / "checkpoints")
    tensors, state = dict(found.tensors), dict(found.state)
    spoil(tensors, state)
    checkpoint.write(folder / "checkpoints", STOP, tensors, state)
    return trace(run(bench, folder)[0])


def test_a_checkpoint_that_is_written_anew_changes_nothing(bench, unbroken, stopped, tmp_path):
    assert differences(spoiled(bench, stopped, tmp_path, lambda tensors, state: None), unbroken[0]) == set()


def zero(beginning):
    def spoil(tensors, state):
        for name in tensors:
            if name.startswith(beginning):
                tensors[name] = torch.zeros_like(tensors[name])

    return spoil


def without_moments(tensors, state):
    for name in [name for name in tensors if name.startswith("optimizer.")]:
        del tensors[name]


CONTROLS = {
    "all_moments": (without_moments, "weights"),
    "momentum": (zero("optimizer.momentum."), "weights"),  # of Muon, which has the matrices
    "first_moments": (zero("optimizer.exp_avg."), "weights"),
    "second_moments": (zero("optimizer.exp_avg_sq."), "weights"),
    "adam_counts": (zero("optimizer.step."), "weights"),
    "sums": (zero("sums."), "sums"),
    "one_weight": (zero("weights.encoder.norm.bias"), "weights"),
}


@pytest.mark.parametrize("control", CONTROLS)
def test_a_checkpoint_without_a_tensor_is_noticed(bench, unbroken, stopped, tmp_path, control):
    spoil, part = CONTROLS[control]
    assert part in differences(spoiled(bench, stopped, tmp_path, spoil), unbroken[0])


WEIGHED = {"step", "epoch", "batch"}  # what the weights hang on
UNSEEN = {"seconds", "total", "skipped_in_a_row"}  # see test_loop.py: minutes, and ten in a row over a stop


@pytest.mark.parametrize("name", [field.name for field in fields(Progress) if field.name not in UNSEEN])
def test_a_checkpoint_without_a_number_is_noticed(bench, unbroken, stopped, tmp_path, name):
    """For each the run goes on as if it had been forgotten."""
    default = asdict(Progress())[name]
    if name == "validated":  # forgotten, the validation of the very step would come again: it is not one here
        default = STOP + OPTIONS.validate_every - STOP % OPTIONS.validate_every
    found = differences(spoiled(bench, stopped, tmp_path, lambda _, state: state.update({name: default})), unbroken[0])
    assert ("weights" in found) if name in WEIGHED else found


@pytest.mark.parametrize("damaged", [1, 2])
def test_a_damaged_checkpoint_is_said_and_the_one_before_gives_the_same_bits(
    bench, unbroken, tmp_path, monkeypatch, damaged
):
    monkeypatch.setattr(loops, "SAVE_SECONDS", -1.0)
    run(bench, tmp_path, 14)
    older, newest = sorted((tmp_path / "checkpoints").iterdir())
    for path in (newest, older)[:damaged]:
        (path / "tensors.safetensors").write_bytes(b"x" * 100)
    if damaged == 2:
        with pytest.raises(CheckpointError, match="no checkpoint is whole"):
            bench.loop(tmp_path)
        return
    loop = bench.loop(tmp_path)
    assert loop.progress.step == 13 and len(loop.notes) == 1
    assert newest.name in loop.notes[0] and "damaged" in loop.notes[0]
    loop, _ = run(bench, tmp_path)
    assert differences(trace(loop), unbroken[0]) == set()


def test_the_checkpoint_of_another_model_is_refused_with_words(bench, tmp_path):
    run(bench, tmp_path, 2)
    for other in (replace(CONFIG, encoder_layers=2), replace(CONFIG, d_model=16), replace(CONFIG, feed_forward=13)):
        with pytest.raises(CheckpointError, match=r"of another model: .*choose another --out"):
            bench.loop(tmp_path, config=other)


def killed(folder: Path, *arguments: str) -> list[dict]:
    """What `killed_runs.py` found in a process of its own, which forks and kills its children."""
    script = Path(__file__).with_name("killed_runs.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_kill_in_the_writing_of_a_checkpoint_loses_at_most_the_last_step(tmp_path):
    found = killed(tmp_path, "write", "5")
    assert len(found) >= 6 and all(trial["killed"] for trial in found)
    assert [trial for trial in found if not trial["same"] or trial["lost"] > 1] == []


@pytest.mark.slow
def test_a_kill_at_each_point_of_the_writing_of_a_checkpoint_loses_at_most_the_last_step(tmp_path):
    found = killed(tmp_path, "write", "1")
    assert len(found) >= 32 and all(trial["killed"] for trial in found)
    assert [trial for trial in found if not trial["same"] or trial["lost"] > 1] == []


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_at_most_the_last_step(tmp_path):
    found = killed(tmp_path, "anywhere", "100")
    assert sum(trial["killed"] for trial in found) > 30  # a busy machine is slower when it measures, or faster
    assert [trial for trial in found if not trial["same"] or trial["lost"] > 1] == []
