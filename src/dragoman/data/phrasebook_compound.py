"""Compound sentences: subordinate clauses (German verb last), relative clauses, coordination, and their
nesting.

Nesting is recursive: a clause that is said, hoped or asked may itself be compound. What is learned from
short sentences and what is asked of longer ones differ only in how often these rules apply.
"""

from collections.abc import Callable

from dragoman.data import phrasebook_german as german
from dragoman.data import phrasebook_kinds as kinds
from dragoman.data import phrasebook_states as states
from dragoman.data.phrasebook_clauses import (
    Clause,
    Manner,
    arrange,
    assemble,
    having,
    noun_part,
)
from dragoman.data.phrasebook_frames import KINDS, Sides, any_clause, asked, clause, finish, kinds_of
from dragoman.data.phrasebook_phrases import Draft, Fixed, NounPhrase, Phrase, person, pronoun, some
from dragoman.data.phrasebook_weather import weather
from dragoman.data.phrasebook_words import Word, Words, grouped, led, within

_DEEDS = (
    "alone",
    "object",
    "object",
    "particle",
    "dative",
    "giving",
    "into",
    "cityward",
    "together",
    "for",
    "about",
)
_THOUGHTS = (
    *_DEEDS,
    "described",
    "compared",
    "owning",
    "placed",
    "profession",
    "living",
    "belonging",
    "departing",
    "language",
)


_FULL_THOUGHTS = (*_THOUGHTS, "separable", "separable", "self", "self", "mannered", "outdone", "since", "worth")


def _comma(draft: Draft) -> Sides:
    tag = draft.meaning()
    return [Word(",", (tag,))], [Word(",", (tag,))]


def actor(draft: Draft, other: str = "3s") -> Phrase:
    """Someone whom he, she or they can stand for in the next clause."""
    while True:
        subject = person(draft, other)
        if not (isinstance(subject, NounPhrase) and not subject.many and subject.noun.gender == "n"):
            return subject


def echo(draft: Draft, subject: Phrase) -> Fixed:
    """The pronoun that takes the subject up again."""
    return pronoun(draft, "3" + subject.gender if subject.person == "3s" else subject.person)


_EATING, _SPENDING = (
    frozenset(("eat", "cook", "bake")),
    frozenset(("buy", "order", "pay", "drive", "fly", "take")),
)


def state(draft: Draft, subject: Phrase, good: bool, past: bool = False, willing: bool = True) -> Clause:
    """How someone is or what someone must do: a reason for doing something (`good`), or for not doing it."""
    outer = draft.frame
    done_so_far = {lemma for _, lemma, _ in draft.combinations}
    forms = ["feel", "feel", "time"]
    if willing and not past and not good:
        forms.append("must")
    form = draft.choose(forms)
    tense = "past" if past else "present"
    draft.frame = "feeling" if form == "feel" else "state"
    if form == "feel":
        feelings = (("happy",) if willing else ("happy", "ready")) if good else ("tired", "sick", "sad")
        if good and not done_so_far.isdisjoint(_EATING):
            feelings = ("hungry",)
        elif good and "drink" in done_so_far:
            feelings = ("thirsty",)
        elif "cry" in done_so_far:
            feelings = ("sad",)
        fitting = [a for a in draft.lexicon.states if a.lemma in feelings]
        said = states.quality_of(draft, subject, Manner(tense, timed=True), fitting)
    elif form == "time":
        manner = Manner(tense, not good, draft.meaning() if not good else 0, kein=not good)
        resource = "time" if done_so_far.isdisjoint(_SPENDING) else "money"
        phrase = NounPhrase(draft, draft.lexicon.by_lemma[resource], "bare" if good else "none")
        phrase.negation = manner.negation
        said = having(draft, subject, manner, [noun_part(phrase, "accusative")])
    else:
        verb = draft.choose(
            [
                v
                for v in draft.lexicon.verbs("alone")
                if v.lemma in ("work", "sleep", "cook") and v.lemma not in done_so_far
            ]
        )
        said = kinds.say(draft, subject, verb, Manner("have to"), [])
    draft.frame = outer
    return said


def reason(draft: Draft, subject: Phrase, good: bool, past: bool) -> Sides:
    """The inside of a clause with because or although, verb last."""
    if not past and draft.chance(0.15):
        return weather(draft, last=True, good=good)
    said = state(draft, echo(draft, subject), good, past)
    return said.english_statement(), said.german_last()


def deed(draft: Draft, subject: Phrase, simple: bool = False) -> Clause:
    """Something that the subject does, once and on purpose."""
    kind = draft.choose(_DEEDS)
    _, _, tenses, deniable = kinds_of(draft)[kind]
    tense = draft.choose([t for t in tenses if (t in ("present", "modal") if simple else t != "habit")])
    negated = deniable and tense not in ("future", "past") and draft.chance(0.25)
    return clause(draft, kind, tense, subject, negated, simple)


