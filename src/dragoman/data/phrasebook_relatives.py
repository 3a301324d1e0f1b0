"""The clauses that only the full phrasebook joins: relative clauses in all four cases and after prepositions,
purposes (um zu), while and until, and polite or plural address.
"""

from dragoman.data import phrasebook_german as german
from dragoman.data import phrasebook_kinds as kinds
from dragoman.data import phrasebook_states as states
from dragoman.data.phrasebook_clauses import Clause, Manner, noun_part, owned, prepositional
from dragoman.data.phrasebook_compound import actor, echo, subordinate
from dragoman.data.phrasebook_deeds import infinitive, span
from dragoman.data.phrasebook_frames import Sides, clause, finish, kinds_of
from dragoman.data.phrasebook_phrases import Draft, Fixed, NounPhrase, Phrase, noun_phrase, person, pronoun, some
from dragoman.data.phrasebook_templates import spoken, template
from dragoman.data.phrasebook_words import Word, Words, grouped, led, opened, within

_TENSES = ("present", "perfect", "future")


def _relative(words: Words, statement: Words) -> Words:
    return grouped("SBAR", words + statement)


def _who(tag: int, text: str) -> Words:
    return grouped("WHNP", [Word(text, (tag,), "WP" if text == "whom" else "")])


def related_person(draft: Draft, noun: NounPhrase) -> Sides:
    """The man whom I know, whom we are helping, with whom she is dancing, whose dog is sleeping."""
    form = draft.choose(("accusative", "dative", "with", "whose", "whose-object"))
    draft.frame = f"relative-{form}"
    tag = draft.meaning()
    manner = Manner(draft.choose(_TENSES), timed=True)
    if form == "accusative":
        verb = draft.choose([v for v in draft.lexicon.verbs("object") if "person" in v.classes])
        if verb.classes & {"nopast", "stative"}:
            manner.tense = "present"
        subject = pronoun(draft, draft.choose(("1s", "2s", "3m", "1p")))
        said = kinds.say(draft, subject, verb, manner, [])
        word = german.relative(noun.gender, "accusative")
        return _relative(_who(tag, "whom"), said.english_statement()), [Word(word, (tag,)), *said.german_last()]
    if form == "dative":
        verb = kinds.verb_for(draft, "dative", manner)
        said = kinds.say(draft, person(draft), verb, manner, [])
        word = german.relative(noun.gender, "dative")
        return _relative(_who(tag, "whom"), said.english_statement()), [Word(word, (tag,)), *said.german_last()]
    if form == "with":
        verbs = [v for v in draft.lexicon.verbs("activity") if not v.classes & {"object", "language"}]
        verb = draft.choose([v for v in verbs if v.lemma != "sleep"])
        said = kinds.say(draft, person(draft), verb, manner, [])
        mit, word = draft.meaning(), german.relative(noun.gender, "dative")
        whom = grouped("WHPP", [Word("with", (mit,)), *_who(tag, "whom")])
        german_words = [Word("mit", (mit,)), Word(word, (tag,)), *said.german_last()]
        return _relative(whom, said.english_statement()), german_words
    word = "dessen" if noun.gender in "mn" else "deren"
    if form == "whose":
        kin = some(draft, "kin", determiners=("bare",), adjective=0.0, many=0.0)
        kin.determiner = "bare"
        said = clause(draft, draft.choose(("alone", "living", "described", "profession", "object")), "present", kin)
        words, rest = said.english_subject, said.english_predicate()
        whose = grouped("WHNP", [Word("whose", (tag,)), *opened(words)])
        return _relative(whose, grouped("S", rest)), [Word(word, (tag,)), *said.german_last()]
    thing = some(draft, "own", "wear", determiners=("bare",), adjective=0.0, many=0.0)
    verb = draft.choose([v for v in draft.lexicon.verbs("object") if v.lemma in ("wash", "repair", "sell", "buy")])
    while not set(verb.objects) & thing.noun.classes:
        verb = draft.choose([v for v in draft.lexicon.verbs("object") if v.lemma in ("wash", "repair", "sell", "buy")])
    said = kinds.say(draft, person(draft), verb, manner, [])
    whose = grouped("WHNP", [Word("whose", (tag,)), *opened(thing.english("accusative"))])
    german_words = [Word(word, (tag,)), *thing.german("accusative"), *said.german_last()]
    return _relative(whose, said.english_statement()), german_words


