"""metrics.jsonl: one line of JSON an event of the run, and after a resume as if it had never stopped."""

import json
from pathlib import Path
from typing import Any


class Journal:
    """Appends events; lines later than the step that a run resumes from are taken back first."""

    def __init__(self, path: Path, step: int) -> None:
        """Open the journal for a run that is at `step`; a torn last line is dropped."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [line for line in self._lines() if json.loads(line).get("step", 0) <= step]
        path.with_suffix(".tmp").write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        path.with_suffix(".tmp").rename(path)

    def write(self, event: dict[str, Any]) -> None:
        """Append one event."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, ensure_ascii=False) + "\n")

    def _lines(self) -> list[str]:
        if not self._path.exists():
            return []
        return [line for line in self._path.read_text(encoding="utf-8").split("\n") if _whole(line)]


def _whole(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
