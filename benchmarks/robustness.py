"""What models make of a test set with careless writers: BLEU as it is, and with every pair changed in one way.

    python benchmarks/robustness.py --source test.en --reference test.de MODEL [MODEL...]

The changes are those of `[augment]` with a share of 1 and a seed of their own: CAPITALS, no capitals, no final
punctuation, typing errors, other names and numbers, one or two other pairs behind it. So this tells how much of an
intended lesson was learned, not how a model meets faults that nobody thought of. Greedy search.
Prints a Markdown table. Needs dragoman[train].
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dragoman import DecodeOptions, Translator
from dragoman.data.augmentation import Augmentation, AugmentOptions, names
from dragoman.evaluate.quality import score
from dragoman.randomness import Randomness

KINDS = ("capitals", "lower", "stops", "typos", "swapped", "joined")
SEED = 20261125
PLAIN, SMALL = DecodeOptions(beam=1), DecodeOptions(beam=1, capitals="lower")


def changed(kind: str, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs with one change made in each, where it can be."""

    def texts(samples: NDArray[np.int64]) -> list[tuple[str, str]]:
        return [pairs[index] for index in samples.tolist()]

    samples = np.arange(len(pairs), dtype=np.int64)
    augmentation = Augmentation(AugmentOptions(**{kind: 1.0}), Randomness(SEED), names(pairs))
    return augmentation.changed(0, samples, texts, samples)[1]


def main() -> None:
    """Change, translate, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--reference", type=Path, required=True)
    given = parser.parse_args()
    sides = (path.read_text(encoding="utf-8").splitlines() for path in (given.source, given.reference))
    pairs = list(zip(*sides, strict=True))
    models = [Translator.load(path) for path in given.models]
    print("| test set | " + " | ".join(path.name for path in given.models) + " |")
    print("|---|" + "---|" * len(models), flush=True)
    sets = [("as it is", pairs, PLAIN), *((kind, changed(kind, pairs), PLAIN) for kind in KINDS)]
    sets.insert(2, ("capitals, read as small letters", changed("capitals", pairs), SMALL))
    for name, rows, options in sets:
        sources, references = zip(*rows, strict=True)
        cells = []
        for model in models:
            answers = [found.text for found in model.translate(list(sources), options)]
            cells.append(f"{score(answers, list(references)).bleu.value:.2f}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
