"""How well the filters of `dragoman data` find planted faults, and what they find in corpora as they are.

    python benchmarks/cleaning.py --shared ../shared/data

Faults of each kind are planted into the phrasebook and, where the folder of corpora is there, into real text
(planted_faults.py). Prints for each corpus and filter: planted, found, recall, precision. A pair that a filter
names is wrong when nothing was planted on its line, whatever may be true of the text itself; lines with a
planted fault of another kind do not count, nor
near-duplicates that a comparison of the letters confirms. Then the filters' counts on the corpora as they are.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from planted_faults import KINDS, STRETCH, Planted, Texts, base, foreign, near_repeats, plant

from dragoman.data.cleaning import CleanOptions, Inspection, inspect
from dragoman.data.corpus import PairFiles

REAL = ("tatoeba-en-de/de", "multi30k/de", "tatoeba-en-fr/fr")


def write(folder: Path, name: str, pairs: list[Texts]) -> PairFiles:
    """Write pairs as two files."""
    files = PairFiles(folder / f"{name}.source", folder / f"{name}.target")
    for path, side in zip(files.paths, (0, 1), strict=True):
        path.write_bytes("".join(f"{pair[side]}\n" for pair in pairs).encode())
    return files


def judge(found: Inspection, planted: Planted) -> list[tuple[str, int, int, int, float, float]]:
    """Return for each kind: planted, found among them, wrong, recall, precision."""
    kinds = np.array([kind or "" for kind in planted.kinds])
    rows = []
    for kind in KINDS:
        bit = np.uint32(1 << found.names.index(kind))
        named = (found.masks & bit) != 0
        right = int((named & (kinds == kind)).sum())
        wrong = int((named & (kinds == "")).sum())
        if kind == "near_duplicate":
            lines = np.flatnonzero(named & (kinds == "")).tolist()
            wrong -= len(near_repeats(planted.pairs, lines))
        count = int((kinds == kind).sum())
        rows.append((kind, count, right, wrong, right / max(count, 1), right / max(right + wrong, 1)))
    return rows


def report(name: str, planted: Planted, folder: Path, show: int) -> None:
    """Inspect a corpus with planted faults and print the table."""
    files, test = write(folder, "train", planted.pairs), write(folder, "test", planted.test)
    started = time.perf_counter()
    found = inspect(files, CleanOptions(), test)
    seconds = time.perf_counter() - started
    print(f"\n{name}: {found.pairs:,} pairs, {seconds:.1f} s")
    print(f"{'filter':15} {'planted':>8} {'found':>6} {'wrong':>6} {'recall':>8} {'precision':>10}")
    for kind, count, right, wrong, recall, precision in judge(found, planted):
        print(f"{kind:15} {count:8,} {right:6,} {wrong:6,} {100 * recall:6.1f} % {100 * precision:8.1f} %")
    print("drift planted:", ", ".join(f"{at + 1:,} to {at + STRETCH:,}" for at in planted.drift_at))
    print("drift found:  ", ", ".join(f"{one.first:,} to {one.last:,}" for one in found.stretches))
    for kind in KINDS if show else ():
        named = (found.masks & np.uint32(1 << found.names.index(kind))) != 0
        for what, wanted in (("MISSED", False), ("WRONG", True)):
            lines = [
                at
                for at, planted_kind in enumerate(planted.kinds)
                if named[at] == wanted and planted_kind == (None if wanted else kind)
            ]
            for at in lines[:show]:
                print(what, kind, at + 1, planted.pairs[at])


def unplanted(name: str, shared: Path) -> None:
    """Print what the filters find in a corpus as it is."""
    folder, _, other = name.rpartition("/")
    files = PairFiles(shared / folder / "train.en.gz", shared / folder / f"train.{other}.gz")
    tests = sorted((shared / folder).glob("test*.en.gz"))
    test = [path for path in tests if "tok" not in path.name][:1]
    pair = PairFiles(test[0], test[0].with_name(test[0].name.replace(".en.", f".{other}."))) if test else None
    found = inspect(files, CleanOptions(), pair)
    print(f"{name}: {found.pairs:,} pairs;", ", ".join(f"{one.name} {one.count:,}" for one in found.findings))


def main() -> None:
    """Read the arguments, plant, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("DRAGOMAN_SHARED", "../shared/data")))
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--half", type=int, default=1, help="0: the half of the lines that settings were tuned on")
    parser.add_argument("--show", type=int, default=0, help="print so many missed and wrong pairs of each kind")
    parser.add_argument("--corpus", action="append", help="only these; phrasebook, tatoeba-en-de/de, ...")
    given = parser.parse_args()
    present = [name for name in REAL if (given.shared / name).parent.is_dir()]
    chosen = given.corpus or ["phrasebook", *present]
    for name in chosen:
        language = name.rpartition("/")[2] if "/" in name else "de"
        strangers = foreign(given.shared, (language,)) if present else ["Il fait beau aujourd'hui, n'est-ce pas ?"]
        with tempfile.TemporaryDirectory() as folder:
            planted = plant(base(name, given.shared, given.half), strangers, given.seed)
            report(name, planted, Path(folder), given.show)
    print("\nas they are")
    for name in [name for name in [*present, "wmt-sample-en-de/de"] if name in chosen or not given.corpus]:
        if (given.shared / name).parent.is_dir():
            unplanted(name, given.shared)


if __name__ == "__main__":
    main()
