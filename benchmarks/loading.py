"""How long a model takes to load, and how much memory: `base` in int8, each time in a process of its own.

    python benchmarks/loading.py [--repeats 5]

Time from the call of `Translator.load` on (Python and the libraries are there), files warm. Memory is the most that the
process ever had, less what it had before the call: weights once more than packed would show. Prints one line. Needs
dragoman[export]; let nothing else run.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from decoding import random_bundle

from dragoman.architecture import preset
from dragoman.bundle import save
from dragoman.compress.quantize import quantized

PROGRAM = """
import json, sys, time
import dragoman.translator, dragoman.text.tokenizer, dragoman.bundle
def most():  # that of this program alone, which ru_maxrss is not: it knows what made it
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))

before = most()
began = time.perf_counter()
translator = dragoman.Translator.load(sys.argv[1])
seconds = time.perf_counter() - began
loaded = most()
translator.translate(["abc"] * 4)
print(json.dumps([seconds, loaded - before, most() - before, translator.runner.native.weight_bytes]))
"""


def main() -> None:
    """Make the model, load it, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    plain = random_bundle(preset("base", 32_000))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "base"
        save(replace(plain, int8=quantized(plain.model, plain.weights), master=None), folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        runs = [
            json.loads(subprocess.check_output([sys.executable, "-c", PROGRAM, str(folder)]))
            for _ in range(given.repeats + 1)
        ][1:]
    seconds = [run[0] for run in runs]
    loaded, used = (statistics.median(run[at] for run in runs) / 1e6 for at in (1, 2))
    weights = runs[0][3] / 1e6
    print(
        f"{size / 1e6:.1f} MB on disk; loaded in {statistics.median(seconds):.2f} s ({min(seconds):.2f} to "
        f"{max(seconds):.2f}); packed weights {weights:.1f} MB, memory {loaded:.1f} MB when loaded "
        f"({loaded / weights:.2f} x), {used:.1f} MB after a translation"
    )


if __name__ == "__main__":
    main()
