"""The laboratory of `why.py`: a small phrasebook corpus, and runs on it that answer with plain numbers.

A run is `train.loop.Loop` with a watcher that only measures; a run that two experiments share is made once.
"""

import math
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import torch

from dragoman.architecture import ModelConfig, parameter_count
from dragoman.data.batching import Batch, BatchPlan
from dragoman.data.corpus import PairFiles, check
from dragoman.data.mixture import single
from dragoman.data.phrasebook import pairs
from dragoman.data.store import PairStore, prepare
from dragoman.decode.forced import score
from dragoman.decode.search import search
from dragoman.errors import ConfigError
from dragoman.model.initialization import initialize
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, DecodeOptions
from dragoman.randomness import Randomness
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train as learn
from dragoman.train.loop import MAX_SKIPPED, Event, Loop
from dragoman.train.options import TrainOptions
from dragoman.train.progress import Progress, Validation

SEED = 1
BATCH_TOKENS = 1024
WARMUP = 100
VALIDATIONS = 10
MAX_POSITIONS = 128
ROWS = 100  # sentences measured side by side

Texts = tuple[str, str]  # source, target


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Pairs to train on, tokenized, and pairs to measure on."""

    tokenizer: Tokenizer
    store: PairStore
    trained: tuple[Texts, ...]  # some of those that are trained on, the first ones of the store
    valid: tuple[Texts, ...]
    combinations: tuple[Texts, ...]  # phrases in company that training never shows


def make_corpus(folder: Path, train: int, held_out: int, vocab_size: int) -> Corpus:
    """Write `train` phrasebook pairs into `folder` and tokenize them; `held_out` pairs of each other set."""
    chosen = {
        split: tuple((pair.source, pair.target) for pair in pairs(split, count, SEED, "core"))
        for split, count in (("train", train), ("valid", held_out), ("test_combinations", held_out))
    }
    for side, name in enumerate(("en", "de")):
        lines = "".join(pair[side] + "\n" for pair in chosen["train"])
        (folder / f"train.{name}").write_text(lines, encoding="utf-8")
    files = PairFiles(folder / "train.en", folder / "train.de")
    tokenizer = learn((text for pair in chosen["train"] for text in pair), vocab_size)
    store = prepare(files, tokenizer, tokenizer, check(files), MAX_POSITIONS - 2)
    return Corpus(tokenizer, store, chosen["train"][:held_out], chosen["valid"], chosen["test_combinations"])


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished run. A loss is a mean over target pieces, in nats; None where it is no number any more."""

    model: Transformer
    curve: list[dict[str, float | None]]  # step, and the losses "valid" and "train", measured without dropout
    step_milliseconds: float  # of the median step
    seconds: float  # of the whole run
    diverged: bool  # it was given up, since gradients were no numbers

    @property
    def valid_loss(self) -> float | None:
        """Return the last validation loss."""
        return self.curve[-1]["valid"] if self.curve and not self.diverged else None


