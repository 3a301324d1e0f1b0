"""Noun phrases of the phrasebook in both languages at once, with the links between their words.

A word is a pair (text, meanings); two words of a sentence pair are linked exactly when they share a
meaning, so links are made where the words are made. A `Draft` is one sentence being written: it draws the
choices, numbers the meanings, and notes every (frame, lemma, case) used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol, TypeVar

from dragoman.data import phrasebook_english as english
from dragoman.data import phrasebook_german as german
from dragoman.data.phrasebook_lexicon import NAMES, Adjective, Noun, adjectives, nouns

Option = TypeVar("Option")
Word = tuple[str, tuple[int, ...]]
Words = list[Word]

PRONOUNS = {
    "1s": ("I", "me", "ich", "mich", "mir"),
    "2s": ("you", "you", "du", "dich", "dir"),
    "3m": ("he", "him", "er", "ihn", "ihm"),
    "3f": ("she", "her", "sie", "sie", "ihr"),
    "1p": ("we", "us", "wir", "uns", "uns"),
    "3p": ("they", "them", "sie", "sie", "ihnen"),
}
POSSESSIVES = {"my": "mein", "your": "dein", "his": "sein", "her": "ihr", "our": "unser", "their": "ihr"}
IT = {"m": ("er", "ihn", "ihm"), "f": ("sie", "sie", "ihr"), "n": ("es", "es", "ihm")}
_PRONOUNS_BESIDE = {digit: tuple(key for key in PRONOUNS if key[0] != digit or digit == "3") for digit in "123"}
_POSSESSIVE_LIST = tuple(POSSESSIVES)
_ANY = ("the",) * 9 + ("a",) * 6 + ("this",) * 2 + _POSSESSIVE_LIST
_MASS = ("the", "the", "bare", "bare", "bare")


@dataclass(slots=True)
class Draft:
    """One sentence pair being written: its random choices, its meanings and its combinations."""

    random: Random
    frame: str = ""
    combinations: set[tuple[str, str, str]] = field(default_factory=set)
    meanings: int = 0
    label: str = ""
    names: set[str] = field(default_factory=set)

    def meaning(self) -> int:
        """A new meaning for words of both sides to share."""
        self.meanings += 1
        return self.meanings

    def choose(self, options: Sequence[Option]) -> Option:
        """One of the options, each as likely."""
        return options[int(self.random.random() * len(options))]

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random.random() < probability

    def use(self, lemma: str, case: str) -> None:
        """Note that the frame being written uses this lemma in this case or form."""
        self.combinations.add((self.frame, lemma, case))


class Phrase(Protocol):
    """What can stand as a subject or object: person and gender, and words for each case."""

    @property
    def person(self) -> str:
        """The person and number, by which verbs are inflected."""
        ...

    @property
    def gender(self) -> str:
        """The gender, by which pronouns are chosen."""
        ...

    def english(self, case: str) -> Words:
        """The English words in a case."""
        ...

    def german(self, case: str) -> Words:
        """The German words in a case."""
        ...


@dataclass(slots=True)
class Fixed:
    """A phrase given by its forms, for pronouns, names and question words; `lemma` is noted where there is
    one.
    """

    draft: Draft
    person: str
    gender: str
    english_forms: tuple[str, str]
    german_forms: tuple[str, str, str]
    lemma: str = ""
    tag: int = 0

    def __post_init__(self) -> None:
        self.tag = self.draft.meaning()

    def english(self, case: str) -> Words:
        """The subject form or the object form."""
        return [(self.english_forms[case != "nominative"], (self.tag,))]

    def german(self, case: str) -> Words:
        """The form of the case."""
        if self.lemma:
            self.draft.use(self.lemma, case)
        return [(self.german_forms[german.CASES.index(case)], (self.tag,))]


@dataclass(slots=True)
class NounPhrase:
    """Determiner, adjective and noun; `negation` is the meaning of a not that becomes kein."""

    draft: Draft
    noun: Noun
    determiner: str
    many: bool = False
    adjective: Adjective | None = None
    count: int = 0
    negation: int = 0
    tag: int = 0
    after_english: Words = field(default_factory=list)
    after_german: Words = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tag = self.draft.meaning()
        self.draft.meanings += 2

    @property
    def person(self) -> str:
        """Third person, singular or plural."""
        return "3p" if self.many else "3s"

    @property
    def gender(self) -> str:
        """The grammatical gender; "p" for the plural."""
        return "p" if self.many else self.noun.gender

    def english(self, case: str) -> Words:
        """The English words, the same for every case."""
        noun = self.noun.plural if self.many else self.noun.lemma
        words: Words = [(noun, (self.tag,))]
        if self.adjective is not None:
            words.insert(0, (self.adjective.lemma, (self.tag + 1,)))
        determiner = (self.tag + 2,)
        if self.count:
            words.insert(0, (english.number(self.count), determiner))
        elif self.determiner == "none":
            single = not self.many and bool(self.noun.plural)
            words.insert(0, (english.article(words[0][0]) if single else "any", determiner))
        elif self.determiner == "a":
            if not self.many:
                words.insert(0, (english.article(words[0][0]), determiner))
        elif self.determiner == "this":
            words.insert(0, ("these" if self.many else "this", determiner))
        elif self.determiner != "bare":
            words.insert(0, (self.determiner, determiner))
        return words + self.after_english

    def german(self, case: str) -> Words:
        """The German words in their case, noting noun and adjective."""
        noun, gender = self.noun, self.gender
        self.draft.use(noun.lemma, case + "-plural" if self.many else case)
        word = german.noun(noun.german, noun.german_plural, self.many, case, "weak" in noun.classes)
        words: Words = [(word, (self.tag,))]
        article, declension = self._article(gender, case)
        if self.adjective is not None:
            self.draft.use(self.adjective.lemma, declension)
            words.insert(0, (german.adjective(self.adjective.german, declension, gender, case), (self.tag + 1,)))
        if article:
            tags = (self.tag + 2, self.negation) if self.negation else (self.tag + 2,)
            words.insert(0, (article, tags))
        return words + self.after_german

    def _article(self, gender: str, case: str) -> tuple[str, str]:
        if self.count:
            return german.number(self.count), "strong"
        if self.determiner == "the":
            return german.definite(gender, case), "weak"
        if self.determiner == "this":
            return german.this_word("dies", gender, case), "weak"
        if self.determiner == "bare" or (self.determiner == "a" and self.many):
            return "", "strong"
        stem = {"a": "ein", "none": "kein"}.get(self.determiner) or POSSESSIVES[self.determiner]
        return german.ein_word(stem, gender, case), "mixed"


def pronoun(draft: Draft, key: str) -> Fixed:
    """A personal pronoun by its key in PRONOUNS."""
    subject, object_, *forms = PRONOUNS[key]
    person = {"3m": "3s", "3f": "3s"}.get(key, key)
    return Fixed(draft, person, key[1], (subject, object_), (forms[0], forms[1], forms[2]))


def name(draft: Draft) -> Fixed:
    """A first name."""
    chosen = draft.choose([name for name in NAMES if name.text not in draft.names])
    draft.names.add(chosen.text)
    text = chosen.text
    return Fixed(draft, "3s", chosen.gender, (text, text), (text, text, text), text)


def noun_phrase(
    draft: Draft, noun: Noun, determiners: Sequence[str] = (), adjective: float = 0.25, many: float = 0.15
) -> NounPhrase:
    """A noun with a sensible determiner, perhaps an adjective, perhaps in the plural."""
    classes = noun.classes
    often = max(many, 0.8) if "pair" in classes and many else many
    plural = bool(noun.plural) and "onlysingular" not in classes and draft.chance(often)
    if not determiners:
        determiners = ("the",) if "definite" in classes else _MASS if "mass" in classes else _ANY
    determiner = draft.choose(determiners)
    if determiner in POSSESSIVES and "common" in classes:
        determiner = "the"
    elif determiner in ("the", "a", "this") and ("kin" in classes or ("mine" in classes and determiner != "a")):
        determiner = draft.choose(_POSSESSIVE_LIST)
    chosen = None
    if draft.chance(adjective) and "kin" not in classes:
        fitting = adjectives(noun)
        chosen = draft.choose(fitting) if fitting else None
    return NounPhrase(draft, noun, determiner, plural, chosen)


def some(
    draft: Draft, *classes: str, determiners: Sequence[str] = (), adjective: float = 0.25, many: float = 0.15
) -> NounPhrase:
    """A noun phrase of one of these classes."""
    return noun_phrase(draft, draft.choose(nouns(*classes)), determiners, adjective, many)


def person(draft: Draft, other: str = "3s") -> Phrase:
    """Someone who can act: a pronoun, a name or a noun phrase; no pronoun that overlaps with the person
    `other`.
    """
    roll = draft.random.random()
    if roll < 0.5:
        return pronoun(draft, draft.choose(_PRONOUNS_BESIDE[other[0]]))
    if roll < 0.68:
        return name(draft)
    phrase = some(draft, "person", determiners=("the", "the", "my", "your", "his", "her", "our", "a"), adjective=0.15)
    if phrase.many and phrase.determiner == "a":
        phrase.determiner = "the"
    return phrase
