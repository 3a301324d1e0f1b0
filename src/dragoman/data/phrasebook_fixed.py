"""Fixed expressions with open places: greetings, introductions, wishes, directions, commands, weather."""

from collections.abc import Callable

from dragoman.data import phrasebook_german as german
from dragoman.data.phrasebook_clauses import (
    BE,
    noun_part,
    prepositional,
)
from dragoman.data.phrasebook_frames import Sides, finish
from dragoman.data.phrasebook_numbers import age, appointment, clock, price
from dragoman.data.phrasebook_phrases import (
    IT,
    Draft,
    name,
    noun_phrase,
    person,
    pronoun,
    some,
)
from dragoman.data.phrasebook_templates import lemma, spoken, template
from dragoman.data.phrasebook_weather import weather
from dragoman.data.phrasebook_words import Word, Words, grouped, verb_phrase, verb_words

_GREETINGS = (
    ("(NP good/JJ~1 morning/NN~2 {who} .~3)", "guten~1 Morgen~2 {who} .~3"),
    ("(NP good/JJ~1 evening/NN~2 {who} .~3)", "guten~1 Abend~2 {who} .~3"),
    ("(NP good/JJ~1 night/NN~2 {who} .~3)", "gute~1 Nacht~2 {who} .~3"),
    ("(INTJ hello/UH~1 {who} .~3)", "hallo~1 {who} .~3"),
    ("(INTJ goodbye/UH~1 {who} .~3)", "auf~1 Wiedersehen~1 {who} .~3"),
    ("(S (VP see/VB~1 (NP you~1) (NP-TMP tomorrow/NN~2)) {who} .~3)", "bis~1 morgen~2 {who} .~3"),
    ("(S (VP see/VB~1 (NP you~1) (ADVP soon~2)) {who} .~3)", "bis~1 bald~2 {who} .~3"),
    ("(INTJ welcome/UH~1 {who} !~3)", "willkommen~1 {who} !~3"),
    ("(S (VP thank/VB~1 (NP you~1) (ADVP very~2 much/RB~2)) {who} .~3)", "vielen~2 Dank~1 {who} .~3"),
    ("(SBARQ (WHADVP how~1) (SQ are~2 (NP you~3)) {who} ?~4)", "wie~1 geht~2 es~2 dir~3 {who} ?~4"),
    ("(NP happy/JJ~1 birthday/NN~2 {who} !~3)", "alles~1 Gute~1 zum~2 Geburtstag~2 {who} !~3"),
    ("(INTJ yes/UH~1 ,~5 please/UH~2 {who} .~3)", "ja~1 ,~5 bitte~2 {who} .~3"),
    ("(S (INTJ no/UH~1) ,~5 (VP thank/VB~2 (NP you~2)) {who} .~3)", "nein~1 ,~5 danke~2 {who} .~3"),
    ("(NP good/JJ~1 luck/NN~2 {who} !~3)", "viel~1 Glück~2 {who} !~3"),
)


def greeting(draft: Draft) -> Sides:
    """Good morning, Mrs Weber."""
    draft.frame = "greeting"
    chosen = draft.choose(_GREETINGS)
    who: Sides = ([], [])
    roll, comma = draft.random.random(), draft.meaning()
    if roll < 0.45:
        whole = spoken(name(draft), "nominative")
        who = ([Word(",", (comma,)), *whole[0]], [Word(",", (comma,)), *whole[1]])
    elif roll < 0.8 and "how~1" not in chosen[0]:
        title, german_title = draft.choose((("Mr", "Herr"), ("Mrs", "Frau")))
        surname, tag, other = draft.choose(draft.lexicon.surnames), draft.meaning(), draft.meaning()
        draft.use(surname, "nominative")
        who = (
            [
                Word(",", (comma,)),
                *grouped("NP", [Word(title, (tag,), "NNP"), Word(surname, (other,), "NNP")]),
            ],
            [Word(",", (comma,)), Word(german_title, (tag,)), Word(surname, (other,))],
        )
    return template(draft, *chosen, who=who)


