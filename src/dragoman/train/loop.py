"""The training loop: batch, loss, gradient, step; now and then log, validate, save.

Validation, display and the saving of the model are handed in, so this file knows neither search nor
screen nor disk layout. A run that stops and resumes gives the same weights as one that never stopped.
"""

# Shapes.  B rows, S source, T target pieces with both ends, M real target pieces of a batch.

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import save
from torch import Tensor

from dragoman.data.batching import Batch, BatchPlan
from dragoman.errors import CheckpointError, ConfigError
from dragoman.model.dropout import RowNoise
from dragoman.model.initialization import to_numpy
from dragoman.model.recording import watching
from dragoman.model.transformer import Transformer
from dragoman.options import PAD
from dragoman.randomness import Randomness
from dragoman.train import checkpoint
from dragoman.train.average import WeightAverage
from dragoman.train.guide import HEAD, Guide
from dragoman.train.journal import Journal
from dragoman.train.loss import smoothed_loss
from dragoman.train.optimizer import make_optimizer
from dragoman.train.options import TrainOptions
from dragoman.train.progress import Progress, Validation
from dragoman.train.schedule import factor, filmed

LOG_EVERY = 20  # steps between two lines of metrics.jsonl
SAVE_SECONDS = 120.0
MEASURE_SECONDS = 30.0
VALIDATIONS = 16
MAX_SKIPPED = 10

Event = dict[str, Any]


class Watcher(Protocol):
    """What a run tells and asks of the outside."""

    def validate(self, model: Transformer) -> Validation:
        """Measure the model on validation data."""
        ...

    def keep(self, model: Transformer, validation: Validation, progress: Progress) -> None:
        """Store the model: it is the best so far, or as good and newer."""
        ...

    def watch(self, event: Event) -> None:
        """Show an event."""
        ...

    def interrupted(self) -> bool:
        """Return whether to save and stop."""
        ...


