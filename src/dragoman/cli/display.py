"""What a training run shows: a live panel on a terminal, plain lines in a pipe or a log."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from dragoman.cli.files import shown

QUIET_SECONDS = 10.0  # between two plain lines
LIVE_SECONDS = 0.25  # between two states of the panel
FEW_STEPS = 500  # below which a run has hardly begun
SHOWN = 8  # outputs of the sample
PLAIN = 100  # characters of a sentence in a plain line


class Display:
    """Takes the events of a run; use it as a context manager.

    A run outlives what shows it: where the terminal or the pipe is gone, nothing more is shown.
    """

    def __init__(self, minutes: float | None = None, console: Console | None = None) -> None:
        """Show on stderr, which leaves stdout to results; `minutes` tell the time left before the steps are known."""
        self.console = console or Console(stderr=True, highlight=False)
        self._minutes = minutes
        self._live: Live | None = None
        self._held: list[str] | None = None
        self._gone = False
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=40), TextColumn("{task.percentage:>3.0f} %"))
        self._bar = Progress(*columns)
        self._task = self._bar.add_task("training", total=None)
        self._step: dict[str, Any] = {}
        self._first: dict[str, Any] = {}
        self._validation: dict[str, Any] = {}
        self._history: list[tuple[int, str]] = []
        self._introduced = False  # the sentence that is watched, in plain lines
        self._said = 0.0
        self._speed = 0.0

    @contextmanager
    def preparing(self, notes: Sequence[str] = ()) -> Iterator[None]:
        """Hold notes back until the block is through: where it fails, its error is all that is said."""
        self._held = [*notes]
        waiting = self.console.status("reading the text ...") if self.console.is_terminal else nullcontext()
        with waiting:
            yield
        held, self._held = self._held, None
        for text in held:
            self.note(text)

    def __enter__(self) -> "Display":
        """Begin to show."""
        if self.console.is_terminal:
            self._live = Live(self._panel(), console=self.console, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the last state on the screen."""
        live, self._live = self._live, None
        if live is not None:
            try:
                live.update(self._panel(), refresh=True)
                live.stop()
            except OSError:
                self._gone = True

    def note(self, text: str) -> None:
        """Say a sentence."""
        if self._held is not None:
            self._held.append(text)
        elif not self._gone:
            try:
                if self._live is not None:
                    self._live.console.print(Text(shown(text)))
                else:
                    print(shown(text), file=sys.stderr, flush=True)
            except OSError:
                self._gone = True

    def watch(self, event: dict[str, Any]) -> None:
        """Take an event of the loop."""
        if event["kind"] == "step":
            speed = event["tokens_per_second"]
            self._speed = 0.95 * self._speed + 0.05 * speed if self._speed else speed
            self._step = event
            self._first = self._first or event
        elif event["kind"] == "validation":
            self._validation = event
            if event["samples"]:
                self._history = [*self._history, (event["step"], event["samples"][0]["output"])][-SHOWN:]
        if self._live is None:
            self._plain(event)
        elif not self._gone and (event["kind"] != "step" or self._due(LIVE_SECONDS)):
            try:
                self._live.update(self._panel(), refresh=True)
            except OSError:
                self._gone = True

    def _due(self, seconds: float) -> bool:
        if time.monotonic() - self._said < seconds:
            return False
        self._said = time.monotonic()
        return True

    def _plain(self, event: dict[str, Any]) -> None:
        if event["kind"] == "validation":
            self._plain_validation(event)
        elif event["kind"] == "total":
            few = "; a translator wants thousands, so give it more time" if event["total"] < FEW_STEPS else ""
            self.note(f"step {event['step']:,}: the time is enough for {event['total']:,} steps{few}")
        elif event["kind"] == "skipped":
            self.note(f"step {event['step']:,}: left out, its gradient is not a finite number")
        elif self._due(QUIET_SECONDS):
            self.note(self._step_line())

    def _plain_validation(self, event: dict[str, Any]) -> None:
        for sample in event["samples"][:1]:
            if not self._introduced:
                self.note(f"watched: {_short(sample['source'])} = {_short(sample['reference'])}")
                self._introduced = True
            self.note(f"{self._validation_line()}  | {_short(sample['output'])}")
        if not event["samples"]:
            self.note(self._validation_line())

    def _step_line(self) -> str:
        step = self._step
        total = f"/{step['total']:,}" if step["total"] else ""
        return (
            f"step {step['step']:,}{total}  epoch {step['epoch'] + 1}  loss {step['loss']:.3f}  "
            f"{self._speed:,.0f} tokens/s  {_clock(step['seconds'])} gone, {self._left()} left"
        )

    def _left(self) -> str:
        """Return the time left: by the steps of this process, or by the minutes asked for."""
        step, first = self._step, self._first
        if step["total"] and step["step"] > first["step"]:
            each = (step["seconds"] - first["seconds"]) / (step["step"] - first["step"])
            return _clock(each * (step["total"] - step["step"]))
        return "?" if self._minutes is None else _clock(max(0.0, 60 * self._minutes - step["seconds"]))

    def _validation_line(self) -> str:
        found = self._validation
        quality = "" if found["chrf"] is None else f"  chrF {found['chrf']:.1f}"
        kept = "  (kept)" if found["best_step"] == found["step"] else f"  (step {found['best_step']:,} is kept)"
        return f"step {found['step']:,}: validation loss {found['loss']:.3f}{quality}{kept}"

    def _panel(self) -> Group:
        if not self._step:
            return Group(Text("starting ..."))
        step = self._step
        done, total = (step["step"], step["total"]) if step["total"] else (step["seconds"], 60 * (self._minutes or 0))
        self._bar.update(self._task, completed=done, total=total or None)
        parts: list[Any] = [self._bar, Text(self._step_line())]
        if self._validation:
            parts += [Text(self._validation_line()), self._sample()]
        return Group(*parts)

    def _sample(self) -> Table:
        """Return the validation sentence and its translations, a line each."""
        table = Table(show_header=False, box=None, pad_edge=False)
        widest = max(len("reference"), *(len(f"step {step:,}") for step, _ in self._history), 0)
        table.add_column(no_wrap=True, style="dim", min_width=widest)
        table.add_column(no_wrap=True, overflow="ellipsis")
        for sample in self._validation["samples"][:1]:
            table.add_row("source", Text(shown(sample["source"])))
            for step, output in self._history:
                table.add_row(f"step {step:,}", Text(shown(output)))
            table.add_row("reference", Text(shown(sample["reference"])))
        return table


def _short(text: str) -> str:
    """Return a text for a plain line, cut where it is long."""
    text = shown(text)
    return text if len(text) <= PLAIN else f"{text[: PLAIN - 4]} ..."


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
