"""What the decoder keeps between steps: keys and values of the target so far, or cells; and those over the memory."""

# Shapes.  B sentences, R rows (B x hypotheses), G key/value heads, S source, L new pieces,
#          M length allocated, H head width, D model width.

import torch
from torch import Tensor


class State:
    """Keys and values, allocated once where `max_length` is given; without it (training) nothing is kept.

    rows        0      1      2      3       two sentences with two hypotheses each
    sentence    0      0      1      1       memory keys are stored once a sentence
    """

    def __init__(self, memory: list[tuple[Tensor, Tensor]], real_BS: Tensor, max_length: int | None) -> None:
        """Begin with no piece decoded; `memory` holds a layer's (keys, values) over the memory, [B, G, S, H]."""
        self.memory = memory
        self.real_BS = real_BS
        self.max_length = max_length
        self.length = 0
        self._kept: list[tuple[Tensor, Tensor]] = []
        self._cells: dict[int, Tensor] = {}  # [R, D] by layer, where the decoder has cells

    def extend(self, layer: int, k_RGLH: Tensor, v_RGLH: Tensor) -> tuple[Tensor, Tensor]:
        """Add a layer's new keys and values; return all of them so far."""
        if self.max_length is None:
            return k_RGLH, v_RGLH
        if len(self._kept) == layer:
            rows, heads, _, width = k_RGLH.shape
            room = (rows, heads, self.max_length, width)
            self._kept.append((k_RGLH.new_empty(room), v_RGLH.new_empty(room)))
        keys, values = self._kept[layer]
        end = self.length + k_RGLH.shape[2]
        keys[:, :, self.length : end] = k_RGLH
        values[:, :, self.length : end] = v_RGLH
        return keys[:, :, :end], values[:, :, :end]

    def cell(self, layer: int) -> Tensor | None:
        """Return a layer's cell [R, D] after the pieces so far; None before the first."""
        return self._cells.get(layer)

    def move(self, layer: int, cell_RD: Tensor) -> None:
        """Take a layer's cell after this call's pieces."""
        if self.max_length is not None:
            self._cells[layer] = cell_RD

    def reorder(self, rows: Tensor) -> None:
        """Let row r go on from what row `rows[r]` was; memory stays, hypotheses share it."""
        self._cells = {layer: cell_RD[rows] for layer, cell_RD in self._cells.items()}
        self._kept = [(self._pick(k, rows), self._pick(v, rows)) for k, v in self._kept]

    def keep(self, sentences: Tensor) -> None:
        """Go on with these sentences only, all their rows with them."""
        before = self.real_BS.shape[0]
        self.real_BS = self.real_BS[sentences]
        self.memory = [(k[sentences], v[sentences]) for k, v in self.memory]
        kept = [keys for keys, _ in self._kept] or list(self._cells.values())
        if kept:
            hypotheses = kept[0].shape[0] // before
            offsets = torch.arange(hypotheses, device=sentences.device)
            self.reorder((sentences[:, None] * hypotheses + offsets).flatten())

    def _pick(self, kept: Tensor, rows: Tensor) -> Tensor:
        picked = kept.new_empty((len(rows), *kept.shape[1:]))
        picked[:, :, : self.length] = kept[rows, :, : self.length]
        return picked
