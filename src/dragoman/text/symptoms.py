"""How each known weakness of tokenizers is measured on one of them: a number and the example that shows it best.

A symptom takes a `Patient` and gives an `Observation`, or None where there is too little to measure it on.
What the numbers mean, and from where on they are bad, stands in `pathologies`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dragoman.options import FIRST_BYTE, FIRST_PIECE, UNK
from dragoman.text.laboratory import find_failures, first_piece, inside_text
from dragoman.text.probes import (
    CODE,
    CONTEXTS,
    CONTROLS,
    EMOJI,
    FRAGILE,
    JSON,
    NEVER_IN_UTF8,
    PLAIN,
    SCRIPTS,
    YAML,
)
from dragoman.text.tokenizer import Encoding, Tokenizer

WORDS = 500  # words that are tried, the most frequent
PHRASES = 200  # lines that are tried
NUMBERS = 20  # different numbers from which on those of the user's text are enough
COUNTED = 20  # pieces of text a piece of the vocabulary needs to have had its chance to occur
NAMED = 8  # pieces that are named as an example


@dataclass(frozen=True, eq=False)
class Patient:
    """A tokenizer, the user's lines (none: built-in texts), and the norm of each id's embedding if there is a model."""

    tokenizer: Tokenizer
    lines: Sequence[str] = ()
    norms: NDArray[np.floating] | None = None

    @cached_property
    def phrases(self) -> list[str]:
        """Some lines with at least two words."""
        return [" ".join(line.split()) for line in self.lines if len(line.split()) > 1][:PHRASES] or list(PLAIN)

    @cached_property
    def running(self) -> Counter[str]:
        """The words of letters alone, in small letters, by how often they occur."""
        words = (word.strip(".,;:!?\"'()").lower() for line in self.lines or PLAIN for word in line.split())
        return Counter(word for word in words if word.isalpha() and word != word.upper())

    @cached_property
    def words(self) -> list[str]:
        """The most frequent of those with at least three letters."""
        return [word for word, _ in self.running.most_common() if len(word) > 2][:WORDS]


@dataclass(frozen=True, slots=True)
class Observation:
    """What was measured, in a number and a sentence, and a text with its pieces that shows it."""

    value: float
    measured: str
    example: str
    pieces: tuple[str, ...]


def cost(text: str, encoding: Encoding) -> int:
    """Return the pieces of a text, an unknown one counted as its bytes: the most that it could have cost."""
    spans = zip(encoding.ids, encoding.offsets, strict=True)
    return sum(len(text[start:end].encode()) or 1 if index == UNK else 1 for index, (start, end) in spans)


def uneven_digits(patient: Patient) -> Observation:
    """The share of numbers that are unknown, or cut unlike most others of their length."""
    written = Counter(word for line in patient.lines for word in line.split() if word.isdecimal() and word.isascii())
    numbers = [number for number in written if 2 <= len(number) <= 6]
    if len(numbers) < NUMBERS:
        numbers = [str(number) for number in range(100, 10_000, 7)]
    cuts = {number: _cut(patient.tokenizer.encode(number)) for number in sorted(numbers)}
    unknown = {number for number in cuts if UNK in patient.tokenizer.encode(number).ids}
    usual: dict[int, Counter[tuple[int, ...]]] = {}
    for number, cut in cuts.items():
        usual.setdefault(len(number), Counter())[cut] += 1
    common = {length: found.most_common(1)[0][0] for length, found in usual.items()}
    uneven = [number for number, cut in cuts.items() if cut != common[len(number)] or number in unknown]
    example = uneven[0] if uneven else next(iter(cuts))
    others = [number for number in cuts if len(number) == len(example) and cuts[number] != cuts[example]]
    if uneven and others:
        example = f"{others[0]} {example}"
    share = len(uneven) / len(cuts)
    measured = f"{share:.0%} of {len(cuts):,} numbers are unknown, or cut unlike most others of their length"
    return _shown(patient, share, measured, example)


def _cut(encoding: Encoding) -> tuple[int, ...]:
    return tuple(end - start for start, end in encoding.offsets if end > start)


def capitals(patient: Patient) -> Observation:
    """How many times as many pieces a word in CAPITALS has."""
    return _casing(patient, str.upper, "in CAPITALS")


def inverted(patient: Patient) -> Observation:
    """How many times as many pieces a word has that was typed with caps lock on."""
    return _casing(patient, lambda word: word.title().swapcase(), "in iNVERTED casing")


def _casing(patient: Patient, change: Callable[[str], str], how: str) -> Observation:
    words = patient.words or [word.strip(".").lower() for word in PLAIN[0].split()]
    before = [_cost_inside(patient.tokenizer, word) for word in words]
    after = [_cost_inside(patient.tokenizer, change(word)) for word in words]
    worst = max(range(len(words)), key=lambda at: after[at] / before[at])
    times = sum(after) / sum(before)
    measured = f"{times:.1f} times as many pieces for {len(words):,} words {how}"
    return _shown_inside(patient, times, measured, change(words[worst]))


def _cost_inside(tokenizer: Tokenizer, word: str) -> int:
    """Return the cost of a word as it stands behind another."""
    text = f"a {word}"
    return cost(text, tokenizer.encode(text)) - cost("a", tokenizer.encode("a"))


def blanks(patient: Patient) -> Observation:
    """The share of phrases that a blank behind or a doubled one changes or loses, beyond the blank itself."""
    tokenizer, bad = patient.tokenizer, []
    tries = [(phrase, f"{phrase} ") for phrase in patient.phrases]
    tries += [(phrase, phrase.replace(" ", "  ", 1)) for phrase in patient.phrases]
    for phrase, changed in tries:
        plain, spaced = tokenizer.encode(phrase), tokenizer.encode(changed)
        kept = _visible(phrase, plain) == _visible(changed, spaced)
        if not kept or tokenizer.decode(spaced.ids) != changed:
            bad.append(changed)
    share = len(bad) / len(tries)
    measured = f"{share:.0%} of {len(tries):,} phrases are cut otherwise, or lose a blank, behind or doubled"
    return _shown(patient, share, measured, min(bad or [tries[0][1]], key=len))


def _visible(text: str, encoding: Encoding) -> list[str]:
    """Return the pieces that hold more than blanks."""
    pairs = zip(encoding.pieces, encoding.offsets, strict=True)
    return [piece for piece, (start, end) in pairs if text[start:end].strip()]


def opening(patient: Patient) -> Observation:
    """The share of words that are other pieces where they open a text than behind a blank."""
    words = patient.words or ["opening"]
    after = len(_visible("a", patient.tokenizer.encode("a")))
    alone = {word: _visible(word, patient.tokenizer.encode(word)) for word in words}
    behind = {word: _visible(f"a {word}", patient.tokenizer.encode(f"a {word}"))[after:] for word in words}
    bad = [word for word in words if alone[word] != behind[word]]
    share = len(bad) / len(words)
    measured = f"{share:.0%} of {len(words):,} words are other pieces where they open a text"
    return _shown(patient, share, measured, (bad or words)[0])


def scripts(patient: Patient) -> Observation:
    """Pieces a character, averaged over a sentence in twelve scripts."""
    each = {
        name: cost(text, patient.tokenizer.encode(text)) / len(text.replace(" ", "")) for name, text in SCRIPTS.items()
    }
    worst = max(each, key=lambda name: each[name])
    mean = sum(each.values()) / len(each)
    dear = sum(value > 1 for value in each.values())
    measured = f"{mean:.1f} pieces a character; {dear} of {len(each)} scripts above 1, {worst} {each[worst]:.1f}"
    return _shown(patient, mean, measured, SCRIPTS[worst].split()[0][:12])


def emoji(patient: Patient) -> Observation:
    """Pieces an emoji: sequences that are seen as one picture."""
    costs = {text: cost(text, patient.tokenizer.encode(text)) for text in EMOJI}
    mean = sum(costs.values()) / len(costs)
    worst = max(costs, key=lambda text: costs[text])
    measured = f"{mean:.1f} pieces a picture; {worst} {costs[worst]}"
    return _shown(patient, mean, measured, worst)


def indentation(patient: Patient) -> Observation:
    """The share of the pieces of a short program that its indentation takes; all where it is lost."""
    code, flat = "\n".join(CODE), "\n".join(line.lstrip() for line in CODE)
    found = patient.tokenizer.encode(code)
    if patient.tokenizer.decode(found.ids) != code:
        return _shown(patient, 1.0, "the program does not come back: its blanks or line ends are lost", CODE[5])
    dear, cheap = cost(code, found), cost(flat, patient.tokenizer.encode(flat))
    measured = f"{dear} pieces for a seven-line program, {cheap} without its indentation"
    return _shown(patient, 1 - cheap / dear, measured, CODE[5])


def structure(patient: Patient) -> Observation:
    """How many times as many pieces a record has in JSON as in YAML."""
    dear, cheap = (cost(text, patient.tokenizer.encode(text)) for text in (JSON, YAML))
    measured = f"{dear} pieces in JSON, {cheap} in YAML"
    return _shown(patient, dear / cheap, measured, JSON[:27])


def unreachable(patient: Patient) -> Observation | None:
    """The share of the vocabulary that no text gives: each piece is tried alone and in some contexts."""
    tokenizer = patient.tokenizer
    own = range(first_piece(tokenizer), tokenizer.vocab_size)
    # What a piece adds behind a letter: at the beginning of a text some have a blank less, or a mark more.
    letter = next((index for index in own if len(text := tokenizer.decode([index])) == 1 and text.isalpha()), None)
    before = [] if letter is None else [letter]
    start = tokenizer.decode(before)
    texts = {index: tokenizer.decode([*before, index]).removeprefix(start) for index in own}
    texts = {index: text for index, text in texts.items() if text and "\ufffd" not in text}
    if not texts:
        return None
    missing = dict(texts)
    for context in CONTEXTS:
        rows = tokenizer.encode_ids([context + text for text in missing.values()])
        missing = {index: missing[index] for index, row in zip(list(missing), rows, strict=True) if index not in row}
    share = len(missing) / len(texts)
    return _named(patient, share, f"{len(missing):,} of {len(texts):,} pieces come out of no text", missing)


def never_seen(patient: Patient) -> Observation | None:
    """The share of the vocabulary that does not occur in the user's text, if that is long enough."""
    tokenizer = patient.tokenizer
    first = first_piece(tokenizer)
    own = tokenizer.vocab_size - first
    counts: Counter[int] = Counter()
    for row in tokenizer.encode_ids(list(patient.lines)):
        counts.update(row)
    if own < 1 or counts.total() < COUNTED * own:
        return None
    missing = [index for index in range(first, tokenizer.vocab_size) if not counts[index]]
    measured = f"{len(missing):,} of {own:,} pieces are not in this text of {counts.total():,} pieces"
    return _named(patient, len(missing) / own, measured, missing)


