"""Characters that a text should not have: invisible ones, letters lost in conversion, mojibake, entities left over."""

import html
import re
from dataclasses import dataclass

import numpy as np

from dragoman.data.block import Block, Side
from dragoman.data.filters import SIDES, Found
from dragoman.data.letters import LATIN_1, LETTER, MARKUP, ODD

_LOST = re.compile(r"(?<=[^\W\d_])\?+(?=[^\W\d_])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_HIGH = bytes(range(0x80, 0xC0)).decode("cp1252", "ignore")
_NEXT = "[" + re.escape(_HIGH) + "\u0080-\u00bf]"
_MOJIBAKE = re.compile(f"(?:[Â-ß]{_NEXT}|[à-ï]{_NEXT}{{2}}|[ð-ô]{_NEXT}{{3}})+")
_BYTES = {bytes([value]).decode("cp1252"): value for value in range(256) if bytes([value]).decode("cp1252", "ignore")}
_ROUNDS = 3  # text that was converted wrongly again and again


@dataclass(frozen=True, slots=True)
class Characters:
    """Control characters, invisible ones, private use, U+FFFD, and letters replaced by question marks."""

    name: str = "characters"
    why: str = "Characters that nobody sees or that replaced a lost letter become pieces of their own."

    def find(self, block: Block) -> Found:
        """Return the pairs with an odd character."""
        found: Found = {}
        for side, what in zip(block.sides, SIDES, strict=True):
            for index in np.flatnonzero(side.count(ODD)).tolist():
                text = side.texts[index]
                start = int(side.starts[index])
                place = int(np.flatnonzero(side.kinds[start : start + len(text)] & ODD)[0])
                found.setdefault(index, f"{what} has {_named(text[place])} at character {place + 1}")
            for index in _with_inner_question_marks(side):
                text = side.texts[index]
                lost = _LOST.search(text)
                if lost and "://" not in text and "www." not in text:
                    around = text[max(0, lost.start() - 8) : lost.end() + 8]
                    found.setdefault(index, f"{what} has a question mark inside a word: {around}")
        return found


def _with_inner_question_marks(side: Side) -> list[int]:
    marks = side.codes == ord("?")
    letter = (side.kinds & LETTER) != 0
    inner = np.zeros(len(marks), bool)
    inner[1:-1] = marks[1:-1] & letter[:-2] & (letter[2:] | marks[2:])
    return [int(index) for index in np.flatnonzero(side.sums(inner))] if inner.any() else []


def _named(character: str) -> str:
    names = {"\u00ad": "a soft hyphen", "\u200b": "a zero-width space", "\ufeff": "a byte order mark"}
    names |= {"\ufffd": "a replacement character", "\r": "a carriage return", "\0": "a NUL"}
    code = f"U+{ord(character):04X}"
    if character in names:
        return f"{names[character]} ({code})"
    kind = "a private-use character" if 0xE000 <= ord(character) <= 0xF8FF else "a control or invisible character"
    return f"{kind} ({code})"


@dataclass(frozen=True, slots=True)
class Mojibake:
    """UTF-8 that was read as Latin-1 or Windows-1252 ("Ã¼" for "ü"), once or more."""

    name: str = "mojibake"
    why: str = "Letters shown as two or three wrong ones: another spelling of every word with an accent."

    def find(self, block: Block) -> Found:
        """Return the pairs with mojibake, and the text as it should be."""
        found: Found = {}
        for side, what in zip(block.sides, SIDES, strict=True):
            follow = np.zeros(len(side.codes), bool)
            follow[:-1] = (side.codes[1:] >= 0x80) & ((side.kinds[:-1] & LATIN_1) != 0)
            if not follow.any():
                continue
            for index in np.flatnonzero(side.sums(follow)).tolist():
                text = side.texts[index]
                better = repaired(text)
                if better != text:
                    found.setdefault(index, f"{what} should read: {better}")
        return found


def repaired(text: str) -> str:
    """Return a text with its mojibake undone; the text itself where there is none."""
    for _ in range(_ROUNDS):
        better = _MOJIBAKE.sub(_undo, text)
        if better == text:
            break
        text = better
    return text


def _undo(match: re.Match[str]) -> str:
    wrong = match[0]
    try:
        right = bytes(_BYTES.get(character, ord(character)) for character in wrong).decode()
    except UnicodeDecodeError:  # an accident: letters that happen to look alike
        return wrong
    return right if len(right) > 2 or all(_likely(letter) for letter in right) else wrong


def _likely(letter: str) -> bool:
    """Whether a letter is likely in itself; "É»" is French, and not a letter of the phonetic alphabet."""
    code = ord(letter)
    return 0x80 <= code <= 0x17F or 0x218 <= code <= 0x21B or 0x2010 <= code <= 0x2044 or code in (0x20AC, 0x2122)


@dataclass(frozen=True, slots=True)
class Entities:
    """HTML entities that were left in a text: "&amp;quot;", "&amp;#39;"."""

    name: str = "entities"
    why: str = "An entity is a mark spelt in letters; the model would learn to write it."

    def find(self, block: Block) -> Found:
        """Return the pairs with an entity."""
        found: Found = {}
        for side, what in zip(block.sides, SIDES, strict=True):
            for index in np.flatnonzero(side.count(MARKUP)).tolist():
                text = side.texts[index]
                if "&" not in text or ";" not in text:
                    continue
                for entity in _ENTITY.findall(text):
                    if html.unescape(entity) != entity:
                        found.setdefault(index, f"{what} has {entity}, which is {html.unescape(entity)!r}")
                        break
        return found
