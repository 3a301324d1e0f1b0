"""The phrasebook's lexicon: nouns, verbs, adjectives, adverbs, names and places, parsed once from readable
tables.

Every English word has one German word in the frames that use it, so that the German of a sentence is
determined.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from dragoman.data import phrasebook_english as english
from dragoman.data.phrasebook_nouns import NOUNS
from dragoman.data.phrasebook_verbs import VERBS


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun of both languages with its German gender and its semantic classes."""

    lemma: str
    plural: str
    german: str
    german_plural: str
    gender: str
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of both languages; `particle` is separable, `objects` maps a frame class to the classes of its
    objects.
    """

    lemma: str
    past: str
    participle: str
    german: str
    particle: str
    third: str
    german_participle: str
    auxiliary: str
    classes: frozenset[str]
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adjective:
    """An adjective of both languages, with comparatives (empty where the phrasebook never compares)."""

    lemma: str
    german: str
    comparative: str
    german_comparative: str
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Name:
    """A first name with its gender."""

    text: str
    gender: str


@dataclass(frozen=True, slots=True)
class Profession:
    """A profession with the German word for a man and for a woman."""

    lemma: str
    male: str
    female: str


_ADJECTIVES = """
new|neu|newer|neuer|thing wear building vehicle gift furniture dish show device readable
old|alt|older|älter|person animal zoo thing wear building vehicle furniture region tree growing
young|jung|younger|jünger|person animal
nice|nett|nicer|netter|person
friendly|freundlich|friendlier|freundlicher|person
famous|berühmt|||person
strong|stark|stronger|stärker|person zoo
rich|reich|richer|reicher|person
poor|arm|poorer|ärmer|person
tall|groß|taller|größer|person
tired|müde|||state
happy|glücklich|||state
sad|traurig|||state
sick|krank|||state
hungry|hungrig|||state
thirsty|durstig|||state
ready|fertig|||state
small|klein|smaller|kleiner|minor animal thing wear building vehicle furniture dish indoor outdoor region
big|groß|bigger|größer|animal zoo building vehicle furniture indoor outdoor region openable growing container
beautiful|schön|||wear building outdoor region gift growing song
expensive|teuer|more expensive|teurer|thing wear vehicle furniture gift device drink
cheap|billig|cheaper|billiger|thing wear vehicle furniture gift device
heavy|schwer|heavier|schwerer|furniture container device
light|leicht|lighter|leichter|container
red|rot|||wear vehicle openable growing container furniture dish
blue|blau|||wear vehicle openable container furniture dish
green|grün|||wear vehicle openable container furniture dish
black|schwarz|||wear vehicle animal container
white|weiß|||wear vehicle animal openable furniture
clean|sauber|||wear dish indoor
dirty|schmutzig|||wear dish indoor own openable
full|voll|||container
empty|leer|||container dish indoor
fresh|frisch|||food
hot|heiß|||hotdrink
cold|kalt|||colddrink
good|gut|better|besser|food drink show readable
delicious|lecker|||food
modern|modern|||building device
quiet|ruhig|quieter|ruhiger|region indoor outdoor
dark|dunkel|darker|dunkler|indoor
bright|hell|brighter|heller|indoor
fast|schnell|faster|schneller|vehicle
slow|langsam|slower|langsamer|vehicle device
interesting|interessant|more interesting|interessanter|readable show region
boring|langweilig|more boring|langweiliger|readable show
funny|lustig|||readable show song
long|lang|longer|länger|readable show span
short|kurz|shorter|kürzer|readable show span
difficult|schwierig|more difficult|schwieriger|statement
easy|einfach|easier|einfacher|statement
"""

_NAMES = {
    "m": "Peter Paul Max Tom Felix Jan Ben David Lukas Martin",
    "f": "Anna Maria Lisa Julia Laura Sophie Emma Clara Eva Nina",
}
_PROFESSIONS = """
doctor Arzt Ärztin|teacher Lehrer Lehrerin|cook Koch Köchin|waiter Kellner Kellnerin|student Student Studentin
nurse Krankenpfleger Krankenschwester|lawyer Anwalt Anwältin
engineer Ingenieur Ingenieurin|baker Bäcker Bäckerin
journalist Journalist Journalistin|singer Sänger Sängerin|scientist Wissenschaftler Wissenschaftlerin
musician Musiker Musikerin|farmer Bauer Bäuerin|architect Architekt Architektin
"""


def _rows(table: str) -> Iterable[list[str]]:
    return (line.split("|") for line in table.strip().split("\n"))


def _noun(row: list[str]) -> Noun:
    lemma, german, gender, german_plural, plural, classes = row
    if german_plural == "-":
        german_plural = plural = ""
    return Noun(
        lemma,
        plural or (english.plural(lemma) if german_plural else ""),
        german,
        german_plural,
        gender,
        frozenset(classes.split()),
    )


def _verb(row: list[str]) -> Verb:
    lemma, past, participle, german, third, german_participle, classes = row
    particle, _, infinitive = german.rpartition("+")
    kinds, _, objects = classes.partition(":")
    return Verb(
        lemma,
        past or english.past(lemma),
        participle or english.past(lemma),
        infinitive,
        particle,
        third,
        german_participle.lstrip("*"),
        "sein" if german_participle.startswith("*") else "haben",
        frozenset(kinds.split()),
        tuple(objects.split()),
    )


NOUNS_BY_LEMMA = {noun.lemma: noun for noun in map(_noun, _rows(NOUNS))}
VERB_LIST = tuple(map(_verb, _rows(VERBS)))
ADJECTIVE_LIST = tuple(Adjective(a, b, c, d, frozenset(e.split())) for a, b, c, d, e in _rows(_ADJECTIVES))
NAMES = tuple(Name(text, gender) for gender, texts in _NAMES.items() for text in texts.split())
PROFESSIONS = tuple(
    Profession(*entry.split()) for line in _PROFESSIONS.strip().split("\n") for entry in line.split("|")
)

SURNAMES = ["Weber", "Becker", "Schulz", "Klein", "Wagner", "Fischer"]
CITIES = {
    "Berlin": "Berlin",
    "Munich": "München",
    "Vienna": "Wien",
    "Cologne": "Köln",
    "Hamburg": "Hamburg",
    "Paris": "Paris",
    "London": "London",
    "Rome": "Rom",
    "Zurich": "Zürich",
    "Prague": "Prag",
}
COUNTRIES = {
    "Germany": "Deutschland",
    "Austria": "Österreich",
    "Spain": "Spanien",
    "Italy": "Italien",
    "France": "Frankreich",
    "England": "England",
    "Poland": "Polen",
    "Greece": "Griechenland",
}
LANGUAGES = {
    "German": "Deutsch",
    "English": "Englisch",
    "Spanish": "Spanisch",
    "Italian": "Italienisch",
    "French": "Französisch",
    "Polish": "Polnisch",
}
WEEKDAYS = {
    "Monday": "Montag",
    "Tuesday": "Dienstag",
    "Wednesday": "Mittwoch",
    "Thursday": "Donnerstag",
    "Friday": "Freitag",
    "Saturday": "Samstag",
    "Sunday": "Sonntag",
}
MONTHS = {
    "January": "Januar",
    "February": "Februar",
    "March": "März",
    "April": "April",
    "May": "Mai",
    "June": "Juni",
    "July": "Juli",
    "August": "August",
    "September": "September",
    "October": "Oktober",
    "November": "November",
    "December": "Dezember",
}
FREQUENCIES = {
    "often": "oft",
    "always": "immer",
    "never": "nie",
    "sometimes": "manchmal",
    "usually": "normalerweise",
}
TODAY = {"today": "heute", "now": "jetzt"}
PAST_TIMES = {
    "yesterday": "gestern",
    "last week": "letzte Woche",
    "yesterday evening": "gestern Abend",
    "this morning": "heute Morgen",
}
FUTURE_TIMES = {"tomorrow": "morgen", "today": "heute", "next week": "nächste Woche", "soon": "bald"}
DEGREES = {"very": "sehr", "too": "zu", "really": "wirklich", "quite": "ziemlich"}
MODALS = {
    "can": "können",
    "have to": "müssen",
    "be allowed to": "dürfen",
    "may": "dürfen",
    "should": "sollen",
    "want to": "wollen",
    "would like to": "möchten",
}
# Where one does what one does: nouns after in.
PLACES = {
    "sleep": ("room", "garden", "hotel", "house"),
    "work": (
        "office",
        "library",
        "hospital",
        "restaurant",
        "hotel",
        "bakery",
        "school",
        "museum",
        "pharmacy",
    ),
    "cook": ("kitchen", "restaurant", "house"),
    "dance": ("garden", "park", "room", "theatre", "house"),
    "sing": ("church", "garden", "park", "theatre", "school", "forest"),
    "play": ("garden", "park", "room", "house", "forest"),
    "laugh": ("cinema", "theatre", "school", "restaurant"),
    "wait": (
        "station",
        "hospital",
        "hotel",
        "restaurant",
        "church",
        "supermarket",
        "airport",
        "cinema",
        "park",
    ),
    "cry": ("room", "garden", "kitchen", "school"),
}


@cache
def nouns(*classes: str) -> tuple[Noun, ...]:
    """All nouns of at least one of these classes, in the order of the table."""
    wanted = frozenset(classes)
    return tuple(noun for noun in NOUNS_BY_LEMMA.values() if noun.classes & wanted)


@cache
def verbs(kind: str) -> tuple[Verb, ...]:
    """All verbs of one frame class."""
    return tuple(verb for verb in VERB_LIST if kind in verb.classes)


@cache
def adjectives(noun: Noun) -> tuple[Adjective, ...]:
    """The adjectives that can sensibly describe a noun."""
    if "minor" in noun.classes:
        return tuple(a for a in ADJECTIVE_LIST if a.lemma in ("small", "nice", "friendly", "poor"))
    echoing = "friendly" if noun.lemma == "friend" else ""
    return tuple(a for a in ADJECTIVE_LIST if a.classes & noun.classes and a.lemma != echoing)


def lemmas() -> frozenset[str]:
    """Every English lemma of the lexicon."""
    words: set[str] = set(NOUNS_BY_LEMMA) | {verb.lemma for verb in VERB_LIST} | {a.lemma for a in ADJECTIVE_LIST}
    words |= {name.text for name in NAMES} | {profession.lemma for profession in PROFESSIONS}
    for table in (
        CITIES,
        COUNTRIES,
        LANGUAGES,
        WEEKDAYS,
        MONTHS,
        FREQUENCIES,
        TODAY,
        PAST_TIMES,
        FUTURE_TIMES,
        DEGREES,
        MODALS,
    ):
        words |= set(table)
    return frozenset(words)
