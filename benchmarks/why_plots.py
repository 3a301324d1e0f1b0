"""A plot and a table of each experiment of `docs/why.md`, from its plain data alone.

Plots are SVG without dates or random names, so that the same data give the same file.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Data = dict[str, Any]

# Okabe and Ito's colours, which colour-blind readers tell apart too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLE = {
    "svg.hashsalt": "dragoman",
    "svg.fonttype": "none",  # letters stay letters: small files that a reader can search
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
}


def _figure(panels: int) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(3.2 * panels + 0.4, 3.0), layout="constrained")
    return figure, figure.subplots(1, panels, squeeze=False)[0]


def _curve(axes: Axes, run: Data, name: str, colour: str, of: str = "valid", line: str = "-") -> None:
    """Draw a loss over the steps; where it is no number there is no point."""
    points = [(point["step"], point[of]) for point in run["curve"] if point[of] is not None]
    axes.plot(*zip(*points, strict=True) if points else ([], []), line, color=colour, label=name)


def _losses(axes: Axes, title: str = "validation loss") -> None:
    axes.set(title=title, xlabel="step", ylabel="nats a piece", ylim=(0, 7))
    axes.legend(loc="upper right")


def _gradients(panels: Sequence[Axes], rows: Iterable[tuple[str, str, str, Data]]) -> None:
    """Draw gradient norms by layer, the encoder's left and the decoder's right; a zero cannot be drawn."""
    for name, colour, line, row in rows:
        for axes, side in zip(panels, ("encoder", "decoder"), strict=True):
            points = [(number, value) for number, value in enumerate(row[side], 1) if value > 0]
            x, y = zip(*points, strict=True) if points else ([], [])
            axes.semilogy(x, y, line, marker="o", markersize=3, color=colour, label=name)
            axes.set(title=f"gradient norm, {side}", xlabel="layer")
    panels[0].legend()


def depth(data: Data) -> Figure:
    """Loss, exact match and time of a step over the number of layers."""
    figure, panels = _figure(3)
    columns = (("loss", "validation loss"), ("exact", "exact match, %"), ("step_milliseconds", "a step, ms"))
    for equal, colour, marker in (("width", COLOURS[0], "o"), ("parameters", COLOURS[1], "s")):
        runs = [run for run in data["runs"] if run["equal"] == equal]
        for axes, (column, title) in zip(panels, columns, strict=True):
            points = [(run["layers"], run[column]) for run in runs if run[column] is not None]
            x, y = zip(*points, strict=True) if points else ([], [])
            axes.plot(x, y, marker=marker, color=colour, label=f"equal {equal}")
            axes.set(title=title, xlabel="layers of each side", xticks=[run["layers"] for run in runs])
    panels[1].set_ylim(bottom=0)
    panels[2].set_ylim(bottom=0)
    panels[0].legend()
    return figure


def residual(data: Data) -> Figure:
    """Gradients by layer, and learning curves."""
    figure, panels = _figure(3)
    rows = []
    for row in data["gradients"]:
        name = f"{_with(row['residual'])} residual, {_norm(row['norm'])}"
        rows.append((name, COLOURS[0 if row["residual"] else 1], "-" if row["norm"] == "pre" else ":", row))
    _gradients(panels[:2], rows)
    for run in data["runs"]:
        _curve(panels[2], run, f"{_with(run['residual'])} residual", COLOURS[0 if run["residual"] else 1])
    _losses(panels[2])
    return figure


def norm(data: Data) -> Figure:
    """Gradients by layer, and learning curves at two rates."""
    figure, panels = _figure(4)
    colours = dict(zip(("pre", "post", "none"), COLOURS, strict=False))
    _gradients(panels[:2], [(_norm(row["norm"]), colours[row["norm"]], "-", row) for row in data["gradients"]])
    for axes, rate in zip(panels[2:], sorted({run["rate"] for run in data["runs"]}), strict=True):
        for run in data["runs"]:
            if run["rate"] == rate:
                _curve(axes, run, _norm(run["norm"]), colours[run["norm"]])
        _losses(axes, f"validation loss, peak rate {rate:g}")
    return figure


def scaling(data: Data) -> Figure:
    """Entropy and gradient of attention by head width, and learning curves with and without scaled embeddings."""
    figure, panels = _figure(3)
    for scaled, colour in ((True, COLOURS[0]), (False, COLOURS[1])):
        rows = [row for row in data["sharpness"] if row["scaled"] == scaled]
        for axes, column in zip(panels[:2], ("entropy", "gradient"), strict=True):
            x, y = [row["head_width"] for row in rows], [row[column] for row in rows]
            axes.semilogx(x, y, marker="o", base=2, color=colour, label=f"{_with(scaled)} 1/√width")
            axes.set(xlabel="head width", ylim=(0, 1))
            axes.set_xticks(x, [str(width) for width in x])
    panels[0].set_title("entropy of attention, 1 = even")
    panels[1].set_title("softmax derivative (trace)")
    panels[0].legend()
    for run in data["runs"]:
        _curve(panels[2], run, f"embeddings {_with(run['scaled'])} √d", COLOURS[0 if run["scaled"] else 1])
    _losses(panels[2])
    return figure


def positions(data: Data) -> Figure:
    """Exact match on plain and shuffled input, and learning curves."""
    figure, panels = _figure(3)
    kinds = [run["positions"] for run in data["runs"]]
    for shift, column, name in ((-0.2, "exact", "as written"), (0.2, "exact_shuffled", "words shuffled")):
        heights = [run[column] or 0.0 for run in data["runs"]]
        panels[0].bar(
            [x + shift for x in range(len(kinds))], heights, 0.4, label=name, color=COLOURS[0 if shift < 0 else 1]
        )
    panels[0].set(title="exact match, %")
    panels[0].set_ylim(bottom=0)
    panels[0].legend()
    panels[1].bar(range(len(kinds)), [run["unchanged"] for run in data["runs"]], 0.6, color=COLOURS[2])
    panels[1].set(title="outputs that stay the same, %", ylim=(0, 105))
    for axes in panels[:2]:
        axes.set_xticks(range(len(kinds)), kinds, rotation=30)
    for run, colour in zip(data["runs"], COLOURS, strict=False):
        _curve(panels[2], run, run["positions"], colour)
    _losses(panels[2])
    return figure


def dropout(data: Data) -> Figure:
    """Training and validation loss, both measured without dropout, a panel a rate."""
    figure, panels = _figure(len(data["runs"]))
    for axes, run in zip(panels, data["runs"], strict=True):
        _curve(axes, run, "on pairs trained on", COLOURS[0], of="train")
        _curve(axes, run, "on new pairs", COLOURS[1])
        _losses(axes, f"dropout {run['dropout']:g}")
    return figure


PLOTS: dict[str, Callable[[Data], Figure]] = {
    "depth": depth,
    "residual": residual,
    "norm": norm,
    "scaling": scaling,
    "positions": positions,
    "dropout": dropout,
}


def draw(name: str, data: Data, path: Path) -> None:
    """Write the plot of an experiment's result as SVG."""
    with rc_context(STYLE):
        figure = PLOTS[name](data)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


