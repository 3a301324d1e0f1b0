"""What each character is, as tables that NumPy can look a whole text up in: kind, script, folded form.

A table has an entry for each of the first 131,072 code points; `narrow` maps the rest onto letters of the
same kind (further ideographs, private use). Built on first use, in some hundredths of a second.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

SIZE = 0x20000
LETTER, DIGIT, BLANK, ODD, ALONE, MARKUP, LATIN_1 = 1, 2, 4, 8, 16, 32, 64  # kinds, as bits
NO_SCRIPT = 0

_PLANE_2, _PLANE_4 = 0x20000, 0x40000
_MARKUP = "{}%$<&@/"
_ALONE = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")  # written without blanks between words
_INVISIBLE = "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\ufffe\uffff\ufffd\u2028\u2029"
_SAME_SCRIPT = {"FULLWIDTH": "LATIN", "HALFWIDTH": "KATAKANA", "KATAKANA-HIRAGANA": "KATAKANA"}
_SHARED = ("MODIFIER", "FEMININE", "MASCULINE", "MICRO", "DOUBLE-STRUCK", "SCRIPT", "MATHEMATICAL", "BLACK-LETTER")


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """The tables, each of length `SIZE`."""

    kind: NDArray[np.uint8]  # bits
    script: NDArray[np.uint8]  # number in `scripts`, 0 where the character belongs to none
    fold: NDArray[np.uint32]  # the letter in lower case, 0 for what is no letter
    random: NDArray[np.uint64]  # an arbitrary number for each character
    scripts: tuple[str, ...]


@cache
def letters() -> Letters:
    """Return the tables."""
    kind = np.zeros(SIZE, np.uint8)
    script = np.zeros(SIZE, np.uint8)
    fold = np.zeros(SIZE, np.uint32)
    scripts = {"": NO_SCRIPT}
    for code in range(SIZE):
        character = chr(code)
        category = unicodedata.category(character)
        if category[0] in "LM":
            kind[code] = LETTER
            lower = character.lower()
            fold[code] = ord(lower) if len(lower) == 1 else code
            if category[0] == "L":
                name = unicodedata.name(character, "").partition(" ")[0]
                name = _SAME_SCRIPT.get(name, name)
                if name and name not in _SHARED:
                    script[code] = scripts.setdefault(name, len(scripts)) if len(scripts) < 255 else NO_SCRIPT
                    kind[code] |= ALONE if name in _ALONE else 0
        elif category == "Nd":
            kind[code] = DIGIT
        elif character.isspace() and category != "Cc":
            kind[code] = BLANK
        if category in ("Cc", "Co", "Cn", "Cs") or character in _INVISIBLE:
            kind[code] |= ODD
    fold[ord("ß")] = fold[ord("ẞ")] = ord("s")  # with double letters taken once, as "ss" in capitals
    kind[[ord("\t"), ord("\n")]] = BLANK
    kind[[ord(character) for character in _MARKUP]] |= MARKUP
    kind[0xC2:0xF5] |= LATIN_1  # what the first byte of a UTF-8 letter looks like when it is read as Latin-1
    return Letters(kind, script, fold, _random(np.arange(SIZE, dtype=np.uint64)), tuple(scripts))


def narrow(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return code points that all lie inside the tables."""
    if not len(codes) or codes.max() < SIZE:
        return codes
    within = np.where((codes >= _PLANE_2) & (codes < _PLANE_4), 0x4E00 + codes % 0x5000, codes)
    return np.where(within >= SIZE, 0xE000 + codes % 0x1000, within).astype(np.uint32)


def _random(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers well mixed (splitmix64, Steele et al. 2014)."""
    mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


mix = _random
