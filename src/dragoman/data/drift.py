"""Where two files drift apart: line i of one stands beside line i + shift of the other, and from where to where.

Each line is scored with its partner: how much likelier its words are beside those of the partner than alone
(IBM model 1, Brown et al. 1993, a lexicon learned from the corpus itself), and how well the lengths fit. Where
the scores break down, every shift within reach is tried on the next lines, and the line where one shift takes
over from another is the one that makes the sum of scores largest. Memory: some thousand lines.
"""

# Shapes.  L lines, M words of a line that are looked at, K shifts.

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dragoman.data.block import Block, Hashes, Side
from dragoman.data.lexicon import learn

WORDS = 12  # of a line that are looked at, from its beginning
PLACES = 600_000  # pairs of positions that the lexicon is learned from, some 100 bytes each
ALONE = 0.3  # chance that a target word comes from nothing
BOUND = 4.0  # a line says no more than this, for or against
ALARM = 24.0  # evidence against the present shift that starts a search
SURE = 25.0  # evidence for another shift that is believed
AHEAD = 64  # lines on which shifts are tried
CHUNK = 2048  # lines scored at a time
CHUNKS = 320  # of the sample that are learned from
SAMPLE_REACH = 12  # shifts tried on the sample that the lexicon is learned from
TELLS = 1.0  # mean score of a line without which the lexicon knows too little
ROUNDS = 2  # of learning, with better shifts
_BITS = 22

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Lines = tuple[Ids, Floats]  # words [L, M] and logarithms of lengths [L]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Source lines `first` to `last` (from 1): their translations stand `shift` lines later; None: nowhere near."""

    first: int
    last: int
    shift: int | None

    def __str__(self) -> str:
        """Return what is wrong, for people."""
        lines = f"lines {self.first:,} to {self.last:,}"
        if self.shift is None:
            return f"{lines}: source and target do not belong together"
        way = "later" if self.shift > 0 else "earlier"
        unit = "line" if abs(self.shift) == 1 else "lines"
        return f"{lines}: the translation of each source line stands {abs(self.shift):,} {unit} {way} in the target"


@dataclass(frozen=True, slots=True, eq=False)
class Belonging:
    """How much two lines look like source and target of each other."""

    vocabularies: tuple[Hashes, Hashes]  # sorted hashes of the known words of each side
    table: NDArray[np.float32]  # t(target | source) / p(target), by `_slot`
    marks: NDArray[np.uint16]  # what tells another pair of words with the same slot
    ratio: tuple[float, float, float]  # usual logarithm of the lengths' ratio, its spread, that of strangers
    level: tuple[float, float]  # mean score of pairs and of strangers that the lexicon has not seen

    @classmethod
    def unknown(cls) -> "Belonging":
        """Return a value that tells nothing."""
        nothing = np.zeros(0, np.uint64)
        return cls((nothing, nothing), np.zeros(1, np.float32), np.zeros(1, np.uint16), (0.0, 1.0, 1.0), (0.0, 0.0))

    @property
    def tells(self) -> bool:
        """Return whether the lexicon is good enough."""
        return self.level[0] - self.level[1] > TELLS

    def ids(self, place: int, side: Side) -> Lines:
        """Return the first words of each text as numbers, -1 for none and for unknown ones [L, M], and lengths [L]."""
        return _ids(side, self.vocabularies[place]), np.log(side.lengths + 1.0)

    def scores(self, source: Lines, target: Lines) -> Floats:
        """Return the evidence that lines belong together, as a logarithm, from -BOUND to BOUND [L]."""
        (source_LM, source_length), (target_LM, target_length) = source, target
        known_S, known_T = source_LM >= 0, target_LM >= 0
        slots, marks = _slot(source_LM[:, :, None], target_LM[:, None, :])
        ratios = np.where(self.marks[slots] == marks, self.table[slots], 0.0)
        ratios *= known_S[:, :, None] & known_T[:, None, :]
        mean_LM = ratios.sum(1) / np.maximum(known_S.sum(1), 1)[:, None]
        words = np.where(known_T, np.log(ALONE + (1 - ALONE) * mean_LM), 0.0).sum(1)
        words *= known_S.any(1)
        lengths = self.length_scores(source_length, target_length)
        return np.asarray(np.clip(words + np.clip(lengths, -2.0, 2.0), -BOUND, BOUND))

    def length_scores(self, source_length: Floats, target_length: Floats) -> Floats:
        """Return the evidence of the lengths alone [L]."""
        middle, spread, strange = self.ratio
        deviation = (target_length - source_length - middle) ** 2
        return np.asarray(np.log(strange / spread) - deviation * (0.5 / spread**2 - 0.5 / strange**2))


