"""Where a piece stands, as numbers: sinusoids to add, angles to rotate by, biases by distance."""

# Shapes.  P positions, D model width, H head width, N heads, L queries, K keys, R rows.

import torch
from torch import Tensor


def sinusoids(positions_P: Tensor, d_model: int) -> Tensor:
    """Return the paper's table [P, D] in float64: sin on even, cos on odd dimensions (Vaswani et al. 2017, 3.5)."""
    even = torch.arange(0, d_model, 2, dtype=torch.float64, device=positions_P.device)
    angles_PD = positions_P[:, None] / 10000.0 ** (even / d_model)
    return torch.stack([angles_PD.sin(), angles_PD.cos()], dim=-1).flatten(1)


def rotary_angles(positions_P: Tensor, head_width: int) -> Tensor:
    """Return the angle of each pair of dimensions, [P, H/2] in float64 (Su et al. 2021, section 3.2.2)."""
    even = torch.arange(0, head_width, 2, dtype=torch.float64, device=positions_P.device)
    return positions_P[:, None] / 10000.0 ** (even / head_width)


def rotate(x_RNLH: Tensor, angles_LA: Tensor) -> Tensor:
    """Turn each pair of dimensions (2i, 2i+1) by its angle; lengths stay, products depend on distance alone.

    A pair is a complex number, and turning it a product with e^(i angle) (Su et al. 2021, section 3.2.1).
    """
    wide = torch.promote_types(x_RNLH.dtype, torch.float32)
    turn_LA = torch.polar(torch.ones_like(angles_LA), angles_LA).to(wide.to_complex())
    pairs_RNLA = torch.view_as_complex(x_RNLH.to(wide).reshape(*x_RNLH.shape[:-1], -1, 2))
    return torch.view_as_real(pairs_RNLA * turn_LA).flatten(-2).to(x_RNLH.dtype)


def distance_bias(query_L: Tensor, key_K: Tensor, heads: int) -> Tensor:
    """Return ALiBi's bias [N, L, K]: -slope x distance, slopes 2^(-8(n+1)/N) (Press et al. 2022, section 3)."""
    slopes_N = 2.0 ** (-8.0 * torch.arange(1, heads + 1, dtype=torch.float64, device=query_L.device) / heads)
    return -slopes_N[:, None, None] * (query_L[:, None] - key_K[None, :]).abs()
