"""The kinds of clause that the phrasebook can say: who does what to whom, where things are, what they are
like.

A kind is a function (draft, manner, subject) -> Clause; without a subject it finds a fitting one. Any kind
can become a statement, a question, or a subordinate clause; the frames decide that.
"""

from collections.abc import Callable, Sequence

from dragoman.data import phrasebook_german as german
from dragoman.data.phrasebook_clauses import (
    MANNER,
    PLACE,
    PRONOUN,
    Clause,
    Manner,
    Part,
    adverbial,
    arrange,
    assemble,
    noun_part,
    owned,
    prepositional,
)
from dragoman.data.phrasebook_lexicon import Verb
from dragoman.data.phrasebook_names import FUTURE_TIMES, PAST_TIMES, TODAY
from dragoman.data.phrasebook_phrases import (
    Draft,
    Fixed,
    NounPhrase,
    Phrase,
    noun_phrase,
    person,
    some,
)
from dragoman.data.phrasebook_words import Word, verb_phrase, verb_words

Kind = Callable[[Draft, Manner, Phrase | None], Clause]
REFLEXIVE = {"1s": "mich", "2s": "dich", "3s": "sich", "1p": "uns", "2p": "euch", "3p": "sich"}
_WHERE = (("in", "in", ("indoor", "outdoor", "building")),) * 4 + (
    ("in front of", "vor", ("building",)),
    ("behind", "hinter", ("building",)),
)
THE_OR_MINE = ("the", "the", "the", "my", "your", "his", "her", "our")


def _objects(verb: Verb, without: Sequence[str] = ("person",)) -> tuple[str, ...]:
    return tuple(kind for kind in verb.objects if kind not in without)


def times(draft: Draft, manner: Manner, stative: bool = False) -> tuple[list[Part], Part | None]:
    """The adverbials that a tense asks for: a frequency for habits, a past time for the past."""
    if manner.tense == "habit":
        word = draft.choose(tuple(draft.lexicon.frequencies))
        return [], adverbial(draft, word, draft.lexicon.frequencies[word])
    table: dict[str, str] = {}
    if manner.timed:
        return [], None
    if manner.tense == "past":
        table = PAST_TIMES if not stative else {key: PAST_TIMES[key] for key in ("yesterday", "this morning")}
    elif manner.tense == "future" and draft.chance(0.5):
        table = FUTURE_TIMES if not manner.negated else {"tomorrow": "morgen", "today": "heute"}
    elif manner.tense == "present" and not manner.simple and not stative and draft.chance(0.15):
        table = TODAY
    if not table:
        return [], None
    word = draft.choose(tuple(table))
    return [adverbial(draft, word, table[word])], None


def say(draft: Draft, subject: Phrase, verb: Verb, manner: Manner, parts: list[Part]) -> Clause:
    """A clause of a full verb with the adverbials of its tense."""
    extra, adverb = times(draft, manner, "stative" in verb.classes)
    return assemble(draft, subject, verb, manner, parts + extra, adverb)


def place(draft: Draft) -> Part:
    """Where something happens: a two-way preposition with the dative."""
    preposition, german_preposition, classes = draft.choose(_WHERE)
    return prepositional(
        draft,
        preposition,
        german_preposition,
        some(draft, *classes, determiners=THE_OR_MINE, many=0.0),
        "dative",
    )


def verb_for(draft: Draft, kind: str, manner: Manner) -> Verb:
    """A verb of a kind that the tense allows: no past of knowing and liking, no modal with states."""
    while True:
        verb = draft.choose(draft.lexicon.verbs(kind))
        if "involuntary" in verb.classes and manner.tense not in ("present", "past", "perfect"):
            continue
        if "stative" in verb.classes and manner.tense not in ("present", "habit", "past", "perfect"):
            continue
        if "nopast" in verb.classes and manner.tense != "present":
            continue
        if "past" in verb.classes and manner.tense not in ("past", "perfect"):
            continue
        return verb


