"""A folder that another program reads: it appears whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman.errors import RequestError


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Give a scratch folder that becomes `folder` when the block ends well, and is gone when it does not.

    Raises RequestError for a folder that exists, and for one that cannot be made or filled.
    """
    if os.path.lexists(folder):
        raise RequestError(f"{folder} exists; name a new folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name[:100]}.", dir=folder.parent))
    except OSError as error:
        raise RequestError(f"{folder} cannot be made: {error.strerror}; name another folder") from None
    try:
        made = scratch / "made"
        made.mkdir()
        yield made
        made.rename(folder)
    except OSError as error:
        raise RequestError(f"{folder} cannot be written: {error.strerror}; name another folder") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
