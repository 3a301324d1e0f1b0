"""The compiled half of the package: what `native/binding.cpp` gives to Python."""

from collections.abc import Callable, Mapping
from typing import Any

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

class Lattice:
    """A unigram vocabulary: the ways to cut a text into its pieces, and one of them drawn by a key.

    Strings are code points (uint32) end to end with n + 1 int64 offsets. Piece i has the id 260 + i. A word
    begins at each U+2581; 0x110000 stands for a U+2581 that is no blank. Immutable, and safe between threads.
    """

    def __init__(self, points: NDArray[np.uint32], offsets: NDArray[np.int64], scores: NDArray[np.float64]) -> None:
        """Take the pieces and the log-probability of each; an empty or repeated piece is a ValueError."""

    @property
    def unknown_score(self) -> float:
        """Score of a letter that is no piece: the lowest of all pieces, minus 10."""

    def edges(self, text: NDArray[np.uint32]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Return starts, ends and pieces (-1: a letter that is none) of all edges, by end and then by length."""

    def sample_many(
        self, points: NDArray[np.uint32], offsets: NDArray[np.int64], keys: NDArray[np.int64], alpha: float
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Draw a cut of each text with probability proportional to exp(alpha x its score); ids and offsets.

        The draw is a function of the text's key alone, by the formula at the top of `native/lattice.h`.
        """

def learn_unigram(
    points: NDArray[np.uint32], offsets: NDArray[np.int64], counts: NDArray[np.int64], size: int
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.float64]]:
    """Learn a unigram vocabulary of at most `size` pieces from words and how often each occurs.

    Returns the pieces, the most likely first, as code points and offsets, and their log-probabilities; the same
    for the same words in the same order, by `native/unigram.h`.
    """

def kernel_names() -> list[str]:
    """Name the kernels that this machine can run; see `dragoman.engine.cpu`."""

class Grammar:
    """Which pieces may follow in a state, and which state comes then; see `dragoman.grammar`."""

    def __init__(self, allowed: NDArray[np.uint8], next: NDArray[np.uint8]) -> None:
        """Take two tables [states, pieces]."""

class Engine:
    """A model and its kernels; see `dragoman.engine.model`, which checks all that is given here.

    Rows of ids are laid end to end with n + 1 offsets.
    """

    def __init__(
        self, shape: Mapping[str, Any], weights: dict[str, NDArray[Any]], precision: str, kernels: str, given: bool
    ) -> None:
        """Pack float32 weights, or int8 ones with `name.scale` beside them; each is taken out of the dict.

        What is `given` nobody reads again: its memory may go while it is packed.
        """

    @property
    def weight_bytes(self) -> int:
        """Bytes of all packed matrices."""

    def peaks(self, threads: int) -> tuple[float, float]:
        """Return the operations and the bytes read of a second, as far as these kernels can."""

    def search(
        self,
        sources: NDArray[np.int32],
        source_offsets: NDArray[np.int64],
        prefixes: NDArray[np.int32],
        prefix_offsets: NDArray[np.int64],
        limits: NDArray[np.int64],
        keys: NDArray[np.int64],
        options: Mapping[str, Any],
        grammar: Grammar,
        threads: int,
        watch: Callable[[int, int, list[tuple[int, int, float, float, int]]], None] | None,
        costs: dict[str, tuple[float, float, float]] | None,
        pieces: NDArray[np.int32],
        piece_offsets: NDArray[np.int64],
    ) -> list[list[tuple[list[int], list[float], float, bool]]]:
        """Return ids, log-probabilities, score and whether it is finished, of each hypothesis of each source.

        `watch` is called with (sentence, step, ways) after each step, a way being (row, id, log-probability, sum,
        fate: 0 kept, 1 finished, 2 pruned); what it raises ends the search. `costs` gets seconds, operations and
        bytes read of every operator of the first team of threads. `pieces` are the only ones that each source may
        produce, in rising order; without any all are allowed.
        """

    def score(
        self,
        sources: NDArray[np.int32],
        source_offsets: NDArray[np.int64],
        targets: NDArray[np.int32],
        target_offsets: NDArray[np.int64],
        threads: int,
    ) -> list[list[float]]:
        """Return the log-probability of every target piece."""

    def logits(self, source: NDArray[np.int32], target: NDArray[np.int32], threads: int) -> NDArray[np.float32]:
        """Return the logits [T x V] after each piece of a target that begins with `<s>`."""

    def layers(self, source: NDArray[np.int32], target: NDArray[np.int32], threads: int) -> NDArray[np.float32]:
        """Return x [encoder layers x S x D] and then [decoder layers x T x D] after every layer."""

    def cross_attention(
        self, source: NDArray[np.int32], target: NDArray[np.int32], threads: int
    ) -> NDArray[np.float32]:
        """Return the weights [layers x heads x (T + 1) x S] of a target that is read after `<s>`."""
