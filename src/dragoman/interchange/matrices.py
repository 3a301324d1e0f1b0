"""Tensors of a foreign model on their way to a bundle, where int8 numbers stay what they are."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig
from dragoman.interchange.importing import Rows
from dragoman.weights import SCALE, Dequantized, matrices


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix [out, in]: float32, or int8 with what each row is multiplied by."""

    numbers: NDArray[Any]
    scale: NDArray[np.float32] | None = None

    def __getitem__(self, rows: slice) -> "Matrix":
        """Return some of the rows."""
        return Matrix(self.numbers[rows], None if self.scale is None else self.scale[rows])

    def of(self, rows: Rows) -> "Matrix":
        """Return the rows in our order, zeros for those that are not there."""
        return Matrix(rows.of(self.numbers), None if self.scale is None else rows.of(self.scale, 1))

    def floats(self) -> NDArray[np.float32]:
        """Return what it stands for; a product that no float32 holds is infinite, which no bundle takes."""
        numbers: NDArray[np.float32] = self.numbers.astype(np.float32)
        with np.errstate(over="ignore"):
            return numbers if self.scale is None else numbers * self.scale[:, None]


def tensor2tensor_positions(first: int, config: ModelConfig) -> NDArray[np.float32]:
    """Return tensor2tensor's table [max_positions, D], its first row that of the position `first`.

    Sines, then cosines; wavelengths from 2 pi to 10000 of them.
    """
    half = config.d_model // 2
    speeds_H = np.exp(np.arange(half) * -(math.log(10000) / max(half - 1, 1)))
    angles_TH = np.arange(first, first + config.max_positions)[:, None] * speeds_H
    return np.concatenate([np.sin(angles_TH), np.cos(angles_TH)], axis=1).astype(np.float32)


Found = dict[str, Matrix | NDArray[np.float32]]  # by our names


def stored(config: ModelConfig, found: Found) -> dict[str, Any]:
    """Return the weights of a bundle as its fields: int8 where all matrices are, else float32."""
    if not all(isinstance(value, Matrix) and value.scale is not None for value in map(found.get, matrices(config))):
        floats = {name: value.floats() if isinstance(value, Matrix) else value for name, value in found.items()}
        return {"weights": floats, "master": "float32"}
    int8: dict[str, NDArray[Any]] = {}
    for name, value in found.items():
        int8[name] = value.numbers if isinstance(value, Matrix) else value
        if isinstance(value, Matrix) and value.scale is not None:
            int8[f"{name}{SCALE}"] = value.scale
    return {"weights": Dequantized(int8), "int8": int8, "master": None}
