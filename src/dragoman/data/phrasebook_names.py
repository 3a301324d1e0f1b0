"""Names, places, times and other small closed tables of the phrasebook: English to German."""

NAMES = {
    "m": "Peter Paul Max Tom Felix Jan Ben David Lukas Martin",
    "f": "Anna Maria Lisa Julia Laura Sophie Emma Clara Eva Nina",
}
PROFESSIONS = """
doctor Arzt Ärztin|teacher Lehrer Lehrerin|cook Koch Köchin|waiter Kellner Kellnerin|student Student Studentin
nurse Krankenpfleger Krankenschwester|lawyer Anwalt Anwältin
engineer Ingenieur Ingenieurin|baker Bäcker Bäckerin
journalist Journalist Journalistin|singer Sänger Sängerin|scientist Wissenschaftler Wissenschaftlerin
musician Musiker Musikerin|farmer Bauer Bäuerin|architect Architekt Architektin
"""

SURNAMES = ("Weber", "Becker", "Schulz", "Klein", "Wagner", "Fischer")
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
