"""One `dragoman train`: data, tokenizer, model, loop and bundle wired together, in a folder that can go on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dragoman import bundle
from dragoman.bundle import Bundle
from dragoman.cli.card import card
from dragoman.cli.display import Display
from dragoman.cli.heads import choose
from dragoman.cli.interruption import Interruption
from dragoman.cli.recipe import Recipe
from dragoman.cli.run_folder import RunFolder
from dragoman.cli.training_data import Held, Note, Reports, check_data, lexicon_of, plan_batches, usual_pieces
from dragoman.cli.tuning import refuse_changed, seems_swapped
from dragoman.cli.untrained import in_low_precision, new_model, untrained
from dragoman.cli.watcher import TrainingWatcher
from dragoman.data.lexicon import Lexicon
from dragoman.randomness import Randomness
from dragoman.train.guide import Guide
from dragoman.train.loop import Loop
from dragoman.train.memory import refuse_unfit


def run(recipe: Recipe, out: Path, began: float, notes: Sequence[str] = ()) -> int:
    """Train by the recipe into the folder `out`, or go on with what is there; return the exit status.

    `began` is the monotonic time from which `minutes` count, `notes` are said first. Raises ConfigError,
    DataError, CheckpointError, and then nothing new is left behind.
    """
    display, interruption = Display(recipe.train.minutes), Interruption()
    folder = RunFolder(out, recipe.table(), recipe.defaults())
    with interruption.caught(), folder.claimed():
        with display.preparing(notes):
            reports, valid = check_data(recipe, display.note)
            checked = (*reports, *(report for report in valid if report is not None))
            sha256 = tuple(digest for report in checked for digest in report.sha256)
            folder.refuse_changed_text(sha256)
            if folder.ending is not None:
                display.note(f"{out} is done: {_summary(bundle.load(out), folder.ending)}")
                return 0
            first = _first(recipe, reports, out if folder.begun else None, display.note)
            plan, store, pairs = plan_batches(recipe, reports, valid, first, display.note)
            model, low_precision = new_model(recipe, first), in_low_precision(recipe)
            if recipe.origin is not None and not folder.begun and seems_swapped(model, first, pairs):
                known = f"{recipe.model['from']} finds these pairs likelier the other way round"
                display.note(f"are the sides swapped? {known}; if so, exchange --source and --target")
            if not folder.begun:
                usual = usual_pieces(store, recipe.augment, Randomness(recipe.train.seed))
                first = replace(first, usual_pieces=usual)
            lexicon = lexicon_of(store)
            watcher = TrainingWatcher(first, str(out), pairs, display, interruption.asked)
            refuse_unfit(model, plan, recipe.train, watcher.widest, low_precision)
            if not folder.begun:
                folder.begin(first, sha256)
            share = recipe.train.guided_alignment
            guide = Guide(model, lexicon, share) if share else None
            loop = Loop(model, plan, recipe.train, watcher, folder.training, low_precision, began, guide)
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


def _first(recipe: Recipe, reports: Reports, begun: Path | None, note: Note) -> Bundle:
    """Return the model before its first step, as the run said that was begun in a folder.

    Of that the newest model lies there; the weights that it began with are drawn, or read, once more.
    """
    if begun is None:
        return untrained(recipe, reports, note)
    kept = bundle.load(begun)
    if recipe.origin is None:
        return kept
    first = untrained(recipe, reports, note)
    refuse_changed(recipe.model["from"], kept.provenance, first.provenance)
    return replace(kept, weights=first.weights)


def _finish(out: Path, pairs: list[Held], lexicon: Lexicon) -> Bundle:
    """Choose the alignment heads of the best model, write its card, and give every file its plain name."""
    best = bundle.load(out)
    heads, step = choose(best, pairs, lexicon)
    words = card(best.model, best.translates, best.provenance)
    last = replace(best, alignment_heads=heads, alignment_step=step, card=words)
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
