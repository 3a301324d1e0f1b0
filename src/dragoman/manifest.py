"""The files of a model folder and the manifest that names them with sizes and checksums.

A save writes a new generation of files beside the old one and commits it by renaming manifest.json,
so that a crash at any moment leaves one whole bundle; a read trusts nothing that it has not summed.

    before     weights.safetensors                              manifest.json -> weights.safetensors
    writing    weights.safetensors  weights.next.safetensors    manifest.json -> weights.safetensors
    committed  weights.safetensors  weights.next.safetensors    manifest.json -> weights.next.safetensors
    pruned                          weights.next.safetensors    manifest.json -> weights.next.safetensors
"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import Any, TypeVar

from dragoman import shipped, strict_json
from dragoman.errors import CheckpointError

T = TypeVar("T")

FORMAT = 1
MANIFEST = "manifest.json"
MARK = "manifest.json.tmp"  # the manifest to come; alone in a folder, it says that a first save was cut off
NAMES = (
    "config.json",
    "tokenizer.json",
    "source.tokenizer.json",
    "target.tokenizer.json",
    "weights.safetensors",
    "weights.int8.safetensors",
    "shortlist.safetensors",
    "card.md",
)
MEND = "copy the model folder again from where it came, or train it again"

MAX_MANIFEST = 1 << 20
PART = 1 << 20  # bytes that are read at once where nothing else says how many
MAX_WORDS = 600  # characters; a damaged file may quote itself at length
MAX_ATTEMPTS = 100  # reads that a busy writer may overtake; each wants a commit of its own


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a file of the bundle lies and what it must hold."""

    path: str
    size: int
    sha256: str


Manifest = dict[str, Entry]


def fault(path: Path, what: str, mend: str = MEND) -> CheckpointError:
    """Return the error for a path: what is wrong with it and what to do, on one line of bounded length."""
    return CheckpointError(f"{path}: {' '.join(what.split())[:MAX_WORDS]}; {mend}")


def reached(point: str) -> None:
    """Stand for a named moment of a save, where the crash tests cut it off; does nothing.

    The points: "before sync", "before rename", "after rename", "pruning".
    """


def next_name(name: str) -> str:
    """Return the other name of a file: weights.safetensors -> weights.next.safetensors."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}.next.{ending}"


def read_manifest(folder: Path) -> Manifest:
    """Return the entries of the folder's manifest by logical name; raises CheckpointError."""
    path = folder / MANIFEST
    document = parse_json(_manifest_bytes(folder), path)
    if not isinstance(document, dict) or type(document.get("format")) is not int:
        raise fault(path, 'no "format" number, so not the manifest of a bundle')
    if document["format"] != FORMAT:
        found = f"format {document['format']}, this dragoman reads format {FORMAT}"
        raise fault(path, found, "install the version of dragoman that wrote it")
    if set(document) != {"format", "files"} or not isinstance(document["files"], dict):
        raise fault(path, '"format" and a table "files" are wanted and nothing else')
    return {name: _entry(name, value, path) for name, value in document["files"].items()}


class Reading:
    """A file of a bundle that is read from front to back, and summed on the way."""

    def __init__(self, file: FileIO, path: Path, entry: Entry) -> None:
        """Begin at the front of a file that was opened without a buffer."""
        self.path, self.left = path, entry.size  # bytes to come
        self._file, self._entry, self._sum = file, entry, hashlib.sha256()

    def take(self, count: int) -> bytearray:
        """Return the next bytes; raises CheckpointError where there are fewer, or no memory for them."""
        try:
            data = bytearray(count)
            view, filled = memoryview(data), 0
            while filled < count and (read := self._file.readinto(view[filled:])):
                filled += read
        except MemoryError:
            raise fault(self.path, f"{count} bytes do not fit into memory", "free some of it") from None
        except OSError as error:
            raise fault(self.path, f"cannot be read: {error.strerror}") from None
        if filled < count:
            raise self._damaged()
        self._sum.update(data)
        self.left -= count
        return data

    def check(self) -> None:
        """Read what is left, and raise CheckpointError where the sum is not the manifest's."""
        while self.left > 0:
            self.take(min(self.left, PART))
        if self._sum.hexdigest() != self._entry.sha256:
            raise self._damaged()

    def _damaged(self) -> CheckpointError:
        return fault(self.path, "damaged: its SHA-256 is not the manifest's")


