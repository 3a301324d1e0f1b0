"""Fixed expressions with numbers: prices, ages, clock times, dates."""

from dragoman.data import phrasebook_english as english
from dragoman.data import phrasebook_german as german
from dragoman.data import phrasebook_states as states
from dragoman.data.phrasebook_clauses import BE, WERE
from dragoman.data.phrasebook_frames import Sides
from dragoman.data.phrasebook_names import MONTHS, WEEKDAYS
from dragoman.data.phrasebook_phrases import Draft, noun_phrase, person, some
from dragoman.data.phrasebook_templates import spoken, template
from dragoman.data.phrasebook_words import Word, Words, grouped


def price(draft: Draft) -> Sides:
    """The coat costs twenty-one euros; the soup costs 4.50 euros; how much does the coat cost?"""
    draft.frame = "price"
    cheap = draft.chance(0.3)
    thing = some(draft, "food" if cheap else "priced", determiners=("the", "this"), adjective=0.2, many=0.1)
    goods = spoken(thing, "nominative")
    single = not thing.many
    if draft.chance(0.3):
        return template(
            draft,
            f"(SBARQ (WHNP how~1 much/JJ~1) (SQ {'does' if single else 'do'}~2 {{goods}} (VP cost/VB~2)) ?~3)",
            f"wie~1 viel~1 {'kostet' if single else 'kosten'}~2 {{goods}} ?~3",
            goods=goods,
        )
    if cheap:
        euros = int(draft.random.random() * 10) + 1
        text, german_text = f"{euros}.50", f"{euros},50"
    else:
        euros = 2 + int(draft.random.random() * (998 if draft.lexicon.full else 99))
        text, german_text = english.number(euros), german.number(euros)
    draft.use(text, "number")
    tag = draft.meaning()
    amount: Sides = (number_words(text, tag), [Word(german_text, (tag,))])
    return template(
        draft,
        f"(S {{goods}} (VP {'costs/VBZ' if single else 'cost/VBP'}~1 (NP {{amount}} euros/NNS~2)) .~3)",
        f"{{goods}} {'kostet' if single else 'kosten'}~1 {{amount}} Euro~2 .~3",
        goods=goods,
        amount=amount,
    )


def number_words(text: str, tag: int) -> Words:
    """A number in digits or words; "one hundred" is two words."""
    return [Word(word, (tag,), "CC" if word == "and" else "CD") for word in text.split()]


def age(draft: Draft) -> Sides:
    """My grandfather is seventy-two years old."""
    draft.frame = "age"
    asking = draft.chance(0.2)
    who = person(draft, "1s" if asking else "3s")
    years = 2 + int(draft.random.random() * 98)
    draft.use(english.number(years), "number")
    tag = draft.meaning()
    amount: Sides = (number_words(english.number(years), tag), [Word(german.number(years), (tag,))])
    if asking:
        be = BE[who.person]
        return template(
            draft,
            f"(SBARQ (WHADJP how~1 old/JJ~2) (SQ {be}~3 {{who}}) ?~4)",
            f"wie~1 alt~2 {german.present('sein', who.person)}~3 {{who}} ?~4",
            who=spoken(who, "nominative"),
        )
    return template(
        draft,
        f"(S {{who}} (VP {BE[who.person]}~1 (ADJP (NP {{amount}} years/NNS~2) old/JJ~3)) .~4)",
        f"{{who}} {german.present('sein', who.person)}~1 {{amount}} Jahre~2 alt~3 .~4",
        who=spoken(who, "nominative"),
        amount=amount,
    )


def clock(draft: Draft) -> Sides:
    """It is half past seven."""
    draft.frame = "clock"
    if draft.chance(0.05):
        return template(
            draft, "(SBARQ (WHNP what/WDT~1 time/NN~2) (SQ is~3 (NP it~4)) ?~5)", "wie~1 spät~2 ist~3 es~4 ?~5"
        )
    hour, minute = 1 + int(draft.random.random() * 12), 5 * int(draft.random.random() * 12)
    if minute in (25, 35, 55, 5):
        minute = 30
    draft.use(" ".join(english.clock(hour, minute)), "clock")
    time = clock_sides(draft, hour, minute)
    return template(draft, "(S (NP it~1) (VP is~2 {time}) .~3)", "es~1 ist~2 {time} .~3", time=time)