def untrained(patient: Patient) -> Observation | None:
    """The share of the vocabulary whose embeddings are as long as those of bytes that no text can hold.

    After Land and Bartolo (2024), "Fishing for Magikarp", by norms alone. None without a model, and
    where the norms tell nothing apart: more than half of all pieces are as long as the bytes.
    """
    tokenizer, norms = patient.tokenizer, patient.norms
    if norms is None or first_piece(tokenizer) != FIRST_PIECE or tokenizer.vocab_size == FIRST_PIECE:
        return None
    known = norms[list(NEVER_IN_UTF8)]
    low, high = float(known.min()), float(known.max())
    own = norms[FIRST_PIECE:]
    alike = (own >= low) & (own <= high)
    if alike.mean() > 0.5:
        return None
    measured = (
        f"{int(alike.sum()):,} of {own.size:,} embeddings have a norm of {low:.2f} to {high:.2f}, as unused bytes"
    )
    return _named(patient, float(alike.mean()), measured, (np.flatnonzero(alike) + FIRST_PIECE).tolist())


def spelling(patient: Patient) -> Observation:
    """The share of running words with at least four letters that are one piece, known or not."""
    long = {word: count for word, count in patient.running.items() if len(word) > 3}
    rows = inside_text(patient.tokenizer, list(long))
    whole = [word for word, row in zip(long, rows, strict=True) if len(row) == 1]
    known = [word for word, row in zip(long, rows, strict=True) if len(row) == 1 and row[0] != UNK]
    share = sum(long[word] for word in whole) / max(1, sum(long.values()))
    example = max(known or whole or long or ["spelling"], key=len)
    return _shown_inside(patient, share, f"{share:.0%} of the longer words of a text are one piece", example)


