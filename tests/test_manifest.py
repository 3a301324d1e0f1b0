"""Generations of a bundle: wherever a save is cut off, the folder holds the old bundle or the new."""

import errno
import hashlib
import json
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dragoman import manifest as files
from dragoman.errors import CheckpointError
from dragoman.manifest import next_name, read_file, read_manifest, steadily, write_generation

LIMIT = 1000
OLD = {
    "config.json": b"{}",
    "tokenizer.json": b"pieces",
    "weights.safetensors": b"old weights",
    "card.md": b"# Card",
}
NEW = {**OLD, "config.json": b'{"new": 1}', "weights.safetensors": b"new, longer weights"}
SEPARATE = {"source.tokenizer.json": b"one", "target.tokenizer.json": b"two", **NEW}
del SEPARATE["tokenizer.json"]
POINTS = ("before sync", "before rename", "after rename", "pruning")


class Cut(BaseException):
    """The moment at which a save is cut off."""


def content(folder):
    """Return the files of the bundle by name, once each is checked."""
    return steadily(
        folder, lambda manifest: {name: bytes(read_file(folder, manifest, name, LIMIT)) for name in manifest}
    )


def names(folder):
    return sorted(os.listdir(folder))


def paths(folder):
    return {name: entry.path for name, entry in read_manifest(folder).items()}


def test_next_name():
    assert next_name("weights.safetensors") == "weights.next.safetensors"
    assert next_name("source.tokenizer.json") == "source.tokenizer.next.json"
    assert not set(files.NAMES) & {next_name(name) for name in files.NAMES}


def test_generations_alternate_and_only_changed_files_move(tmp_path):
    write_generation(tmp_path, OLD)
    assert content(tmp_path) == OLD
    assert names(tmp_path) == sorted([*OLD, "manifest.json"])
    card = (tmp_path / "card.md").stat()
    write_generation(tmp_path, NEW)
    assert content(tmp_path) == NEW
    assert paths(tmp_path) == {
        "config.json": "config.next.json",
        "tokenizer.json": "tokenizer.json",
        "weights.safetensors": "weights.next.safetensors",
        "card.md": "card.md",
    }
    assert names(tmp_path) == sorted([*paths(tmp_path).values(), "manifest.json"])
    assert (tmp_path / "card.md").stat() == card
    write_generation(tmp_path, OLD)
    assert content(tmp_path) == OLD
    assert set(paths(tmp_path).values()) == set(OLD)


@pytest.mark.parametrize("saves", [[OLD], [OLD, NEW], [OLD, NEW, NEW], [OLD, SEPARATE, OLD]])
def test_a_plain_save_leaves_plain_names(tmp_path, saves):
    for contents in saves:
        write_generation(tmp_path, contents)
    write_generation(tmp_path, NEW, plain=True)
    assert content(tmp_path) == NEW
    assert names(tmp_path) == sorted([*NEW, "manifest.json"])


def test_a_damaged_file_is_written_anew_though_its_content_is_unchanged(tmp_path):
    write_generation(tmp_path, OLD)
    (tmp_path / "card.md").write_bytes(b"# Cart")
    write_generation(tmp_path, OLD)
    assert content(tmp_path) == OLD


def cut_at(monkeypatch, number):
    """Cut the save off at the `number`-th point that it reaches, from 0; return the points reached."""
    seen = []

    def reached(point):
        seen.append(point)
        if len(seen) == number + 1:
            raise Cut

    monkeypatch.setattr(files, "reached", reached)
    return seen


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("before", [[], [OLD, SEPARATE], [NEW, OLD]], ids=["first", "separate", "moved"])
def test_a_save_cut_off_anywhere_leaves_the_old_bundle_or_the_new(tmp_path, monkeypatch, before, plain):
    points, number = set(), 0
    while True:
        folder = tmp_path / str(number)
        for contents in before:
            write_generation(folder, contents)
        with monkeypatch.context() as patch:
            seen = cut_at(patch, number)
            try:
                write_generation(folder, NEW, plain)
                break
            except Cut:
                points.add(seen[-1])
        if "after rename" in seen:
            assert content(folder) == NEW
        elif before:
            assert content(folder) == before[-1]
        else:
            with pytest.raises(CheckpointError, match="no model here"):
                content(folder)
        write_generation(folder, OLD, plain)  # the next save works, and clears away what was left
        assert content(folder) == OLD
        assert names(folder) == sorted([*paths(folder).values(), "manifest.json"])
        assert not plain or set(paths(folder).values()) == set(OLD)
        number += 1
    assert points == set(POINTS) - ({"pruning"} if not before else set())


