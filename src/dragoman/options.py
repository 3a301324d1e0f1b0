"""What a search is asked for and what it gives back: frozen options and frozen results.

`DecodeOptions` belongs to one call; `Hypothesis`, `Alignment` and `Translation` are its results,
the same from the torch search and from the engine. The ids that every tokenizer shares stand here.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dragoman.errors import RequestError
from dragoman.randomness import Randomness

PAD, UNK, BOS, EOS = 0, 1, 2, 3
SPECIALS = ("<pad>", "<unk>", "<s>", "</s>")
FIRST_BYTE = 4  # byte pieces <0x00>..<0xFF> have the ids 4..259
FIRST_PIECE = FIRST_BYTE + 256

MAX_BEAM = 1000
COLDEST = 1e-6  # temperature below which every draw is greedy, and logits overflow

Penalty = Literal["paper", "average", "none"]
Split = Literal["auto", "always", "never"]
Capitals = Literal["keep", "lower"]
Step = Literal["receiving", "writing"]  # of the decoder, which tells where a piece looks
Fate = Literal["kept", "finished", "pruned"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodeOptions:
    """How to search for a translation.

    Greedy is `beam=1`. Any of `temperature`, `top_k`, `top_p` turns the search into sampling, which
    gives `n_best` independent samples and has no beam. Lengths count pieces, `</s>` included.
    """

    beam: int | None = None  # None: 4, or 1 when sampling
    n_best: int = 1
    penalty: Penalty = "paper"  # how the score of a finished hypothesis depends on its length
    alpha: float = 0.6  # exponent of the paper's length penalty (Wu et al. 2016; Vaswani et al. 2017, 6.1)
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 1
    min_length: int = 1
    max_length: int | None = None  # None: 2 x source pieces + 20, never beyond the model's positions
    one_line: bool = True  # the newline byte cannot be produced
    # Where a text is translated sentence by sentence: what is longer than the model is used to, everything, or
    # nothing, so that what the model cannot take is refused. All options but this one hold for each segment.
    split: Split = "auto"
    shortlist: bool = False  # only pieces that the model's shortlist names for the source: faster, a little worse
    # What the model reads of a text in CAPITALS: themselves, or small letters, and its answer is put in CAPITALS.
    capitals: Capitals = "keep"

    def __post_init__(self) -> None:
        """Refuse what cannot be, before any work; raises RequestError."""
        if self.beam is not None and not 1 <= self.beam <= MAX_BEAM:
            raise RequestError(f"beam={self.beam}: allowed are 1 (greedy) to {MAX_BEAM}")
        if self.temperature == 0:
            raise RequestError("temperature=0 is greedy search: leave temperature out and write beam=1")
        if self.temperature is not None and not COLDEST <= self.temperature < math.inf:
            raise RequestError(f"temperature={self.temperature}: a number from {COLDEST} is wanted, such as 0.7")
        if self.top_k is not None and self.top_k < 1:
            raise RequestError(f"top_k={self.top_k}: a whole number from 1 is wanted, such as 20")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise RequestError(f"top_p={self.top_p}: a number above 0 and up to 1 is wanted, such as 0.9")
        if self.sampling and self.beam not in (None, 1):
            raise RequestError(f"beam={self.beam} with sampling (temperature, top_k, top_p): choose one of the two")
        if not 1 <= self.n_best <= MAX_BEAM:
            raise RequestError(f"n_best={self.n_best}: a whole number from 1 to {MAX_BEAM} is wanted")
        if not self.sampling and self.n_best > self.width:
            raise RequestError(f"n_best={self.n_best} is more than beam={self.width}; raise beam to {self.n_best}")
        if not 0 <= self.alpha <= 10:
            raise RequestError(f"alpha={self.alpha}: a number from 0 to 10 is wanted; the paper's is 0.6")
        if self.split not in get_args(Split):
            raise RequestError(f"split={self.split!r}: allowed are {', '.join(get_args(Split))}")
        if self.capitals not in get_args(Capitals):
            raise RequestError(f"capitals={self.capitals!r}: allowed are {', '.join(get_args(Capitals))}")
        if self.shortlist and self.sampling:
            raise RequestError("shortlist with sampling (temperature, top_k, top_p): choose one of the two")
        if self.min_length < 1:
            raise RequestError(f"min_length={self.min_length}: a whole number from 1 is wanted")
        if self.max_length is not None and self.max_length < self.min_length:
            raise RequestError(f"max_length={self.max_length} is below min_length={self.min_length}; raise it")

    @property
    def sampling(self) -> bool:
        """Whether pieces are drawn at random."""
        return self.temperature is not None or self.top_k is not None or self.top_p is not None

    @property
    def width(self) -> int:
        """Return the hypotheses kept side by side for a sentence."""
        return 1 if self.sampling else (4 if self.beam is None else self.beam)

    def limits(
        self, sources: Sequence[Sequence[int]], longest: int, prefixes: Sequence[Sequence[int]] | None = None
    ) -> tuple[int, ...]:
        """Return how many pieces the translation of each source may have, where a model can give `longest`.

        Raises RequestError for a source of no pieces, a `min_length` beyond the model, and a prefix that is too
        long or holds a special piece.
        """
        if self.min_length > longest:
            raise RequestError(f"min_length={self.min_length}: the model can give {longest} pieces; lower it")
        limits = []
        for index, source in enumerate(sources):
            if not source:
                raise RequestError("a sentence of no pieces was given; it holds </s> at least")
            limits.append(min(self.max_length or max(2 * len(source) + 20, self.min_length), longest))
            if prefixes is not None:
                _check_prefix(prefixes[index], limits[-1])
        return tuple(limits)

    def sample_keys(self, sentences: Sequence[int]) -> NDArray[np.int64]:
        """Return the key of every sample [sentence, n_best], for sentences by their numbers in the whole text."""
        randomness, numbers = Randomness(self.seed), np.array(sentences, dtype=np.int64)
        return np.stack([randomness.keys("decode.sample", n, numbers) for n in range(self.n_best)], axis=1)

    def score(self, log_probability: float, length: int) -> float:
        """Return the score by which finished hypotheses of `length` pieces (with `</s>`) are ranked."""
        return log_probability / self.divisor(length)

    def divisor(self, length: int) -> float:
        """Return what a log-probability is divided by: 1, the length, or ((5 + length) / 6) ** alpha."""
        if self.penalty == "none":
            return 1.0
        if self.penalty == "average":
            return float(length)
        return float(((5.0 + length) / 6.0) ** self.alpha)


def _check_prefix(prefix: Sequence[int], limit: int) -> None:
    for piece in prefix:
        if piece < len(SPECIALS):
            raise RequestError(f"a prefix holds {SPECIALS[piece]}; give the pieces of its text only")
    if len(prefix) >= limit:
        raise RequestError(
            f"a prefix of {len(prefix)} pieces leaves no room in a translation of {limit}; "
            f"raise max_length or shorten the prefix"
        )


@dataclass(frozen=True, slots=True)
class Way:
    """A way of going on that a step of a search looked at, and what became of it."""

    row: int  # that it goes on from: its place among the ways kept by the step before; of samples, their number
    piece: int
    log_probability: float  # of the piece
    total: float  # of the whole way, this piece included
    fate: Fate


# Told after each step of each sentence: its place in the call, the step from 0, the ways that were looked at, best
# first (2 x beam of them; of greedy search and samples those taken). What it raises ends the search.
Watch = Callable[[int, int, Sequence[Way]], None]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How much each target piece looks at each source piece: `weights` [T, S], the rows sum to one.

    Row t belongs to target piece t and is the cross-attention at the step that receives that piece, or that writes it
    (`decode.alignment`), averaged over the model's alignment heads; the last row is `</s>`'s, as is the last column.
    """

    weights: NDArray[np.float32]

    @property
    def links(self) -> tuple[tuple[int, int], ...]:
        """Return (source piece, target piece) for each target piece: the source piece at which it looks most.

        `</s>` has no link, nor has a piece that looks most at the source's `</s>`, at nothing.
        """
        end = self.weights.shape[1] - 1
        found = ((int(row.argmax()), t) for t, row in enumerate(self.weights[:-1]))
        return tuple(link for link in found if link[0] < end)