def related_thing(draft: Draft, noun: NounPhrase) -> Sides:
    """The chair on which she is sitting; the book that you have read."""
    tag = draft.meaning()
    if noun.noun.classes & {"seat", "surface"}:
        draft.frame = "relative-on"
        verb = next(
            v for v in draft.lexicon.verb_list if v.lemma == ("sit" if "seat" in noun.noun.classes else "stand")
        )
        subject = person(draft) if verb.lemma == "sit" else some(draft, "dish", determiners=kinds.THE_OR_MINE, many=0.0)
        said = kinds.say(draft, subject, verb, Manner("present", timed=True), [])
        on, word = draft.meaning(), german.relative(noun.gender, "dative")
        which = grouped("WHPP", [Word("on", (on,)), *_who(tag, "which")])
        german_words = [Word("auf", (on,)), Word(word, (tag,)), *said.german_last()]
        return _relative(which, said.english_statement()), german_words
    if "public" in noun.noun.classes:
        draft.frame = "relative-for"
        verb = next(v for v in draft.lexicon.verb_list if v.lemma == "wait")
        said = kinds.say(draft, person(draft), verb, Manner(draft.choose(("present", "perfect")), timed=True), [])
        on, word = draft.meaning(), german.relative(noun.gender, "accusative")
        which = grouped("WHPP", [Word("for", (on,)), *_who(tag, "which")])
        german_words = [Word("auf", (on,)), Word(word, (tag,)), *said.german_last()]
        return _relative(which, said.english_statement()), german_words
    draft.frame = "relative-that"
    verb = draft.choose(
        [v for v in draft.lexicon.verbs("object") if v.lemma in ("buy", "lose", "sell", "find", "need")]
    )
    while not set(verb.objects) & noun.noun.classes:
        verb = draft.choose(draft.lexicon.verbs("object"))
    stative = bool(verb.classes & {"nopast", "past", "stative"})
    tense = "perfect" if "past" in verb.classes else "present" if stative else draft.choose(_TENSES)
    said = kinds.say(draft, person(draft), verb, Manner(tense, timed=True), [])
    that = grouped("WHNP", [Word("that", (tag,), "WDT")])
    word = german.relative(noun.gender, "accusative")
    return _relative(that, said.english_statement()), [Word(word, (tag,)), *said.german_last()]


def related_anyhow(draft: Draft, depth: int = 0) -> Sides:
    """A relative clause on the subject or on the object of a sentence."""
    if draft.chance(0.6):
        noun = some(draft, "person", determiners=("the",), adjective=0.15, many=0.2)
        while noun.determiner != "the":
            noun = some(draft, "person", determiners=("the",), adjective=0.15, many=0.2)
        inner = related_person(draft, noun)
        verbs = [v for v in draft.lexicon.verbs("object") if "person" in v.classes]
    else:
        noun = some(draft, "seat", "surface", "public", "thing", "wear", determiners=("the",), adjective=0.15, many=0.1)
        inner = related_thing(draft, noun)
        verbs = [v for v in draft.lexicon.verbs("object") if v.lemma in ("sell", "need", "find", "wash", "repair")]
        verbs = [v for v in verbs if set(v.objects) & noun.noun.classes]
    noun.after_english, noun.after_german = inner[0], [Word(","), *inner[1], Word(",")]
    done = {lemma for _, lemma, _ in draft.combinations}
    verbs = [v for v in verbs if v.lemma not in done]
    if verbs and draft.chance(0.5):
        draft.frame = "relative-end"
        subject = pronoun(draft, draft.choose(("1s", "1p", "3m", "3f", "2s")))
        whole = kinds.say(draft, subject, draft.choose(verbs), Manner(timed=True), [noun_part(noun, "accusative")])
        return whole.english_statement(), whole.german_statement()
    draft.frame = "relative-main"
    if "person" in noun.noun.classes:
        whole = clause(draft, draft.choose(("described", "alone", "into", "particle", "self")), "present", noun)
    else:
        whole = states.quality(draft, noun, Manner())
    return whole.english_statement(), whole.german_statement()


def purpose(draft: Draft, depth: int = 0) -> Sides:
    """She is going to the market to buy a pear: um eine Birne zu kaufen."""
    subject = actor(draft)
    draft.frame = "purpose"
    kind = draft.choose(("into", "cityward"))
    said = clause(draft, kind, draft.choose(("present", "perfect", "future", "modal")), subject, timed=True)
    pool = [v for v in draft.lexicon.verbs("object") if v.lemma in ("buy", "sell", "visit", "eat")]
    verb = draft.choose(pool)
    thing = kinds.target(draft, verb, Manner(), subject)
    thing.english, thing.german = owned(thing.english, subject), owned(thing.german, subject)
    words, german_words = infinitive(draft, verb, thing)
    um = [Word(","), Word("um", words[0].meanings), *german_words]
    return within(said.english_statement(), words, 2), said.german_statement() + um