def target(draft: Draft, verb: Verb, manner: Manner, subject: Phrase) -> Part:
    """The accusative object of a verb; a denied indefinite one becomes kein."""
    classes = _objects(verb)
    if "person" in verb.objects and (not classes or draft.chance(0.5)):
        return noun_part(_denied(person(draft, subject.person), manner), "accusative")
    noun = draft.choose(draft.lexicon.nouns(draft.choose(classes)))
    if manner.negated and "definite" not in noun.classes and draft.chance(0.5):
        return noun_part(_denied(noun_phrase(draft, noun, ("none",)), manner), "accusative")
    if verb.lemma == "like" and noun.classes & {"food", "drink", "animal"}:
        return noun_part(noun_phrase(draft, noun, ("bare",), adjective=0.1, many=1.0), "accusative")
    many = 0.15 if verb.lemma not in ("wear", "put on") else 1.0 if "pair" in noun.classes else 0.0
    return noun_part(_denied(noun_phrase(draft, noun, many=many), manner), "accusative")


def _denied(phrase: Phrase, manner: Manner) -> Phrase:
    """Turn an indefinite object of a negated verb into a denied one: she cannot read a book, kein Buch."""
    if manner.negated and isinstance(phrase, NounPhrase) and phrase.determiner in ("a", "bare", "none"):
        manner.kein, phrase.determiner, phrase.negation = True, "none", manner.negation
    return phrase


def receiver(draft: Draft, manner: Manner, other: str) -> Part:
    """A person in the dative; denied, it is kein in the full phrasebook (he is not helping a woman)."""
    someone = person(draft, other)
    return noun_part(_denied(someone, manner) if draft.lexicon.full else someone, "dative")