@dataclass(frozen=True, slots=True, eq=False)
class BlockAlignment:
    """The alignment of a text in segments: each looks at its own source alone, so the table is block-diagonal.

    `starts` are the first target piece of each block. Every segment keeps its `</s>`, in row and column.
    """

    blocks: tuple[Alignment, ...]
    starts: tuple[int, ...]

    @property
    def weights(self) -> NDArray[np.float32]:
        """Return the whole table [T, S], as an `Alignment` has it; all but the blocks is 0."""
        rows = self.starts[-1] + len(self.blocks[-1].weights)
        table = np.zeros((rows, sum(block.weights.shape[1] for block in self.blocks)), np.float32)
        column = 0
        for block, start, end in zip(self.blocks, self.starts, (*self.starts[1:], rows), strict=True):
            width = block.weights.shape[1]
            table[start:end, column : column + width] = block.weights[: end - start]  # no row of a missing `</s>`
            column += width
        return table

    @property
    def links(self) -> tuple[tuple[int, int], ...]:
        """Return (source piece, target piece) for each target piece, counted over the whole; `</s>` has no link."""
        found: list[tuple[int, int]] = []
        column = 0
        for block, start in zip(self.blocks, self.starts, strict=True):
            found += ((column + source, start + target) for source, target in block.links)
            column += block.weights.shape[1]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class SegmentTranslation:
    """A segment: its place in the source, that of its translation in the target, and how it was translated.

    The places are [start, end) in characters. White space is a segment without a hypothesis, and the same on both
    sides; between two segments it can be new, and then its source is empty.
    """

    source: tuple[int, int]
    target: tuple[int, int]
    hypothesis: "Hypothesis | None"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One finished search result: ids without `<s>`, with `</s>` when it is finished.

    That of a text in segments has the ids of all of them, every `</s>` included; its score is the mean of theirs.
    """

    ids: tuple[int, ...]
    token_log_probabilities: tuple[float, ...]
    score: float
    finished: bool = True  # False: max_length came first
    alignment: Alignment | BlockAlignment | None = field(default=None, compare=False)
    text: str = ""
    pieces: tuple[str, ...] = ()
    segments: tuple[SegmentTranslation, ...] = ()  # none where the text was translated as a whole

    @property
    def log_probability(self) -> float:
        """Return the sum of the log-probabilities of all pieces."""
        return math.fsum(self.token_log_probabilities)


@dataclass(frozen=True, slots=True)
class Translation:
    """A text, its best translation and the others; `warnings` says in words what the reader should know."""

    source: str
    hypotheses: tuple[Hypothesis, ...]
    source_pieces: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the best translation."""
        return self.hypotheses[0].text

    @property
    def score(self) -> float:
        """Return the best hypothesis's length-normalized log-probability."""
        return self.hypotheses[0].score

    @property
    def pieces(self) -> tuple[str, ...]:
        """Return the pieces of the best translation."""
        return self.hypotheses[0].pieces

    @property
    def alignment(self) -> Alignment | BlockAlignment | None:
        """Return the alignment of the best translation, where the model has heads for it."""
        return self.hypotheses[0].alignment

    @property
    def segments(self) -> tuple[SegmentTranslation, ...]:
        """Return the segments of the best translation; their spans cover source and text without a gap.

        What was translated as a whole is one segment.
        """
        best = self.hypotheses[0]
        own = best if self.source.strip() else None
        return best.segments or (SegmentTranslation((0, len(self.source)), (0, len(best.text)), own),)
