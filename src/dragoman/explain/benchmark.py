"""What `dragoman bench --json` measured on one machine, for the page's picture of it; read with distrust."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dragoman import strict_json
from dragoman.config import build, table_of
from dragoman.engine.speed import Speed
from dragoman.errors import ConfigError, RequestError

EXAMPLE = Path(__file__).with_name("benchmark.json")  # how it was measured stands in docs/page.md
MOST_BYTES = 1 << 20
MOST_CASES, MOST_OPERATORS = 64, 64
NAMED = ("model", "processor")

Benchmark = dict[str, Any]  # JSON: the names above, and all of a `Speed`


def example() -> Benchmark:
    """Return the measurements that come with the program."""
    return read(EXAMPLE)


def read(path: Path) -> Benchmark:
    """Return the measurements in a file; raises RequestError for one that `dragoman bench --json` did not write."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(
            f"{path}: cannot be read: {error.strerror}; write dragoman bench MODEL --json > FILE"
        ) from None
    try:
        return _checked(data)
    except (ValueError, ConfigError) as error:
        raise RequestError(
            f"{path}: not what dragoman bench --json writes ({error}); write dragoman bench MODEL --json > {path}"
        ) from None


def _checked(data: bytes) -> Benchmark:
    if len(data) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES:,} bytes")
    table = strict_json.loads(data.decode())
    if not isinstance(table, dict):
        raise ValueError("a table is wanted")
    table.pop("peak_memory_bytes", None)
    names = {name: table.pop(name, None) for name in NAMED}
    for name, value in names.items():
        if not isinstance(value, str):
            raise ValueError(f"{name}={value!r}: text is wanted")
    speed = build(Speed, table, "bench")
    found = table_of(speed)
    if not 1 <= len(speed.cases) <= MOST_CASES or any(len(case.operators) > MOST_OPERATORS for case in speed.cases):
        raise ValueError(f"1 to {MOST_CASES} cases of at most {MOST_OPERATORS} operators are wanted")
    if not all(0 <= number < 1e30 for number in _numbers(found)) or not speed.peak_operations * speed.peak_bytes:
        raise ValueError("its numbers must be finite and not negative, its peaks above 0")
    return names | found


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _numbers(inner)
    elif isinstance(value, int | float):
        yield value if math.isfinite(value) else math.inf
