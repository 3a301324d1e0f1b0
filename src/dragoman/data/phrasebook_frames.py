"""The sentence frames of the phrasebook: statements, questions, commands, compound sentences, and fixed
expressions.

A frame writes one sentence into a draft and returns its English and German words, final mark included.
"""

from dragoman.data import phrasebook_deeds as deeds
from dragoman.data import phrasebook_german as german
from dragoman.data import phrasebook_kinds as kinds
from dragoman.data import phrasebook_states as states
from dragoman.data.phrasebook_clauses import Clause, Manner, being, tagged
from dragoman.data.phrasebook_kinds import Kind
from dragoman.data.phrasebook_names import MODALS, WEEKDAYS
from dragoman.data.phrasebook_phrases import Draft, Fixed, Phrase, noun_phrase, person, pronoun, some
from dragoman.data.phrasebook_words import Word, Words, bracketed, grouped, led, opened, within

Sides = tuple[Words, Words]
Slots = dict[str, Sides]

_ALL = ("present", "habit", "perfect", "past", "future", "modal")
_NO_HABIT = ("present", "perfect", "past", "future", "modal")
# kind: (function, weight among statements, tenses, negation possible)
KINDS: dict[str, tuple[Kind, int, tuple[str, ...], bool]] = {
    "alone": (kinds.alone, 6, _ALL, True),
    "object": (kinds.thing_done, 16, _ALL, True),
    "separable": (kinds.separable, 4, _ALL, True),
    "particle": (kinds.particle, 7, _ALL, True),
    "dative": (kinds.helped, 6, _ALL, True),
    "giving": (kinds.given, 7, _NO_HABIT, False),
    "into": (kinds.into, 6, _ALL, True),
    "cityward": (kinds.cityward, 4, _ALL, True),
    "sitting": (kinds.sitting, 3, ("present", "habit"), True),
    "placed": (states.placed, 6, ("present", "past"), True),
    "putting": (kinds.put, 4, ("present", "perfect", "past", "future", "modal"), False),
    "about": (kinds.about, 6, _ALL, True),
    "reflexive": (kinds.reflexive, 3, ("present",), True),
    "living": (states.living, 4, ("present",), True),
    "origin": (states.origin, 2, ("present",), True),
    "language": (kinds.speaking, 3, ("present", "future", "modal"), True),
    "together": (kinds.together, 5, _ALL, True),
    "for": (kinds.for_someone, 5, _NO_HABIT, False),
    "described": (states.described, 7, ("present", "past"), True),
    "compared": (states.compared, 5, ("present",), True),
    "profession": (states.profession, 3, ("present",), True),
    "owning": (states.owning, 5, ("present", "past"), True),
    "transport": (kinds.transported, 3, ("present", "perfect", "past", "future", "modal"), False),
    "gladly": (kinds.gladly, 3, ("present",), False),
    "departing": (states.departing, 4, ("present",), False),
    "belonging": (states.belonging, 3, ("present",), True),
    "trying": (kinds.trying, 3, ("present", "perfect", "past"), False),
}
FULL_KINDS = KINDS | {
    "self": (deeds.reflexive, 6, _ALL, True),
    "mannered": (deeds.mannered, 5, _ALL, True),
    "outdone": (deeds.outdone, 5, ("present",), True),
    "since": (deeds.since, 4, ("present",), False),
    "worth": (deeds.worth, 4, ("present",), True),
    "reflexive": (kinds.reflexive, 3, ("present", "perfect", "future", "modal"), True),
    "trying": (kinds.trying, 5, ("present", "perfect", "past", "modal"), False),
}
_BAG = tuple(key for key, (_, weight, _, _) in KINDS.items() for _ in range(weight))
_FULL_BAG = tuple(key for key, (_, weight, _, _) in FULL_KINDS.items() for _ in range(weight))
_PERSONAL = tuple(
    key for key in _BAG if key not in ("placed", "compared", "departing", "belonging", "living", "origin", "profession")
)
_FULL_PERSONAL = (*_PERSONAL, *("self",) * 6, *("mannered", "outdone", "since") * 4)
_ASKABLE = frozenset(_FULL_PERSONAL) | {"living", "origin"}
_MODALS = tuple(modal for modal in MODALS if modal != "may")


def kinds_of(draft: Draft) -> dict[str, tuple[Kind, int, tuple[str, ...], bool]]:
    """The kinds of clause that the draft's size of the phrasebook has."""
    return FULL_KINDS if draft.lexicon.full else KINDS


def bag_of(draft: Draft) -> tuple[str, ...]:
    """Each kind as often as its weight among statements."""
    return _FULL_BAG if draft.lexicon.full else _BAG


def clause(
    draft: Draft,
    kind: str,
    tense: str,
    subject: Phrase | None = None,
    negated: bool = False,
    simple: bool = False,
    timed: bool = False,
) -> Clause:
    """Write one clause of a kind; the frame it is noted under is the kind with its tense or "not"."""
    outer = draft.frame
    draft.frame = f"{kind}-{'not' if negated else tense}"
    manner = Manner(tense, negated, draft.meaning() if negated else 0, simple=simple, timed=timed)
    if tense == "modal":
        manner.tense = draft.choose(_MODALS)
    written = kinds_of(draft)[kind][0](draft, manner, subject)
    draft.frame = outer
    return written


