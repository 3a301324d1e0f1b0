"""Finds what is wrong with the pairs of a corpus: one pass learns what is usual, a second looks at every pair.

Kept in memory are a sample, 4 bytes a pair for the filters that found it, and some 50 a pair for (near-)
duplicates until they are compared: less than 1 GB for ten million pairs. Nothing is written here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nsmallest

import numpy as np
from numpy.typing import NDArray

from dragoman.data.block import Block, blocks
from dragoman.data.characters import Characters, Entities, Mojibake
from dragoman.data.corpus import Pair, PairFiles, RaggedPairs, read_pairs
from dragoman.data.drift import AHEAD, Belonging, Stretch, learn_belonging
from dragoman.data.drift_tracker import DriftTracker
from dragoman.data.duplicates import Repeats, learn_leakage
from dragoman.data.filters import Copy, Filter, Length, learn_ratio, learn_scripts
from dragoman.data.language import Language, learn_languages
from dragoman.data.near_duplicates import Fingerprints
from dragoman.data.numbers import Numbers
from dragoman.data.placeholders import Placeholders
from dragoman.errors import ConfigError, DataError, suggestion
from dragoman.randomness import Randomness

NAMES = (
    "length", "ratio", "copy", "script", "characters", "mojibake", "entities", "numbers", "placeholders",
    "language", "leakage", "duplicate", "near_duplicate", "drift",
)  # fmt: skip
WHY_DUPLICATE = "A pair that comes again and again is learned by heart, at the cost of the others."
WHY_NEAR = "Almost the same pair again teaches nothing new, and slips past a search for duplicates."
WHY_DRIFT = "Where one file lost a line, every pair after it is wrong."
CHUNKS, CHUNK = 512, AHEAD  # the sample: so many chunks of so many lines that follow each other
EXAMPLES = 3

Masks = NDArray[np.uint32]


@dataclass(frozen=True, kw_only=True, slots=True)
class CleanOptions:
    """The `[clean]` settings: which filters, and what they allow."""

    only: tuple[str, ...] = ()  # filters to apply; none: all
    skip: tuple[str, ...] = ()  # filters to leave out
    report: tuple[str, ...] = ("ratio", "near_duplicate")  # filters whose pairs are named but not removed
    max_words: int = 200  # of a side
    max_characters: int = 1500  # of a side
    ratio_strictness: float = 6.0  # spreads of the lengths' ratio that are still usual
    max_ratio: float | None = None  # of the lengths, whatever is usual
    copy_share: float = 0.8  # of the words that stand on both sides
    copy_words: int = 3  # texts of fewer words may be copies
    script_share: float = 0.9  # of the letters that must be of the usual scripts
    language_doubt: float = 12.0  # how much likelier the other language must be, as a logarithm
    language_strangeness: float = 7.0  # spreads below the usual that are still of the language
    drift_reach: int = 200  # lines by which the files may have drifted apart
    seed: int = 1  # of the sample and the examples

    def __post_init__(self) -> None:
        """Refuse what cannot be; raises ConfigError."""
        for setting in ("only", "skip", "report"):
            for name in getattr(self, setting):
                if name not in NAMES:
                    raise ConfigError(f"clean.{setting}: no filter {name!r}{suggestion(name, NAMES)}")
        for setting in ("max_words", "max_characters", "copy_words", "drift_reach"):
            if getattr(self, setting) < 1:
                raise ConfigError(f"clean.{setting}={getattr(self, setting)}: a whole number from 1 is allowed")
        for setting in ("copy_share", "script_share"):
            if not 0 < getattr(self, setting) <= 1:
                raise ConfigError(f"clean.{setting}={getattr(self, setting)}: above 0, at most 1, is allowed")
        for setting in ("ratio_strictness", "language_doubt", "language_strangeness"):
            if not 0 < getattr(self, setting) < float("inf"):
                raise ConfigError(f"clean.{setting}={getattr(self, setting)}: a number above 0 is allowed")
        if self.max_ratio is not None and not self.max_ratio > 1:
            raise ConfigError(f"clean.max_ratio={self.max_ratio}: a number above 1 is allowed")
        if self.drift_reach > 1000:
            raise ConfigError(f"clean.drift_reach={self.drift_reach}: at most 1,000 lines are looked through")

    def applied(self, name: str) -> bool:
        """Return whether a filter is applied."""
        return name not in self.skip and (not self.only or name in self.only)

    def removes(self, name: str) -> bool:
        """Return whether the pairs that a filter finds are removed; a filter named in `only` removes."""
        return self.applied(name) and (name in self.only or name not in self.report)


@dataclass(frozen=True, slots=True)
class Example:
    """A pair that a filter found, and what is wrong with it in words."""

    line: int
    words: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one filter found."""

    name: str
    why: str
    count: int
    removed: bool  # whether `clean` takes these pairs away
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """What is known of a corpus after both passes; `masks` has bit i set where filter `names[i]` found the pair."""

    files: PairFiles
    lines: tuple[int, int]  # of source and target
    findings: tuple[Finding, ...]
    stretches: tuple[Stretch, ...]
    drift_is_seen: bool  # whether there was text enough to tell
    names: tuple[str, ...]
    masks: Masks
    options: CleanOptions
    languages: tuple[str | None, str | None]
    words: tuple[float, float]  # mean words of a side
    characters: tuple[float, float]

    @property
    def pairs(self) -> int:
        """Return how many pairs there are."""
        return len(self.masks)

    @property
    def removed(self) -> NDArray[np.bool_]:
        """Return which pairs `clean` takes away."""
        bits = sum(1 << place for place, name in enumerate(self.names) if self.options.removes(name))
        removed: NDArray[np.bool_] = (self.masks & np.uint32(bits)) != 0
        return removed

    def found_by(self, index: int) -> list[str]:
        """Return the filters that found a pair."""
        return [name for place, name in enumerate(self.names) if int(self.masks[index]) >> place & 1]


