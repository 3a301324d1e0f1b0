"""What a family of tokenizers does to a translator: each trained with the same budget, on real text and on small tasks.

    python benchmarks/families.py --source train.en --target train.de --valid-source val.en --valid-target val.de \
        --test-source test.en --test-target test.de --minutes 8

Real text: a model of the same shape for each family, the same time. Prints for each the pieces of both vocabularies and
of a test sentence, steps and epochs that the time gave, BLEU and chrF2++ of the test set, sentences translated a
second, loading included. Small tasks, which need no files: spelling a word with blanks between its letters, turning it
round, adding two numbers; the share of new examples that are right to the last letter after the same number of steps.
Every run is a process of its own in a temporary folder, on a core of its own; one at a time for each core, which all
families share in turn, or as many as --jobs says. Needs dragoman[train]; let nothing else run.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

FAMILIES = ("bpe", "byte_bpe", "unigram", "wordpiece", "character", "word")
PROGRAM = "import os; os.sched_setaffinity(0, {{{core}}}); from dragoman.cli import main; main()"
SIZED = ("bpe", "byte_bpe", "unigram", "wordpiece", "word")  # `character` has as many pieces as letters

EXAMPLES, ASKED = 20_000, 500
TASK = (  # of so small a model that all are trained in half an hour
    "--preset=tiny", "--set=model.d_model=128", "--set=model.heads=4", "--set=model.feed_forward=512",
    "--set=model.encoder_layers=2", "--set=model.decoder_layers=2", "--set=model.positions=rotary",
    "--set=model.dropout=0", "--set=train.label_smoothing=0", "--set=train.rate=4e-3", "--set=train.warmup=100",
    "--set=train.batch_tokens=1024", "--set=train.validate_every=100000",
)  # fmt: skip


CORE = threading.local()  # .number of the core on which a thread of this program runs its commands


def dragoman(arguments: list[str], folder: Path) -> tuple[str, float]:
    """Run a command on the core of this thread; return what it said and the seconds it took."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(core=CORE.number), *arguments],
        env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout, time.monotonic() - began


def vocabulary(family: str, size: int) -> list[str]:
    """Return the settings of a family's vocabulary."""
    sized = [f"--set=tokenizer.vocab_size={size}"] if family in SIZED else []
    return [f"--set=tokenizer.algorithm={family}", "--set=tokenizer.joint=false", *sized]


