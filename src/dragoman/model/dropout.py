"""Dropout whose masks are keyed: a mask depends on (seed, epoch, sample, site, position), not on the batch.

Eight decisions come from one 64-bit mix, so drawing costs a fraction of torch's generator; a rate is
therefore rounded to a multiple of 1/256, and kept values are scaled by exactly what the rounding gives.
"""

# Shapes.  B rows, T positions, C values of one position.

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dragoman.randomness import mix


@dataclass(frozen=True, slots=True)
class RowNoise:
    """One int64 key a row of the batch, made from (seed, epoch, sample id)."""

    keys_B: Tensor

    def keep(self, site: int, shape: Sequence[int], threshold: int) -> Tensor:
        """Return a mask [B, T, ..., C], True with probability 1 - threshold/256.

        The mask of row b at position t is a function of (key b, site, t) alone: padding and batch
        mates change nothing.
        """
        batch, positions = shape[0], shape[1]
        values = 1
        for length in shape[2:]:
            values *= length
        words = (values + 7) // 8
        device = self.keys_B.device
        row_B = mix(self.keys_B ^ site)
        place_BT = mix(row_B[:, None] ^ torch.arange(positions, device=device))
        bits_BTW: Tensor = mix(place_BT[:, :, None] ^ torch.arange(words, device=device))
        bytes_BTC = bits_BTW.view(torch.uint8)[:, :, :values]
        kept: Tensor = (bytes_BTC >= threshold).view(batch, *shape[1:])
        return kept


class Dropout(nn.Module):
    """Zero a share of the values, scale the others up (Srivastava et al. 2014); keyed, see `RowNoise`."""

    def __init__(self, rate: float, site: str) -> None:
        """Make one site; `site` is its name in the model, which gives it numbers of its own."""
        super().__init__()
        self.threshold = min(255, round(rate * 256))
        self.site = zlib.crc32(site.encode())
        self.scale = 256 / (256 - self.threshold)

    def forward(self, x_BTC: Tensor, randomness: RowNoise | None) -> Tensor:
        """Return x with dropout, or x itself where there is no randomness (evaluation) or no rate."""
        if randomness is None or self.threshold == 0:
            return x_BTC
        keep = randomness.keep(self.site, x_BTC.shape, self.threshold)
        return x_BTC * (keep * self.scale).to(x_BTC.dtype)
