"""German morphology of the phrasebook against what a grammar book says."""

import pytest

from dragoman.data import phrasebook_english as english
from dragoman.data import phrasebook_german as german
from dragoman.data.phrasebook_degrees import english_degree, german_degree
from dragoman.data.phrasebook_lexicon import CORE, FULL, Lexicon

# Rows: case; columns: masculine, feminine, neuter, plural.
ADJECTIVE_TABLE = {
    "weak": {
        "nominative": "der neue Hut, die neue Uhr, das neue Buch, die neuen Züge",
        "accusative": "den neuen Hut, die neue Uhr, das neue Buch, die neuen Züge",
        "dative": "dem neuen Hut, der neuen Uhr, dem neuen Buch, den neuen Zügen",
    },
    "mixed": {
        "nominative": "kein neuer Hut, keine neue Uhr, kein neues Buch, keine neuen Züge",
        "accusative": "keinen neuen Hut, keine neue Uhr, kein neues Buch, keine neuen Züge",
        "dative": "keinem neuen Hut, keiner neuen Uhr, keinem neuen Buch, keinen neuen Zügen",
    },
    "strong": {
        "nominative": "kalter Saft, kalte Milch, kaltes Wasser, kalte Eier",
        "accusative": "kalten Saft, kalte Milch, kaltes Wasser, kalte Eier",
        "dative": "kaltem Saft, kalter Milch, kaltem Wasser, kalten Eiern",
    },
}


@pytest.mark.parametrize("declension", ADJECTIVE_TABLE)
@pytest.mark.parametrize("case", german.CASES)
def test_adjective_endings_follow_the_tables(declension: str, case: str) -> None:
    for gender, row in zip("mfnp", ADJECTIVE_TABLE[declension][case].split(", "), strict=True):
        words = row.split()
        stem = "kalt" if declension == "strong" else "neu"
        assert german.adjective(stem, declension, gender, case) == words[-2]
        if declension == "weak":
            assert german.definite(gender, case) == words[0]
        if declension == "mixed":
            assert german.ein_word("kein", gender, case) == words[0]
        noun = next(
            n for n in CORE.by_lemma.values() if words[-1] in (n.german, n.german_plural, n.german_plural + "n")
        )
        assert german.noun(noun.german, noun.german_plural, gender == "p", case) == words[-1]


def test_adjective_stems_that_lose_their_e() -> None:
    assert german.adjective("teuer", "weak", "f", "nominative") == "teure"
    assert german.adjective("dunkel", "mixed", "n", "accusative") == "dunkles"
    assert german.adjective("sauber", "weak", "m", "nominative") == "saubere"
    assert german.adjective("neuer", "mixed", "m", "accusative") == "neueren"
    assert german.adjective("teurer", "mixed", "m", "accusative") == "teureren"


def test_determiners_like_dieser_and_ein() -> None:
    assert [german.this_word("dies", g, "nominative") for g in "mfnp"] == [
        "dieser",
        "diese",
        "dieses",
        "diese",
    ]
    assert [german.this_word("welch", g, "dative") for g in "mfnp"] == [
        "welchem",
        "welcher",
        "welchem",
        "welchen",
    ]
    assert [german.ein_word("unser", g, "accusative") for g in "mfnp"] == [
        "unseren",
        "unsere",
        "unser",
        "unsere",
    ]
    assert [german.relative(g, "dative") for g in "mfnp"] == ["dem", "der", "dem", "denen"]


@pytest.mark.parametrize(
    ("lemma", "plural", "dative_plural"),
    [
        ("man", "Männer", "Männern"),
        ("woman", "Frauen", "Frauen"),
        ("child", "Kinder", "Kindern"),
        ("car", "Autos", "Autos"),
        ("apple", "Äpfel", "Äpfeln"),
        ("key", "Schlüssel", "Schlüsseln"),
        ("friend", "Freunde", "Freunden"),
        ("mouse", "Mäuse", "Mäusen"),
        ("city", "Städte", "Städten"),
        ("foot", "Füße", "Füßen"),
        ("window", "Fenster", "Fenstern"),
        ("museum", "Museen", "Museen"),
        ("hotel", "Hotels", "Hotels"),
        ("house", "Häuser", "Häusern"),
        ("knife", "Messer", "Messern"),
    ],
)
def test_plurals(lemma: str, plural: str, dative_plural: str) -> None:
    noun = CORE.by_lemma[lemma]
    assert german.noun(noun.german, noun.german_plural, True, "accusative") == plural
    assert german.noun(noun.german, noun.german_plural, True, "dative") == dative_plural


@pytest.mark.parametrize(
    ("lemma", "form"),
    [
        ("boy", "Jungen"),
        ("neighbour", "Nachbarn"),
        ("colleague", "Kollegen"),
        ("student", "Studenten"),
        ("bear", "Bären"),
    ],
)
def test_weak_nouns_change_in_all_but_the_nominative(lemma: str, form: str) -> None:
    noun = CORE.by_lemma[lemma]
    weak = "weak" in noun.classes
    forms = [german.noun(noun.german, noun.german_plural, False, case, weak) for case in german.CASES]
    assert forms == [noun.german, form, form]


