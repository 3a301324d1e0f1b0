"""Texts in CAPITALS, which a tokenizer learned on ordinary text tears into letters, as small ones and back.

`options.DecodeOptions.capitals` says where this is done: the model reads small letters, and its answer is written
in CAPITALS again. `web/src/model/casing.ts` does the same.
"""

from itertools import pairwise

FEWEST = 5  # capitals, so that USA and NATO stay what they are


def in_capitals(text: str) -> bool:
    """Tell whether a text has no small letter, at least five capitals, and two of them in a row: no U.S.A."""
    if not text.isupper():
        return False
    capitals = [letter.isupper() for letter in text]
    return sum(capitals) >= FEWEST and any(one and other for one, other in pairwise(capitals))


def lowered(text: str) -> str:
    """Return a text in small letters, of the same length: a letter that would become two (İ) stays."""
    small = text.lower()
    if len(small) == len(text) and "Σ" not in text:  # a sigma at the end of a word would become another
        return small
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