def alone(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The child is sleeping in the garden."""
    subject = subject or person(draft)
    verb = verb_for(draft, "alone", manner)
    parts = []
    if verb.lemma in draft.lexicon.places and draft.chance(0.4):
        noun = draft.lexicon.by_lemma[draft.choose(draft.lexicon.places[verb.lemma])]
        phrase = noun_phrase(draft, noun, THE_OR_MINE, 0.25, 0.0)
        parts = [prepositional(draft, "in", "in", phrase, "dative")]
    return say(draft, subject, verb, manner, parts)


def thing_done(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The woman is reading a book."""
    subject = subject or person(draft)
    verb = verb_for(draft, "object", manner)
    return say(draft, subject, verb, manner, [target(draft, verb, manner, subject)])


def separable(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The man is getting up."""
    return say(draft, subject or person(draft), verb_for(draft, "separable", manner), manner, [])


def particle(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """She is turning on the lamp."""
    subject = subject or person(draft)
    verb = verb_for(draft, "particle", manner)
    while True:
        draft_target = target(draft, verb, manner, subject)
        if " " not in verb.lemma or draft_target.german_place != PRONOUN:
            return say(draft, subject, verb, manner, [draft_target])


def helped(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """We are helping the neighbour."""
    subject = subject or person(draft)
    verb = verb_for(draft, "dative", manner)
    return say(draft, subject, verb, manner, [receiver(draft, manner, subject.person)])


def given(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """He gives the child the ball."""
    subject = subject or person(draft)
    verb = verb_for(draft, "giving", manner)
    receiver = noun_part(person(draft, subject.person), "dative")
    return say(draft, subject, verb, manner, [receiver, noun_part(some(draft, *verb.objects), "accusative")])


def into(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """She is going into the kitchen; we are going to the station."""
    subject = subject or person(draft)
    if draft.chance(0.5):
        phrase = some(draft, "indoor", "outdoor", "building", determiners=THE_OR_MINE, many=0.0)
        part = prepositional(draft, "into", "in", phrase, "accusative")
    else:
        phrase = some(draft, "goal", determiners=("the",), many=0.0)
        part = prepositional(draft, "to", "zu", phrase, "dative")
    return say(draft, subject, verb_for(draft, "into", manner), manner, [part])


def cityward(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """They are driving to Berlin."""
    subject = subject or person(draft)
    table = draft.lexicon.cities if draft.chance(0.6) else draft.lexicon.countries
    city = draft.choose(tuple(table))
    part = prepositional(draft, "to", "nach", proper(draft, city, table[city]), "dative")
    return say(draft, subject, verb_for(draft, "cityward", manner), manner, [part])


def proper(draft: Draft, text: str, german_text: str) -> Fixed:
    """A place or another proper name."""
    return Fixed(draft, "3s", "n", (text, text), (german_text, german_text, german_text), text)


def sitting(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The boy is sitting on the chair."""
    subject = subject or person(draft)
    verb = verb_for(draft, "position", manner)
    phrase = some(draft, *verb.objects, determiners=THE_OR_MINE, many=0.0)
    return say(draft, subject, verb, manner, [prepositional(draft, "on", "auf", phrase, "dative")])


def put(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """I am laying the book on the table; he is putting the bottle on the shelf."""
    subject = subject or person(draft)
    verb = verb_for(draft, "putting", manner)
    thing = noun_part(some(draft, *verb.objects, determiners=THE_OR_MINE), "accusative")
    where = some(draft, "surface", determiners=THE_OR_MINE, many=0.0)
    return say(draft, subject, verb, manner, [thing, prepositional(draft, "on", "auf", where, "accusative")])


def about(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """We are waiting for the bus; I am dreaming of a car."""
    subject = subject or person(draft)
    verb = verb_for(draft, "about", manner)
    case = "dative" if "+dative" in verb.classes else "accusative"
    german_preposition = next(word for word in ("auf", "an", "über", "von", "nach", "um") if word in verb.classes)
    preposition = verb.lemma.rpartition(" ")[2]
    phrase = (
        person(draft, subject.person)
        if verb.objects[0] == "person" and draft.chance(0.6)
        else some(draft, *verb.objects)
    )
    part = prepositional(draft, preposition, german_preposition, phrase, case)
    clause = say(draft, subject, verb, manner, [part])
    return without_preposition(clause, preposition)


def without_preposition(clause: Clause, preposition: str) -> Clause:
    """Take the preposition off the English verb ("wait for"): its phrase brings it along, linked to the
    German one.
    """
    clause.verb = clause.verb[:-1] if clause.verb[-1][0] == preposition else clause.verb
    clause.base = clause.base[:-1] if clause.base[-1][0] == preposition else clause.base
    return clause


def reflexive(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """She is looking forward to the weekend: sich freuen."""
    subject = subject or person(draft)
    verb = verb_for(draft, "reflexive", manner)
    parts = []
    if verb.objects:
        preposition = "auf" if "auf" in verb.classes else "an"
        phrase = some(draft, *verb.objects, determiners=("the", "the", "my", "your", "our"), many=0.0)
        spoken = "to" if preposition == "auf" else ""
        parts.append(prepositional(draft, spoken, preposition, phrase, "accusative"))
    manner.timed = True
    clause = say(draft, subject, verb, manner, parts)
    clause.middle.insert(0, Word(REFLEXIVE[subject.person], clause.tail[-1][1] if clause.tail else clause.finite[1]))
    return without_preposition(clause, "to") if verb.lemma.endswith(" to") else clause


def transported(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """We are taking the bus to the station."""
    subject = subject or person(draft)
    vehicle = some(draft, "public", determiners=("the",), adjective=0.0, many=0.0)
    if vehicle.noun.lemma == "train":
        city = draft.choose(tuple(draft.lexicon.cities))
        part = prepositional(draft, "to", "nach", proper(draft, city, draft.lexicon.cities[city]), "dative")
    else:
        part = prepositional(
            draft, "to", "zu", some(draft, "goal", determiners=("the",), adjective=0.0, many=0.0), "dative"
        )
    return say(draft, subject, draft.lexicon.verbs("transport")[0], manner, [noun_part(vehicle, "accusative"), part])


def speaking(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """They are learning German."""
    subject = subject or person(draft)
    language = draft.choose(tuple(draft.lexicon.languages))
    if manner.negated:
        manner.kein = True
        phrase: Phrase = proper(draft, language, draft.lexicon.languages[language])
        words = [Word("kein", (manner.negation,)), *phrase.german("accusative")]
        part = Part(phrase.english("accusative"), words, MANNER, PLACE)
    else:
        part = noun_part(proper(draft, language, draft.lexicon.languages[language]), "accusative")
    return say(draft, subject, verb_for(draft, "language", manner), manner, [part])


def together(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """She is dancing with my brother; he is travelling without us."""
    subject = subject or person(draft)
    other = person(draft, subject.person)
    with_someone = draft.chance(0.6)
    words = ("with", "mit", other, "dative") if with_someone else ("without", "ohne", other, "accusative")
    verb = draft.choose(
        [
            verb
            for verb in draft.lexicon.verbs("activity")
            if not verb.classes & {"object", "language"} and verb.lemma != "sleep"
        ]
    )
    return say(draft, subject, verb, manner, [prepositional(draft, *words, place=MANNER + 1)])


def for_someone(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """My aunt is baking a cake for the guests."""
    subject = subject or person(draft)
    verb = draft.choose(
        [verb for verb in draft.lexicon.verbs("object") if verb.lemma in ("buy", "bake", "order", "repair", "paint")]
    )
    classes = [kind for kind in verb.objects if kind not in ("person", "animal")]
    thing = noun_part(some(draft, *classes), "accusative")
    return say(
        draft,
        subject,
        verb,
        manner,
        [thing, prepositional(draft, "for", "für", person(draft, subject.person), "accusative")],
    )


def gladly(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """She likes to dance: gern."""
    subject = subject or person(draft)
    verb, like = draft.choose(draft.lexicon.verbs("activity")), draft.meaning()
    draft.use(verb.lemma, "present-" + subject.person)
    main = draft.meaning()
    spoken = Word("likes", (like,), "VBZ") if subject.person == "3s" else Word("like", (like,), "VBP")
    base = [Word("like", (like,), "VB"), Word("to", (like,)), *verb_words(verb.lemma, "VB", main)]
    finite = Word(german.present(verb.german, subject.person, verb.third), (main,))
    parts = [Part([], [Word("gern", (like,))], MANNER, MANNER)]
    if "object" in verb.classes:
        noun = draft.choose(draft.lexicon.nouns(*verb.objects))
        phrase = noun_phrase(draft, noun, ("bare",), many=1.0)
        parts.append(Part(phrase.english("accusative"), phrase.german("accusative"), MANNER, MANNER + 1))
    elif "language" in verb.classes:
        language = draft.choose(tuple(draft.lexicon.languages))
        phrase_language = proper(draft, language, draft.lexicon.languages[language])
        parts.append(
            Part(
                phrase_language.english("accusative"),
                phrase_language.german("accusative"),
                MANNER,
                MANNER + 1,
            )
        )
    do = Word("does" if subject.person == "3s" else "do", (like,))
    return arrange(subject, manner, parts, None, [], [spoken, *base[1:]], base, do, finite, [], [finite])


def trying(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """She is trying to open the door: an infinitive with zu."""
    subject = subject or person(draft)
    verb = draft.choose(
        [v for v in draft.lexicon.verbs("object") if not v.classes & {"stative", "past"}]
        + list(draft.lexicon.verbs("particle"))
    )
    thing = target(draft, verb, Manner(), subject)
    while thing.german_place == PRONOUN and " " in verb.lemma:
        thing = target(draft, verb, Manner(), subject)
    draft.use(verb.lemma, "zu-infinitive")
    tag = draft.meaning()
    thing.english, thing.german = owned(thing.english, subject), owned(thing.german, subject)
    words = verb_phrase([Word("to", (tag,)), *verb_words(verb.lemma, "VB", tag)], thing.english)
    outer = draft.choose(draft.lexicon.verbs("infinitive"))
    clause = say(draft, subject, outer, manner, [])
    clause.rest = words + clause.rest
    infinitive = thing.german + [Word(word, (tag,)) for word in german.zu_infinitive(verb.particle, verb.german)]
    clause.extraposed = [Word(",", ()), *infinitive]
    return clause