def clock_sides(draft: Draft, hour: int, minute: int) -> Sides:
    """The clock time itself."""
    return states.clock_words(draft, hour, minute)


def born(draft: Draft) -> Sides:
    """My niece was born on the third of May 1995: geboren am dritten Mai 1995."""
    draft.frame = "born"
    who = person(draft, "1s" if draft.chance(0.2) else "3s")
    month = draft.choose(tuple(MONTHS))
    day, year = 1 + int(draft.random.random() * _DAYS[month]), str(1930 + int(draft.random.random() * 90))
    draft.use(month, "dative")
    draft.use(english.ordinal(day), "ordinal")
    third, fourth, fifth = draft.meaning(), draft.meaning(), draft.meaning()
    name = grouped("NP", [Word(month, (fourth,), "NNP"), Word(year, (fifth,), "CD")])
    words = [Word(english.ordinal(day), (third,), "JJ"), *grouped("PP", [Word("of"), *name])]
    date: Sides = (words, [Word(german.ordinal(day), (third,)), Word(MONTHS[month], (fourth,)), Word(year, (fifth,))])
    became = german.present("wurden", who.person)
    return template(
        draft,
        f"(S {{who}} (VP {WERE[who.person]}~1 (VP born/VBN~2 (PP on~3 (NP the~3 {{date}})))) .~4)",
        f"{{who}} {became}~1 am~3 {{date}} geboren~2 .~4",
        who=spoken(who, "nominative"),
        date=date,
    )


_DAYS = dict(zip(MONTHS, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))


def appointment(draft: Draft) -> Sides:
    """My birthday is on the third of May; the concert is on Friday."""
    draft.frame = "date"
    what = (
        some(draft, "event", "day", adjective=0.0, many=0.0, determiners=("my", "your", "his", "our"))
        if draft.chance(0.3)
        else None
    )
    phrase = noun_phrase(
        draft,
        next(n for n in draft.lexicon.nouns("day") if n.lemma == "birthday"),
        ("my", "your", "his", "her"),
        0.0,
        0.0,
    )
    if what is None or draft.chance(0.6):
        month = draft.choose(tuple(MONTHS))
        day = 1 + int(draft.random.random() * _DAYS[month])
        draft.use(month, "dative")
        draft.use(english.ordinal(day), "ordinal")
        third, fourth = draft.meaning(), draft.meaning()
        date: Sides = (
            [
                Word(english.ordinal(day), (third,), "JJ"),
                *grouped("PP", [Word("of"), *grouped("NP", [Word(month, (fourth,), "NNP")])]),
            ],
            [Word(german.ordinal(day), (third,)), Word(MONTHS[month], (fourth,))],
        )
        who = spoken(phrase, "nominative")
        return template(
            draft,
            "(S {who} (VP is~1 (PP on~2 (NP the~2 {date}))) .~3)",
            "{who} ist~1 am~2 {date} .~3",
            who=who,
            date=date,
        )
    event = some(draft, "event", determiners=("the", "our", "your"), adjective=0.0, many=0.0)
    weekday, tag = draft.choose(tuple(WEEKDAYS)), draft.meaning()
    draft.use(weekday, "dative")
    if draft.chance(0.4):
        return template(
            draft,
            "(S (NP today/NN~1) (VP is~2 (NP {day})) .~3)",
            "heute~1 ist~2 {day} .~3",
            day=([Word(weekday, (tag,), "NNP")], [Word(WEEKDAYS[weekday], (tag,))]),
        )
    day_sides: Sides = ([Word(weekday, (tag,), "NNP")], [Word(WEEKDAYS[weekday], (tag,))])
    return template(
        draft,
        "(S {what} (VP is~1 (PP on~2 (NP {day}))) .~3)",
        "{what} ist~1 am~2 {day} .~3",
        what=spoken(event, "nominative"),
        day=day_sides,
    )
