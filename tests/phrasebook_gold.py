"""Gold pairs of the phrasebook, written by hand, and the small reader that builds them with the grammar."""

from random import Random

from dragoman.data import phrasebook_fixed as fixed
from dragoman.data import phrasebook_numbers as numbers
from dragoman.data.phrasebook_clauses import (
    Clause,
    Manner,
    Part,
    adverbial,
    assemble,
    noun_part,
    prepositional,
)
from dragoman.data.phrasebook_lexicon import CORE
from dragoman.data.phrasebook_phrases import PRONOUNS, Draft, Fixed, NounPhrase, Phrase, pronoun

_KEYS = {forms[0]: key for key, forms in PRONOUNS.items()} | {forms[1]: key for key, forms in PRONOUNS.items()}
_NAMES = {name.text: name for name in CORE.names}
_PREPOSITIONS = {
    "in": "in",
    "into": "in",
    "to": "zu",
    "on": "auf",
    "under": "unter",
    "behind": "hinter",
    "with": "mit",
    "without": "ohne",
    "for": "für",
    "next to": "neben",
    "in front of": "vor",
}


def phrase(draft: Draft, text: str) -> Phrase:
    """Read "the old man", "I", "Anna" or "dogs" as a phrase of the grammar."""
    if text in _KEYS:
        return pronoun(draft, _KEYS[text])
    if text in _NAMES:
        return Fixed(draft, "3s", _NAMES[text].gender, (text, text), (text, text, text), text)
    *before, head = text.split()
    singular = {noun.lemma: noun for noun in CORE.by_lemma.values()}
    many = head not in singular
    noun = singular[head] if not many else next(n for n in singular.values() if n.plural == head)
    adjective = next((a for a in CORE.adjective_list if before and a.lemma == before[-1]), None)
    determiner = (before[:1] if adjective is None or len(before) > 1 else []) or ["bare"]
    plain = {"an": "a", "these": "this", "no": "none"}.get(determiner[0], determiner[0])
    return NounPhrase(draft, noun, plain, many, adjective)


def part(draft: Draft, given: str) -> Part:
    """Read "accusative: the book", "dative in: the house" or "time: today = heute" as a part of a clause."""
    kind, _, text = given.partition(": ")
    if kind == "time":
        return adverbial(draft, *text.split(" = "))
    case, _, preposition = kind.partition(" ")
    if preposition:
        return prepositional(draft, preposition, _PREPOSITIONS[preposition], phrase(draft, text), case)
    return noun_part(phrase(draft, text), case)


def build(subject: str, verb: str, tense: str, *given: str, negated: bool = False) -> Clause:
    draft = Draft(Random(0))
    chosen = next(v for v in CORE.verb_list if v.lemma == verb)
    manner = Manner(tense, negated, draft.meaning() if negated else 0)
    return assemble(draft, phrase(draft, subject), chosen, manner, [part(draft, text) for text in given])


