"""The pieces of a text in colour on a terminal, and how they came to be."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.text import Text

from dragoman.cli.files import shown
from dragoman.text.history import Candidates, Merge

if TYPE_CHECKING:
    from dragoman.text.tokenizer import Encoding

# Black on two pale grounds is legible whatever the terminal's own colours; without colours the gaps remain.
GROUNDS = ("black on #a8d1ff", "black on #ffd9a0")


def coloured(encoding: "Encoding", offsets: bool) -> Text:
    """Return the pieces side by side, a blank in one as U+2581 and a byte as <0xE2>, and under them their ids."""
    above, below = Text(no_wrap=False), Text(no_wrap=False)
    for number, (piece, index, span) in enumerate(zip(encoding.pieces, encoding.ids, encoding.offsets, strict=True)):
        above.append(visible(piece), GROUNDS[number % 2])
        above.append(" ")
        below.append(f"{index}@{span[0]}-{span[1]} " if offsets else f"{index} ", "dim")
    return Text("\n").join([above, below])


def plain(encoding: "Encoding", offsets: bool) -> str:
    """Return the pieces with their ids, and where asked for their places in the text, in one line."""
    rows = zip(encoding.pieces, encoding.ids, encoding.offsets, strict=True)
    return " ".join(f"{piece}/{index}{f'@{start}-{end}' if offsets else ''}" for piece, index, (start, end) in rows)


def told(history: tuple[Merge, ...] | Candidates) -> list[str]:
    """Return in words how pieces came to be: a merge a line, or a candidate a line, * where it is of the best path."""
    if isinstance(history, Candidates):
        best = set(history.best)
        lines = [
            f"{'*' if found in best else ' '} {found.start:>4}-{found.end:<4} {found.log_probability:>8.2f}  "
            + visible(found.piece)
            for found in history.candidates
        ]
        return [*lines, f"best path {history.log_probability:.2f}: {' '.join(visible(f.piece) for f in history.best)}"]
    return [
        f"{step.rank:>6}  {visible(step.left)}+{visible(step.right):<12}  {' '.join(map(visible, step.pieces))}"
        for step in history
    ]


def history_as_json(history: tuple[Merge, ...] | Candidates) -> Any:
    """Return a list of merges, or an object with the candidates and the best path."""
    return [asdict(step) for step in history] if isinstance(history, tuple) else asdict(history)


def visible(piece: str) -> str:
    """Return a piece as it may be shown: blanks as U+2581, nothing that a terminal could obey."""
    return shown(piece.replace(" ", "▁"))
