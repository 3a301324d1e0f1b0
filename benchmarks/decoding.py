"""The CPU engine beside CTranslate2: tokens a second on the same model, the same sentences, the same beam.

    python benchmarks/decoding.py [--repeats 7] [--json] [--only CASE...]

`base` (6+6 layers, width 512, 32,000 pieces) with random weights, sources of 15 to 35 pieces and 30 forced target
pieces. "batch32" are 64 sentences given at once, which both cut into batches of 32 for each worker; "one" are
given one by one. Both take their best for each case: CTranslate2 of one worker with one or two threads and two workers
with one, the engine of one and two threads, on a machine of two cores. All are run in turn, again and again, so that a
slow moment of the machine meets all. Prints a Markdown table of medians and, on stderr, the least and the most; with
--json {case: {"ratio", "ours", "peer", "setting"}}. Needs dragoman[export]; let nothing else run.
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
from dragoman.bundle import Bundle
from dragoman.engine.cpu import kernel_names
from dragoman.engine.model import Engine
from dragoman.interchange.ctranslate2 import export
from dragoman.options import EOS, FIRST_PIECE, DecodeOptions
from dragoman.text.training import train

STEPS = 30  # forced target pieces
PAUSE = 0.3  # seconds between runs, in which the other's threads fall asleep

Ids = list[list[int]]
Run = Callable[[], None]


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


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", nargs="*", choices=[case.name for case in CASES], metavar="CASE")
    given = parser.parse_args()
    before = busy()
    table = {}
    with tempfile.TemporaryDirectory() as scratch:
        for case, rates in measure(given, Path(scratch)):
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
            print(f"{case.name}: {table[case.name]['ratio']:.2f}x  tokens/s {spread}", file=sys.stderr, flush=True)
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
    kinds = {case.name: f"{case.ours} / {case.theirs}" for case in CASES}
    print("| case | numbers | ours, tokens/s | CTranslate2, tokens/s | its setting | ratio |")
    print("|---|---|---:|---:|---|---:|")
    for name, row in table.items():
        rates = f"{row['ours']:,.0f} | {row['peer']:,.0f}"
        print(f"| {name} | {kinds[name]} | {rates} | {row['setting']} | {row['ratio']:.2f} |")


if __name__ == "__main__":
    main()
