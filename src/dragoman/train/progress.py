"""Where a run is: the plain numbers that a checkpoint holds and a resume goes on from."""

from dataclasses import dataclass

NOISE = 0.5  # of chrF over some hundred sentences; a smaller difference says nothing


@dataclass(slots=True)
class Progress:
    """The moving part of a run; everything else is a function of the options and the seed."""

    step: int = 0
    total: int | None = None  # steps of the whole run; None while `minutes` is still being measured
    epoch: int = 0
    batch: int = 0  # batches of this epoch already used
    seconds: float = 0.0  # wall time spent, over all resumes
    tokens: int = 0  # source and target pieces seen
    skipped: int = 0  # steps left out because a gradient was not finite
    skipped_in_a_row: int = 0
    averaged: int = 0  # weights in the running mean
    best: float | None = None  # quality of the best validation; higher is better
    best_step: int = 0  # of the model that is kept: the newest that is as good as the best
    worse: int = 0  # validations since the best
    validations: int = 0
    validated: int = 0  # step of the last validation


@dataclass(frozen=True, slots=True)
class Validation:
    """What a validation found: loss per piece, quality of real translations, and a few of them to look at."""

    loss: float
    chrf: float | None = None
    samples: tuple[tuple[str, str, str], ...] = ()  # source, reference, output
    ended: float = 1.0  # share of the translations that came to an end of their own

    @property
    def quality(self) -> float:
        """Return what is compared between validations; higher is better.

        The loss is taken off chrF (0 to 100): it decides while translations are all bad, or alike.
        """
        return (self.chrf or 0.0) - self.loss

    @property
    def noise(self) -> float:
        """Return the difference of quality that says nothing; the later model, at a lower rate, then wins."""
        return 0.0 if self.chrf is None else NOISE
