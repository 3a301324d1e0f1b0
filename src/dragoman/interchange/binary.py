"""Bytes of a foreign file, read from the front with distrust: every length is held against what is left."""

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.interchange.importing import content, fault

MAX_NAME = 1 << 16  # bytes


class Bytes:
    """The content of a file and how far it has been read; whole numbers are little endian."""

    def __init__(self, path: Path) -> None:
        """Read a file; raises CheckpointError."""
        self.path, self._at = path, 0
        self._data = memoryview(content(path, None))

    @property
    def left(self) -> int:
        """Return how many bytes are to come."""
        return len(self._data) - self._at

    def take(self, count: int, what: str) -> memoryview:
        """Return the next bytes; raises CheckpointError where there are fewer."""
        if not 0 <= count <= self.left:
            raise fault(self.path, f"damaged: {what} has {count} bytes at byte {self._at}, {self.left} are left")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, kind: str, what: str) -> int:
        """Return the next whole number, `kind` as `struct` names it."""
        (value,) = struct.unpack(f"<{kind}", self.take(struct.calcsize(f"<{kind}"), what))
        return int(value)

    def text(self, length: int, what: str) -> str:
        """Return the next bytes as UTF-8 without the zeros at their end."""
        if length > MAX_NAME:
            raise fault(self.path, f"damaged: {what} of {length} bytes")
        try:
            return bytes(self.take(length, what)).rstrip(b"\0").decode()
        except UnicodeDecodeError:
            raise fault(self.path, f"damaged: {what} is no UTF-8") from None

    def array(self, kind: str, shape: tuple[int, ...], what: str) -> NDArray[Any]:
        """Return the next numbers as an array of the shape, which shares their memory."""
        return np.frombuffer(self.take(math.prod(shape) * np.dtype(kind).itemsize, what), dtype=kind).reshape(shape)
