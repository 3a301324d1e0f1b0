"""Write src/model/unicode.ts: what the `tokenizers` library takes for a letter, a number, a mark.

Browsers know different versions of Unicode, and the library knows two. Its own answer for every code point is asked
for here, so that the page cuts a text as Python does.

    python web/write_unicode.py > web/src/model/unicode.ts
"""

from collections.abc import Iterator, Sequence

from tokenizers import NormalizedString, Regex, normalizers, pre_tokenizers

POINTS = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
WIDTH = 118

HEAD = """/**
 * What the `tokenizers` library takes for a letter, a number, a mark: written by `web/write_unicode.py`, not by hand.
 *
 * A class of characters is a list of borders: it begins at the first, ends before the second, begins again at the
 * third and so on. It is written as differences, to the base of 36.
 */

/** Whether a code point belongs to a class. */
export function isIn(borders: Int32Array, point: number): boolean {
  let low = 0;
  let high = borders.length; // the borders up to `low` are not above the point, those from `high` on are
  while (low < high) {
    const middle = (low + high) >> 1;
    if (borders[middle] <= point) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}

function borders(differences: string): Int32Array {
  let sum = 0;
  return Int32Array.from(differences.trim().split(/\\s+/), (difference) => (sum += parseInt(difference, 36)));
}
"""


def matched(pattern: str) -> set[int]:
    """Return the code points that a class of the library's regular expressions has."""
    found: set[int] = set()
    for start in range(0, len(POINTS), 10_000):
        text = NormalizedString("".join(map(chr, POINTS[start : start + 10_000])))
        text.replace(Regex(f"[^{pattern}]+"), "")
        found.update(map(ord, text.normalized))
    return found


def bert() -> tuple[set[int], set[int], set[int]]:
    """Return the code points that BERT drops, those that it sets apart as Chinese, and its punctuation."""
    cleaner = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=False
    )
    cutter = pre_tokenizers.BertPreTokenizer()
    dropped, chinese, marks = set(), set(), set()
    for point in POINTS:
        cleaned = cleaner.normalize_str(f"a{chr(point)}a")
        if cleaned == "aa":
            dropped.add(point)
        elif cleaned == f"a {chr(point)} a" and point != ord(" "):
            chinese.add(point)
        elif len(cutter.pre_tokenize_str(cleaned)) == 3:
            marks.add(point)
    return dropped, chinese, marks


def borders(points: set[int]) -> Iterator[int]:
    """Yield where a class begins and ends."""
    for point in range(0x110001):
        if (point in points) != (point - 1 in points):
            yield point


def base36(number: int) -> str:
    """Return a number in digits and small letters."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (base36(number // 36) if number >= 36 else "") + digits[number % 36]


def table(name: str, what: str, points: set[int]) -> str:
    """Return the declaration of a class."""
    places = list(borders(points))
    words = [base36(place - before) for before, place in zip([0, *places], places, strict=False)]
    return f"\n/** {what} */\nexport const {name} = borders(`\n{wrapped(words)}\n`);\n"


def wrapped(words: Sequence[str]) -> str:
    """Return words in lines of bounded width."""
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) >= WIDTH:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else f"  {word}"
    return "\n".join(lines)


def written() -> str:
    """Return the whole file."""
    dropped, chinese, marks = bert()
    tables = [
        ("LETTERS", r"Letters: \p{L} of the library's regular expressions.", matched(r"\p{L}")),
        ("NUMBERS", r"Numbers: \p{N}.", matched(r"\p{N}")),
        ("MARKS", r"Combining marks: \p{M}.", matched(r"\p{M}")),
        ("SIGNS", r"Punctuation and symbols: \p{P} and \p{S}.", matched(r"\p{P}\p{S}")),
        ("WHITE_SPACE", r"White space: \s.", matched(r"\s")),
        ("BERT_DROPPED", "What BERT's cleaning takes out of a text.", dropped),
        ("BERT_MARKS", "What BERT's cutting takes for punctuation, by an older Unicode.", marks),
        ("CHINESE", "What BERT puts blanks around.", chinese),
    ]
    return HEAD + "".join(table(name, what, points) for name, what, points in tables)


if __name__ == "__main__":
    print(written(), end="")