def any_clause(draft: Draft, bag: tuple[str, ...] = (), subject: Phrase | None = None, simple: bool = False) -> Clause:
    """A clause of any kind in any of its tenses."""
    kind = draft.choose(bag or bag_of(draft))
    _, _, tenses, deniable = kinds_of(draft)[kind]
    tense = draft.choose([t for t in tenses if t in ("present", "modal")] if simple else tenses)
    negated = deniable and tense not in ("habit", "past") and draft.chance(0.18)
    return clause(draft, kind, tense, subject, negated, simple)


def finish(draft: Draft, sides: Sides, mark: str) -> Sides:
    """Add the final mark inside the whole sentence, linked across."""
    tag = draft.meaning()
    return within(sides[0], [Word(mark, (tag,))], 1), [*sides[1], Word(mark, (tag,))]


def statement(draft: Draft) -> Sides:
    """Any clause as a main clause."""
    kind = draft.choose(bag_of(draft))
    _, _, tenses, deniable = kinds_of(draft)[kind]
    tense = draft.choose(tenses)
    negated = deniable and tense not in ("habit", "past") and draft.chance(0.2)
    draft.label = f"{kind}-{'not' if negated else tense}"
    said = clause(draft, kind, tense, None, negated)
    return finish(draft, (said.english_statement(), said.german_statement()), ".")


def fronted(draft: Draft) -> Sides:
    """On Monday ...: the time first, then the German verb, then the subject."""
    draft.frame = "fronted"
    if draft.chance(0.6):
        day = draft.choose(tuple(WEEKDAYS))
        on, tag = draft.meaning(), draft.meaning()
        draft.use(day, "dative")
        day_words = grouped("NP", [Word(day, (tag,), "NNP")])
        first: Sides = (
            grouped("PP", [Word("on", (on,)), *day_words]),
            [Word("am", (on,)), Word(WEEKDAYS[day], (tag,))],
        )
    else:
        tag = draft.meaning()
        draft.use("tomorrow", "adverb")
        first = (bracketed("(NP-TMP tomorrow/NN)", tag), tagged("morgen", tag))
    bag = ("into", "cityward", "object", "together", "particle", "dative", "for")
    kind = draft.choose(bag)
    said = clause(draft, kind, draft.choose(("modal", "future")), timed=True)
    return finish(draft, (led(first[0], said.english_statement()), first[1] + said.german_question()), ".")


def yes_no(draft: Draft) -> Sides:
    """Any clause as a question."""
    kind = draft.choose(bag_of(draft))
    tense = draft.choose([t for t in kinds_of(draft)[kind][2] if t != "habit"])
    draft.frame = f"{kind}-question"
    manner = Manner(tense)
    if tense == "modal":
        manner.tense = draft.choose([m for m in _MODALS if m != "be allowed to"])
    said = kinds_of(draft)[kind][0](
        draft, manner, person(draft, "1s") if kind in _ASKABLE and tense != "modal" else None
    )
    return finish(draft, (said.english_question(), said.german_question()), "?")


def may_i(draft: Draft) -> Sides:
    """May I open the window?"""
    kind = draft.choose(("object", "particle", "alone", "separable"))
    draft.frame = "may"
    said = KINDS[kind][0](draft, Manner("may"), pronoun(draft, draft.choose(("1s", "1s", "1p"))))
    return finish(draft, (said.english_question(), said.german_question()), "?")


def _word(draft: Draft, english_text: str, german_text: str) -> Sides:
    tag = draft.meaning()
    draft.use(english_text, "question")
    return grouped("WHADVP", [Word(english_text, (tag,))]), tagged(german_text, tag)


def who_acts(draft: Draft) -> Sides:
    """Who is reading the book?"""
    kind = draft.choose(_FULL_PERSONAL if draft.lexicon.full else _PERSONAL)
    draft.frame = "who"
    subject = Fixed(draft, "3s", "m", ("who", "who"), ("wer", "wen", "wem"), "who")
    manner = Manner(draft.choose([t for t in kinds_of(draft)[kind][2] if t not in ("habit", "modal")]))
    said = kinds_of(draft)[kind][0](draft, manner, subject)
    return finish(draft, (said.english_asked(), said.german_statement()), "?")


_COUNTED = ("buy", "sell", "eat", "read", "write", "need", "find", "wash", "repair", "paint")