def inspect(files: PairFiles, options: CleanOptions, test: PairFiles | None = None) -> Inspection:
    """Look at a corpus; raises DataError where it cannot be read or holds no pair."""
    sample = _sample(files, options.seed)
    if not sample:
        raise DataError(f"{files}: no lines; give at least one pair of sentences")
    language = learn_languages(sample, options.language_doubt, options.language_strangeness)
    filters = _filters(sample, language, options, test)
    watch = options.applied("drift")
    tracker = DriftTracker(learn_belonging(sample) if watch else Belonging.unknown(), options.drift_reach)
    del sample
    return _Pass(files, options, filters, tracker).run(language)


def _filters(sample: list[Block], language: Language, options: CleanOptions, test: PairFiles | None) -> list[Filter]:
    """Return the filters of a pair by itself that are to be applied."""
    filters: list[Filter] = [
        Length(options.max_words, options.max_characters),
        learn_ratio(sample, options.ratio_strictness, options.max_ratio),
        Copy(options.copy_share, options.copy_words),
        learn_scripts(sample, options.script_share),
        Characters(),
        Mojibake(),
        Entities(),
        Numbers(),
        Placeholders(),
        language,
    ]
    if test is not None:
        places = (str(test.source), str(test.target or test.source))
        filters.append(learn_leakage(blocks(read_pairs(test)), places))
    return [known for known in filters if options.applied(known.name)]