KILLED = """
import os, sys
from pathlib import Path
from dragoman import manifest
folder, wanted = Path(sys.argv[1]), sys.argv[2]
manifest.write_generation(folder, {"card.md": b"old", "config.json": b"same"})
manifest.reached = lambda point: os._exit(7) if point == wanted else None
manifest.write_generation(folder, {"card.md": b"new", "config.json": b"same"})
"""


@pytest.mark.parametrize(
    ("point", "left"), [(point, b"old" if point.startswith("before") else b"new") for point in POINTS]
)
def test_a_killed_process_leaves_a_bundle(tmp_path, point, left):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), point])
    assert killed.returncode == 7
    assert content(tmp_path) == {"card.md": left, "config.json": b"same"}


def test_everything_is_on_the_disk_before_the_rename_and_the_rename_before_the_pruning(tmp_path, monkeypatch):
    write_generation(tmp_path, OLD)
    synced, real_sync, real_replace = [], os.fsync, os.replace

    def sync(handle):
        synced.append(os.fstat(handle).st_ino)
        real_sync(handle)

    def rename(before, after):
        new = [tmp_path / name for name in names(tmp_path) if "next" in name]
        assert {path.stat().st_ino for path in [*new, before, tmp_path]} == set(synced) and len(new) == 2
        real_replace(before, after)
        synced.clear()

    def reached(point):
        assert point != "pruning" or synced == [tmp_path.stat().st_ino]

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", rename)
    monkeypatch.setattr(files, "reached", reached)
    write_generation(tmp_path, NEW)


def test_a_reader_overtaken_by_a_writer_reads_again(tmp_path):
    write_generation(tmp_path, OLD)
    asked = []

    def read(manifest):
        asked.append(manifest)
        if len(asked) == 1:
            write_generation(tmp_path, NEW)  # takes config.json away
        return bytes(read_file(tmp_path, manifest, "config.json", LIMIT))

    assert steadily(tmp_path, read) == NEW["config.json"]
    assert len(asked) == 2


def test_a_reader_beside_a_writer_always_reads_one_whole_bundle(tmp_path):
    write_generation(tmp_path, OLD)

    def write():
        for _ in range(12):
            write_generation(tmp_path, NEW)
            write_generation(tmp_path, OLD)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        assert content(tmp_path) in (OLD, NEW)
    writer.join()


