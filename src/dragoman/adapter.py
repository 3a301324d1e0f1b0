"""An adapter: matrices of low rank that make a model another one, without the model (LoRA, Hu et al. 2021).

The file is safetensors: for each adapted weight W [out, in] a `NAME.down` [r, in] and a `NAME.up` [out, r], float32.
Its metadata say which model it is for, by the SHA-256 of that model's weights, and what it was trained on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig, parameters
from dragoman.errors import CheckpointError
from dragoman.weights import Tensors, digest

FORMAT = "dragoman adapter 1"
DOWN, UP = ".down", ".up"
MOST_BYTES = 1 << 30
LARGEST_SCALE = 1e30  # that no training has, and every float32 can hold


@dataclass(frozen=True, slots=True, eq=False)
class LowRank:
    """What is added to a weight: scale x up x down."""

    down: NDArray[np.float32]  # [r, in]
    up: NDArray[np.float32]  # [out, r]
    scale: float

    @property
    def product(self) -> NDArray[np.float32]:
        """Return the matrix [out, in] that is added."""
        with np.errstate(over="ignore", invalid="ignore"):  # what is no number is refused where it is added
            found: NDArray[np.float32] = np.float32(self.scale) * (self.up @ self.down)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """The matrices by the names of their weights, the model that they are for, and where they come from."""

    base: str  # `weights.digest` of the model
    matrices: Mapping[str, LowRank]
    provenance: Mapping[str, Any]  # of the training, as in a bundle

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        tensors = {name + DOWN: found.down for name, found in self.matrices.items()}
        tensors |= {name + UP: found.up for name, found in self.matrices.items()}
        scales = {name: found.scale for name, found in self.matrices.items()}
        told = {"base": self.base, "scales": json.dumps(scales), "provenance": json.dumps(self.provenance)}
        return safetensors.numpy.save(tensors, metadata={"format": FORMAT, **told})

    def merged(self, config: ModelConfig, weights: Tensors) -> dict[str, NDArray[np.float32]]:
        """Return the weights of the model with what is added to them; CheckpointError for those of another model."""
        found = digest(config, weights)
        if found != self.base:
            origin = self.provenance.get("from")
            name = str(origin.get("model", "a model"))[:200] if isinstance(origin, dict) else "a model"
            raise CheckpointError(
                f"the adapter is for {name} as it was when it was trained (the SHA-256 of its weights begins with "
                f"{self.base[:12]}), and this model has others ({found[:12]}); give the one that it was trained from"
            )
        shapes = parameters(config)
        merged = {name: np.array(weights[name]) for name in shapes}
        for name, low in self.matrices.items():
            product = low.product
            if shapes.get(name) != product.shape:
                raise CheckpointError(f"the adapter's matrices for {name} do not fit the model; restore its file")
            with np.errstate(over="ignore", invalid="ignore"):
                merged[name] += product
            if not np.isfinite(merged[name]).all():
                raise CheckpointError(f"with the adapter's matrices {name} is not finite; restore its file")
        return merged


def load(path: Path) -> Adapter:
    """Read the file of an adapter; raises CheckpointError."""
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise CheckpointError(f"{path}: not a file; give the adapter.safetensors of a training")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CheckpointError(f"{path}: larger than any adapter; give the adapter.safetensors of a training")
        with safetensors.safe_open(path, "numpy") as file:
            told = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no mapping
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot be read ({error.strerror}); give the adapter.safetensors of a training"
        ) from None
    except (safetensors.SafetensorError, TypeError) as error:
        raise CheckpointError(f"{path}: no safetensors file ({error}); give the adapter of a training") from None
    if told.get("format") != FORMAT:
        raise CheckpointError(f"{path}: no {FORMAT!r}; give the adapter.safetensors of a training")
    try:
        scales, provenance = json.loads(told["scales"]), json.loads(told["provenance"])
        matrices = {
            name: LowRank(_matrix(tensors.pop(name + DOWN)), _matrix(tensors.pop(name + UP)), _scale(scale))
            for name, scale in scales.items()
        }
        fits = all(low.up.shape[1] == low.down.shape[0] for low in matrices.values())
        if tensors or not matrices or not fits or not isinstance(provenance, dict):
            raise ValueError
        return Adapter(told["base"], matrices, provenance)
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        raise CheckpointError(f"{path}: damaged; restore the file, or train the adapter again") from None


def _scale(number: Any) -> float:
    """Return what is a finite number; raises ValueError."""
    if type(number) not in (int, float) or not abs(number) < LARGEST_SCALE:
        raise ValueError
    return float(number)


def _matrix(tensor: NDArray[Any]) -> NDArray[np.float32]:
    """Return what is a matrix of finite float32 numbers; raises ValueError."""
    if tensor.dtype != np.float32 or tensor.ndim != 2 or not tensor.size or not np.isfinite(tensor).all():
        raise ValueError
    return tensor
