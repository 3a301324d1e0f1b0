"""A word of the phrasebook, and the constituents that words stand in.

The words of a sentence are a flat list in both languages; an English word also says which constituents
begin with it and how many end after it, so that lists can be joined and the brackets stay balanced. The
labels are those of the Penn Treebank; `tree` writes them on one line as Vinyals et al. 2015 do ("Grammar as
a Foreign Language", section 2): a closing bracket repeats its label.
"""

from functools import cache
from typing import NamedTuple


class Word(NamedTuple):
    """A word, its meanings, its part of speech ("": that of the closed class), and the brackets around it."""

    text: str
    meanings: tuple[int, ...] = ()
    tag: str = ""
    opens: tuple[str, ...] = ()
    closes: int = 0


Words = list[Word]

_CLOSED = {
    "DT": "the a an this these no any each every all both",
    "PRP": "i you he she it we they me him us them her myself yourself himself herself ourselves themselves yourselves",
    "PRP$": "my your his our their",
    "VBP": "am are have do",
    "VBZ": "is has does",
    "VBD": "was were had did",
    "MD": "can cannot will would should must may could",
    "TO": "to",
    "RB": "not never often always sometimes usually very too really quite soon now tomorrow today yesterday",
    "WP": "who what whom",
    "WP$": "whose",
    "WDT": "which",
    "WRB": "where when why how",
    "IN": "in on under behind with without for from of at into about after before because although if whether "
    "than as while until that near past between during since by",
    "CC": "and but or",
    ",": ",",
    ".": ". ? !",
}
_TAGS = {word: tag for tag, words in _CLOSED.items() for word in words.split()}


def _closing(word: Word, more: int) -> Word:
    return Word(word.text, word.meanings, word.tag, word.opens, word.closes + more)


def grouped(label: str, words: Words) -> Words:
    """The words as one constituent."""
    if not words:
        return words
    first, last = words[0], words[-1]
    first = Word(first.text, first.meanings, first.tag, (label, *first.opens), first.closes)
    if len(words) == 1:
        return [_closing(first, 1)]
    return [first, *words[1:-1], _closing(last, 1)]


def within(words: Words, more: Words, levels: int | None = None) -> Words:
    """Attach `more` inside the outermost `levels` constituents that end with `words`; inside all of them
    without a number.
    """
    last, end = words[-1], more[-1]
    levels = last.closes if levels is None else min(levels, last.closes)
    return [
        *words[:-1],
        _closing(last, -levels),
        *more[:-1],
        _closing(end, levels),
    ]


def led(first: Words, words: Words) -> Words:
    """Put `first` at the beginning of the outermost constituent that begins with `words`."""
    label, *inner = words[0].opens
    start = first[0]._replace(opens=(label, *first[0].opens))
    return [start, *first[1:], words[0]._replace(opens=tuple(inner)), *words[1:]]


def opened(words: Words) -> Words:
    """The words without their outermost constituent."""
    bare = [words[0]._replace(opens=words[0].opens[1:]), *words[1:]]
    return [*bare[:-1], _closing(bare[-1], -1)]


def first_constituent(words: Words) -> int:
    """How many words the first constituent or single word takes."""
    depth = 0
    for count, word in enumerate(words, 1):
        depth += len(word.opens) - word.closes
        if depth <= 0:
            return count
    return len(words)


def verb_phrase(heads: Words, rest: Words) -> Words:
    """Auxiliaries, not, to, verb and particle as nested verb phrases, the last of which takes the rest: (VP
    has not (VP (VBN read) ...)); an infinitive with to is a clause without a subject.
    """
    count = 1
    while (count < len(heads) and heads[count].tag == "RB") or (count < len(heads) and heads[count].text == "not"):
        count += 1
    own, inner = heads[:count], heads[count:]
    if inner and _is_verbal(inner[0]):
        said = grouped("VP", own + verb_phrase(inner, rest))
    elif inner and inner[-1].tag == "IN" and not inner[-1].opens:
        end = first_constituent(rest) if rest and rest[0].opens[:1] == ("NP",) else 0
        said = grouped("VP", own + grouped("PP", inner + rest[:end]) + rest[end:])
    else:
        said = grouped("VP", own + inner + rest)
    return grouped("S", said) if own[0].text == "to" else said


def _is_verbal(word: Word) -> bool:
    tag = word.tag or _TAGS.get(word.text, "")
    return not word.opens and (tag.startswith("VB") or tag in ("MD", "TO"))


# The second words of phrasal verbs: constituent and part of speech; "" for a preposition that takes the object.
_PARTICLES = {
    "up": ("PRT", "RP"),
    "on": ("PRT", "RP"),
    "off": ("PRT", "RP"),
    "out": ("PRT", "RP"),
    "in": ("PRT", "RP"),
    "down": ("PRT", "RP"),
    "away": ("ADVP", "RB"),
    "back": ("ADVP", "RB"),
    "along": ("ADVP", "RB"),
    "forward": ("ADVP", "RB"),
    "asleep": ("ADJP", "JJ"),
    "dressed": ("ADJP", "VBN"),
    "lost": ("ADJP", "VBN"),
    "shopping": ("S", "VBG"),
    "television": ("NP", "NN"),
    "breakfast": ("NP", "NN"),
    "part": ("NP", "NN"),
    "care": ("NP", "NN"),
    "used": ("ADJP", "JJ"),
}


def verb_words(text: str, tag: str, *meanings: int) -> Words:
    """A verb, its form given, with what belongs to it: (VB get) (PRT (RP up)), (VBG looking) (IN for)."""
    head, *others = text.split()
    words = [Word(head, meanings, tag)]
    for other in others:
        label, part = _PARTICLES.get(other, ("", "IN"))
        words.append(Word(other, meanings, part, (label,) if label else (), 1 if label else 0))
    return words


@cache
def _bracketed(text: str) -> tuple[Word, ...]:
    words: list[Word] = []
    opens: tuple[str, ...] = ()
    for item in text.split():
        if item[0] == "(":
            opens = (*opens, item[1:])
            continue
        closes = len(item) - len(item.rstrip(")"))
        spelled, _, meanings = item.rstrip(")").partition("~")
        text_, _, tag = spelled.partition("/") if len(spelled) > 1 else (spelled, "", "")
        tags = tuple(int(meaning) for meaning in meanings.split(",") if meaning)
        words.append(Word(text_, tags, tag, opens, closes))
        opens = ()
    return tuple(words)


def bracketed(text: str, *meanings: int) -> Words:
    """Read "(NP last/JJ week/NN)": labels after brackets, parts of speech after a stroke where the class is
    open. With meanings, every word has these, otherwise those that "word~n" gives it.
    """
    words = _bracketed(text)
    if not meanings:
        return list(words)
    return [Word(word.text, meanings, word.tag, word.opens, word.closes) for word in words]


def part_of_speech(word: Word) -> str:
    """The tag that stands in the tree."""
    return word.tag or _TAGS[word.text.lower()]


def tree(words: Words, text: str) -> str:
    """The parse tree of a sentence on one line; `text` is the sentence as written, whose first word may have
    a capital.

    Every leaf is "(TAG word)"; every constituent opens with "(LABEL" and closes with ")LABEL".
    """
    items: list[str] = []
    open_labels: list[str] = []
    for position, word in enumerate(words):
        for label in word.opens:
            items.append("(" + label)
            open_labels.append(label)
        spelled = text[0] + word.text[1:] if position == 0 else word.text
        items.append(f"({part_of_speech(word)} {spelled})")
        for _ in range(word.closes):
            items.append(")" + open_labels.pop())
    return " ".join(items)