@contextmanager
def reading(folder: Path, manifest: Manifest, name: str, limit: int) -> Iterator[Reading]:
    """Open a file of the bundle; when the block ends its SHA-256 is known to be right. Raises CheckpointError.

    What was read before is not to be used but to be refused: where the block raises a CheckpointError and the sum
    is wrong too, it is the sum that is told. A file above `limit` bytes is not opened at all.
    """
    path, entry = locate(folder, manifest, name)
    if entry.size > limit:
        raise fault(path, f"{entry.size} bytes, at most {limit} are possible here")
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from None
    with file:
        opened = Reading(file, path, entry)
        try:
            yield opened
        except CheckpointError:
            opened.check()
            raise
        opened.check()


def read_file(folder: Path, manifest: Manifest, name: str, limit: int) -> bytearray:
    """Return the bytes of a file of the bundle once size and SHA-256 are right; raises CheckpointError.

    A file above `limit` bytes is refused before memory is taken for it.
    """
    with reading(folder, manifest, name, limit) as file:
        return file.take(file.left)


def check_file(folder: Path, manifest: Manifest, name: str) -> None:
    """Check size and SHA-256 of a file in little memory; raises CheckpointError."""
    path, entry = locate(folder, manifest, name)
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from None
    if found != entry.sha256:
        raise fault(path, "damaged: its SHA-256 is not the manifest's")


def locate(folder: Path, manifest: Manifest, name: str) -> tuple[Path, Entry]:
    """Return path and entry of a file that lies in the folder and has its size; raises CheckpointError."""
    if name not in manifest:
        raise fault(folder / MANIFEST, f"names no {name}")
    entry = manifest[name]
    path = folder / entry.path
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise fault(path, "leads out of the bundle's folder", "put the file itself in its place")
        if not path.exists():
            raise fault(path, "missing")
        if not path.is_file():
            raise fault(path, "not a file")
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(9)
    except (OSError, RuntimeError) as error:  # RuntimeError: Python 3.11 and 3.12 for a loop of links
        raise fault(path, f"cannot be read: {error}") from None
    if _looks_pickled(head):
        raise fault(path, "a pickle or .pt file, which could run code", "put the bundle's own file in its place")
    if size != entry.size:
        raise fault(path, f"damaged: {size} bytes, the manifest says {entry.size}")
    return path, entry


def steadily(folder: Path, read: Callable[[Manifest], T]) -> T:
    """Return `read` of the manifest, asked again when a writer commits a new one under its feet."""
    for _ in range(MAX_ATTEMPTS):
        before = _state(folder)
        try:
            return read(read_manifest(folder))
        except CheckpointError:
            if _state(folder) == before:
                raise
    raise fault(folder, f"written {MAX_ATTEMPTS} times while being read", "wait for the writer, then try again")


def write_generation(folder: Path, files: Mapping[str, bytes], plain: bool = False) -> None:
    """Make the folder a bundle of exactly these files, or leave it the bundle it was; raises CheckpointError.

    With `plain` every file ends at its plain name, which may take a second generation.
    """
    if unknown := set(files) - set(NAMES):
        raise ValueError(f"not files of a bundle: {sorted(unknown)}")
    try:
        _make_folder(folder)
        manifest = _commit(folder, files, settle=False)
        if plain and any(entry.path != name for name, entry in manifest.items()):
            _commit(folder, files, settle=True)
    except OSError as error:
        closed = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        needed = f"{sum(map(len, files.values()))} bytes are needed in {folder}"
        raise fault(
            Path(error.filename or folder),
            f"cannot be written: {error.strerror}",
            "choose another folder, or allow it to be written" if closed else needed,
        ) from None


def parse_json(data: bytes | bytearray, path: Path) -> Any:
    """Return strict JSON in UTF-8 without half characters; raises CheckpointError, which names `path`."""
    try:
        text = data.decode("utf-8")
        if text.startswith("\ufeff"):
            raise ValueError("a byte order mark stands in front; save it as UTF-8 without one")
        document = strict_json.loads(text)
        if "\\ud" in text or "\\uD" in text:  # perhaps half of a surrogate pair, which no output could take
            json.dumps(document, ensure_ascii=False).encode("utf-8")
        return document
    except ValueError as error:
        raise fault(path, f"not valid JSON: {error}") from None


def _manifest_bytes(folder: Path) -> bytes:
    path = folder / MANIFEST
    try:
        if not folder.is_dir():
            raise fault(folder, _no_folder(folder), _write_a_folder())
        if not path.exists():
            if str(folder) in shipped.names():
                raise fault(folder, "a folder without a model, which hides the one that ships by its name", "rename it")
            raise fault(folder, f"no model here (it has no {MANIFEST})", _write_a_folder())
        if not path.is_file():
            raise fault(path, "not a file")
        with path.open("rb") as file:
            data = file.read(MAX_MANIFEST + 1)
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_MANIFEST:
        raise fault(path, f"above {MAX_MANIFEST} bytes, so not the manifest of a bundle")
    return data


