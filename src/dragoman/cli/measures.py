"""The measures of tokenizers as rows of a table: what each is called, how it is written, which of two is better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dragoman.text.comparison import Comparison
from dragoman.text.laboratory import Measures


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: its group and label, a cell for each tokenizer, and which are best (none: no matter)."""

    group: str
    label: str
    cells: tuple[str, ...]
    best: frozenset[int] = frozenset()


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


# label, how it is written, and whether less (-1) or more (1) is better; 0 where neither is
_MEASURES: tuple[tuple[str, Callable[[Measures], float], Callable[[float], str], int], ...] = (
    ("pieces a word", lambda found: found.pieces_a_word, "{:.2f}".format, -1),
    ("pieces a line", lambda found: found.pieces_a_line, "{:.1f}".format, -1),
    ("99 of 100 lines up to", lambda found: found.line_lengths.p99, "{:,}".format, -1),
    ("longest word", lambda found: found.word_lengths.longest, "{:,}".format, 0),
    ("characters a piece", lambda found: found.characters_a_piece, "{:.2f}".format, 1),
    ("words in one piece", lambda found: found.whole_words, _percent, 0),
    ("characters whole", lambda found: found.coverage, _percent, 1),
    ("byte pieces", lambda found: found.byte_share, _percent, 0),
    ("unknown pieces", lambda found: found.unknown_share, _percent, -1),
    ("vocabulary used", lambda found: found.vocabulary_use, _percent, 0),
    ("Rényi efficiency", lambda found: found.renyi_efficiency, "{:.3f}".format, 0),
    ("lines not restored", lambda found: found.failures, "{:,}".format, -1),
)


def measure_lines(columns: Sequence[Measures], side: str = "") -> list[Line]:
    """Return a row for each measure of one side, a cell for each tokenizer."""
    lines = []
    for label, read, write, better in _MEASURES:
        values = [read(found) for found in columns]
        lines.append(Line(side, label, tuple(map(write, values)), _best(values, list(map(write, values)), better)))
    return lines


def comparison_lines(found: Comparison) -> list[Line]:
    """Return the whole table of a comparison."""
    entries = found.entries
    seconds = [entry.training_seconds for entry in entries]

    def line(label: str, cells: Sequence[str]) -> Line:
        return Line("tokenizer", label, tuple(cells))

    lines = [
        line("family", [entry.kind for entry in entries]),
        line("vocabulary", [f"{entry.vocab_size:,}" for entry in entries]),
        line("loses nothing", ["yes" if entry.lossless else "no" for entry in entries]),
        line("seconds to learn", ["given" if value is None else f"{value:.1f}" for value in seconds]),
        line("lines/s encoded", [f"{entry.speed.encode:,.0f}" for entry in entries]),
        line("lines/s decoded", [f"{entry.speed.decode:,.0f}" for entry in entries]),
    ]
    if len(found.sides) == 2:
        ratios = [entry.sides[1].pieces / entry.sides[0].pieces for entry in entries]
        lines.append(line("target to source", [f"{ratio:.2f}" for ratio in ratios]))
    for number, side in enumerate(found.sides):
        lines += measure_lines([entry.sides[number] for entry in entries], side)
    return lines


def _best(values: Sequence[float], cells: Sequence[str], better: int) -> frozenset[int]:
    """Return which cells are the best; cells that read alike are equally good."""
    if not better or len(set(cells)) < 2:
        return frozenset()
    top = cells[max(range(len(cells)), key=lambda number: better * values[number])]
    return frozenset(number for number, cell in enumerate(cells) if cell == top)


def cells(lines: Sequence[Line]) -> list[list[str]]:
    """Return the rows of a plain table, with a row of its own before each group."""
    rows: list[list[str]] = []
    for number, line in enumerate(lines):
        if line.group and (number == 0 or line.group != lines[number - 1].group):
            rows.append([line.group, *("" for _ in line.cells)])
        rows.append([f"  {line.label}" if line.group else line.label, *line.cells])
    return rows
