"""Checkpoints: what is read is what was written, damage is found, and a full disk leaves the older one whole."""

import json
import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from dragoman.errors import CheckpointError

torch = pytest.importorskip("torch")
from dragoman.train import checkpoint  # noqa: E402  (only where torch is)
from dragoman.train.journal import Journal  # noqa: E402

FILES = ("tensors.safetensors", "state.json", "manifest.json")


def tensors(step):
    generator = torch.Generator().manual_seed(step)
    return {
        "weights.a": torch.randn(7, 5, generator=generator),
        "weights.b": torch.randn(5, 7, generator=generator).T,  # not contiguous
        "optimizer.step.a": torch.tensor(float(step)),
        "empty": torch.zeros(0, 3),
    }


def written(folder, *steps):
    return [checkpoint.write(folder, step, tensors(step), {"step": step, "best": None, "x": 0.1}) for step in steps]


def assert_is(found, step):
    assert found is not None and found.state == {"step": step, "best": None, "x": 0.1}
    assert found.tensors.keys() == tensors(step).keys()
    assert all(torch.equal(value, tensors(step)[name]) for name, value in found.tensors.items())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_is_read_is_what_was_written(tmp_path):
    assert checkpoint.newest(tmp_path / "none") is None
    written(tmp_path / "deep" / "er", 12)
    found = checkpoint.newest(tmp_path / "deep" / "er")
    assert_is(found, 12)
    assert found.notes == ()


def test_two_are_kept_and_the_newest_is_read(tmp_path):
    written(tmp_path, 0, 2, 10, 100, 100_000_000)
    assert names(tmp_path) == ["step-00000100", "step-100000000"]
    assert_is(checkpoint.newest(tmp_path), 100_000_000)


def test_the_same_step_can_be_written_again(tmp_path):
    written(tmp_path, 1, 2, 2, 2)
    assert names(tmp_path) == ["step-00000001", "step-00000002"]
    checkpoint.write(tmp_path, 2, tensors(3), {"step": 2, "best": 1.5})
    assert checkpoint.newest(tmp_path).state == {"step": 2, "best": 1.5}


def test_a_kill_while_the_same_step_is_written_again_loses_nothing(tmp_path):
    """The older stands aside as `.before`; each moment between the renames is read right."""
    (path,) = written(tmp_path, 2)
    path.rename(tmp_path / "step-00000002.before")  # killed after the first rename
    assert_is(checkpoint.newest(tmp_path), 2)
    checkpoint.write(tmp_path, 2, tensors(2), {"step": 2, "new": True})
    assert names(tmp_path) == ["step-00000002"]
    shutil.copytree(path, tmp_path / "step-00000002.before")  # killed before the older one was removed
    assert checkpoint.newest(tmp_path).state == {"step": 2, "new": True}
    written(tmp_path, 2)
    assert names(tmp_path) == ["step-00000002"]


def test_what_killed_runs_left_is_not_read_and_goes_with_the_next_one(tmp_path):
    written(tmp_path, 1)
    shutil.copytree(tmp_path / "step-00000001", tmp_path / ".step-00000009.tmp")
    assert_is(checkpoint.newest(tmp_path), 1)
    written(tmp_path, 2)
    assert names(tmp_path) == ["step-00000001", "step-00000002"]


def test_a_damaged_one_takes_no_place_once_the_run_is_going_on(tmp_path):
    path = written(tmp_path, 1, 5, 9)[-1]
    (path / "state.json").unlink()
    assert_is(checkpoint.newest(tmp_path), 5)
    written(tmp_path, 6)
    assert names(tmp_path) == ["step-00000005", "step-00000006"]


def cut(keep):
    return lambda path: path.write_bytes(path.read_bytes()[: keep(path.stat().st_size)])


def zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = {
    "empty": cut(lambda size: 0),
    "half": cut(lambda size: size // 2),
    "one_byte_short": cut(lambda size: size - 1),
    "one_byte_more": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "zeros": zeros,
    "missing": Path.unlink,
    "a_folder": as_folder,
    "a_dead_link": lambda path: (path.unlink(), path.symlink_to(path.parent / "nowhere")),
    "of_the_older": lambda path: shutil.copy(path.parent.parent / "step-00000001" / path.name, path),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_newest_is_named_and_the_older_one_read(tmp_path, name, damage):
    _, newest = written(tmp_path, 1, 2)
    DAMAGES[damage](newest / name)
    found = checkpoint.newest(tmp_path)
    assert_is(found, 1)
    (note,) = found.notes
    assert str(newest) in note and "damaged" in note


@pytest.mark.parametrize("name", FILES)
def test_every_flipped_bit_is_found(tmp_path, name):
    (path,) = (folder / name for folder in written(tmp_path, 1))
    whole = path.read_bytes()
    for position in range(0, 8 * len(whole), 1 + len(whole) // 30):  # some 240 of them
        damaged = bytearray(whole)
        damaged[position // 8] ^= 1 << position % 8
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError, match="no checkpoint is whole"):
            checkpoint.newest(tmp_path)
    path.write_bytes(whole)
    assert_is(checkpoint.newest(tmp_path), 1)


def test_a_newer_format_is_named(tmp_path):
    path = written(tmp_path, 1, 2)[1] / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    found = checkpoint.newest(tmp_path)
    assert_is(found, 1)
    assert found.notes == (f"{path.parent}: format 2, this dragoman reads 1",)


@pytest.mark.parametrize("text", ["[]", "3", "null", "{}", '{"format": 1}', '{"format": 1, "files": {}}', "[" * 9999])
def test_other_json_is_no_manifest(tmp_path, text):
    (path,) = written(tmp_path, 1)
    (path / "manifest.json").write_text(text)
    with pytest.raises(CheckpointError, match="no checkpoint is whole"):
        checkpoint.newest(tmp_path)


def test_all_damaged_is_an_error_that_names_each(tmp_path):
    for path in written(tmp_path, 1, 2):
        (path / "state.json").unlink()
    with pytest.raises(CheckpointError, match=r"step-00000002.*step-00000001.*train again into another --out"):
        checkpoint.newest(tmp_path)


@contextmanager
def files_up_to(size):
    """Files of at most so many bytes, as on a disk that runs full; for a few lines, as pytest's own log is a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_full_disk_leaves_the_older_one_whole(tmp_path, share):
    (older,) = written(tmp_path, 1)
    full = files_up_to(int(share * (older / "tensors.safetensors").stat().st_size))
    wanted = r"step-00000002: a checkpoint of [\d,]+ bytes cannot be written: .*room"
    with full, pytest.raises(CheckpointError, match=wanted):
        written(tmp_path, 2)
    assert names(tmp_path) == ["step-00000001"]
    assert_is(checkpoint.newest(tmp_path), 1)
    with files_up_to(5000), pytest.raises(CheckpointError, match="cannot be written"):
        checkpoint.write_file(tmp_path / "snapshots" / "x", b"1" * 10_000)
    assert names(tmp_path / "snapshots") == []


@pytest.mark.parametrize("failing", range(6))
def test_a_failing_sync_leaves_the_older_one_whole(tmp_path, monkeypatch, failing):
    written(tmp_path, 1)
    calls, real = iter(range(100)), os.fsync

    def fsync(descriptor):
        if next(calls) == failing:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    if failing < 5:  # three files, their folder, the folder above
        with pytest.raises(CheckpointError, match="No space left"):
            written(tmp_path, 2)
    else:
        written(tmp_path, 2)
    assert_is(checkpoint.newest(tmp_path), 1 if failing < 4 else 2)


def test_a_place_that_is_no_folder_is_refused_with_words(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CheckpointError, match="cannot be written"):
        written(tmp_path / "file", 1)
    with pytest.raises(CheckpointError, match="cannot be written"):
        checkpoint.write_file(tmp_path / "file" / "x", b"x")
    with pytest.raises(CheckpointError, match="cannot be written"):
        Journal(tmp_path / "file" / "metrics.jsonl", 0)


def test_the_journal_takes_back_what_is_later_and_what_is_torn(tmp_path):
    path = tmp_path / "metrics.jsonl"
    journal = Journal(path, 0)
    for step in range(5):
        journal.write({"kind": "step", "step": step, "text": "é\u2028\n"})
    with path.open("ab") as file:
        file.write(b'{"step": 2, "text": "' + "é".encode()[:1])
    again = Journal(path, 3)
    again.write({"kind": "step", "step": 9})
    events = [json.loads(line) for line in path.read_bytes().decode().removesuffix("\n").split("\n")]
    assert [event["step"] for event in events] == [0, 1, 2, 3, 9]
    assert events[0]["text"] == "é\u2028\n"
    path.write_text('[1]\n3\n{"step": "x"}\n{"step": null}\n\n{"step": 1}\n')
    Journal(path, 3)
    assert path.read_text() == '{"step": 1}\n'


def test_the_journal_is_json_for_every_reader(tmp_path):
    """NaN and Infinity are not JSON, though Python writes them."""
    Journal(tmp_path / "m.jsonl", 0).write({"step": 1, "loss": float("nan"), "norm": float("inf"), "rate": 0.5})
    assert (tmp_path / "m.jsonl").read_text() == '{"step": 1, "loss": null, "norm": null, "rate": 0.5}\n'


def test_a_full_disk_is_said_of_the_journal(tmp_path):
    journal = Journal(tmp_path / "metrics.jsonl", 0)
    with files_up_to(10), pytest.raises(CheckpointError, match=r"metrics\.jsonl: cannot be written: .*make room"):
        journal.write({"kind": "step", "step": 1, "loss": 1.5})