def table(name: str, data: Data) -> list[str]:
    """Return the lines of an experiment's table in Markdown."""
    head, rows = _TABLES[name](data)
    return [_line(head), _line(["---"] * len(head)), *(_line([_cell(value) for value in row]) for row in rows)]


Table = tuple[Sequence[str], list[list[Any]]]


def _depth_table(data: Data) -> Table:
    head = ["layers", "equal", "d_model", "feed-forward", "parameters", "loss", "exact match, %", "a step, ms"]
    columns = ("layers", "equal", "d_model", "feed_forward", "parameters", "loss", "exact", "step_milliseconds")
    runs = sorted(data["runs"], key=lambda run: run["equal"], reverse=True)
    return head, [[run[column] for column in columns] for run in runs]


def _residual_table(data: Data) -> Table:
    rows = [[f"{_with(run['residual'])} residual", run["loss"], run["exact"]] for run in data["runs"]]
    return ["6 layers", "loss", "exact match, %"], rows


def _norm_table(data: Data) -> Table:
    rows = [[_norm(run["norm"]), f"{run['rate']:g}", run["loss"], run["exact"]] for run in data["runs"]]
    return ["norm", "peak rate", "loss", "exact match, %"], rows


def _scaling_table(data: Data) -> Table:
    rows = [[f"{_with(run['scaled'])} √d", run["loss"], run["exact"]] for run in data["runs"]]
    return ["embeddings", "loss", "exact match, %"], rows


def _positions_table(data: Data) -> Table:
    head = ["positions", "loss", "exact match, %", "words shuffled, %", "outputs unchanged, %", "memory differs by"]
    columns = ("positions", "loss", "exact", "exact_shuffled", "unchanged")
    rows = [[*(run[column] for column in columns), f"{run['memory_difference']:.1g}"] for run in data["runs"]]
    return head, rows


def _dropout_table(data: Data) -> Table:
    head = ["dropout", "loss on pairs trained on", "on new pairs", "lowest on the way", "exact match, %"]
    rows = []
    for run in data["runs"]:
        valid = [point["valid"] for point in run["curve"] if point["valid"] is not None]
        trained = run["curve"][-1]["train"] if run["curve"] else None
        rows.append([f"{run['dropout']:g}", trained, run["loss"], min(valid, default=None), run["exact"]])
    return head, rows


_TABLES: dict[str, Callable[[Data], Table]] = {
    "depth": _depth_table,
    "residual": _residual_table,
    "norm": _norm_table,
    "scaling": _scaling_table,
    "positions": _positions_table,
    "dropout": _dropout_table,
}


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any) -> str:
    if value is None:
        return "diverged"
    if isinstance(value, float):
        return f"{value:.3f}" if value < 10 and value != round(value, 1) else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _with(kept: bool) -> str:
    return "with" if kept else "without"


def _norm(place: str) -> str:
    return "no norm" if place == "none" else f"{place}-norm"
