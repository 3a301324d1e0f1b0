"""JSON read strictly: where Python's own reader loses something in silence, an error says so."""

import json
from typing import Any, Never

MOST_DIGITS = 1000  # of a whole number


def loads(text: str) -> Any:
    """Return what JSON says: no NaN, no name twice in a table, no number of thousands of digits, not too deep.

    Raises ValueError, for JSON that is none as well.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_whole)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name, value in pairs:
        if name in table:
            raise ValueError(f"{name!a:.60} stands there twice")
        table[name] = value
    return table


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:  # from some length on Python refuses, with advice of its own
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")