def done(said: Clause) -> bool:
    """Whether the clause says that something is done, not that it is not."""
    return not said.negation and not (said.auxiliary and said.auxiliary[0][0] == "cannot")


def in_the_past(said: Clause) -> bool:
    """Whether the clause tells of a past time."""
    return said.do[0] == "did"


def _joined(draft: Draft, word: str, german_word: str, inside: Sides) -> Sides:
    """Comma and conjunction before a subordinate clause; only German writes the comma, so it stays
    unlinked.
    """
    tag = draft.meaning()
    return subordinate(Word(word, (tag,)), inside[0]), [Word(",", ()), Word(german_word, (tag,)), *inside[1]]


def subordinate(conjunction: Word, inside: Words) -> Words:
    """(SBAR because (S ...))."""
    return grouped("SBAR", [conjunction, *inside])


def because(draft: Draft, depth: int = 0) -> Sides:
    """He is going to bed because he is tired; although, before and if work the same way."""
    subject = actor(draft)
    word = draft.choose(("because", "because", "although", "before", "if"))
    draft.frame = word
    said = deed(draft, subject, simple=word in ("before", "if"))
    if word == "before":
        inner = clause(
            draft,
            draft.choose(("into", "particle", "cityward", "object", "together")),
            "present",
            echo(draft, subject),
            simple=True,
        )
        inside: Sides = (inner.english_statement(), inner.german_last())
    elif word == "if":
        inner = state(draft, actor(draft), draft.chance(0.5), willing=False)
        inside = (inner.english_statement(), inner.german_last()) if draft.chance(0.6) else weather(draft, last=True)
    else:
        inside = reason(draft, subject, done(said) == (word == "because"), in_the_past(said))
    conjunction = {"because": "weil", "although": "obwohl", "before": "bevor", "if": "wenn"}[word]
    tail = _joined(draft, word, conjunction, inside)
    return within(said.english_statement(), tail[0], 2), said.german_statement() + tail[1]


def condition(draft: Draft, depth: int = 0) -> Sides:
    """If it is raining, we will stay at home: the clause comes first, then the verb of the main clause."""
    tag = draft.meaning()
    subject = actor(draft)
    draft.frame = "if-first"
    good = draft.chance(0.6)
    if draft.chance(0.5):
        inside = weather(draft, last=True, good=good)
    else:
        inner = state(draft, subject, good, willing=False)
        inside = (inner.english_statement(), inner.german_last())
        subject = echo(draft, subject)
    kind = draft.choose(_DEEDS if good else [deed_ for deed_ in _DEEDS if KINDS[deed_][3]])
    negated = not good
    said = clause(draft, kind, draft.choose(("future", "modal")), subject, negated)
    comma = _comma(draft)
    return (
        led(subordinate(Word("if", (tag,)), inside[0]) + comma[0], said.english_statement()),
        [Word("wenn", (tag,)), *inside[1], *comma[1], *said.german_question()],
    )


def matrix(draft: Draft, below: str = "") -> tuple[Clause, str]:
    """Someone who thinks, hopes, says or does not know something, and the conjunction that follows.

    `below` is the verb or conjunction of the sentence around, which is not repeated.
    """
    subject = person(draft)
    if below != "whether" and draft.chance(0.45):
        draft.frame = "whether"
        manner = Manner("present", True, draft.meaning())
        tag = draft.meaning()
        draft.use("know that", "present-" + subject.person)
        finite = Word(german.present("wissen", subject.person), (tag,))
        do = Word("does" if subject.person == "3s" else "do", (tag,))
        return arrange(
            subject, manner, [], None, [], [], [Word("know", (tag,), "VB")], do, finite, [], [finite]
        ), "whether"
    draft.frame = "that"
    verb = draft.choose([v for v in draft.lexicon.verbs("thatclause") if not below or v.lemma not in ("hope", below)])
    return assemble(draft, subject, verb, Manner("present"), []), "that"


def inside(draft: Draft, depth: int, outer: Clause, word: str) -> Sides:
    """What stands after that or whether: a clause, verb last, now and then a compound one."""
    if depth > 0 and draft.chance(0.5):
        return nested(draft, depth - 1, word if word == "whether" else outer.base[0][0])
    said = any_clause(draft, _FULL_THOUGHTS if draft.lexicon.full else _THOUGHTS)
    return said.english_statement(), said.german_last()


def nested(draft: Draft, depth: int, below: str) -> Sides:
    """A verb-last clause that carries another: ... that she does not know whether he is coming back."""
    if draft.chance(0.5):
        subject = actor(draft)
        said = deed(draft, subject)
        tail = _joined(draft, "because", "weil", reason(draft, subject, done(said), in_the_past(said)))
        return within(said.english_statement(), tail[0], 2), said.german_last() + tail[1]
    outer, word = matrix(draft, below)
    tail = _joined(draft, word, {"that": "dass", "whether": "ob"}[word], inside(draft, depth, outer, word))
    return within(outer.english_statement(), tail[0]), outer.german_last() + tail[1]


