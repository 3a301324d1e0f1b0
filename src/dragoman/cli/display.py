"""What a training run shows: a live panel on a terminal, plain lines in a pipe or a log."""

import sys
import time
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

QUIET_SECONDS = 10.0  # between two plain lines


class Display:
    """Takes the events of a run; use it as a context manager."""

    def __init__(self, console: Console | None = None) -> None:
        """Show on stderr, which leaves stdout to results."""
        self.console = console or Console(stderr=True, highlight=False)
        self._live: Live | None = None
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=40), TextColumn("{task.percentage:>3.0f} %"))
        self._bar = Progress(*columns)
        self._task = self._bar.add_task("training", total=None)
        self._step: dict[str, Any] = {}
        self._validation: dict[str, Any] = {}
        self._history: list[tuple[int, str]] = []
        self._said = 0.0
        self._speed = 0.0

    def __enter__(self) -> "Display":
        """Begin to show."""
        if self.console.is_terminal:
            self._live = Live(self._panel(), console=self.console, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the last state on the screen."""
        if self._live is not None:
            self._live.update(self._panel(), refresh=True)
            self._live.stop()

    def note(self, text: str) -> None:
        """Say a sentence."""
        if self._live is not None:
            self._live.console.print(text, markup=False)
        else:
            print(text, file=sys.stderr, flush=True)

    def watch(self, event: dict[str, Any]) -> None:
        """Take an event of the loop."""
        if event["kind"] == "step":
            speed = event["tokens_per_second"]
            self._speed = 0.95 * self._speed + 0.05 * speed if self._speed else speed
            self._step = event
        elif event["kind"] == "validation":
            self._validation = event
            if event["samples"]:
                self._history = [*self._history, (event["step"], event["samples"][0]["output"])][-8:]
        if self._live is not None:
            if event["kind"] != "step" or time.monotonic() - self._said > 0.25:
                self._said = time.monotonic()
                self._live.update(self._panel())
        else:
            self._plain(event)

    def _plain(self, event: dict[str, Any]) -> None:
        if event["kind"] == "validation":
            self.note(self._validation_line())
        elif event["kind"] == "total":
            self.note(f"step {event['step']:,}: the time is enough for {event['total']:,} steps")
        elif event["kind"] == "skipped":
            self.note(f"step {event['step']:,}: left out, its gradient is not a finite number")
        elif time.monotonic() - self._said > QUIET_SECONDS:
            self._said = time.monotonic()
            self.note(self._step_line())

    def _step_line(self) -> str:
        step = self._step
        total = f"/{step['total']:,}" if step["total"] else ""
        return (
            f"step {step['step']:,}{total}  epoch {step['epoch'] + 1}  loss {step['loss']:.3f}  "
            f"{self._speed:,.0f} tokens/s  {_clock(step['seconds'])} gone, {self._left()} left"
        )

    def _left(self) -> str:
        step = self._step
        if not step["total"] or not step["step"]:
            return "?"
        return _clock(step["seconds"] / step["step"] * (step["total"] - step["step"]))

    def _validation_line(self) -> str:
        found = self._validation
        quality = "" if found["chrf"] is None else f"  chrF {found['chrf']:.1f}"
        best = "  (best)" if found["best_step"] == found["step"] else f"  (best at step {found['best_step']:,})"
        sample = f"  | {found['samples'][0]['output']}" if found["samples"] else ""
        return f"step {found['step']:,}: validation loss {found['loss']:.3f}{quality}{best}{sample}"

    def _panel(self) -> Group:
        if not self._step:
            return Group(Text("starting ..."))
        self._bar.update(self._task, completed=self._step["step"], total=self._step["total"])
        parts: list[Any] = [self._bar, Text(self._step_line())]
        if self._validation:
            parts.append(Text(self._validation_line().split("  | ")[0]))
            table = Table(show_header=False, box=None, pad_edge=False)
            sample = self._validation["samples"][0] if self._validation["samples"] else None
            if sample is not None:
                table.add_row(Text("source", style="dim"), Text(sample["source"]))
                for step, output in self._history:
                    table.add_row(Text(f"step {step:,}", style="dim"), Text(output))
                table.add_row(Text("reference", style="dim"), Text(sample["reference"]))
            parts.append(table)
        return Group(*parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
