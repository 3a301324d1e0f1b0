"""A safetensors file of another program, whose tensors are known only by its header, read with distrust."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman import manifest
from dragoman.interchange.importing import fault
from dragoman.weights import MAX_HEADER, widened

BYTES = {"F32": 4, "F16": 2, "BF16": 2}
MOST_TENSORS = 100_000


class TensorFile:
    """The names and shapes of a file's tensors, and their numbers on demand as float32, which loses nothing."""

    def __init__(self, path: Path, named: Path | None = None) -> None:
        """Read and check the header; `named` is the path that errors tell. Raises CheckpointError."""
        self.path, self._file = named or path, path
        if not path.is_file():
            raise fault(self.path, "not a file")
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                if not 0 < length <= min(size - 8, MAX_HEADER):
                    raise fault(self.path, "no safetensors file (its header has an impossible length)")
                header = manifest.parse_json(file.read(length), self.path)
        except OSError as error:
            raise fault(self.path, f"cannot be read: {error.strerror}") from None
        if not isinstance(header, dict) or not isinstance(header.pop("__metadata__", {}), dict):
            raise fault(self.path, "no safetensors file (its header is no table)")
        if len(header) > MOST_TENSORS:
            raise fault(self.path, f"{len(header)} tensors, at most {MOST_TENSORS} are known of")
        self._first = 8 + length
        self._places = {name: self._place(name, value) for name, value in header.items()}
        end = 0
        for name, (_, _, begin, size_of_it) in sorted(self._places.items(), key=lambda item: item[1][2:]):
            if begin != end:
                raise fault(self.path, f"{name!r:.200} overlaps another tensor, or leaves a hole before it")
            end += size_of_it
        if end != size - self._first:
            raise fault(self.path, f"{size - self._first} bytes of tensors, {end} are wanted")

    @property
    def names(self) -> frozenset[str]:
        """Return the names of all tensors."""
        return frozenset(self._places)

    def floats(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return a tensor of this shape; raises CheckpointError where it is missing, another or not finite."""
        if name not in self._places:
            raise fault(self.path, f"there is no tensor {name}", "copy the whole file again")
        dtype, found, begin, size = self._places[name]
        if found != shape:
            raise fault(self.path, f"{name} has the shape {list(found)}, by config.json it is {list(shape)}")
        if dtype not in BYTES:
            raise fault(self.path, f"{name} is {dtype!r:.20}, known are {', '.join(BYTES)}", "save it as float32")
        try:
            with self._file.open("rb") as file:
                file.seek(self._first + begin)
                data = file.read(size)
        except OSError as error:
            raise fault(self.path, f"cannot be read: {error.strerror}") from None
        if len(data) != size:
            raise fault(self.path, "cut off")
        tensor = _widened(data, dtype).reshape(shape)
        if not np.isfinite(tensor).all():
            raise fault(self.path, f"{name} holds numbers that are not finite", "take another file")
        return tensor

    def _place(self, name: str, value: Any) -> tuple[str, tuple[int, ...], int, int]:
        """Return dtype, shape, first byte and number of bytes of a tensor, from its table in the header."""
        if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data_offsets"}:
            raise fault(self.path, f"{name!r:.200} wants dtype, shape and data_offsets and nothing else")
        dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
        for numbers in (shape, offsets):
            if not isinstance(numbers, list) or any(type(n) is not int or not 0 <= n < 1 << 48 for n in numbers):
                raise fault(self.path, f"{name!r:.200} has {numbers!r:.80} where whole numbers are wanted")
        if len(offsets) != 2 or offsets[1] < offsets[0] or len(shape) > 8:
            raise fault(self.path, f"{name!r:.200} has the shape {shape!r:.80} and data_offsets {offsets!r:.80}")
        size = offsets[1] - offsets[0]
        if dtype in BYTES and size != BYTES[dtype] * math.prod(shape):
            raise fault(self.path, f"{name!r:.200} has {size} bytes, its shape wants others")
        return str(dtype), tuple(shape), offsets[0], size


def _widened(data: bytes, dtype: str) -> NDArray[np.float32]:
    if dtype == "BF16":
        return widened(np.frombuffer(data, "<u2"))
    return np.frombuffer(data, "<f4" if dtype == "F32" else "<f2").astype(np.float32)
