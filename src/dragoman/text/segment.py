"""A text in segments that join to it exactly: sentences, white space between them, and parts of what is too long.

`split` asks the library sentencex where sentences end; `cut` takes a sentence that is longer than a model can read
apart, at clause marks, else at blanks, else between characters. Both only ever choose places in the text, so
nothing can be lost, whatever they are given.

    "  Good day.  How are you? "   →   "  " | "Good day." | "  " | "How are you?" | " "
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from sentencex import segment as sentences  # type: ignore[import-untyped]

from dragoman.text.tokenizer import Encoding

DEFAULT_LANGUAGE = "en"  # whose rules are taken where no language is known; sentencex does so for unknown codes too

# Where a part ends: a sentence, or within one at a clause mark, at a blank, or between two characters.
End = Literal["sentence", "clause", "blank", "character"]

# A position behind a clause mark. Those of Latin script want a blank behind them: no cut in 1,000 or 3:30.
_CLAUSE = re.compile(r"(?<=[;:,،؛])(?=\s)|(?<=\s[-–—])(?=\s)|(?<=[—；：，、])")
_BLANK = re.compile(r"\s+")

_ZWJ = "\u200d"
_REGIONAL = range(0x1F1E6, 0x1F200)  # two of them are a flag
_MODIFIERS = range(0x1F3FB, 0x1F400)  # colours of skin
_TAGS = range(0xE0020, 0xE0080)  # behind a black flag: those of regions
_JAMO_ENDS = range(0x1160, 0x1200)  # Korean vowels and finals, when spelled apart
_VIRAMA = 9  # the combining class of the sign that joins two consonants of Indic scripts
_THAI_VOWELS = "\u0e33\u0eb3"  # spacing, and yet part of the letter before (UAX 29, table 2)
LONGEST_FLAGS = 100  # letters of flags that stand in a row are counted from no further back


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text, `text[start:end]`; `kind` "blank" is white space, which nobody translates."""

    start: int
    end: int
    kind: Literal["text", "blank"]
    ends_at: End = "sentence"


def split(text: str, language: str | None = None) -> tuple[Segment, ...]:
    """Return the sentences of a text, and the white space around them as segments of their own.

    The spans join to the text. `language` is a code such as "de" or "de-AT"; none, or one that sentencex does not
    know, means its rules for English. The text is valid Unicode. No sentence ends inside a character.
    """
    code = (language or DEFAULT_LANGUAGE).replace("_", "-").partition("-")[0].lower()
    return _spans(text, _places(text, sentences(code, text)))


def cut(text: str, encode: Callable[[str], Encoding], size: int) -> Iterator[Segment]:
    """Yield parts of a sentence, each of at most `size` pieces as `encode` counts them, and the blanks between.

    A part ends behind the last clause mark that is within `size` pieces, or else at the last blank, or else behind
    the last whole character (grapheme), or else, where one such is too long, behind a code point of it. Only a
    window of the text is looked at for each part, so the work grows with its length alone. One code point is always
    taken, even if it has more than `size` pieces.
    """
    start = 0
    while start < len(text):
        blank = _BLANK.match(text, start)
        if blank:
            yield Segment(start, blank.end(), "blank")
            start = blank.end()
            continue
        end, ends_at = _part_end(text, start, encode, size)
        yield Segment(start, end, "text", ends_at)
        start = end


def tears(text: str, place: int) -> bool:
    """Whether a cut before `text[place]` would tear what people see as one character (UAX 29, made coarser)."""
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    point = ord(after)
    if after in (_ZWJ, "\u200c") or before == _ZWJ or after in _THAI_VOWELS or (before, after) == ("\r", "\n"):
        return True
    if unicodedata.category(after).startswith("M") or point in _MODIFIERS or point in _TAGS:
        return True
    if unicodedata.combining(before) == _VIRAMA and unicodedata.category(after) == "Lo":
        return True  # consonants that are written as one
    if point in _JAMO_ENDS or 0xD7B0 <= point < 0xD800:
        return True
    if 0x1100 <= ord(before) < 0x1160 and (0x1100 <= point < 0x1160 or 0xAC00 <= point < 0xD7A4):
        return True
    if unicodedata.category(before) == "Cf" and 0x600 <= ord(before) <= 0x8E2:
        return True  # Arabic number signs stand before what they belong to
    return point in _REGIONAL and _flags_before(text, place) % 2 == 1


def _places(text: str, found: Iterable[str]) -> list[int]:
    """Return where sentences end, of what a splitter answered; places that cannot be are left out."""
    places, end = [], 0
    for sentence in found:
        if not text.startswith(sentence, end):
            return []  # it did not keep the text, so its places mean nothing: one sentence
        end += len(sentence)
        if sentence and not tears(text, end):
            places.append(end)
    return places


def _spans(text: str, places: Iterable[int]) -> tuple[Segment, ...]:
    """Turn ends of sentences into segments that cover the text, white space apart."""
    spans: list[Segment] = []
    for begin, end in pairwise([0, *(place for place in places if place < len(text)), len(text)]):
        whole = text[begin:end]
        left = begin + len(whole) - len(whole.lstrip())
        right = begin + len(whole.rstrip())
        if left >= right:
            left = right = end
        for start, stop, blank in ((begin, left, True), (left, right, False), (right, end, True)):
            if start < stop and blank and spans and spans[-1].kind == "blank":
                spans[-1] = Segment(spans[-1].start, stop, "blank")
            elif start < stop:
                spans.append(Segment(start, stop, "blank" if blank else "text"))
    return tuple(spans)


def _part_end(text: str, start: int, encode: Callable[[str], Encoding], size: int) -> tuple[int, End]:
    """Return where the part that begins at `start` ends, and at what."""
    width = size + 1
    offsets = encode(text[start : start + width]).offsets
    while len(offsets) <= size and start + width < len(text):
        width *= 2
        offsets = encode(text[start : start + width]).offsets
    window = text[start : start + width]
    if len(offsets) <= size:
        return start + len(window.rstrip()), "sentence"
    allowed = size
    while True:
        furthest = offsets[min(allowed, len(offsets)) - 1][1] if allowed else 0
        if allowed < len(offsets) and offsets[allowed][0] < furthest:
            furthest = offsets[allowed][0]  # the bytes of one character stay together
        end, ends_at = _best_end(window, max(1, furthest))
        # A part is counted as it will be read: a cut can leave a word's beginning in more pieces.
        if end == 1 or len(encode(window[:end]).ids) <= size:
            return start + end, ends_at
        allowed //= 2


def _best_end(window: str, furthest: int) -> tuple[int, End]:
    """Return the best place to end a part in `window[:furthest]`, at least 1; what it ends in is no blank."""
    head = window[: furthest + 1]  # one more, for a blank may stand right behind
    clauses = [found.start() for found in _CLAUSE.finditer(head) if 0 < found.start() <= furthest]
    if clauses and not tears(window, clauses[-1]):
        return clauses[-1], "clause"
    blanks = [found.start() for found in _BLANK.finditer(head) if 0 < found.start() <= furthest]
    if blanks:
        return blanks[-1], "blank"
    for place in range(furthest, 0, -1):
        if not tears(window, place):
            return place, "character"
    return furthest, "character"


def _flags_before(text: str, place: int) -> int:
    """Return how many regional letters stand right before a place."""
    count = 0
    while count < min(place, LONGEST_FLAGS) and ord(text[place - 1 - count]) in _REGIONAL:
        count += 1
    return count
