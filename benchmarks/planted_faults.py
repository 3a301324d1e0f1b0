"""Corpora with planted faults of each kind, as careless people and programs make them.

Every random choice depends on the seed, the kind and the line alone. A line gets one fault at most.
"""

import gzip
import html
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from dragoman.data.phrasebook import pairs as phrasebook

Texts = tuple[str, str]
KINDS = (
    "length", "ratio", "copy", "script", "characters", "mojibake", "entities", "numbers", "placeholders",
    "language", "leakage", "duplicate", "near_duplicate", "drift",
)  # fmt: skip
STRETCH = 300  # lines that a planted drift lasts
_CYRILLIC = str.maketrans("aceopxyABCEHKMOPTXsdlmntrikuzgf", "асеорхуАВСЕНКМОРТХсдлмнтрикузгф")
_ALIKE = str.maketrans("aceopxyAEOC", "асеорхуАЕОС")
_HIGH = re.compile(r"[^\x00-\x7f]")
_DIGIT = re.compile(r"\d")
_ENTITY = re.compile(r"&\w+;")


@dataclass
class Planted:
    """A corpus with faults: its pairs, the kind planted on each line (None: none), and its test set."""

    pairs: list[Texts]
    kinds: list[str | None]
    test: list[Texts]
    drift_at: list[int] = field(default_factory=list)  # indexes at which files drift apart


@lru_cache(maxsize=1)
def base(name: str, shared: Path, half: int) -> list[Texts]:
    """Return the pairs of a corpus in an arbitrary order: those of one half (0 to tune on, 1 for figures).

    Of pairs that differ in marks and capitals alone, one is left, and none with an
    HTML entity: they would be faults that nobody planted.
    """
    if name == "phrasebook":
        found = [(pair.source, pair.target) for pair in phrasebook("train", 40_000, 11 + half)]
    else:
        folder, _, other = name.rpartition("/")
        found = list(
            zip(_read(shared / folder / "train.en.gz"), _read(shared / folder / f"train.{other}.gz"), strict=True)
        )
        found = [pair for number, pair in enumerate(found) if number % 2 == half]
    random.Random(f"order {name} {half}").shuffle(found)
    once = {
        (_letters(source), _letters(target)): (source, target)
        for source, target in found
        if not _ENTITY.search(source + target)
    }
    return list(once.values())[:30_000]


def foreign(shared: Path, without: tuple[str, ...]) -> list[str]:
    """Return sentences of other languages, in an arbitrary order."""
    sources = {
        "fr": ("tatoeba-en-fr/train.fr.gz", "multi30k/train.fr.gz", "ntrex128/newstest2019.fr.gz"),
        "de": ("tatoeba-en-de/train.de.gz", "multi30k/train.de.gz"),
        "cs": ("multi30k/train.cs.gz",),
        "es": ("ntrex128/newstest2019.es.gz", "bible-en-es/train.es.gz"),
        "pt": ("ntrex128/newstest2019.pt.gz",),
    }
    chosen = random.Random("foreign")
    texts = [
        text
        for language, paths in sources.items()
        if language not in without
        for path in paths
        for text in chosen.sample(_read(shared / path), 300)
    ]
    chosen.shuffle(texts)
    return texts


def plant(pairs: list[Texts], strangers: list[str], seed: int, share: float = 0.01) -> Planted:
    """Return the corpus with each kind planted on about `share` of its lines."""
    test = pairs[:500]
    known = {_letters(text) for pair in test for text in pair}
    pairs = [pair for pair in pairs[500:] if known.isdisjoint(map(_letters, pair))]
    kinds: list[str | None] = [None] * len(pairs)
    choose = random.Random(f"lines {seed}")
    drift_at = _drift(pairs, kinds, choose)
    order = [index for index in range(len(pairs)) if kinds[index] is None]
    choose.shuffle(order)
    reserved: set[int] = set()  # lines that others repeat
    makers = _makers(pairs, kinds, test, strangers, reserved)
    for kind, make in makers.items():
        left = int(share * len(pairs))
        waiting, order = order, []
        for index in waiting:
            made = (
                make(pairs[index], random.Random(f"{seed} {kind} {index}"), index)
                if left and index not in reserved
                else None
            )
            if made is None or made == pairs[index]:
                order.append(index)
                continue
            pairs[index], left = made, left - 1
            kinds[index] = None if kind == "background" else kind
    return Planted(pairs, kinds, test, drift_at)


