"""Checkpoints: everything that a run needs to go on as if it had never stopped.

A checkpoint is a folder `training/checkpoints/step-00000500/` with tensors.safetensors, state.json and
manifest.json (size and SHA-256 of both). It is written as a hidden folder, synced, and renamed; older ones
go only after it is in place (one of the same step is called `step-00000500.before` until then), and two are
kept. Reading picks the newest whose sums are right.
"""

import contextlib
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load, save
from torch import Tensor

from dragoman.errors import CheckpointError
from dragoman.manifest import sync

FORMAT = 1
KEPT = 2
_FILES = ("tensors.safetensors", "state.json")
_BEFORE = ".before"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A moment of a run: its tensors by name and its plain state; `notes` names newer ones that were damaged."""

    tensors: dict[str, Tensor]
    state: dict[str, Any]
    notes: tuple[str, ...] = ()


def write(folder: Path, step: int, tensors: dict[str, Tensor], state: dict[str, Any]) -> Path:
    """Write a checkpoint beside the older ones, then remove all but the newest two; raises CheckpointError."""
    final = folder / f"step-{step:08d}"
    hidden = folder / f".{final.name}.tmp"
    contents = {
        "tensors.safetensors": save({name: tensor.contiguous() for name, tensor in tensors.items()}),
        "state.json": json.dumps(state, sort_keys=True).encode(),
    }
    contents["manifest.json"] = json.dumps(_manifest(contents), indent=1).encode()
    try:
        for unfinished in folder.glob(".step-*.tmp"):  # of a run that was killed while it wrote
            shutil.rmtree(unfinished)
        hidden.mkdir(parents=True)
        for name, data in contents.items():
            _write(hidden / name, data)
        sync(hidden)
        if final.exists():  # the same step again: at no moment is neither in place
            before = folder / f"{final.name}{_BEFORE}"
            if before.exists():
                shutil.rmtree(before)
            final.rename(before)
        hidden.rename(final)
        sync(folder)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        size = sum(map(len, contents.values()))
        raise CheckpointError(
            f"{final}: a checkpoint of {size:,} bytes cannot be written: {error.strerror}; "
            "the one before is whole; make room and run the same command again"
        ) from None
    _prune(folder, final)
    return final


def write_file(path: Path, data: bytes) -> None:
    """Write one file of a run whole or not at all; raises CheckpointError."""
    hidden = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(hidden, data)
        hidden.rename(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            hidden.unlink()
        raise CheckpointError(f"{path}: cannot be written: {error.strerror}; make room") from None


def newest(folder: Path) -> Checkpoint | None:
    """Return the newest whole checkpoint, or None where there is none; raises CheckpointError if all are damaged."""
    notes: list[str] = []
    candidates = _all(folder)
    for path in reversed(candidates):
        try:
            return _read(path, tuple(notes))
        except CheckpointError as error:
            notes.append(str(error))
    if candidates:
        raise CheckpointError(f"{folder}: no checkpoint is whole: {'; '.join(notes)}; train again into another --out")
    return None


def _read(path: Path, notes: tuple[str, ...]) -> Checkpoint:
    try:
        manifest = json.loads((path / "manifest.json").read_bytes())
        if manifest["format"] != FORMAT:
            raise CheckpointError(f"{path}: format {manifest['format']}, this dragoman reads {FORMAT}")
        data = {name: (path / name).read_bytes() for name in _FILES}
        wanted = _manifest(data)
        for name in _FILES:
            if manifest["files"][name] != wanted["files"][name]:
                raise CheckpointError(f"{path / name}: damaged: its size or SHA-256 is not the manifest's")
        if manifest != wanted:
            raise CheckpointError(f"{path / 'manifest.json'}: damaged: it names other files")
    except OSError as error:
        raise CheckpointError(f"{path}: damaged: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CheckpointError(f"{path / 'manifest.json'}: damaged: not a manifest") from None
    return Checkpoint(load(data["tensors.safetensors"]), json.loads(data["state.json"]), notes)


def _manifest(contents: dict[str, bytes]) -> dict[str, Any]:
    files = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in contents.items()}
    return {"format": FORMAT, "files": files}


def _all(folder: Path) -> list[Path]:
    """Return the finished checkpoints, oldest first."""
    return sorted(folder.glob("step-*"), key=lambda path: (path.name.removesuffix(_BEFORE), path.suffix != _BEFORE))


def _prune(folder: Path, newest: Path) -> None:
    """Remove all but the newest two; later ones were damaged, or the run would have gone on from them."""
    found = _all(folder)
    end = found.index(newest) + 1
    again = [path for path in found[:end] if path.suffix == _BEFORE and path.with_suffix("") in found]
    earlier = [path for path in found[:end] if path not in again]
    try:
        for old in again + earlier[:-KEPT] + found[end:]:
            shutil.rmtree(old)
    except OSError as error:
        raise CheckpointError(f"{folder}: an old checkpoint cannot be removed: {error.strerror}") from None


def _write(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
