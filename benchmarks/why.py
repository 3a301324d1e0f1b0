"""Why the Transformer is built so: the experiments of `docs/why.md`, their plots and their tables.

    python benchmarks/why.py [--only NAME] [--again] [--steps N] [--out docs/why]

Trains about 25 small models on the phrasebook, about 30 minutes on two cores. Each experiment is saved as
OUT/NAME.json, drawn as OUT/NAME.svg, and its table put into the page OUT.md; an experiment whose JSON is
there already is only drawn again. Needs dragoman[train,plots].
"""

import argparse
import json
import os
import platform
import re
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from why_experiments import EXPERIMENTS
from why_laboratory import BATCH_TOKENS, SEED, Corpus, Laboratory, cache_in, make_corpus, threads
from why_plots import draw, table

import dragoman

# Equal steps let experiments share runs: 6 layers are trained once for depth, residual and norm.
STEPS = {"depth": 500, "residual": 500, "norm": 500, "scaling": 500, "positions": 500, "dropout": 1000}
OUT = Path(__file__).resolve().parent.parent / "docs" / "why"


def machine(used: int) -> dict[str, Any]:
    """Return where and with what the experiments ran."""
    found = re.search(r"model name\s*: (.+)", _read(Path("/proc/cpuinfo")))
    return {
        "processor": found[1] if found else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": used,
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": version("torch"),
        "dragoman": dragoman.__version__,
    }


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def fill(page: Path, name: str, lines: Sequence[str]) -> None:
    """Put a table into the page, between `<!-- table: NAME -->` and `<!-- end: NAME -->`; raises ValueError."""
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- table: {name} -->", f"<!-- end: {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"{page}: once {begin} and, after it, once {end} are wanted; write both")
    before, after = text.split(begin)[0], text.split(end)[1]
    write(page, "\n".join([f"{before}{begin}", *lines, f"{end}{after}"]))


def caption(saved: dict[str, Any]) -> str:
    """Return in one line what a result rests on."""
    used = saved["machine"]
    pairs = saved["result"].get("pairs", saved["pairs"])  # an experiment may take a part of them
    return (
        f"{pairs:,} training pairs, {saved['steps']:,} steps of at most {saved['batch_tokens']:,} tokens, "
        f"{saved['measured']} pairs measured, seed {saved['seed']}; {used['processor']}, {used['threads']} threads, "
        f"torch {used['torch']}; {saved['seconds']:.0f} s."
    )


def run(lab: Laboratory, name: str, steps: int, settings: dict[str, Any], path: Path) -> None:
    """Make one experiment and save it."""
    began = time.monotonic()
    result = EXPERIMENTS[name](lab, steps)
    seconds = round(time.monotonic() - began, 1)
    saved = {"experiment": name, "steps": steps} | settings | {"seconds": seconds, "result": result}
    write(path, json.dumps(saved, indent=1, allow_nan=False) + "\n")


def show(name: str, folder: Path) -> None:
    """Draw a saved experiment, and put its table into the page where there is one."""
    saved = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    draw(name, saved["result"], folder / f"{name}.svg")
    page = folder.with_name(f"{folder.name}.md")
    if page.exists():
        fill(page, name, [*table(name, saved["result"]), "", caption(saved)])
    else:
        print(f"  {page}: no such page, so no table is written")


def corpus_of(given: argparse.Namespace, folder: Path) -> Corpus:
    """Make the corpus that the arguments ask for."""
    began = time.monotonic()
    cache_in(folder)
    corpus = make_corpus(folder, given.pairs, given.held_out, given.vocabulary)
    print(f"{given.pairs:,} phrasebook pairs, {time.monotonic() - began:.0f} s", flush=True)
    return corpus


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the JSON and SVG files")
    parser.add_argument("--only", choices=EXPERIMENTS, action="append", help="this experiment alone; may be repeated")
    parser.add_argument("--again", action="store_true", help="also experiments that are saved already")
    parser.add_argument("--steps", type=int, help=f"steps of every run, not {STEPS}")
    parser.add_argument("--pairs", type=int, default=40_000, help="training pairs")
    parser.add_argument("--held-out", type=int, default=300, help="pairs to measure on")
    parser.add_argument("--vocabulary", type=int, default=2000, help="pieces")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Make what is missing, draw everything that was asked for."""
    given = arguments(words)
    threads(given.threads)
    began = time.monotonic()
    given.out.mkdir(parents=True, exist_ok=True)
    settings = {
        "pairs": given.pairs,
        "measured": given.held_out,
        "vocabulary": given.vocabulary,
        "batch_tokens": BATCH_TOKENS,
        "seed": SEED,
        "machine": machine(given.threads),
    }
    lab = None
    with tempfile.TemporaryDirectory() as folder:
        for name in given.only or EXPERIMENTS:
            path = given.out / f"{name}.json"
            if path.exists() and not given.again:
                print(f"{name}: {path} is there; --again makes it anew", flush=True)
            else:
                lab = lab or Laboratory(corpus_of(given, Path(folder)))
                print(f"{name}, after {time.monotonic() - began:.0f} s", flush=True)
                run(lab, name, given.steps or STEPS[name], settings, path)
            show(name, given.out)
    print(f"done after {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
