"""Guided alignment: one head of the cross-attention is taught where words come from (Garg et al. 2019).

The step that receives a target piece should look, with this head, at the source pieces that the lexicon
believes it came from, or at the source's end where it believes in none. The other heads stay free.
"""

# Shapes.  B pairs, S source with its end, L decoder inputs (<s> and the target).

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dragoman.data.batching import Batch
from dragoman.data.lexicon import Lexicon
from dragoman.model.attention import Attention
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, FIRST_BYTE, PAD

HEAD = 0  # of the last decoder layer but one, taught to align
LEAST = 0.2  # belief below which a piece comes from nothing


class Guide:
    """Teaches one head of the last decoder layer but one."""

    def __init__(self, model: Transformer, lexicon: Lexicon, share: float) -> None:
        """Take the lexicon to teach from and the weight of its loss beside that of the translation."""
        layers = model.decoder.layers
        taught = layers[max(0, len(layers) - 2)].cross_attention
        assert isinstance(taught, Attention)
        self.attention, self.lexicon, self.share = taught, lexicon, share

    def loss(self, batch: Batch, weights_BLS: Tensor) -> Tensor:
        """Return the summed cross-entropy of the head's attention against the beliefs, times the share."""
        wanted_BLS = torch.from_numpy(self.wanted(batch)).to(weights_BLS.device)
        return -self.share * (wanted_BLS * weights_BLS.clamp_min(1e-9).log()).sum()

    def wanted(self, batch: Batch) -> NDArray[np.float32]:
        """Return where each decoder input should look, [B, L, S]; rows sum to one, or to zero for `<s>` and padding."""
        source_BS, input_BL = batch.source_BS, batch.target_BT[:, :-1]
        end_BS = np.arange(source_BS.shape[1]) == (source_BS != PAD).sum(1, keepdims=True) - 1
        beliefs_BLS = self.lexicon.beliefs(_pieces(np.where(end_BS, EOS, source_BS)), _pieces(input_BL[:, 1:]))
        believed_BL = beliefs_BLS.max(2) >= LEAST
        wanted = np.where(believed_BL[:, :, None], beliefs_BLS, end_BS[:, None, :])
        wanted = wanted * (input_BL[:, 1:] >= FIRST_BYTE)[:, :, None]
        wanted /= np.maximum(wanted.sum(2, keepdims=True), 1e-12)
        return np.pad(wanted, ((0, 0), (1, 0), (0, 0))).astype(np.float32)


def _pieces(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ids with padding and specials as -1, which the lexicon links to nothing."""
    return np.where(ids >= FIRST_BYTE, ids, -1)
