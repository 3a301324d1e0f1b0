"""A table of settings that another program wrote: every field is taken, fixed or ignored by name, or refused by it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from dragoman.interchange.importing import fault, json_file

T = TypeVar("T", int, float, bool, str)
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


class Fields:
    """A JSON table, and which of its fields have been asked for."""

    def __init__(self, path: Path, table: dict[str, Any] | None = None) -> None:
        """Read a file, or take the table that stands for one; raises CheckpointError."""
        found = json_file(path) if table is None else table
        if not isinstance(found, dict):
            raise fault(path, "a table is wanted")
        self.path, self._left = path, dict(found)

    def __contains__(self, name: str) -> bool:
        """Whether a field is there that has not been taken."""
        return name in self._left

    def pop(self, name: str, default: Any = None) -> Any:
        """Take a field of any kind; null is as good as none."""
        value = self._left.pop(name, None)
        return default if value is None else value

    def take(self, name: str, kind: type[T], default: T | None = None) -> T:
        """Take a field of a kind, a whole number for a number too; raises CheckpointError."""
        value = self.pop(name, default)
        if kind is float and type(value) is int and abs(value) < 1 << 53:
            value = float(value)
        if type(value) is not kind:
            raise fault(self.path, f"{name}={value!r:.80}: {_KINDS[kind]} is wanted")
        return value

    def put(self, name: str, value: Any) -> None:
        """Say a field that another file has."""
        if value is not None:
            self._left[name] = value

    def fixed(self, name: str, *allowed: Any) -> None:
        """Take a field that changes what is computed unless it is missing, null, or one of `allowed`."""
        value = self.pop(name)
        if value is not None and not any(
            value == one and (type(value) is bool) == (type(one) is bool) for one in allowed
        ):
            known = " or ".join(repr(one) for one in allowed) or "nothing"
            raise fault(self.path, f"{name}={value!r:.80} is not known here, known is {known}", _MEND)

    def same(self, alias: str, name: str) -> None:
        """Take another name of a field, which must say the same where both are there; raises CheckpointError."""
        value = self.pop(alias)
        if value is None:
            return
        if self._left.get(name, value) != value:
            raise fault(self.path, f"{alias}={value!r:.80}, but {name}={self._left[name]!r:.80}", "make them the same")
        self._left[name] = value

    def ignore(self, names: Iterable[str]) -> None:
        """Take fields that change nothing of what is computed here."""
        for name in names:
            self._left.pop(name, None)

    def split(self, names: Iterable[str]) -> "Fields":
        """Take some fields as a table of their own."""
        return Fields(self.path, {name: self._left.pop(name) for name in names if name in self._left})

    def refuse_rest(self) -> None:
        """Raise CheckpointError for the first field that nobody took."""
        for name, value in self._left.items():
            raise fault(self.path, f"{name}={value!r:.80} is not known here, so what it changes is not either", _MEND)


_MEND = "take it out if you know that the model computes the same without it"