def test_a_full_disk_leaves_the_old_bundle(tmp_path):
    write_generation(tmp_path / "old", OLD)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))  # no file may grow beyond: a full disk, but for the number
    try:
        for folder in (tmp_path / "old", tmp_path / "new"):
            with pytest.raises(CheckpointError, match=r"cannot be written: .* 50\d\d bytes are needed"):
                write_generation(folder, {**NEW, "card.md": bytes(5000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert content(tmp_path / "old") == OLD
    assert names(tmp_path / "old") == sorted([*OLD, "manifest.json"])
    write_generation(tmp_path / "new", NEW)
    assert content(tmp_path / "new") == NEW


def test_a_folder_that_may_not_be_written_is_no_full_disk(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "m"))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(CheckpointError, match="m: cannot be written: Permission denied; choose another folder"):
        write_generation(tmp_path / "m", NEW)


def test_files_of_somebody_else_are_not_overwritten(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write_generation(tmp_path, OLD)
    write_generation(tmp_path, NEW)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    (tmp_path / "manifest.json").unlink()
    before = names(tmp_path)
    with pytest.raises(CheckpointError, match="belongs to no bundle and would be lost; choose another folder"):
        write_generation(tmp_path, OLD)
    assert names(tmp_path) == before
    with pytest.raises(CheckpointError, match=r"notes\.txt"):
        write_generation(tmp_path / "notes.txt", OLD)
    with pytest.raises(CheckpointError, match="cannot be written"):
        write_generation(tmp_path / "notes.txt" / "model", OLD)


def test_a_link_is_not_written_through(tmp_path):
    folder, outside = tmp_path / "model", tmp_path / "outside"
    write_generation(folder, OLD)
    outside.write_text("mine")
    for name in ("weights.next.safetensors", "config.next.json", "manifest.json.tmp"):
        (folder / name).symlink_to(outside)
    write_generation(folder, NEW)
    assert outside.read_text() == "mine" and content(folder) == NEW


def weights(**changes):
    return {
        "path": "weights.safetensors",
        "size": 11,
        "sha256": hashlib.sha256(b"old weights").hexdigest(),
    } | changes


def one(**changes):
    return json.dumps({"format": 1, "files": {"weights.safetensors": weights(**changes)}})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (one(path="../weights.safetensors"), "allowed are weights.safetensors and weights.next.safetensors"),
        (one(path="/etc/passwd"), "allowed are"),
        (one(path="weights.safetensors\0"), "allowed are"),
        (one(path="./weights.safetensors"), "allowed are"),
        (one(path="manifest.json"), "allowed are"),
        (one(path="card.md"), "allowed are"),
        (one(path=""), "allowed are"),
        (one(path=["weights.safetensors"]), "allowed are"),
        (one(path=None), "allowed are"),
        (one(path="weights.next.safetensors"), "leads out of the bundle's folder"),
        (one(size=-1), "a number of bytes is wanted"),
        (one(size=True), "a number of bytes is wanted"),
        (one(size=11.0), "a number of bytes is wanted"),
        (one(size="11"), "a number of bytes is wanted"),
        (one(size=2**70), "11 bytes, the manifest says"),
        (one(sha256="0" * 64), "its SHA-256 is not the manifest's"),
        (one(sha256="0" * 63), "64 hexadecimal digits"),
        (one(sha256=weights()["sha256"].upper()), "64 hexadecimal digits"),
        (one(sha256=0), "64 hexadecimal digits"),
        (one(mode=1), "nothing else"),
        ('{"format": 1, "files": {"weights.safetensors": []}}', "nothing else"),
        ('{"format": 1, "files": {}}', "names no weights.safetensors"),
        ('{"format": 1, "files": []}', 'a table "files"'),
        ('{"format": 1, "files": {}, "more": 1}', "nothing else"),
        ('{"format": 1, "files": {"run.py": {}}}', "'run.py' is no file of a bundle"),
        ('{"format": 2, "files": {}}', "format 2, this dragoman reads format 1; install the version"),
        ('{"format": 2, "shards": []}', "format 2, this dragoman reads format 1; install the version"),
        ('{"format": true, "files": {}}', 'no "format" number'),
        ('{"format": 1, "format": 1, "files": {}}', "'format' stands there twice"),
        ("[" * 100_000, "nested too deep"),
        ("{}", 'no "format" number'),
        ("[]", 'no "format" number'),
        ("", "not valid JSON"),
        ("\ufeff{}", "not valid JSON: a byte order mark stands in front; save it as UTF-8 without one"),
        ("9" * 9000, "not valid JSON: a number of 9,000 digits"),
        (" " * (1 << 20) + "{}", "above 1048576 bytes"),
    ],
)  # fmt: skip
def test_a_hostile_manifest_is_refused(tmp_path, text, said):
    folder = tmp_path / "model"
    write_generation(folder, OLD)
    outside = tmp_path / "outside"
    outside.write_bytes(b"old weights")
    (folder / "weights.next.safetensors").symlink_to(outside)
    (folder / "manifest.json").write_text(text)
    with pytest.raises(CheckpointError) as caught:
        read_file(folder, read_manifest(folder), "weights.safetensors", LIMIT)
    assert said in str(caught.value) and str(folder) in str(caught.value)


def test_links_inside_the_folder_are_followed_and_loops_are_not(tmp_path):
    write_generation(tmp_path, OLD)
    manifest = read_manifest(tmp_path)
    (tmp_path / "card.md").rename(tmp_path / "card.txt")
    (tmp_path / "card.md").symlink_to("card.txt")
    assert read_file(tmp_path, manifest, "card.md", LIMIT) == OLD["card.md"]
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").symlink_to("config.json")
    with pytest.raises(CheckpointError, match=r"config\.json"):
        read_file(tmp_path, manifest, "config.json", LIMIT)
