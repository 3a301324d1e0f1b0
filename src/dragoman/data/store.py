"""Tokenized pairs in files that are mapped, not loaded: ids, texts and line numbers of every usable pair.

They live in the user's cache folder ($XDG_CACHE_HOME/dragoman/pairs, else ~/.cache/dragoman/pairs), one
folder for each content (hashes of the corpus and of the tokenizers), written beside and renamed, so that
a killed run leaves nothing wrong. Nothing there is needed again: to make room, delete any of it.
"""

import contextlib
import errno
import hashlib
import json
import os
import pwd
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.data.corpus import EXAMPLES, CorpusReport, Fault, Pair, PairFiles, Side, read_pairs, usable
from dragoman.errors import DataError
from dragoman.manifest import sync
from dragoman.text.tokenizer import Tokenizer

FORMAT = 2
CHUNK_PAIRS, CHUNK_CHARACTERS = 8192, 1 << 21  # tokenized at a time: some tens of megabytes
STALE = 86400.0  # seconds after which a folder that was never finished belongs to a killed run

SIDES: tuple[Side, Side] = ("source", "target")
Indexes = Sequence[int] | NDArray[np.int64]


def prepare(
    files: PairFiles,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    report: CorpusReport,
    max_pieces: int,
) -> "PairStore":
    """Tokenize the usable pairs of `files`, or find them in the cache; raises DataError.

    `report` is what `corpus.check` said of the files just now. Pairs of more than `max_pieces` pieces
    (without `<s>` and `</s>`) on a side stay in the cache but are no part of the store: never cut.
    """
    tokenizers = (source_tokenizer, target_tokenizer)
    identity = [FORMAT, files.layout, report.max_characters, *report.sha256]
    identity += [tokenizer.fingerprint for tokenizer in tokenizers]
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()
    root, note = _cache()
    folder = root / key
    with contextlib.ExitStack() as cleanup:
        if note is not None:
            cleanup.callback(shutil.rmtree, root, ignore_errors=True)
        try:
            if _damaged(folder):
                _drop_stale(root)
                made = Path(tempfile.mkdtemp(prefix=f"{key}.", suffix=".tmp", dir=root))
                cleanup.callback(shutil.rmtree, made, ignore_errors=True)
                _write(made, files, tokenizers, report)
                _publish(made, folder)
        except OSError as error:
            raise DataError(
                f"{folder}: cannot be written: {error.strerror}; tokenized pairs take about four times the "
                "room of their text: make room, or set XDG_CACHE_HOME to a folder with more"
            ) from None
        store = PairStore(folder, files, max_pieces, note)
        if note is not None:
            weakref.finalize(store, cleanup.pop_all().close)  # the private folder lives as long as the store
    return store


