"""Keyed random numbers: every draw is a function of what it is for, never of what was drawn before.

A number depends on (seed, purpose, epoch, sample, position, site) alone, so the number of workers,
the splitting of a batch, a resume and a restart change nothing (counter-based random numbers:
Salmon et al. 2011; the mixer is splitmix64, Steele et al. 2014). `mix` works on int64 NumPy arrays
and int64 torch tensors alike, and gives the same bits.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# splitmix64's constants, as the signed 64-bit integers that NumPy and torch both have.
_GAMMA = 0x9E3779B97F4A7C15 - (1 << 64)
_FIRST = 0xBF58476D1CE4E5B9 - (1 << 64)
_SECOND = 0x94D049BB133111EB - (1 << 64)


def mix(x: Any) -> Any:
    """Scramble an int64 array or tensor, bit for bit the same in both: neighbours in, unrelated numbers out."""
    x = x + _GAMMA
    x = (x ^ ((x >> 30) & 0x3FFFFFFFF)) * _FIRST  # the mask makes the arithmetic shift a logical one
    x = (x ^ ((x >> 27) & 0x1FFFFFFFFF)) * _SECOND
    return x ^ ((x >> 31) & 0x1FFFFFFFF)


def _mix_one(x: int) -> int:
    return int(mix(np.array([x], dtype=np.int64))[0])


@dataclass(frozen=True, slots=True)
class Randomness:
    """The seed of a run, from which keys for every purpose are made."""

    seed: int

    def key(self, purpose: str, *numbers: int) -> int:
        """Return the int64 key of a purpose and some whole numbers, such as an epoch."""
        value = _mix_one((self.seed & 0x7FFFFFFFFFFFFFFF) ^ zlib.crc32(purpose.encode()))
        for number in numbers:
            value = _mix_one(value ^ number)
        return value

    def keys(self, purpose: str, epoch: int, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return one int64 key a sample."""
        keys: NDArray[np.int64] = mix(np.int64(self.key(purpose, epoch)) ^ samples.astype(np.int64))
        return keys

    def order(self, purpose: str, epoch: int, count: int) -> NDArray[np.int64]:
        """Return the numbers 0..count-1 in an order that depends on (seed, purpose, epoch) alone."""
        return np.argsort(self.keys(purpose, epoch, np.arange(count)), kind="stable")


def uniform(keys: NDArray[np.int64], counter: int) -> NDArray[np.float64]:
    """Return one number in [0, 1) a key: the `counter`-th draw of that key, from the top 53 bits."""
    bits: NDArray[np.int64] = mix(keys ^ np.int64(_mix_one(counter)))
    return np.asarray(((bits >> 11) & 0x1FFFFFFFFFFFFF) * 2.0**-53, dtype=np.float64)
