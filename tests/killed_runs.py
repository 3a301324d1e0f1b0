"""Kills training runs and lets them go on: `python killed_runs.py FOLDER write STRIDE` or `... anywhere COUNT`.

Each trial forks a run that saves after every step, ends it by SIGKILL, starts it again, and prints as a line of
JSON whether the end is that of an unbroken run. `write` kills before or after each (STRIDE 1) of the things that
saving the last step, which is saved twice, does to the disk, and amid each file; `anywhere` after random times.
"""

import hashlib
import io
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from dragoman.train import checkpoint, loop
from tiny_runs import Bench, Listener, journal, make_bench, weights_of

STEPS = 3  # so that the last saving also removes the first checkpoint
SETTINGS = {"steps": STEPS, "validate_every": 2, "accumulate": 1}


class Halves(io.FileIO):
    """A file whose contents come in two halves."""

    def __init__(self, path: Path, mode: str, between: Callable[[], None]) -> None:
        super().__init__(path, mode)
        self.between = between

    def write(self, data: Any) -> int:
        half = len(data) // 2
        written = super().write(data[:half])
        self.between()
        return written + super().write(data[half:])


class Killer:
    """Counts what is done to the disk while a step is saved, and kills this process at a number; -1: never."""

    def __init__(self, at: int) -> None:
        self.at, self.count, self.saving = at, 0, False
        for place, name in ((os, "fsync"), (Path, "rename"), (Path, "mkdir"), (shutil, "rmtree")):
            setattr(place, name, self.around(getattr(place, name)))
        checkpoint.open = self.opened
        real = checkpoint.write

        def write(folder: Path, step: int, *rest: Any) -> Path:
            self.saving = step == STEPS
            try:
                return real(folder, step, *rest)
            finally:
                self.saving = False

        checkpoint.write = write

    def around(self, real: Any) -> Any:
        def call(*arguments: Any, **settings: Any) -> Any:
            self.point()
            result = real(*arguments, **settings)
            self.point()
            return result

        return call

    def opened(self, path: Path, mode: str) -> "Halves":
        return Halves(path, mode, self.point)

    def point(self) -> None:
        if self.saving:
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1


def digest(bench: Bench, folder: Path) -> str:
    """Train to the end; return a hash of all that is left but times."""
    run = bench.loop(folder, Listener(), **SETTINGS)
    assert run.run() == "finished"
    sums = {name: value.tolist() for name, value in (weights_of(run.model) | run.average.sums).items()}
    return hashlib.sha256(json.dumps([sums, journal(folder)]).encode()).hexdigest()


def killed(bench: Bench, folder: Path, at: int | None, seconds: float) -> bool:
    """Train in a child that is killed at a point of its writing, or after some time; return whether it was."""
    child = os.fork()
    if child == 0:
        if at is not None:
            Killer(at)
        digest(bench, folder)
        os._exit(0)
    if at is None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def last_step(folder: Path) -> int:
    """The step that a killed run had told of last."""
    path = folder / "metrics.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return max((json.loads(line)["step"] for line in lines), default=0)


def main(folder: Path, kind: str, count: int) -> None:
    torch.set_num_threads(1)
    loop.SAVE_SECONDS, loop.LOG_EVERY = -1.0, 1
    bench = make_bench(folder / "corpus")
    wanted = digest(bench, folder / "unbroken")
    began = time.monotonic()
    assert digest(bench, folder / "again") == wanted
    length = time.monotonic() - began  # the first one was slower
    chance = random.Random(1)
    trial = 0
    while kind == "write" or trial < count:
        run = folder / str(trial)
        was = killed(bench, run, count * trial if kind == "write" else None, chance.uniform(0, length))
        if kind == "write" and not was:
            return  # more points than the writing has
        told = last_step(run)
        found = checkpoint.newest(run / "checkpoints")
        lost = told - (0 if found is None else found.state["step"])
        print(json.dumps({"killed": was, "lost": lost, "same": digest(bench, run) == wanted}), flush=True)
        shutil.rmtree(run)
        trial += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
