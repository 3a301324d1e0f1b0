"""English morphology for the phrasebook: plurals, articles, verb forms, numbers, clock times."""

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["-", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_DOUBLED = {"run", "sit", "swim", "get", "put", "begin", "forget", "travel", "jog", "hug", "cut", "plan", "cancel"}


def plural(noun: str) -> str:
    """The regular plural; the lexicon lists the irregular ones."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def article(following: str) -> str:
    """The indefinite article, a or an, by the sound with which the word that follows begins."""
    if following.startswith(("uni", "use")):
        return "a"
    return "an" if following[0].lower() in "aeiou" or following.startswith("honest") else "a"


def third(verb: str) -> str:
    """The third person singular of the present; a phrasal verb changes in its first word."""
    first, *rest = verb.split()
    irregular = {"have": "has", "go": "goes", "do": "does"}
    if first in irregular:
        form = irregular[first]
    elif first.endswith(("s", "x", "ch", "sh", "ss")):
        form = first + "es"
    elif first.endswith("y") and first[-2] not in "aeiou":
        form = first[:-1] + "ies"
    else:
        form = first + "s"
    return " ".join([form, *rest])


def past(verb: str) -> str:
    """The regular past, which is also the regular participle."""
    first, *rest = verb.split()
    if first.endswith("e"):
        form = first + "d"
    elif first.endswith("y") and first[-2] not in "aeiou":
        form = first[:-1] + "ied"
    else:
        form = first + "ed"
    return " ".join([form, *rest])


def progressive(verb: str) -> str:
    """The form in -ing."""
    first, *rest = verb.split()
    if first in _DOUBLED:
        form = first + first[-1] + "ing"
    elif first.endswith("ie"):
        form = first[:-2] + "ying"
    elif first.endswith("e") and not first.endswith("ee"):
        form = first[:-1] + "ing"
    else:
        form = first + "ing"
    return " ".join([form, *rest])


def number(value: int) -> str:
    """A number from 0 to 999 in words: twenty-one, three hundred and five."""
    if value < len(_UNITS):
        return _UNITS[value]
    if value == 100:
        return "one hundred"
    if value > 100:
        hundreds, rest = divmod(value, 100)
        return f"{_UNITS[hundreds]} hundred" + (f" and {number(rest)}" if rest else "")
    tens, units = divmod(value, 10)
    return _TENS[tens] + ("-" + _UNITS[units] if units else "")


def ordinal(value: int) -> str:
    """The ordinal of a day from 1 to 31: third, twenty-first."""
    irregular = {1: "first", 2: "second", 3: "third", 5: "fifth", 8: "eighth", 9: "ninth", 12: "twelfth"}
    tens, units = divmod(value, 10)
    if value in irregular:
        return irregular[value]
    if value < 20:
        return _UNITS[value] + "th"
    if not units:
        return _TENS[tens][:-1] + "ieth"
    return _TENS[tens] + "-" + (irregular.get(units) or _UNITS[units] + "th")


def clock(hour: int, minute: int) -> tuple[str, ...]:
    """A clock time as it is said: seven o'clock, half past seven, a quarter to eight."""
    if minute == 0:
        return _UNITS[hour], "o'clock"
    if minute == 30:
        return "half", "past", _UNITS[hour]
    is_past = minute < 30
    amount = minute if is_past else 60 - minute
    minutes = ("a", "quarter") if amount == 15 else (number(amount),)
    return *minutes, "past" if is_past else "to", _UNITS[hour if is_past else hour % 12 + 1]
