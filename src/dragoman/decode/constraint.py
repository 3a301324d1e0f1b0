"""The state of a `Grammar` for every row of a search."""

# Shapes.  B sentences, K rows of a sentence, R = B x K rows, P longest prefix, Q states, V vocabulary.

from collections.abc import Sequence

import torch
from torch import Tensor

from dragoman.grammar import WHOLE, Grammar
from dragoman.options import EOS


class Guard:
    """Says at each step of a search which ids every row may produce; moves as the `DecoderState` does.

    A sentence's prefix comes first and overrides grammar and minimum length; then `</s>` waits until
    the hypothesis has `min_length` pieces.
    """

    def __init__(
        self, grammar: Grammar, prefixes: Sequence[Sequence[int]], min_length: int, device: torch.device
    ) -> None:
        """Start with one row a sentence."""
        self.allowed_QV = torch.from_numpy(grammar.allowed_QV).to(device)
        self.next_QV = torch.from_numpy(grammar.next_QV).to(device)
        self.min_length = min_length
        self.state_R = torch.full((len(prefixes),), WHOLE, dtype=torch.long, device=device)
        longest = max((len(prefix) for prefix in prefixes), default=0)
        rows = [[*prefix, *[-1] * (longest - len(prefix))] for prefix in prefixes]
        self.prefix_BP = torch.tensor(rows, dtype=torch.long, device=device).view(len(prefixes), longest)

    def allowed(self, step: int) -> Tensor:
        """Return what may come after `step` pieces, bool [R, V]."""
        allowed_RV = self.allowed_QV[self.state_R]
        if step + 1 < self.min_length:
            allowed_RV[:, EOS] = False
        if step < self.prefix_BP.shape[1]:
            repeats = len(self.state_R) // len(self.prefix_BP)
            forced_R = self.prefix_BP[:, step].repeat_interleave(repeats)
            rows = (forced_R >= 0).nonzero().flatten()
            allowed_RV[rows] = False
            allowed_RV[rows, forced_R[rows]] = True
        return allowed_RV

    def reorder(self, rows: Tensor) -> None:
        """Let row r go on from what row `rows[r]` was."""
        self.state_R = self.state_R[rows]

    def follow(self, id_R: Tensor) -> None:
        """Take one more piece for every row."""
        self.state_R = self.next_QV[self.state_R, id_R].long()

    def keep(self, sentences: Tensor) -> None:
        """Go on with these sentences only, with all their rows."""
        self.state_R = self.state_R.view(len(self.prefix_BP), -1)[sentences].flatten()
        self.prefix_BP = self.prefix_BP[sentences]