class Laboratory:
    """A corpus, and the runs that were already made on it."""

    def __init__(self, corpus: Corpus) -> None:
        """Take the corpus; the base model is 3 + 3 layers of width 64."""
        self.corpus = corpus
        self.base = ModelConfig(
            vocab_size=corpus.tokenizer.vocab_size, d_model=64, encoder_layers=3, decoder_layers=3,
            heads=4, feed_forward=256, dropout=0.0, max_positions=MAX_POSITIONS,
        )  # fmt: skip
        self._runs: dict[tuple[ModelConfig, TrainOptions, int], Trained] = {}

    def train(self, config: ModelConfig, steps: int, rate: float | None = None, first: int | None = None) -> Trained:
        """Train a model from the seed for so many steps, on the `first` pairs alone where that is given.

        `rate` is the peak learning rate; None: what dragoman takes for the width.
        """
        options = TrainOptions(
            seed=SEED, steps=steps, batch_tokens=BATCH_TOKENS, warmup=WARMUP, label_smoothing=0.0, average=0.0,
            snapshots=0, rate=rate or TrainOptions().peak_rate(config.d_model),
            validate_every=max(1, steps // VALIDATIONS),
        )  # fmt: skip
        count = len(self.corpus.store)
        known = (config, options, min(count, first or count))
        if known not in self._runs:
            self._runs[known] = self._run(*known)
        return self._runs[known]

    def _run(self, config: ModelConfig, options: TrainOptions, first: int) -> Trained:
        corpus, began = self.corpus, time.monotonic()
        plan = BatchPlan(
            single(corpus.store), options.batch_tokens, Randomness(options.seed), 0.0,
            (corpus.tokenizer, corpus.tokenizer), range(first, len(corpus.store)),
        )  # fmt: skip
        model = self.untrained(config)
        watcher = Measuring(self)
        diverged = False
        with tempfile.TemporaryDirectory() as folder:
            loop = Loop(model, plan, options, watcher, Path(folder))
            try:
                loop.run()
            except ConfigError:
                if loop.progress.skipped_in_a_row < MAX_SKIPPED:
                    raise
                diverged = True
        seconds = time.monotonic() - began
        step = 1000 * median(watcher.step_seconds)
        print(
            f"  {parameter_count(config):9,} parameters, {loop.progress.step} steps of {step:.0f} ms, "
            f"{seconds:.0f} s{', diverged' if diverged else ''}",
            flush=True,
        )
        return Trained(model, watcher.curve, round(step, 1), round(seconds, 1), diverged)

    def untrained(self, config: ModelConfig) -> Transformer:
        """Return the model as every run begins it."""
        model = Transformer(config)
        initialize(model, Randomness(SEED))
        return model

    def batch(self) -> Batch:
        """Return the first batch of the first epoch."""
        tokenizer = self.corpus.tokenizer
        plan = BatchPlan(single(self.corpus.store), BATCH_TOKENS, Randomness(SEED), 0.0, (tokenizer, tokenizer))
        return next(plan.epoch(0))

    def source_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return texts as the model reads them."""
        return [[*ids, EOS] for ids in self.corpus.tokenizer.encode_ids(list(texts))]

    def loss(self, model: Transformer, texts: Sequence[Texts]) -> float | None:
        """Return the mean loss of a target piece, without dropout; None where it is no number."""
        total, count = 0.0, 0
        for rows in _parts(texts):
            sources, targets = (self.source_ids([pair[side] for pair in rows]) for side in (0, 1))
            for found in score(model, sources, targets):
                total, count = total - sum(found), count + len(found)
        return round(total / count, 5) if math.isfinite(total) else None

    def translate(self, model: Transformer, sources: Sequence[str]) -> list[str]:
        """Return greedy translations, in order."""
        return [
            self.corpus.tokenizer.decode(found[0].ids)
            for rows in _parts(sources)
            for found in search(model, self.source_ids(rows), DecodeOptions(beam=1), MAX_POSITIONS - 1)
        ]

    def exact(self, model: Transformer, texts: Sequence[Texts]) -> float:
        """Return the share of greedy translations, in percent, that equal the target letter for letter."""
        outputs = self.translate(model, [source for source, _ in texts])
        return percent([output == target for output, (_, target) in zip(outputs, texts, strict=True)])


@dataclass(slots=True)
class Measuring:
    """A watcher that measures and keeps nothing."""

    laboratory: Laboratory
    curve: list[dict[str, float | None]] = field(default_factory=list)
    step_seconds: list[float] = field(default_factory=list)
    _last: float = field(default_factory=time.monotonic)

    def validate(self, model: Transformer) -> Validation:
        """Measure the loss on pairs that are trained on and on pairs that are not."""
        corpus = self.laboratory.corpus
        valid = self.laboratory.loss(model, corpus.valid)
        self.curve.append({"valid": valid, "train": self.laboratory.loss(model, corpus.trained)})
        return Validation(loss=math.nan if valid is None else valid)

    def keep(self, model: Transformer, validation: Validation, progress: Progress) -> None:
        """Keep nothing."""

    def watch(self, event: Event) -> None:
        """Note the time of every step, and at which step a validation was."""
        now = time.monotonic()
        if event["kind"] == "step":
            self.step_seconds.append(now - self._last)
        if event["kind"] == "validation":
            self.curve[-1] = {"step": event["step"]} | self.curve[-1]
        self._last = now

    def interrupted(self) -> bool:
        """Never stop early."""
        return False


def percent(hits: Sequence[bool]) -> float:
    """Return the share of hits in percent."""
    return round(100 * sum(hits) / len(hits), 1)


def _parts(rows: Sequence) -> Iterator[Sequence]:
    for begin in range(0, len(rows), ROWS):
        yield rows[begin : begin + ROWS]


def cache_in(folder: Path) -> None:
    """Let this process keep tokenized pairs in `folder` and not in the user's cache."""
    os.environ["XDG_CACHE_HOME"] = str(folder.resolve())


def threads(count: int) -> None:
    """Let torch use so many threads."""
    torch.set_num_threads(count)
