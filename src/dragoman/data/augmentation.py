"""Pairs as careless or unusual writers would have written them, so that a translator is used to that.

CAPITALS, no capitals, no final punctuation, typing errors, several sentences on a line, other names and
numbers: each changes a share of the pairs, in every epoch others, and nothing on disk. What happens to a
pair is a pure function of (seed, epoch, sample). All shares are 0 unless a recipe says otherwise.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dragoman.errors import ConfigError
from dragoman.randomness import Randomness, uniform

MOST_NAMES = 5000

# Draws of a pair's key, by what they decide; those of typing errors follow `_TYPOS`.
_CHOSEN = {"swapped": 0, "typos": 1, "lower": 2, "stops": 3, "capitals": 4, "joined": 5}
_SWAPS, _PARTNERS, _TYPOS = 100, 200, 300

_FINAL = re.compile(r"[.!?…]+$")
_SWAPPABLE = re.compile(r"(?<![\w.,:])[0-9]+(?![\w:]|[.,][0-9])|\b[A-Z][a-z]+\b")  # no 3:30, no 1,000
_WORD = re.compile(r"[^\W\d_]+")
# A capital that no sentence's beginning explains.
_NAME = re.compile(r"(?:(?<=[^\W\d_] )|(?<=[^\W\d_], ))[A-Z][a-z]+\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class AugmentOptions:
    """The `[augment]` table: which share of the pairs is changed, from 0 (never) to 1."""

    capitals: float = 0.0  # both sides in CAPITALS
    lower: float = 0.0  # the source without capitals
    stops: float = 0.0  # both sides without their final punctuation
    typos: float = 0.0  # one typing error in some thirty letters of the source
    swapped: float = 0.0  # another number, another name, where both sides have the same one
    joined: float = 0.0  # one or two other pairs behind it

    def __post_init__(self) -> None:
        """Refuse what is no share; raises ConfigError."""
        for setting in fields(self):
            share = getattr(self, setting.name)
            if not 0 <= share <= 1:
                raise ConfigError(f"augment.{setting.name}={share}: a share from 0 to 1 is wanted, such as 0.05")

    @property
    def any(self) -> bool:
        """Whether any pair is ever changed."""
        return any(getattr(self, setting.name) for setting in fields(self))


Pairs = Callable[[NDArray[np.int64]], list[tuple[str, str]]]  # the texts of some samples


@dataclass(frozen=True)
class Augmentation:
    """Changes pairs by their keys; `names` are what a name may become."""

    options: AugmentOptions
    randomness: Randomness
    names: tuple[str, ...] = ()

    def changed(
        self, epoch: int, samples: NDArray[np.int64], pairs: Pairs, others: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], list[tuple[str, str]]]:
        """Return which of the samples [n] are changed in an epoch, as indexes into them, and their new texts.

        `pairs` reads texts; `others` [m] are the samples that may stand behind a pair.
        """
        keys = self.randomness.keys("augment", epoch, samples)
        chosen = {name: uniform(keys, draw) < getattr(self.options, name) for name, draw in _CHOSEN.items()}
        which = np.flatnonzero(np.logical_or.reduce(list(chosen.values())))
        texts = pairs(samples[which])
        for name, change in (
            ("swapped", self._swapped),
            ("typos", _mistyped),
            ("lower", _lowered),
            ("stops", _unstopped),
            ("capitals", _capitals),
        ):
            for at in np.flatnonzero(chosen[name][which]):
                texts[at] = change(*texts[at], keys[which[at]])
        joins = np.flatnonzero(chosen["joined"][which])
        for at, more in zip(joins, self._partners(keys[which[joins]], pairs, others), strict=True):
            texts[at] = (" ".join([texts[at][0], *more[0]]), " ".join([texts[at][1], *more[1]]))
        return which, texts

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.names)

    def _partners(
        self, keys: NDArray[np.int64], pairs: Pairs, others: NDArray[np.int64]
    ) -> list[tuple[list[str], list[str]]]:
        """Return for each key the sources and the targets of one or two other pairs."""
        draws = (uniform(keys, _PARTNERS + draw) * len(others) for draw in (0, 1))
        first, second = (pairs(others[draw.astype(np.int64)]) for draw in draws)
        two = uniform(keys, _PARTNERS + 2) < 0.5
        rows = ([a, b] if both else [a] for a, b, both in zip(first, second, two, strict=True))
        return [([source for source, _ in row], [target for _, target in row]) for row in rows]

    def _swapped(self, source: str, target: str, key: np.int64) -> tuple[str, str]:
        """Put other numbers and names in the place of those that stand equally often on both sides."""
        left, right = (Counter(self._swappable(text)) for text in (source, target))
        other: dict[str, str] = {}
        for draw, word in enumerate((word for word in left if left[word] == right[word]), start=_SWAPS):
            number = word.isdigit()
            other[word] = _other_number(word, key, draw) if number else self.names[_pick(key, draw, len(self.names))]

        def put(found: re.Match[str]) -> str:
            stem = self._stem(found[0])
            return other.get(stem, stem) + found[0][len(stem) :]

        return _SWAPPABLE.sub(put, source), _SWAPPABLE.sub(put, target)

    def _swappable(self, text: str) -> Iterator[str]:
        """Give the numbers and the known names of a text."""
        for word in _SWAPPABLE.findall(text):
            if word.isdigit() or self._stem(word) in self._known:
                yield self._stem(word)

    def _stem(self, word: str) -> str:
        """Return a name without the ending of its genitive: Tom of "Toms"."""
        return word[:-1] if word.endswith("s") and word[:-1] in self._known else word


def names(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the names of a corpus, the most frequent first, at most 5,000.

    A name is a capitalized word inside a source sentence that the target has too ("Tom", "Tom's" and "Toms"),
    and that is hardly ever written small in the source ("May" is left alone where "may" is common).
    """
    found: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for source, target in pairs:
        small.update(word for word in _WORD.findall(source) if word[0].islower())
        there = set(_WORD.findall(target))
        found.update({name for name in _NAME.findall(source) if name in there or f"{name}s" in there})
    kept = (name for name in found if small[name.lower()] <= found[name] // 10 and name[-1] not in "sxz")
    return tuple(sorted(kept, key=lambda name: (-found[name], name))[:MOST_NAMES])


def _capitals(source: str, target: str, key: np.int64) -> tuple[str, str]:
    return source.upper(), target.upper()


def _lowered(source: str, target: str, key: np.int64) -> tuple[str, str]:
    return source.lower(), target


def _unstopped(source: str, target: str, key: np.int64) -> tuple[str, str]:
    """Take the last punctuation away, where both sides have some and something is left."""
    both = [_FINAL.sub("", text).rstrip() for text in (source, target)]
    ends = _FINAL.search(source) and _FINAL.search(target)
    return (both[0], both[1]) if ends and all(both) else (source, target)


def _mistyped(source: str, target: str, key: np.int64) -> tuple[str, str]:
    """Make one typing error in some thirty letters of the source, at least one."""
    letters = list(source)
    for error in range(math.ceil(len(source) / 30)):
        draw = _TYPOS + 3 * error
        places = [at for at in range(1, len(letters)) if letters[at].isalpha() and letters[at - 1].isalpha()]
        if not places:
            break
        at = places[_pick(key, draw, len(places))]
        kind = _pick(key, draw + 1, 4)
        if kind == 0:
            letters[at - 1], letters[at] = letters[at], letters[at - 1]
        elif kind == 1:
            del letters[at]
        elif kind == 2:
            letters.insert(at, letters[at])
        else:
            letters[at] = _neighbour(letters[at], key, draw + 2)
    return "".join(letters), target


_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbour(letter: str, key: np.int64, draw: int) -> str:
    """Return a letter beside this one on a keyboard; another letter is doubled in its place."""
    for row in _KEYBOARD:
        at = row.find(letter)
        if at >= 0:
            beside = row[max(0, at - 1) : at] + row[at + 1 : at + 2]
            return beside[_pick(key, draw, len(beside))]
    return letter * 2


def _other_number(number: str, key: np.int64, draw: int) -> str:
    """Return another number of as many digits, without a leading zero where the first had none; 0 and 1 stay."""
    if len(number) > 15 or number in ("0", "1"):
        return number
    low = 10 ** (len(number) - 1) if number[0] != "0" else 0
    low = max(low, 2)  # "1 day" and "2 days" differ in more than the number
    return str(low + _pick(key, draw, 10 ** len(number) - low)).zfill(len(number))


def _pick(key: np.int64, draw: int, count: int) -> int:
    """Return the draw of a key as a whole number below `count`."""
    return min(int(uniform(np.array([key], np.int64), draw)[0] * count), count - 1)
