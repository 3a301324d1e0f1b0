"""The memory that it takes to check, tokenize and walk through a corpus.

    python benchmarks/corpus_memory.py --pairs 10000000

Makes that many short pairs, checks them, tokenizes them into a cache of its own and walks through an epoch,
all in a temporary folder (about 350 bytes of disk a pair). Prints one JSON line: for each step the largest
resident memory that is the program's own (RssAnon, sampled; mapped files are the system's to drop) in
bytes, the peak of everything (ru_maxrss), and the growth between a tenth of an epoch and its end. Linux.
With --inspect it measures the search for faults instead.
"""

import argparse
import json
import os
import re
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dragoman.data.batching import BatchPlan
from dragoman.data.cleaning import CleanOptions, inspect
from dragoman.data.corpus import PairFiles, check
from dragoman.data.mixture import single
from dragoman.data.store import prepare
from dragoman.randomness import Randomness
from dragoman.text.training import train

WORDS = [f"{a}{b}{c}" for a in ("ba", "ke", "li", "mo", "nu") for b in ("r", "st", "n", "l") for c in "aeiou"]


def own_memory() -> int:
    """Return the bytes that are resident and belong to no file."""
    found = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


@contextmanager
def sampled(peaks: dict[str, int], name: str) -> Iterator[None]:
    """Put the largest own memory seen inside the block into ``peaks[name]``."""
    done = threading.Event()
    peaks[name] = own_memory()

    def watch() -> None:
        while not done.wait(0.01):
            peaks[name] = max(peaks[name], own_memory())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def write(folder: Path, pairs: int) -> PairFiles:
    """Write pairs of 3 to 8 invented words, a chunk at a time."""
    files = PairFiles(folder / "train.source", folder / "train.target")
    assert files.target is not None
    random = np.random.default_rng(1)
    with open(files.source, "w") as source, open(files.target, "w") as target:
        for start in range(0, pairs, 50_000):
            count = min(50_000, pairs - start)
            words = random.integers(len(WORDS), size=(count, 8)).tolist()
            for row, length in zip(words, random.integers(3, 9, count).tolist(), strict=True):
                text = " ".join(WORDS[word] for word in row[:length])
                source.write(f"{text}\n")
                target.write(f"{text[::-1]}\n")
    return files


def measure(folder: Path, pairs: int, merge_dropout: float) -> dict[str, object]:
    """Go the whole way once and return what it took."""
    files = write(folder, pairs)
    peaks: dict[str, int] = {}
    with sampled(peaks, "check"):
        report = check(files)
    texts = [f"{word} {word[::-1]}" for word in WORDS]
    tokenizer = train(texts, 400)
    with sampled(peaks, "prepare"):
        store = prepare(files, tokenizer, tokenizer, report, 128)
    plan = BatchPlan(single(store), 4096, Randomness(1), merge_dropout, (tokenizer, tokenizer))
    seen, early = 0, 0
    with sampled(peaks, "epoch"):
        for batch in plan.epoch(0):
            seen += len(batch.samples)
            if not early and seen * 10 >= len(store):
                early = own_memory()
        late = own_memory()
    return {
        "pairs": len(store),
        "seen": seen,
        "own": peaks,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "growth": late / early - 1,
    }


def measure_inspection(folder: Path, pairs: int) -> dict[str, object]:
    """Look for faults in that many pairs and return what it took."""
    files = write(folder, pairs)
    before = own_memory()
    peaks: dict[str, int] = {}
    started, processor = time.perf_counter(), time.process_time()
    with sampled(peaks, "inspect"):
        found = inspect(files, CleanOptions())
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    return {
        "pairs": found.pairs,
        "own": peaks,
        "beyond": peaks["inspect"] - before,
        "pairs_per_second": round(found.pairs / seconds),
        "pairs_per_processor_second": round(found.pairs / processor),
        "removed": int(found.removed.sum()),
    }


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--merge-dropout", type=float, default=0.0)
    parser.add_argument("--inspect", action="store_true", help="measure `dragoman data inspect` instead")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        if given.inspect:
            print(json.dumps(measure_inspection(Path(folder), given.pairs)))
            return
        print(json.dumps(measure(Path(folder), given.pairs, given.merge_dropout)))


if __name__ == "__main__":
    main()
