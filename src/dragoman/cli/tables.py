"""Tables on stdout: ruled and coloured on a terminal, plain and aligned in a pipe."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dragoman.cli.files import shown

STYLES = {"good": "green", "fair": "yellow", "poor": "bold red", "not measured": "dim"}


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]], console: Console | None = None) -> None:
    """Print a table whose first column is words and whose others are numbers."""
    console = console or Console(highlight=False)
    rows = [[shown(cell) for cell in row] for row in (heads, *rows)]
    if console.is_terminal:
        table = Table(box=None, pad_edge=False)
        for number, head in enumerate(rows[0]):
            table.add_column(Text(head), justify="right" if number else "left")
        for row in rows[1:]:
            table.add_row(*map(Text, row))
        console.print(table)
        return
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(heads))]
    for row in rows:
        first, *others = (" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        numbers = "".join(f"  {room}{cell}" for room, cell in zip(others, row[1:], strict=True))
        print(f"{row[0]}{first}{numbers}".rstrip())


def print_advice(found: Sequence[tuple[str, str, Sequence[str]]], console: Console | None = None) -> None:
    """Print verdicts, each with its name and some lines of words."""
    console = console or Console(highlight=False)
    if console.is_terminal:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0))
        for head in ("verdict", "weakness", "what was found"):
            table.add_column(head, no_wrap=head != "what was found")
        for verdict, name, words in found:
            table.add_row(Text(verdict, STYLES[verdict]), Text(name), Text("\n".join(map(shown, words))))
        console.print(table)
        return
    widths = [max(len(row[column]) for row in found) for column in (0, 1)]
    for verdict, name, words in found:
        head = f"{verdict:<{widths[0]}}  {name:<{widths[1]}}  "
        for number, line in enumerate(words):
            print(f"{' ' * len(head) if number else head}{shown(line)}")
