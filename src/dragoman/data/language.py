"""Which of the two languages of a corpus a text is in, or neither: letter triples, learned from the corpus itself.

Each side teaches how often every triple of letters comes in its language. A text is foreign where the other
side's language explains it far better (swapped or untranslated), or where its own explains it far worse than
usual. Words that stand on both sides of a pair (names) do not count.
"""

# Shapes.  W words of a side of a block, N pairs.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dragoman.data.block import Block, Side
from dragoman.data.filters import SIDES, Found
from dragoman.data.letters import LETTER, letters
from dragoman.data.tongues import common_words, guess, stranger

BITS = 18  # of the number of a triple: so many entries in a table
SMOOTHING = 0.05  # added to the count of every triple
LEAST = 9  # triples that a text must have to be judged
CLEAR = 0.5  # of the logarithm, for each triple, by which the other language must be likelier
STRANGEST = 0.08  # share of the texts that the second round of learning leaves out
STRANGE = -3.0  # spreads from the usual from which on a single word of another language tells
FEW_WORDS, MORE_WORDS = 0.5, 1.5  # common words of another language that are wanted
SUSPICIOUS = -1.5  # spreads from the usual from which on the common words of other languages count

Floats = NDArray[np.float64]
Table = NDArray[np.float32]
Evidence = tuple[list[Floats], list[Floats], list[Floats]]


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """Pairs with a text in the other side's language, or in neither."""

    tables: tuple[Table, Table]  # logarithm of the frequency of each triple on each side
    usual: tuple[tuple[float, float, float], tuple[float, float, float]]  # mean, spread of texts, of triples
    names: tuple[str | None, str | None]  # what the sides seem to be in
    ignored: tuple[frozenset[str], frozenset[str]]  # words that are common elsewhere and stand in usual texts here
    doubt: float  # how many times more likely the other language must be, as a logarithm (base e)
    strangeness: float  # spreads below the usual that are still of the language
    name: str = "language"
    why: str = "A text in the wrong language teaches the model to answer in it."

    def find(self, block: Block) -> Found:
        """Return the pairs with a side in another language."""
        found: Found = {}
        own, other, triples = self._evidence(block)
        for place in (0, 1):
            count = triples[place]
            gain = other[place] - own[place]
            taken = (gain > self.doubt) & (gain > CLEAR * count) & (count >= LEAST)
            strange = self.strange(place, own[place], count)
            for index in np.flatnonzero(taken).tolist():
                found[index] = self._mistaken(place, index in found, block.sides[place].texts[index])
            for index in np.flatnonzero((strange < SUSPICIOUS) & (count >= LEAST) & ~taken).tolist():
                least = FEW_WORDS if strange[index] < STRANGE else MORE_WORDS
                language = stranger(block.sides[place].texts[index], self.names[place], self.ignored[place], least)
                if language is not None or strange[index] < -self.strangeness:
                    words = (
                        f"reads like {language}" if language else "its letters follow each other as in no other text"
                    )
                    seen = f"{SIDES[place]} {words}; this side is {self.names[place] or 'in another language'}"
                    found.setdefault(index, seen)
        return found

    def strange(self, place: int, own: Floats, count: Floats) -> Floats:
        """Return how many spreads each text lies from the usual likelihood of a triple on its side [N]."""
        mean, of_texts, of_triples = self.usual[place]
        number = np.maximum(count, 1.0)
        return np.asarray((own / number - mean) / np.sqrt(of_texts**2 + of_triples**2 / number))

    def _mistaken(self, place: int, both: bool, text: str) -> str:
        if both:
            return "the sides are swapped: each is in the other's language"
        third = guess(text)
        if third not in (None, *self.names):
            return f"{SIDES[place]} reads like {third}; this side is {self.names[place] or 'in another language'}"
        other = self.names[1 - place] or f"the language of the {SIDES[1 - place]}s"
        return f"{SIDES[place]} is in {other}"

    def _evidence(self, block: Block) -> Evidence:
        """Return for each side and text the log-likelihood in its own and in the other language, and its triples."""
        own, other, triples = [], [], []
        for place in (0, 1):
            side = block.sides[place]
            counted = _counted(side, block.shared[place])
            numbers = _triples(side)
            starts = side.starts
            own.append(np.add.reduceat(self.tables[place][numbers] * counted, starts).astype(np.float64))
            other.append(np.add.reduceat(self.tables[1 - place][numbers] * counted, starts).astype(np.float64))
            triples.append(np.add.reduceat(counted, starts).astype(np.float64))
        return own, other, triples