def learn_belonging(sample: Sequence[Block]) -> Belonging:
    """Learn from chunks of lines that follow each other, each laid at the shift that suits it best."""
    sample = [block for block in sample if len(block)][:CHUNKS]
    vocabularies = tuple(_vocabulary([block.sides[place] for block in sample]) for place in (0, 1))
    tables = np.zeros(1 << _BITS, np.float32), np.zeros(1 << _BITS, np.uint16)
    plain = Belonging((vocabularies[0], vocabularies[1]), *tables, _ratio(sample), (0.0, 0.0))
    rows = [(plain.ids(0, block.source), plain.ids(1, block.target)) for block in sample]
    found = plain
    shifts = [_shift_of_lengths(plain, rows)] * len(rows)
    for _ in range(ROUNDS):
        found = _learned(plain, rows, shifts)
        better = [_best_shift(found, source, target) for source, target in rows]
        if not found.tells or better == shifts:
            break
        shifts = better
    return found


def _ratio(sample: Sequence[Block]) -> tuple[float, float, float]:
    """Return the usual logarithm of the ratio of lengths, its spread, and the spread of lines that are strangers."""
    if not sample:
        return 0.0, 1.0, 1.0
    source = np.concatenate([block.source.lengths for block in sample])
    target = np.concatenate([block.target.lengths for block in sample])
    strange = np.concatenate([np.roll(block.target.lengths, len(block) // 2 + 1) for block in sample])
    together, apart = (np.log(lengths + 1.0) - np.log(source + 1.0) for lengths in (target, strange))
    middle, spread = float(np.median(together)), _deviation(together)
    return middle, spread, max(_deviation(apart), 1.05 * spread)


def _deviation(values: Floats) -> float:
    return max(1.4826 * float(np.median(np.abs(values - np.median(values)))), 0.08)


def _shift_of_lengths(plain: Belonging, rows: list[tuple[Lines, Lines]]) -> int:
    """Return the shift at which the lengths of all chunks fit best: files may drift apart on their first lines."""
    totals = np.zeros(2 * SAMPLE_REACH + 1)
    for (_, source), (_, target) in rows:
        count = len(source)
        for place in range(len(totals) if count > 2 * SAMPLE_REACH else 0):
            moved = target[place : count - 2 * SAMPLE_REACH + place]
            scores = plain.length_scores(source[SAMPLE_REACH : count - SAMPLE_REACH], moved)
            totals[place] += np.clip(scores, -2.0, 2.0).sum()
    best = int(np.argmax(totals))
    return best - SAMPLE_REACH if totals[best] > totals[SAMPLE_REACH] + SURE else 0


def _learned(plain: Belonging, rows: list[tuple[Lines, Lines]], shifts: list[int]) -> Belonging:
    pairs = []
    places = 0
    for ((source, _), (target, _)), shift in zip(rows, shifts, strict=True):
        for line in range(max(0, -shift), min(len(source), len(source) - shift)):
            one, other = source[line], target[line + shift]
            pair = (one[one >= 0], other[other >= 0])
            if len(pair[0]) and len(pair[1]) and places + len(pair[0]) * len(pair[1]) <= PLACES:
                places += len(pair[0]) * len(pair[1])
                pairs.append(pair)
    if len(pairs) < 100:
        return plain
    held_out, taught = pairs[::8], [pair for number, pair in enumerate(pairs) if number % 8]
    lexicon = learn(taught)
    targets = np.concatenate([target for _, target in taught])
    frequency = np.bincount(targets, minlength=lexicon.pieces) / len(targets)
    source, target = lexicon.keys // lexicon.pieces, lexicon.keys % lexicon.pieces
    values = lexicon.forward / np.maximum(frequency[target], 1e-9)
    kept = np.argsort(values * lexicon.forward, kind="stable")  # where two share a slot, the stronger stays
    kept = kept[(values[kept] > 1.0) & (lexicon.forward[kept] > 0.01)]
    table, marks = np.zeros_like(plain.table), np.zeros_like(plain.marks)
    slots, mark = _slot(source[kept], target[kept])
    table[slots], marks[slots] = values[kept], mark
    found = Belonging(plain.vocabularies, table, marks, plain.ratio, (0.0, 0.0))
    return replace(found, level=_level(found, held_out))


def _level(found: Belonging, held_out: list[tuple[Ids, Ids]]) -> tuple[float, float]:
    """Return the mean score of pairs that the lexicon has not seen, and of strangers; lengths aside."""
    padded = [np.full((len(held_out), WORDS), -1, np.int64) for _ in (0, 1)]
    for line, pair in enumerate(held_out):
        for rows, ids in zip(padded, pair, strict=True):
            rows[line, : len(ids)] = ids
    nothing, usual = np.zeros(len(held_out)), np.full(len(held_out), found.ratio[0])
    moved = np.roll(padded[1], len(held_out) // 2, 0)
    fit, apart = (found.scores((padded[0], nothing), (targets, usual)).mean() for targets in (padded[1], moved))
    return float(fit), float(apart)


def _best_shift(found: Belonging, source: Lines, target: Lines) -> int:
    """Return the shift at which the lines of a chunk belong together by far the best; 0 where none is."""
    count = len(source[1])
    if count <= 2 * SAMPLE_REACH:
        return 0
    inner = slice(SAMPLE_REACH, count - SAMPLE_REACH)
    one = (source[0][inner], source[1][inner])
    totals = []
    for shift in range(-SAMPLE_REACH, SAMPLE_REACH + 1):
        moved = slice(SAMPLE_REACH + shift, count - SAMPLE_REACH + shift)
        totals.append(float(found.scores(one, (target[0][moved], target[1][moved])).sum()))
    best = int(np.argmax(totals))
    return best - SAMPLE_REACH if totals[best] > max(totals[SAMPLE_REACH] + SURE, SURE) else 0


def _vocabulary(sides: list[Side]) -> Hashes:
    """Return the hashes of the words that come twice or more, sorted."""
    if not sides:
        return np.zeros(0, np.uint64)
    values, counts = np.unique(np.concatenate([side.words.hashes for side in sides]), return_counts=True)
    return values[counts > 1]


def _ids(side: Side, vocabulary: Hashes) -> Ids:
    rows = np.full((len(side.texts), WORDS), -1, np.int64)
    words = side.words
    if not len(words) or not len(vocabulary):
        return rows
    place = np.arange(len(words)) - words.starts[words.text]
    early = place < WORDS
    hashes = words.hashes[early]
    at = np.minimum(np.searchsorted(vocabulary, hashes), len(vocabulary) - 1)
    rows[words.text[early], place[early]] = np.where(vocabulary[at] == hashes, at, -1)
    return rows


def _slot(source: Ids, target: Ids) -> tuple[Ids, NDArray[np.uint16]]:
    """Return for two words their place in the table and a mark of 16 bits, never 0."""
    mixed = source.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + target.astype(np.uint64) * np.uint64(
        0xC2B2AE3D27D4EB4F
    )
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    slots = (mixed >> np.uint64(64 - _BITS)).astype(np.int64)
    return slots, (mixed >> np.uint64(8)).astype(np.uint16) | np.uint16(1)
