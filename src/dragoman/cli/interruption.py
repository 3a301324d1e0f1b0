"""Signals of a training run: SIGINT and SIGTERM save and stop, SIGHUP and SIGUSR1 save and go on."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import typer

from dragoman.cli.files import note

STOPPING = (signal.SIGINT, signal.SIGTERM)
SAVING = (signal.SIGHUP, signal.SIGUSR1)


class Interruption:
    """What the signals wish for; the loop asks for it between two steps.

    Before `save` is set there is nothing to keep, and a stopping signal ends the command where it stands.
    """

    def __init__(self) -> None:
        """Begin without a wish."""
        self.save: Callable[[], None] | None = None
        self.signal: int | None = None
        self._wanted = False

    @property
    def status(self) -> int:
        """Return the exit status of a run that was stopped."""
        return 128 + (self.signal or signal.SIGINT)

    def asked(self) -> bool:
        """Save where that is wanted; return whether to stop."""
        if self._wanted and self.save is not None:
            self._wanted = False
            self.save()
        return self.signal is not None

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Take the signals while the block runs; those that the caller ignores, as nohup does, stay ignored."""
        before = {number: signal.getsignal(number) for number in (*STOPPING, *SAVING)}
        try:
            for number, handler in before.items():
                if handler is not signal.SIG_IGN:
                    signal.signal(number, self._stop if number in STOPPING else self._keep)
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        if self.signal is not None:  # the second one: at once, but not without the cursor
            cursor = b"\x1b[?25h\n" if sys.stderr.isatty() else b""
            with suppress(OSError):
                os.write(sys.stderr.fileno(), cursor + b"stopped at once; what came after the last save is lost\n")
            os._exit(128 + number)
        if self.save is None:
            note("stopped before a step was made; the same command begins again")
            raise typer.Exit(128 + number)
        self.signal = number

    def _keep(self, _number: int, _frame: FrameType | None) -> None:
        self._wanted = True
