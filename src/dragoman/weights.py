"""A model's tensors as files: safetensors of float32, bfloat16 or int8, written whole and read with distrust.

In an int8 file every matrix W [out, in] is a row-major int8 tensor with `name.scale` [out] beside it, and
W = int8 x scale; what is no matrix (biases, norms) and the tables of positions stay float32.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig, Shapes, parameters
from dragoman.manifest import Reading, fault, parse_json

Stored = Literal["float32", "bf16", "int8"]
Tensors = Mapping[str, NDArray[Any]]

MAX_HEADER = 16 << 20
NAMED_TENSOR = 512  # bytes that a tensor may take in the header
SCALE = ".scale"
STEPS = 127  # of an int8 number to each side of 0
LARGEST_SCALE = 2e36  # 127 such steps are a float32
_BYTES = {"F32": 4, "BF16": 2, "I8": 1}
_NUMBERS = {"F32": "<f4", "BF16": "<u2", "I8": "i1"}

Layout = dict[str, tuple[str, tuple[int, ...]]]  # dtype and shape of every tensor of a file


def matrices(config: ModelConfig) -> list[str]:
    """Name the tensors that an int8 file holds as int8."""
    return [
        name for name, shape in parameters(config).items() if len(shape) == 2 and not name.endswith("positions.weight")
    ]


def layout(config: ModelConfig, stored: Stored) -> Layout:
    """Return what a file of this model must hold."""
    shapes: Shapes = parameters(config)
    if stored != "int8":
        return {name: ("F32" if stored == "float32" else "BF16", shape) for name, shape in shapes.items()}
    rows = matrices(config)
    found: Layout = {name: ("I8" if name in rows else "F32", shape) for name, shape in shapes.items()}
    return found | {f"{name}{SCALE}": ("F32", shapes[name][:1]) for name in rows}


def digest(config: ModelConfig, tensors: Tensors) -> str:
    """Return the SHA-256 of a model's numbers in float32, however they are stored."""
    found = hashlib.sha256()
    for name, shape in parameters(config).items():
        found.update(f"{name} {shape}\n".encode())
        found.update(np.ascontiguousarray(tensors[name], "<f4").tobytes())
    return found.hexdigest()


def tensor_bytes(config: ModelConfig, stored: Stored) -> int:
    """Return how many bytes the tensors of a file of this model have, without its header."""
    return sum(_BYTES[dtype] * math.prod(shape) for dtype, shape in layout(config, stored).values())


def most_bytes(config: ModelConfig, stored: Stored) -> int:
    """Return how many bytes a file of this model can have."""
    return tensor_bytes(config, stored) + NAMED_TENSOR * (len(layout(config, stored)) + 1)


class Dequantized(Mapping[str, NDArray[np.float32]]):
    """The float32 tensors that an int8 file stands for, each made when it is asked for."""

    def __init__(self, quantized: Tensors) -> None:
        """Take the tensors of an int8 file."""
        self._quantized = quantized

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        tensor = self._quantized[name]
        if tensor.dtype != np.int8:
            return tensor
        scaled: NDArray[np.float32] = tensor.astype(np.float32) * self._quantized[f"{name}{SCALE}"][:, None]
        return scaled

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._quantized if not name.endswith(SCALE))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def encode(tensors: Tensors, config: ModelConfig, stored: Stored, path: Path) -> bytes:
    """Return the file's bytes once names, shapes, types and every number are right; raises CheckpointError."""
    wanted = layout(config, stored)
    check(tensors, config, stored, path)
    made = {name: np.ascontiguousarray(tensors[name]) for name in wanted}
    if stored == "bf16":
        halves = {name: _halves(tensor) for name, tensor in made.items()}
        for name, tensor in halves.items():
            _check_numbers(name, widened(tensor), path)  # the largest float32 have no bfloat16
        return _bfloat16_file(halves)
    return safetensors.numpy.save(made)


def check(tensors: Tensors, config: ModelConfig, stored: Stored, path: Path) -> None:
    """Raise CheckpointError for the first tensor that is missing, unknown, of another shape or type, or not finite."""
    wanted = layout(config, stored)
    _check_names(tensors, wanted, path)
    for name, (dtype, shape) in wanted.items():
        tensor = tensors[name]
        if tensor.dtype != (np.int8 if dtype == "I8" else np.float32):
            raise fault(path, f"{name} is {tensor.dtype}", "weights are float32, matrices of an int8 file int8")
        _check_shape(name, tensor.shape, shape, path)
        _check_numbers(name, tensor, path)


