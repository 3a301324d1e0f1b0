"""A draft that is led towards a given English sentence: it prefers the words that stand in it.

The grammar's own functions write every sentence; only their random choices are bent, so a pair that is found
is one that the phrasebook can write.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from dragoman.data import phrasebook_english as english
from dragoman.data.phrasebook import _clean, _text
from dragoman.data.phrasebook_frames import Sides
from dragoman.data.phrasebook_lexicon import FULL, Adjective, Noun, Verb
from dragoman.data.phrasebook_phrases import Draft

Option = TypeVar("Option")


def _forms(option: object) -> list[str]:
    """What an option can look like in English; nothing for one that is no word."""
    if isinstance(option, str):
        return [option]
    if isinstance(option, Noun):
        return [option.lemma, option.plural or option.lemma]
    if isinstance(option, Verb):
        head, lemma = english.progressive(option.lemma), option.lemma
        return [lemma, option.past, option.participle, head, english.third(lemma)]
    if isinstance(option, Adjective):
        return [option.lemma, option.comparative or option.lemma, option.comparative.removesuffix("r") + "st"]
    for name in ("lemma", "text"):
        if hasattr(option, name):
            return [getattr(option, name)]
    return []


class Guided(Draft):
    """A draft that mostly chooses words of the sentence."""

    wanted: frozenset[str] = frozenset()

    def choose(self, options: Sequence[Option]) -> Option:
        if self.random.random() < 0.9:
            fitting = [o for o in options if any(self.wanted.issuperset(form.split()) for form in _forms(o))]
            if fitting:
                return fitting[int(self.random.random() * len(fitting))]
        return Draft.choose(self, options)


def german_of(frame: Callable[[Draft], Sides], source: str, hints: str = "", tries: int = 30_000) -> str | None:
    """The German that a frame gives to an English sentence, or None if it does not say it."""
    random = Random(source)
    wanted = frozenset(source.strip(".?!").replace(",", "").split())
    wanted |= {source.split()[0].lower().strip(",")}
    wanted |= set(hints.split())
    if "an" in wanted:
        wanted |= {"a"}
    if "these" in wanted:
        wanted |= {"this"}
    for _ in range(tries):
        draft = Guided(random, FULL)
        draft.wanted = wanted
        sides = frame(draft)
        if _text(_clean(sides[0])) == source:
            return _text(_clean(sides[1]))
    return None
