"""What `dragoman plan` says against what `dragoman train` then does: memory and time of three shapes.

    python benchmarks/plan_truth.py --source train.en --target train.de --valid-source val.en --valid-target val.de

Each shape is planned three times (the median counts, for the machine may be disturbed) and trained once, for as
many steps as the plan gives to --minutes. Every run is a process of its own, with the same number of threads, in
a temporary folder. Prints a Markdown table and, with --json, every number. About half an hour with the default
two minutes; let nothing else run. Linux. Needs dragoman[train].
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SHAPES = {
    "many activations": ("--preset=tiny", "--set=train.batch_tokens=8192", "--set=tokenizer.vocab_size=1000"),
    "many weights": ("--preset=base", "--set=train.batch_tokens=512", "--set=tokenizer.vocab_size=1000"),
    "wide vocabulary": ("--preset=small", "--set=train.batch_tokens=2048", "--set=tokenizer.vocab_size=16000"),
}
PLANS = 3
RUN = """
import sys
from dragoman.cli import run
from dragoman.train import memory
assert run(sys.argv[1:]) == 0
print(memory.highest(), file=sys.stderr)
"""


def dragoman(arguments: list[str], cache: str) -> tuple[str, int, float]:
    """Run a command; return what it said, the most memory that it held and the seconds it took."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env=os.environ | {"XDG_CACHE_HOME": cache},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout, int(done.stderr.split()[-1]), time.monotonic() - began


def compare(shape: tuple[str, ...], data: list[str], minutes: float) -> dict[str, Any]:
    """Plan a run several times and train it once."""
    with tempfile.TemporaryDirectory() as folder:
        plan = ["plan", *data, *shape, "--json"]
        first = json.loads(dragoman([*plan, f"--minutes={minutes}"], folder)[0])
        steps = f"--steps={first['time']['steps']}"
        plans = [json.loads(dragoman([*plan, steps], folder)[0]) for _ in range(PLANS)]
        _, held, took = dragoman(["train", *data, *shape, steps, f"--out={Path(folder) / 'model'}"], folder)
        return {
            "steps": first["time"]["steps"],
            "memory": statistics.median(found["memory"]["needed"] for found in plans),
            "counted": statistics.median(found["memory"]["foreseen"] for found in plans),
            "memory_held": held,
            "seconds": statistics.median(found["time"]["seconds"] for found in plans),
            "seconds_taken": took,
        }


def row(name: str, found: dict[str, Any]) -> str:
    """Return a line of the table."""
    memory, seconds = (found[a] / found[b] - 1 for a, b in (("memory", "memory_held"), ("seconds", "seconds_taken")))
    return (
        f"| {name} | {found['steps']:,} | {found['memory'] / 1e6:,.0f} MB | {found['memory_held'] / 1e6:,.0f} MB | "
        f"{100 * memory:+.0f} % | {found['counted'] / 1e6:,.0f} MB | {found['seconds']:,.0f} s | "
        f"{found['seconds_taken']:,.0f} s | {100 * seconds:+.0f} % |"
    )


def main() -> None:
    """Read the arguments, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("source", "target", "valid-source", "valid-target"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--only", choices=SHAPES)
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    data = [f"--source={given.source}", f"--target={given.target}", f"--set=train.precision={given.precision}"]
    data += [f"--valid-source={given.valid_source}", f"--valid-target={given.valid_target}"]
    print("| run | steps | memory planned | held | | by counting | time planned | taken | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, shape in SHAPES.items():
        if given.only in (None, name):
            found = compare(shape, data, given.minutes)
            print(json.dumps({"run": name} | found) if given.as_json else row(name, found), flush=True)


if __name__ == "__main__":
    main()
