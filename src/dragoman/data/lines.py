"""The lines of a text file as they are: plain, .gz or .zst, UTF-8, cut at the newline byte and nowhere else.

`look` opens a file once and says what it is (byte order mark, CR LF); `lines` streams it. Whatever is
not such a file is a DataError that names file and line; nothing longer than a line is held in memory.
"""

import gzip
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from dragoman.errors import DataError

MAX_LINE_BYTES = 1 << 26  # far above any text, and small enough to be read, decoded and reported
BINARY_HEAD = 8000  # a NUL among the first bytes means binary, as git decides it

_BOM = b"\xef\xbb\xbf"
_ZSTD_CHUNK = 4096  # compressed bytes at a time: a bomb (32,768 to 1) makes 128 MiB of them, not more
_GZIP, _ZSTD = "gzip data", "zstd data"
_FOREIGN = (
    (_GZIP, re.compile(rb"\x1f\x8b")),
    (_ZSTD, re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")),
    ("a zip archive", re.compile(rb"PK\x03\x04")),
    ("xz data", re.compile(rb"\xfd7zXZ\x00")),
    ("bzip2 data", re.compile(rb"BZh[1-9]1AY&SY")),
    ("UTF-16 text", re.compile(rb"\xff\xfe|\xfe\xff")),
)
_COMPRESSED = {".gz": _GZIP, ".zst": _ZSTD}


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file that was looked at: what `lines` takes away from it besides the newlines."""

    path: Path
    bom: bool  # a byte order mark at the start
    crlf: bool  # every line ends in CR LF

    @property
    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each thing that is taken away."""
        notes = []
        if self.bom:
            notes.append(f"{self.path}: a byte order mark at the start is left out")
        if self.crlf:
            notes.append(f"{self.path}: every line ends in CR LF; the CR is left out")
        return tuple(notes)


def look(path: Path) -> TextFile:
    """Find out what a text file is; reads it whole only where its lines end in CR LF. Raises DataError."""
    bom = crlf = False
    seen = 0
    for number, raw in enumerate(_raw_lines(path), start=1):
        if number == 1:
            bom = raw.startswith(_BOM)
        nul = raw[: max(0, BINARY_HEAD - seen)].find(b"\0")
        if nul >= 0:
            raise DataError(f"{path}:{number}: a NUL at byte {seen + nul + 1}: binary data; give UTF-8 text")
        seen += len(raw)
        ended = raw.endswith(b"\n")
        crlf = raw.endswith(b"\r\n") and (crlf or number == 1) if ended else crlf
        if not crlf and seen >= BINARY_HEAD:
            break
    return TextFile(path, bom, crlf)


def lines(file: TextFile) -> Iterator[str]:
    """Yield every line as text without its end; a last line without a newline counts. Raises DataError."""
    offset = 0
    for number, raw in enumerate(_raw_lines(file.path), start=1):
        start = len(_BOM) if number == 1 and file.bom else 0
        end = len(raw)
        if raw.endswith(b"\n"):
            end -= 2 if file.crlf and raw.endswith(b"\r\n") else 1
        try:
            yield raw[start:end].decode()
        except UnicodeDecodeError as error:
            at = start + error.start
            raise DataError(
                f"{file.path}:{number}: not UTF-8: byte 0x{raw[at]:02X} at byte {at + 1} of the line, "
                f"{offset + at + 1:,} of the text; save the file as UTF-8"
            ) from None
        offset += len(raw)


def raw_lines(path: Path) -> Iterator[bytes]:
    """Yield the bytes of every line with its end, byte order mark and all. Raises DataError."""
    yield from _raw_lines(path)


def _raw_lines(path: Path) -> Iterator[bytes]:
    """Yield the bytes of each line with its end; every fault of the file becomes a DataError."""
    number = 0
    try:
        with _open(path) as stream:
            while raw := stream.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(raw) > MAX_LINE_BYTES:
                    raise DataError(
                        f"{path}:{number}: over {MAX_LINE_BYTES:,} bytes in a line; write a sentence a line"
                    )
                yield raw
    except EOFError:
        raise DataError(f"{path}:{number + 1}: the compressed data end too early; copy it again") from None
    except (gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise DataError(f"{path}:{number + 1}: damaged compressed data ({error}); copy it again") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None


def _open(path: Path) -> io.BufferedIOBase:
    """Open a regular file as the bytes of its text; what it is must agree with what its name says."""
    mode = os.stat(path).st_mode  # before opening: a FIFO would wait for ever
    if stat.S_ISDIR(mode):
        raise DataError(f"{path}: a folder; give a text file")
    if not stat.S_ISREG(mode):
        raise DataError(f"{path}: not a regular file; it is read more than once, so save it as one first")
    with open(path, "rb") as file:
        head = file.read(16)
    kind = next((name for name, pattern in _FOREIGN if pattern.match(head)), None)
    suffix = path.suffix.lower()
    if kind != _COMPRESSED.get(suffix):
        if suffix in _COMPRESSED:
            raise DataError(f"{path}: named {suffix} but not {_COMPRESSED[suffix]}; give it its right name")
        proper = next((end for end, name in _COMPRESSED.items() if name == kind), None)
        advice = f"name it {path.name}{proper}" if proper else "give UTF-8 text, plain or as .gz or .zst"
        raise DataError(f"{path}: {kind}, not plain text; {advice}")
    if suffix == ".gz":
        return gzip.open(path, "rb")
    return io.BufferedReader(_ZstdFile(path), 1 << 16) if suffix == ".zst" else open(path, "rb")


class _ZstdFile(io.RawIOBase):
    """The bytes inside a .zst file of one or more frames; EOFError where it is cut short.

    The library's own stream reader takes a cut file for a whole one.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = open(path, "rb")  # noqa: SIM115, closed by close
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._inside = False  # of a frame
        self._rest = b""  # compressed bytes after the end of a frame
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Return True: this file is for reading."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` with the next bytes and return how many; 0 at the end."""
        while not self._ready:
            chunk = self._rest or self._file.read(_ZSTD_CHUNK)
            if not chunk:
                if self._inside:
                    raise EOFError
                return 0
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._ready = memoryview(self._frame.decompress(chunk))
            self._inside = not self._frame.eof
            self._rest = self._frame.unused_data if self._frame.eof else b""
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def close(self) -> None:
        """Close the file below too."""
        self._file.close()
        super().close()