def on_text(family: str, given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Train on real text for the given minutes, and score the test set."""
    model = str(folder / family)
    data = [f"--source={given.source}", f"--target={given.target}"]
    data += [f"--valid-source={given.valid_source}", f"--valid-target={given.valid_target}"]
    shape = ["--preset=tiny", "--set=model.positions=rotary", f"--minutes={given.minutes}"]
    dragoman(["train", *data, *shape, *vocabulary(family, given.vocab_size), f"--out={model}"], folder)
    test = [f"--source={given.test_source}", f"--reference={given.test_target}"]
    said, seconds = dragoman(["evaluate", model, *test, "--json"], folder)
    found, known = json.loads(said), json.loads(dragoman(["info", model, "--json"], folder)[0])
    lengths = [
        _length(Path(model), side, path)
        for side, path in (("source", given.test_source), ("target", given.test_target))
    ]
    trained = known["provenance"]["trained"]
    return {
        "family": family,
        "vocabulary": [known["tokenizer"]["source_pieces"], known["tokenizer"]["target_pieces"]],
        "pieces": [round(length, 1) for length in lengths],
        "steps": trained["total_steps"],
        "epochs": trained["epoch"],
        "bleu": round(found["bleu"]["value"], 2),
        "chrf": round(found["chrf"]["value"], 2),
        "sentences_a_second": round(found["sentences"] / seconds, 1),
    }


def _length(model: Path, side: str, path: Path) -> float:
    """Return the mean pieces of the lines of a file."""
    from dragoman.data.corpus import read_lines
    from dragoman.text.tokenizer import Tokenizer

    ids = Tokenizer.load(model / f"{side}.tokenizer.json").encode_ids(list(read_lines(path)))
    return sum(map(len, ids)) / len(ids)


def words(count: int, seed: int) -> list[str]:
    """Return different made-up words of two to four syllables, common syllables more often than rare ones."""
    draw = np.random.default_rng(seed)
    syllables = [
        a + b + c for a in ("", *"bdfgklmnprstvz", "st", "br") for b in "aeiou" for c in ("", "n", "r", "s", "ck")
    ]
    chances = 1 / np.arange(1, len(syllables) + 1)
    order = draw.permutation(len(syllables))
    found: dict[str, None] = {}
    while len(found) < count:
        own = draw.choice(len(syllables), size=int(draw.integers(2, 5)), p=chances / chances.sum())
        found["".join(syllables[order[at]] for at in own)] = None
    return list(found)


def sums(count: int, seed: int) -> list[tuple[str, str]]:
    """Return different sums of two numbers below 1,000; the words make the smallest vocabulary of every family."""
    chosen = np.random.default_rng(seed).choice(1_000_000, size=count, replace=False)
    asked = "please add the first number {} to the second number {} and answer"
    answer = "the sum of the first number and the second number is exactly {} as everybody knows"
    return [(asked.format(one, two), answer.format(one + two)) for one, two in zip(*divmod(chosen, 1000), strict=True)]


TASKS: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "spelling": lambda: [
        (word, f"its letters are these, written from the first to the last: {' '.join(word)}")
        for word in words(EXAMPLES + ASKED, 1)
    ],
    "turning round": lambda: [(word, word[::-1]) for word in words(EXAMPLES + ASKED, 2)],
    "adding": lambda: sums(EXAMPLES + ASKED, 3),
}


def on_task(task: str, family: str, steps: int, folder: Path) -> dict[str, Any]:
    """Learn a small task; return the share of new examples that are right."""
    pairs = TASKS[task]()
    for name, part in (("train", pairs[ASKED:]), ("asked", pairs[:ASKED])):
        for side, at in (("source", 0), ("target", 1)):
            (folder / f"{name}.{side}").write_text("".join(f"{pair[at]}\n" for pair in part), encoding="utf-8")
    model = str(folder / "model")
    data = [f"--source={folder / 'train.source'}", f"--target={folder / 'train.target'}"]
    learn = ["train", *data, *TASK, f"--steps={steps}", f"--out={model}"]
    try:
        dragoman([*learn, *vocabulary(family, 1000)], folder)
    except SystemExit as error:  # digits stand alone: a text of numbers gives few pieces
        largest = re.search(r"the largest is ([\d,]+)", str(error))
        if largest is None:
            raise
        dragoman([*learn, *vocabulary(family, int(largest[1].replace(",", "")))], folder)
    test = [f"--source={folder / 'asked.source'}", f"--reference={folder / 'asked.target'}"]
    found = json.loads(dragoman(["evaluate", model, *test, "--json"], folder)[0])
    lengths = [_length(Path(model), side, folder / f"asked.{side}") for side in ("source", "target")]
    return {"task": task, "family": family, "exact": found["exact_match"], "pieces": [round(n, 1) for n in lengths]}


def text_row(found: dict[str, Any]) -> str:
    """Return a line of the table of real text."""
    source, target = found["vocabulary"]
    return (
        f"| `{found['family']}` | {source:,} + {target:,} | {found['pieces'][0]} / {found['pieces'][1]} | "
        f"{found['steps']:,} | "
        f"{found['epochs']} | {found['bleu']:.2f} | {found['chrf']:.2f} | {found['sentences_a_second']:.0f} |"
    )


def task_row(family: str, steps: int, folder: Path) -> str:
    """Return a family's line of the table of small tasks."""
    cells = []
    for number, task in enumerate(TASKS):
        own = folder / f"{family}.{number}"
        own.mkdir()
        found = on_task(task, family, steps, own)
        cells.append(f"{100 * found['exact']:.1f} % ({found['pieces'][0]} → {found['pieces'][1]})")
    return f"| `{family}` | " + " | ".join(cells) + " |"


def side_by_side(jobs: int, make: Callable[[str], str], families: tuple[str, ...]) -> Iterator[str]:
    """Yield what `make` gives for each family, in order; so many at a time, each on a core of its own."""
    cores = iter(sorted(os.sched_getaffinity(0)))

    def settle() -> None:
        CORE.number = next(cores)

    with ThreadPoolExecutor(jobs, initializer=settle) as pool:
        yield from pool.map(make, families)


def main() -> None:
    """Read the arguments, train, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("source", "target", "valid-source", "valid-target", "test-source", "test-target"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--vocab-size", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=1000, help="of the small tasks; 0 leaves them out")
    parser.add_argument("--family", choices=FAMILIES, action="append")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    families = tuple(given.family or FAMILIES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.source:
            print("| family | vocabulary | pieces a sentence | steps | epochs | BLEU | chrF2++ | sentences/s |")
            print("|---|---|---|---|---|---|---|---|", flush=True)
            for row in side_by_side(given.jobs, lambda family: text_row(on_text(family, given, folder)), families):
                print(row, flush=True)
        if not given.steps:
            return
        print("\n| family | " + " | ".join(TASKS) + " |\n|---|" + "---|" * len(TASKS), flush=True)
        for row in side_by_side(given.jobs, lambda family: task_row(family, given.steps, folder), families):
            print(row, flush=True)


if __name__ == "__main__":
    main()
