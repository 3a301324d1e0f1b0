"""Text in and out of the commands: UTF-8, one line a text, files whole or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from dragoman.data.corpus import read_lines
from dragoman.errors import DataError


def read_input(paths: list[Path]) -> list[str]:
    """Return the lines of the files, or of stdin; raises DataError naming file:line."""
    if paths:
        return [line for path in paths for line in read_lines(path)]
    lines = sys.stdin.buffer.read().split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    return [_decode(line, number) for number, line in enumerate(lines, 1)]


def _decode(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"stdin:{number}: byte {error.start + 1} is not UTF-8; convert the text to UTF-8") from None


@contextmanager
def output(path: Path | None) -> Iterator[TextIO]:
    """Open stdout, or a file that appears only when all of it is written; raises DataError."""
    if path is None:
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
        yield sys.stdout
        return
    hidden = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with hidden.open("w", encoding="utf-8", newline="\n") as file:
            yield file
        hidden.replace(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}; choose another -o") from None
    finally:
        hidden.unlink(missing_ok=True)
