"""What of a model is trained: all, all but what a recipe names, or matrices of low rank beside what stays (LoRA)."""

from fnmatch import fnmatchcase
from operator import attrgetter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils import parametrize

from dragoman.adapter import LowRank
from dragoman.errors import ConfigError, suggestion
from dragoman.model.transformer import Transformer
from dragoman.randomness import Randomness
from dragoman.train.options import TrainOptions


def choose_trained(model: Transformer, options: TrainOptions) -> None:
    """Leave trainable what the options say; raises ConfigError for a pattern that names nothing, or where all froze."""
    if options.lora_rank is not None:
        _adapt(model, options)
        return
    names = [name for name, _ in model.named_parameters()]
    for pattern in options.freeze:
        if not any(fnmatchcase(name, pattern) for name in names):
            parts = dict.fromkeys(f"{name.partition('.')[0]}.*" for name in names)
            raise ConfigError(f"train.freeze={pattern:.80}: no tensor has such a name{suggestion(pattern, parts)}")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not any(fnmatchcase(name, pattern) for pattern in options.freeze))
    if not any(parameter.requires_grad for parameter in model.parameters()):
        patterns = ", ".join(options.freeze)
        raise ConfigError(f"train.freeze={patterns:.80}: nothing is left to train; name fewer tensors")


def low_rank_of(model: Transformer) -> dict[str, LowRank]:
    """Return the matrices of low rank by the name of the weight that they are added to; none where there are none."""
    return {
        name.removesuffix(".parametrizations.weight.0") + ".weight": LowRank(
            _numpy(module.down), _numpy(module.up), module.scale
        )
        for name, module in model.named_modules()
        if isinstance(module, Sum)
    }


class Sum(nn.Module):
    """W + s U D in the place of a weight W [O, I]; D [r, I] is drawn, U [O, r] begins with 0 (Hu et al. 2021, 4.1)."""

    def __init__(self, weight_OI: Tensor, rank: int, scale: float, generator: torch.Generator) -> None:
        """Make the two matrices for a weight."""
        super().__init__()
        outputs, inputs = weight_OI.shape
        self.down = nn.Parameter(torch.randn(rank, inputs, generator=generator) * inputs**-0.5)
        self.up = nn.Parameter(torch.zeros(outputs, rank))
        self.scale = scale

    def forward(self, weight_OI: Tensor) -> Tensor:
        """Return the sum, in float32 also where products run in bfloat16."""
        with torch.autocast(weight_OI.device.type, enabled=False):
            return weight_OI + self.scale * (self.up @ self.down)


def _adapt(model: Transformer, options: TrainOptions) -> None:
    """Freeze all, and add matrices of low rank to the weights of the linear maps that the options name."""
    assert options.lora_rank is not None
    model.requires_grad_(False)
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    chosen: list[str] = []
    for target in options.lora_targets:
        found = [name for name in linear if fnmatchcase(f".{name}", f"*.{target}")]
        if not found:
            kinds = sorted({name.rpartition(".")[2] for name in linear})
            raise ConfigError(f"train.lora_targets={target}: no linear map has such a name{suggestion(target, kinds)}")
        chosen += found
    randomness = Randomness(options.seed)
    for name in dict.fromkeys(chosen):
        module = attrgetter(name)(model)
        if options.lora_rank > (most := min(module.weight.shape)):  # U D would hold more numbers and say no more
            raise ConfigError(f"train.lora_rank={options.lora_rank}: for {name} a rank of 1 to {most} is allowed")
        generator = torch.Generator().manual_seed(randomness.key(f"weights.{name}.lora"))
        scale = options.lora_alpha / options.lora_rank
        parametrize.register_parametrization(module, "weight", Sum(module.weight, options.lora_rank, scale, generator))


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = tensor.detach().to("cpu", torch.float32).numpy().copy()
    return found
