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
from dragoman.data.phrasebook_lexicon import Verb
from dragoman.data.phrasebook_names import MODALS
from dragoman.data.phrasebook_phrases import Draft, Phrase
from dragoman.data.phrasebook_words import Word, Words, bracketed, grouped, verb_phrase, verb_words

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
        """Subject first: (S (NP she) (VP is (VP reading)))."""
        return grouped("S", self.english_subject + self.english_predicate())

    def english_predicate(self) -> Words:
        """All but the subject, with an adverb that stands before the verb phrase."""
        if self.negation and not self.auxiliary:
            return verb_phrase([self.do, *self.negation, *self.base], self.rest)
        if not self.auxiliary:
            return self.adverb + verb_phrase(self.verb, self.rest)
        return verb_phrase(self.auxiliary + self.negation + self.adverb + self.verb, self.rest)

    def english_question(self) -> Words:
        """Auxiliary first: (SQ is (NP she) (VP reading))."""
        if not self.auxiliary:
            inner = verb_phrase(self.base, self.rest)
            return grouped("SQ", [self.do, *self.english_subject, *self.negation, *inner])
        first, *others = self.auxiliary
        heads = others + self.verb
        inner = verb_phrase(heads, self.rest) if heads else self.rest
        return grouped("SQ", [first, *self.english_subject, *self.negation, *self.adverb, *inner])

    def english_relative(self) -> Words:
        """The subject as a relative pronoun: (SBAR (WHNP who) (S (VP is (VP reading))))."""
        return grouped("SBAR", self.english_subject + grouped("S", self.english_predicate()))

    def english_asked(self) -> Words:
        """The subject as a question word: (SBARQ (WHNP who) (SQ (VP is (VP reading))))."""
        return grouped("SBARQ", self.english_subject + grouped("SQ", self.english_predicate()))

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
    return [Word(word, meanings) for word in text.split()]


_ADVERBIALS = {
    "last week": "(NP-TMP last/JJ week/NN)",
    "next week": "(NP-TMP next/JJ week/NN)",
    "yesterday": "(NP-TMP yesterday/NN)",
    "today": "(NP-TMP today/NN)",
    "tomorrow": "(NP-TMP tomorrow/NN)",
    "yesterday evening": "(NP-TMP yesterday/NN evening/NN)",
    "this morning": "(NP-TMP this morning/NN)",
}


def adverb_words(text: str, tag: int) -> Words:
    """An English adverbial as a constituent: an adverb phrase, or what the table says."""
    found = _ADVERBIALS.get(text)
    return bracketed(found, tag) if found else grouped("ADVP", [Word(text, (tag,), "RB")])


def adverbial(draft: Draft, english_text: str, german_text: str, place: int = LATE, german_place: int = TIME) -> Part:
    """An adverbial whose words stand for each other as a whole; it is noted as a lemma."""
    tag = draft.meaning()
    draft.use(english_text, "adverb")
    return Part(adverb_words(english_text, tag), tagged(german_text, tag), place, german_place)


def noun_part(phrase: Phrase, case: str) -> Part:
    """An object in its case."""
    words = phrase.german(case)
    is_pronoun = all(word.text.islower() for word in words)
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
        [Word(written[0], (tag, *first[1]))] if len(written) == 1 else [Word(german_preposition, (tag,)), first]
    )
    return Part(preposition_phrase(preposition, tag, phrase.english(case)), german_words + rest, place, place)


