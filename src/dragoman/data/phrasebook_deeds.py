"""The kinds of clause that only the full phrasebook says: reflexive verbs in every tense, how something is
done and by whom better, for how long, and what it is important to do.

A kind is a function (draft, manner, subject) -> Clause, as in phrasebook_kinds.
"""

from dragoman.data import phrasebook_english as english
from dragoman.data import phrasebook_german as german
from dragoman.data.phrasebook_clauses import (
    MANNER,
    PLACE,
    PREDICATE,
    PRONOUN,
    TIME,
    Clause,
    Manner,
    Part,
    arrange,
    being,
    noun_part,
    owned,
    prepositional,
)
from dragoman.data.phrasebook_kinds import (
    REFLEXIVE,
    THE_OR_MINE,
    proper,
    say,
    target,
    verb_for,
    without_preposition,
)
from dragoman.data.phrasebook_lexicon import Manners, Verb
from dragoman.data.phrasebook_phrases import Draft, Fixed, Phrase, person, some
from dragoman.data.phrasebook_words import Word, Words, grouped, verb_phrase, verb_words

_SPANS = {"days": "Tagen", "weeks": "Wochen", "months": "Monaten", "years": "Jahren"}


def reflexive(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """He has sat down; she is complaining about the film: sich hinsetzen, sich beschweren."""
    subject = subject or person(draft)
    verb = verb_for(draft, "self", manner)
    parts = []
    if verb.objects:
        preposition = next(word for word in ("auf", "an", "um", "über") if word in verb.classes)
        phrase = some(draft, *verb.objects, determiners=THE_OR_MINE, adjective=0.15, many=0.0)
        parts = [prepositional(draft, verb.lemma.rpartition(" ")[2], preposition, phrase, "accusative")]
    clause = say(draft, subject, verb, manner, parts)
    own = clause.tail[-1] if clause.tail else clause.finite
    clause.middle.insert(0, Word(REFLEXIVE[subject.person], own.meanings))
    return without_preposition(clause, parts[0].english[0].text) if parts else clause


def span(draft: Draft, lowest: int = 2) -> tuple[Words, Words]:
    """Three years: drei Jahren, in the dative."""
    unit = draft.choose(tuple(_SPANS))
    many = lowest + int(draft.random.random() * 9)
    count, what = draft.meaning(), draft.meaning()
    draft.use(unit, "dative")
    words = grouped("NP", [Word(english.number(many), (count,), "CD"), Word(unit, (what,), "NNS")])
    return words, [Word(german.number(many), (count,)), Word(_SPANS[unit], (what,))]


def since(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """She has been living in Vienna for three years: sie wohnt seit drei Jahren in Wien."""
    subject = subject or person(draft)
    main, during = draft.meaning(), draft.meaning()
    spoken, german_words = span(draft)
    parts = [Part(grouped("PP", [Word("for", (during,)), *spoken]), [Word("seit", (during,)), *german_words], 8, TIME)]
    if draft.chance(0.5):
        verb = draft.lexicon.verbs("living")[0]
        city = draft.choose(tuple(draft.lexicon.cities))
        parts.append(prepositional(draft, "in", "in", proper(draft, city, draft.lexicon.cities[city]), "dative"))
    else:
        verb = next(v for v in draft.lexicon.verbs("language") if v.lemma == "learn")
        language = draft.choose(tuple(draft.lexicon.languages))
        parts.append(noun_part(proper(draft, language, draft.lexicon.languages[language]), "accusative"))
    draft.use(verb.lemma, "present-" + subject.person)
    has = Word("has" if subject.person == "3s" else "have", (main,))
    heads = [Word("been", (main,), "VBN"), *verb_words(english.progressive(verb.lemma), "VBG", main)]
    finite = Word(german.present(verb.german, subject.person, verb.third), (main,))
    return arrange(subject, manner, parts, None, [has], heads, heads, has, finite, [], [finite])


def _doer(draft: Draft, manner: Manner, compared: bool) -> tuple[Manners, Verb]:
    adverbs = [a for a in draft.lexicon.manners if a.comparative or not compared]
    while True:
        adverb = draft.choose(adverbs)
        verbs = [v for v in draft.lexicon.verbs("alone") if v.lemma in adverb.verbs]
        verb = draft.choose(verbs)
        if "involuntary" not in verb.classes or manner.tense in ("present", "perfect", "past"):
            return adverb, verb


def mannered(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """The girl is singing loudly."""
    subject = subject or person(draft)
    adverb, verb = _doer(draft, manner, compared=False)
    tag = draft.meaning()
    draft.use(adverb.lemma, "manner")
    words = grouped("ADVP", [Word(adverb.lemma, (tag,), "RB")])
    return say(draft, subject, verb, manner, [Part(words, [Word(adverb.german, (tag,))], MANNER, MANNER)])


def outdone(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """Anna sings more loudly than my brother; he swims as fast as you; she sings best."""
    subject = subject or person(draft)
    adverb, verb = _doer(draft, manner, compared=True)
    tag, than, so = draft.meaning(), draft.meaning(), draft.meaning()
    manner.simple = manner.timed = True
    roll = draft.random.random()
    tail: Words = []
    if roll < 0.25 and not manner.negated:
        draft.use(adverb.lemma, "superlative")
        *most, last = adverb.superlative.split()
        words = [*(Word(word, (tag,), "RBS") for word in most), Word(last, (tag,), "RB" if most else "RBS")]
        german_words = [Word("am", (tag,)), Word(adverb.german_superlative, (tag,))]
    else:
        more = roll < 0.7
        draft.use(adverb.lemma, "comparative" if more else "equal")
        *much, last = (adverb.comparative if more else adverb.lemma).split()
        words = [*(Word(word, (tag,), "RBR") for word in much), Word(last, (tag,), "RB" if much or not more else "RBR")]
        german_words = [Word(adverb.german_comparative if more else adverb.german, (tag,))]
        other = person(draft, subject.person)
        while other.english("nominative")[0].text in ("they", subject.english("nominative")[0].text):
            other = person(draft, subject.person)
        if not more:
            words.insert(0, Word("as", (so,), "RB"))
            german_words.insert(0, Word("so", (so,)))
        words += grouped("PP", [Word("than" if more else "as", (than,)), *other.english("nominative")])
        tail = [Word("als" if more else "wie", (than,)), *other.german("nominative")]
    part = Part(grouped("ADVP", words), german_words, PLACE, PLACE)
    clause = say(draft, subject, verb, manner, [part])
    clause.extraposed = tail
    return clause


_WORTH = {
    "important": "wichtig",
    "difficult": "schwierig",
    "easy": "einfach",
    "possible": "möglich",
    "forbidden": "verboten",
    "necessary": "notwendig",
}


def infinitive(draft: Draft, verb: Verb, thing: Part | None) -> tuple[Words, Words]:
    """To turn on the lamp: die Lampe einzuschalten."""
    tag = draft.meaning()
    draft.use(verb.lemma, "zu-infinitive")
    words = verb_phrase([Word("to", (tag,)), *verb_words(verb.lemma, "VB", tag)], thing.english if thing else [])
    spoken = [Word(word, (tag,)) for word in german.zu_infinitive(verb.particle, verb.german)]
    return words, (thing.german if thing else []) + spoken


def worth(draft: Draft, manner: Manner, subject: Phrase | None) -> Clause:
    """It is important to get up: es ist wichtig aufzustehen, with a comma before it."""
    it = subject or Fixed(draft, "3s", "n", ("it", "it"), ("es", "es", "es"))
    word, tag = draft.choose(tuple(_WORTH)), draft.meaning()
    draft.use(word, "predicative")
    if draft.chance(0.3):
        verb = draft.choose([v for v in draft.lexicon.verbs("separable") if "involuntary" not in v.classes])
        words, german_words = infinitive(draft, verb, None)
    else:
        doable = [v for v in draft.lexicon.verbs("object") if not v.classes & {"stative", "past"}]
        verb = draft.choose([*doable, *draft.lexicon.verbs("particle")])
        thing = target(draft, verb, Manner(), it)
        while thing.german_place == PRONOUN:
            thing = target(draft, verb, Manner(), it)
        thing.english, thing.german = owned(thing.english, it), owned(thing.german, it)
        words, german_words = infinitive(draft, verb, thing)
    part = Part(grouped("ADJP", [Word(word, (tag,), "JJ")]), [Word(_WORTH[word], (tag,))], PREDICATE, PREDICATE)
    clause = being(draft, it, manner, [part])
    clause.rest = clause.rest + words
    clause.extraposed = [Word(","), *german_words]
    return clause