def learn_languages(sample: Sequence[Block], doubt: float, strangeness: float) -> Language:
    """Learn the languages of both sides from some blocks."""
    names = [
        guess(" ".join(text for block in sample[:8] for text in block.sides[place].texts[:500])) for place in (0, 1)
    ]
    tables = (_table(sample, 0), _table(sample, 1))
    plain = Language(
        (tables[0], tables[1]),
        ((0, 1, 1), (0, 1, 1)),
        (names[0], names[1]),
        (frozenset(), frozenset()),
        doubt,
        strangeness,
    )
    measured = [plain._evidence(block) for block in sample]
    usual = []
    for place in (0, 1):
        own = np.concatenate([evidence[0][place] for evidence in measured])
        count = np.concatenate([evidence[2][place] for evidence in measured])
        usual.append(_spreads(own[count >= LEAST] / count[count >= LEAST], count[count >= LEAST]))
    plain = replace(plain, usual=(usual[0], usual[1]))
    known = [common_words(_usual_texts(plain, sample, measured, place)) for place in (0, 1)]
    return replace(plain, ignored=(known[0], known[1]))


def _usual_texts(plain: Language, sample: Sequence[Block], measured: list[Evidence], place: int) -> Iterator[str]:
    """Yield the texts of a side that are surely of its language: the likelier half."""
    for block, (own, _, triples) in zip(sample, measured, strict=True):
        sure = (plain.strange(place, own[place], triples[place]) > 0) & (triples[place] >= LEAST)
        yield from (block.sides[place].texts[index] for index in np.flatnonzero(sure).tolist())


def _table(sample: Sequence[Block], place: int) -> Table:
    """Learn the frequencies of triples from one side, then again without its strangest texts, which may be foreign."""
    table = np.zeros(1 << BITS, np.float32)
    for round_ in (0, 1):
        counts = np.full(1 << BITS, SMOOTHING)
        for block in sample:
            side = block.sides[place]
            counted, triples = _counted(side, block.shared[place]), _triples(side)
            if round_ and len(side.texts):
                likely = np.add.reduceat(table[triples] * counted, side.starts)
                likely /= np.maximum(np.add.reduceat(counted, side.starts), 1)
                usual = likely >= np.quantile(likely, STRANGEST)
                counted = counted * np.repeat(usual, side.lengths + 1)
            counts += np.bincount(triples[counted > 0], minlength=1 << BITS)
        table = np.log(counts / counts.sum()).astype(np.float32)
    return table


def _spreads(mean_of_text: Floats, count: Floats) -> tuple[float, float, float]:
    """Return the median likelihood of a triple, and how it varies with the text and with the triple."""
    if not len(count):
        return 0.0, 1.0, 1.0
    middle = float(np.median(mean_of_text))
    deviations = (mean_of_text - middle) ** 2 / 0.455  # the median of a squared standard normal number
    short = count <= np.median(count)
    low, high = 1 / count[short].mean(), 1 / max(count[~short].mean(), 1.0) if (~short).any() else 0.0
    of_short, of_long = float(np.median(deviations[short])), float(np.median(deviations[~short])) if high else 0.0
    slope = max((of_short - of_long) / max(low - high, 1e-9), 0.0) if high else of_short / low
    return middle, float(np.sqrt(max(of_long - slope * high, 0.02))), float(np.sqrt(max(slope, 0.02)))


def _triples(side: Side) -> NDArray[np.int64]:
    """Return a number for each character and the two before it; all that is no letter is alike."""
    random = letters().random[side.folded]
    mixed = random.copy()
    mixed[1:] += random[:-1] << np.uint64(1)
    mixed[2:] += random[:-2] << np.uint64(2)
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


def _counted(side: Side, shared: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return 1 for each letter, and the place after each word, of words that stand on this side alone."""
    words = side.words
    counted = np.zeros(len(side.codes) + 1, np.float32)
    ends = np.zeros(len(side.codes) + 1, np.int32)
    inside = np.zeros(len(side.codes) + 1, np.int32)
    inside[words.begins] = 1
    which = np.cumsum(inside) - 1
    letter = np.append((side.kinds & LETTER) != 0, False)
    if not len(words):
        return counted[:-1]
    alone = ~shared[np.maximum(which, 0)] & (which >= 0)
    counted[letter & alone] = 1
    ends[1:] = letter[:-1] & ~letter[1:] & alone[:-1]
    counted[ends > 0] = 1
    return counted[:-1]