def preposition_phrase(preposition: str, tag: int, phrase: Words) -> Words:
    """(PP in (NP ...)); in front of and next to have an inside of their own."""
    if preposition == "in front of":
        front = grouped("NP", [Word("front", (tag,), "NN")])
        return grouped("PP", [Word("in", (tag,)), *grouped("NP", front + preposition_phrase("of", tag, phrase))])
    if preposition == "next to":
        return grouped("ADVP", [Word("next", (tag,), "JJ"), *grouped("PP", [Word("to", (tag,), "IN"), *phrase])])
    tags = {"to": "IN"}
    return grouped("PP", [Word(preposition, (tag,), tags.get(preposition, "")), *phrase]) if preposition else phrase


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
    base, do = verb_words(lemma, "VB", main), Word("does" if who == "3s" else "do", (main,))
    infinitive: Words = [Word(verb.particle + verb.german, (main,))]
    if tense in ("present", "habit"):
        draft.use(lemma, "present-" + who)
        simple = tense == "habit" or manner.simple or "stative" in verb.classes
        finite: Word = Word(german.present(verb.german, who, verb.third), (main,))
        tail: Words = [Word(verb.particle, (main,))] if verb.particle else []
        ending: Words = [Word(verb.particle + finite[0], (main,))]
        if simple:
            spoken = verb_words(english.third(lemma), "VBZ", main) if who == "3s" else verb_words(lemma, "VBP", main)
        else:
            auxiliary, spoken = [Word(BE[who], (main,))], verb_words(english.progressive(lemma), "VBG", main)
    elif tense in ("perfect", "past"):
        draft.use(lemma, "perfect")
        finite = Word(german.present(verb.auxiliary, who), (helper,))
        tail = [Word(verb.german_participle, (main,))]
        ending = [*tail, finite]
        if tense == "perfect":
            auxiliary = [Word("has" if who == "3s" else "have", (helper,))]
            spoken = verb_words(verb.participle, "VBN", main)
        else:
            spoken, do = verb_words(verb.past, "VBD", main, helper), Word("did", (helper,))
    else:
        draft.use(lemma, "infinitive")
        modal = "will" if tense == "future" else tense
        draft.use(modal, "present-" + who)
        finite = Word(german.present(MODALS.get(modal, "werden"), who), (helper,))
        tail, ending = infinitive, [*infinitive, finite]
        spoken = base
        if modal in ("want to", "have to"):
            word = modal.split()[0]
            first = Word(english.third(word), (helper,), "VBZ") if who == "3s" else Word(word, (helper,), "VBP")
            spoken = [first, Word("to", (main,)), *base]
            base, do = [Word(word, (helper,), "VB"), *spoken[1:]], Word(do[0], (helper,))
        elif modal == "be allowed to":
            auxiliary, spoken = (
                [Word(BE[who], (helper,))],
                [Word("allowed", (helper,), "VBN"), Word("to", (main,)), *base],
            )
        elif modal == "would like to":
            auxiliary, spoken = [Word("would", (helper,))], [Word("like", (helper,), "VB"), Word("to", (main,)), *base]
        else:
            auxiliary = [Word(modal, (helper,))]
    return arrange(subject, manner, parts, adverb, auxiliary, spoken, base, do, finite, tail, ending)


_OWNERS = {
    "1s": "my mein",
    "2s": "your dein",
    "1p": "our unser",
    "3p": "their ihr",
    "3sm": "his sein",
    "3sf": "her ihr",
}


def owned(words: Words, subject: Phrase) -> Words:
    """Let "their own" (ihr eigenes) be the subject's own: my own, his own; "our" where that has no good English."""
    if not any(word.tag == "OWN" for word in words):
        return words
    owner = subject.person + subject.gender if subject.person == "3s" else subject.person
    mine, mein = _OWNERS.get(owner, "our unser").split()
    said: Words = []
    for word in words:
        if word.tag == "OWN":
            text = mine if word.text == "their" else mein + word.text.removeprefix("ihr")
            word = Word(text, word.meanings, "PRP$", word.opens, word.closes)
        elif owner not in _OWNERS and said and said[-1].tag == "PRP$" and word.text in _OWN_FORMS:
            continue
        said.append(word)
    return said


_OWN_FORMS = frozenset(("own", "eigen", "eigene", "eigener", "eigenes", "eigenen", "eigenem"))


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
    for part in parts:
        part.english, part.german = owned(part.english, subject), owned(part.german, subject)
    after = sorted(parts, key=lambda part: part.english_place)
    inner = [*parts, adverb] if adverb else list(parts)
    if manner.negated and not manner.kein:
        inner.append(Part([], [Word("nicht", (manner.negation,))], NOT, NOT))
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
        auxiliary[0] = Word("cannot", (*auxiliary[0][1], manner.negation))
        return []
    return [Word("not", (manner.negation,))]


def being(draft: Draft, subject: Phrase, manner: Manner, parts: Sequence[Part], adverb: Part | None = None) -> Clause:
    """A clause with sein: present or simple past (war)."""
    tag, who = draft.meaning(), subject.person
    past = manner.tense == "past"
    draft.use("be", ("past-" if past else "present-") + who)
    finite = Word((german.preterite if past else german.present)("sein", who), (tag,))
    auxiliary: Words = [Word((WERE if past else BE)[who], (tag,))]
    return arrange(subject, manner, parts, adverb, auxiliary, [], [], auxiliary[0], finite, [], [finite])


def having(draft: Draft, subject: Phrase, manner: Manner, parts: Sequence[Part]) -> Clause:
    """A clause with haben: present or simple past (hatte)."""
    tag, who = draft.meaning(), subject.person
    past = manner.tense == "past"
    draft.use("have", ("past-" if past else "present-") + who)
    finite = Word((german.preterite if past else german.present)("haben", who), (tag,))
    verb = "had" if past else "has" if who == "3s" else "have"
    do = Word("did" if past else "does" if who == "3s" else "do", (tag,))
    return arrange(
        subject, manner, parts, None, [], [Word(verb, (tag,))], [Word("have", (tag,), "VB")], do, finite, [], [finite]
    )