@pytest.mark.parametrize(
    ("lemma", "forms"),
    [
        ("read", "lese liest liest lesen lest lesen"),
        ("eat", "esse isst isst essen esst essen"),
        ("sleep", "schlafe schläfst schläft schlafen schlaft schlafen"),
        ("work", "arbeite arbeitest arbeitet arbeiten arbeitet arbeiten"),
        ("open", "öffne öffnest öffnet öffnen öffnet öffnen"),
        ("dance", "tanze tanzt tanzt tanzen tanzt tanzen"),
        ("invite", "lade lädst lädt laden ladet laden"),
        ("find", "finde findest findet finden findet finden"),
        ("like", "mag magst mag mögen mögt mögen"),
        ("learn", "lerne lernst lernt lernen lernt lernen"),
        ("meet", "treffe triffst trifft treffen trefft treffen"),
        ("wash", "wasche wäschst wäscht waschen wascht waschen"),
        ("give", "gebe gibst gibt geben gebt geben"),
        ("travel", "reise reist reist reisen reist reisen"),
        ("live", "wohne wohnst wohnt wohnen wohnt wohnen"),
        ("take", "nehme nimmst nimmt nehmen nehmt nehmen"),
    ],
)
def test_the_present(lemma: str, forms: str) -> None:
    verb = next(verb for verb in CORE.verb_list if verb.lemma == lemma)
    assert [german.present(verb.german, person, verb.third) for person in german.PERSONS] == forms.split()


@pytest.mark.parametrize(
    ("infinitive", "third", "singular", "plural"),
    [
        ("lesen", "liest", "lies", "lest"),
        ("essen", "isst", "iss", "esst"),
        ("nehmen", "nimmt", "nimm", "nehmt"),
        ("vergessen", "vergisst", "vergiss", "vergesst"),
        ("waschen", "wäscht", "wasch", "wascht"),
        ("öffnen", "", "öffne", "öffnet"),
        ("schalten", "", "schalte", "schaltet"),
        ("kaufen", "", "kauf", "kauft"),
        ("putzen", "", "putz", "putzt"),
    ],
)
def test_imperatives(infinitive: str, third: str, singular: str, plural: str) -> None:
    assert german.imperative(infinitive, "2s", third) == singular
    assert german.imperative(infinitive, "2p", third) == plural


def test_modals_and_past_of_sein_and_haben() -> None:
    assert [german.present("können", p) for p in german.PERSONS] == [
        "kann",
        "kannst",
        "kann",
        "können",
        "könnt",
        "können",
    ]
    assert [german.present("dürfen", p) for p in german.PERSONS] == [
        "darf",
        "darfst",
        "darf",
        "dürfen",
        "dürft",
        "dürfen",
    ]
    assert [german.preterite("sein", p) for p in german.PERSONS] == [
        "war",
        "warst",
        "war",
        "waren",
        "wart",
        "waren",
    ]
    assert [german.preterite("haben", p) for p in german.PERSONS] == [
        "hatte",
        "hattest",
        "hatte",
        "hatten",
        "hattet",
        "hatten",
    ]


def test_contractions() -> None:
    written = ["am", "beim", "im", "ins", "vom", "zum", "zur"]
    pairs = [
        ("an", "dem"),
        ("bei", "dem"),
        ("in", "dem"),
        ("in", "das"),
        ("von", "dem"),
        ("zu", "dem"),
        ("zu", "der"),
    ]
    assert [german.contract(*pair) for pair in pairs] == [(word,) for word in written]
    assert german.contract("auf", "dem") == ("auf", "dem")
    assert german.contract("in", "den") == ("in", "den")


def test_zu_goes_into_a_separable_infinitive() -> None:
    assert german.zu_infinitive("auf", "räumen") == ("aufzuräumen",)
    assert german.zu_infinitive("", "lesen") == ("zu", "lesen")


@pytest.mark.parametrize(
    ("value", "german_text", "english_text"),
    [
        (7, "sieben", "seven"),
        (12, "zwölf", "twelve"),
        (16, "sechzehn", "sixteen"),
        (17, "siebzehn", "seventeen"),
        (20, "zwanzig", "twenty"),
        (21, "einundzwanzig", "twenty-one"),
        (30, "dreißig", "thirty"),
        (44, "vierundvierzig", "forty-four"),
        (76, "sechsundsiebzig", "seventy-six"),
        (99, "neunundneunzig", "ninety-nine"),
        (100, "hundert", "one hundred"),
        (112, "hundertzwölf", "one hundred and twelve"),
        (350, "dreihundertfünfzig", "three hundred and fifty"),
        (999, "neunhundertneunundneunzig", "nine hundred and ninety-nine"),
    ],
)
def test_numbers(value: int, german_text: str, english_text: str) -> None:
    assert (german.number(value), english.number(value)) == (german_text, english_text)