def introduction(draft: Draft) -> Sides:
    """My name is Anna."""
    draft.frame = "introduction"
    form = draft.choose(("my", "he", "she", "what", "friend"))
    called = name(draft)
    while draft.lexicon.full and form in ("he", "she") and called.gender != {"he": "m", "she": "f"}[form]:
        called = name(draft)
    person_name = spoken(called, "nominative")
    if form == "my":
        return template(
            draft, "(S (NP my~1 name/NN~2) (VP is~2 {name}) .~3)", "ich~1 heiße~2 {name} .~3", name=person_name
        )
    if form == "friend":
        who = some(draft, "relation", "kin", determiners=("my", "our", "your", "his", "her"), adjective=0.0, many=0.0)
        while draft.lexicon.full and {"m": "male", "f": "female"}[called.gender] not in who.noun.classes:
            who = some(draft, "kin", determiners=("my", "our", "your", "his", "her"), adjective=0.0, many=0.0)
        return template(
            draft,
            "(S {who} (VP is~2 (VP called/VBN~2 (S {name}))) .~3)",
            "{who} heißt~2 {name} .~3",
            who=spoken(who, "nominative"),
            name=person_name,
        )
    if form == "what":
        if draft.lexicon.full:  # the name is not said; core keeps the bytes that it had
            draft.combinations.clear()
        who = some(draft, "relation", "kin", determiners=("your", "his", "her", "their"), adjective=0.0, many=0.0)
        return template(
            draft,
            "(SBARQ (WHNP what~1) (SQ is~2 {who} (VP called/VBN~2)) ?~3)",
            "wie~1 heißt~2 {who} ?~3",
            who=spoken(who, "nominative"),
        )
    return template(
        draft,
        f"(S (NP {form}~1) (VP is~2 (VP called/VBN~2 (S {{name}}))) .~3)",
        f"{'er' if form == 'he' else 'sie'}~1 heißt~2 {{name}} .~3",
        name=person_name,
    )


def there_is(draft: Draft) -> Sides:
    """There is a cinema in the city: in der Stadt gibt es ein Kino."""
    draft.frame = "there-is"
    if draft.chance(0.6):
        thing = some(draft, "goal", "growplace", determiners=("a", "none"), adjective=0.4, many=0.2)
        where = some(draft, "region", determiners=("the", "the", "this", "our", "my"), adjective=0.2, many=0.0)
    else:
        thing = some(draft, "furniture", determiners=("a", "none"), adjective=0.4, many=0.2)
        where = some(draft, "indoor", determiners=("the", "this", "my", "our", "your"), adjective=0.2, many=0.0)
    part = prepositional(draft, "in", "in", where, "dative")
    be = "are" if thing.many else "is"
    if thing.determiner == "none":
        thing.negation = tag = draft.meaning()
        words = (thing.english("accusative"), thing.german("accusative"))
        words[0][0] = words[0][0]._replace(text="no", meanings=(*words[0][0].meanings, tag))
    else:
        words = spoken(thing, "accusative")
    return template(
        draft,
        f"(S (NP there/EX~1) (VP {be}~1 {{thing}} {{where}}) .~2)",
        "{where} gibt~1 es~1 {thing} .~2",
        thing=words,
        where=(part.english, part.german),
    )


def wish(draft: Draft) -> Sides:
    """I would like a coffee, please: ich möchte."""
    draft.frame = "wish"
    who = draft.choose(("1s", "1p", "3m", "3f"))
    subject = pronoun(draft, who)
    thing = some(draft, "food", "drink", determiners=("a", "this"), adjective=0.25, many=0.1)
    while "food" in thing.noun.classes and not thing.noun.plural:
        thing = some(draft, "food", "drink", determiners=("a", "this"), adjective=0.25, many=0.1)
    if not thing.noun.plural:
        thing.determiner = "bare"
    finite = german.present("möchten", subject.person)
    please = ",~4 (INTJ please/UH~5)" if who in ("1s", "1p") and draft.chance(0.5) else ""
    bitte = ",~4 bitte~5" if please else ""
    return template(
        draft,
        f"(S {{who}} (VP would~1 (VP like/VB~1 {{thing}})) {please} .~6)",
        f"{{who}} {finite}~1 {{thing}} {bitte} .~6",
        who=spoken(subject, "nominative"),
        thing=spoken(thing, "accusative"),
    )


