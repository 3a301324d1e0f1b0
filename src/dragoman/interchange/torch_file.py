"""A `pytorch_model.bin` as a safetensors file: torch reads its weights, and nothing else, in a process of its own.

Such a file is a pickle, which can hold a program. torch's reader of weights alone refuses everything but tensors and
tables; should it ever fail at that, what runs has a process without our memory, and limits.
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman.errors import RequestError
from dragoman.interchange.importing import fault

MOST_PICKLE = 16 << 20  # bytes of the names and shapes in it
MOST_ENTRIES = 100_000
MOST_SECONDS = 600
# Told on its last line of output: which error it was.
CHILD = """
import sys
path, out, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
try:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except ImportError:
    pass
import torch, safetensors.torch
torch.set_num_threads(1)
found = torch.load(path, map_location="cpu", weights_only=True)
if not isinstance(found, dict) or not all(type(n) is str and type(t) is torch.Tensor for n, t in found.items()):
    sys.exit("it holds something else than a table of tensors")
if any(t.layout is not torch.strided or t.is_quantized for t in found.values()):
    sys.exit("a tensor in it is sparse or quantized")
if sum(t.numel() * t.element_size() for t in found.values()) > most:
    sys.exit("its tensors are larger than the file")
safetensors.torch.save_file({name: tensor.clone().contiguous() for name, tensor in found.items()}, out)
"""


@contextmanager
def as_safetensors(path: Path, trusted: bool) -> Iterator[Path]:
    """Give a safetensors file with the tensors of a file of torch, gone when the block ends.

    Raises RequestError unless it is `trusted`, CheckpointError for a file that holds anything but tensors.
    """
    if not trusted:
        raise RequestError(
            f"{path}: a pickle, which could hold a program; take model.safetensors, or write --trust-torch-file if "
            "you know who made it"
        )
    try:
        size = path.stat().st_size
        _check_archive(path, size)
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from None
    with tempfile.TemporaryDirectory(prefix="dragoman.") as scratch:
        out = Path(scratch) / "model.safetensors"
        # A tensor that two names share is written twice.
        words = [sys.executable, "-I", "-c", CHILD, str(path), str(out), str(4 * size + (64 << 20))]
        try:
            done = subprocess.run(words, capture_output=True, timeout=MOST_SECONDS, check=False, cwd=scratch)
        except subprocess.TimeoutExpired:
            raise fault(path, f"not read within {MOST_SECONDS} s", "save it as model.safetensors") from None
        if done.returncode or not out.is_file():
            raise fault(path, f"torch does not read its weights: {_last_line(done.stderr)}", "take model.safetensors")
        yield out


def _check_archive(path: Path, size: int) -> None:
    """Refuse what torch.save does not write: another file than a zip, anything compressed, a pickle of great size."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeDecodeError):
        raise fault(
            path, "no file that torch.save writes since 2020", "save it again, or take model.safetensors"
        ) from None
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > size:
        raise fault(path, "its parts are larger than itself")
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED:
            raise fault(path, f"{entry.filename!r:.80} in it is compressed, which torch.save does not do")
        if entry.filename.endswith(".pkl") and entry.file_size > MOST_PICKLE:
            raise fault(path, f"{entry.filename!r:.80} in it has {entry.file_size:,} bytes")


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it ended without a word"
