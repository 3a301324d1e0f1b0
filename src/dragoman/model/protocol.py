"""What every translator model is to the rest of the program: four methods and a state.

Search, scoring, recording and training are written against these two protocols alone.
"""

# Shapes.  B sentences, R rows of the decoder (B x hypotheses of a sentence), S source, T target,
#          L target pieces of this call, D model width, V target vocabulary.

from typing import Any, Protocol

from torch import Tensor

from dragoman.model.dropout import RowNoise


class DecoderState(Protocol):
    """What a decoder keeps between steps. Rows of one sentence stand side by side and share its memory."""

    def reorder(self, rows: Tensor) -> None:
        """Let row r go on from what row `rows[r]` was; the number of rows may grow to another multiple of B."""
        ...

    def keep(self, sentences: Tensor) -> None:
        """Go on with these sentences only (indexes into the B of now), with all their rows."""
        ...


class Seq2Seq(Protocol):
    """A translator model: `forward` is `decode(target, start(encode(source)))`, so one path serves all."""

    def encode(self, source_BS: Tensor, real_BS: Tensor, randomness: RowNoise | None = None) -> Tensor:
        """Return the memory [B, S, D]; `real_BS` is True where a piece stands and False on padding."""
        ...

    def start(self, memory_BSD: Tensor, real_BS: Tensor, max_length: int | None = None) -> DecoderState:
        """Return the state before the first target piece; with `max_length` it keeps what steps need."""
        ...

    def decode(self, target_RL: Tensor, state: Any, randomness: RowNoise | None = None) -> Tensor:
        """Return logits [R, L, V] of the piece after each given one; the `state` of `start` moves on by L."""
        ...

    def forward(
        self, source_BS: Tensor, real_BS: Tensor, target_BT: Tensor, randomness: RowNoise | None = None
    ) -> Tensor:
        """Return logits [B, T, V] for whole targets; `randomness=None` means evaluation (no dropout)."""
        ...
