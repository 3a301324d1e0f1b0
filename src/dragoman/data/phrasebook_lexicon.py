"""The phrasebook's lexicon: nouns, verbs, adjectives, adverbs, names and places, parsed once from readable
tables.

Every English word has one German word in the frames that use it, so that the German of a sentence is
determined.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from dragoman.data import phrasebook_english as english
from dragoman.data.phrasebook_adjectives import ADJECTIVES
from dragoman.data.phrasebook_full_adjectives import FULL_ADJECTIVES, MANNERS
from dragoman.data.phrasebook_full_names import (
    FULL_CITIES,
    FULL_COUNTRIES,
    FULL_FREQUENCIES,
    FULL_LANGUAGES,
    FULL_NAMES,
    FULL_PLACES,
    FULL_PROFESSIONS,
    FULL_SURNAMES,
)
from dragoman.data.phrasebook_full_nouns import FULL_NOUNS
from dragoman.data.phrasebook_full_verbs import FULL_VERBS
from dragoman.data.phrasebook_names import (
    CITIES,
    COUNTRIES,
    DEGREES,
    FREQUENCIES,
    FUTURE_TIMES,
    LANGUAGES,
    MODALS,
    MONTHS,
    NAMES,
    PAST_TIMES,
    PLACES,
    PROFESSIONS,
    SURNAMES,
    TODAY,
    WEEKDAYS,
)
from dragoman.data.phrasebook_nouns import NOUNS
from dragoman.data.phrasebook_verbs import VERBS


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun of both languages with its German gender and its semantic classes."""

    lemma: str
    plural: str
    german: str
    german_plural: str
    gender: str
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of both languages; `particle` is separable, `objects` maps a frame class to the classes of its
    objects.
    """

    lemma: str
    past: str
    participle: str
    german: str
    particle: str
    third: str
    german_participle: str
    auxiliary: str
    classes: frozenset[str]
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adjective:
    """An adjective of both languages, with comparatives (empty where the phrasebook never compares)."""

    lemma: str
    german: str
    comparative: str
    german_comparative: str
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Name:
    """A first name with its gender."""

    text: str
    gender: str


@dataclass(frozen=True, slots=True)
class Manners:
    """An adverb of manner: its comparative and superlative in both languages, and the verbs it goes with."""

    lemma: str
    german: str
    comparative: str
    german_comparative: str
    superlative: str
    german_superlative: str
    verbs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Profession:
    """A profession with the German word for a man and for a woman."""

    lemma: str
    male: str
    female: str


def _rows(table: str) -> Iterable[list[str]]:
    return (line.split("|") for line in table.strip().split("\n"))


def _noun(row: list[str]) -> Noun:
    lemma, german, gender, german_plural, plural, classes = row
    if german_plural == "-":
        german_plural = plural = ""
    return Noun(
        lemma,
        plural or (english.plural(lemma) if german_plural else ""),
        german,
        german_plural,
        gender,
        frozenset(classes.split()),
    )


def _verb(row: list[str]) -> Verb:
    lemma, past, participle, german, third, german_participle, classes = row
    particle, _, infinitive = german.rpartition("+")
    kinds, _, objects = classes.partition(":")
    return Verb(
        lemma,
        past or english.past(lemma),
        participle or english.past(lemma),
        infinitive,
        particle,
        third,
        german_participle.lstrip("*"),
        "sein" if german_participle.startswith("*") else "haben",
        frozenset(kinds.split()),
        tuple(objects.split()),
    )


def nouns_of(table: str) -> tuple[Noun, ...]:
    """Read a table of nouns."""
    return tuple(map(_noun, _rows(table)))


def verbs_of(table: str) -> tuple[Verb, ...]:
    """Read a table of verbs."""
    return tuple(map(_verb, _rows(table)))


def adjectives_of(table: str) -> tuple[Adjective, ...]:
    """Read a table of adjectives."""
    return tuple(Adjective(a, b, c, d, frozenset(e.split())) for a, b, c, d, e in _rows(table))


def manners_of(table: str) -> tuple[Manners, ...]:
    """Read a table of adverbs of manner."""
    return tuple(Manners(a, b, c, d, e, f, frozenset(g.split())) for a, b, c, d, e, f, g in _rows(table))


def names_of(table: dict[str, str]) -> tuple[Name, ...]:
    """Read the first names of each gender."""
    return tuple(Name(text, gender) for gender, texts in table.items() for text in texts.split())


def professions_of(table: str) -> tuple[Profession, ...]:
    """Read a table of professions."""
    return tuple(Profession(*entry.split()) for line in table.strip().split("\n") for entry in line.split("|"))


@dataclass(eq=False)
class Lexicon:
    """All words of one size of the phrasebook, by class; two lexicons are equal only if they are the same."""

    size: str
    by_lemma: dict[str, Noun]
    verb_list: tuple[Verb, ...]
    adjective_list: tuple[Adjective, ...]
    names: tuple[Name, ...]
    professions: tuple[Profession, ...]
    surnames: tuple[str, ...]
    cities: dict[str, str]
    countries: dict[str, str]
    languages: dict[str, str]
    frequencies: dict[str, str]
    places: dict[str, tuple[str, ...]]
    manners: tuple[Manners, ...] = ()
    _nouns: dict[tuple[str, ...], tuple[Noun, ...]] = field(default_factory=dict)
    _verbs: dict[str, tuple[Verb, ...]] = field(default_factory=dict)
    _adjectives: dict[Noun, tuple[Adjective, ...]] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether this is the large lexicon, with which the grammar also says more."""
        return self.size == "full"

    def nouns(self, *classes: str) -> tuple[Noun, ...]:
        """All nouns of at least one of these classes, in the order of the table."""
        if classes not in self._nouns:
            wanted = frozenset(classes)
            self._nouns[classes] = tuple(noun for noun in self.by_lemma.values() if noun.classes & wanted)
        return self._nouns[classes]

    def verbs(self, kind: str) -> tuple[Verb, ...]:
        """All verbs of one frame class."""
        if kind not in self._verbs:
            self._verbs[kind] = tuple(verb for verb in self.verb_list if kind in verb.classes)
        return self._verbs[kind]

    def adjectives(self, noun: Noun) -> tuple[Adjective, ...]:
        """The adjectives that can sensibly describe a noun."""
        if noun not in self._adjectives:
            if "minor" in noun.classes:
                fitting = [a for a in self.adjective_list if a.lemma in ("small", "nice", "friendly", "poor")]
            else:
                echoing = "friendly" if noun.lemma == "friend" else ""
                fitting = [a for a in self.adjective_list if a.classes & noun.classes and a.lemma != echoing]
            self._adjectives[noun] = tuple(fitting)
        return self._adjectives[noun]

    @cached_property
    def states(self) -> tuple[Adjective, ...]:
        """The adjectives that say how someone feels."""
        return tuple(a for a in self.adjective_list if "state" in a.classes)

    def lemmas(self) -> frozenset[str]:
        """Every English lemma."""
        words: set[str] = set(self.by_lemma) | {verb.lemma for verb in self.verb_list}
        words |= {a.lemma for a in self.adjective_list} | {name.text for name in self.names}
        words |= {profession.lemma for profession in self.professions} | {m.lemma for m in self.manners}
        for table in (self.cities, self.countries, self.languages, self.frequencies):
            words |= set(table)
        for shared in (WEEKDAYS, MONTHS, TODAY, PAST_TIMES, FUTURE_TIMES, DEGREES, MODALS):
            words |= set(shared)
        return frozenset(words)


CORE = Lexicon(
    "core",
    {noun.lemma: noun for noun in nouns_of(NOUNS)},
    verbs_of(VERBS),
    adjectives_of(ADJECTIVES),
    names_of(NAMES),
    professions_of(PROFESSIONS),
    SURNAMES,
    CITIES,
    COUNTRIES,
    LANGUAGES,
    FREQUENCIES,
    PLACES,
)
FULL = Lexicon(
    "full",
    CORE.by_lemma | {noun.lemma: noun for noun in nouns_of(FULL_NOUNS)},
    CORE.verb_list + verbs_of(FULL_VERBS),
    CORE.adjective_list + adjectives_of(FULL_ADJECTIVES),
    CORE.names + names_of(FULL_NAMES),
    CORE.professions + professions_of(FULL_PROFESSIONS),
    SURNAMES + FULL_SURNAMES,
    CITIES | FULL_CITIES,
    COUNTRIES | FULL_COUNTRIES,
    LANGUAGES | FULL_LANGUAGES,
    FREQUENCIES | FULL_FREQUENCIES,
    PLACES | FULL_PLACES,
    manners_of(MANNERS),
)
LEXICONS = {"core": CORE, "full": FULL}
