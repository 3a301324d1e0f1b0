"""A trace as JSON and back, strictly: another version is refused, and there is no NaN and no Infinity in it.

Numbers of tensors are rounded to four significant digits, which is what a page shows, or packed as half-precision
floats of three, which take less than half the room.
"""

import base64
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman import strict_json
from dragoman.errors import DataError
from dragoman.explain.trace import FORMAT, VERSION, Trace

DIGITS = 4
LARGEST_HALF = 65504.0


def to_json(trace: Trace, digits: int = DIGITS, packed: bool = False) -> str:
    """Return a trace as JSON, numbers of tensors rounded to so many significant digits; below 1e-15 they are 0.

    Numbers that stand alone are not rounded. `packed` writes tensors as base64 of little-endian half-precision floats
    (3 digits), but for one that holds larger numbers than these can.
    """

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return {"shape": list(value.shape), "values": _values(value.ravel(), digits, packed)}
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items()}
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    return json.dumps(plain(trace), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(text: str) -> Trace:
    """Read what `to_json` or the page wrote; raises DataError for what is no trace of this version."""
    try:
        found = strict_json.loads(text)
    except ValueError as error:
        raise DataError(f"this is no trace: no JSON ({error}); write one with dragoman.explain.trace") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise DataError(f"this is no trace: its format is not {FORMAT}; write one with dragoman.explain.trace")
    if found.get("version") != VERSION or isinstance(found["version"], bool):
        raise DataError(
            f"a trace of version {found.get('version')!r:.80}; version {VERSION} is read here: trace the text anew"
        )
    trace: Trace = _read(found)
    return trace


def _values(numbers: NDArray[np.float32], digits: int, packed: bool) -> Any:
    if np.isnan(numbers).any() or (numbers == np.inf).any():
        raise DataError("a trace holds numbers that are not finite; the model's numbers overflow")
    finite = numbers[np.isfinite(numbers)]
    if packed and np.abs(finite).max(initial=0) <= LARGEST_HALF:
        return base64.b64encode(numbers.astype("<f2").tobytes()).decode()
    rounded = _rounded(np.where(np.isfinite(numbers), numbers, 0).astype(np.float64), digits).tolist()
    for place in np.flatnonzero(np.isinf(numbers)).tolist():
        rounded[place] = None
    return rounded


def _rounded(numbers: NDArray[np.float64], digits: int) -> NDArray[np.float64]:
    """Return the doubles nearest to the numbers of so many digits, which JSON then writes with no more."""
    size = np.abs(numbers)
    tiny = size < 1e-15  # 0 among them; a softmax has such numbers, and nobody looks at their digits
    places = digits - 1 - np.floor(np.log10(np.where(tiny, 1, size))).astype(np.int64)
    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    rounded: NDArray[np.float64] = np.rint(numbers * up / down) / up * down
    return np.where(tiny, 0.0, rounded)


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return _tensor(value) if value.keys() == {"shape", "values"} else {n: _read(v) for n, v in value.items()}
    return [_read(inner) for inner in value] if isinstance(value, list) else value


def _tensor(table: dict[str, Any]) -> NDArray[np.float32]:
    shape, values = table["shape"], table["values"]
    try:
        if isinstance(values, str):
            flat = np.frombuffer(base64.b64decode(values, validate=True), "<f2").astype(np.float32)
        else:
            flat = np.array([-math.inf if number is None else number for number in values], np.float32)
        return flat.reshape([int(length) for length in shape])
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(f"a tensor of the trace is damaged ({error}); trace the text anew") from None
