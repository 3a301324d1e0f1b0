"""Text in and out of the commands: UTF-8, one line a text, files whole or not at all."""

import errno
import os
import re
import stat
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from dragoman.errors import DataError

JOINERS = "\u200c\u200d"  # which make letters and emoji, and cannot disturb a terminal


@dataclass(frozen=True, slots=True)
class Texts:
    """The lines of some files, or of stdin, and where each stands."""

    lines: list[str]
    names: tuple[str, ...]
    begins: tuple[int, ...]  # index of the first line of each file

    def where(self, index: int) -> str:
        """Return file:line of the text with this index."""
        file = bisect_right(self.begins, index) - 1
        return f"{self.names[file]}:{index - self.begins[file] + 1}"


def read_texts(paths: list[Path]) -> Texts:
    """Return the lines of the files, or of stdin where there are none; raises DataError naming file:line."""
    if not paths:
        return Texts(_stdin(), ("stdin",), (0,))
    from dragoman.data.corpus import read_lines

    lines: list[str] = []
    begins = []
    for path in paths:
        begins.append(len(lines))
        lines += read_lines(path)
    return Texts(lines, tuple(str(path) for path in paths), tuple(begins))


def read_pair(source: Path, target: Path) -> tuple[Texts, Texts]:
    """Return two files with as many lines, at least one; raises DataError."""
    left, right = read_texts([source]), read_texts([target])
    if len(left.lines) != len(right.lines):
        raise DataError(
            f"{source} has {len(left.lines):,} lines, {target} has {len(right.lines):,}; give as many of both"
        )
    if not left.lines:
        raise DataError(f"{source} and {target}: no lines; give at least one pair of sentences")
    return left, right


def decode(line: bytes, number: int) -> str:
    """Return a line of stdin as text; raises DataError."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"stdin:{number}: not UTF-8: byte 0x{line[error.start]:02X} at byte {error.start + 1} of the line; "
            "convert the text to UTF-8"
        ) from None


def _stdin() -> list[str]:
    """Return the lines of stdin by the rules of a file: no byte order mark, no NUL, CR LF where all lines have it."""
    data = sys.stdin.buffer.read().removeprefix(b"\xef\xbb\xbf")
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
        if lines and all(line.endswith(b"\r") for line in lines):
            lines = [line[:-1] for line in lines]
    for number, line in enumerate(lines, 1):
        if b"\0" in line:
            raise DataError(f"stdin:{number}: a NUL at byte {line.index(0) + 1}: binary data; give UTF-8 text")
    return [decode(line, number) for number, line in enumerate(lines, 1)]


def refuse_replaced(out: Path | None, *read: Path | None) -> None:
    """Refuse an output that is one of the files that are read, or lies in one of the folders; raises DataError."""
    if out is None:
        return
    for path in read:
        if path is not None and place(path) in (place(out), *place(out).parents):
            raise DataError(f"-o {out}: would replace what is read from {path}; choose another file")


def place(path: Path) -> Path:
    """Return where a path leads, its links followed; of what cannot be, such as a loop of links, the path itself."""
    return Path(os.path.realpath(path))


def same(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file."""
    try:
        return os.path.samefile(one, other)
    except OSError:  # there is none
        return False


@contextmanager
def output(path: Path | None) -> Iterator[TextIO]:
    """Open stdout, or a file that appears only when all of it is written; raises DataError.

    A link is followed. A device, a pipe or what is open already cannot be replaced, so it is written to as it is.
    """
    if path is None or _opened(path) == 1:
        yield sys.stdout
        return
    try:
        stream = _opened(path)
        if stream is not None:
            with os.fdopen(os.dup(stream), "w", encoding="utf-8", newline="\n") as file:
                yield file
            return
        final = _resolved(path)
        mode = path.stat().st_mode if path.exists() else stat.S_IFREG
        if stat.S_ISDIR(mode):
            raise DataError(f"{path}: a folder; name a file after -o")
        hidden = _hidden(final) if stat.S_ISREG(mode) else final
        try:
            with hidden.open("w", encoding="utf-8", newline="\n") as file:
                yield file
            if hidden != final:
                hidden.replace(final)
        finally:
            if hidden != final:
                hidden.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}; choose another -o") from None


@contextmanager
def outputs(*paths: Path) -> Iterator[list[BinaryIO]]:
    """Open files for bytes, packed where named .gz or .zst, that appear together when all are written.

    Raises DataError.
    """
    finals: list[Path] = []
    files: list[BinaryIO] = []
    try:
        try:
            finals = [_resolved(path) for path in paths]
            for path, final in zip(paths, finals, strict=True):
                if _opened(path) is not None or (final.exists() and not final.is_file()):
                    raise DataError(f"{path}: not a regular file; choose another -o")
                files.append(_packed(_hidden(final), path.suffix.lower()))
            yield files
            for file in files:
                file.close()
            for final in finals:
                _hidden(final).replace(final)
        finally:
            for file in files:
                with suppress(OSError):
                    file.close()
            for final in finals:
                _hidden(final).unlink(missing_ok=True)
    except OSError as error:
        names = " and ".join(str(path) for path in paths)
        raise DataError(f"{names}: cannot be written: {error.strerror}; choose another -o") from None


def _opened(path: Path) -> int | None:
    """Return the number of a stream that is open already, of a path such as /dev/stdout or /dev/fd/63."""
    found = re.fullmatch(r"/dev/std(out|err)|/(?:dev|proc/self)/fd/([0-9]{1,9})", str(path))
    return None if found is None else {"out": 1, "err": 2}.get(found[1]) or int(found[2])


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError as error:  # Python 3.11 and 3.12 for a loop of links
        raise OSError(errno.ELOOP, str(error)) from None


def _hidden(final: Path) -> Path:
    return final.with_name(f".{final.name}.{os.getpid()}.tmp")


def _packed(path: Path, suffix: str) -> BinaryIO:
    import gzip

    import zstandard

    if suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "wb"))
    return cast(BinaryIO, zstandard.open(path, "wb")) if suffix == ".zst" else path.open("wb")


def note(text: str) -> None:
    """Say something on stderr; where nobody listens any more, the work goes on."""
    with suppress(OSError):
        print(shown(text), file=sys.stderr, flush=True)


def shown(text: str) -> str:
    """Return a text with what a terminal could obey (escapes, bells, line ends) made visible as U+FFFD."""
    return "".join(letter if _harmless(letter) else "\ufffd" for letter in text)


def _harmless(letter: str) -> bool:
    return letter.isprintable() or letter in JOINERS or unicodedata.category(letter) == "Zs"  # blanks of any width
