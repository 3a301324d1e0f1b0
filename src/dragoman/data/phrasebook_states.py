"""The kinds of clause that say how things are: where, what like, whose, how much more, when they happen.

A kind is a function (draft, manner, subject) -> Clause, as in phrasebook_kinds.
"""

from collections.abc import Sequence

from dragoman.data import phrasebook_english as english
from dragoman.data import phrasebook_german as german
from dragoman.data.phrasebook_clauses import (
    LATE,
    PREDICATE,
    Clause,
    Manner,
    Part,
    assemble,
    being,
    having,
    noun_part,
    prepositional,
)
from dragoman.data.phrasebook_kinds import THE_OR_MINE, place, proper, receiver, say, times
from dragoman.data.phrasebook_lexicon import Adjective
from dragoman.data.phrasebook_names import DEGREES
from dragoman.data.phrasebook_phrases import Draft, NounPhrase, Phrase, person, some
from dragoman.data.phrasebook_words import Word, Words, grouped

_SURFACES = (
    ("on", "auf", ("surface", "seat")),
    ("under", "unter", ("surface", "lying")),
    ("next to", "neben", ("furniture",)),
    ("behind", "hinter", ("furniture", "openable")),
    ("in", "in", ("container", "inside", "indoor")),
)
_ABSOLUTE = frozenset(["delicious", "full", "empty", "ready", "red", "blue", "green", "black", "white"])