class _Pass:
    """The second pass: every pair through every filter."""

    def __init__(self, files: PairFiles, options: CleanOptions, filters: list[Filter], tracker: DriftTracker) -> None:
        self.files, self.options, self.filters, self.tracker = files, options, filters, tracker
        extra = [name for name in ("duplicate", "near_duplicate", "drift") if options.applied(name)]
        self.names = (*(known.name for known in filters), *extra)
        self.whys = {known.name: known.why for known in filters}
        self.whys |= {"duplicate": WHY_DUPLICATE, "near_duplicate": WHY_NEAR, "drift": WHY_DRIFT}
        self.examples: dict[str, list[tuple[int, Example]]] = {name: [] for name in self.names}
        self.randomness = Randomness(options.seed)
        self.totals = np.zeros((2, 2), np.int64)  # characters and words of both sides

    def run(self, language: Language) -> Inspection:
        """Look at every pair, then at what only the whole shows."""
        fingerprints = Fingerprints()
        repeated = self.options.applied("duplicate") or self.options.applied("near_duplicate")
        parts: list[Masks] = []
        ragged = RaggedPairs(self.files)
        for block in blocks(ragged):
            parts.append(self._masks(block, min(ragged.lines)))
            if repeated:
                fingerprints.add(block)
            self.tracker.add(block)
            self.totals += [[side.lengths.sum(), side.words.counts.sum()] for side in block.sides]
        masks = np.concatenate(parts)[: min(ragged.lines)]
        parts.clear()
        if not len(masks):
            raise DataError(f"{self.files}: a file without lines; give at least one pair of sentences")
        if repeated:
            duplicates = fingerprints.duplicates()
            self._mark(masks, "duplicate", duplicates)
            if "near_duplicate" in self.names:
                self._mark(masks, "near_duplicate", fingerprints.near_duplicates(duplicates))
        stretches = self.tracker.finish()
        for stretch in stretches:
            masks[stretch.first - 1 : stretch.last] |= self._bit("drift")
        self._complete(masks, stretches)
        means = self.totals / np.maximum(np.array(ragged.lines)[:, None], 1)
        return Inspection(
            files=self.files, lines=ragged.lines, findings=self._findings(masks), stretches=stretches,
            drift_is_seen=self.tracker.belonging.tells, names=self.names, masks=masks, options=self.options,
            languages=language.names, words=(means[0, 1], means[1, 1]), characters=(means[0, 0], means[1, 0]),
        )  # fmt: skip

    def _bit(self, name: str) -> np.uint32:
        return np.uint32(1 << self.names.index(name)) if name in self.names else np.uint32(0)

    def _masks(self, block: Block, both: int) -> Masks:
        """Return what is wrong with each pair; examples are of the lines that `both` files have."""
        masks = np.zeros(len(block), np.uint32)
        for known in self.filters:
            found = known.find(block)
            if found:
                masks[list(found)] |= self._bit(known.name)
                pairs = ((block.pairs[index], words) for index, words in found.items())
                examples = (Example(pair.line, words, *pair[1:]) for pair, words in pairs if pair.line <= both)
                self._propose(known.name, examples)
        return masks

    def _propose(self, name: str, examples: Iterable[Example]) -> None:
        """Keep as examples those of the smallest keys, from all over the corpus."""
        keyed = ((self.randomness.key(name, example.line), example) for example in examples)
        self.examples[name] = nsmallest(EXAMPLES, [*self.examples[name], *keyed], key=lambda both: both[0])

    def _mark(self, masks: Masks, name: str, found: Repeats) -> None:
        if name not in self.names:
            return
        inside = found.indexes < len(masks)
        masks[found.indexes[inside]] |= self._bit(name)
        words = "the same as" if name == "duplicate" else "nearly the same as"
        chosen = self.randomness.order(name, 0, int(inside.sum()))[:EXAMPLES]
        for index in found.indexes[inside][chosen].tolist():
            first = self.files.where(found.first(index) + 1)
            self.examples[name].append((0, Example(index + 1, f"{words} {first}", "", "")))

    def _complete(self, masks: Masks, stretches: tuple[Stretch, ...]) -> None:
        """Read the texts of the examples that were known by their lines alone."""
        for stretch in [one for one in stretches if one.first <= len(masks)][:EXAMPLES]:
            self.examples["drift"].append((0, Example(stretch.first, str(stretch), "", "")))
        wanted = {shown.line for known in self.examples.values() for _, shown in known if not shown.source}
        if not wanted:
            return
        texts = {}
        for pair in RaggedPairs(self.files):
            if pair.line in wanted:
                texts[pair.line] = pair
            if pair.line >= max(wanted):
                break
        for name, known in self.examples.items():
            self.examples[name] = [
                (key, Example(shown.line, shown.words, *texts[shown.line][1:]) if shown.line in texts else shown)
                for key, shown in known
            ]

    def _findings(self, masks: Masks) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                name=name,
                why=self.whys[name],
                count=int(np.count_nonzero(masks & self._bit(name))),
                removed=self.options.removes(name),
                examples=tuple(sorted((shown for _, shown in self.examples[name]), key=lambda shown: shown.line)),
            )
            for name in self.names
        )


def _sample(files: PairFiles, seed: int) -> list[Block]:
    """Return chunks of lines from all over a corpus, those of the smallest keys; in the order of their keys."""
    randomness = Randomness(seed)
    kept: list[tuple[int, list[Pair]]] = []
    for number, chunk in enumerate(_chunks(RaggedPairs(files))):
        kept.append((randomness.key("sample", number), chunk))
        if len(kept) >= 2 * CHUNKS:
            kept = nsmallest(CHUNKS, kept, key=lambda both: both[0])
    return [Block(chunk) for _, chunk in nsmallest(CHUNKS, kept, key=lambda both: both[0])]


def _chunks(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    chunk: list[Pair] = []
    for pair in pairs:
        chunk.append(pair)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
