"""Takes pairs out of a corpus and puts them back, byte for byte: what is kept, and a list of what was removed.

The list is JSON lines: first what the corpus was (files, pairs, SHA-256 of each text), then each removed pair
with its line, the filters that found it and its raw lines with their ends.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from dragoman.data.corpus import PairFiles
from dragoman.data.lines import raw_lines
from dragoman.errors import DataError

FORMAT = "dragoman removed pairs 1"
GIVE = "give the .removed.jsonl that `data clean` wrote"


def split(
    files: PairFiles,
    removed: NDArray[np.bool_],
    found_by: Callable[[int], list[str]],
    kept: Sequence[BinaryIO],
    listing: BinaryIO,
) -> None:
    """Write the pairs that are kept to `kept`, a file a side, and the others to `listing`; raises DataError."""
    hashes = [hashlib.sha256() for _ in files.paths]
    records = listing.tell()
    listing.write(_head(files, len(removed), hashes))
    index = -1
    for index, row in enumerate(_rows(files)):
        if index >= len(removed):
            break
        for digest, line in zip(hashes, row, strict=True):
            digest.update(line)
        if removed[index]:
            record = {"line": index + 1, "filters": found_by(index), "raw": [line.decode() for line in row]}
            listing.write(_line(record))
        else:
            for file, line in zip(kept, row, strict=True):
                file.write(line)
    if index + 1 != len(removed):
        raise DataError(f"{files}: changed while they were read; start again when they are complete")
    listing.seek(records)
    listing.write(_head(files, len(removed), hashes))


def join(kept: Sequence[Path], listing: Path, out: Sequence[BinaryIO]) -> int:
    """Write the corpus as it was, from what is kept and the list; return its pairs. Raises DataError."""
    records = _records(listing)
    _, head = next(records, (1, {}))
    pairs, sums = head.get("pairs"), head.get("sha256")
    if head.get("format") != FORMAT or type(pairs) is not int or not isinstance(sums, list):
        raise DataError(f"{listing}: not a list of removed pairs; {GIVE}")
    sides = len(sums)
    if len(kept) != sides:
        raise DataError(f"{listing}: of a corpus of {sides} files, {len(kept)} given; give as many as were cleaned")
    hashes = [hashlib.sha256() for _ in kept]
    streams = [raw_lines(path) for path in kept]
    removed = (_removed(record, sides, f"{listing}:{number}") for number, record in records)
    following = next(removed, None)
    written = 0
    for line in range(1, pairs + 1):
        if following is not None and following[0] == line:
            row = following[1]
            following = next(removed, None)
        else:
            row = [next(stream, b"") for stream in streams]
            if not any(row):  # all is read; a line has its end at least
                break
        written += 1
        for digest, file, raw in zip(hashes, out, row, strict=True):
            digest.update(raw)
            file.write(raw)
    whole = written == pairs and [digest.hexdigest() for digest in hashes] == sums
    if not whole or any(next(stream, None) is not None for stream in streams):
        names = " and ".join(str(path) for path in kept)
        raise DataError(
            f"{names}: not what was kept when {listing} was written; give these files as `data clean` left them"
        )
    return pairs


def _rows(files: PairFiles) -> Iterator[tuple[bytes, ...]]:
    """Yield the raw lines of each pair."""
    return zip(*(raw_lines(path) for path in files.paths), strict=True)


def _head(files: PairFiles, pairs: int, hashes: Sequence[Any]) -> bytes:
    """Return the first line of a list; its length does not depend on the hashes."""
    names = [path.name for path in files.paths]
    return _line(
        {"format": FORMAT, "files": names, "pairs": pairs, "sha256": [digest.hexdigest() for digest in hashes]}
    )


def _line(record: dict[str, Any]) -> bytes:
    """Return a line of JSON; a byte of a file's name that is no UTF-8 becomes an escape that JSON knows."""
    return json.dumps(record, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"


def _removed(record: dict[str, Any], sides: int, where: str) -> tuple[int, list[bytes]]:
    """Return the line and the raw lines of a removed pair; raises DataError."""
    line, raw = record.get("line"), record.get("raw")
    if type(line) is not int or not isinstance(raw, list) or len(raw) != sides:
        raise DataError(f"{where}: not a removed pair of {sides} files; {GIVE}")
    try:
        return line, [text.encode() for text in raw]
    except (AttributeError, UnicodeEncodeError):
        raise DataError(f"{where}: not the raw lines of a pair; {GIVE}") from None


def _records(listing: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, raw in enumerate(raw_lines(listing), start=1):
        try:
            record = json.loads(raw)
        except (ValueError, RecursionError):
            raise DataError(f"{listing}:{number}: not JSON; {GIVE}") from None
        if not isinstance(record, dict):
            raise DataError(f"{listing}:{number}: not a JSON object; {GIVE}")
        yield number, record
