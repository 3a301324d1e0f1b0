"""A training folder made up: the bundle of a tiny model, weights of earlier steps, and a journal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

import tiny_bundle
from dragoman import bundle
from dragoman.bundle import Bundle

TEXT = "the black cat sat on the mat"
LAST = 64  # the step that the model is of


def half(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """The weights as half precision has them."""
    return {name: tensor.astype(np.float16).astype(np.float32) for name, tensor in weights.items()}


def make(folder: Path, steps: Sequence[int] = (1, 2, 4, 8, 100), **changed: Any) -> tuple[Bundle, list[Bundle]]:
    """Write a training folder; return its model, and that of each step, whose weights differ."""
    models = [tiny_bundle.make(seed, joint=False) for seed in range(1, len(steps) + 2)]
    models = [replace(one, weights=half(one.weights), decode={"max_length": 9}, **changed) for one in models]
    bundle.save(models[0], folder)
    (folder / "training" / "snapshots").mkdir(parents=True)
    for step, one in zip(steps, models[1:], strict=True):
        tensors = {name: tensor.astype(np.float16) for name, tensor in one.weights.items()}
        save_file(tensors, folder / "training" / "snapshots" / f"step-{step:08d}.safetensors")
    events = [
        *({"kind": "step", "step": step, "loss": 8 / step, "seconds": step / 2} for step in range(1, 101)),
        {"kind": "validation", "step": 32, "loss": 3.5, "chrf": 20.0, "best_step": 32},
        {"kind": "validation", "step": LAST, "loss": 3.0, "chrf": None, "best_step": LAST},
        {"kind": "validation", "step": 100, "loss": 3.1, "chrf": 30.0, "best_step": LAST},
    ]
    lines = [json.dumps(event) for event in events]
    (folder / "training" / "metrics.jsonl").write_text("\n".join([*lines, '{"torn": ']))
    return models[0], models[1:]
