"""The folder of a training run: one process at a time, one recipe, and nothing left where nothing was begun."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from dragoman.bundle import Bundle, save
from dragoman.errors import CheckpointError, ConfigError
from dragoman.train.checkpoint import write_file

LOCK, RUN = "lock", "run.json"


class RunFolder:
    """MODEL and its `training/`, which holds run.json: the recipe, the checksums of the data, how the run ended."""

    def __init__(self, out: Path, recipe: Mapping[str, Any], defaults: Mapping[str, Mapping[str, Any]]) -> None:
        """Name the folder; nothing is made before `claimed`.

        A run begun by an older version may lack settings of `recipe`; it had their `defaults`.
        """
        self.out, self.training = out, out / "training"
        self._recipe, self._defaults = json.loads(json.dumps(recipe)), defaults
        self._before: dict[str, Any] | None = None

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep a second process out while the block runs; take a new folder away again if nothing was begun.

        Raises ConfigError where the folder is in use, of another run or of somebody else, CheckpointError
        where run.json is damaged.
        """
        made: list[Path] = []
        try:
            self._refuse_others()
            made = [path for path in (self.training, *self.training.parents) if not path.exists()]
            self.training.mkdir(parents=True, exist_ok=True)
            file = self._locked()
        except OSError as error:
            if self.training in made:
                _take_away(self.training, made)
            raise ConfigError(f"--out {self.out}: cannot be written: {error.strerror}; choose another folder") from None
        with file:
            try:
                self._before = self._read()
                yield
            finally:
                if not (self.training / RUN).exists():
                    _take_away(self.training, made)

    @property
    def begun(self) -> bool:
        """Whether there is a model to go on with."""
        return self._before is not None and (self.out / "manifest.json").exists()

    @property
    def ending(self) -> str | None:
        """Return how the run ended, in words; None where it has not."""
        return None if self._before is None else self._before.get("ending")

    def refuse_changed_text(self, sha256: tuple[str, ...]) -> None:
        """Raise ConfigError where the run was begun on other text."""
        if self._before is not None and self._before["sha256"] != list(sha256):
            source = self._recipe["data"]["source"]
            raise ConfigError(
                f"{source}: the text or the validation text has changed since {self.out} was begun; choose a new --out"
            )

    def begin(self, first: Bundle, sha256: tuple[str, ...]) -> None:
        """Write what the run is and its untrained model, or nothing; raises CheckpointError."""
        self._before = {"recipe": self._recipe, "sha256": list(sha256), "ending": None}
        self._write()
        try:
            save(first, self.out)
        except BaseException:
            (self.training / RUN).unlink(missing_ok=True)
            raise

    def end(self, ending: str) -> None:
        """Write that the run has ended; raises CheckpointError."""
        assert self._before is not None
        self._before["ending"] = ending
        self._write()

    def _write(self) -> None:
        write_file(self.training / RUN, json.dumps(self._before, indent=1).encode())

    def _refuse_others(self) -> None:
        """Raise ConfigError where the folder holds what is not of a run, before anything is made in it."""
        if (self.training / RUN).exists() or not self.out.is_dir():
            return
        others = sorted(entry.name for entry in self.out.iterdir() if entry != self.training)
        if self.training.is_dir():
            inside = (entry.name for entry in self.training.iterdir())
            others += sorted(f"training/{name}" for name in inside if name != LOCK and not name.startswith("."))
        if others:
            raise ConfigError(f"--out {self.out} holds {others[0]} already; choose a new folder")

    def _locked(self) -> TextIO:
        """Return the lock file, held; the lock dies with its process."""
        path = self.training / LOCK
        while True:
            file = path.open("a+", encoding="utf-8")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                owner = file.read().strip()
                file.close()
                raise ConfigError(
                    f"--out {self.out} is in use by process {owner}; wait for it or choose another folder"
                ) from None
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                break
            file.close()  # its process took the folder away while this one waited
            self.training.mkdir(parents=True, exist_ok=True)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return file

    def _read(self) -> dict[str, Any] | None:
        """Return run.json where there is one of this very recipe."""
        path = self.training / RUN
        if not path.exists():
            return None
        try:
            before = json.loads(path.read_bytes())
            recipe = before["recipe"]
            tables = all(isinstance(recipe[table], dict) for table in self._recipe)
            whole = isinstance(before["sha256"], list) and tables
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            whole = False
        if not whole:
            raise CheckpointError(f"{path}: damaged, so this run cannot go on; choose a new --out")
        for table, values in self._recipe.items():
            known = {**self._defaults.get(table, {}), **recipe[table]}
            for name in sorted({*values, *known}):
                old, new = known.get(name), values.get(name)
                if old != new:
                    was, now = ("not given" if value is None else value for value in (old, new))
                    raise ConfigError(
                        f"--out {self.out} was begun with {table}.{name} {was}, now it is {now}; "
                        "repeat the first command to go on, or choose a new folder"
                    )
        return dict(before)


def _take_away(training: Path, made: list[Path]) -> None:
    """Remove what a run that never began has made: its training/ and the folders above that were not there."""
    if training not in made:
        (training / LOCK).unlink(missing_ok=True)
        return
    shutil.rmtree(training, ignore_errors=True)
    for path in made[1:]:
        with contextlib.suppress(OSError):  # somebody else has put something into it
            path.rmdir()
