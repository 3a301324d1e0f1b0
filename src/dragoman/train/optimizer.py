"""The optimizer: AdamW, with weight decay on linear weights alone."""

import torch
from torch import nn

from dragoman.train.options import TrainOptions


def make_optimizer(model: nn.Module, options: TrainOptions, rate: float) -> torch.optim.AdamW:
    """Return AdamW (Loshchilov and Hutter 2019); embeddings, norms and biases do not decay."""
    decaying: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        linear = parameter.dim() == 2 and "embedding" not in name and "positions" not in name
        (decaying if linear else free).append(parameter)
    groups = [
        {"params": decaying, "weight_decay": options.weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
    betas = (options.beta1, options.beta2)
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=rate, betas=betas, eps=1e-9, fused=True)