def thought(draft: Draft, depth: int = 0) -> Sides:
    """I hope that he is coming back; she does not know whether the shop is open or where the key is."""
    outer, word = matrix(draft)
    if word == "whether" and draft.chance(0.4):
        question, said = asked(draft)
        spoken = said.english_statement()
        if draft.frame == "where-from":
            spoken = within(spoken, grouped("PP", [Word("from", question[1][0].meanings)]))
        return (
            within(outer.english_statement(), grouped("SBAR", question[0] + spoken)),
            [*outer.german_statement(), Word(",", ()), *question[1], *said.german_last()],
        )
    tail = _joined(draft, word, {"that": "dass", "whether": "ob"}[word], inside(draft, depth, outer, word))
    return within(outer.english_statement(), tail[0]), outer.german_statement() + tail[1]


_LINKS = {"and": "und", "but": "aber", "or": "oder"}


def coordinated(draft: Draft, depth: int = 0) -> Sides:
    """She is cooking and he is reading a book: German keeps the comma before aber only."""
    first, second = actor(draft), actor(draft)
    while second.english("nominative") == first.english("nominative") or second.person == first.person != "3s":
        second = actor(draft)
    word = draft.choose(("and", "but"))
    draft.frame = word
    tense = draft.choose(("present", "present", "past", "future", "modal"))
    one, tag = clause(draft, draft.choose(_DEEDS), tense, first), draft.meaning()
    comma = _comma(draft) if word == "but" else ([], [])
    if depth > 0 and tense == "present" and draft.chance(0.6):
        rest = because(draft) if draft.chance(0.5) else thought(draft, depth - 1)
    else:
        other = clause(draft, draft.choose(_DEEDS), tense, second, negated=False)
        rest = (other.english_statement(), other.german_statement())
    return (
        grouped("S", one.english_statement() + comma[0] + [Word(word, (tag,))] + rest[0]),
        one.german_statement() + comma[1] + [Word(_LINKS[word], (tag,))] + rest[1],
    )


def related(draft: Draft, depth: int = 0) -> Sides:
    """The man who lives here is a doctor; the book that I am reading is interesting."""
    if draft.chance(0.5):
        noun = some(draft, "person", determiners=("the",), adjective=0.15, many=0.2)
        while noun.determiner != "the":
            noun = some(draft, "person", determiners=("the",), adjective=0.15, many=0.2)
        draft.frame = "relative-subject"
        word = Fixed(draft, noun.person, noun.gender, ("who", "who"), (german.relative(noun.gender, "nominative"),) * 3)
        kind = draft.choose(
            ("alone", "object", "dative", "sitting", "living", "language", "together", "into", "particle")
        )
        said = clause(draft, kind, draft.choose([t for t in KINDS[kind][2] if t not in ("modal", "future")]), word)
        inner: Sides = (said.english_relative(), said.german_last())
        main: tuple[str, ...] = ("described", "profession", "object", "alone", "into", "particle")
    else:
        noun = some(draft, "thing", "wear", "food", "readable", determiners=("the",), adjective=0.15, many=0.15)
        draft.frame = "relative-object"
        tag = draft.meaning()
        relative = german.relative(noun.gender, "accusative")
        manner = Manner(draft.choose(("present", "perfect", "future", "past")))
        fitting = [
            v
            for v in draft.lexicon.verbs("object")
            if set(v.objects) & noun.noun.classes and "nopast" not in v.classes and "past" not in v.classes
        ]
        said = kinds.say(draft, person(draft), draft.choose(fitting), manner, [])
        that = grouped("WHNP", [Word("that", (tag,), "WDT")])
        inner = (grouped("SBAR", that + said.english_statement()), [Word(relative, (tag,)), *said.german_last()])
        main = ("quality",)
    noun.after_english, noun.after_german = inner[0], [Word(",", ()), *inner[1], Word(",", ())]
    kind = draft.choose(main)
    if kind == "quality":
        whole = states.quality(draft, noun, Manner())
    else:
        whole = clause(
            draft,
            kind,
            "present" if kind in ("described", "profession") else draft.choose(("present", "future")),
            noun,
        )
    return whole.english_statement(), whole.german_statement()


Rule = Callable[[Draft, int], Sides]
_RULES: tuple[Rule, ...] = (because, because, condition, thought, thought, coordinated, related)


def compound(draft: Draft, depth: int = 1, more: tuple[Rule, ...] = ()) -> Sides:
    """A compound sentence with at most `depth` further levels, by one of the rules here or of `more`."""
    rule = draft.choose(_RULES + more)
    draft.label = rule.__name__
    return finish(draft, rule(draft, depth), ".")
