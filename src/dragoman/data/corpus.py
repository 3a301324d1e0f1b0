"""Sentence pairs of the user's files: read in step, and checked before any training.

A corpus is two files aligned line by line, or one .tsv or .jsonl file with both sides; each may be .gz
or .zst. What makes a corpus useless is a DataError with file and line; what can be skipped is skipped
by the one rule `usable` and named in the `CorpusReport`.
"""

import hashlib
import json
import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dragoman import strict_json
from dragoman.data.lines import TextFile, lines, look
from dragoman.errors import DataError

MAX_CHARACTERS = 10_000  # of one side of a pair
EXAMPLES = 3  # of each fault, named in the report

Side = Literal["source", "target"]
Reason = Literal["empty", "long", "nul"]


class Pair(NamedTuple):
    """Two texts that mean the same, and the line (from 1) on which they stand."""

    line: int
    source: str
    target: str


BOTH_SIDES = (".tsv", ".jsonl")


@dataclass(frozen=True, slots=True)
class PairFiles:
    """Where the pairs are: two files, or one .tsv or .jsonl (also .gz, .zst) that holds both sides.

    A .tsv has exactly two tab-separated columns; a .jsonl has one object a line with the texts
    "source" and "target" (other keys are left alone).
    """

    source: Path
    target: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a single file of another kind, and such a file beside another; raises DataError."""
        if self.target is None and self.layout not in BOTH_SIDES:
            raise DataError(
                f"{self.source}: one file with both sides must be .tsv or .jsonl; or give a target file too"
            )
        if self.target is not None and self.layout in BOTH_SIDES:
            raise DataError(
                f"{self.source}: holds both sides of its pairs, by its name; leave {self.target} out, or rename it"
            )

    @property
    def paths(self) -> tuple[Path, ...]:
        """Return the one or two files."""
        return (self.source,) if self.target is None else (self.source, self.target)

    @property
    def layout(self) -> str:
        """Return ".tsv" or ".jsonl" for a single file of that kind; the suffix under .gz and .zst."""
        path = self.source
        return (path.with_suffix("") if path.suffix.lower() in (".gz", ".zst") else path).suffix.lower()

    def where(self, line: int, side: Side = "source") -> str:
        """Return file:line of one side of a pair."""
        return f"{self.target if side == 'target' and self.target else self.source}:{line}"

    def __str__(self) -> str:
        """Return the names of the files."""
        return " and ".join(str(path) for path in self.paths)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One kind of fault: how many pairs have it, and where the first ones are."""

    what: str
    count: int = 0
    examples: tuple[str, ...] = ()
    skipped: bool = True

    def __str__(self) -> str:
        """Return a line for people."""
        more = ", ..." if self.count > len(self.examples) else ""
        verdict = "not used" if self.skipped else "used"
        places = ", ".join(self.examples) + more
        return f"{self.count:,} {plural(self.count)} with {self.what}, {verdict}: {places}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusReport:
    """What one pass over a corpus found. `pairs` counts all, `usable` those that training takes."""

    files: PairFiles
    max_characters: int
    sha256: tuple[str, ...]  # of the raw files, in the order of files.paths
    pairs: int
    usable: int
    faults: tuple[Fault, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    def lines(self) -> list[str]:
        """Return the report for people: counts, what was taken away, and each fault with its places."""
        head = f"{self.files}: {self.pairs:,} {plural(self.pairs)}, {self.usable:,} usable"
        return [head, *self.notes, *(str(fault) for fault in self.faults)]


def plural(count: int) -> str:
    """Return "pair" or "pairs"."""
    return "pair" if count == 1 else "pairs"


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of one text file (plain, .gz, .zst) without their ends; raises DataError."""
    yield from lines(look(path))


def read_pairs(files: PairFiles) -> Iterator[Pair]:
    """Yield every pair, usable or not, in the order of the files; raises DataError."""
    yield from _pairs(files, _look(files))


class RaggedPairs:
    """Yields every pair, also where one of two files is longer: the other side is empty then.

    `lines` are those of source and target, once all are read.
    """

    def __init__(self, files: PairFiles) -> None:
        """Look at the files; raises DataError."""
        self.files, self.lines = files, (0, 0)
        self._texts = _look(files)

    def __iter__(self) -> Iterator[Pair]:
        """Yield the pairs; raises DataError."""
        if len(self._texts) == 1:
            for pair in _pairs(self.files, self._texts):
                self.lines = (pair.line, pair.line)
                yield pair
            return
        for line, both in enumerate(zip_longest(*(lines(text) for text in self._texts)), start=1):
            source, target = both
            self.lines = (
                self.lines[0] if source is None else line,
                self.lines[1] if target is None else line,
            )
            yield Pair(line, source or "", target or "")


def usable(pair: Pair, max_characters: int = MAX_CHARACTERS) -> bool:
    """Whether training takes a pair: something on both sides, neither over-long, no NUL."""
    return _reason(pair, max_characters) is None


def check(files: PairFiles, max_characters: int = MAX_CHARACTERS) -> CorpusReport:
    """Read a corpus once and report on it; raises DataError where it cannot be trained on at all.

    Memory: one line, and 8 bytes a pair for finding duplicates (64-bit hashes: among ten million pairs
    the chance of one false duplicate is 3 in a million), some 30 while they are sorted.
    """
    texts = _look(files)
    sha256 = tuple(_sha256(path) for path in files.paths)
    tally = _Tally(files, max_characters)
    for pair in _pairs(files, texts):
        tally.add(pair)
    report = tally.report(sha256, tuple(note for text in texts for note in text.notes))
    if not report.pairs:
        raise DataError(f"{files}: no lines; give at least one pair of sentences")
    if not report.usable:
        found = "; ".join(str(fault) for fault in report.faults)
        raise DataError(f"{files}: no usable pair is left: {found}")
    same = next((fault for fault in report.faults if fault.what == _IDENTICAL), None)
    if same and same.count * 2 > report.usable:
        raise DataError(
            f"{files}: {same.count:,} of {report.usable:,} usable pairs have identical sides (first: "
            f"{same.examples[0]}); give a text and its translation"
        )
    return report


_IDENTICAL = "identical sides"


class _Tally:
    """Counts of what one pass over a corpus finds."""

    def __init__(self, files: PairFiles, max_characters: int) -> None:
        self.files, self.max_characters = files, max_characters
        self.pairs = self.identical = 0
        self.skipped: dict[Reason, int] = {"empty": 0, "long": 0, "nul": 0}
        self.examples: dict[Reason | Literal["identical"], list[str]] = {}
        self.hashes = array("q")  # one a pair, 0 where it is not usable

    def add(self, pair: Pair) -> None:
        """Count one pair."""
        self.pairs += 1
        reason = _reason(pair, self.max_characters)
        if reason is not None:
            self.skipped[reason] += 1
            self._example(reason, self._place(pair, reason))
            self.hashes.append(0)
            return
        if pair.source == pair.target:
            self.identical += 1
            self._example("identical", self.files.where(pair.line))
        both = f"{pair.source}\0{pair.target}".encode()
        self.hashes.frombytes(hashlib.blake2b(both, digest_size=8).digest())

    def report(self, sha256: tuple[str, ...], notes: tuple[str, ...]) -> CorpusReport:
        """Return the report of all that was counted."""
        twice, places = _duplicates(np.frombuffer(self.hashes, dtype=np.int64))
        names: dict[Reason, str] = {
            "empty": "an empty side",
            "long": f"a side of more than {self.max_characters:,} characters",
            "nul": "a NUL character",
        }
        faults = [
            Fault(what=what, count=self.skipped[reason], examples=tuple(self.examples.get(reason, ())))
            for reason, what in names.items()
        ]
        same = tuple(self.examples.get("identical", ()))
        faults.append(Fault(what=_IDENTICAL, count=self.identical, examples=same, skipped=False))
        again = tuple(self.files.where(line) for line in places)
        faults.append(Fault(what="an earlier duplicate", count=twice, examples=again, skipped=False))
        return CorpusReport(
            files=self.files,
            max_characters=self.max_characters,
            sha256=sha256,
            pairs=self.pairs,
            usable=self.pairs - sum(self.skipped.values()),
            faults=tuple(fault for fault in faults if fault.count),
            notes=notes,
        )

    def _example(self, reason: Reason | Literal["identical"], place: str) -> None:
        places = self.examples.setdefault(reason, [])
        if len(places) < EXAMPLES:
            places.append(place)

    def _place(self, pair: Pair, reason: Reason) -> str:
        """Return file:line of the side that is at fault."""
        if reason == "empty":
            return self.files.where(pair.line, "source" if _blank(pair.source) else "target")
        if reason == "nul":
            return self.files.where(pair.line, "source" if "\0" in pair.source else "target")
        side: Side = "source" if len(pair.source) > self.max_characters else "target"
        return f"{self.files.where(pair.line, side)} ({len(getattr(pair, side)):,})"


def _reason(pair: Pair, max_characters: int) -> Reason | None:
    """Return why a pair is skipped."""
    if _blank(pair.source) or _blank(pair.target):
        return "empty"
    if len(pair.source) > max_characters or len(pair.target) > max_characters:
        return "long"
    return "nul" if "\0" in pair.source or "\0" in pair.target else None


def _blank(text: str) -> bool:
    return not text or text.isspace()


def _duplicates(hashes: NDArray[np.int64]) -> tuple[int, list[int]]:
    """Return how many pairs repeat an earlier one, and the lines of the first of them."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    again = order[1:][(ordered[1:] == ordered[:-1]) & (ordered[1:] != 0)]
    return len(again), [int(index) + 1 for index in np.sort(again)[:EXAMPLES]]


def _look(files: PairFiles) -> tuple[TextFile, ...]:
    texts = tuple(look(path) for path in files.paths)
    if files.target is not None and os.path.samefile(files.source, files.target):
        raise DataError(f"{files}: the same file on both sides; give a text and its translation")
    return texts


def _sha256(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def _pairs(files: PairFiles, texts: tuple[TextFile, ...]) -> Iterator[Pair]:
    if len(texts) == 2:
        yield from _aligned(*texts)
    else:
        split = _columns if files.layout == ".tsv" else _object
        for line, text in enumerate(lines(texts[0]), start=1):
            yield Pair(line, *split(text, files.where(line)))


def _aligned(source: TextFile, target: TextFile) -> Iterator[Pair]:
    """Yield the lines of two files side by side; unequal counts are found out at the end and both named."""
    left, right = lines(source), lines(target)
    line = 0
    for source_text in left:
        target_text = next(right, None)
        if target_text is None:
            raise _uneven(source, line + 1 + sum(1 for _ in left), target, line)
        line += 1
        yield Pair(line, source_text, target_text)
    extra = sum(1 for _ in right)
    if extra:
        raise _uneven(source, line, target, line + extra)


def _uneven(source: TextFile, source_lines: int, target: TextFile, target_lines: int) -> DataError:
    shorter, first = min((source_lines, source.path), (target_lines, target.path))
    return DataError(
        f"{source.path} has {source_lines:,} lines, {target.path} {target_lines:,}; each line must have its "
        f"translation on the same line ({first}:{shorter + 1} is missing)"
    )


def _columns(text: str, where: str) -> tuple[str, str]:
    columns = text.split("\t")
    if len(columns) != 2:
        raise DataError(f"{where}: {len(columns)} columns; write two, source and target, with one tab between")
    return columns[0], columns[1]


def _object(text: str, where: str) -> tuple[str, str]:
    wanted = 'write {"source": "...", "target": "..."}'
    try:
        value = strict_json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not JSON ({error.msg} at character {error.colno}); {wanted}") from None
    except ValueError as error:
        raise DataError(f"{where}: not to be read as JSON ({error}); {wanted}") from None
    if not isinstance(value, dict):
        raise DataError(f"{where}: not a JSON object; {wanted}")
    sides = []
    for side in ("source", "target"):
        if not isinstance(value.get(side), str):
            raise DataError(f'{where}: no text "{side}" in the object; {wanted}')
        try:
            value[side].encode()
        except UnicodeEncodeError:
            raise DataError(f'{where}: "{side}" holds half of a surrogate pair; write the whole pair') from None
        sides.append(value[side])
    return sides[0], sides[1]
