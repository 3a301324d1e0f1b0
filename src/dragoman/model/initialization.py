"""The weights before training, all in one place, and their way to and from NumPy.

| tensor                        | first values                                   | reason                          |
|-------------------------------|------------------------------------------------|---------------------------------|
| linear weights                | uniform, Glorot and Bengio 2010                | variance stays layer by layer   |
| embeddings, untied output     | normal, standard deviation 1 / sqrt(d_model)   | one after the sqrt(d_model) scale |
| learned positions             | normal, standard deviation 0.02                | small beside the embeddings     |
| biases                        | 0                                              |                                 |
| norms                         | weight 1, bias 0                               |                                 |
"""

from collections.abc import Mapping
from operator import attrgetter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from dragoman.architecture import parameters
from dragoman.model.transformer import Transformer
from dragoman.randomness import Randomness


def initialize(model: Transformer, randomness: Randomness) -> None:
    """Set every weight from the seed; a tensor's numbers depend on its name, not on the others."""
    for name, parameter in model.named_parameters():
        generator = torch.Generator().manual_seed(randomness.key(f"weights.{name}"))
        with torch.no_grad():
            if name.endswith("bias"):
                parameter.zero_()
            elif "norm" in name:
                parameter.fill_(1.0)
            elif name.endswith("positions.weight"):
                parameter.normal_(0.0, 0.02, generator=generator)
            elif name.endswith("embedding.weight") or name == "output.weight":
                parameter.normal_(0.0, model.config.d_model**-0.5, generator=generator)
            else:
                nn.init.xavier_uniform_(parameter, generator=generator)


def to_numpy(model: Transformer) -> dict[str, NDArray[np.float32]]:
    """Return a copy of every weight in float32, named as in `architecture.parameters`."""
    return {
        name: attrgetter(name)(model).detach().to("cpu", torch.float32).numpy().copy()
        for name in parameters(model.config)
    }


def from_numpy(model: Transformer, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Put weights into the model; names and shapes must agree exactly."""
    model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
