"""The optimizer: Muon for the matrices of hidden layers, AdamW for all else; or AdamW for everything."""

import torch
from torch import nn

from dragoman.train.muon import Muon
from dragoman.train.options import TrainOptions

EPSILON = 1e-9  # the paper, section 5.3
MOMENTUM = 0.95


def make_optimizer(
    model: nn.Module, options: TrainOptions, rate: float, low_precision: bool = False
) -> torch.optim.Optimizer:
    """Return the optimizer; embeddings, norms, biases and the output do not decay (Loshchilov and Hutter 2019).

    What is frozen is left out.
    `low_precision` runs Muon's products in bfloat16.
    """
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        hidden = parameter.dim() == 2 and not any(part in name for part in ("embedding", "positions", "output"))
        (matrices if hidden else others).append(parameter)
    betas, decay = (options.beta1, options.beta2), options.weight_decay
    if options.optimizer == "adamw":
        groups = [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=rate, betas=betas, eps=EPSILON, fused=True)
    return MuonAndAdamW(matrices, others, rate, betas, decay, low_precision)


class MuonAndAdamW(torch.optim.Optimizer):
    """Two optimizers under one face: the same groups, the same state."""

    def __init__(
        self,
        matrices: list[nn.Parameter],
        others: list[nn.Parameter],
        rate: float,
        betas: tuple[float, float],
        weight_decay: float,
        low_precision: bool,
    ) -> None:
        """Share the parameters out; both follow the one rate."""
        self._parts: list[torch.optim.Optimizer] = []
        if matrices:
            self._parts.append(Muon(matrices, rate, MOMENTUM, weight_decay, low_precision))
        if others:
            self._parts.append(
                torch.optim.AdamW(others, lr=rate, betas=betas, eps=EPSILON, weight_decay=0.0, fused=True)
            )
        super().__init__([{"params": matrices}, {"params": others}], {"lr": rate})
        self.param_groups = [group for part in self._parts for group in part.param_groups]
        for part in self._parts:
            part.state = self.state

    def step(self, closure: None = None) -> None:  # type: ignore[override]  # no closures here
        """Update everything that has a gradient."""
        for part in self._parts:
            part.step()
