"""int8 weights from float ones: a scale for each row of a matrix, the largest number of a row at 127."""

# Shapes.  O outputs, rows of a matrix; I inputs.

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig, check_weights
from dragoman.weights import SCALE, STEPS, matrices

SMALLEST = np.float32(1e-36)  # a row whose largest number is below it is 0


def rounded(weight_OI: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return int8 [O, I] and the scale [O] of a matrix: weight ≈ int8 x scale, off by half a step at most.

    Symmetric, so that 0 stays 0 (Jacob et al. 2018, section 2.1, with a zero point of 0); ties go to the even step.
    """
    largest_O = np.abs(weight_OI).max(1, initial=0)
    largest_O[largest_O < SMALLEST] = 0  # its inverse would be no number
    inverse_O = np.divide(np.float32(STEPS), largest_O, out=np.zeros_like(largest_O), where=largest_O > 0)
    return np.rint(weight_OI * inverse_O[:, None]).astype(np.int8), largest_O / np.float32(STEPS)


def quantized(config: ModelConfig, weights: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """Return the tensors of an int8 file (`weights.layout`); raises CheckpointError for weights of another model."""
    check_weights(config, weights)
    rows = set(matrices(config))
    made: dict[str, NDArray[Any]] = {}
    for name, tensor in weights.items():
        if name in rows:
            made[name], made[f"{name}{SCALE}"] = rounded(tensor)
        else:
            made[name] = tensor
    return made
