"""The compiled half of the package: what `native/binding.cpp` gives to Python."""

import numpy as np
from numpy.typing import NDArray

def instruction_sets() -> list[str]:
    """Name the instruction sets of this machine; see `dragoman.engine.cpu`."""

class Merges:
    """Byte-pair merges of ids, with merge-dropout that is a pure function of a key.

    Immutable, and safe to share between threads. Arrays are contiguous and of exactly the dtype named (else
    TypeError); values out of range, starts that do not rise and a pair given twice are a ValueError.
    """

    def __init__(self, pairs: NDArray[np.int32], joined: NDArray[np.int32]) -> None:
        """Take the merges in the order of their ranks: `pairs` [M, 2] left and right ids, `joined` [M]."""

    def apply(
        self, ids: NDArray[np.int32], word_starts: NDArray[np.int32], key: int, dropout: float
    ) -> NDArray[np.int32]:
        """Merge the initial symbols of one text, never across a word start.

        `dropout` 0 is plain byte-pair encoding: lowest rank first, leftmost among equals. Above 0, each
        candidate of each step is passed over with that probability (Provilkov et al. 2020, section 3) and the
        best one left is made; a word in which a step passes over all is done. A draw depends on (`key`, index
        of the word, merges made in the word so far, index of the pair's first symbol in the word) alone, by
        the formula at the top of `native/merges.h`.
        """

    def apply_many(
        self,
        ids: NDArray[np.int32],
        text_starts: NDArray[np.int64],
        word_starts: NDArray[np.int32],
        word_offsets: NDArray[np.int64],
        keys: NDArray[np.int64],
        dropout: float,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Merge n texts laid end to end, each as `apply` would with its key.

        Text i is `ids[text_starts[i]:text_starts[i + 1]]`; its words start, counted within the text, at
        `word_starts[word_offsets[i]:word_offsets[i + 1]]`; both offset arrays have n + 1 entries. Returns the
        merged ids end to end and their n + 1 offsets.
        """
