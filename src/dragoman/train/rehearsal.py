"""A rehearsal of a training run: some real steps on its own first batches, a validation and a checkpoint, timed.

The steps are those of `train.loop` on the order of batches that the run will have, which is a keyed draw
from all of them. All of it happens in a folder that goes away again; the model is thrown away by the caller.
"""

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from dragoman.data.batching import Batch, BatchPlan, Shape
from dragoman.model.transformer import Transformer
from dragoman.options import FIRST_BYTE
from dragoman.train.guide import Guide
from dragoman.train.loop import SAVE_SECONDS, VALIDATIONS, Event, Loop, Watcher
from dragoman.train.memory import highest
from dragoman.train.options import TrainOptions
from dragoman.train.progress import Progress, Validation

SECONDS = 10.0
WARM_SECONDS, WARM_STEPS = 2.0, 3  # the first steps fill caches
FEWEST = 3  # steps that are timed, however slow
ENDLESS = 10**9
# Early translations run to their longest, so that a validation takes about half as long on the way (`train.loop`).
LATER = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What was measured, and what follows for runs of any length."""

    tokens_per_second: float  # source and target pieces, as `train` reports them, the making of batches included
    steps: int  # that were timed
    batches: int  # that were run, with those of the warm-up and the largest
    step_seconds: float  # of a step of average size
    window_seconds: float  # an epoch's share of sorting, and of cutting text anew with merge-dropout
    validation_seconds: float
    saving_seconds: float
    highest: int | None  # bytes: the most that the process held

    def seconds(self, steps: int, epoch_steps: float, validate_every: int | None = None) -> float:
        """Return the time of so many steps with their validations and checkpoints, preparation left out."""
        training = steps * self.step_seconds + steps / epoch_steps * self.window_seconds
        validations = -(-steps // (validate_every or max(1, steps // VALIDATIONS)))
        validating = validations * (LATER * self.validation_seconds + self.saving_seconds)  # a kept model is a save
        return training + validating + self.saving_seconds * (1 + training / SAVE_SECONDS)

    def steps_in(self, seconds: float, epoch_steps: float, validate_every: int | None = None) -> int:
        """Return how many steps fit into so much time, by halving."""
        low, high = 0, 1 + int(seconds / self.step_seconds)
        while high - low > 1:
            middle = (low + high) // 2
            fits = self.seconds(middle, epoch_steps, validate_every) <= seconds
            low, high = (middle, high) if fits else (low, middle)
        return low


def rehearse(
    model: Transformer,
    plan: BatchPlan,
    options: TrainOptions,
    watcher: Watcher,
    guide: Guide | None,
    low_precision: bool,
    batches: list[Shape],
    worst: Shape,
) -> Rehearsal:
    """Train the model for some seconds, after a batch of the `worst` shape and a warm-up.

    `batches` are those of an epoch, or enough of them for the size of an average step. `watcher` validates
    once and keeps once; it must write nowhere but into a folder that goes away.
    """
    changed = replace(
        options, steps=ENDLESS, minutes=None, validate_every=ENDLESS, patience=None, snapshots=0, film=False
    )
    began = time.monotonic()
    next(plan.shapes(0))
    window = time.monotonic() - began
    with tempfile.TemporaryDirectory(prefix="dragoman-plan-") as folder:
        clock = _Clock(watcher, SECONDS)
        loop = Loop(model, plan, changed, clock, Path(folder), low_precision, None, guide)
        loop.loss(_batch(worst), training=True)[0].backward()  # type: ignore[no-untyped-call]
        loop.optimizer.zero_grad(set_to_none=True)
        clock.start()
        loop.run()  # to the interruption, and saves
        saving = time.monotonic() - clock.stopped
        began = time.monotonic()
        found = watcher.validate(model)
        validating = time.monotonic() - began
        watcher.keep(model, found, loop.progress)
    each = sum(shape.tokens for shape in batches) / len(batches) * options.accumulate
    return Rehearsal(
        tokens_per_second=clock.tokens / clock.seconds,
        steps=clock.steps,
        batches=1 + loop.progress.step * options.accumulate,
        step_seconds=each * clock.seconds / clock.tokens,
        window_seconds=window * plan.trained / sum(shape.rows for shape in batches),
        validation_seconds=validating,
        saving_seconds=saving,
        highest=torch.cuda.max_memory_allocated() if loop.device.type == "cuda" else highest(),
    )


class _Clock:
    """Watches a loop: lets it warm up, times its steps, and interrupts it."""

    def __init__(self, watcher: Watcher, wanted: float) -> None:
        self.watcher, self.wanted = watcher, wanted
        self.steps = self.tokens = 0
        self.seconds = self.stopped = 0.0

    def start(self) -> None:
        """Begin to warm up."""
        self._began, self._warm = time.monotonic(), 0
        self._from: tuple[float, int] | None = None

    def watch(self, event: Event) -> None:
        """Count a step."""
        if event["kind"] != "step":
            return
        now = time.monotonic()
        if self._from is None:
            self._warm += 1
            if self._warm >= WARM_STEPS and now - self._began >= min(WARM_SECONDS, self.wanted):
                self._from = (now, event["tokens"])
            return
        self.steps += 1
        self.seconds, self.tokens = now - self._from[0], event["tokens"] - self._from[1]

    def interrupted(self) -> bool:
        """Return whether enough was seen."""
        self.stopped = time.monotonic()
        return self.steps >= FEWEST and self.seconds >= self.wanted

    def validate(self, model: Transformer) -> Validation:
        """Measure the model on validation data."""
        return self.watcher.validate(model)

    def keep(self, model: Transformer, validation: Validation, progress: Progress) -> None:
        """Store the model."""
        self.watcher.keep(model, validation, progress)


def _batch(shape: Shape) -> Batch:
    """Return a batch of a shape without padding, of some piece."""
    source_BS = np.full((shape.rows, shape.source), FIRST_BYTE, np.int64)
    target_BT = np.full((shape.rows, shape.target), FIRST_BYTE, np.int64)
    return Batch(source_BS, target_BT, np.arange(shape.rows), 0, source_BS.size + target_BT.size)
