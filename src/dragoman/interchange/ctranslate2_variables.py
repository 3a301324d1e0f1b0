"""The variables of CTranslate2's `model.bin`: read once, taken one by one, and what no one takes is refused."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.interchange.binary import Bytes
from dragoman.interchange.importing import fault
from dragoman.interchange.matrices import Matrix
from dragoman.weights import widened

NEWEST = 6  # version of the format
MOST = 100_000
KINDS = ("<f4", "i1", "<i2", "<i4", "<f2", "bfloat16")  # by their number in a file
WIDTHS = {4: "<f4", 1: "i1", 2: "<i2"}  # old files say the bytes of a number instead
LARGEST = 1e30  # no weight is larger


class Variables:
    """The variables of a file by name."""

    def __init__(self, path: Path, model: str, tensors: dict[str, NDArray[Any]], same: dict[str, str]) -> None:
        """Take the name of the model, its variables, and which names are another's."""
        self.path, self.model = path, model
        self._tensors, self._same = tensors, same
        self._taken: set[str] = set()

    @classmethod
    def read(cls, path: Path) -> "Variables":
        """Read a model.bin; raises CheckpointError."""
        data = Bytes(path)
        version = data.number("I", "the version")
        if not 2 <= version <= NEWEST:
            raise fault(path, f"version {version} of CTranslate2's files; 2 to {NEWEST} are known", "convert it anew")
        model = data.text(data.number("H", "a length"), "the name of the model")
        data.number("I", "the revision")
        count = data.number("I", "the number of variables")
        if count > MOST:
            raise fault(path, f"damaged: {count:,} variables")
        tensors = dict(_variable(data, version) for _ in range(count))
        same: dict[str, str] = {}
        for _ in range(data.number("I", "the number of aliases") if version >= 3 else 0):
            alias = data.text(data.number("H", "a length"), "an alias")
            same[alias] = data.text(data.number("H", "a length"), "the name of a variable")
            if same[alias] not in tensors or len(same) > MOST:
                raise fault(path, f"damaged: {alias!r:.80} stands for {same[alias]!r:.80}, which is not there")
        if data.left:
            raise fault(path, f"damaged: {data.left} bytes are left over")
        return cls(path, model, tensors, same)

    def __contains__(self, name: str) -> bool:
        """Whether there is such a variable."""
        return name in self._tensors or name in self._same

    def array(self, name: str, *shape: int) -> NDArray[Any]:
        """Take a variable of this shape, -1 for any length; raises CheckpointError."""
        named = self._same.get(name, name)
        if named not in self._tensors:
            raise fault(self.path, f"there is no {name}, so this is no Transformer that is known here", "convert anew")
        found = self._tensors[named]
        self._taken |= {name, named}
        if len(found.shape) != len(shape) or any(b not in (-1, a) for a, b in zip(found.shape, shape, strict=True)):
            raise fault(self.path, f"{name} has the shape {list(found.shape)}, {list(shape)} is wanted", "convert anew")
        return found

    def floats(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Take a variable of finite float32; raises CheckpointError."""
        found = self.array(name, *shape)
        if found.dtype != np.float32 or not (np.abs(found) < LARGEST).all():
            raise fault(self.path, f"{name} is {found.dtype}, or holds what is no number; float32 is wanted")
        return found

    def number(self, name: str, default: float) -> float:
        """Take a variable that is one number; the default where it is not there."""
        return float(self.array(name).item()) if name in self else default

    def matrix(self, name: str, rows: int = -1, columns: int = -1) -> Matrix:
        """Take `name/weight` and its scale; raises CheckpointError."""
        numbers = self.array(f"{name}/weight", rows, columns)
        if numbers.dtype == np.float32:
            return Matrix(self.floats(f"{name}/weight", rows, columns))
        if numbers.dtype not in (np.int8, np.int16):
            raise fault(self.path, f"{name}/weight is {numbers.dtype}; float32, float16, int8 and int16 are known")
        named = f"{self._same.get(f'{name}/weight', f'{name}/weight')}_scale"
        steps = self.floats(named, *self.array_shape(named))
        if (steps < 1 / LARGEST).any() or steps.size not in (1, len(numbers)):
            raise fault(self.path, f"{named} is not above 0, or has another length than the rows")
        scale = np.broadcast_to(1 / steps.reshape(-1), len(numbers)).astype(np.float32)
        found = Matrix(numbers, scale)
        return found if numbers.dtype == np.int8 else Matrix(found.floats())

    def array_shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a variable; raises CheckpointError."""
        if name not in self:
            raise fault(self.path, f"damaged: there is no {name}")
        return self._tensors[self._same.get(name, name)].shape

    def equal(self, one: str, other: str) -> bool:
        """Whether two variables hold the same."""
        one, other = self._same.get(one, one), self._same.get(other, other)
        return one == other or (
            one in self._tensors and other in self._tensors and np.array_equal(self._tensors[one], self._tensors[other])
        )

    def refuse_rest(self) -> None:
        """Refuse what nothing has taken; raises CheckpointError that names the first."""
        rest = sorted((set(self._tensors) | set(self._same)) - self._taken)
        if rest:
            raise fault(self.path, f"{rest[0]} is not known here", "this model has a part that dragoman does not have")


def _variable(data: Bytes, version: int) -> tuple[str, NDArray[Any]]:
    name = data.text(data.number("H", "a length"), "the name of a variable")
    shape = tuple(data.number("I", "a length") for _ in range(data.number("B", "a rank")))
    kind, size = data.number("B", "a type"), data.number("I", "a size")
    dtype = (KINDS[kind] if kind < len(KINDS) else None) if version >= 4 else WIDTHS.get(kind)
    if len(shape) > 3 or dtype is None:
        raise fault(data.path, f"damaged: {name!r:.80} has {len(shape)} dimensions and the type {kind}")
    stored = np.dtype("<u2" if dtype == "bfloat16" else dtype)
    if size != math.prod(shape) * (stored.itemsize if version >= 4 else 1):
        raise fault(data.path, f"damaged: {name!r:.80} of the shape {list(shape)} has the size {size}")
    found = data.array(stored.str, shape, repr(name))
    if dtype == "bfloat16":
        found = widened(found).reshape(shape)
    return name, found.astype(np.float32) if dtype == "<f2" else found
