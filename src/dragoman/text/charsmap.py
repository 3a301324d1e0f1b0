"""The table by which a SentencePiece model normalises text, looked at before a library walks it.

Four bytes say how long the trie is, then come its units (Aoki's Darts-clone: 32 bits each, a double array), then
texts, each ended by a NUL. A unit is reached by the byte of its label; its offset leads to its children, and with
the bit for a leaf to a number: where in the texts stands what a key is replaced by.
"""

import struct

import numpy as np
from numpy.typing import NDArray

MOST_NESTED = 32  # keys along one path, for which the library has room
MOST_BYTES = 1024  # of a key
_BLOCK = 256  # units: a child is in the block of its parent's offset, whatever its label


def check(table: bytes) -> None:
    """Raise ValueError for a table in which a walk would leave the array, never end, or read no text."""
    if not table:
        return
    if len(table) < 4:
        raise ValueError("its table of characters is cut off")
    (size,) = struct.unpack_from("<I", table)
    texts = table[4 + size :]
    if size % (4 * _BLOCK) or not 0 < size < len(table) - 4 or texts[-1] != 0:
        raise ValueError("its table of characters is cut off")
    try:
        texts.decode()
    except UnicodeDecodeError:
        raise ValueError("its table of characters holds what is no text") from None
    _check_trie(np.frombuffer(table, dtype="<u4", count=size // 4, offset=4).astype(np.int64), texts)


def _check_trie(units: NDArray[np.int64], texts: bytes) -> None:
    """Follow all keys at once, a byte a step; a unit may be reached by several ways."""
    count = len(units)
    base = np.arange(count) ^ ((units >> 10) << ((units & (1 << 9)) >> 6))  # where the children of a unit are
    has_leaf = (units >> 8) & 1 == 1
    labels = units & 0x800000FF  # above 255 for a number
    parents_of = np.arange(count) ^ labels
    by_base = np.argsort(parents_of, kind="stable")
    sorted_bases = parents_of[by_base]

    reached = np.array([0])
    nested = np.zeros(1, dtype=np.int64)  # the most keys that end on a way to each
    for _ in range(MOST_BYTES):
        if (base[reached] >= count).any():
            raise ValueError("its table of characters leads outside of itself")
        nested += has_leaf[reached]
        if nested.max() > MOST_NESTED:
            raise ValueError(f"its table of characters has more than {MOST_NESTED} keys one in another")
        _check_numbers(units[base[reached[has_leaf[reached]]]], texts)
        first = np.searchsorted(sorted_bases, base[reached], "left")
        lengths = np.searchsorted(sorted_bases, base[reached], "right") - first
        if not lengths.sum():
            return
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        children = by_base[np.repeat(first, lengths) + within]
        deepest = np.zeros(count, dtype=np.int64)
        np.maximum.at(deepest, children, np.repeat(nested, lengths))
        reached = np.unique(children)
        nested = deepest[reached]
    raise ValueError(f"its table of characters has keys above {MOST_BYTES} bytes")


def _check_numbers(numbers: NDArray[np.int64], texts: bytes) -> None:
    if ((numbers & 0x7FFFFFFF) >= len(texts)).any():
        raise ValueError("its table of characters leads outside of its texts")
