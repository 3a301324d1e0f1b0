"""How much memory a training run will take, before it is tried.

What the process holds already is read from the system, what is to come is added up from shapes: copies of
the weights by who makes them, activations by what the backward pass really keeps of one row and of two
(a batch of equal rows keeps a multiple), logits by their size. On a CPU what a step frees mostly stays with
the C library, whose holes are not counted: the sum is right to about 30 %. It serves to refuse before
anything is tried; `rehearsal` then measures.
"""

# Shapes.  B rows, S source, T target positions with ends.

import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from dragoman.architecture import PRESETS, ModelConfig, parameter_count, parameters, preset
from dragoman.data.batching import BatchPlan, Shape
from dragoman.errors import ConfigError
from dragoman.model.dropout import RowNoise
from dragoman.model.transformer import Transformer
from dragoman.options import FIRST_BYTE
from dragoman.train.loss import CHUNK, smoothed_loss
from dragoman.train.options import TrainOptions

FLOAT, HALF = 4, 2  # bytes
# A checkpoint is made in memory: every tensor as bytes, then all of them as one file.
SERIALIZED = 2
SHORT = 12  # positions
TEMPORARY = 4  # as much as a forward pass holds for a moment (scores before the softmax), taken with a wide margin
# On a CPU oneDNN compiles a kernel for every new shape of a bfloat16 product and keeps the last 1,024 (its
# ONEDNN_PRIMITIVE_CACHE_CAPACITY). One takes 0.3 to 1.1 MB, measured with AMX for widths of 128 to 512.
KERNELS, KERNEL = 1024, 900_000
# Products for every number of positions of a side: with three sizes of weights, forward and two backward. The loss has
# nine heights with one. Attention, whose products would be of many more shapes, is not in bfloat16 there.
PRODUCTS, LOSS_PRODUCTS = 9, 27


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes at the worst moment of a run, by what they are for; `there` is what the process may have in all."""

    so_far: int  # the most it held before: while it read text, learned tokenizers and a lexicon
    program: int  # what of that is still there: Python, torch, the text's tables
    weights: int  # the model's, and those of the best model so far
    optimizer: int  # moments, and the running average
    kernels: int  # machine code that oneDNN writes for every shape of a product in bfloat16, and keeps
    step: int  # activations of the largest batch, gradients, logits
    validation: int  # all logits of a forced pass, or the mean of the weights beside them
    saving: int  # a checkpoint as bytes; it or a validation comes on top of what a step leaves behind
    there: int

    @property
    def steady(self) -> int:
        """Return what is held all the time."""
        return self.program + self.weights + self.optimizer + self.kernels

    @property
    def peak(self) -> int:
        """Return what is held at the worst moment."""
        return max(self.so_far, self.steady + self.step + max(self.validation, self.saving))

    @property
    def fits(self) -> bool:
        """Whether the worst moment can be lived through."""
        return self.peak <= self.there


def copies(config: ModelConfig, options: TrainOptions) -> dict[str, int]:
    """Return the bytes of everything that is as large as the weights, or a known multiple of them."""
    whole = FLOAT * parameter_count(config)
    matrices = FLOAT * sum(_size(shape) for shape in hidden(config))
    muon = options.optimizer == "muon"
    moments = 2 * (whole - matrices) + matrices if muon else 2 * whole  # momentum alone, or AdamW's two
    return {
        "weights": 2 * whole,
        "gradients": whole,
        "moments": moments,
        "average": whole,
        "orthogonal": _orthogonal(config) if muon else 0,
        "validating": 3 * whole,  # the weights put aside for their mean, the mean, and a copy to be kept
        "saving": SERIALIZED * (2 * whole + moments),
    }


def foresee(
    model: Transformer, options: TrainOptions, batches: list[Shape], validation: Shape, low_precision: bool
) -> Memory:
    """Return what a run with this new model will take; `batches` are those of an epoch, or enough of them."""
    config = model.config
    large = copies(config, options)
    activations = max((kept(model, shape, low_precision) for shape in largest(batches)), default=0)
    gradients = large["gradients"] if options.accumulate > 1 else 0  # otherwise they come as activations go
    working = max(gradients + activations + _logits(config, low_precision), large["gradients"] + large["orthogonal"])
    # Scores of a forced pass: all logits at once and, in their log-sum-exp, as many again.
    scores = 2 * FLOAT * validation.rows * validation.target * config.target_vocabulary
    needed = max(scores, large["validating"])
    on_gpu = next(model.parameters()).device.type == "cuda"
    return Memory(
        so_far=0 if on_gpu else highest() or 0,
        program=0 if on_gpu else resident() - large["weights"],  # model and first bundle are there already
        weights=large["weights"] // (2 if on_gpu else 1),
        optimizer=large["moments"] + large["average"],
        kernels=kernels(sizes(batches)) if low_precision and not on_gpu else 0,
        step=working,
        validation=max(0, needed - working) if on_gpu else needed,  # torch uses again what a step freed there
        saving=0 if on_gpu else large["saving"],
        there=torch.cuda.mem_get_info()[0] + torch.cuda.memory_allocated() if on_gpu else allowed(),
    )


def refuse_large(config: ModelConfig, options: TrainOptions) -> None:
    """Refuse weights that cannot be trained here, whatever the batch, before any is made; raises ConfigError."""
    needed, there = _least(config, options), allowed()
    if needed <= there:
        return
    smaller = [
        name
        for name in sorted(PRESETS, key=lambda name: -parameter_count(_as(config, name)))
        if parameter_count(_as(config, name)) < parameter_count(config) and _least(_as(config, name), options) <= there
    ]
    raise ConfigError(
        f"model.d_model={config.d_model} makes {parameter_count(config):,} parameters, which need "
        f"{gigabytes(needed)} to train; {gigabytes(there)} are free here: choose a smaller --preset"
        f"{f', such as {smaller[0]}' if smaller else ''}, or fewer or narrower layers"
    )


def _least(config: ModelConfig, options: TrainOptions) -> int:
    """Return the bytes that a run takes whatever its batches."""
    large = copies(config, options)
    held = large["weights"] + large["moments"] + large["average"]
    return resident() + held + max(large["gradients"] + large["orthogonal"], large["saving"])


def _as(config: ModelConfig, name: str) -> ModelConfig:
    """Return a preset for the same pieces, tied in the same way."""
    return replace(
        preset(name, 5), tie=config.tie, vocab_size=config.vocab_size, target_vocab_size=config.target_vocab_size
    )


def refuse_unfit(
    model: Transformer, plan: BatchPlan, options: TrainOptions, validation: Shape, low_precision: bool
) -> Memory:
    """Return what a run will take; raises ConfigError with the setting to change where that is not there."""
    release()
    plain = replace(
        plan, merge_dropout=0.0, augmentation=None, sampling_alpha=None
    )  # other pieces, the same budget, and quickly known

    def taken(batch_tokens: int) -> Memory:
        batches = next(replace(plain, batch_tokens=batch_tokens).shapes(0))
        return foresee(model, options, batches, validation, low_precision)

    longest = max(int(plain.store.lengths("source").max()) + 1, int(plain.store.lengths("target").max()) + 2)
    return fitting(options, taken, longest)


def fitting(options: TrainOptions, taken: Callable[[int], Memory], longest: int) -> Memory:
    """Return what the run takes by `taken(batch_tokens)`; raises ConfigError, with a half, a quarter, ... that fits.

    A batch has room for `longest` positions at least.
    """
    found = taken(options.batch_tokens)
    if found.fits:
        return found
    given = (
        f"train.batch_tokens={options.batch_tokens} needs {gigabytes(found.peak)}, "
        f"{gigabytes(found.there)} are free here"
    )
    parts = 2
    while options.batch_tokens // parts >= longest:
        if taken(options.batch_tokens // parts).fits:
            raise ConfigError(
                f"{given}: write --set train.batch_tokens={options.batch_tokens // parts} "
                f"--set train.accumulate={options.accumulate * parts}, which makes steps of the same size"
            )
        parts *= 2
    raise ConfigError(f"{given}, and no smaller batch fits: choose a smaller --preset or a lower train.max_pieces")


def largest(batches: list[Shape]) -> set[Shape]:
    """Return the batches one of which keeps most: that of most positions, and that of the largest attention maps."""
    if not batches:
        return set()

    def maps(shape: Shape) -> int:
        return shape.rows * (shape.source**2 + shape.target**2 + shape.source * shape.target)

    return {max(batches, key=lambda shape: shape.places), max(batches, key=maps)}


def kept(model: Transformer, shape: Shape, low_precision: bool) -> int:
    """Return the bytes that the backward pass keeps of a batch of this shape.

    Counted on one row and on two, which says what a row takes and what is there once, such as weights in
    bfloat16. Where even that could be too much for the machine, short rows say what long ones would take.
    """
    if model.config.max_positions > SHORT:
        one, two = (_bound(model, rows, shape, low_precision) for rows in (1, 2))
        on_cpu = next(model.parameters()).device.type == "cpu"
        room = allowed() - resident() if on_cpu else torch.cuda.mem_get_info()[0]
        if TEMPORARY * two > room:
            return one + (shape.rows - 1) * (two - one)
    one, two = (_kept(model, rows, shape.source, shape.target, low_precision) for rows in (1, 2))
    return one + (shape.rows - 1) * (two - one)


def _bound(model: Transformer, rows: int, shape: Shape, low_precision: bool) -> int:
    """Return the most that some rows can keep, from rows of at most `SHORT` positions.

    What is kept is a polynomial of second degree in the two lengths, which six short rows determine; for long
    rows a fused kernel can only keep less.
    """
    places = ((2, 2), (6, 2), (SHORT, 2), (2, 6), (2, SHORT), (SHORT, SHORT))
    terms = np.array([_terms(*place) for place in places])
    found = np.array([_kept(model, rows, *place, low_precision) for place in places], np.float64)
    weights: NDArray[np.float64] = np.linalg.solve(terms, found)
    return round(float(weights @ _terms(shape.source, shape.target)))


def _terms(source: int, target: int) -> NDArray[np.float64]:
    length = target - 1  # of the decoder's input
    return np.array([1, source, length, source**2, length**2, source * length], np.float64)


def _kept(model: Transformer, rows: int, source: int, target: int, low_precision: bool) -> int:
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    found: dict[int, Tensor] = {}  # by storage; holding the tensor keeps its address from being given twice

    def pack(tensor: Tensor) -> Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in own:
            found[place] = tensor
        return tensor

    device = next(model.parameters()).device
    source_BS = torch.full((rows, source), FIRST_BYTE, device=device)
    target_BT = torch.full((rows, target), FIRST_BYTE, device=device)
    real_BS = torch.ones_like(source_BS, dtype=torch.bool)
    noise = RowNoise(torch.arange(rows, device=device))
    with saved_tensors_hooks(pack, lambda tensor: tensor):
        with torch.autocast(device.type, torch.bfloat16, enabled=low_precision):
            state = model.start(model.encode(source_BS, real_BS, noise), real_BS)
            hidden_MD = model.hidden(target_BT[:, :-1], state, noise).flatten(0, 1)
        if low_precision:
            hidden_MD = hidden_MD.to(torch.bfloat16)
        labels_M = target_BT[:, 1:].flatten()
        loss = smoothed_loss(hidden_MD, model.output_weight, model.output.bias, labels_M, 0.1)
    total = sum(tensor.untyped_storage().nbytes() for tensor in found.values())
    del loss
    return total


def hidden(config: ModelConfig) -> list[tuple[int, ...]]:
    """Return the shapes of the matrices that Muon moves."""
    names = ("embedding", "positions", "output")
    return [
        shape for name, shape in parameters(config).items() if len(shape) == 2 and not any(n in name for n in names)
    ]


def _orthogonal(config: ModelConfig) -> int:
    """Return the bytes that Muon works with: of all matrices of a shape, five copies and three squares."""
    shapes = hidden(config)
    return max(FLOAT * shapes.count(shape) * (5 * _size(shape) + 3 * min(shape) ** 2) for shape in set(shapes))


def _logits(config: ModelConfig, low_precision: bool) -> int:
    """Return the bytes of the loss beside what it keeps: a chunk of logits, and products as large as the weight."""
    vocabulary, low = config.target_vocabulary, HALF if low_precision else 0
    chunk = CHUNK * vocabulary * (2 * low + FLOAT)  # the products, the logits, their gradient in few bits
    return chunk + vocabulary * config.d_model * (FLOAT + 2 * low)  # backward's product; the weight, and a product


def sizes(batches: list[Shape]) -> int:
    """Return how many different numbers of positions these batches have on a side."""
    return len({rows * side for rows, source, target, *_ in batches for side in (source, target - 1)})


def kernels(count: int) -> int:
    """Return the bytes of the kernels that are kept after products of so many heights."""
    return KERNEL * min(KERNELS, LOSS_PRODUCTS + PRODUCTS * count)


def _size(shape: tuple[int, ...]) -> int:
    return shape[0] * shape[1]


def gigabytes(count: int) -> str:
    """Return a number of bytes for people."""
    return f"{count / 1e9:,.1f} GB" if count < 1e11 else f"{count / 1e9:,.0f} GB"


def release() -> None:
    """Hand memory that was freed back to the system, which the C library of Linux puts off."""
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        library.malloc_trim(0)


def resident() -> int:
    """Return the bytes of memory that this process holds, files that are mapped included."""
    status = Path("/proc/self/status")
    return _field(status, "VmRSS") if status.exists() else 0


def highest() -> int | None:
    """Return the most that this process ever held; None where the system does not say."""
    status = Path("/proc/self/status")
    return _field(status, "VmHWM") if status.exists() else None


def allowed() -> int:
    """Return the bytes that this process may hold: what it has and what is free, within its control group."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    there = Path("/proc/meminfo")
    found = resident() + _field(there, "MemAvailable") if there.exists() else pages
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            room = int((_GROUPS / limit).read_text()) - int((_GROUPS / used).read_text())
        except (OSError, ValueError):  # no such group, or "max": no limit
            continue
        found = min(found, resident() + max(0, room))
    return min(found, pages)


_GROUPS = Path("/sys/fs/cgroup")


def _field(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"{path} has no {name}")
