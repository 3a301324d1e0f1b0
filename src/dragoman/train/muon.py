"""Muon: momentum whose every step is made orthogonal, for the weight matrices of hidden layers.

A gradient of a matrix is mostly a few strong directions; taking all directions at equal length learns the weak
ones too, and needs about two thirds of AdamW's steps here (Jordan et al. 2024, "Muon: an optimizer for hidden
layers in neural networks"). Embeddings, norms, biases and the output stay with AdamW.
"""

# Shapes.  K matrices of one shape, O outputs, I inputs.

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

# Three quintic rounds x <- a x + b x x'x + c x (x'x)^2, fitted together (least eighth powers of the error) so that
# singular values from 0.02 to 1 end within 0.13 of 1. Jordan et al. repeat one quintic five times to within 0.3.
ROUNDS = (
    (4.687375, -13.204019, 9.552903),
    (3.376917, -6.644589, 3.653532),
    (3.328699, -5.485596, 3.290812),
)
SIZE = 0.2  # root mean square of a step before the rate, that of AdamW's (Liu et al. 2025, section 2.2)


def orthogonal(matrix_KOI: Tensor, low_precision: bool = False) -> Tensor:
    """Return the matrices with their singular values brought near 1, by Newton-Schulz iteration.

    The iteration wants none above 1: the matrices are first divided by their Schatten-4 norm, the tightest
    bound that costs nothing, for the first round needs x x' anyway. `low_precision` multiplies in bfloat16,
    which moves the singular values by less than the rounds leave open.
    """
    tall = matrix_KOI.shape[-2] > matrix_KOI.shape[-1]
    kind = torch.bfloat16 if low_precision else matrix_KOI.dtype
    x = (matrix_KOI.mT if tall else matrix_KOI).to(kind)
    square = x @ x.mT
    norm_K11 = square.to(matrix_KOI.dtype).norm(dim=(-2, -1), keepdim=True).sqrt() + 1e-12
    x, square = (x / norm_K11).to(kind), (square / norm_K11**2).to(kind)
    for index, (a, b, c) in enumerate(ROUNDS):
        if index:
            square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).to(matrix_KOI.dtype)


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, made orthogonal, with decoupled weight decay; all matrices of one shape at once."""

    def __init__(
        self,
        matrices: Iterable[nn.Parameter],
        rate: float,
        momentum: float,
        weight_decay: float,
        low_precision: bool = False,
    ) -> None:
        """Take matrices and their peak rate."""
        self.low_precision = low_precision
        super().__init__(matrices, {"lr": rate, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # no closures here
        """Update every matrix that has a gradient."""
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = {}
            for matrix in group["params"]:
                if matrix.grad is not None:
                    shapes.setdefault(matrix.shape, []).append(matrix)
            for matrices in shapes.values():
                self._move(matrices, group)

    def _move(self, matrices: list[Tensor], group: dict[str, Any]) -> None:
        gradients = [matrix.grad for matrix in matrices if matrix.grad is not None]
        for matrix in matrices:
            if "momentum" not in self.state[matrix]:
                self.state[matrix]["momentum"] = torch.zeros_like(matrix)
        moments = [self.state[matrix]["momentum"] for matrix in matrices]
        torch._foreach_mul_(moments, group["momentum"])
        torch._foreach_add_(moments, gradients)
        ahead = torch._foreach_add(gradients, moments, alpha=group["momentum"])
        steps_KOI = orthogonal(torch.stack(ahead), self.low_precision) * (SIZE * math.sqrt(max(matrices[0].shape)))
        torch._foreach_mul_(matrices, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(matrices, list(steps_KOI.unbind()), alpha=-group["lr"])
