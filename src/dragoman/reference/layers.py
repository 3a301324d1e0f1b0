"""The parts that treat each position by itself: linear maps, norms, the feed-forward network, embeddings.

Every function is its equation and nothing else; it computes in the precision of what it is given.
"""

# Shapes.  ... any positions before, D width of a position, O output width, F feed-forward width,
#          V vocabulary, B sentences, L positions.

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ids = NDArray[np.integer[Any]]
Weights = Mapping[str, Floats]
Product = Callable[[Floats, Floats], Floats]  # of x [..., D] and W [O, D]: x Wᵀ
# Is told of a value that was computed, by its name in the model, and gives back what to go on with: the value itself,
# or another in its place.
Told = Callable[[str, Floats], Floats]


def exact_product(x_D: Floats, weight_OD: Floats) -> Floats:
    """Return x Wᵀ [..., O]; all rows as one matrix, for NumPy multiplies stacks of them ten times slower."""
    y_O: Floats = x_D.reshape(-1, x_D.shape[-1]) @ weight_OD.T
    return y_O.reshape(*x_D.shape[:-1], len(weight_OD))


def untold(name: str, value: Floats) -> Floats:
    """Return the value: nobody is told."""
    return value


def linear(x_D: Floats, weights: Weights, name: str, product: Product = exact_product) -> Floats:
    """Return x Wᵀ + b [..., O], where W is `name.weight` [O, D] and b is `name.bias` [O], if there is one."""
    y_O = product(x_D, weights[f"{name}.weight"])
    return y_O + weights[f"{name}.bias"] if f"{name}.bias" in weights else y_O


def int8_product(x_D: Floats, weight_OD: Floats) -> Floats:
    """Return x Wᵀ [..., O] of both rounded to 255 steps, each row of x and of W by a scale of its own.

    A row is round(row / s) · s with s = its largest number / 127; the sum of the products of whole numbers is exact.
    """
    steps_D, scale_x = _steps(x_D)
    steps_OD, scale_O = _steps(weight_OD)
    y_O: Floats = (steps_D @ steps_OD.T) * scale_x * scale_O[:, 0]
    return y_O


def _steps(rows_D: Floats) -> tuple[Floats, Floats]:
    scale: Floats = np.abs(rows_D).max(-1, keepdims=True) / 127
    steps_D: Floats = np.rint(rows_D / np.where(scale == 0, 1, scale))
    return steps_D, scale


def embed(ids: Ids, table_VD: Floats, *, scaled: bool = True) -> Floats:
    """Return rows [..., D] of the table, times √D where `scaled` (Vaswani et al. 2017, section 3.4)."""
    rows_D: Floats = table_VD[ids]
    return rows_D * math.sqrt(table_VD.shape[1]) if scaled else rows_D


def layer_norm(x_D: Floats, weight_D: Floats, bias_D: Floats, epsilon: float) -> Floats:
    """Return (x - mean) / √(variance + ε) · weight + bias, the variance over D (Ba et al. 2016)."""
    mean: Floats = x_D.mean(-1, keepdims=True)
    variance: Floats = ((x_D - mean) ** 2).mean(-1, keepdims=True)
    deviation: Floats = np.sqrt(variance + epsilon)
    return (x_D - mean) / deviation * weight_D + bias_D


def rms_norm(x_D: Floats, weight_D: Floats, epsilon: float) -> Floats:
    """Return x / √(mean of x² + ε) · weight: no mean is taken away (Zhang & Sennrich 2019, equation 4)."""
    mean_square: Floats = (x_D**2).mean(-1, keepdims=True)
    length: Floats = np.sqrt(mean_square + epsilon)
    return x_D / length * weight_D


def relu(x: Floats) -> Floats:
    """Return max(0, x) (Vaswani et al. 2017, equation 2)."""
    return np.maximum(x, 0)


def gelu(x: Floats) -> Floats:
    """Return x · Φ(x), Φ the normal distribution, by the exact erf (Hendrycks & Gimpel 2016, section 2)."""
    erf: Floats = np.array([math.erf(value / math.sqrt(2)) for value in x.flat], dtype=x.dtype).reshape(x.shape)
    return x * (1 + erf) / 2


def silu(x: Floats) -> Floats:
    """Return x · sigmoid(x), also called swish (Ramachandran et al. 2017; Shazeer 2020, section 2)."""
    return x * sigmoid(x)


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + e^-x), as the tangent that cannot overflow."""
    return (1 + np.tanh(x / 2)) / 2


def feed_forward(
    x_D: Floats,
    weights: Weights,
    name: str,
    activation: Literal["relu", "gelu", "swiglu", "silu"],
    product: Product = exact_product,
    told: Told = untold,
) -> Floats:
    """Return the network [..., D] of each position, D to F to D.

    relu (Vaswani et al. 2017, section 3.3), gelu and silu: down(act(up(x))).
    swiglu: down(silu(gate(x)) · up(x)) (Shazeer 2020, equation 6, there without biases).
    """
    up_F = told(f"{name}.up", linear(x_D, weights, f"{name}.up", product))
    if activation == "swiglu":
        gate_F = told(f"{name}.gate", linear(x_D, weights, f"{name}.gate", product))
        hidden_F: Floats = silu(gate_F) * up_F
    else:
        hidden_F = {"relu": relu, "gelu": gelu, "silu": silu}[activation](up_F)
    hidden_F = told(f"{name}.hidden", hidden_F)
    return told(f"{name}.down", linear(hidden_F, weights, f"{name}.down", product))


def ssru(x_BLD: Floats, weights: Weights, name: str, product: Product = exact_product, told: Told = untold) -> Floats:
    """Return relu(c) [B, L, D] of the simpler simple recurrent unit (Kim et al. 2019, section 3).

    c_t = f_t · c_(t-1) + (1 - f_t) · W x_t with the forget gate f_t = sigmoid(W_f x_t + b_f), and c_0 = 0.
    """
    input_BLD = told(f"{name}.input", linear(x_BLD, weights, f"{name}.input", product))
    forget_BLD = told(f"{name}.forget", sigmoid(linear(x_BLD, weights, f"{name}.forget", product)))
    state_BLD = np.empty_like(input_BLD)
    state_BD = np.zeros_like(input_BLD[:, 0])
    for step in range(x_BLD.shape[1]):
        state_BD = forget_BLD[:, step] * state_BD + (1 - forget_BLD[:, step]) * input_BLD[:, step]
        state_BLD[:, step] = state_BD
    return told(f"{name}.out", relu(told(f"{name}.state", state_BLD)))