def meanwhile(draft: Draft, depth: int = 0) -> Sides:
    """He is cooking while she is sleeping; we will wait until the bus arrives."""
    subject = actor(draft)
    word = draft.choose(("while", "until"))
    draft.frame = word
    if word == "while":
        said = deed_now(draft, subject)
        other = actor(draft)
        while other.person == subject.person != "3s" or other.english("nominative") == subject.english("nominative"):
            other = actor(draft)
        inner = deed_now(draft, other)
    else:
        verb = next(v for v in draft.lexicon.verbs("alone") if v.lemma == "wait")
        said = kinds.say(draft, subject, verb, Manner(draft.choose(("future", "have to")), timed=True), [])
        if draft.chance(0.5):
            arriving = some(draft, "public", determiners=("the",), adjective=0.0, many=0.0)
            verb = next(v for v in draft.lexicon.verbs("departure") if v.lemma == "arrive")
            inner = kinds.say(draft, arriving, verb, Manner(simple=True), [])
        else:
            kind = draft.choose(("object", "particle", "giving"))
            inner = clause(draft, kind, "present", echo(draft, subject), simple=True)
    tag = draft.meaning()
    side = subordinate(Word(word, (tag,)), inner.english_statement())
    last = [Word(","), Word("während" if word == "while" else "bis", (tag,)), *inner.german_last()]
    return within(said.english_statement(), side, 2), said.german_statement() + last


def deed_now(draft: Draft, subject: Phrase) -> Clause:
    """What someone is doing at the moment."""
    kind = draft.choose(("alone", "object", "particle", "dative", "together", "mannered", "about"))
    return clause(draft, kind, "present", subject, timed=True)


_ADDRESSED = ("separable", "cityward", "language", "living", "origin", "transport")


def addressed(draft: Draft) -> Sides:
    """Mrs Weber, are you flying to Rome? with Sie; Children, have you got up? with ihr."""
    polite = draft.chance(0.6)
    draft.frame = "polite" if polite else "plural"
    comma = draft.meaning()
    if polite:
        title, german_title = draft.choose((("Mr", "Herr"), ("Mrs", "Frau")))
        surname, tag, other = draft.choose(draft.lexicon.surnames), draft.meaning(), draft.meaning()
        draft.use(surname, "nominative")
        who = grouped("NP", [Word(title, (tag,), "NNP"), Word(surname, (other,), "NNP")])
        wer = [Word(german_title, (tag,)), Word(surname, (other,))]
        you = Fixed(draft, "3p", "p", ("you", "you"), ("Sie", "Sie", "Ihnen"))
    else:
        tag = draft.meaning()
        who, wer = grouped("NP", [Word("children", (tag,), "NNS")]), [Word("Kinder", (tag,))]
        you = Fixed(draft, "2p", "p", ("you", "you"), ("ihr", "euch", "euch"))
    kind = draft.choose(_ADDRESSED)
    tense = draft.choose([t for t in kinds_of(draft)[kind][2] if t not in ("habit", "past")])
    manner = Manner(tense, timed=True)
    if tense == "modal":
        manner.tense = draft.choose(("can", "have to", "want to", "would like to", "should"))
    said = kinds_of(draft)[kind][0](draft, manner, you)
    mark = [Word(",", (comma,))]
    return finish(draft, (led(who + mark, said.english_question()), wer + mark + said.german_question()), "?")


def record(draft: Draft) -> Sides:
    """This is the oldest church in the city: das ist die älteste Kirche in der Stadt."""
    draft.frame = "superlative"
    compared = [a for a in draft.lexicon.adjective_list if a.comparative]
    noun = draft.choose(draft.lexicon.nouns("building", "goal", "person", "zoo"))
    fitting = [a for a in compared if a.classes & noun.classes]
    while not fitting or noun.classes & {"kin", "mine", "minor"}:
        noun = draft.choose(draft.lexicon.nouns("building", "goal", "person", "zoo"))
        fitting = [a for a in compared if a.classes & noun.classes]
    phrase = noun_phrase(draft, noun, ("the",), 0.0, 0.0)
    phrase.determiner, phrase.adjective, phrase.degree = "the", draft.choose(fitting), "superlative"
    region = some(draft, "region", determiners=("the", "this"), adjective=0.0, many=0.0)
    place = prepositional(draft, "in", "in", region, "dative")
    return template(
        draft,
        "(S (NP this~1) (VP is~2 (NP {what} {where})) .~3)",
        "das~1 ist~2 {what} {where} .~3",
        what=spoken(phrase, "nominative"),
        where=(place.english, place.german),
    )


def ago(draft: Draft) -> Sides:
    """Three weeks ago I lost the key: vor drei Wochen habe ich den Schlüssel verloren."""
    draft.frame = "ago"
    tag, (words, german_words) = draft.meaning(), span(draft)
    kind = draft.choose(("object", "particle", "cityward", "dative", "giving", "separable", "self"))
    said = clause(draft, kind, "past", timed=True)
    first = grouped("ADVP", [*words, Word("ago", (tag,), "RB")])
    sides = (led(first, said.english_statement()), [Word("vor", (tag,)), *german_words, *said.german_question()])
    return finish(draft, sides, ".")
