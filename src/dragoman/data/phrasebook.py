"""The phrasebook: aligned English-German sentence pairs from a small grammar, deterministic from a seed.

Every pair knows its gold word links and the (frame, lemma, case) combinations that it uses. The splits are
disjoint by construction: a hash of a combination decides whether training may ever see it, the number of
English words separates longer sentences, and a hash of the sentence separates validation from training.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from random import Random

from dragoman.data.phrasebook_compound import compound
from dragoman.data.phrasebook_fixed import FIXED
from dragoman.data.phrasebook_frames import (
    fronted,
    may_i,
    statement,
    wh_question,
    what_object,
    who_acts,
    yes_no,
)
from dragoman.data.phrasebook_lexicon import LEXICONS
from dragoman.data.phrasebook_numbers import born
from dragoman.data.phrasebook_phrases import Draft
from dragoman.data.phrasebook_relatives import addressed, ago, meanwhile, purpose, record, related_anyhow
from dragoman.data.phrasebook_words import Word, Words, tree
from dragoman.errors import DataError, suggestion

Combination = tuple[str, str, str]

# split: the most pairs that `pairs` gives
CAPACITY = {"train": 300_000, "valid": 20_000, "test_combinations": 20_000, "test_longer": 20_000}
LONGEST_TRAINING = 14  # English words of a single training sentence, marks included
LONGEST = 19  # of a sentence in test_longer
_SHORT = 9  # of each part of a joined line
_JOINED = 0.13  # share of lines with two sentences in train and valid
_CENSUS = {"core": 30_000, "full": 40_000}  # sentences from which combinations are held out
_HELD_OUT = 0.05
_VALID = 0.05
_WORD = re.compile(r"[^\W_]+(?:(?:['’-]|(?<=\d)[.:,](?=\d))[^\W_]+)*|\S")
_NO_BLANK_BEFORE = frozenset(".,?!")


@dataclass(frozen=True, slots=True)
class PhrasePair:
    """A sentence pair, its frame, the (frame, lemma, case) combinations it uses, and its links.

    A link (i, j) joins word i of `words(source)` with word j of `words(target)`, both from 0. One rule for
    function words: an auxiliary without a counterpart (is, does, have to's to) is linked to the translation
    of its verb, a contraction (im, zum) to both of its parts, and any other word without a counterpart (the
    comma before a subordinate clause, the article of a profession) stays unlinked. `tree` is the parse tree
    of the source (of a joined line: the two trees), in the form of `phrasebook_words.tree`.
    """

    source: str
    target: str
    frame: str
    combinations: frozenset[Combination]
    links: tuple[tuple[int, int], ...]
    tree: str


def words(text: str) -> list[tuple[int, int]]:
    """The words of a text as character spans (start, end).

    A word is a maximal run of letters and digits with inner hyphens or apostrophes, or a number with inner
    period, comma or colon (4.50, 7:40); every other character that is not a blank is a word of its own.
    """
    return [match.span() for match in _WORD.finditer(text)]


def _share(*parts: str) -> float:
    """A number from 0 to 1 that depends on the words alone, the same on every machine."""
    digest = blake2b("\t".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _clean(side: Words) -> Words:
    """Drop a comma that another mark follows."""
    return [
        word
        for word, after in zip(side, [*side[1:], Word("")], strict=True)
        if word[0] != "," or after[0] not in ",.?!"
    ]


def _text(side: Words) -> str:
    text = "".join(word.text if word.text in _NO_BLANK_BEFORE else " " + word.text for word in side).strip()
    return text[0].upper() + text[1:]


def _links(source: Words, target: Words) -> tuple[tuple[int, int], ...]:
    where: dict[int, list[int]] = {}
    for position, word in enumerate(target):
        for meaning in word.meanings:
            where.setdefault(meaning, []).append(position)
    found = {(i, j) for i, word in enumerate(source) for meaning in word.meanings for j in where.get(meaning, ())}
    return tuple(sorted(found))


_CORE_SENTENCES = tuple(
    function
    for function, weight in (
        (statement, 38),
        (fronted, 5),
        (yes_no, 10),
        (who_acts, 4),
        (what_object, 4),
        (wh_question, 6),
        (may_i, 2),
        *FIXED,
    )
    for _ in range(weight)
)

_FULL_SENTENCES = (*_CORE_SENTENCES, *(addressed, record, born) * 3, *(ago,) * 4)
_FULL_COMPOUNDS = (related_anyhow, related_anyhow, related_anyhow, purpose, meanwhile)


def _sentence(random: Random, compounds: float, depth: int, size: str) -> tuple[Draft, Words, Words]:
    draft = Draft(random, LEXICONS[size])
    sentences = _FULL_SENTENCES if draft.lexicon.full else _CORE_SENTENCES
    if draft.chance(compounds):
        sides = compound(draft, depth, _FULL_COMPOUNDS if draft.lexicon.full else ())
    else:
        sides = draft.choose(sentences)(draft)
    return draft, _clean(sides[0]), _clean(sides[1])


@cache
def held_out_combinations(size: str = "full") -> frozenset[Combination]:
    """The combinations that training never sees.

    A hash picks 5 % of all combinations that a fixed sample of the grammar shows; one is kept for training
    all the same unless its lemma in that case stays common through other frames, and its frame through
    other lemmas.
    """
    random = Random("dragoman phrasebook census")
    counts: dict[Combination, int] = {}
    for _ in range(_CENSUS[size]):
        for combination in _sentence(random, 0.3, 1, size)[0].combinations:
            counts[combination] = counts.get(combination, 0) + 1
    forms: dict[tuple[str, str], int] = {}
    members: dict[tuple[str, str], int] = {}
    partners: dict[tuple[str, str], int] = {}
    for (frame, lemma, case), count in counts.items():
        forms[lemma, case] = forms.get((lemma, case), 0) + count
        members[frame, case] = members.get((frame, case), 0) + count
        partners[frame, case] = partners.get((frame, case), 0) + 1
    chosen = set()
    for frame, lemma, case in sorted(counts):
        count = counts[frame, lemma, case]
        if _share(frame, lemma, case) >= _HELD_OUT:
            continue
        if forms[lemma, case] - count >= 30 and members[frame, case] - count >= 40 and partners[frame, case] > 6:
            forms[lemma, case] -= count
            members[frame, case] -= count
            partners[frame, case] -= 1
            chosen.add((frame, lemma, case))
    return frozenset(chosen)


def _is_valid(source: str) -> bool:
    return _share("valid", source) < _VALID


def _joined(first: PhrasePair, second: PhrasePair) -> PhrasePair:
    i, j = len(words(first.source)), len(words(first.target))
    links = first.links + tuple((a + i, b + j) for a, b in second.links)
    source, target = f"{first.source} {second.source}", f"{first.target} {second.target}"
    combinations = first.combinations | second.combinations
    return PhrasePair(source, target, "joined", combinations, links, f"{first.tree} {second.tree}")


def _stream(split: str, seed: int, size: str) -> Iterator[PhrasePair]:
    random = Random(f"dragoman phrasebook {split} {seed}")
    forbidden = held_out_combinations(size)
    longer = split == "test_longer"

    def single(limit: int) -> PhrasePair:
        while True:
            draft, source, target = _sentence(random, 0.95 if longer else 0.4, 3 if longer else 2, size)
            if (len(source) <= LONGEST_TRAINING) == longer or len(source) > limit:
                continue
            if (split == "test_combinations") == draft.combinations.isdisjoint(forbidden):
                continue
            text = _text(source)
            if split in ("train", "valid") and (split == "valid") != _is_valid(text):
                continue
            frame = draft.label or draft.frame
            links, parsed = _links(source, target), tree(source, text)
            return PhrasePair(text, _text(target), frame, frozenset(draft.combinations), links, parsed)

    while True:
        if split in ("train", "valid") and random.random() < _JOINED:
            yield _joined(single(_SHORT), single(_SHORT))
        else:
            yield single(LONGEST if longer else LONGEST_TRAINING)


def pairs(split: str, count: int, seed: int = 1, size: str = "full") -> Iterator[PhrasePair]:
    """`count` distinct pairs of a split: "train", "valid", "test_combinations" or "test_longer"; the same
    seed, the same pairs. The size is "core" or "full".

    Raises:
        DataError: an unknown split or size, or a count that the grammar does not give.
    """
    if split not in CAPACITY:
        raise DataError(f"the phrasebook has no split {split!r}{suggestion(split, CAPACITY)}")
    if size not in LEXICONS:
        raise DataError(f"the phrasebook has no size {size!r}{suggestion(size, LEXICONS)}")
    if not 0 <= count <= CAPACITY[split]:
        raise DataError(
            f"{count} phrasebook pairs were asked for; {split} gives from 0 to {CAPACITY[split]}: write a smaller count"
        )
    return _distinct(split, count, seed, size)


def _distinct(split: str, count: int, seed: int, size: str) -> Iterator[PhrasePair]:
    seen: set[str] = set()
    for pair in _stream(split, seed, size):
        if len(seen) == count:
            return
        if pair.source not in seen:
            seen.add(pair.source)
            yield pair


def write(folder: Path, train: int = 60_000, held_out: int = 1_000, seed: int = 1, size: str = "full") -> None:
    """Write the four splits into a folder: SPLIT.en, SPLIT.de and SPLIT.tree (the parse tree of the English
    side), and SPLIT.align for the tests (links as "i-j").

    The files appear together, each whole; one that is there already must be the same. Raises DataError where it is
    not, and as `pairs` does.
    """
    wanted = {split: list(pairs(split, train if split == "train" else held_out, seed, size)) for split in CAPACITY}
    texts: dict[Path, str] = {}
    for split, chosen in wanted.items():
        texts[folder / f"{split}.en"] = _lines(pair.source for pair in chosen)
        texts[folder / f"{split}.de"] = _lines(pair.target for pair in chosen)
        texts[folder / f"{split}.tree"] = _lines(pair.tree for pair in chosen)
        if split.startswith("test"):
            links = (" ".join(f"{i}-{j}" for i, j in pair.links) for pair in chosen)
            texts[folder / f"{split}.align"] = _lines(links)
    for path, text in texts.items():
        if path.exists() and path.read_bytes() != text.encode():
            raise DataError(f"{path}: is there already and holds something else; choose another folder")
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    hidden = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in texts}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            hidden[path].write_text(text, encoding="utf-8", newline="\n")
        for path in texts:
            os.replace(hidden[path], path)
    finally:
        for path in hidden.values():
            with suppress(OSError):
                path.unlink()
        for path in made:
            with suppress(OSError):  # it holds what was written
                path.rmdir()


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
