"""metrics.jsonl: one line of JSON an event of the run, and after a resume as if it had never stopped."""

import json
import math
from pathlib import Path
from typing import Any

from dragoman.errors import CheckpointError


class Journal:
    """Appends events; lines later than the step that a run resumes from are taken back first."""

    def __init__(self, path: Path, step: int) -> None:
        """Open the journal for a run that is at `step`; a torn line is dropped. Raises CheckpointError."""
        self._path = path
        hidden = path.with_suffix(".tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = path.read_bytes().split(b"\n") if path.exists() else []
            hidden.write_bytes(b"".join(line + b"\n" for line in lines if _kept(line, step)))
            hidden.rename(path)
        except OSError as error:
            raise self._unwritten(error) from None

    def write(self, event: dict[str, Any]) -> None:
        """Append one event; what is not a finite number becomes null, which every reader of JSON knows."""
        finite = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in event.items()
        }
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(finite, ensure_ascii=False) + "\n")
        except OSError as error:
            raise self._unwritten(error) from None

    def _unwritten(self, error: OSError) -> CheckpointError:
        return CheckpointError(
            f"{self._path}: cannot be written: {error.strerror}; make room and run the same command again"
        )


def _kept(line: bytes, step: int) -> bool:
    """Return whether a line is whole and not later than `step`."""
    try:
        event = json.loads(line)
        return bool(event.get("step", 0) <= step)
    except (ValueError, AttributeError, TypeError):  # torn, or not an event
        return False