class Loop:
    """One training run in one folder."""

    def __init__(
        self,
        model: Transformer,
        plan: BatchPlan,
        options: TrainOptions,
        watcher: Watcher,
        folder: Path,
        low_precision: bool = False,
        began: float | None = None,
        guide: Guide | None = None,
    ) -> None:
        """Prepare a run in `folder`, from its newest checkpoint where there is one; raises CheckpointError.

        `low_precision` runs the products in bfloat16 (autocast); weights, norms and sums stay float32.
        `began` is the monotonic time from which `minutes` count; None: now. A `guide` teaches a head to align.
        """
        self.model, self.plan, self.options, self.watcher = model, plan, options, watcher
        self.folder, self.low_precision, self.guide = folder, low_precision, guide
        self.device = next(model.parameters()).device
        self.randomness = Randomness(options.seed)
        self.rate = options.peak_rate(model.config.d_model)
        self.optimizer = make_optimizer(model, options, self.rate, low_precision)
        self.average = WeightAverage(model)
        self.progress = Progress(total=options.steps)
        self.notes = self._resume()
        self.journal = Journal(folder / "metrics.jsonl", self.progress.step)
        self._started = (time.monotonic() if began is None else began) - self.progress.seconds
        self._saved = time.monotonic()
        self._measured: tuple[float, int] | None = None  # when the measuring for `minutes` began, and at which step

    def run(self) -> str:
        """Train to the end; return why it ended: "finished", "no better" (patience) or "interrupted"."""
        progress, options = self.progress, self.options
        if options.steps is None and options.minutes is None:
            raise ConfigError("how long to train is not given; write --minutes 30 or --steps 5000")
        batches = self._batches()
        ending = "finished"
        while progress.total is None or progress.step < progress.total:
            if options.patience is not None and progress.worse >= options.patience:
                ending = "no better"
                break
            if self.watcher.interrupted():
                ending = "interrupted"
                break
            self._step([next(batches) for _ in range(options.accumulate)])
            if options.film and filmed(progress.step):
                self._snapshot()
            if progress.total is None:
                self._measure()
            if self._time_to_validate():
                self._validate()
            if time.monotonic() - self._saved > SAVE_SECONDS:
                self.save()
        self.save()
        return ending

    def _step(self, batches: list[Batch]) -> None:
        """Update the weights once from the gradients of these batches, divided by their real target pieces."""
        progress, options = self.progress, self.options
        began = time.monotonic()
        loss = torch.zeros((), device=self.device)
        count = 0
        for batch in batches:
            part, pieces = self.loss(batch, training=True)
            part.backward()  # type: ignore[no-untyped-call]
            loss, count = loss + part.detach(), count + pieces
            progress.tokens += batch.tokens
        progress.step += 1
        share = factor(options.schedule, progress.step, progress.total, options.warmup)
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        torch._foreach_div_(gradients, float(count))
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), options.clip)
        if math.isfinite(norm.item()):
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate * share
            self.optimizer.step()
            progress.skipped_in_a_row = 0
        else:
            self._skip(batches)
        self.optimizer.zero_grad(set_to_none=True)
        if progress.total is not None and progress.step > (1 - options.average) * progress.total:
            self.average.add()
        progress.seconds = time.monotonic() - self._started
        self._tell(loss.item() / count, share, norm.item(), sum(b.tokens for b in batches) / (time.monotonic() - began))

    def loss(self, batch: Batch, training: bool) -> tuple[Tensor, int]:
        """Return the summed loss of a batch and its real target pieces; smoothing and dropout in training alone."""
        source_BS = torch.from_numpy(batch.source_BS).to(self.device)
        target_BT = torch.from_numpy(batch.target_BT).to(self.device)
        noise = None
        if training:
            keys = self.randomness.keys("dropout", batch.epoch, batch.samples)
            noise = RowNoise(torch.from_numpy(keys).to(self.device))
        real_BS = source_BS != PAD
        labels = target_BT[:, 1:]
        guide = self.guide if training else None
        looking: AbstractContextManager[list[Tensor]] = (
            nullcontext([]) if guide is None else watching(guide.attention, HEAD)
        )
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.low_precision), looking as weights:
            state = self.model.start(self.model.encode(source_BS, real_BS, noise), real_BS)
            hidden_BTD = self.model.hidden(target_BT[:, :-1], state, noise)
        chosen = labels != PAD
        hidden_MD = hidden_BTD[chosen]
        if self.low_precision:
            hidden_MD = hidden_MD.to(torch.bfloat16)
        smoothing = self.options.label_smoothing if training else 0.0
        weight, bias = self.model.output_weight, self.model.output.bias
        loss = smoothed_loss(hidden_MD, weight, bias, labels[chosen], smoothing)
        if guide is not None:
            loss = loss + guide.loss(batch, weights[0])
        return loss, int(chosen.sum())

    def _batches(self) -> Iterator[Batch]:
        """Yield batches for ever, epoch after epoch, from where the progress stands."""
        progress = self.progress
        while True:
            for batch in self.plan.epoch(progress.epoch, start=progress.batch):
                progress.batch += 1
                yield batch
            if not progress.batch:
                raise ConfigError("there is no training pair that fits; raise train.max_pieces or check the data")
            progress.epoch, progress.batch = progress.epoch + 1, 0

    def _skip(self, batches: list[Batch]) -> None:
        """Leave out a step whose gradient is not finite; ten in a row stop the run."""
        self.progress.skipped += 1
        self.progress.skipped_in_a_row += 1
        samples = [int(sample) for batch in batches for sample in batch.samples[:3]]
        self._event({"kind": "skipped", "step": self.progress.step, "samples": samples})
        if self.progress.skipped_in_a_row >= MAX_SKIPPED:
            raise ConfigError(
                f"{MAX_SKIPPED} steps in a row had a gradient that is not a finite number (step {self.progress.step}); "
                f"lower the rate, such as --set train.rate={self.rate / 3:.1e}, or write --set train.precision=float32"
            )

    def _measure(self) -> None:
        """With `minutes`: after about 30 seconds find how many steps fit, and freeze that number."""
        now = time.monotonic()
        minutes = self.options.minutes or 0.0
        if self._measured is None:
            self._measured = (now, self.progress.step)  # the first step warms up, it is not counted
            return
        began, step = self._measured
        steps = self.progress.step - step
        if now - began < min(MEASURE_SECONDS, 6.0 * minutes) or steps < 5:
            return
        each = (now - began) / steps
        validating = time.monotonic()
        ended = self._validate().ended
        # Translations without an end run to their longest; later ones take about half as long.
        reserve = 0.5 * (1 + ended) * VALIDATIONS * (time.monotonic() - validating)
        left = 60.0 * minutes - (time.monotonic() - self._started) - reserve
        self.progress.total = self.progress.step + max(1, int(left / each))
        self._event({"kind": "total", "step": self.progress.step, "total": self.progress.total})
        self.save()

    def _time_to_validate(self) -> bool:
        """Return whether a validation is due: now and then and after the last step, once a step."""
        progress = self.progress
        if progress.total is None or progress.step == progress.validated:
            return False
        if progress.step == progress.total:
            return True
        if self.options.validate_every is not None:
            return progress.step % self.options.validate_every == 0
        every = -(-progress.total // VALIDATIONS)
        return progress.step % every == 0 and 2 * (progress.step - progress.validated) >= every

    def _validate(self) -> Validation:
        """Measure the model (its average, once there is one), and hand it out where none before was better."""
        progress = self.progress
        progress.averaged, progress.validated = self.average.count, progress.step
        with self.average.applied():
            validation = self.watcher.validate(self.model)
            progress.validations += 1
            count = progress.validations
            if count & (count - 1) == 0 and count.bit_length() <= self.options.snapshots:
                self._snapshot()
            best, quality = -math.inf if progress.best is None else progress.best, validation.quality
            progress.worse = 0 if quality > best else progress.worse + 1  # NaN is never better
            if quality > best - validation.noise:
                progress.best, progress.best_step = max(best, quality), progress.step
                self.watcher.keep(self.model, validation, progress)
        samples = [dict(zip(("source", "reference", "output"), sample, strict=True)) for sample in validation.samples]
        self._event(
            {
                "kind": "validation",
                "step": progress.step,
                "loss": round(validation.loss, 5),
                "chrf": None if validation.chrf is None else round(validation.chrf, 3),
                "best_step": progress.best_step,
                "averaged": self.average.count,
                "samples": samples,
            }
        )
        return validation

    def _snapshot(self) -> None:
        """Keep the weights of now, in half precision: how the model learned, for a later look."""
        weights = {name: torch.from_numpy(value).half() for name, value in to_numpy(self.model).items()}
        checkpoint.write_file(self.folder / "snapshots" / f"step-{self.progress.step:08d}.safetensors", save(weights))

    def _tell(self, loss: float, share: float, norm: float, speed: float) -> None:
        progress = self.progress
        event = {
            "kind": "step",
            "step": progress.step,
            "epoch": progress.epoch,
            "loss": round(loss, 5),
            "rate": self.rate * share,
            "gradient_norm": round(norm, 5) if math.isfinite(norm) else None,
            "tokens": progress.tokens,
            "seconds": round(progress.seconds, 2),
            "tokens_per_second": round(speed),
        }
        self.watcher.watch(event | {"total": progress.total})
        if progress.step % LOG_EVERY == 0:
            self.journal.write(event)

    def _event(self, event: Event) -> None:
        self.journal.write(event)
        self.watcher.watch(event)

    def save(self) -> None:
        """Write a checkpoint."""
        tensors = {f"weights.{name}": value.detach() for name, value in self.model.named_parameters()}
        tensors |= {f"sums.{name}": value for name, value in self.average.sums.items()}
        for name, value in self.model.named_parameters():
            for key, moment in self.optimizer.state.get(value, {}).items():
                tensors[f"optimizer.{key}.{name}"] = moment
        self.progress.averaged = self.average.count
        tensors = {name: value.cpu() for name, value in tensors.items()}
        checkpoint.write(self.folder / "checkpoints", self.progress.step, tensors, asdict(self.progress))
        self._saved = time.monotonic()

    def _resume(self) -> tuple[str, ...]:
        """Go on from the newest whole checkpoint; return what should be said about damaged ones."""
        found = checkpoint.newest(self.folder / "checkpoints")
        if found is None:
            return ()
        try:
            self.progress = Progress(**found.state)
            moments: dict[str, dict[str, Tensor]] = {}
            with torch.no_grad():
                for name, parameter in self.model.named_parameters():
                    parameter.copy_(found.tensors[f"weights.{name}"])
                    if name in self.average.sums:
                        self.average.sums[name].copy_(found.tensors[f"sums.{name}"])
                    moments[name] = {
                        key: found.tensors[f"optimizer.{key}.{name}"].to(self.device)
                        for key in ("step", "exp_avg", "exp_avg_sq", "momentum")
                        if f"optimizer.{key}.{name}" in found.tensors
                    }
        except (KeyError, TypeError, RuntimeError) as error:
            raise CheckpointError(
                f"{self.folder}: the checkpoint is of another model: {error}; choose another --out"
            ) from None
        for name, parameter in self.model.named_parameters():
            if moments[name]:
                self.optimizer.state[parameter] = moments[name]
        self.average.count = self.progress.averaged
        return found.notes