def way(draft: Draft) -> Sides:
    """How do I get to the station?  Can you tell me where the station is?"""
    draft.frame = "way"
    goal = some(draft, "goal", determiners=("the",), adjective=0.15, many=0.0)
    form = draft.choose(("get", "tell", "excuse", "near"))
    if form == "get":
        part = prepositional(draft, "to", "zu", goal, "dative")
        return template(
            draft,
            "(SBARQ (WHADVP how~1) (SQ do~3 (NP I~2) (VP get/VB~3 {goal})) ?~4)",
            "wie~1 komme~3 ich~2 {goal} ?~4",
            goal=(part.english, part.german),
        )
    where = spoken(goal, "nominative")
    if form == "tell":
        return template(
            draft,
            "(SQ can~1 (NP you~2) (VP tell/VB~3 (NP me~4) (SBAR (WHADVP where~5) (S {goal} (VP is~6)))) ?~7)",
            "kannst~1 du~2 mir~4 sagen~3 , wo~5 {goal} ist~6 ?~7",
            goal=where,
        )
    if form == "excuse":
        return template(
            draft,
            "(SBARQ (S (VP excuse/VB~1 (NP me~1))) ,~2 (WHADVP where~3) (SQ is~4 {goal}) ?~5)",
            "Entschuldigung~1 ,~2 wo~3 ist~4 {goal} ?~5",
            goal=where,
        )
    return template(
        draft,
        "(S {goal} (VP is~1 not~2 (ADVP far/RB~3 (PP from~4 (ADVP here/RB~5)))) .~6)",
        "{goal} ist~1 nicht~2 weit~3 von~4 hier~5 .~6",
        goal=where,
    )


_ASKED_FOR = (
    "look for,buy,open,close,wash,repair,clean,bake,order,pay,turn on,turn off,bring along,put on,tidy up,"
    "read,write,eat,drink"
)
_FORBIDDEN = "forget,lose,open,close,sell,eat,drink,turn on,turn off,wash,read,buy"
_FOR_CHILDREN = "open,close,wash,clean,eat,read,turn on,turn off,bring along,put on,tidy up"


def command(draft: Draft) -> Sides:
    """Open the window, please!  Do not forget the key!  Children, tidy up the room!"""
    kind = draft.choose(("plain", "plain", "not", "children", "let"))
    draft.frame = {
        "plain": "imperative",
        "not": "imperative-not",
        "children": "imperative-plural",
        "let": "let-us",
    }[kind]
    allowed = {"not": _FORBIDDEN, "children": _FOR_CHILDREN}.get(kind, _ASKED_FOR).split(",")
    pool = [v for v in (*draft.lexicon.verbs("object"), *draft.lexicon.verbs("particle")) if v.lemma in allowed]
    if kind == "let":
        pool = [v for v in pool if v.lemma not in ("put on",)]
    verb = draft.choose(pool)
    noun = draft.choose(
        draft.lexicon.nouns(draft.choose([kind_ for kind_ in verb.objects if kind_ not in ("person", "animal")]))
    )
    while kind == "children" and "alcohol" in noun.classes:
        noun = draft.choose(draft.lexicon.nouns(*verb.objects))
    few = "food" in noun.classes and kind in ("plain", "let")
    thing = noun_phrase(
        draft,
        noun,
        () if few else ("the", "the", "this") if kind == "let" else ("the", "the", "my", "this"),
        0.2,
    )
    part = noun_part(thing, "accusative")
    tag, mark = draft.meaning(), draft.meaning()
    what: Sides = (part.english, part.german)
    deed: Sides = (verb_phrase(verb_words(verb.lemma, "VB", tag), part.english), [])
    draft.use(verb.lemma, "infinitive" if kind == "let" else "imperative")
    if kind == "let":
        lass = draft.meaning()
        return template(
            draft,
            "(S (VP {let} (S {us} {deed})) .~1)",
            "{let} {us} {what} {verb} .~1",
            what=what,
            let=([Word("let", (lass,), "VB")], [Word("lass", (lass,))]),
            us=(grouped("NP", [Word("us", (mark,))]), [Word("uns", (mark,))]),
            deed=deed,
            verb=([], [Word(verb.particle + verb.german, (tag,))]),
        )
    finite = german.imperative(verb.german, "2p" if kind == "children" else "2s", verb.third)
    particle: Words = [Word(verb.particle, (tag,))] if verb.particle else []
    says: Sides = ([], [Word(finite, (tag,))])
    ending: Sides = ([], particle)
    if kind == "not":
        return template(
            draft,
            "(S (VP do/VB~1 not~1 {deed}) !~2)",
            "{verb} {what} nicht~1 {end} !~2",
            verb=says,
            deed=deed,
            what=what,
            end=ending,
        )
    if kind == "children":
        return template(
            draft,
            "(S (NP children/NNS~1) ,~2 {deed} !~3)",
            "Kinder~1 ,~2 {verb} {what} {end} !~3",
            verb=says,
            deed=deed,
            what=what,
            end=ending,
        )
    if draft.chance(0.5):
        return template(
            draft,
            "(S (INTJ please/UH~1) {deed} .~2)",
            "bitte~1 {verb} {what} {end} .~2",
            verb=says,
            deed=deed,
            what=what,
            end=ending,
        )
    return template(draft, "(S {deed} !~2)", "{verb} {what} {end} !~2", verb=says, deed=deed, what=what, end=ending)