def what_object(draft: Draft) -> Sides:
    """What is she eating?  Who is he visiting?  Which book are you reading?  Who are you helping?"""
    form = draft.choose(("what", "whom", "which", "many", "dative"))
    draft.frame = {"whom": "who-object", "dative": "who-dative", "many": "how-many"}.get(form, form)
    manner = Manner(draft.choose(("present", "perfect", "future")))
    subject = person(draft, "1s")
    tag = draft.meaning()
    if form == "dative":
        verb = kinds.verb_for(draft, "dative", manner)
        asked: Sides = (grouped("WHNP", [Word("who", (tag,))]), [Word("wem", (tag,))])
    else:
        verb = kinds.verb_for(draft, "object", manner)
        while ("person" in verb.objects) != (form == "whom") or verb.lemma in (
            "forget",
            "lose",
            "look for",
            "like",
        ):
            verb = kinds.verb_for(draft, "object", manner)
        if form == "what":
            asked = (grouped("WHNP", [Word("what", (tag,))]), [Word("was", (tag,))])
        elif form == "whom":
            asked = (grouped("WHNP", [Word("who", (tag,))]), [Word("wen", (tag,))])
        else:
            noun = draft.choose(draft.lexicon.nouns(*verb.objects))
            while form == "many" and (not noun.plural or "onlysingular" in noun.classes):
                verb = draft.choose([v for v in draft.lexicon.verbs("object") if v.lemma in _COUNTED])
                noun = draft.choose(draft.lexicon.nouns(*verb.objects))
            phrase = noun_phrase(draft, noun, ("bare",), adjective=0.1, many=1.0 if form == "many" else 0.1)
            if form == "which":
                phrase.adjective = None
            words = phrase.german("accusative")
            if form == "many":
                other = draft.meaning()
                how_many = grouped("WHADJP", [Word("how", (tag,)), Word("many", (other,), "JJ")])
                asked = (
                    grouped("WHNP", how_many + opened(phrase.english("accusative"))),
                    [Word("wie", (tag,)), Word("viele", (other,)), *words],
                )
            else:
                welch = german.this_word("welch", phrase.gender, "accusative")
                which = [Word("which", (tag,)), *opened(phrase.english("accusative"))]
                asked = (grouped("WHNP", which), [Word(welch, (tag,)), *words])
    said = kinds.say(draft, subject, verb, manner, [])
    return finish(draft, (grouped("SBARQ", asked[0] + said.english_question()), asked[1] + said.german_question()), "?")


_WHY_BAG = ("alone", "object", "dative", "into", "together", "described", "particle", "reflexive")
_QUESTIONS = {
    "where": ("wo", ("alone-bare", "living-bare", "be")),
    "why": ("warum", _WHY_BAG),
    "when": ("wann", ("separable", "into", "cityward", "departing-bare", "particle")),
}


def asked(draft: Draft) -> tuple[Sides, Clause]:
    """A question word other than who and what, with its clause."""
    word = draft.choose(("where", "where", "why", "when", "where to", "where from"))
    draft.frame = word.replace(" ", "-")
    if word == "where to":
        return _word(draft, "where", "wohin"), kinds.say(
            draft,
            person(draft, "1s"),
            draft.choose(draft.lexicon.verbs("into") + draft.lexicon.verbs("cityward")),
            Manner(),
            [],
        )
    if word == "where from":
        return _word(draft, "where", "woher"), kinds.say(
            draft, person(draft, "1s"), draft.lexicon.verbs("origin")[0], Manner(simple=True), []
        )
    question = _word(draft, word, {"where": "wo", "why": "warum", "when": "wann"}[word])
    if word == "why":
        kind = draft.choose(_WHY_BAG)
        manner = Manner(
            draft.choose([t for t in KINDS[kind][2] if t in ("present", "perfect")]),
            simple=kind == "described",
        )
        return question, KINDS[kind][0](draft, manner, person(draft, "1s"))
    if word == "when":
        kind = draft.choose(("separable", "into", "cityward", "departing", "particle"))
        if kind == "departing":
            subject = some(draft, "public", "event", "show", determiners=("the", "our"), adjective=0.0, many=0.0)
            verb = draft.choose(draft.lexicon.verbs("departure" if "public" in subject.noun.classes else "event"))
            return question, kinds.say(draft, subject, verb, Manner(simple=True), [])
        tense = draft.choose(("future", "modal"))
        manner = Manner("have to" if tense == "modal" else "future", timed=True)
        subject_ = person(draft)
        said = KINDS[kind][0](draft, manner, subject_)
        return question, said
    if draft.chance(0.5):
        return question, being(
            draft,
            some(draft, "thing", "goal", "person", "animal", determiners=("the", "the", "my", "your", "our")),
            Manner(),
            [],
        )
    verb = draft.choose(
        [
            *draft.lexicon.verbs("living"),
            *draft.lexicon.verbs("position"),
            *[v for v in draft.lexicon.verbs("alone") if v.lemma in ("sleep", "work", "swim", "dance", "play", "wait")],
        ]
    )
    return question, kinds.say(draft, person(draft, "1s"), verb, Manner(simple=verb.lemma == "live"), [])


def wh_question(draft: Draft) -> Sides:
    """Where is the station?  Why is she crying?"""
    question, said = asked(draft)
    spoken = said.english_question()
    if draft.frame == "where-from":
        tag = question[1][0][1]
        spoken = within(spoken, grouped("PP", [Word("from", tag)]))
    return finish(draft, (grouped("SBARQ", question[0] + spoken), question[1] + said.german_question()), "?")
