"""Noun phrases of the phrasebook in both languages at once, with the links between their words.

A word knows its meanings; two words of a sentence pair are linked exactly when they share a
meaning, so links are made where the words are made. A `Draft` is one sentence being written: it draws the
choices, numbers the meanings, and notes every (frame, lemma, case) used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol, TypeVar

from dragoman.data import phrasebook_english as english
from dragoman.data import phrasebook_german as german
from dragoman.data.phrasebook_degrees import english_degree, german_degree
from dragoman.data.phrasebook_lexicon import CORE, Adjective, Lexicon, Noun
from dragoman.data.phrasebook_words import Word, Words, grouped

Option = TypeVar("Option")

PRONOUNS = {
    "1s": ("I", "me", "ich", "mich", "mir"),
    "2s": ("you", "you", "du", "dich", "dir"),
    "3m": ("he", "him", "er", "ihn", "ihm"),
    "3f": ("she", "her", "sie", "sie", "ihr"),
    "1p": ("we", "us", "wir", "uns", "uns"),
    "3p": ("they", "them", "sie", "sie", "ihnen"),
}
POSSESSIVES = {"my": "mein", "your": "dein", "his": "sein", "her": "ihr", "our": "unser", "their": "ihr"}
OWN = Adjective("own", "eigen", "", "", frozenset())  # after their, in the full phrasebook
IT = {"m": ("er", "ihn", "ihm"), "f": ("sie", "sie", "ihr"), "n": ("es", "es", "ihm")}
_PRONOUNS_BESIDE = {digit: tuple(key for key in PRONOUNS if key[0] != digit or digit == "3") for digit in "123"}
_POSSESSIVE_LIST = tuple(POSSESSIVES)
_ANY = ("the",) * 9 + ("a",) * 6 + ("this",) * 2 + _POSSESSIVE_LIST
_MASS = ("the", "the", "bare", "bare", "bare")


@dataclass(slots=True)
class Draft:
    """One sentence pair being written: its random choices, its meanings and its combinations."""

    random: Random
    lexicon: Lexicon = CORE
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
        text = self.english_forms[case != "nominative"]
        label = "WHNP" if text in ("who", "whom") else "NP"
        return [Word(text, (self.tag,), "NNP" if text[0].isupper() and text != "I" else "", (label,), 1)]

    def german(self, case: str) -> Words:
        """The form of the case."""
        if self.lemma:
            self.draft.use(self.lemma, case)
        return [Word(self.german_forms[german.CASES.index(case)], (self.tag,))]


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
    degree: str = ""
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
        head, tag = (self.noun.plural, "NNS") if self.many else (self.noun.lemma, "NN")
        words: Words = [Word(head, (self.tag,), tag)]
        if self.adjective is not None:
            words = self._described() + words
        determiner = (self.tag + 2,)
        if self.count:
            words.insert(0, Word(english.number(self.count), determiner, "CD"))
        elif self.determiner == "none":
            single = not self.many and bool(self.noun.plural)
            words.insert(0, Word(english.article(words[0].text) if single else "any", determiner))
        elif self.determiner == "a":
            if not self.many:
                words.insert(0, Word(english.article(words[0].text), determiner))
        elif self.determiner == "this":
            words.insert(0, Word("these" if self.many else "this", determiner))
        elif self.determiner != "bare":
            tag = "OWN" if self.adjective is OWN else "PRP$" if self.determiner == "her" else ""
            words.insert(0, Word(self.determiner, determiner, tag))
        phrase = grouped("NP", words)
        return grouped("NP", phrase + self.after_english) if self.after_english else phrase

    def german(self, case: str) -> Words:
        """The German words in their case, noting noun and adjective."""
        noun, gender = self.noun, self.gender
        self.draft.use(noun.lemma, case + "-plural" if self.many else case)
        word = german.noun(noun.german, noun.german_plural, self.many, case, "weak" in noun.classes)
        words: Words = [Word(word, (self.tag,))]
        article, declension = self._article(gender, case)
        if self.adjective is not None:
            self.draft.use(self.adjective.lemma, declension + self.degree)
            stem = german_degree(self.adjective, self.degree)
            words.insert(0, Word(german.adjective(stem, declension, gender, case), (self.tag + 1,)))
        if article:
            tags = (self.tag + 2, self.negation) if self.negation else (self.tag + 2,)
            words.insert(0, Word(article, tags, "OWN" if self.adjective is OWN else ""))
        return words + self.after_german

    def _described(self) -> Words:
        assert self.adjective is not None
        *more, last = english_degree(self.adjective, self.degree)
        tag = "JJ" + {"": "", "comparative": "R", "superlative": "S"}[self.degree]
        if not more:
            return [Word(last, (self.tag + 1,), tag)]
        degree = Word(more[0], (self.tag + 1,), tag.replace("JJ", "RB"))
        return grouped("ADJP", [degree, Word(last, (self.tag + 1,), "JJ")])

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


@dataclass(slots=True)
class Them(Fixed):
    """They; as an accusative "both of them", sie beide, because sie alone means her in the full phrasebook."""

    def english(self, case: str) -> Words:
        """They, both of them, them."""
        if case != "accusative":
            return Fixed.english(self, case)
        tag = (self.tag,)
        of_them = grouped("PP", [Word("of", tag), *grouped("NP", [Word("them", tag)])])
        return grouped("NP", [*grouped("NP", [Word("both", tag)]), *of_them])

    def german(self, case: str) -> Words:
        """Sie, sie beide, ihnen."""
        words = Fixed.german(self, case)
        return [*words, Word("beide", (self.tag,))] if case == "accusative" else words


@dataclass(slots=True)
class Both:
    """Two people: Anna and my brother."""

    first: Phrase
    second: Phrase
    link: int
    person: str = "3p"
    gender: str = "p"

    def english(self, case: str) -> Words:
        """(NP (NP Anna) and (NP my brother))."""
        return grouped("NP", [*self.first.english(case), Word("and", (self.link,)), *self.second.english(case)])

    def german(self, case: str) -> Words:
        """Both in the same case."""
        return [*self.first.german(case), Word("und", (self.link,)), *self.second.german(case)]


def pronoun(draft: Draft, key: str) -> Fixed:
    """A personal pronoun by its key in PRONOUNS."""
    subject, object_, *forms = PRONOUNS[key]
    person = {"3m": "3s", "3f": "3s"}.get(key, key)
    if key == "3p" and draft.lexicon.full:
        return Them(draft, person, key[1], (subject, object_), (forms[0], forms[1], forms[2]))
    return Fixed(draft, person, key[1], (subject, object_), (forms[0], forms[1], forms[2]))


def name(draft: Draft) -> Fixed:
    """A first name."""
    chosen = draft.choose([name for name in draft.lexicon.names if name.text not in draft.names])
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
        fitting = draft.lexicon.adjectives(noun)
        chosen = draft.choose(fitting) if fitting else None
    phrase = NounPhrase(draft, noun, determiner, plural, chosen)
    if draft.lexicon.full:
        _refine(draft, phrase)
    return phrase


_SPOUSES = {"husband": {"his": "her", "our": "my", "their": "my"}, "wife": {"her": "his", "our": "my", "their": "my"}}


def _refine(draft: Draft, phrase: NounPhrase) -> None:
    """What the full phrasebook adds: degrees of adjectives, and their only as their own (ihr eigenes Auto),
    because ihr alone means her. Whose own it is, the clause decides.
    """
    if phrase.noun.lemma in _SPOUSES:
        phrase.determiner = _SPOUSES[phrase.noun.lemma].get(phrase.determiner, phrase.determiner)
    adjective = phrase.adjective
    if adjective and adjective.comparative and phrase.determiner in ("the", "a") and draft.chance(0.3):
        phrase.degree = "superlative" if phrase.determiner == "the" else "comparative"
    if phrase.determiner == "their":
        if phrase.noun.classes & {"person", "body", "event", "day"}:
            phrase.determiner = "our"
        else:
            phrase.adjective, phrase.degree = OWN, ""


def some(
    draft: Draft, *classes: str, determiners: Sequence[str] = (), adjective: float = 0.25, many: float = 0.15
) -> NounPhrase:
    """A noun phrase of one of these classes."""
    return noun_phrase(draft, draft.choose(draft.lexicon.nouns(*classes)), determiners, adjective, many)


def person(draft: Draft, other: str = "3s") -> Phrase:
    """Someone who can act: a pronoun, a name or a noun phrase; no pronoun that overlaps with the person
    `other`.
    """
    roll = draft.random.random()
    if roll < 0.5:
        return pronoun(draft, draft.choose(_PRONOUNS_BESIDE[other[0]]))
    if roll < 0.68:
        first = name(draft)
        if not draft.lexicon.full or draft.chance(0.85):
            return first
        second = some(draft, "kin", determiners=("my", "your", "his", "her", "our"), adjective=0.0, many=0.0)
        return Both(first, second, draft.meaning())
    phrase = some(draft, "person", determiners=("the", "the", "my", "your", "his", "her", "our", "a"), adjective=0.15)
    if phrase.many and phrase.determiner == "a":
        phrase.determiner = "the"
    return phrase
