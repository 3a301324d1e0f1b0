"""One `dragoman train`: data, tokenizer, model, loop and bundle wired together, in a folder that can go on."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from dragoman import bundle
from dragoman.bundle import Bundle
from dragoman.cli.display import Display
from dragoman.cli.heads import choose
from dragoman.cli.recipe import Recipe
from dragoman.cli.trained import card, provenance
from dragoman.cli.watcher import TrainingWatcher
from dragoman.data.batching import BatchPlan
from dragoman.data.corpus import CorpusReport, PairFiles, check, read_pairs, usable
from dragoman.data.store import PairStore, prepare
from dragoman.engine.cpu import instruction_sets
from dragoman.errors import CheckpointError, ConfigError
from dragoman.model.initialization import from_numpy, initialize, to_numpy
from dragoman.model.transformer import Transformer
from dragoman.randomness import Randomness
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train as learn
from dragoman.train.loop import Loop

HELD_OUT = 500  # pairs taken from the training text where no validation text is given
LEXICON = 5000
HALF = {"avx512_bf16", "amx_bf16"}


@dataclass(slots=True)
class Interruption:
    """Remembers the signal that asked the run to save and stop; a second one ends it at once."""

    signal: int | None = None

    def asked(self) -> bool:
        """Return whether to stop."""
        return self.signal is not None

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        if self.signal is not None:
            os._exit(128 + number)
        self.signal = number


def run(recipe: Recipe, out: Path, began: float) -> int:
    """Train by the recipe into the folder `out`, or go on with what is there; return the exit status.

    `began` is the monotonic time from which `minutes` count. Raises ConfigError, DataError, CheckpointError.
    """
    display = Display()
    folder = out / "training"
    with _locked(folder, out), _signals() as interruption:
        report, valid = _checked(recipe, display)
        settings = {"recipe": recipe.table(), "sha256": list(report.sha256)}
        known = _known(folder, settings, out)
        first = bundle.load(out) if known else _untrained(recipe, report, out, settings)
        store = prepare(report.files, first.source_tokenizer, first.target_tokenizer, report, recipe.train.max_pieces)
        for line in store.notes:
            display.note(line)
        held_out, pairs = _validation_pairs(recipe, store, valid, display)
        tokenizers = (first.source_tokenizer, first.target_tokenizer)
        plan = BatchPlan(
            store, recipe.train.batch_tokens, Randomness(recipe.train.seed), recipe.train.merge_dropout, tokenizers,
            held_out,
        )  # fmt: skip
        model = Transformer(first.model)
        from_numpy(model, first.weights)
        model.to("cuda" if torch.cuda.is_available() else "cpu")
        with display:
            watcher = TrainingWatcher(first, str(out), pairs, display, interruption.asked)
            loop = Loop(model, plan, recipe.train, watcher, folder, _low_precision(recipe), began)
            for note in loop.notes:
                display.note(f"{note}; going on from step {loop.progress.step:,}")
            if known and loop.progress.step:
                display.note(f"going on from step {loop.progress.step:,}")
            ending = loop.run()
        if ending == "interrupted":
            display.note(f"saved at step {loop.progress.step:,}; the same command goes on from there")
            return 128 + (interruption.signal or signal.SIGINT)
        _finish(out, pairs, _lexicon_pairs(store), ending, loop.progress.step, display)
        return 0


def _checked(recipe: Recipe, display: Display) -> tuple[CorpusReport, PairFiles | None]:
    """Look at all data before anything is made; say what was found."""
    data = recipe.data
    report = check(PairFiles(data.source, data.target), data.max_characters)
    for line in report.lines():
        display.note(line)
    if data.valid_source is None:
        return report, None
    valid = check(PairFiles(data.valid_source, data.valid_target), data.max_characters)
    for line in valid.lines():
        display.note(line)
    return report, valid.files


def _known(folder: Path, settings: dict[str, Any], out: Path) -> bool:
    """Return whether `out` holds this very run already; raises ConfigError where it holds another."""
    path = folder / "run.json"
    if not path.exists():
        others = [entry.name for entry in out.iterdir() if entry.name != "training"]
        if others:
            raise ConfigError(f"--out {out} holds {others[0]} already; choose a new folder")
        return False
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        recipe = before["recipe"]
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: damaged: {error}; choose a new --out") from None
    for table, values in settings["recipe"].items():
        for name in sorted({*values, *recipe.get(table, {})}):
            old, new = recipe.get(table, {}).get(name), values.get(name)
            if old != new:
                raise ConfigError(
                    f"--out {out} was begun with {table}.{name}={old}, now it is {new}; "
                    "repeat the first command to go on, or choose a new folder"
                )
    if before["sha256"] != settings["sha256"]:
        raise ConfigError(f"{recipe['data']['source']}: the text has changed since {out} was begun; choose a new --out")
    return (out / "manifest.json").exists()


def _untrained(recipe: Recipe, report: CorpusReport, out: Path, settings: dict[str, Any]) -> Bundle:
    """Learn the tokenizers, make the first weights, and write both as a bundle."""
    source, target = _tokenizers(recipe, report)
    config = recipe.model_config(source.vocab_size, target.vocab_size)
    model = Transformer(config)
    initialize(model, Randomness(recipe.train.seed))
    precision = "bf16" if _low_precision(recipe) else "float32"
    found = provenance(recipe.table(), report, precision)
    first = Bundle(
        model=config,
        weights=to_numpy(model),
        source_tokenizer=source,
        target_tokenizer=target,
        languages=recipe.data.languages,
        decode=recipe.decode,
        provenance=found,
        card=card(config, recipe.data.languages, found),
    )
    (out / "training" / "run.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
    bundle.save(first, out)
    return first


def _tokenizers(recipe: Recipe, report: CorpusReport) -> tuple[Tokenizer, Tokenizer]:
    options, limit = recipe.tokenizer, recipe.data.max_characters

    def texts(*sides: str) -> Iterator[str]:
        for pair in read_pairs(report.files):
            if usable(pair, limit):
                for side in sides:
                    yield getattr(pair, side)

    if options.joint:
        joint = learn(texts("source", "target"), options.vocab_size, options.algorithm)
        return joint, joint
    return (
        learn(texts("source"), options.vocab_size, options.algorithm),
        learn(texts("target"), options.vocab_size, options.algorithm),
    )


def _validation_pairs(
    recipe: Recipe, store: PairStore, valid: PairFiles | None, display: Display
) -> tuple[list[int], list[tuple[str, str]]]:
    """Return the samples kept out of training, and the pairs to validate on."""
    if valid is not None:
        limit = recipe.data.max_characters
        return [], [(pair.source, pair.target) for pair in read_pairs(valid) if usable(pair, limit)]
    count = min(HELD_OUT, len(store) // 20)
    held_out = Randomness(recipe.train.seed).order("held-out", 0, len(store))[:count]
    if not count:
        raise ConfigError(
            f"{len(store)} pairs are too few to keep some out for validation; write --valid-source F --valid-target F"
        )
    display.note(f"{count:,} pairs are kept out of training to validate on (none were given)")
    sources, targets = store.texts("source", held_out), store.texts("target", held_out)
    return held_out.tolist(), list(zip(sources, targets, strict=True))


def _low_precision(recipe: Recipe) -> bool:
    """Return whether products run in bfloat16: as asked, or where the processor has them."""
    if recipe.train.precision != "auto":
        return recipe.train.precision == "bf16"
    return torch.cuda.is_available() or bool(HALF & set(instruction_sets()))


def _lexicon_pairs(store: PairStore) -> list[tuple[str, str]]:
    """Return some thousand training pairs, from which IBM model 1 learns which pieces belong together."""
    chosen = Randomness(0).order("lexicon", 0, len(store))[:LEXICON]
    return list(zip(store.texts("source", chosen), store.texts("target", chosen), strict=True))


def _finish(
    out: Path, pairs: list[tuple[str, str]], lexicon: list[tuple[str, str]], ending: str, step: int, display: Display
) -> None:
    """Choose the alignment heads of the best model, write its card, and give every file its plain name."""
    best = bundle.load(out)
    heads = choose(best, pairs, lexicon)
    last = replace(best, alignment_heads=heads, card=card(best.model, best.languages, best.provenance))
    bundle.save(last, out, plain=True)
    trained = best.provenance.get("trained", {})
    display.note(
        f"{ending} at step {step:,}; {out} holds the model of step {trained.get('step', 0):,}: "
        f"validation loss {trained.get('validation_loss')}, chrF {trained.get('validation_chrf')}"
    )


@contextmanager
def _locked(folder: Path, out: Path) -> Iterator[None]:
    """Keep a second process out of the folder; the lock dies with its process. Raises ConfigError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written: {error.strerror}; choose another folder") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ConfigError(
                f"--out {out} is in use by process {file.read().strip()}; wait for it or choose another"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def _signals() -> Iterator[Interruption]:
    """Turn SIGINT and SIGTERM into a wish to save and stop."""
    interruption = Interruption()
    before = {number: signal.signal(number, interruption.handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
