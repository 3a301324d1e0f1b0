"""How the model knows where a piece stands: sinusoids added, rotations of queries and keys, slopes on scores.

All three are computed in float64 from the places of the pieces, which are 0, 1, 2 and so on; the caller casts.
"""

# Shapes.  T positions, D model width, L query positions, K key positions, N heads, H head width.

import numpy as np
from numpy.typing import NDArray

from dragoman.reference.layers import Floats, Ids

Doubles = NDArray[np.float64]


def frequencies(width: int) -> Doubles:
    """Return 10000^(-2i/width) for i = 0 .. width/2 - 1: from one radian a position down to almost none."""
    return 10000.0 ** (-np.arange(0, width, 2) / width)


def sinusoids(places_T: Ids, width: int) -> Doubles:
    """Return the vectors [T, D] of places (Vaswani et al. 2017, section 3.5).

    Dimension 2i is sin(place · 10000^(-2i/D)), dimension 2i + 1 is its cos: interleaved, as in the paper.
    """
    angles = places_T[:, None] * frequencies(width)
    table_TD = np.empty((len(places_T), width))
    table_TD[:, 0::2] = np.sin(angles)
    table_TD[:, 1::2] = np.cos(angles)
    return table_TD


def rotate(x_TH: Floats, places_T: Ids) -> Floats:
    """Turn each pair (2i, 2i + 1) of [..., T, H] by the angle place · 10000^(-2i/H).

    Rotary positions (Su et al. 2021, section 3.2.2; the pairs as in equation 34). The product of a
    rotated query and a rotated key then depends on their distance, not on where they stand.
    """
    angles = places_T[:, None] * frequencies(x_TH.shape[-1])
    cos, sin = np.cos(angles).astype(x_TH.dtype), np.sin(angles).astype(x_TH.dtype)
    even, odd = x_TH[..., 0::2], x_TH[..., 1::2]
    turned_TH = np.empty_like(x_TH)
    turned_TH[..., 0::2] = even * cos - odd * sin
    turned_TH[..., 1::2] = even * sin + odd * cos
    return turned_TH


def alibi_slopes(heads: int) -> Doubles:
    """Return 2^(-8(n+1)/heads) for head n from 0 (Press et al. 2022, section 3).

    The paper's program takes other slopes where `heads` is no power of two; here one formula serves all.
    """
    return 2.0 ** (-8 * np.arange(1, heads + 1) / heads)


def alibi_bias(heads: int, places_T: Ids) -> Doubles:
    """Return -slope · |query - key| as [N, T, T], to be added to scores (Press et al. 2022)."""
    distance_LK = np.abs(places_T[:, None] - places_T[None, :])
    bias_NLK: Doubles = np.multiply.outer(-alibi_slopes(heads), distance_LK)
    return bias_NLK
