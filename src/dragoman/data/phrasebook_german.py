"""German morphology for the phrasebook: determiners, adjective endings, noun cases, verb forms, numbers,
clock times.

Genders are "m", "f", "n" and, for every plural, "p". Cases are "nominative", "accusative" and "dative"; the
phrasebook never needs the genitive. Persons are "1s", "2s", "3s", "1p", "2p", "3p".
"""

from functools import cache

GENDERS = "mfnp"
CASES = ("nominative", "accusative", "dative")
PERSONS = ("1s", "2s", "3s", "1p", "2p", "3p")

_THE = {"nominative": "der die das die", "accusative": "den die das die", "dative": "dem der dem den"}
_THIS = {"nominative": "er e es e", "accusative": "en e es e", "dative": "em er em en"}
_EIN = {"nominative": "- e - e", "accusative": "en e - e", "dative": "em er em en"}
_ENDINGS = {
    "weak": {"nominative": "e e e en", "accusative": "en e e en", "dative": "en en en en"},
    "mixed": {"nominative": "er e es en", "accusative": "en e es en", "dative": "en en en en"},
    "strong": {"nominative": "er e es e", "accusative": "en e es e", "dative": "em er em en"},
}
_RELATIVE = {"nominative": "der die das die", "accusative": "den die das die", "dative": "dem der dem denen"}

_IRREGULAR = {
    "sein": "bin bist ist sind seid sind",
    "haben": "habe hast hat haben habt haben",
    "werden": "werde wirst wird werden werdet werden",
    "können": "kann kannst kann können könnt können",
    "müssen": "muss musst muss müssen müsst müssen",
    "wollen": "will willst will wollen wollt wollen",
    "dürfen": "darf darfst darf dürfen dürft dürfen",
    "sollen": "sollte solltest sollte sollten solltet sollten",
    "möchten": "möchte möchtest möchte möchten möchtet möchten",
    "mögen": "mag magst mag mögen mögt mögen",
    "wurden": "wurde wurdest wurde wurden wurdet wurden",
    "wissen": "weiß weißt weiß wissen wisst wissen",
}
_PRETERITE = {
    "sein": "war warst war waren wart waren",
    "haben": "hatte hattest hatte hatten hattet hatten",
}
CONTRACTIONS = {
    ("an", "dem"): "am",
    ("bei", "dem"): "beim",
    ("in", "dem"): "im",
    ("in", "das"): "ins",
    ("von", "dem"): "vom",
    ("zu", "dem"): "zum",
    ("zu", "der"): "zur",
}
_UNITS = [
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
]
_TENS = ["-", "zehn", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]


@cache
def _cell(row: str, index: int) -> str:
    return row.split()[index].replace("-", "")


def definite(gender: str, case: str) -> str:
    """The definite article: der, den, dem ..."""
    return _cell(_THE[case], GENDERS.index(gender))


def relative(gender: str, case: str) -> str:
    """The relative pronoun: the article, but denen in the dative plural."""
    return _cell(_RELATIVE[case], GENDERS.index(gender))


def this_word(stem: str, gender: str, case: str) -> str:
    """A word that is declined like dieser: dies-, jed-, welch-."""
    return stem + _cell(_THIS[case], GENDERS.index(gender))


def ein_word(stem: str, gender: str, case: str) -> str:
    """A word that is declined like ein: ein, kein, mein, dein, sein, ihr, unser."""
    return stem + _cell(_EIN[case], GENDERS.index(gender))


def adjective(stem: str, declension: str, gender: str, case: str) -> str:
    """An attributive adjective; a stem in -er after a diphthong or in -el loses its e (teuer, der teure;
    dunkel, der dunkle), but a comparative keeps it (neuer, der neuere).
    """
    if stem.endswith(("auer", "euer", "el")) and stem != "neuer":
        stem = stem[:-2] + stem[-1]
    return stem + _cell(_ENDINGS[declension][case], GENDERS.index(gender))


