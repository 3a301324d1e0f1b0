"""What of a text is looked at when a vocabulary is learned: its letters, its words, and where no piece goes on.

A word and the punctuation beside it are never joined, or "house" and "house." would be learned as two words (and
a text that spells "</s>" would make a piece that is taken for the special).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from dragoman.text.spelling import BARRED, BLANK, cut

# An apostrophe may begin a piece with the letters after it: "'s".
APOSTROPHES = "'\u2019"

_CHUNK = 10_000  # lines joined at once
_Lines = Mapping[str, int]


def letters_by_frequency(lines: _Lines, in_front: str = BLANK) -> list[str]:
    """Return the letters of texts with `in_front` before each, the most frequent first, among equals by code point.

    The blank is first, however rare: where it stands in front of every text, its piece stays.
    """
    frequency: Counter[str] = Counter()
    same: dict[int, list[str]] = {}  # lines that occur as often, to be counted as one text
    for line, count in lines.items():
        waiting = same.setdefault(count, [])
        waiting.append(in_front + line)
        if len(waiting) == _CHUNK:
            _count(waiting, count, frequency)
    for count, waiting in same.items():
        _count(waiting, count, frequency)
    frequency[BLANK] += frequency.pop(" ", 0)
    by_rank = sorted(frequency, key=lambda letter: (letter != BLANK, -frequency[letter], letter))
    return [letter for letter in by_rank if letter not in BARRED]


def _count(waiting: list[str], count: int, frequency: Counter[str]) -> None:
    for letter, times in Counter("".join(waiting)).items():
        frequency[letter] += count * times
    waiting.clear()


def is_mark(letter: str) -> bool:
    """Return whether it is punctuation or a symbol (Unicode categories P and S)."""
    return letter != BLANK and unicodedata.category(letter)[0] in "PS"


def border(barred: str, marks: str) -> re.Pattern[str]:
    """Return where a text is cut: at each barred letter, which is left out, and between a word and its marks."""
    borders = [f"[{re.escape(barred)}]"]
    if marks:
        closed = re.escape("".join(letter for letter in marks if letter not in APOSTROPHES))
        mark = re.escape(marks)
        borders.append(f"(?<=[^ {BLANK}{mark}])(?=[{mark}])")
        if closed:
            borders.append(f"(?<=[{closed}])(?=[^ {mark}])")
    return re.compile("|".join(borders))


def learnable(lines: _Lines, barred: str, marks: str) -> Iterator[str]:
    """Give the parts of the lines that pieces may be learned from, as often as they occur."""
    pattern = border(barred, marks)
    for line, count in lines.items():
        parts = [piece for part in cut(line) for piece in pattern.split(part) if piece]
        for _ in range(count):
            yield from parts


def words(lines: _Lines) -> Counter[str]:
    """Count the words of texts, each with the blank before it; a blank alone is one before another blank."""
    counts: Counter[str] = Counter()
    for line, count in lines.items():
        for part in cut(line):
            found = part.replace(" ", f" {BLANK}").split(" ")
            if count == 1:
                counts.update(found)
            else:
                for word in found:
                    counts[word] += count
    counts.pop("", None)
    return counts


def cut_words(counts: Mapping[str, int], cutter: Callable[[str], Sequence[str]]) -> Counter[str]:
    """Count the parts of words; each word is cut once."""
    parts: Counter[str] = Counter()
    for word, count in counts.items():
        for part in cutter(word):
            parts[part] += count
    parts.pop("", None)
    return parts
