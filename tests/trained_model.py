"""A model trained by `dragoman train` itself, once a session, on a hundred made-up sentence pairs."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from dragoman.cli import run

SUBJECTS = {"the cat": "die Katze", "the dog": "der Hund", "a child": "ein Kind", "my friend": "mein Freund"}
VERBS = {"sees": "sieht", "knows": "kennt", "looks for": "sucht", "hears": "hört", "likes": "mag"}
OBJECTS = {"a house": "ein Haus", "a book": "ein Buch", "water": "Wasser", "the café 🙂": "das Café 🙂", "it": "es"}

SIZES = ("--preset", "pocket", "--set", "tokenizer.vocab_size=300")
WIDER = ("--set", "model.d_model=16", "--set", "train.rate=0.02", "--set", "train.warmup=20")
LENGTH = ("--steps", "300", "--set", "train.validate_every=300")

SHORT = ("--steps", "3", "--set", "train.validate_every=3")

_made: list[Path] = []


def pairs() -> list[tuple[str, str]]:
    """The hundred pairs, in an order that is not that of the alphabet."""
    found = [
        (f"{subject} {verb} {thing}.", f"{SUBJECTS[subject]} {VERBS[verb]} {OBJECTS[thing]}.")
        for thing in OBJECTS
        for verb in VERBS
        for subject in SUBJECTS
    ]
    return found[::7] + [pair for at, pair in enumerate(found) if at % 7]


def write_corpus(folder: Path, count: int = 100) -> list[str]:
    """Write train.en and train.de into the folder; return the arguments of `dragoman train` that name them."""
    for at, name in enumerate(("train.en", "train.de")):
        text = "".join(f"{pair[at]}\n" for pair in pairs()[:count])
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return ["--source", str(folder / "train.en"), "--target", str(folder / "train.de")]


def command(*arguments: str | Path) -> list[str]:
    """The command line of a process of its own."""
    return [sys.executable, "-c", "from dragoman.cli import main; main()", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    """One thread, so that processes side by side stay quick."""
    return os.environ | {"OMP_NUM_THREADS": "1"} | more


def dragoman(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own, to its end."""
    return subprocess.run(
        command(*arguments),
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(**more),
        timeout=120,
        check=False,
    )


class Training:
    """A `dragoman train` in a process of its own, whose lines on stderr are read as they come."""

    def __init__(self, arguments: Sequence[str | Path], cwd: Path | None = None) -> None:
        self.process = subprocess.Popen(
            command("train", *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=cwd, env=environment()
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Training":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.decode().rstrip("\n"))

    def wait_for(self, words: str) -> None:
        """Wait until a line holds these words."""
        for _ in range(3000):
            if any(words in line for line in self.lines):
                return
            if self.process.poll() is not None:
                self._reader.join()
                assert any(words in line for line in self.lines), self.lines
                return
            time.sleep(0.02)
        raise AssertionError(self.lines)

    def end(self) -> int:
        """Wait for the end; return the exit status."""
        status = self.process.wait(60)
        self._reader.join()
        return status


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds train.en, train.de and the model in m/; tests read it only."""
    if not _made:
        folder = tmp_path_factory.mktemp("trained")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
            assert run(["train", *write_corpus(folder), "--out", str(folder / "m"), *SIZES, *WIDER, *LENGTH]) == 0
        _made.append(folder)
    return _made[0]


@pytest.fixture
def model(trained: Path) -> str:
    """The model folder, as an argument."""
    return str(trained / "m")