def typed_controls(patient: Patient) -> Observation:
    """The share of control pieces that are taken for what they say when somebody types them."""
    taken = [text for text in CONTROLS if _controls(text, patient.tokenizer.encode(f"a {text} b"), 2)]
    measured = f"{len(taken)} of {len(CONTROLS)} typed control pieces are obeyed"
    return _shown(patient, len(taken) / len(CONTROLS), measured, (taken or ["</s>"])[0])


def _controls(typed: str, encoding: Encoding, at: int) -> bool:
    """Whether a typed text gives a control piece, or one piece that is written as the text itself."""
    rows = zip(encoding.ids, encoding.pieces, encoding.offsets, strict=True)
    return any(
        (index < FIRST_BYTE and index != UNK)
        or (piece.strip("▁Ġ") == typed and (start, end) in ((at, at + len(typed)), (at - 1, at + len(typed))))
        for index, piece, (start, end) in rows
    )


def round_trip(patient: Patient) -> Observation:
    """The share of fragile texts and of the user's lines that do not come back exactly."""
    texts = [*FRAGILE, *patient.lines[: 10 * PHRASES]]
    failures = find_failures(patient.tokenizer, texts, patient.tokenizer.encode_ids(texts))
    share = len(failures) / len(texts)
    measured = f"{len(failures)} of {len(texts):,} texts do not come back"
    if failures:
        shortest = min(failures, key=lambda failure: len(failure.text))
        measured += f": {shortest.text!r:.40} becomes {shortest.restored!r:.40}"
        return _shown(patient, share, measured, shortest.text)
    return _shown(patient, share, measured, FRAGILE[0])


def _shown(patient: Patient, value: float, measured: str, example: str) -> Observation:
    return Observation(value, measured, example, patient.tokenizer.encode(example).pieces)


def _shown_inside(patient: Patient, value: float, measured: str, word: str) -> Observation:
    (row,) = inside_text(patient.tokenizer, [word])
    return Observation(value, measured, word, tuple(map(patient.tokenizer.piece, row)))


def _named(patient: Patient, value: float, measured: str, indexes: Iterable[int]) -> Observation:
    """Return an observation on pieces of the vocabulary, with the longest as its example."""
    pieces = sorted((patient.tokenizer.piece(index) for index in indexes), key=lambda piece: (-len(piece), piece))
    return Observation(value, measured, " ".join(pieces[:1]), tuple(pieces[:NAMED]))
