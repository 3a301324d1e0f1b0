"""How long it takes to learn a tokenizer of each family from a million lines, and how much memory.

    python benchmarks/tokenizer_training.py [FILE...] [--lines 1000000] [--vocab-size 8000] [--algorithm unigram]

Lines are drawn from the files by a seed, two of them joined where there are fewer than wanted; without files they
are made of invented words with the frequencies of a natural language (Zipf 1949). Each family is learned in a
process of its own, after the lines have been made; memory is the most that the process ever held.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dragoman.data.corpus import read_lines
from dragoman.text.training import ALGORITHMS, train

SEED, WORDS = 1, 100_000


def invented(count: int) -> Iterator[str]:
    """Lines of eight words on average, of a hundred thousand words of one to five syllables."""
    draw = np.random.default_rng(SEED)
    syllables = [c + v + e for c in ("", *"bdfghklmnprstvwz") for v in "aeiouäöü" for e in ("", *"nrslt")]
    words = ["".join(draw.choice(syllables, size=draw.integers(1, 6))) for _ in range(WORDS)]
    chance = 1 / np.arange(1, WORDS + 1)
    for start in range(0, count, 10_000):
        chosen = draw.choice(WORDS, size=(min(10_000, count - start), 16), p=chance / chance.sum())
        lengths = draw.integers(1, 17, size=len(chosen))
        for row, length in zip(chosen.tolist(), lengths.tolist(), strict=True):
            yield " ".join(words[index] for index in row[:length]).capitalize() + "."


def drawn(files: list[Path], count: int) -> Iterator[str]:
    """Lines of the files; beyond their number, two of them side by side."""
    lines = [line for path in files for line in read_lines(path) if line.strip()]
    draw = np.random.default_rng(SEED)
    yield from lines[:count]
    left = count - len(lines)
    for start in range(0, left, 100_000):
        for one, other in draw.integers(len(lines), size=(min(100_000, left - start), 2)).tolist():
            yield f"{lines[one]} {lines[other]}"


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Learn one family, and say what it took."""
    lines = list(drawn(given.files, given.lines) if given.files else invented(given.lines))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    size = None if given.algorithm == "character" else given.vocab_size
    tokenizer = train(lines, size, given.algorithm)
    return {
        "algorithm": given.algorithm,
        "lines": len(lines),
        "characters": sum(map(len, lines)),
        "pieces": tokenizer.vocab_size,
        "seconds": round(time.perf_counter() - start, 1),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "of which the lines": before // 1024,
    }


def main() -> None:
    """Measure the family asked for, or each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--vocab-size", type=int, default=8000)
    parser.add_argument("--algorithm", choices=ALGORITHMS)
    given = parser.parse_args()
    if given.algorithm:
        print(json.dumps(measure(given)), flush=True)
        return
    for algorithm in ALGORITHMS:
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--algorithm", algorithm], check=True)


if __name__ == "__main__":
    main()
