"""What happens at which step, as pure functions: the learning rate, and the frames of a training film."""

import math

from dragoman.train.options import Schedule


def factor(kind: Schedule, step: int, total: int | None, warmup: int) -> float:
    """Return the share of the peak rate at `step` (from 1).

    It grows linearly over `warmup` steps (at most a third of the run), then falls: `linear` and
    `cosine` reach 0 after the last step; `inverse_sqrt` is the paper's equation 3. While the total
    is not yet known it stays at the peak.
    """
    if total is not None:
        warmup = min(warmup, total // 3)
    if step <= warmup:
        return step / warmup
    if kind == "inverse_sqrt":
        return math.sqrt(max(warmup, 1) / step)
    if total is None:
        return 1.0
    done = min(1.0, (step - warmup) / (total + 1 - warmup))
    return 1.0 - done if kind == "linear" else 0.5 * (1.0 + math.cos(math.pi * done))


def filmed(step: int) -> bool:
    """Return whether a film has a frame of this step (from 1): 1, 2, 3, 4, 6, 8, 11, 16, 23, ..., near powers of √2."""
    return step == round(2 ** (round(2 * math.log2(step)) / 2))
