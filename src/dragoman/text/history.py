"""How a text came to its pieces, as plain data: merges one by one, or all candidates of a unigram model."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dragoman.options import FIRST_BYTE, FIRST_PIECE
from dragoman.text.bpe import BytePairs
from dragoman.text.byte_bpe import ByteLevelPairs
from dragoman.text.spelling import BLANK
from dragoman.text.unigram import Unigram


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge: what was joined, by which rank, in which word, and all pieces of the text after it."""

    rank: int
    word: int
    left: str
    right: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece that stands at a place of the text, [start, end) in characters, and its log-probability.

    The blank in front of the text takes no room. A letter that is no piece is `<unk>` here, and its bytes in a cut.
    """

    piece: str
    start: int
    end: int
    log_probability: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every candidate, by its end and then from the shortest on, and the best path through them."""

    candidates: tuple[Candidate, ...]
    best: tuple[Candidate, ...]

    @property
    def log_probability(self) -> float:
        """Return that of the best path: the sum over its pieces."""
        return sum(candidate.log_probability for candidate in self.best)


def merge_steps(model: BytePairs | ByteLevelPairs, text: str) -> tuple[Merge, ...]:
    """Return the merges of a text, word by word, the lowest rank first and the leftmost among equals."""
    ranks = {pair: rank for rank, pair in enumerate(model.merges)}
    words = _words(model, text)
    steps = []
    for number, word in enumerate(words):
        while found := min(
            ((ranks[pair], at) for at, pair in enumerate(pairwise(word)) if pair in ranks), default=None
        ):
            rank, at = found
            left, right = word[at : at + 2]
            word[at : at + 2] = [left + right]
            steps.append(Merge(rank, number, left, right, tuple(piece for word in words for piece in word)))
    return tuple(steps)


def candidates(model: Unigram, text: str) -> Candidates:
    """Return the lattice of a text and the cut that the model takes."""
    if not text:
        return Candidates((), ())
    points = np.frombuffer(model.marked(text).encode("utf-32-le"), dtype=np.uint32)
    lattice = model.lattice
    edges = zip(*(array.tolist() for array in lattice.edges(model.with_blanks(points))), strict=True)
    spans = {
        (start, end): Candidate(
            "<unk>" if piece < 0 else model.pieces[FIRST_PIECE + piece],
            max(start - 1, 0),
            end - 1,
            lattice.unknown_score if piece < 0 else model.scores[piece],
        )
        for start, end, piece in edges
    }
    best, at = [], 0
    (ids,) = model.encode_ids([text])
    for index in ids:  # the bytes of a letter are one edge, which the first of them takes
        if index < FIRST_PIECE and (index - FIRST_BYTE) & 0xC0 == 0x80:
            continue
        end = at + (1 if index < FIRST_PIECE else len(model.pieces[index]))
        best.append(spans[at, end])
        at = end
    return Candidates(tuple(spans.values()), tuple(best))


def _words(model: BytePairs | ByteLevelPairs, text: str) -> list[list[str]]:
    """Return the words of a text in the smallest pieces of the model."""
    if isinstance(model, ByteLevelPairs):
        return [list(word) for word in model.words(text)]
    known = {piece for piece in model.pieces if len(piece) == 1}
    words: list[list[str]] = []
    for letter in " " + text if text else "":
        if letter == " ":
            words.append([BLANK])
        elif letter in known and letter != BLANK:
            words[-1].append(letter)
        else:
            words[-1] += [f"<0x{byte:02X}>" for byte in letter.encode()]
    return words
