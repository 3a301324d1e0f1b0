"""What rounding to int8 takes from each matrix: the size of the error over that of the matrix, and of its rows."""

# Shapes.  O rows of a matrix, I numbers of a row.

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig
from dragoman.weights import SCALE, matrices

QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Loss:
    """A matrix, its error in all, and those of its rows: the least, at each quarter, the worst; shares of a length."""

    name: str
    rows: int
    columns: int
    error: float
    spread: tuple[float, float, float, float, float]


def losses(
    config: ModelConfig, weights: Mapping[str, NDArray[np.float32]], int8: Mapping[str, NDArray[Any]]
) -> list[Loss]:
    """Return what each matrix of an int8 file lost of the float weights, in the order of the forward pass."""
    found = []
    for name in matrices(config):
        weight_OI = weights[name].astype(np.float64)
        error_OI = weight_OI - int8[name] * int8[f"{name}{SCALE}"].astype(np.float64)[:, None]
        lost_O, size_O = np.linalg.norm(error_OI, axis=1), np.linalg.norm(weight_OI, axis=1)
        error_O = np.sort(np.divide(lost_O, size_O, out=np.zeros_like(lost_O), where=size_O > 0))
        rows, columns = weight_OI.shape
        least, low, middle, high, worst = (float(error_O[int(share * (rows - 1) + 0.5)]) for share in QUARTERS)
        whole = float(np.linalg.norm(lost_O) / max(float(np.linalg.norm(size_O)), 1e-30))
        found.append(Loss(name, rows, columns, whole, (least, low, middle, high, worst)))
    return found