STATEMENTS = [
    (
        "The woman is reading a book.",
        "Die Frau liest ein Buch.",
        ("the woman", "read", "present", "accusative: a book"),
    ),
    (
        "The boy is reading the letter.",
        "Der Junge liest den Brief.",
        ("the boy", "read", "present", "accusative: the letter"),
    ),
    ("She knows the boy.", "Sie kennt den Jungen.", ("she", "know", "present", "accusative: the boy")),
    (
        "He is helping the old man.",
        "Er hilft dem alten Mann.",
        ("he", "help", "present", "dative: the old man"),
    ),
    (
        "We are helping the children.",
        "Wir helfen den Kindern.",
        ("we", "help", "present", "dative: the children"),
    ),
    (
        "I am visiting my neighbour.",
        "Ich besuche meinen Nachbarn.",
        ("I", "visit", "present", "accusative: my neighbour"),
    ),
    (
        "You are washing the dirty car.",
        "Du wäschst das schmutzige Auto.",
        ("you", "wash", "present", "accusative: the dirty car"),
    ),
    (
        "They are drinking cold water.",
        "Sie trinken kaltes Wasser.",
        ("they", "drink", "present", "accusative: cold water"),
    ),
    (
        "He is eating a fresh apple.",
        "Er isst einen frischen Apfel.",
        ("he", "eat", "present", "accusative: a fresh apple"),
    ),
    (
        "Anna needs an expensive camera.",
        "Anna braucht eine teure Kamera.",
        ("Anna", "need", "present", "accusative: an expensive camera"),
    ),
    (
        "My mother is calling him.",
        "Meine Mutter ruft ihn an.",
        ("my mother", "call", "present", "accusative: him"),
    ),
    (
        "She is turning on the lamp.",
        "Sie schaltet die Lampe ein.",
        ("she", "turn on", "present", "accusative: the lamp"),
    ),
    ("I am getting up.", "Ich stehe auf.", ("I", "get up", "present")),
    ("He has got up.", "Er ist aufgestanden.", ("he", "get up", "perfect")),
    ("He wants to get up.", "Er will aufstehen.", ("he", "get up", "want to")),
    (
        "We have read the newspaper.",
        "Wir haben die Zeitung gelesen.",
        ("we", "read", "perfect", "accusative: the newspaper"),
    ),
    (
        "They drove yesterday.",
        "Sie sind gestern gefahren.",
        ("they", "drive", "past", "time: yesterday = gestern"),
    ),
    (
        "She bought the red sweater yesterday.",
        "Sie hat gestern den roten Pullover gekauft.",
        ("she", "buy", "past", "accusative: the red sweater", "time: yesterday = gestern"),
    ),
    (
        "Peter will visit us tomorrow.",
        "Peter wird uns morgen besuchen.",
        ("Peter", "visit", "future", "accusative: us", "time: tomorrow = morgen"),
    ),
    (
        "You can understand the question.",
        "Du kannst die Frage verstehen.",
        ("you", "understand", "can", "accusative: the question"),
    ),
    ("The students have to learn.", "Die Studenten müssen lernen.", ("the students", "learn", "have to")),
    ("I would like to sleep.", "Ich möchte schlafen.", ("I", "sleep", "would like to")),
    ("The guest is allowed to wait.", "Der Gast darf warten.", ("the guest", "wait", "be allowed to")),
    ("We should help them.", "Wir sollten ihnen helfen.", ("we", "help", "should", "dative: them")),
    (
        "He is giving the child a ball.",
        "Er gibt dem Kind einen Ball.",
        ("he", "give", "present", "dative: the child", "accusative: a ball"),
    ),
    (
        "She has given me the key.",
        "Sie hat mir den Schlüssel gegeben.",
        ("she", "give", "perfect", "dative: me", "accusative: the key"),
    ),
    (
        "The child is sleeping in the garden.",
        "Das Kind schläft im Garten.",
        ("the child", "sleep", "present", "dative in: the garden"),
    ),
    (
        "The cat is running into the kitchen.",
        "Die Katze läuft in die Küche.",
        ("the cat", "run", "present", "accusative into: the kitchen"),
    ),
    (
        "The girl is going into the house.",
        "Das Mädchen geht ins Haus.",
        ("the girl", "go", "present", "accusative into: the house"),
    ),
    ("I am going to the station.", "Ich gehe zum Bahnhof.", ("I", "go", "present", "dative to: the station")),
    (
        "You are going to the school.",
        "Du gehst zur Schule.",
        ("you", "go", "present", "dative to: the school"),
    ),
    (
        "We are sitting on the chairs.",
        "Wir sitzen auf den Stühlen.",
        ("we", "sit", "present", "dative on: the chairs"),
    ),
    (
        "She is dancing with my brothers.",
        "Sie tanzt mit meinen Brüdern.",
        ("she", "dance", "present", "dative with: my brothers"),
    ),
    (
        "He is travelling without her.",
        "Er reist ohne sie.",
        ("he", "travel", "present", "accusative without: her"),
    ),
    (
        "I am laying the book on the table.",
        "Ich lege das Buch auf den Tisch.",
        ("I", "lay", "present", "accusative: the book", "accusative on: the table"),
    ),
    (
        "The cook is baking this cake for us.",
        "Der Koch backt diesen Kuchen für uns.",
        ("the cook", "bake", "present", "accusative: this cake", "accusative for: us"),
    ),
]
NEGATIONS = [
    ("He is not sleeping.", "Er schläft nicht.", ("he", "sleep", "present")),
    ("I do not know the man.", "Ich kenne den Mann nicht.", ("I", "know", "present", "accusative: the man")),
    (
        "She cannot find the key.",
        "Sie kann den Schlüssel nicht finden.",
        ("she", "find", "can", "accusative: the key"),
    ),
    (
        "We are not going into the church.",
        "Wir gehen nicht in die Kirche.",
        ("we", "go", "present", "accusative into: the church"),
    ),
    ("They do not have to work.", "Sie müssen nicht arbeiten.", ("they", "work", "have to")),
    ("Tom has not called me.", "Tom hat mich nicht angerufen.", ("Tom", "call", "perfect", "accusative: me")),
]
QUESTIONS = [
    ("Are you reading the book?", "Liest du das Buch?", ("you", "read", "present", "accusative: the book")),
    ("Does she like the film?", "Mag sie den Film?", ("she", "like", "present", "accusative: the film")),
    (
        "Did he help you yesterday?",
        "Hat er dir gestern geholfen?",
        ("he", "help", "past", "dative: you", "time: yesterday = gestern"),
    ),
    ("Has the train arrived?", "Ist der Zug angekommen?", ("the train", "arrive", "perfect")),
    ("Do you have to get up?", "Musst du aufstehen?", ("you", "get up", "have to")),
    (
        "Will the teacher open the windows?",
        "Wird der Lehrer die Fenster öffnen?",
        ("the teacher", "open", "future", "accusative: the windows"),
    ),
]
LAST = [
    ("she is getting up", "sie aufsteht", ("she", "get up", "present")),
    (
        "the boy has read the book",
        "der Junge das Buch gelesen hat",
        ("the boy", "read", "perfect", "accusative: the book"),
    ),
    (
        "we want to go into the city",
        "wir in die Stadt gehen wollen",
        ("we", "go", "want to", "accusative into: the city"),
    ),
    (
        "he is giving her the flowers",
        "er ihr die Blumen gibt",
        ("he", "give", "present", "dative: her", "accusative: the flowers"),
    ),
    (
        "you called me yesterday",
        "du mich gestern angerufen hast",
        ("you", "call", "past", "accusative: me", "time: yesterday = gestern"),
    ),
]
EXPRESSIONS = [
    (fixed.greeting, "Good morning.", "Guten Morgen."),
    (fixed.greeting, "How are you?", "Wie geht es dir?"),
    (fixed.greeting, "See you tomorrow.", "Bis morgen."),
    (fixed.greeting, "Happy birthday!", "Alles Gute zum Geburtstag!"),
    (fixed.introduction, "My name is Anna.", "Ich heiße Anna."),
    (fixed.forecast, "It is raining.", "Es regnet."),
    (fixed.forecast, "The sun is shining.", "Die Sonne scheint."),
    (numbers.clock, "It is half past seven.", "Es ist halb acht."),
    (numbers.clock, "It is a quarter to one.", "Es ist Viertel vor eins."),
    (numbers.clock, "What time is it?", "Wie spät ist es?"),
    (fixed.way, "How do I get to the station?", "Wie komme ich zum Bahnhof?"),
    (fixed.way, "Can you tell me where the museum is?", "Kannst du mir sagen, wo das Museum ist?"),
    (fixed.ailment, "My head hurts.", "Mein Kopf tut weh."),
    (fixed.ailment, "I am cold.", "Mir ist kalt."),
    (fixed.wish, "I would like a pizza, please.", "Ich möchte eine Pizza, bitte."),
    (numbers.appointment, "My birthday is on the third of May.", "Mein Geburtstag ist am dritten Mai."),
    (numbers.appointment, "Today is Monday.", "Heute ist Montag."),
]