def _no_folder(path: Path) -> str:
    return "a file, but a model is a folder (.pt files are not read)" if path.exists() else "no such folder"


def _write_a_folder() -> str:
    return "write the path of a model folder" + "".join(f", or {name}" for name in shipped.names())


def _looks_pickled(head: bytes) -> bool:
    """Know a pickle of protocol 2 to 5, or the zip that torch.save writes, by its first nine bytes."""
    if head.startswith(b"PK\x03\x04"):
        return True
    is_safetensors = head[4:] == b"\0\0\0\0{"  # whose header can be 0x0280 bytes long, the start of a pickle
    return head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5") and not is_safetensors


def _state(folder: Path) -> tuple[bytes, int] | None:
    try:
        return _manifest_bytes(folder), (folder / MANIFEST).stat().st_mtime_ns
    except (OSError, CheckpointError):
        return None


def _entry(name: str, value: Any, path: Path) -> Entry:
    if name not in NAMES:
        raise fault(path, f"{name!r} is no file of a bundle; known are {', '.join(NAMES)}")
    if not isinstance(value, dict) or set(value) != {"path", "size", "sha256"}:
        raise fault(path, f'{name} wants "path", "size" and "sha256" and nothing else')
    entry = Entry(**value)
    if entry.path not in (name, next_name(name)):
        raise fault(path, f"{name} at {entry.path!r}; allowed are {name} and {next_name(name)}")
    if type(entry.size) is not int or entry.size < 0:
        raise fault(path, f"{name} has the size {entry.size!r}; a number of bytes is wanted")
    if not isinstance(entry.sha256, str) or not re.fullmatch("[0-9a-f]{64}", entry.sha256):
        raise fault(path, f"{name} has the sha256 {entry.sha256!r}; 64 hexadecimal digits are wanted")
    return entry


def _make_folder(folder: Path) -> None:
    """Make the folder, or make sure that nothing in it belongs to somebody else."""
    if not folder.exists():
        folder.mkdir(parents=True)
        sync(folder.parent)
    if not folder.is_dir():
        raise fault(folder, "a file", "write the name of a folder")
    if not (folder / MANIFEST).exists() and not (folder / MARK).exists():
        for name in (*NAMES, *map(next_name, NAMES)):
            if os.path.lexists(folder / name):
                raise fault(folder / name, "belongs to no bundle and would be lost", "choose another folder")
        (folder / MARK).touch()


def _commit(folder: Path, files: Mapping[str, bytes], settle: bool) -> Manifest:
    """Write what changed beside the old files, rename the manifest, remove what it no longer names."""
    old = read_manifest(folder) if (folder / MANIFEST).exists() else {}
    used = {entry.path for entry in old.values()}
    new: Manifest = {}
    written: list[Path] = []
    try:
        for name, data in files.items():
            digest = hashlib.sha256(data).hexdigest()
            if _keeps(folder, old, name, digest, settle):
                new[name] = old[name]
                continue
            path = name if name not in used else next_name(name)
            written.append(folder / path)
            _write(folder / path, data)
            new[name] = Entry(path, len(data), digest)
        sync(folder)
        document = {"format": FORMAT, "files": {name: asdict(entry) for name, entry in new.items()}}
        written.append(folder / MARK)
        _write(folder / MARK, json.dumps(document, indent=1).encode())  # no newline: every byte counts
    except OSError:
        for path_written in written:
            path_written.unlink(missing_ok=True)  # a disk that is full gets its space back
        raise
    reached("before rename")
    os.replace(folder / MARK, folder / MANIFEST)
    sync(folder)
    reached("after rename")
    _prune(folder, {entry.path for entry in new.values()})
    return new


def _keeps(folder: Path, old: Manifest, name: str, digest: str, settle: bool) -> bool:
    """Return whether the file on disk already is what is to be saved."""
    if name not in old or old[name].sha256 != digest or (settle and old[name].path != name):
        return False
    try:
        check_file(folder, old, name)
    except CheckpointError:  # damaged on disk: written anew
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    """Write a file down to the disk; what lay there is removed first, so that no link is written through."""
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        reached("before sync")
        os.fsync(file.fileno())


def _prune(folder: Path, keep: set[str]) -> None:
    for name in (*NAMES, *map(next_name, NAMES)):
        path = folder / name
        if name not in keep and (path.is_file() or path.is_symlink()):
            path.unlink()
            reached("pruning")


def sync(folder: Path) -> None:
    """Make what was renamed or written in a folder lasting; a file of its own can be given too."""
    if os.name == "posix":  # elsewhere a folder cannot be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
