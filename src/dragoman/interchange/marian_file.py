"""Marian's own files of weights: `.bin` (its items, int8 of intgemm among them) and `.npz`, and the YAML inside.

A `.bin` is a version, a number of items, four numbers an item (length of its name, type, dimensions, bytes), all
names, all shapes, room to the next boundary, all data. Weights W [in, out] are stored as NumPy would; those in int8 as
[out, in] already, but for the embeddings, with one multiplier behind them.
"""

import io
import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from dragoman.interchange.binary import Bytes
from dragoman.interchange.importing import fault
from dragoman.interchange.matrices import Matrix

YAML = "special:model.yml"
MOST_ITEMS, MOST_YAML, MOST_BYTES = 100_000, 1 << 20, 1 << 35
FLOAT32, FLOAT16, INT8, TEXT = 0x404, 0x402, 0x4101, 0x101
ACTIVATIONS = "_QuantMultA"  # multipliers for what is multiplied with a matrix; here every row has its own
LARGEST = 1e30  # no weight is larger


@dataclass(frozen=True, slots=True)
class Item:
    """A tensor: its numbers in the shape that the file gives, and what an int8 number was multiplied by."""

    numbers: NDArray[Any]
    multiplier: float | None = None

    def matrix(self, rows: bool) -> Matrix:
        """Return it as a matrix [out, in]; `rows`: its shape is that already, as of embeddings."""
        if self.multiplier is None:
            return Matrix(self.numbers if rows else self.numbers.T)
        stored = self.numbers if rows else self.numbers.reshape(self.numbers.shape[::-1])
        return Matrix(stored, np.full(len(stored), 1 / self.multiplier, np.float32))


def read(path: Path) -> tuple[dict[str, Any], dict[str, Item]]:
    """Return the settings in a file, and its tensors by name; raises CheckpointError."""
    found = items(path)
    text = found.pop(YAML, None)
    if text is None:
        raise fault(path, f"there is no {YAML}, which says what model it is", "take a file that Marian wrote")
    return settings(bytes(text.numbers.astype("i1").tobytes()).rstrip(b"\0"), path), found


def items(path: Path) -> dict[str, Item]:
    """Return all that a file holds, its settings among the tensors; raises CheckpointError."""
    return _npz(path) if path.suffix == ".npz" else _bin(path)


def settings(data: bytes, path: Path, most: int = MOST_YAML) -> dict[str, Any]:
    """Return what YAML says, every value a text, a list or a table of such; raises CheckpointError."""
    if len(data) > most:
        raise fault(path, f"more than {most:,} bytes of YAML")
    try:
        found = yaml.BaseLoader(data.decode()).get_single_data()  # texts alone: nothing is made of a tag
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise fault(path, f"its YAML cannot be read: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise fault(path, "its YAML is no table")
    return found


def _bin(path: Path) -> dict[str, Item]:
    data = Bytes(path)
    version, count = data.number("Q", "the version"), data.number("Q", "the number of items")
    if version != 1 or count > MOST_ITEMS:
        raise fault(path, f"version {version} with {count:,} items; version 1 of Marian's files is known")
    heads = [[data.number("Q", "a head") for _ in range(4)] for _ in range(count)]
    names = [data.text(head[0], "a name") for head in heads]
    shapes = [tuple(data.number("i", "a shape") for _ in range(_few(head[2], path))) for head in heads]
    data.take(data.number("Q", "a boundary"), "what fills up to the boundary")
    read: dict[str, Item] = {}
    for (_, kind, _, size), name, shape in zip(heads, names, shapes, strict=True):
        read[name] = _item(name, kind, shape, data.take(size, repr(name)[:80]), path)
    if data.left or len(read) < count:
        raise fault(path, f"damaged: {data.left} bytes are left over, or a name is given twice")
    return read


def _few(dimensions: int, path: Path) -> int:
    if dimensions > 8:
        raise fault(path, f"damaged: an item of {dimensions} dimensions")
    return dimensions


def _item(name: str, kind: int, shape: tuple[int, ...], data: memoryview, path: Path) -> Item:
    widths = {FLOAT32: "<f4", FLOAT16: "<f2", INT8: "i1", TEXT: "i1"}
    if kind not in widths:
        raise fault(path, f"{name!r:.80} has the type {kind:#x}", "float32, float16 and portable int8 are known")
    count = math.prod(shape)
    room = count * np.dtype(widths[kind]).itemsize + (4 if kind == INT8 else 0)
    if min(shape, default=0) < 0 or not room <= len(data) < room + 1024:
        raise fault(path, f"damaged: {name!r:.80} of the shape {list(shape)} has {len(data)} bytes")
    numbers = np.frombuffer(data, widths[kind], count).reshape(shape)
    if kind in (FLOAT32, FLOAT16):
        return Item(_finite(name, numbers.astype(np.float32), path))
    if kind == TEXT:
        return Item(numbers)
    multiplier = float(np.frombuffer(data, "<f4", 1, count)[0])
    if not 0 < multiplier < LARGEST:
        raise fault(path, f"damaged: {name!r:.80} has the multiplier {multiplier}")
    return Item(numbers, multiplier)


def _finite(name: str, numbers: NDArray[np.float32], path: Path) -> NDArray[np.float32]:
    if not (np.abs(numbers) < LARGEST).all():
        raise fault(path, f"{name!r:.80} holds what is no number")
    return numbers


def _npz(path: Path) -> dict[str, Item]:
    """Return the arrays of a zip; each is held against the size that the zip names before it is unpacked."""
    try:
        with zipfile.ZipFile(path) as file:
            entries = file.infolist()
            if len(entries) > MOST_ITEMS or sum(entry.file_size for entry in entries) > min(
                MOST_BYTES, 200 * path.stat().st_size
            ):
                raise fault(path, "its arrays would be too many, or far larger than the file", "take Marian's own file")
            return {entry.filename.removesuffix(".npy"): _array(file.read(entry), entry, path) for entry in entries}
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise fault(path, f"cannot be read: {error}") from None
    except zlib.error as error:
        raise fault(path, f"damaged: {error}") from None


def _array(data: bytes, entry: zipfile.ZipInfo, path: Path) -> Item:
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    header: Mapping[tuple[int, int], Any] = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in header:
        raise ValueError(f"an array of format {version}")
    shape, fortran, dtype = header[version](file)
    if dtype.str not in ("<f4", "<f2", "|i1", "|u1") or len(shape) > 8:
        raise fault(path, f"{entry.filename!r:.80} is {dtype}, float32 is wanted")
    numbers = np.frombuffer(data, dtype, offset=file.tell())
    if numbers.size != math.prod(shape):
        raise ValueError(f"{entry.filename} has {numbers.size} numbers, its head says {shape}")
    numbers = numbers.reshape(shape, order="F" if fortran else "C")
    return Item(_finite(entry.filename, numbers.astype(np.float32), path) if dtype.kind == "f" else numbers)
