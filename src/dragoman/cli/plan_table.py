"""A plan for people: its facts as rows of a name, a number and a word on it."""

from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from dragoman.train.memory import gigabytes


class Line(NamedTuple):
    """One row; a name alone is a heading."""

    name: str
    value: str = ""
    note: str = ""


def lines(facts: dict[str, Any]) -> list[Line]:
    """Return the rows of a plan."""
    return [*_text(facts), *_model(facts), *_machine(facts), *_length(facts)]


def show(rows: list[Line]) -> None:
    """Print them on stdout: a table on a terminal, aligned text in a pipe."""
    console = Console(highlight=False)
    if not console.is_terminal:
        for row in rows:
            print(f"{row.name:<28}{row.value:>18}  {row.note}".rstrip())
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for row in rows:
        table.add_row(row.name, row.value, row.note, style=None if row.value else "bold")
    console.print(table)


def _text(facts: dict[str, Any]) -> list[Line]:
    data, vocabulary, batches = facts["data"], facts["vocabulary"], facts["batches"]
    out = [f"{data[name]:,} {words}" for name, words in _LEFT_OUT.items() if data[name]]
    rows = [Line("text"), Line("  pairs", f"{data['trained']:,}", ", ".join(out))]
    for side in ("source", "target"):
        found = data[side]
        rows.append(
            Line(
                f"  {side} pieces",
                f"{found['pieces']:,}",
                f"a sentence: mean {found['mean']}, 95 % up to {found['of 95 %']}, longest {found['longest']}",
            )
        )
    size, words = f"{vocabulary['source']:,}", "one for both sides"
    if not vocabulary["joint"]:
        size, words = f"{size} + {vocabulary['target']:,}", "of source and of target"
    return [
        *rows,
        Line("  vocabulary", size, words),
        Line("  batches an epoch", f"{batches['an_epoch']:,}", f"{batches['rows']} pairs in each on average"),
        Line("  pieces a batch", f"{batches['tokens']:,}", "source and target, their ends counted"),
        Line("  padding", _share(batches["padding"]), "of what is computed"),
    ]


_LEFT_OUT = {
    "unusable": "left out: empty, too long or with a NUL",
    "too_long": "left out: more than train.max_pieces",
    "held_out": "kept out to validate on",
}


def _model(facts: dict[str, Any]) -> list[Line]:
    parts, work = dict(facts["parameters"]), facts["work"]
    total = parts.pop("total")
    each, maps = work["multiply_adds_a_piece"], _share(work["attention_maps"])
    return [
        Line("model"),
        Line("  parameters", f"{total:,}"),
        *(Line(f"    {name}", f"{count:,}", _share(count / total)) for name, count in parts.items()),
        Line("  multiply-adds a piece", f"{each:,}", "in a forward pass; training does three times as many"),
        Line("    attention", _share(work["attention"]), f"its maps, which grow with length squared: {maps}"),
        Line("    feed-forward", _share(work["feed_forward"])),
        Line("    output", _share(work["output"]), "from the last states to the vocabulary"),
    ]


def _machine(facts: dict[str, Any]) -> list[Line]:
    memory, speed = facts["memory"], facts["speed"]
    parts, held = memory["parts"], ("program", "kernels", "weights", "optimizer", "step", "validation", "saving")
    rows = [
        Line("machine"),
        Line(
            "  memory",
            gigabytes(memory["needed"]),
            f"of {gigabytes(memory['there'])}; by counting {gigabytes(memory['foreseen'])}",
        ),
        *(Line(f"    {name}", gigabytes(parts[name]), _HELD[name]) for name in held if parts[name] >= 1e8),
    ]
    steps = f"{speed['steps']:,} steps in {speed['precision']}"
    return [
        *rows,
        Line("  pieces a second", f"{speed['tokens_per_second']:,.0f}", steps),
        Line("  a validation", f"{speed['validation_seconds']:.1f} s", "of a raw model; later ones take about half"),
        Line("  a checkpoint", f"{speed['saving_seconds']:.1f} s"),
        Line("  preparation", f"{speed['preparing_seconds']:.0f} s", "less next time: the tokenized text is kept"),
    ]


_HELD = {
    "program": "Python, torch, the text",
    "kernels": "machine code for each shape of a product in bfloat16",
    "weights": "the model's, and those of the best so far",
    "optimizer": "moments, and the running average",
    "step": "of the largest batch: activations, gradients",
    "validation": "on top now and then",
    "saving": "on top now and then, or the validation",
}


def _length(facts: dict[str, Any]) -> list[Line]:
    time = facts["time"]
    times = f"{time['epochs_in_it']:,.0f} times" if time["epochs_in_it"] >= 2 else f"{time['epochs_in_it']:.2f} times"
    run = f"{time['minutes']:g} minutes see" if time["minutes"] else f"{time['steps']:,} steps see"
    return [
        Line("time"),
        Line("  an epoch", _span(time["an_epoch"]), "every pair once"),
        Line(f"  {time['epochs']} epochs", _span(time["of_epochs"]), "all included"),
        Line("  this run", _span(time["seconds"]), f"{time['steps']:,} steps: {run} every pair {times}"),
    ]


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