@pytest.mark.parametrize(
    ("value", "german_text", "english_text"),
    [
        (1, "ersten", "first"),
        (3, "dritten", "third"),
        (7, "siebten", "seventh"),
        (8, "achten", "eighth"),
        (12, "zwölften", "twelfth"),
        (16, "sechzehnten", "sixteenth"),
        (20, "zwanzigsten", "twentieth"),
        (22, "zweiundzwanzigsten", "twenty-second"),
        (31, "einunddreißigsten", "thirty-first"),
    ],
)
def test_ordinals(value: int, german_text: str, english_text: str) -> None:
    assert (german.ordinal(value), english.ordinal(value)) == (german_text, english_text)


@pytest.mark.parametrize(
    ("time", "german_text", "english_text"),
    [
        ((7, 30), "halb acht", "half past seven"),
        ((12, 30), "halb eins", "half past twelve"),
        ((1, 0), "ein Uhr", "one o'clock"),
        ((7, 15), "Viertel nach sieben", "a quarter past seven"),
        ((7, 45), "Viertel vor acht", "a quarter to eight"),
        ((12, 45), "Viertel vor eins", "a quarter to one"),
        ((1, 15), "Viertel nach eins", "a quarter past one"),
        ((3, 10), "zehn nach drei", "ten past three"),
        ((11, 40), "zwanzig vor zwölf", "twenty to twelve"),
    ],
)
def test_clock_times(time: tuple[int, int], german_text: str, english_text: str) -> None:
    assert (" ".join(german.clock(*time)), " ".join(english.clock(*time))) == (german_text, english_text)


def test_english_forms() -> None:
    verbs = ("go", "wash", "carry", "get up", "have")
    assert [english.third(verb) for verb in verbs] == ["goes", "washes", "carries", "gets up", "has"]
    assert [english.progressive(v) for v in ("lie", "swim", "write", "see")] == [
        "lying",
        "swimming",
        "writing",
        "seeing",
    ]
    assert [english.past(v) for v in ("bake", "cry", "play")] == ["baked", "cried", "played"]
    assert [english.article(w) for w in ("apple", "old", "book")] == ["an", "an", "a"]


@pytest.mark.parametrize(("lexicon", "lowest"), [(CORE, 400), (FULL, 600)], ids=["core", "full"])
def test_the_lexicon_is_large_and_every_english_word_of_a_class_has_one_german_word(
    lexicon: Lexicon, lowest: int
) -> None:
    assert len(lexicon.lemmas()) >= lowest
    assert len({a.lemma for a in lexicon.adjective_list}) == len(lexicon.adjective_list)
    germans = [noun.german for noun in lexicon.by_lemma.values()]
    assert len(set(germans)) == len(germans)
    for noun in lexicon.by_lemma.values():
        assert noun.german[0].isupper() and noun.gender in "mfn"
        assert bool(noun.german_plural) == bool(noun.plural)


def test_full_words_are_those_of_a_dictionary() -> None:
    """Every noun that ends in -ung, -heit, -keit, -ion or -ei is feminine, one in -chen neuter; every participle
    of a separable verb has its particle, and every n-noun a plural in -n.
    """
    for noun in FULL.by_lemma.values():
        if noun.german.endswith(("ung", "heit", "keit", "tion", "erei")):
            assert noun.gender == "f", noun.german
        if noun.german.endswith("chen") and noun.lemma not in ("cake", "kite"):
            assert noun.gender == "n", noun.german
        if "weak" in noun.classes:
            assert noun.gender == "m" and noun.german_plural.endswith("n"), noun.german
    for verb in FULL.verb_list:
        assert verb.german_participle.startswith(verb.particle), verb.lemma
        assert verb.german.endswith("n"), verb.lemma


@pytest.mark.parametrize(
    ("lemma", "comparative", "superlative", "english_superlative"),
    [
        ("old", "älter", "ältest", "oldest"),
        ("big", "größer", "größt", "biggest"),
        ("good", "besser", "best", "best"),
        ("expensive", "teurer", "teuerst", "most expensive"),
        ("dark", "dunkler", "dunkelst", "darkest"),
        ("short", "kürzer", "kürzest", "shortest"),
        ("new", "neuer", "neuest", "newest"),
        ("exciting", "spannender", "spannendst", "most exciting"),
        ("wild", "wilder", "wildest", "wildest"),
        ("ugly", "hässlicher", "hässlichst", "ugliest"),
        ("sweet", "süßer", "süßest", "sweetest"),
        ("lazy", "fauler", "faulst", "laziest"),
    ],
)
def test_degrees_of_adjectives(lemma: str, comparative: str, superlative: str, english_superlative: str) -> None:
    adjective = next(a for a in FULL.adjective_list if a.lemma == lemma)
    assert german_degree(adjective, "comparative") == comparative
    assert german_degree(adjective, "superlative") == superlative
    assert " ".join(english_degree(adjective, "superlative")) == english_superlative
