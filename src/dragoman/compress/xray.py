"""What fewer bits do inside a model: the error after every layer, where two models part, channels that stand out.

Both models read the same pairs, so every difference is the weights' and the arithmetic's.
"""

# Shapes.  C layers, L positions, D model width.

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.engine.model import Engine
from dragoman.options import BOS

Pair = tuple[Sequence[int], Sequence[int]]  # source and target, both with </s>

OUTSTANDING = 6.0  # times the median channel: the mark of Dettmers et al. 2022, section 3, relative here


@dataclass(frozen=True, slots=True)
class LayerError:
    """How far a layer's output is from the float model's, as a share of its length, and its loudest channel."""

    name: str
    error: float  # mean over positions
    worst: float  # the position with the largest
    loudest: float  # largest channel's mean size in the float model, in medians of all channels
    outstanding: int  # channels of more than OUTSTANDING medians


@dataclass(frozen=True, slots=True)
class Parting:
    """Where a translation first takes another piece: what each model gave and how sure it was."""

    sentence: int
    position: int
    first: int  # the float model's piece
    second: int
    first_margin: float  # by how many nats the float model prefers its own
    second_margin: float  # and the other model its own
    layer: str  # after which the error grew most


def names(engine: Engine) -> list[str]:
    """Name the layers in the order of `Engine.layers`."""
    config = engine.config
    return [
        *(f"encoder {layer + 1}" for layer in range(config.encoder_layers)),
        *(f"decoder {layer + 1}" for layer in range(config.decoder_layers)),
    ]


def layer_errors(whole: Engine, small: Engine, pairs: Sequence[Pair]) -> list[LayerError]:
    """Return the error of every layer over the positions of all pairs."""
    errors: list[list[NDArray[np.float32]]] = [[] for _ in names(whole)]
    sizes = [np.zeros(whole.config.d_model) for _ in errors]
    for source, target in pairs:
        read = [BOS, *target[:-1]]
        rows, others = whole.layers(source, read), small.layers(source, read)
        for layer, (x_LD, y_LD) in enumerate(zip([*rows[0], *rows[1]], [*others[0], *others[1]], strict=True)):
            errors[layer].append(_relative(x_LD, y_LD))
            sizes[layer] += np.abs(x_LD).sum(0)
    found = []
    for name, own, size_D in zip(names(whole), errors, sizes, strict=True):
        error_L, ratio_D = np.concatenate(own), size_D / max(float(np.median(size_D)), 1e-30)
        found.append(
            LayerError(
                name,
                float(error_L.mean()),
                float(error_L.max()),
                float(ratio_D.max()),
                int((ratio_D > OUTSTANDING).sum()),
            )
        )
    return found


def parting(
    whole: Engine, small: Engine, sentence: int, source: Sequence[int], first: Sequence[int], second: Sequence[int]
) -> Parting | None:
    """Return where two translations of a source part, None where they are the same as far as both go."""
    position = next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    if position is None:
        return None
    read = [BOS, *first[:position]]
    x_V, y_V = whole.logits(source, read)[-1], small.logits(source, read)[-1]
    here, there = whole.layers(source, read)[1][:, -1], small.layers(source, read)[1][:, -1]
    growth_C = np.diff(_relative(here, there), prepend=0)
    return Parting(
        sentence,
        position,
        first[position],
        second[position],
        float(x_V[first[position]] - x_V[second[position]]),
        float(y_V[second[position]] - y_V[first[position]]),
        f"decoder {int(growth_C.argmax()) + 1}",
    )


def _relative(x_LD: NDArray[np.float32], y_LD: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return |x - y| / |x| of every row."""
    error_L: NDArray[np.float32] = np.linalg.norm(x_LD - y_LD, axis=-1) / np.maximum(
        np.linalg.norm(x_LD, axis=-1), 1e-30
    )
    return error_L