def forecast(draft: Draft) -> Sides:
    """It is raining."""
    draft.frame = "weather"
    return finish(draft, weather(draft, last=False), ".")


_PRAISE = {
    "new": "old",
    "beautiful": "",
    "clean": "dirty",
    "cheap": "expensive",
    "fast": "slow",
    "modern": "old",
    "light": "heavy",
    "big": "small",
    "interesting": "boring",
}
_BLAME = ("expensive", "old", "dirty", "slow", "heavy", "small", "boring", "long")


def anaphora(draft: Draft) -> Sides:
    """The lamp is beautiful, but it is too expensive: it takes the gender of its noun."""
    draft.frame = "it"
    thing = some(
        draft,
        "thing",
        "wear",
        "vehicle",
        "furniture",
        determiners=("the", "this", "my", "your"),
        adjective=0.0,
        many=0.0,
    )
    fitting = draft.lexicon.adjectives(thing.noun)
    first = draft.choose([a for a in fitting if a.lemma in _PRAISE])
    blame = [a for a in fitting if a.lemma in _BLAME and a.lemma != _PRAISE[first.lemma]]
    if not thing.noun.classes & {"wear", "vehicle", "furniture", "container"}:
        blame = [a for a in blame if a.lemma != "small"]
    second = draft.choose(blame)
    draft.use(first.lemma, "predicative")
    draft.use(second.lemma, "predicative")
    it = IT[thing.gender][0]
    return template(
        draft,
        "(S (S {thing} (VP is~1 (ADJP {a}))) ,~2 but~3 (S (NP it~4) (VP is~5 (ADJP {degree} {b}))) .~6)",
        f"{{thing}} ist~1 {{a}} ,~2 aber~3 {it}~4 ist~5 {{degree}} {{b}} .~6",
        thing=spoken(thing, "nominative"),
        a=lemma(draft, first.lemma, first.german, "JJ"),
        b=lemma(draft, second.lemma, second.german, "JJ"),
        degree=lemma(draft, *draft.choose((("too", "zu"), ("very", "sehr"), ("quite", "ziemlich")))),
    )


def ailment(draft: Draft) -> Sides:
    """My head hurts: mein Kopf tut weh.  I am cold: mir ist kalt."""
    draft.frame = "ailment"
    if draft.chance(0.5):
        part = some(draft, "body", determiners=("my", "your", "his", "her"), adjective=0.0, many=0.2)
        one = not part.many
        return template(
            draft,
            f"(S {{part}} (VP {'hurts/VBZ' if one else 'hurt/VBP'}~1) .~2)",
            f"{{part}} {'tut' if one else 'tun'}~1 weh~1 .~2",
            part=spoken(part, "nominative"),
        )
    who = person(draft)
    draft.use("cold", "predicative")
    adjective = draft.choose((("cold", "kalt"), ("warm", "warm")))
    sides = (who.english("nominative"), who.german("dative"))
    return template(
        draft,
        f"(S {{who}} (VP {BE[who.person]}~1 (ADJP {adjective[0]}/JJ~2)) .~3)",
        f"{{who}} ist~1 {adjective[1]}~2 .~3",
        who=sides,
    )


# function, weight
FIXED: tuple[tuple[Callable[[Draft], Sides], int], ...] = (
    (greeting, 2),
    (introduction, 2),
    (price, 6),
    (age, 4),
    (clock, 2),
    (appointment, 3),
    (there_is, 4),
    (wish, 3),
    (way, 2),
    (command, 6),
    (forecast, 1),
    (anaphora, 3),
    (ailment, 2),
)