def noun(singular: str, plural: str, many: bool, case: str, weak: bool = False) -> str:
    """A noun in its case: the dative plural takes -n, weak nouns take -(e)n everywhere but in the
    nominative singular.
    """
    if many:
        return plural + "n" if case == "dative" and not plural.endswith(("n", "s")) else plural
    return plural if weak and case != "nominative" else singular


def contract(preposition: str, article: str) -> tuple[str, ...]:
    """The preposition and the article as they are written: one word (im, zur) or two."""
    joined = CONTRACTIONS.get((preposition, article))
    return (joined,) if joined else (preposition, article)


def _needs_e(stem: str) -> bool:
    return stem.endswith(("d", "t")) or (stem[-1] in "mn" and stem[-2] not in "aeiouäöülrhmn")


def present(infinitive: str, person: str, third: str = "") -> str:
    """The present tense without a separable particle; `third` is the third person where the stem's vowel
    changes.
    """
    position = PERSONS.index(person)
    if infinitive in _IRREGULAR:
        return _cell(_IRREGULAR[infinitive], position)
    stem = infinitive.removesuffix("n").removesuffix("e")
    if person in ("1p", "3p"):
        return infinitive
    if person == "1s":
        return stem + "e"
    if third and person == "3s":
        return third
    if third and person == "2s":
        stem = third[:-1]
        return third if stem.endswith(("s", "ß", "z")) else stem + "st"
    link = "e" if _needs_e(stem) else ""
    if person == "2s":
        return stem + link + ("t" if stem.endswith(("s", "ß", "z", "x")) else "st")
    return stem + link + "t"


def preterite(infinitive: str, person: str) -> str:
    """The simple past of sein and haben; other verbs speak of the past in the perfect."""
    return _cell(_PRETERITE[infinitive], PERSONS.index(person))


def imperative(infinitive: str, person: str, third: str = "") -> str:
    """The imperative for du ("2s") or ihr ("2p"): verbs that change e to i keep the i (lies, nimm,
    vergiss).
    """
    if person == "2p":
        return present(infinitive, "2p", third)
    stem = infinitive.removesuffix("n").removesuffix("e")
    if third and "i" in third and "i" not in stem:
        return third[:-1]
    return stem + "e" if _needs_e(stem) else stem


def zu_infinitive(particle: str, infinitive: str) -> tuple[str, ...]:
    """The infinitive with zu: two words, or one with zu inside (aufzustehen)."""
    return (particle + "zu" + infinitive,) if particle else ("zu", infinitive)


def number(value: int) -> str:
    """A number from 0 to 999 in words: einundzwanzig; eins only where it stands alone, so 1 is "ein" here."""
    if value < len(_UNITS):
        return _UNITS[value]
    if value == 100:
        return "hundert"
    if value > 100:
        hundreds, rest = divmod(value, 100)
        return ("" if hundreds == 1 else _UNITS[hundreds]) + "hundert" + (number(rest) if rest else "")
    tens, units = divmod(value, 10)
    if tens == 1:
        return {16: "sechzehn", 17: "siebzehn"}.get(value, _UNITS[units] + "zehn")
    return (_UNITS[units] + "und" if units else "") + _TENS[tens]


def ordinal(value: int) -> str:
    """The ordinal of a day from 1 to 31 in the dative after am: dritten, siebten, einundzwanzigsten."""
    stem = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}.get(value)
    return (stem or number(value) + ("t" if value < 20 else "st")) + "en"


def clock(hour: int, minute: int) -> tuple[str, ...]:
    """A clock time in spoken German: halb counts towards the coming hour, "ein Uhr" but "halb eins".

    Full hours, quarters, halves, and five, ten and twenty minutes to or past; hours from 1 to 12.
    """
    name, following = (("eins" if h == 1 else number(h)) for h in (hour, hour % 12 + 1))
    if minute == 0:
        return number(hour), "Uhr"
    if minute == 30:
        return "halb", following
    past = minute < 30
    amount = minute if past else 60 - minute
    return (
        "Viertel" if amount == 15 else number(amount),
        "nach" if past else "vor",
        name if past else following,
    )
