"""Templates of fixed expressions: both languages at once, with open places and with links.

A template is a pair of texts; "word~n" gives a word the meaning n, "{x}" is an open place.
"""

from functools import cache

from dragoman.data.phrasebook_clauses import tagged
from dragoman.data.phrasebook_frames import Sides
from dragoman.data.phrasebook_phrases import Draft, Phrase, Words


@cache
def _parsed(text: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    words = []
    for item in text.split():
        word, _, meanings = item.partition("~")
        words.append((word, tuple(int(meaning) for meaning in meanings.split(",") if meaning)))
    return tuple(words)


def template(draft: Draft, english_text: str, german_text: str, /, **places: Sides) -> Sides:
    """Fill the open places of a template; its meanings become new ones of this draft."""
    base = draft.meanings
    draft.meanings += 10

    def side(text: str, index: int) -> Words:
        words: Words = []
        for word, meanings in _parsed(text):
            if word[0] == "{":
                words += places[word[1:-1]][index]
            else:
                words.append((word, tuple(base + meaning for meaning in meanings)))
        return words

    return side(english_text, 0), side(german_text, 1)


def spoken(phrase: Phrase, case: str) -> Sides:
    """A phrase in both languages."""
    return phrase.english(case), phrase.german(case)


def lemma(draft: Draft, text: str, german_text: str) -> Sides:
    """Words that translate each other as a whole."""
    tag = draft.meaning()
    return tagged(text, tag), tagged(german_text, tag)
