"""What a training folder keeps of the way: weights of some steps, and the journal of its loss."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from dragoman import weights as tensors
from dragoman.architecture import ModelConfig
from dragoman.errors import CheckpointError

SNAPSHOTS, JOURNAL = Path("training", "snapshots"), Path("training", "metrics.jsonl")

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The weights after a step of a run, in half precision."""

    step: int
    path: Path

    def weights(self, config: ModelConfig) -> dict[str, NDArray[np.float32]]:
        """Return the weights as float32; raises CheckpointError where they are not of such a model."""
        try:
            found = load(self.path.read_bytes())
        except (OSError, SafetensorError) as error:
            raise CheckpointError(f"{self.path}: damaged: {error}; delete it, and the film does without") from None
        whole = {name: tensor.astype(np.float32) for name, tensor in found.items()}
        tensors.check(whole, config, "float32", self.path)
        return whole


def snapshots(model: Path) -> list[Snapshot]:
    """Return what the folder of a model has kept, in the order of training; nothing where it was not trained here."""
    found = (model / SNAPSHOTS).glob("step-*.safetensors")
    numbers = ((path.stem.removeprefix("step-"), path) for path in found)
    return sorted((Snapshot(int(step), path) for step, path in numbers if step.isdecimal()), key=lambda one: one.step)


def journal(model: Path) -> Iterator[Event]:
    """Yield the events of the run, those of steps and of validations among them; a line that is none is left out."""
    try:
        lines = (model / JOURNAL).read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict) and isinstance(event.get("step"), int):
            yield event
