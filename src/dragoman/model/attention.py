"""Attention: the kernel as a function that is handed in, and the module with its four projections.

A kernel is `(q, k, v, view) -> y`. `plain` is the meaning, and on a CPU with short sequences also the
fastest; `fused` is torch's own and must equal it; `fastest` picks by what it is given.
"""

# Shapes.  B sentences, R rows (B x hypotheses), L queries, K keys, N heads, G key/value heads,
#          H head width, D model width, A = H/2 angles.

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dragoman.architecture import ModelConfig
from dragoman.model.dropout import Dropout, RowNoise
from dragoman.model.positions import rotate

# Above this many keys torch's fused kernel beats three plain operations on a CPU.
_SHORT = 256


@dataclass(frozen=True, slots=True)
class View:
    """What the queries of one call may see, and how far away it is."""

    mask: Tensor | None = None  # True = may look; broadcasts to [R, N, L, K]; None: everything
    bias: Tensor | None = None  # [N, L, K], added to the scores
    angles: Tensor | None = None  # [L, A] of the queries, and of the keys made in the same call
    drop: Callable[[Tensor], Tensor] | None = None  # dropout on the weights [R, N, L, K], in training


Kernel = Callable[[Tensor, Tensor, Tensor, View], Tensor]


def weights(q_RNLH: Tensor, k_RNKH: Tensor, view: View) -> Tensor:
    """Return how much each query looks at each key, [R, N, L, K]; every row sums to one (paper, equation 1)."""
    scores_RNLK = q_RNLH @ k_RNKH.mT / math.sqrt(q_RNLH.shape[-1])
    if view.bias is not None:
        scores_RNLK = scores_RNLK + view.bias.to(scores_RNLK.dtype)
    if view.mask is not None:
        # A finite floor: a row that may look at nothing (padding) stays a number instead of NaN.
        scores_RNLK = scores_RNLK.masked_fill(~view.mask, torch.finfo(scores_RNLK.dtype).min)
    return scores_RNLK.softmax(-1)


def plain(q_RNLH: Tensor, k_RNKH: Tensor, v_RNKH: Tensor, view: View) -> Tensor:
    """Return the values weighted by `weights`, [R, N, L, H].

    On a CPU these products are never in bfloat16: they are small, and for each new shape of one the library
    would compile code, which takes several times as long as the product.
    """
    kind = q_RNLH.dtype
    with torch.autocast("cpu", enabled=False):
        if q_RNLH.device.type == "cpu" and kind == torch.bfloat16:
            q_RNLH, k_RNKH, v_RNKH = q_RNLH.float(), k_RNKH.float(), v_RNKH.float()
        weights_RNLK = weights(q_RNLH, k_RNKH, view)
        if view.drop is not None:
            weights_RNLK = view.drop(weights_RNLK)
        return (weights_RNLK.to(v_RNKH.dtype) @ v_RNKH).to(kind)


def fused(q_RNLH: Tensor, k_RNKH: Tensor, v_RNKH: Tensor, view: View) -> Tensor:
    """Return the same through torch's fused kernel; it has no keyed dropout, so a `drop` goes to `plain`."""
    if view.drop is not None:
        return plain(q_RNLH, k_RNKH, v_RNKH, view)
    mask = view.mask
    if view.bias is not None:
        floor = torch.finfo(q_RNLH.dtype).min
        mask = view.bias.to(q_RNLH.dtype) if mask is None else view.bias.to(q_RNLH.dtype).masked_fill(~mask, floor)
    return F.scaled_dot_product_attention(q_RNLH, k_RNKH, v_RNKH, attn_mask=mask)


def fastest(q_RNLH: Tensor, k_RNKH: Tensor, v_RNKH: Tensor, view: View) -> Tensor:
    """Return the same through the kernel that is fastest for this device and length."""
    kernel = plain if q_RNLH.device.type == "cpu" and k_RNKH.shape[-2] <= _SHORT else fused
    return kernel(q_RNLH, k_RNKH, v_RNKH, view)


class Attention(nn.Module):
    """Multi-head attention; fewer key/value heads than heads make it grouped or multi-query (Ainslie et al. 2023)."""

    def __init__(self, config: ModelConfig, site: str) -> None:
        """Make the four projections; `site` names the place in the model for its dropout."""
        super().__init__()
        d, narrow = config.d_model, config.kv_heads * config.head_width
        self.heads, self.kv_heads = config.heads, config.kv_heads
        self.query = nn.Linear(d, d, bias=config.biases)
        self.key = nn.Linear(d, narrow, bias=config.biases)
        self.value = nn.Linear(d, narrow, bias=config.biases)
        self.out = nn.Linear(d, d, bias=config.biases)
        self.dropout = Dropout(config.attention_dropout, f"{site}.weights")
        self.query_factor = 1.0 if config.experiment.scale_scores else math.sqrt(config.head_width)
        self.attend: Kernel = fastest

    def remember(self, x_BKD: Tensor, angles_KA: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the keys and values [B, G, K, H] of what can be looked at."""
        k_BGKH = _split(self.key(x_BKD), self.kv_heads)
        if angles_KA is not None:
            k_BGKH = rotate(k_BGKH, angles_KA)
        return k_BGKH, _split(self.value(x_BKD), self.kv_heads)

    def forward(
        self, x_RLD: Tensor, k_BGKH: Tensor, v_BGKH: Tensor, view: View, randomness: RowNoise | None = None
    ) -> Tensor:
        """Return what the rows read from keys and values, [R, L, D]; R may be a multiple of B (rows of a sentence)."""
        rows, length, _ = x_RLD.shape
        sentences = k_BGKH.shape[0]
        q_RNLH = _split(self.query(x_RLD), self.heads)
        if view.angles is not None:
            q_RNLH = rotate(q_RNLH, view.angles)
        if self.query_factor != 1.0:
            q_RNLH = q_RNLH * self.query_factor
        if self.kv_heads != self.heads:
            k_BGKH = k_BGKH.repeat_interleave(self.heads // self.kv_heads, dim=1)
            v_BGKH = v_BGKH.repeat_interleave(self.heads // self.kv_heads, dim=1)
        if randomness is not None and self.dropout.threshold:
            view = View(view.mask, view.bias, view.angles, lambda w: self._drop(w, randomness))
        if rows == sentences:
            y_RNLH = self.attend(q_RNLH, k_BGKH, v_BGKH, view)
        else:  # hypotheses of a sentence share its keys: they become further queries of that sentence
            q = q_RNLH.view(sentences, -1, *q_RNLH.shape[1:]).transpose(1, 2).flatten(2, 3)
            y = self.attend(q, k_BGKH, v_BGKH, view)
            y_RNLH = y.view(*y.shape[:2], -1, length, y.shape[-1]).transpose(1, 2).flatten(0, 1)
        out: Tensor = self.out(y_RNLH.transpose(1, 2).flatten(2))
        return out

    def _drop(self, weights_RNLK: Tensor, randomness: RowNoise) -> Tensor:
        # Queries second and heads last, so that a mask does not depend on how many keys are padding.
        kept: Tensor = self.dropout(weights_RNLK.permute(0, 2, 3, 1), randomness)
        return kept.permute(0, 3, 1, 2)


def _split(x_RLD: Tensor, heads: int) -> Tensor:
    return x_RLD.view(*x_RLD.shape[:2], heads, -1).transpose(1, 2)
