"""The weather: impersonal clauses, verb second or last, linked word by word."""

from dragoman.data.phrasebook_frames import Sides
from dragoman.data.phrasebook_phrases import Draft
from dragoman.data.phrasebook_words import Word, Words, bracketed

_WEATHER = {
    "it is raining": "es regnet",
    "it is snowing": "es schneit",
    "it is cold": "es ist kalt",
    "it is warm": "es ist warm",
    "it is very hot": "es ist sehr heiß",
    "the sun is shining": "die Sonne scheint",
    "the weather is nice": "das Wetter ist schön",
    "it is windy": "es ist windig",
}
_LAST = {
    "es regnet": "es regnet",
    "es schneit": "es schneit",
    "es ist kalt": "es kalt ist",
    "es ist warm": "es warm ist",
    "es ist sehr heiß": "es sehr heiß ist",
    "die Sonne scheint": "die Sonne scheint",
    "das Wetter ist schön": "das Wetter schön ist",
    "es ist windig": "es windig ist",
}
_WEATHER_LINKS = {
    "it": "es",
    "is": "ist",
    "raining": "regnet",
    "snowing": "schneit",
    "cold": "kalt",
    "warm": "warm",
    "very": "sehr",
    "hot": "heiß",
    "the": "die das",
    "sun": "Sonne",
    "shining": "scheint",
    "weather": "Wetter",
    "nice": "schön",
    "windy": "windig",
}


_TREES = {
    "it is raining": "(S (NP it) (VP is (VP raining/VBG)))",
    "it is snowing": "(S (NP it) (VP is (VP snowing/VBG)))",
    "it is cold": "(S (NP it) (VP is (ADJP cold/JJ)))",
    "it is warm": "(S (NP it) (VP is (ADJP warm/JJ)))",
    "it is very hot": "(S (NP it) (VP is (ADJP very hot/JJ)))",
    "the sun is shining": "(S (NP the sun/NN) (VP is (VP shining/VBG)))",
    "the weather is nice": "(S (NP the weather/NN) (VP is (ADJP nice/JJ)))",
    "it is windy": "(S (NP it) (VP is (ADJP windy/JJ)))",
}

_FINE = ("it is warm", "the sun is shining", "the weather is nice")
_FOUL = ("it is raining", "it is snowing", "it is cold", "it is very hot", "it is windy")


def weather(draft: Draft, last: bool, good: bool | None = None) -> Sides:
    """It is raining: impersonal, so both sides begin with the same little words."""
    text = draft.choose(_FINE + _FOUL if good is None else _FINE if good else _FOUL)
    said = _WEATHER[text]
    draft.use(text, "weather")
    words, german_words = bracketed(_TREES[text]), (_LAST[said] if last else said).split()
    tags = [draft.meaning() for _ in german_words]
    english_side: Words = []
    verb = next(
        (tag for word, tag in zip(german_words, tags, strict=True) if word in ("regnet", "schneit", "scheint")),
        0,
    )
    for word in words:
        matches = [
            tag for other, tag in zip(german_words, tags, strict=True) if other in _WEATHER_LINKS[word.text].split()
        ]
        if not matches and verb:
            matches = [verb]
        english_side.append(Word(word.text, tuple(matches), word.tag, word.opens, word.closes))
    return english_side, [Word(word, (tag,)) for word, tag in zip(german_words, tags, strict=True)]
