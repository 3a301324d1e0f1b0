"""Numbers that disagree: "1945" here and "1954" there, with every way of writing the same number allowed."""

import re
from dataclasses import dataclass

import numpy as np

from dragoman.data.block import Block
from dragoman.data.filters import Found
from dragoman.data.letters import DIGIT

_NUMBER = re.compile(r"\d+(?:[.,:'’ \u00a0\u202f]\d+)*")
_RUN = re.compile(r"\d+")
_GROUPED = re.compile(r"\d{1,3}([ .,'’\u00a0\u202f])\d{3}(?:\1\d{3})*")
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-4])[:.]([0-5]\d)(?!\d)")
_FRENCH_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-4]) ?[hH] ?([0-5]\d)(?!\d)")  # 14h30, 14 h 30
_DATE = re.compile(r"(?<![\d.])(\d{1,2})\. ?(\d{1,2})\.(\d{4}|\d{2})?(?!\d)")  # 27.2., 7.12.1941
_FULL_HOUR = re.compile(r"(?<!\d)(1[3-9]|2[0-4]) ?(?:h\b|heures?\b|Uhr\b)")
_HUNDREDS = re.compile("hundert|hundred|cent|cien|sto")
_SMALL = 12  # numbers that are as often a word: one is also "a", two "both", twelve "noon"
_ROUND = 2  # significant digits of a number that may be written with "hundred" or "million"
# The beginnings of the words for numbers in some languages (en de fr es it pt nl sv pl cs).
_WORDS = re.compile(
    "hundred|thousand|million|billion|dozen|score|half|quarter|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    "|teen|hundert|tausend|milli|dutzend|zwanzig|dreißig|dreissig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig"
    "|zehn|halb|viertel|vingt|trente|quarante|cinquante|soixante|cent|mille|douzaine|demi|quinz|seiz|treiz|quatorz"
    "|dix|septante|huitante|octante|nonante"
    "|veint|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|mil|docena|media|diec|trece|catorce|quince"
    "|venti|trenta|quaranta|cinquanta|sessanta|settanta|ottanta|novanta|mezzo|vinte|trinta|cinquenta|oitenta|dúzia|meia"
    "|twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig|honderd|duizend|tjugo|trettio|fyrtio|femtio|tusen"
    "|dwadzie|trzydzie|czterdzie|dziesi|sto|tysi|dvacet|třicet|čtyřicet|padesát|šedesát|sedmdesát|osmdesát|devadesát"
    "|stovk|tisíc|midnight|mitternacht|noon|mittag|minuit|midi|elf|zwölf|eleven|twelve|past|nach|vor|century|jahrhundert"
    "|first|second|third|erst|zweit|dritt",
    re.IGNORECASE,
)
# The words for the smallest numbers, which count only together with others (en de fr es).
_SMALL_WORDS = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|ein|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun"
    r"|un|deux|trois|quatre|cinq|sept|huit|neuf|onze|douze|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez)\b",
    re.IGNORECASE,
)
_MANY_WORDS = 3  # that write a number of more digits: two hundred (and) fifteen
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # centuries, kings


@dataclass(frozen=True, slots=True)
class Numbers:
    """Pairs with a number on one side that the other has in no way of writing it."""

    name: str = "numbers"
    why: str = "Wrong numbers are learned as readily as right ones, and hurt most."

    def find(self, block: Block) -> Found:
        """Return the pairs whose numbers disagree."""
        digits = block.source.count(DIGIT) + block.target.count(DIGIT)
        found: Found = {}
        for index in np.flatnonzero(digits).tolist():
            words = disagreement(block.source.texts[index], block.target.texts[index])
            if words is not None:
                found[index] = words
        return found


