"""Attention: each query looks at all keys it may look at, and takes their values in those shares.

A mask is boolean and True means *may look*. A query that may look at nothing takes nothing: zeros.
"""

# Shapes.  B sentences, L queries, K keys, N heads, G key and value heads, H head width.

import numpy as np
from numpy.typing import NDArray

from dragoman.reference.layers import Floats

Mask = NDArray[np.bool_]


def attention_scores(query_BNLH: Floats, key_BNKH: Floats, *, scale: float, bias_NLK: Floats | float = 0.0) -> Floats:
    """Return how well each query fits each key [B, N, L, K]: Q Kᵀ · scale + bias.

    Vaswani et al. 2017, equation 1, where `scale` is 1/√H; the bias is that of ALiBi.
    """
    scores_BNLK: Floats = query_BNLH @ key_BNKH.swapaxes(-1, -2) * scale + bias_NLK
    return scores_BNLK


def masked(scores_K: Floats, may_look_K: Mask) -> Floats:
    """Return the scores [..., K], -∞ where a query may not look."""
    return np.where(may_look_K, scores_K, -np.inf)


def softmax(scores_K: Floats) -> Floats:
    """Return the shares e^score / Σ e^score [..., K] over the keys, 0 for one whose score is -∞.

    Scores are taken relative to the largest, which changes nothing but that e^score cannot overflow.
    """
    peak = scores_K.max(-1, keepdims=True, initial=-np.inf)
    exp_K: Floats = np.exp(scores_K - np.where(peak == -np.inf, 0, peak))
    total: Floats = exp_K.sum(-1, keepdims=True)
    return exp_K / np.where(total == 0, 1, total)


def split_heads(x_BLD: Floats, heads: int) -> Floats:
    """Return [B, N, L, H]: head n has dimensions n·H .. (n+1)·H - 1 (Vaswani et al. 2017, section 3.2.2)."""
    batch, length, width = x_BLD.shape
    return x_BLD.reshape(batch, length, heads, width // heads).transpose(0, 2, 1, 3)


def join_heads(x_BNLH: Floats) -> Floats:
    """Return [B, L, N·H], the heads side by side: the way back from `split_heads`."""
    batch, heads, length, width = x_BNLH.shape
    return x_BNLH.transpose(0, 2, 1, 3).reshape(batch, length, heads * width)


def share_heads(x_BGKH: Floats, heads: int) -> Floats:
    """Return [B, N, K, H]: head j serves the query heads j·g .. (j+1)·g - 1, g = N/G.

    Grouped-query attention (Ainslie et al. 2023, section 2.2); G = 1 is multi-query (Shazeer 2019).
    """
    return np.repeat(x_BGKH, heads // x_BGKH.shape[1], axis=1)
