"""Checkpoints: everything that a run needs to go on as if it had never stopped.

A checkpoint is a folder `training/checkpoints/step-00000500/` with tensors.safetensors, state.json and
manifest.json (size and SHA-256 of both). It is written as a hidden folder, synced, and renamed; older ones
go only after it is in place, and two are kept. Reading picks the newest whose sums are right.
"""

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

FORMAT = 1
KEPT = 2
_FILES = ("tensors.safetensors", "state.json")


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
    files = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in contents.items()}
    contents["manifest.json"] = json.dumps({"format": FORMAT, "files": files}, indent=1).encode()
    try:
        shutil.rmtree(hidden, ignore_errors=True)
        hidden.mkdir(parents=True)
        for name, data in contents.items():
            _write(hidden / name, data)
        _sync(hidden)
        if final.exists():  # the same step again, after a resume from an older checkpoint
            shutil.rmtree(final)
        hidden.rename(final)
        _sync(folder)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        size = sum(map(len, contents.values()))
        raise CheckpointError(
            f"{final}: a checkpoint of {size:,} bytes cannot be written: {error.strerror}; "
            "the one before is whole; make room and run the same command again"
        ) from None
    for old in _all(folder)[:-KEPT]:
        shutil.rmtree(old)
    return final


def write_file(path: Path, data: bytes) -> None:
    """Write one file of a run whole or not at all; raises CheckpointError."""
    hidden = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(hidden, data)
        hidden.rename(path)
    except OSError as error:
        hidden.unlink(missing_ok=True)
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
        for name in _FILES:
            if manifest["files"][name]["sha256"] != hashlib.sha256(data[name]).hexdigest():
                raise CheckpointError(f"{path / name}: damaged: its SHA-256 is not the manifest's")
    except OSError as error:
        raise CheckpointError(f"{path}: damaged: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CheckpointError(f"{path / 'manifest.json'}: damaged: not a manifest") from None
    return Checkpoint(load(data["tensors.safetensors"]), json.loads(data["state.json"]), notes)


def _all(folder: Path) -> list[Path]:
    """Return the finished checkpoints, oldest first."""
    return sorted(folder.glob("step-*"))


def _write(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
