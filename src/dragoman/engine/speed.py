"""What a measurement of the engine found: `evaluate` fills it, the page draws it."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operator:
    """A part of the work: its share of the time, and what it did in a second."""

    name: str
    share: float
    operations: float  # a second
    bytes: float  # read in a second


@dataclass(frozen=True, slots=True)
class Case:
    """Some sentences, translated in some way by some threads."""

    name: str
    threads: int
    sentences_a_second: float
    pieces_a_second: float
    middle: float  # seconds of a call: of half of the calls
    slow: float  # of 95 of 100 calls
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Speed:
    """What `measure` found; `as_json` is all of it."""

    kernels: str
    precision: str
    load_seconds: float
    weight_bytes: int
    peak_operations: float  # a second, of all threads
    peak_bytes: float
    cases: tuple[Case, ...]

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return asdict(self)