class PairStore:
    """The pairs of a corpus by number, 0 to len - 1: their ids, texts and places.

    `note` says in words when the cache folder could not be used; `too_long` counts and names the pairs
    that are left out for more than `max_pieces` pieces on a side.
    """

    def __init__(self, folder: Path, files: PairFiles, max_pieces: int, note: str | None = None) -> None:
        """Map the files of a finished folder; raises DataError when no pair is short enough."""
        header = _header(folder)
        if header is None:
            raise DataError(f"{folder}: damaged tokenized pairs; delete the folder and start again")
        self.files, self.max_pieces, self.note = files, max_pieces, note
        self._ids = {side: Rows.open(folder, f"{side}.ids", header["ids"][side]) for side in SIDES}
        self._texts = {side: Rows.open(folder, f"{side}.text", "uint8") for side in SIDES}
        self._lines = _map(folder / "lines", "int64")
        lengths = {side: rows.lengths() for side, rows in self._ids.items()}
        fits = (lengths["source"] <= max_pieces) & (lengths["target"] <= max_pieces)
        self._rows: NDArray[np.int64] | None = None  # None: every pair fits, and pair i is row i
        self.too_long: Fault | None = None
        if not fits.all():
            self._rows = np.flatnonzero(fits)
            out = np.flatnonzero(~fits)
            self.too_long = Fault(
                what=f"a side of more than {max_pieces:,} pieces",
                count=len(out),
                examples=tuple(self._place(int(row), lengths) for row in out[:EXAMPLES]),
            )
            lengths = {side: values[fits] for side, values in lengths.items()}
        if self.too_long and not len(lengths["source"]):
            raise DataError(f"{files}: no pair is left: {self.too_long}; raise train.max_pieces")
        self._lengths = lengths

    def __len__(self) -> int:
        """Return how many pairs there are to train on."""
        return len(self._lengths["source"])

    @property
    def notes(self) -> tuple[str, ...]:
        """Return in sentences what the user should know of the store."""
        return tuple(str(note) for note in (self.note, self.too_long) if note is not None)

    def lengths(self, side: Side) -> NDArray[np.int32]:
        """Return the pieces of every pair on one side, int32 [len(store)]."""
        return self._lengths[side]

    def ids(self, side: Side, indexes: Indexes) -> list[NDArray[Any]]:
        """Return the ids of some pairs, each an array that is mapped, without `<s>` and `</s>`."""
        rows = self._ids[side]
        return [rows[index] for index in self._at(indexes)]

    def texts(self, side: Side, indexes: Indexes) -> list[str]:
        """Return the texts of some pairs."""
        rows = self._texts[side]
        return [rows[index].tobytes().decode() for index in self._at(indexes)]

    def places(self, indexes: Indexes) -> list[str]:
        """Return file:line of some pairs."""
        return [self.files.where(int(self._lines[index])) for index in self._at(indexes)]

    def _at(self, indexes: Indexes) -> list[int]:
        """Return the rows of pairs."""
        wanted = np.asarray(indexes, np.int64)
        rows: list[int] = (wanted if self._rows is None else self._rows[wanted]).tolist()
        return rows

    def _place(self, row: int, lengths: dict[Side, NDArray[np.int32]]) -> str:
        side: Side = "source" if lengths["source"][row] > self.max_pieces else "target"
        return f"{self.files.where(int(self._lines[row]), side)} ({lengths[side][row]:,})"


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of unequal length in one array: row i is ``values[offsets[i] : offsets[i + 1]]``."""

    values: NDArray[Any]
    offsets: NDArray[np.int64]

    @classmethod
    def open(cls, folder: Path, name: str, dtype: str) -> "Rows":
        """Map the two files that `_Writer` wrote."""
        return cls(_map(folder / name, dtype), _map(folder / f"{name}.offsets", "int64"))

    def __getitem__(self, row: int) -> NDArray[Any]:
        """Return one row, a view."""
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    def lengths(self) -> NDArray[np.int32]:
        """Return the length of every row."""
        return np.diff(self.offsets).astype(np.int32)


class _Writer:
    """Writes the two files that `Rows` maps, chunk by chunk."""

    def __init__(self, folder: Path, name: str, dtype: str, files: contextlib.ExitStack) -> None:
        self.dtype = dtype
        self.values = files.enter_context((folder / name).open("wb"))
        self.offsets = files.enter_context((folder / f"{name}.offsets").open("wb"))
        self.offsets.write(np.zeros(1, np.int64).tobytes())
        self.end = 0

    def add(self, rows: Sequence[Sequence[int]]) -> None:
        """Append rows of whole numbers; bytes are such rows too."""
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        ends = self.end + np.cumsum(lengths)
        self.end = int(ends[-1])
        if isinstance(rows[0], bytes):
            self.values.write(b"".join(rows))  # type: ignore[arg-type]
        else:
            self.values.write(np.fromiter(chain.from_iterable(rows), self.dtype, int(lengths.sum())).tobytes())
        self.offsets.write(ends.tobytes())


def _write(folder: Path, files: PairFiles, tokenizers: tuple[Tokenizer, Tokenizer], report: CorpusReport) -> None:
    """Fill a new folder, the header last; every byte is on the disk when this returns."""
    kinds = {
        side: "uint16" if tokenizer.vocab_size <= 1 << 16 else "uint32"
        for side, tokenizer in zip(SIDES, tokenizers, strict=True)
    }
    count = 0
    with contextlib.ExitStack() as stack:
        ids = {side: _Writer(folder, f"{side}.ids", kinds[side], stack) for side in SIDES}
        texts = {side: _Writer(folder, f"{side}.text", "uint8", stack) for side in SIDES}
        numbers = stack.enter_context(open(folder / "lines", "wb"))
        for pairs in _chunks(pair for pair in read_pairs(files) if usable(pair, report.max_characters)):
            count += len(pairs)
            numbers.write(np.array([pair.line for pair in pairs], np.int64).tobytes())
            for side, tokenizer in zip(SIDES, tokenizers, strict=True):
                words = [pair.source if side == "source" else pair.target for pair in pairs]
                ids[side].add(tokenizer.encode_ids(words))
                texts[side].add([text.encode() for text in words])
    if count != report.usable:
        raise DataError(
            f"{files}: changed while they were read ({report.usable:,} usable pairs, then {count:,}); "
            "start again when they are complete"
        )
    written = sorted(folder.iterdir())
    sizes = {path.name: path.stat().st_size for path in written}
    sums = {path.name: _sha256(path) for path in written}
    header = {"format": FORMAT, "pairs": count, "ids": kinds, "sizes": sizes, "sha256": sums}
    (folder / "header.json").write_text(json.dumps({"checksum": _checksum(header), "header": header}))
    for path in (*folder.iterdir(), folder):
        sync(path)


def _chunks(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    """Yield the pairs in lists that are short in pairs and in characters."""
    chunk: list[Pair] = []
    characters = 0
    for pair in pairs:
        chunk.append(pair)
        characters += len(pair.source) + len(pair.target)
        if len(chunk) == CHUNK_PAIRS or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _header(folder: Path) -> dict[str, Any] | None:
    """Return the header of a whole folder; None when it is missing, of another format or damaged."""
    try:
        box = json.loads((folder / "header.json").read_bytes())
        header: dict[str, Any] = box["header"]
        if box["checksum"] != _checksum(header) or header["format"] != FORMAT:
            return None
        whole = all((folder / name).stat().st_size == size for name, size in header["sizes"].items())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return header if whole else None


def _damaged(folder: Path) -> bool:
    """Whether a folder is missing, of another format, or a file of it holds other bytes than were written."""
    header = _header(folder)
    return header is None or any(_sha256(folder / name) != digest for name, digest in header["sha256"].items())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checksum(header: object) -> str:
    return hashlib.sha256(json.dumps(header, sort_keys=True).encode()).hexdigest()


def _publish(made: Path, folder: Path) -> None:
    """Give a finished folder its name; a damaged one of that name goes, a whole one stays."""
    if folder.exists() and _damaged(folder):
        aside = Path(tempfile.mkdtemp(suffix=".tmp", dir=folder.parent))
        os.rename(folder, aside / "damaged")
        shutil.rmtree(aside)
    try:
        os.rename(made, folder)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY) or _header(folder) is None:
            raise  # otherwise another run was quicker, with the same content
    sync(folder.parent)


def _cache() -> tuple[Path, str | None]:
    """Return a folder to write in: the user's cache, or a new private one and a note that says so."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(given) if os.path.isabs(given) else _home() / ".cache"  # the XDG rule
    try:
        (base / "dragoman" / "pairs").mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (base / "dragoman", base / "dragoman" / "pairs"):
            if folder.stat().st_uid != os.geteuid():
                raise PermissionError(errno.EPERM, "it belongs to somebody else")
            folder.chmod(0o700)
        os.rmdir(tempfile.mkdtemp(suffix=".tmp", dir=base / "dragoman" / "pairs"))
    except OSError as error:
        private = Path(tempfile.mkdtemp(prefix="dragoman-"))
        return private, (
            f"{base / 'dragoman'}: cannot be written ({error.strerror}); the tokenized pairs are in "
            f"{private} for this run only; to keep them, set XDG_CACHE_HOME to a folder of your own"
        )
    return base / "dragoman" / "pairs", None


def _home() -> Path:
    """Return the user's home: HOME, or where it says nothing what the system knows; the root for who is unknown."""
    given = os.environ.get("HOME", "")
    if os.path.isabs(given):
        return Path(given)
    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        return Path("/")


def _drop_stale(root: Path) -> None:
    """Remove what runs that were killed a day ago or more have left."""
    for path in root.glob("*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > STALE:
                shutil.rmtree(path, ignore_errors=True)


def _map(path: Path, dtype: str) -> NDArray[Any]:
    """Map a file as an array; its pages are the system's to drop and read again."""
    if path.stat().st_size == 0:
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(path, dtype, mode="r"))  # the plain array is quicker to slice
