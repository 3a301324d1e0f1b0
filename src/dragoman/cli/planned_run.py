"""The facts of a plan: a run prepared as `train` prepares it, its memory foreseen, its first steps rehearsed."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.cli.display import Display
from dragoman.cli.recipe import Recipe
from dragoman.cli.training_data import Reports, check_data, lexicon_of, plan_batches
from dragoman.cli.untrained import in_low_precision, new_model, untrained
from dragoman.cli.watcher import TrainingWatcher
from dragoman.data.batching import BatchPlan, Shape
from dragoman.train.guide import Guide
from dragoman.train.memory import Memory, kernels, largest, refuse_unfit, sizes
from dragoman.train.plan import BACKWARD, Work, parameters_by_part, work
from dragoman.train.rehearsal import Rehearsal, rehearse

Facts = dict[str, Any]


def planned(recipe: Recipe, epochs: int, began: float, notes: Sequence[str] = ()) -> Facts:
    """Return what a run by this recipe takes, as JSON values; `began` is the monotonic time of the command's start.

    Raises what `train` would raise. Nothing is left but the tokenized text in the user's cache, which `train`
    then finds.
    """
    display = Display()
    with tempfile.TemporaryDirectory(prefix="dragoman-plan-") as kept, display.preparing(notes):
        reports, valid = check_data(recipe, display.note)
        first = untrained(recipe, reports, display.note)
        plan, store, pairs = plan_batches(recipe, reports, valid, first, display.note)
        model, low_precision = new_model(recipe, first), in_low_precision(recipe)
        watcher = TrainingWatcher(first, kept, pairs, display, lambda: False)
        lexicon = lexicon_of(store)
        memory = refuse_unfit(model, plan, recipe.train, watcher.widest, low_precision)
        share = recipe.train.guided_alignment
        guide = Guide(model, lexicon, share) if share else None
        preparing = time.monotonic() - began
        batches = next(plan.shapes(0))
        worst = max(largest(batches), key=lambda shape: shape.places)
        found = rehearse(model, plan, recipe.train, watcher, guide, low_precision, batches, worst)
    config = first.model
    return {
        "data": _data(reports, plan),
        "vocabulary": {
            "source": config.vocab_size,
            "target": config.target_vocabulary,
            "joint": recipe.tokenizer.joint,
        },
        "parameters": {"total": sum(parameters_by_part(config).values()), **parameters_by_part(config)},
        "batches": _batches(batches, plan, recipe.train.accumulate),
        "work": _work(batches, [work(config, s.source, s.target - 1, 0) for s in batches], config),
        "memory": _memory(memory, found, batches),
        "speed": asdict(found) | {"preparing_seconds": preparing, "precision": "bf16" if low_precision else "float32"},
        "time": _time(recipe, found, plan, batches, epochs, preparing),
    }


def _data(reports: Reports, plan: BatchPlan) -> Facts:
    def side(lengths: NDArray[np.int32]) -> Facts:
        return {
            "pieces": int(lengths.sum()),
            "mean": round(float(lengths.mean()), 1),
            "of 95 %": int(np.quantile(lengths, 0.95, method="inverted_cdf")),
            "longest": int(lengths.max()),
        }

    store = plan.store
    pairs, usable = sum(report.pairs for report in reports), sum(report.usable for report in reports)
    return {
        "pairs": pairs,
        "trained": plan.trained,
        "unusable": pairs - usable,
        "too_long": usable - len(store),
        "held_out": len(plan.held_out),
        "source": side(store.lengths("source")),
        "target": side(store.lengths("target")),
    }


def _batches(batches: list[Shape], plan: BatchPlan, accumulate: int) -> Facts:
    tokens, places = sum(shape.tokens for shape in batches), sum(shape.places for shape in batches)
    an_epoch = len(batches) * plan.trained / sum(shape.rows for shape in batches)
    return {
        "an_epoch": round(an_epoch),
        "steps_an_epoch": round(an_epoch / accumulate, 1),
        "rows": round(sum(shape.rows for shape in batches) / len(batches), 1),
        "tokens": round(tokens / len(batches)),
        "tokens_an_epoch": round(tokens * an_epoch / len(batches)),
        "padding": round(1 - tokens / places, 4),
    }


def _work(batches: list[Shape], rows: list[Work], config: Any) -> Facts:
    """Return multiply-adds of a forward pass for a source or target piece, padding paid for by the pieces."""
    done = Work(0, 0, 0, 0)
    for shape, row in zip(batches, rows, strict=True):
        done += row * shape.rows
    predicted = sum(shape.target_tokens - shape.rows for shape in batches)  # all but `<s>`
    done += Work(0, 0, 0, predicted * config.d_model * config.target_vocabulary)
    tokens = sum(shape.tokens for shape in batches)
    return {
        "multiply_adds_a_piece": round(done.total / tokens),
        "in_training": round((1 + BACKWARD) * done.total / tokens),
        "attention": round(done.attention / done.total, 4),
        "attention_maps": round(done.looking / done.total, 4),
        "feed_forward": round(done.feed_forward / done.total, 4),
        "output": round(done.output / done.total, 4),
    }


def _memory(foreseen: Memory, found: Rehearsal, batches: list[Shape]) -> Facts:
    """Return what the run will hold at most: what the rehearsal held, and kernels that it had no time to meet."""
    parts = asdict(foreseen)
    there, needed = parts.pop("there"), foreseen.peak
    if found.highest is not None:
        missing = kernels(sizes(batches)) - kernels(min(2 * found.batches, sizes(batches))) if foreseen.kernels else 0
        needed = found.highest + missing
    return {"needed": needed, "there": there, "rehearsed": found.highest, "foreseen": foreseen.peak, "parts": parts}


def _time(
    recipe: Recipe, found: Rehearsal, plan: BatchPlan, batches: list[Shape], epochs: int, preparing: float
) -> Facts:
    options = recipe.train
    epoch_steps = len(batches) * plan.trained / sum(shape.rows for shape in batches) / options.accumulate
    every = options.validate_every
    facts: Facts = {
        "an_epoch": epoch_steps * found.step_seconds + found.window_seconds,
        "epochs": epochs,
        "of_epochs": preparing + found.seconds(round(epochs * epoch_steps), epoch_steps, every),
    }
    if options.steps is not None:
        steps, seconds = options.steps, preparing + found.seconds(options.steps, epoch_steps, every)
    else:
        seconds = 60 * (options.minutes or 0.0)
        left = seconds - preparing - found.validation_seconds  # one validation while the speed is measured
        steps = found.steps_in(max(0.0, left), epoch_steps, every)
    return facts | {
        "minutes": options.minutes,
        "steps": steps,
        "seconds": seconds,
        "epochs_in_it": steps / epoch_steps,
    }
