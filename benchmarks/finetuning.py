"""What fine-tuning gains and what it forgets: the German-English model of Tatoeba, tuned to the Bible.

    python benchmarks/finetuning.py --data ../shared/data --work WORK --steps 600 before plain mixed lora frozen
    python benchmarks/finetuning.py --data ../shared/data --work WORK --minutes 10 --set train.rate=5e-4 before mixed

Each variant is a `dragoman train --from de-en` of its own into WORK/VARIANT, which goes on where it stopped, and can be
run alone; `before` is the model as it ships. BLEU and chrF on the test sets of both domains, greedy.

    plain    everything is trained, on the Bible alone
    mixed    30 % of the pairs are of the old domain
    half     50 % are
    lora     the query and value matrices alone, by matrices of rank 8
    frozen   everything but the encoder and its embedding

Prints a Markdown table. Needs dragoman[train,evaluate] and the corpora that the project is developed with.
"""

import argparse
import gzip
import sys
from pathlib import Path

from dragoman import DecodeOptions, Translator
from dragoman.cli import run
from dragoman.evaluate.quality import score

ORIGIN = "de-en"
DOMAINS = {"Tatoeba": "tatoeba-en-de", "Bible": "bible-en-de"}
GREEDY = DecodeOptions(beam=1)


def settings(variant: str, data: Path) -> list[str]:
    """Return what a variant sets."""
    old = data / DOMAINS["Tatoeba"]
    more = f'data.more=[{{source="{old}/train.de.gz", target="{old}/train.en.gz", share=%s}}]'
    return {
        "plain": [],
        "mixed": [more % 0.3],
        "half": [more % 0.5],
        "lora": ["train.lora_rank=8"],
        "frozen": ['train.freeze=["encoder.*", "source_embedding.*"]'],
    }[variant]


def train(variant: str, data: Path, out: Path, length: list[str], more: list[str]) -> None:
    """Tune the model, or go on with it."""
    new = data / DOMAINS["Bible"]
    texts = [
        *("--source", f"{new}/train.de.gz", "--target", f"{new}/train.en.gz"),
        *("--valid-source", f"{new}/valid.de.gz", "--valid-target", f"{new}/valid.en.gz"),
    ]
    words = [word for setting in (*settings(variant, data), *more) for word in ("--set", setting)]
    if status := run(["train", "--from", ORIGIN, *texts, "--out", str(out), *length, *words]):
        sys.exit(status)


def read(path: Path) -> list[str]:
    """Return the lines of a packed file."""
    return gzip.decompress(path.read_bytes()).decode().split("\n")[:-1]


def main() -> None:
    """Tune, translate, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="+", choices=("before", "plain", "mixed", "half", "lora", "frozen"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--minutes", type=float, help="in the place of --steps")
    parser.add_argument("--set", dest="more", action="append", default=[], help="a setting of every variant's recipe")
    parser.add_argument("--sentences", type=int, help="of each test set, from its beginning; all when not given")
    given = parser.parse_args()
    length = ["--steps", str(given.steps), "--set", f"train.validate_every={max(1, given.steps // 4)}"]
    if given.minutes is not None:
        length = ["--minutes", str(given.minutes)]
    tests = {
        name: [read(given.data / folder / f"test.{side}.gz")[: given.sentences] for side in ("de", "en")]
        for name, folder in DOMAINS.items()
    }
    print("| variant |" + "".join(f" {name} BLEU | {name} chrF |" for name in tests), flush=True)
    print("|---|" + "---:|---:|" * len(tests), flush=True)
    for variant in given.variants:
        model = ORIGIN
        if variant != "before":
            model = str(given.work / variant)
            train(variant, given.data, Path(model), length, given.more)
        translator = Translator.load(model)
        cells = []
        for source, reference in tests.values():
            found = score([answer.text for answer in translator.translate(source, GREEDY)], reference)
            cells.append(f" {found.bleu.value:.1f} | {found.chrf.value:.1f} |")
        print(f"| {variant} |{''.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