def placed(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The key is under the bed; the students are in the library."""
    if subject or draft.chance(0.4):
        return being(draft, subject or person(draft), manner, [place(draft), *times(draft, manner, True)[0]])
    thing = some(draft, "thing", "dish", "toy", determiners=THE_OR_MINE)
    preposition, german_preposition, classes = draft.choose(_SURFACES)
    where = some(draft, *classes, determiners=THE_OR_MINE, many=0.0)
    while where.noun is thing.noun or (thing.noun.lemma in ("suitcase", "bag") and "container" in where.noun.classes):
        where = some(draft, *classes, determiners=THE_OR_MINE, many=0.0)
    return being(
        draft,
        thing,
        manner,
        [
            prepositional(draft, preposition, german_preposition, where, "dative"),
            *times(draft, manner, True)[0],
        ],
    )


def living(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """Anna lives in Vienna: a state, so simple present in English."""
    subject = subject or person(draft)
    manner.simple = True
    if draft.chance(0.6):
        city = draft.choose(tuple(draft.lexicon.cities))
        part = prepositional(draft, "in", "in", proper(draft, city, draft.lexicon.cities[city]), "dative")
    else:
        phrase = some(draft, "home", "region", determiners=("a", "this", "the"), many=0.0)
        part = prepositional(draft, "in", "in", phrase, "dative")
    return say(draft, subject, draft.lexicon.verbs("living")[0], manner, [part])


def origin(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """My colleague comes from Spain."""
    subject = subject or person(draft)
    manner.simple = True
    table = draft.lexicon.countries if draft.chance(0.5) else draft.lexicon.cities
    place_name = draft.choose(tuple(table))
    part = prepositional(draft, "from", "aus", proper(draft, place_name, table[place_name]), "dative")
    return say(draft, subject, draft.lexicon.verbs("origin")[0], manner, [part])


def described(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The house is very old; I am tired."""
    if subject or draft.chance(0.5):
        subject = subject or person(draft)
        fitting = draft.lexicon.states
    else:
        classes = (
            "thing",
            "wear",
            "building",
            "vehicle",
            "furniture",
            "dish",
            "indoor",
            "region",
            "readable",
            "show",
            "statement",
        )
        subject = some(draft, draft.choose(classes), determiners=(*THE_OR_MINE, "this"), adjective=0.0)
        fitting = draft.lexicon.adjectives(subject.noun)
    return quality_of(draft, subject, manner, fitting)


def quality(draft: Draft, subject: NounPhrase, manner: Manner) -> Clause:
    """What a thing is like."""
    return quality_of(draft, subject, manner, draft.lexicon.adjectives(subject.noun))


def quality_of(draft: Draft, subject: Phrase, manner: Manner, fitting: Sequence[Adjective]) -> Clause:
    """The subject is one of the fitting adjectives, perhaps very or too much so."""
    adjective = draft.choose(fitting)
    tag = draft.meaning()
    draft.use(adjective.lemma, "predicative")
    english_words: Words = [Word(adjective.lemma, (tag,), "JJ")]
    german_words: Words = [Word(adjective.german, (tag,))]
    if not (manner.negated or manner.simple or adjective.lemma in _ABSOLUTE) and draft.chance(0.4):
        degree = draft.choose(("very", "really", "quite") if "state" in adjective.classes else tuple(DEGREES))
        other = draft.meaning()
        english_words.insert(0, Word(degree, (other,), "RB"))
        german_words.insert(0, Word(DEGREES[degree], (other,)))
    state = "state" in adjective.classes
    extra = times(draft, manner, stative=True)[0] if state else []
    return being(
        draft, subject, manner, [Part(grouped("ADJP", english_words), german_words, PREDICATE, PREDICATE), *extra]
    )


def compared(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The bus is slower than the train; my house is as old as your house."""
    classes = draft.choose(
        ("kin", "relation", "animal", "vehicle", "building", "region", "readable", "furniture", "indoor")
    )
    described_as = "person" if classes in ("kin", "relation") else classes
    first = some(draft, classes, determiners=("the", "the", "my", "your", "his", "her", "our"), adjective=0.0)
    second = some(draft, classes, determiners=("the", "the", "my", "your", "his", "her", "our"), adjective=0.0)
    while second.noun is first.noun and (
        described_as == "person"
        or "the" in (first.determiner, second.determiner)
        or second.determiner == first.determiner
    ):
        second = some(draft, classes, determiners=("the", "my", "your", "his"), adjective=0.0)
    fitting = [a for a in draft.lexicon.adjective_list if a.comparative and described_as in a.classes]
    adjective, tag, than = draft.choose(fitting), draft.meaning(), draft.meaning()
    other = second.german("nominative")
    if draft.chance(0.65):
        draft.use(adjective.lemma, "comparative")
        english_words = comparative(adjective, tag)
        link = Word("than", (than,))
        german_words: Words = [Word(adjective.german_comparative, (tag,)), Word("als", (than,))]
    else:
        draft.use(adjective.lemma, "predicative")
        so = draft.meaning()
        english_words = [Word("as", (so,), "RB"), Word(adjective.lemma, (tag,), "JJ")]
        link = Word("as", (than,))
        german_words = [Word("so", (so,)), Word(adjective.german, (tag,)), Word("wie", (than,))]
    english_words = grouped("ADJP", english_words + grouped("PP", [link, *second.english("nominative")]))
    part = Part(english_words, german_words[:-1], PREDICATE, PREDICATE)
    clause = being(draft, first, manner, [part])
    clause.extraposed = [german_words[-1], *other]
    return clause


def comparative(adjective: Adjective, tag: int) -> Words:
    """smaller, or more expensive."""
    *more, last = adjective.comparative.split()
    return [*(Word(word, (tag,), "RBR") for word in more), Word(last, (tag,), "JJ" if more else "JJR")]


def profession(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """She is a doctor: Ärztin, because she is a woman, and without an article."""
    while subject is None or subject.person != "3s":
        subject = person(draft)
        if isinstance(subject, NounPhrase) and not subject.noun.classes & {"kin", "mine"}:
            subject = None
    female = subject.gender == "f" or (isinstance(subject, NounPhrase) and "female" in subject.noun.classes)
    chosen, tag = draft.choose(draft.lexicon.professions), draft.meaning()
    draft.use(chosen.lemma, "nominative")
    words: Words = [Word(english.article(chosen.lemma), ()), Word(chosen.lemma, (tag,), "NN")]
    german_words: Words = [Word(chosen.female if female else chosen.male, (tag,))]
    if manner.negated:
        manner.kein = True
        words[0] = Word(words[0][0], (manner.negation,))
        german_words.insert(0, Word("keine" if female else "kein", (manner.negation,)))
    return being(draft, subject, manner, [Part(grouped("NP", words), german_words, PREDICATE, PREDICATE)])


def owning(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """He has three cats; we do not have any money."""
    subject = subject or person(draft)
    if manner.negated:
        manner.kein = True
        phrase = some(
            draft,
            "animal",
            "vehicle",
            "thing",
            "resource",
            "kin",
            "statement",
            "abstract",
            determiners=("none",),
        )
        phrase.negation = manner.negation
    else:
        phrase = some(
            draft,
            "animal",
            "own",
            "thing",
            "abstract",
            "statement",
            "dish",
            determiners=("a",),
            many=0.1,
        )
        if draft.chance(0.3) and phrase.noun.plural:
            phrase.many, phrase.count = True, 2 + int(draft.random.random() * 11)
    return having(draft, subject, manner, [noun_part(phrase, "accusative")])


def belonging(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The bicycle belongs to my brother."""
    subject = some(draft, "own", "thing", "animal", "wear", determiners=("the", "this"))
    owner = receiver(draft, manner, "3s")
    to = draft.meaning()
    return say(
        draft,
        subject,
        draft.lexicon.verbs("belong")[0],
        manner,
        [
            Part(
                grouped("PP", [Word("to", (to,), "IN"), *owner.english]),
                owner.german,
                owner.english_place,
                owner.german_place,
            )
        ],
    )


def clock_part(draft: Draft) -> Part:
    """At half past seven: um halb acht; digits for the railway (at 7:40)."""
    tag, at = draft.meaning(), draft.meaning()
    if draft.chance(0.25):
        hour, minute = 6 + int(draft.random.random() * 17), 10 * (1 + int(draft.random.random() * 5))
        text = f"{hour}:{minute}"
        draft.use(text, "clock")
        return Part(
            at_time(at, grouped("NP", [Word(text, (tag,), "CD")])),
            [Word("um", (at,)), Word(text, (tag,)), Word("Uhr", (tag,))],
            LATE,
            1,
        )
    hour, minute = 1 + int(draft.random.random() * 12), draft.choose((0, 0, 15, 30, 30, 45, 10, 20, 50))
    draft.use(" ".join(english.clock(hour, minute)), "clock")
    words, german_words = clock_words(draft, hour, minute)
    return Part(at_time(at, words), [Word("um", (at,)), *german_words], LATE, 1)


def at_time(at: int, time: Words) -> Words:
    """(PP at (NP ...))."""
    return grouped("PP", [Word("at", (at,)), *time])


def clock_words(draft: Draft, hour: int, minute: int) -> tuple[Words, Words]:
    """A clock time, linked word by word: half past seven has halb for "half past" and acht for seven."""
    first, second, third = draft.meaning(), draft.meaning(), draft.meaning()
    spoken, german_words = english.clock(hour, minute), german.clock(hour, minute)
    if minute == 0:
        return grouped("NP", [Word(spoken[0], (first,), "CD"), Word(spoken[1], (second,), "RB")]), [
            Word(german_words[0], (first,)),
            Word(german_words[1], (second,)),
        ]
    english_tags: tuple[int, ...] = (first, first, third) if minute == 30 else (first, second, third)
    if len(spoken) == 4:
        english_tags = (first, *english_tags)
    german_tags = (first, third) if minute == 30 else (first, second, third)
    return (
        _clock_tree([Word(word, (tag,)) for word, tag in zip(spoken, english_tags, strict=True)]),
        [Word(word, (tag,)) for word, tag in zip(german_words, german_tags, strict=True)],
    )


def _clock_tree(words: Words) -> Words:
    """(NP (NP a quarter) (PP past (NP seven)))."""
    *amount, link, hour = words
    tags = {"a": "DT", "quarter": "NN", "half": "NN"}
    first = grouped("NP", [word._replace(tag=tags.get(word.text, "CD")) for word in amount])
    second = grouped("PP", [link._replace(tag="IN"), *grouped("NP", [hour._replace(tag="CD")])])
    return grouped("NP", first + second)


def departing(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The train leaves at half past seven; the film begins at eight o'clock."""
    manner.simple = True
    if draft.chance(0.55):
        subject = subject or some(draft, "public", determiners=("the", "our", "your", "this"), adjective=0.0, many=0.0)
        verb = draft.choose(draft.lexicon.verbs("departure"))
    else:
        subject = subject or some(draft, "show", "event", determiners=("the", "the", "this"), adjective=0.1, many=0.0)
        verb = draft.choose(draft.lexicon.verbs("event"))
    return assemble(draft, subject, verb, manner, [clock_part(draft)])
