"""A clause of the phrasebook in both languages, and the word orders that can be made of it.

English: subject, auxiliary, not, adverb, verb, rest; a question moves the auxiliary, or takes do. German:
the finite verb stands second, first or last; `middle` is the middle field, `tail` the closing bracket
(particle, infinitive, participle), `ending` the whole bracket of a verb-last clause ("aufsteht", "gelesen
hat"), `extraposed` what follows even that (als der Zug; an infinitive with zu). An auxiliary without a
German counterpart is linked to its verb.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dragoman.data import phrasebook_english as english
from dragoman.data import phrasebook_german as german
from dragoman.data.phrasebook_lexicon import MODALS, Verb
from dragoman.data.phrasebook_phrases import Draft, Phrase, Word, Words

# Places in the German middle field and, in the same numbers, after the English verb.
PRONOUN, TIME, DATIVE, OBJECT, NOT, MANNER, PLACE, PREDICATE, LATE = range(9)
BE = {"1s": "am", "2s": "are", "3s": "is", "1p": "are", "2p": "are", "3p": "are"}
WERE = {"1s": "was", "2s": "were", "3s": "was", "1p": "were", "2p": "were", "3p": "were"}


@dataclass(slots=True)
class Part:
    """A complement or adverbial: its words and its places in the two orders."""

    english: Words
    german: Words
    english_place: int
    german_place: int


@dataclass(slots=True)
class Manner:
    """How a clause is said: tense ("present", "habit", "perfect", "past", "future", "modal") and whether it
    is denied.
    """

    tense: str = "present"
    negated: bool = False
    negation: int = 0
    kein: bool = False
    simple: bool = False
    timed: bool = False


@dataclass(slots=True)
class Clause:
    """The pieces of one clause; the methods put them into order."""

    subject: Phrase
    english_subject: Words
    german_subject: Words
    auxiliary: Words
    negation: Words
    adverb: Words
    verb: Words
    base: Words
    do: Word
    rest: Words
    finite: Word
    middle: Words
    tail: Words
    ending: Words
    extraposed: Words = field(default_factory=list)

    def english_statement(self) -> Words:
        """Subject first."""
        if self.negation and not self.auxiliary:
            return [*self.english_subject, self.do, *self.negation, *self.base, *self.rest]
        return self.english_subject + self.auxiliary + self.negation + self.adverb + self.verb + self.rest

    def english_question(self) -> Words:
        """Auxiliary first."""
        if self.auxiliary:
            return self.auxiliary + self.english_subject + self.negation + self.adverb + self.verb + self.rest
        return [self.do, *self.english_subject, *self.negation, *self.adverb, *self.base, *self.rest]

    def german_statement(self) -> Words:
        """Verb second, subject first."""
        return [*self.german_subject, self.finite, *self.middle, *self.tail, *self.extraposed]

    def german_question(self) -> Words:
        """Verb first, or second after a question word or another first constituent; sich goes before a
        noun.
        """
        subject, middle = self.german_subject, self.middle
        if middle and middle[0][0] == "sich" and subject[0][0] not in ("er", "sie"):
            subject, middle = [middle[0], *subject], middle[1:]
        return [self.finite, *subject, *middle, *self.tail, *self.extraposed]

    def german_last(self) -> Words:
        """Verb last, as after weil or a relative pronoun."""
        return self.german_subject + self.middle + self.ending + self.extraposed


def tagged(text: str, *meanings: int) -> Words:
    """The words of a text, each with these meanings."""
    return [(word, meanings) for word in text.split()]


def adverbial(draft: Draft, english_text: str, german_text: str, place: int = LATE, german_place: int = TIME) -> Part:
    """An adverbial whose words stand for each other as a whole; it is noted as a lemma."""
    tag = draft.meaning()
    draft.use(english_text, "adverb")
    return Part(tagged(english_text, tag), tagged(german_text, tag), place, german_place)


def noun_part(phrase: Phrase, case: str) -> Part:
    """An object in its case."""
    is_pronoun = len(words := phrase.german(case)) == 1 and words[0][0].islower()
    place = DATIVE if case == "dative" else OBJECT
    return Part(phrase.english(case), words, place, PRONOUN if is_pronoun else place)


def prepositional(
    draft: Draft,
    preposition: str,
    german_preposition: str,
    phrase: Phrase,
    case: str,
    place: int = PLACE,
    tag: int = 0,
) -> Part:
    """A preposition with its phrase; a contraction (im, zur) is linked to preposition and article."""
    tag = tag or draft.meaning()
    words = phrase.german(case)
    first, *rest = words
    written = german.contract(german_preposition, first[0])
    german_words: Words = (
        [(written[0], (tag, *first[1]))] if len(written) == 1 else [(german_preposition, (tag,)), first]
    )
    return Part(tagged(preposition, tag) + phrase.english(case), german_words + rest, place, place)


def assemble(
    draft: Draft,
    subject: Phrase,
    verb: Verb,
    manner: Manner,
    parts: Sequence[Part],
    adverb: Part | None = None,
) -> Clause:
    """Conjugate a verb for its subject and put all parts into a clause."""
    main, helper = draft.meaning(), draft.meaning()
    who, tense = subject.person, manner.tense
    lemma = verb.lemma
    auxiliary: Words = []
    base, do = tagged(lemma, main), ("does" if who == "3s" else "do", (main,))
    infinitive: Words = [(verb.particle + verb.german, (main,))]
    if tense in ("present", "habit"):
        draft.use(lemma, "present-" + who)
        simple = tense == "habit" or manner.simple or "stative" in verb.classes
        finite: Word = (german.present(verb.german, who, verb.third), (main,))
        tail: Words = [(verb.particle, (main,))] if verb.particle else []
        ending: Words = [(verb.particle + finite[0], (main,))]
        if simple:
            spoken = tagged(english.third(lemma) if who == "3s" else lemma, main)
        else:
            auxiliary, spoken = [(BE[who], (main,))], tagged(english.progressive(lemma), main)
    elif tense in ("perfect", "past"):
        draft.use(lemma, "perfect")
        finite = (german.present(verb.auxiliary, who), (helper,))
        tail = [(verb.german_participle, (main,))]
        ending = [*tail, finite]
        if tense == "perfect":
            auxiliary = [("has" if who == "3s" else "have", (helper,))]
            spoken = tagged(verb.participle, main)
        else:
            spoken, do = tagged(verb.past, main, helper), ("did", (helper,))
    else:
        draft.use(lemma, "infinitive")
        modal = "will" if tense == "future" else tense
        draft.use(modal, "present-" + who)
        finite = (german.present(MODALS.get(modal, "werden"), who), (helper,))
        tail, ending = infinitive, [*infinitive, finite]
        spoken = base
        if modal in ("want to", "have to"):
            word = modal.split()[0]
            spoken = [(english.third(word) if who == "3s" else word, (helper,)), ("to", (main,)), *base]
            base, do = [(word, (helper,)), *spoken[1:]], (do[0], (helper,))
        elif modal == "be allowed to":
            auxiliary, spoken = [(BE[who], (helper,))], [("allowed", (helper,)), ("to", (main,)), *base]
        elif modal == "would like to":
            auxiliary, spoken = [("would", (helper,))], [("like", (helper,)), ("to", (main,)), *base]
        else:
            auxiliary = [(modal, (helper,))]
    return arrange(subject, manner, parts, adverb, auxiliary, spoken, base, do, finite, tail, ending)


def arrange(
    subject: Phrase,
    manner: Manner,
    parts: Sequence[Part],
    adverb: Part | None,
    auxiliary: Words,
    verb: Words,
    base: Words,
    do: Word,
    finite: Word,
    tail: Words,
    ending: Words,
) -> Clause:
    """Order the parts of the two sides and add the negation."""
    after = sorted(parts, key=lambda part: part.english_place)
    inner = [*parts, adverb] if adverb else list(parts)
    if manner.negated and not manner.kein:
        inner.append(Part([], [("nicht", (manner.negation,))], NOT, NOT))
    inner.sort(key=lambda part: part.german_place)
    return Clause(
        subject,
        subject.english("nominative"),
        subject.german("nominative"),
        auxiliary,
        _negation(manner, auxiliary),
        adverb.english if adverb else [],
        verb,
        base,
        do,
        [word for part in after for word in part.english],
        finite,
        [word for part in inner for word in part.german],
        tail,
        ending,
    )


def _negation(manner: Manner, auxiliary: Words) -> Words:
    """not; after can it makes one word, so the auxiliary takes it over."""
    if not manner.negated:
        return []
    if auxiliary and auxiliary[0][0] == "can":
        auxiliary[0] = ("cannot", (*auxiliary[0][1], manner.negation))
        return []
    return [("not", (manner.negation,))]


def being(draft: Draft, subject: Phrase, manner: Manner, parts: Sequence[Part], adverb: Part | None = None) -> Clause:
    """A clause with sein: present or simple past (war)."""
    tag, who = draft.meaning(), subject.person
    past = manner.tense == "past"
    draft.use("be", ("past-" if past else "present-") + who)
    finite: Word = ((german.preterite if past else german.present)("sein", who), (tag,))
    auxiliary: Words = [((WERE if past else BE)[who], (tag,))]
    return arrange(subject, manner, parts, adverb, auxiliary, [], [], auxiliary[0], finite, [], [finite])


def having(draft: Draft, subject: Phrase, manner: Manner, parts: Sequence[Part]) -> Clause:
    """A clause with haben: present or simple past (hatte)."""
    tag, who = draft.meaning(), subject.person
    past = manner.tense == "past"
    draft.use("have", ("past-" if past else "present-") + who)
    finite: Word = ((german.preterite if past else german.present)("haben", who), (tag,))
    verb = "had" if past else "has" if who == "3s" else "have"
    do: Word = ("did" if past else "does" if who == "3s" else "do", (tag,))
    return arrange(subject, manner, parts, None, [], tagged(verb, tag), tagged("have", tag), do, finite, [], [finite])
