"""How to train: the `[train]` table of a recipe."""

from dataclasses import dataclass, fields
from typing import Literal

from dragoman.errors import ConfigError

Schedule = Literal["linear", "cosine", "inverse_sqrt"]
Optimizer = Literal["muon", "adamw"]
Precision = Literal["auto", "bf16", "float32"]

LARGEST = 10**9  # far above any use
TUNED = 0.1  # of the rate, where a trained model is trained on
TUNED_WARMUP = 50
MOST_FLOAT = 1e30  # a float32 overflows not far above


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainOptions:
    """Everything about a training run that is neither the model nor the data."""

    seed: int = 1
    steps: int | None = None  # updates of the weights; or
    minutes: float | None = None  # of wall time, from which the number of steps is found and then frozen
    batch_tokens: int = 2048  # rows x longest side of a batch, padding counted
    accumulate: int = 1  # batches whose gradients make one step
    rate: float | None = None  # peak learning rate; None: 3e-3 at d_model 128, falling with the width
    warmup: int = 400  # steps in which the rate grows from 0
    schedule: Schedule = "linear"  # how it falls afterwards
    label_smoothing: float = 0.1  # Szegedy et al. 2016; the paper's section 5.4
    optimizer: Optimizer = "muon"  # muon: for the matrices of hidden layers, AdamW for the rest
    clip: float = 1.0  # largest gradient norm
    weight_decay: float = 0.01  # on linear weights (Loshchilov and Hutter 2019)
    beta1: float = 0.9
    beta2: float = 0.98
    precision: Precision = "auto"  # auto: bf16 products where the processor has them
    average: float = 0.1  # the last share of the steps whose weights are averaged
    merge_dropout: float = 0.0  # BPE-dropout (Provilkov et al. 2020), on both sides; bpe and byte_bpe
    sampling_alpha: float | None = None  # cuts drawn with P^alpha (Kudo 2018), on both sides; unigram; None: the best
    freeze: tuple[str, ...] = ()  # patterns of tensors that stay as they are, such as encoder.*
    lora_rank: int | None = None  # of the matrices that alone are trained (Hu et al. 2021); None: the model itself is
    lora_alpha: float = 16.0  # what their product is multiplied with is alpha / rank
    lora_targets: tuple[str, ...] = ("query", "value")  # the linear maps that get them, as patterns
    guided_alignment: float = 0.0  # weight of the loss that teaches one head to align words; 0: none is taught
    validate_every: int | None = None  # steps; None: sixteen times a run
    patience: int | None = None  # stop after so many validations without a better one
    max_pieces: int = 256  # longer pairs are named and left out
    snapshots: int = 6  # weights kept from the way, at validations that double
    film: bool = False  # keep them from the first step on too, two for every doubling: what a training film is made of

    def __post_init__(self) -> None:
        """Refuse what cannot be; raises ConfigError."""
        if self.steps is not None and self.minutes is not None:
            raise ConfigError(f"train.steps={self.steps} and train.minutes={self.minutes}: give one of the two")
        positive = ("steps", "batch_tokens", "accumulate", "validate_every", "patience", "max_pieces", "lora_rank")
        for name in positive:
            value = getattr(self, name)
            if value is not None and not 1 <= value <= LARGEST:
                raise ConfigError(f"train.{name}={value}: a whole number from 1 to {LARGEST:,} is allowed")
        for name, most in (
            ("minutes", LARGEST),
            ("rate", MOST_FLOAT),
            ("clip", MOST_FLOAT),
            ("lora_alpha", MOST_FLOAT),
        ):
            value = getattr(self, name)
            if value is not None and not 0 < value <= most:
                raise ConfigError(f"train.{name}={value}: a number above 0, up to {most:,}, is allowed")
        for name in ("label_smoothing", "beta1", "beta2", "merge_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(f"train.{name}={getattr(self, name)}: a number from 0 up to 1 is allowed")
        for name in ("warmup", "snapshots", "weight_decay", "average", "guided_alignment"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ConfigError(f"train.{name}={getattr(self, name)}: a number from 0 is allowed")
        if self.sampling_alpha is not None and not 0 <= self.sampling_alpha < float("inf"):
            raise ConfigError(f"train.sampling_alpha={self.sampling_alpha}: a number from 0 is allowed, such as 0.2")
        if self.lora_rank is not None and (self.freeze or not self.lora_targets):
            raise ConfigError(
                f"train.lora_rank={self.lora_rank}: nothing but the matrices for train.lora_targets is trained; "
                "leave train.freeze out and name at least one target"
            )
        if self.lora_rank is None:
            for field in fields(self):
                if field.name in ("lora_alpha", "lora_targets") and getattr(self, field.name) != field.default:
                    raise ConfigError(f"train.{field.name} is for train.lora_rank; give that too, such as 8")
        if self.average > 1:
            raise ConfigError(f"train.average={self.average}: the share of the steps, from 0 to 1, is allowed")

    def peak_rate(self, d_model: int) -> float:
        """Return the peak learning rate: as given, or by the model's width."""
        return self.rate if self.rate is not None else min(1e-2, 3e-3 * 128 / d_model)

    def tuned_rate(self, d_model: int) -> float:
        """Return the peak learning rate for a model that is trained already: as given, or a tenth of the usual one."""
        return self.rate if self.rate is not None else TUNED * self.peak_rate(d_model)
