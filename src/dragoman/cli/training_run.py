"""One `dragoman train`: data, tokenizer, model, loop and bundle wired together, in a folder that can go on."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from dragoman import bundle
from dragoman.architecture import ModelConfig, parameter_count
from dragoman.bundle import Bundle
from dragoman.cli.display import Display
from dragoman.cli.heads import choose
from dragoman.cli.interruption import Interruption
from dragoman.cli.recipe import Recipe
from dragoman.cli.run_folder import RunFolder
from dragoman.cli.trained import card, provenance
from dragoman.cli.watcher import TrainingWatcher
from dragoman.data.batching import BatchPlan
from dragoman.data.corpus import CorpusReport, PairFiles, check, read_pairs, usable
from dragoman.data.lexicon import Lexicon
from dragoman.data.lexicon import learn as learn_lexicon
from dragoman.data.store import PairStore, prepare
from dragoman.engine.cpu import instruction_sets
from dragoman.errors import ConfigError
from dragoman.model.initialization import initialize, to_numpy
from dragoman.model.transformer import Transformer
from dragoman.randomness import Randomness
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train as learn
from dragoman.train.guide import Guide
from dragoman.train.loop import Loop

HELD_OUT = 500  # pairs taken from the training text where no validation text is given
LEXICON_PLACES = 5_000_000  # pairs of positions in them, which take 100 bytes each
LEXICON = 10_000  # pairs that the lexicon is learned from
BYTES_A_WEIGHT = 20  # the weight, its gradient, two moments and the running average, float32 each
HALF = {"avx512_bf16", "amx_bf16"}


def run(recipe: Recipe, out: Path, began: float, notes: Sequence[str] = ()) -> int:
    """Train by the recipe into the folder `out`, or go on with what is there; return the exit status.

    `began` is the monotonic time from which `minutes` count, `notes` are said first. Raises ConfigError,
    DataError, CheckpointError, and then nothing new is left behind.
    """
    display, interruption = Display(recipe.train.minutes), Interruption()
    folder = RunFolder(out, recipe.table())
    with interruption.caught(), folder.claimed():
        with display.preparing(notes):
            report, valid = _checked(recipe, display)
            folder.refuse_changed_text(report.sha256)
            if folder.ending is not None:
                display.note(f"{out} is done: {_summary(bundle.load(out), folder.ending)}")
                return 0
            first = bundle.load(out) if folder.begun else _untrained(recipe, report)
            plan, store, pairs = _batches(recipe, report, valid, first, display)
            model = Transformer(first.model)
            initialize(model, Randomness(recipe.train.seed))
            model.to("cuda" if torch.cuda.is_available() else "cpu")
            if not folder.begun:
                folder.begin(first, report.sha256)
            watcher = TrainingWatcher(first, str(out), pairs, display, interruption.asked)
            lexicon = _lexicon(store)
            share = recipe.train.guided_alignment
            guide = Guide(model, lexicon, share) if share else None
            loop = Loop(model, plan, recipe.train, watcher, folder.training, _low_precision(recipe), began, guide)
            for note in loop.notes:
                display.note(note)
            if loop.progress.step:
                display.note(f"going on from step {loop.progress.step:,}")
        with display:
            interruption.save = loop.save
            ending = loop.run()
            interruption.save = None
        if ending == "interrupted":
            display.note(f"saved at step {loop.progress.step:,}; the same command goes on from there")
            return interruption.status
        ending = f"{ending} at step {loop.progress.step:,}"
        last = _finish(out, pairs, lexicon)
        folder.end(ending)
        display.note(f"{out} is done: {_summary(last, ending)}")
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


def _untrained(recipe: Recipe, report: CorpusReport) -> Bundle:
    """Learn the tokenizers and make the first weights."""
    source, target = _tokenizers(recipe, report)
    config = recipe.model_config(source.vocab_size, target.vocab_size)
    _check_memory(config)
    model = Transformer(config)
    initialize(model, Randomness(recipe.train.seed))
    precision = "bf16" if _low_precision(recipe) else "float32"
    found = provenance(recipe.table(), report, precision)
    return Bundle(
        model=config,
        weights=to_numpy(model),
        source_tokenizer=source,
        target_tokenizer=target,
        languages=recipe.data.languages,
        decode=recipe.decode,
        provenance=found,
        card=card(config, recipe.data.languages, found),
    )


def _check_memory(config: ModelConfig) -> None:
    """Refuse a model that this machine cannot hold in training; raises ConfigError."""
    count = parameter_count(config)
    needed, there = count * BYTES_A_WEIGHT, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > there:
        raise ConfigError(
            f"model.d_model={config.d_model} makes {count:,} parameters, which need {needed / 1e9:,.0f} GB to train; "
            f"this machine has {there / 1e9:,.0f}: choose a smaller --preset, or fewer or narrower layers"
        )


def _batches(
    recipe: Recipe, report: CorpusReport, valid: PairFiles | None, first: Bundle, display: Display
) -> tuple[BatchPlan, PairStore, list[tuple[str, str]]]:
    """Return the plan of all batches, the pairs behind it, and the pairs to validate on."""
    tokenizers = (first.source_tokenizer, first.target_tokenizer)
    store = prepare(report.files, *tokenizers, report, recipe.train.max_pieces)
    for line in store.notes:
        display.note(line)
    held_out, pairs = _validation_pairs(recipe, store, valid, display)
    options = recipe.train
    plan = BatchPlan(store, options.batch_tokens, Randomness(options.seed), options.merge_dropout, tokenizers, held_out)
    return plan, store, pairs


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


def _lexicon(store: PairStore) -> Lexicon:
    """Learn from some thousand training pairs which pieces belong together."""
    chosen = Randomness(0).order("lexicon", 0, len(store))[:LEXICON]
    places = np.cumsum(store.lengths("source")[chosen].astype(np.int64) * store.lengths("target")[chosen])
    chosen = chosen[places <= LEXICON_PLACES]
    return learn_lexicon(list(zip(store.ids("source", chosen), store.ids("target", chosen), strict=True)))


def _finish(out: Path, pairs: list[tuple[str, str]], lexicon: Lexicon) -> Bundle:
    """Choose the alignment heads of the best model, write its card, and give every file its plain name."""
    best = bundle.load(out)
    heads = choose(best, pairs, lexicon)
    last = replace(best, alignment_heads=heads, card=card(best.model, best.languages, best.provenance))
    bundle.save(last, out, plain=True)
    return last


def _summary(last: Bundle, ending: str) -> str:
    """Return how a run ended and what it found."""
    trained = last.provenance.get("trained")
    if trained is None:
        return f"{ending}, but no validation gave a number: it holds the untrained model; lower train.rate"
    return (
        f"{ending}, it holds the model of step {trained['step']:,} with "
        f"validation loss {trained['validation_loss']}, chrF {trained['validation_chrf']}"
    )