def _makers(
    pairs: list[Texts], kinds: list[str | None], test: list[Texts], strangers: list[str], reserved: set[int]
) -> dict[str, Callable[[Texts, random.Random, int], Texts | None]]:
    untouched = list(pairs)

    def earlier(chance: random.Random, index: int) -> Texts | None:
        """An earlier pair without a fault, long enough that nobody says it twice by chance."""
        for _ in range(20):
            other = chance.randrange(max(1, index))
            sound = kinds[other] is None and pairs[other] == untouched[other] and other not in reserved
            if sound and other < index and min(map(len, untouched[other])) >= 20:
                reserved.add(other)
                return pairs[other]
        return None

    def duplicate(pair: Texts, chance: random.Random, index: int) -> Texts | None:
        return earlier(chance, index)

    def near(pair: Texts, chance: random.Random, index: int) -> Texts | None:
        found = earlier(chance, index)
        return None if found is None else _nearly(found, chance)

    def leak(pair: Texts, chance: random.Random, index: int) -> Texts | None:
        known = test[chance.randrange(len(test))]
        if min(map(len, known)) < 15:
            return None
        return chance.choice([known, _nearly(known, chance, letters=False), (known[0], pair[1]), (pair[0], known[1])])

    def language(pair: Texts, chance: random.Random, index: int) -> Texts | None:
        other = untouched[chance.randrange(len(untouched))]
        if min(map(len, pair)) < 12:
            return None
        stranger = strangers[chance.randrange(len(strangers))]
        return chance.choice(
            [(stranger, pair[1]), (pair[0], stranger), (pair[1], pair[0]), (other[1], pair[1]), (pair[0], other[0])]
        )

    def ratio(pair: Texts, chance: random.Random, index: int) -> Texts | None:
        others = [untouched[chance.randrange(len(untouched))] for _ in range(chance.randint(5, 8))]
        side = chance.randrange(2)
        if min(map(len, pair)) < 40 or chance.random() < 0.5:
            return _one_side(pair, side, " ".join([pair[side], *(other[side] for other in others)]))
        return _one_side(pair, side, pair[side][: len(pair[side]) // 9])

    def length(pair: Texts, chance: random.Random, index: int) -> Texts | None:
        if chance.random() < 0.5:
            return _one_side(pair, chance.randrange(2), chance.choice(["", ".", "...", "-", "@@", "?!", "*"]))
        many = [untouched[chance.randrange(len(untouched))] for _ in range(80)]
        return " ".join(other[0] for other in many), " ".join(other[1] for other in many)

    return {
        "background": _with_placeholders, "placeholders": _placeholders, "numbers": _numbers, "mojibake": _mojibake,
        "duplicate": duplicate, "near_duplicate": near, "leakage": leak, "language": language, "ratio": ratio,
        "length": length, "copy": _copy, "script": _script, "characters": _characters, "entities": _entities,
    }  # fmt: skip


def _drift(pairs: list[Texts], kinds: list[str | None], choose: random.Random) -> list[int]:
    """Shift the target by one over three stretches: a line was lost, and some hundred lines on another put in."""
    starts = [int(len(pairs) * part) + choose.randrange(1000) for part in (0.2, 0.45, 0.7)]
    for start in starts:
        inserted = pairs[choose.randrange(len(pairs))][1]
        targets = [pair[1] for pair in pairs[start + 1 : start + STRETCH]] + [inserted]
        for index, target in enumerate(targets, start):
            pairs[index] = (pairs[index][0], target)
            kinds[index] = "drift"
    return starts


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def near_repeats(pairs: list[Texts], lines: list[int]) -> set[int]:
    """Return those of some lines whose pair repeats an earlier one but for one letter of one side, by brute force."""
    earlier: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for index, pair in enumerate(pairs):
        for side in (0, 1):
            earlier.setdefault((side, _letters(pair[side])), []).append((index, _letters(pair[1 - side])))
    return {
        index
        for index in lines
        for side in (0, 1)
        for other, text in earlier[side, _letters(pairs[index][side])]
        if other < index and _one_apart(text, _letters(pairs[index][1 - side]))
    }


def _one_apart(one: str, other: str) -> bool:
    """Whether two texts are equal but for one letter changed, put in or left out."""
    short, long = sorted((one, other), key=len)
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return long[start + 1 :] in (short[start:], short[start + 1 :]) and len(long) - len(short) <= 1


def _one_side(pair: Texts, side: int, text: str) -> Texts:
    return (text, pair[1]) if side == 0 else (pair[0], text)


def _nearly(pair: Texts, chance: random.Random, letters: bool = True) -> Texts:
    """Another punctuation, other capitals, or (on one side) another letter, one more or one less."""
    side = chance.randrange(2)
    text = pair[side]
    way = chance.choice(["marks", "capitals", "letter"] if letters else ["marks", "capitals"])
    if way == "marks":
        return tuple(one.rstrip(".!?") + chance.choice([" .", "!", "", " ..."]) for one in pair)  # type: ignore[return-value]
    if way == "capitals":
        return (pair[0].upper(), pair[1].upper()) if chance.random() < 0.5 else _one_side(pair, side, text.lower())
    at = chance.choice([place for place, letter in enumerate(text) if letter.isalpha()])
    new = chance.choice("abdefgiklmnoprstu")
    return _one_side(pair, side, text[:at] + chance.choice([new, "", new + text[at]]) + text[at + 1 :])


def _copy(pair: Texts, chance: random.Random, index: int) -> Texts | None:
    side = chance.randrange(2)
    text = pair[side]
    if len(text.split()) < 4:
        return None
    return chance.choice([(text, text), (text, text.rstrip(".") + "!"), (text, text.upper())])


def _script(pair: Texts, chance: random.Random, index: int) -> Texts | None:
    side = chance.randrange(2)
    words = pair[side].split()
    if chance.random() < 0.5:
        return _one_side(pair, side, pair[side].translate(_CYRILLIC))
    at = chance.randrange(len(words))
    words[at] = words[at].translate(_ALIKE)
    return _one_side(pair, side, " ".join(words)) if len(words[at]) > 3 and not words[at].isupper() else None


def _characters(pair: Texts, chance: random.Random, index: int) -> Texts | None:
    side = chance.randrange(2)
    text = pair[side]
    at = chance.randrange(1, max(2, len(text)))
    way = chance.choice(["insert", "insert", "lost", "question"])
    inner = [place for place in range(1, len(text) - 1) if text[place - 1 : place + 2].isalpha()]
    if way == "insert":
        return _one_side(
            pair, side, text[:at] + chance.choice("\u200b\u00ad\ufeff\x07\x1b\x85\x93\ue000\u2060") + text[at:]
        )
    if not inner:
        return None
    at = chance.choice([place for place in inner if ord(text[place]) > 127] or inner)
    return _one_side(pair, side, text[:at] + ("\ufffd" if way == "lost" else "?") + text[at + 1 :])


def _mojibake(pair: Texts, chance: random.Random, index: int) -> Texts | None:
    side = chance.randrange(2)
    text = pair[side]
    if not _HIGH.search(text) or "\u00a0" in text or "\u202f" in text:
        return None
    coding = chance.choice(["cp1252", "latin-1"])
    for _ in range(chance.choice([1, 1, 1, 2])):
        try:
            text = text.encode().decode(coding)
        except UnicodeDecodeError:
            text = text.encode().decode("latin-1")
    return _one_side(pair, side, text)


def _entities(pair: Texts, chance: random.Random, index: int) -> Texts | None:
    side = chance.randrange(2)
    text = pair[side]
    way = chance.randrange(3)
    if way == 0:
        return _one_side(pair, side, f"&quot;{text}&quot;")
    if way == 1:
        return _one_side(pair, side, html.escape(text).replace("&#x27;", "&#39;"))
    return _one_side(pair, side, text.replace(" ", "&nbsp;", 1))


def _numbers(pair: Texts, chance: random.Random, index: int) -> Texts | None:
    digits = [sorted(_DIGIT.findall(text)) for text in pair]
    if not digits[0] or digits[0] != digits[1]:
        return None
    side = chance.randrange(2)
    at = chance.choice([match.start() for match in _DIGIT.finditer(pair[side])])
    new = chance.choice([digit for digit in "123456789" if digit != pair[side][at]])
    return _one_side(pair, side, pair[side][:at] + new + pair[side][at + 1 :])


def _with_placeholders(pair: Texts, chance: random.Random, index: int) -> Texts | None:
    """A sound pair of a program's texts: nothing is wrong with it."""
    mark = chance.choice(["{name}", "%s", "%(count)d", "${user}", "{0}", "<b>", "info@example.org", "{{ title }}"])
    if mark == "<b>":
        return f"<b>{pair[0]}</b>", f"<b>{pair[1]}</b>"
    return tuple(_put(text, mark, chance) for text in pair)  # type: ignore[return-value]


def _placeholders(pair: Texts, chance: random.Random, index: int) -> Texts | None:
    sound = _with_placeholders(pair, chance, index)
    assert sound is not None
    side = chance.randrange(2)
    changed = {"{name}": "{nmae}", "%s": "%d", "{0}": "{1}", "${user}": "$ {user", "<b>": ""}
    for mark, other in changed.items():
        if mark in sound[side] and chance.random() < 0.5:
            return _one_side(sound, side, sound[side].replace(mark, other, 1))
    return _one_side(sound, side, pair[side])


def _put(text: str, mark: str, chance: random.Random) -> str:
    words = text.split()
    words.insert(chance.randrange(len(words) + 1), mark)
    return " ".join(words)


def _read(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line.removesuffix("\n") for line in file]
