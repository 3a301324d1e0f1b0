"""Templates of fixed expressions: both languages at once, with open places and with links.

A template is a pair of texts; "word~n" gives a word the meaning n, "{x}" is an open place; the English text has
the brackets of its tree, "(NP good/JJ morning/NN)".
"""

from dragoman.data.phrasebook_clauses import tagged
from dragoman.data.phrasebook_frames import Sides
from dragoman.data.phrasebook_phrases import Draft, Phrase
from dragoman.data.phrasebook_words import Word, Words, bracketed


def template(draft: Draft, english_text: str, german_text: str, /, **places: Sides) -> Sides:
    """Fill the open places of a template; its meanings become new ones of this draft."""
    base = draft.meanings
    draft.meanings += 10

    def side(text: str, index: int) -> Words:
        words: Words = []
        for word in bracketed(text):
            if word.text[0] == "{":
                words += _around(places[word.text[1:-1]][index], word)
            else:
                words.append(
                    Word(
                        word.text,
                        tuple([base + meaning for meaning in word.meanings]),
                        word.tag,
                        word.opens,
                        word.closes,
                    )
                )
        return words

    return side(english_text, 0), side(german_text, 1)


def _around(words: Words, place: Word) -> Words:
    """The words that fill a place, with the brackets that stand around it."""
    if not (place.opens or place.closes):
        return words
    first = words[0]._replace(opens=(*place.opens, *words[0].opens))
    filled = [first, *words[1:]]
    return [*filled[:-1], filled[-1]._replace(closes=filled[-1].closes + place.closes)]


def spoken(phrase: Phrase, case: str) -> Sides:
    """A phrase in both languages."""
    return phrase.english(case), phrase.german(case)


def lemma(draft: Draft, text: str, german_text: str, tag: str = "") -> Sides:
    """A word that translates another, with its part of speech."""
    meaning = draft.meaning()
    return [Word(text, (meaning,), tag)], tagged(german_text, meaning)