def stored_as(path: Path, stored: Sequence[Stored]) -> Stored:
    """Return how a file is stored, one of `stored`, as its header says; raises CheckpointError."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            data = file.read(min(length, MAX_HEADER))
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from None
    header = parse_json(data, path)
    if not isinstance(header, dict):
        raise fault(path, "not a safetensors file (its header is no table)")
    header.pop("__metadata__", None)
    return _kind(header, stored)


def parse(file: Reading, config: ModelConfig, stored: Sequence[Stored]) -> tuple[Stored, Tensors]:
    """Return how a file is stored, one of `stored`, and its tensors, each in memory of its own.

    bfloat16 comes back as float32, which it is the upper half of. Raises CheckpointError.
    """
    path = file.path
    length = int.from_bytes(file.take(8), "little") if file.left >= 8 else 0
    if not 0 < length <= file.left or length % 8:
        raise fault(path, "not a safetensors file (its header has an impossible length)")
    header = parse_json(file.take(length), path)
    if not isinstance(header, dict) or not isinstance(header.pop("__metadata__", {}), dict):
        raise fault(path, "not a safetensors file (its header is no table)")
    kind = _kind(header, stored)
    wanted = layout(config, kind)
    _check_names(header, wanted, path)
    places = {name: _place(name, header[name], *own, path) for name, own in wanted.items()}
    end = 0
    for name, begin in sorted(places.items(), key=lambda item: item[1]):
        if begin != end:
            raise fault(path, f"{name} overlaps another tensor, or leaves a hole before it")
        end += _BYTES[wanted[name][0]] * math.prod(wanted[name][1])
    if end != file.left:
        raise fault(path, f"{file.left} bytes of tensors, {end} are wanted")
    tensors = {}
    for name in sorted(places, key=lambda name: places[name]):
        dtype, shape = wanted[name]
        flat = np.frombuffer(file.take(_BYTES[dtype] * math.prod(shape)), _NUMBERS[dtype])
        tensors[name] = (widened(flat) if dtype == "BF16" else flat).reshape(shape)
        _check_numbers(name, tensors[name], path)
    return kind, {name: tensors[name] for name in wanted}


def _kind(header: Mapping[str, Any], stored: Sequence[Stored]) -> Stored:
    """Return what the file seems to be: bfloat16 where its first tensor is, if that is allowed."""
    first = next(iter(header.values()), None)
    if "bf16" in stored and isinstance(first, dict) and first.get("dtype") == "BF16":
        return "bf16"
    return stored[0]


def _place(name: str, value: Any, dtype: str, shape: tuple[int, ...], path: Path) -> int:
    """Return where a tensor begins, from its table in the header: {"dtype", "shape", "data_offsets"}."""
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data_offsets"}:
        raise fault(path, f"{name} wants dtype, shape and data_offsets and nothing else")
    if value["dtype"] != dtype:
        raise fault(path, f"{name} is {value['dtype']!r}; {dtype} is wanted here", "convert the weights")
    _check_shape(name, value["shape"], shape, path)
    offsets, size = value["data_offsets"], _BYTES[dtype] * math.prod(shape)
    whole = isinstance(offsets, list) and len(offsets) == 2 and all(type(offset) is int for offset in offsets)
    if not whole or offsets[1] - offsets[0] != size:
        raise fault(path, f"{name} has data_offsets={offsets!r}; {size} bytes are wanted")
    return int(offsets[0])


def _check_names(given: Mapping[str, Any], wanted: Layout, path: Path) -> None:
    for name in wanted:
        if name not in given:
            raise fault(path, f"no tensor {name}, which the model of config.json needs")
    for name in given:
        if name not in wanted:
            raise fault(path, f"tensor {name!r} is not of the model of config.json")


def _check_shape(name: str, given: Any, shape: tuple[int, ...], path: Path) -> None:
    if not isinstance(given, list | tuple) or any(type(n) is not int for n in given) or tuple(given) != shape:
        raise fault(path, f"{name} has the shape {given!r}; the model of config.json wants {list(shape)}")


def _check_numbers(name: str, tensor: NDArray[Any], path: Path) -> None:
    least, most = tensor.min(), tensor.max()  # NaN where one is: no copy as large as the tensor is made
    if tensor.dtype == np.int8:
        if least < -STEPS:
            raise fault(path, f"{name} holds -128; -{STEPS} to {STEPS} are allowed", "quantize the model again")
        return
    if not (np.isfinite(least) and np.isfinite(most)):
        raise fault(path, f"{name} holds numbers that are not finite", "train with a lower peak rate")
    if name.endswith(SCALE) and (least < 0 or most > LARGEST_SCALE):
        raise fault(path, f"{name} holds a scale below 0 or above {LARGEST_SCALE:.1e}", "quantize the model again")


def _halves(tensor: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Round to bfloat16, to the nearest, ties to even."""
    bits = tensor.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def widened(halves: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return bfloat16 numbers, given as their bits, as float32."""
    return (halves.astype(np.uint32) << 16).view(np.float32)


def _bfloat16_file(tensors: Mapping[str, NDArray[np.uint16]]) -> bytes:
    """Return a safetensors file of BF16, a type that NumPy does not have: its header is JSON before the numbers."""
    header, end = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "BF16", "shape": list(tensor.shape), "data_offsets": [end, end + tensor.nbytes]}
        end += tensor.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # the numbers begin at a multiple of 8
    return len(text).to_bytes(8, "little") + text + b"".join(tensor.tobytes() for tensor in tensors.values())
