"""The running mean of the weights over the last share of a run (Polyak and Juditsky 1992)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightAverage:
    """Sums weights in float32, one set a step; `applied` puts the mean into the model for a while."""

    def __init__(self, model: nn.Module) -> None:
        """Begin with nothing summed."""
        self.model = model
        self.count = 0
        self.sums = {name: torch.zeros_like(value) for name, value in _trained(model).items()}

    @torch.no_grad()
    def add(self) -> None:
        """Take the model's weights of now into the mean."""
        self.count += 1
        torch._foreach_add_(list(self.sums.values()), [value.detach() for value in _trained(self.model).values()])

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Give the model the mean inside the block, its own weights afterwards; nothing where nothing is summed."""
        if not self.count:
            yield
            return
        parameters = _trained(self.model)
        own = {name: value.detach().clone() for name, value in parameters.items()}
        self._put({name: total / self.count for name, total in self.sums.items()})
        try:
            yield
        finally:
            self._put(own)

    @torch.no_grad()
    def _put(self, values: dict[str, Tensor]) -> None:
        for name, parameter in _trained(self.model).items():
            parameter.copy_(values[name])


def _trained(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return what changes: the mean of equal numbers is not always the same bits."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
