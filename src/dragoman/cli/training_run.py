"""One `dragoman train`: data, tokenizer, model, loop and bundle wired together, in a folder that can go on."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

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
from dragoman.cli.training_data import (
    Held,
    Reports,
    check_data,
    learn_tokenizers,
    lexicon_of,
    plan_batches,
    usual_pieces,
)
from dragoman.cli.watcher import TrainingWatcher
from dragoman.data.lexicon import Lexicon
from dragoman.engine.cpu import instruction_sets
from dragoman.errors import ConfigError
from dragoman.model.initialization import initialize, to_numpy
from dragoman.model.transformer import Transformer
from dragoman.randomness import Randomness
from dragoman.train.guide import Guide
from dragoman.train.loop import Loop

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
            reports, valid = check_data(recipe, display.note)
            checked = (*reports, *(report for report in valid if report is not None))
            sha256 = tuple(digest for report in checked for digest in report.sha256)
            folder.refuse_changed_text(sha256)
            if folder.ending is not None:
                display.note(f"{out} is done: {_summary(bundle.load(out), folder.ending)}")
                return 0
            first = bundle.load(out) if folder.begun else _untrained(recipe, reports)
            tokenizers = (first.source_tokenizer, first.target_tokenizer)
            plan, store, pairs = plan_batches(recipe, reports, valid, tokenizers, display.note)
            model = Transformer(first.model)
            initialize(model, Randomness(recipe.train.seed))
            model.to("cuda" if torch.cuda.is_available() else "cpu")
            if not folder.begun:
                usual = usual_pieces(store, recipe.augment, Randomness(recipe.train.seed))
                first = replace(first, usual_pieces=usual)
                folder.begin(first, sha256)
            watcher = TrainingWatcher(first, str(out), pairs, display, interruption.asked)
            lexicon = lexicon_of(store)
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


def _untrained(recipe: Recipe, reports: Reports) -> Bundle:
    """Learn the tokenizers and make the first weights."""
    source, target = learn_tokenizers(recipe, reports)
    config = recipe.model_config(source.vocab_size, target.vocab_size)
    _check_memory(config)
    model = Transformer(config)
    initialize(model, Randomness(recipe.train.seed))
    precision = "bf16" if _low_precision(recipe) else "float32"
    directions = recipe.data.directions
    found = provenance(recipe.table(), reports, precision)
    return Bundle(
        model=config,
        weights=to_numpy(model),
        source_tokenizer=source,
        target_tokenizer=target,
        languages=recipe.data.languages,
        directions=directions if len(directions) > 1 else (),
        decode=recipe.decode,
        provenance=found,
        card=card(config, directions, found),
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


def _low_precision(recipe: Recipe) -> bool:
    """Return whether products run in bfloat16: as asked, or where the processor has them."""
    if recipe.train.precision != "auto":
        return recipe.train.precision == "bf16"
    return torch.cuda.is_available() or bool(HALF & set(instruction_sets()))


def _finish(out: Path, pairs: list[Held], lexicon: Lexicon) -> Bundle:
    """Choose the alignment heads of the best model, write its card, and give every file its plain name."""
    best = bundle.load(out)
    heads = choose(best, pairs, lexicon)
    last = replace(best, alignment_heads=heads, card=card(best.model, best.translates, best.provenance))
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