def disagreement(source: str, target: str) -> str | None:
    """Return in words how the numbers of two texts disagree, or None where they can be the same."""
    runs = [[str(int(run)) for run in _RUN.findall(text)] for text in (source, target)]
    if sorted(runs[0]) == sorted(runs[1]):
        return None
    if "".join(_RUN.findall(source)) == "".join(_RUN.findall(target)):
        return None  # only the marks inside differ: 1,000 and 1.000 and 1000
    left, right = _unmatched(_values(source), _values(target))
    if not left and not right:
        return None
    if left and right:
        return f"{_listed(left)} only in source, {_listed(right)} only in target"
    rest, what, written, other = (left, "source", source, target) if left else (right, "target", target, source)
    missing = [value for value in rest if not _may_be_words(value, written, other)]
    return f"{_listed(missing)} only in {what}" if missing else None


def _values(text: str) -> list[str]:
    """Return each number of a text without the marks inside."""
    values = []
    plain = _DATE.sub(r"\1 . \2 . \3", _FRENCH_CLOCK.sub(r"\1:\2", text))
    for number in _NUMBER.findall(plain):
        if " " in number and not _GROUPED.fullmatch(number):
            values += _RUN.findall(number)  # numbers side by side
        else:
            values.append("".join(_RUN.findall(number)))
    return [str(int(value)) for value in values]


def _unmatched(left: list[str], right: list[str]) -> tuple[list[str], list[str]]:
    """Return the numbers of each side that nothing on the other side can be."""
    for alike in (_equal, _related):
        for value in list(left):
            match = next((other for other in right if alike(value, other)), None)
            if match is not None:
                left.remove(value)
                right.remove(match)
    return left, right


def _equal(one: str, other: str) -> bool:
    return one == other


def _related(one: str, other: str) -> bool:
    """Whether two numbers can mean the same: 3 pm and 15, '98 and 1998, 4.5 and 4.50, 1.5 million and 1,500,000."""
    if one.rstrip("0") == other.rstrip("0"):
        return True
    if {len(one), len(other)} == {2, 4} and (one.endswith(other) or other.endswith(one)):
        return True
    return _hour(one, other)


def _hour(one: str, other: str) -> bool:
    """Whether two numbers are the same time on clocks of 12 and of 24 hours, minutes included."""
    low, high = sorted((int(one), int(other)))
    if high <= 24:
        return low <= 12 and high - low == 12
    return 100 <= high < 2400 and (high - low == 1200 or abs(high - 100 * low) in (0, 1200))


def _may_be_words(value: str, written: str, other: str) -> bool:
    """Whether a number of the text `written` may be in the other as words; times of day often are."""
    if int(value) <= _SMALL or (3 <= len(value) <= 4 and value in _times(written)):
        return True
    if len(value) == 4 and _HUNDREDS.search(other):
        return True  # nineteen hundred and seventy
    words = len(_WORDS.findall(other))
    if words and (len(value.rstrip("0")) <= _ROUND or f"{value}s" in written):  # 1970s: in the seventies
        return True
    small = len(_SMALL_WORDS.findall(other))
    if len(value) <= 4 and words and words + small >= _MANY_WORDS:
        return True
    if len(value) <= 4 and words > 1 and any(len(_WORDS.findall(word)) > 1 for word in other.split()):
        return True  # zweitausendundzwölf
    if small and value in _FULL_HOUR.findall(written):  # 17 h: at five
        return True
    return re.search(rf"\b{_roman(int(value))}(?:\b|e\b|er\b|è?me\b)", other) is not None


def _times(text: str) -> list[str]:
    found = _CLOCK.findall(_FRENCH_CLOCK.sub(r"\1:\2", text))
    return [str(int(hours + minutes)) for hours, minutes in found]


def _roman(number: int) -> str:
    """Return a number up to 39 in Roman letters, and nothing that stands in a text for a larger one."""
    if number >= 40:
        return r"(?!)"
    letters = ""
    for value, letter in _ROMAN:
        letters += letter * (number // value)
        number %= value
    return letters


def _listed(values: list[str]) -> str:
    return ", ".join(values)
