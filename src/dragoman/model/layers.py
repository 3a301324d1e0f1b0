"""The feed-forward, one encoder layer and one decoder layer."""

# Shapes.  R rows, L pieces, D model width, F feed-forward width.

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from dragoman.architecture import ModelConfig
from dragoman.model.attention import Attention, View
from dragoman.model.dropout import Dropout, RowNoise
from dragoman.model.recurrence import SSRU
from dragoman.model.state import State

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "swiglu": F.silu,
    "silu": F.silu,
}


class FeedForward(nn.Module):
    """Two linear maps with an activation between (paper, section 3.3), or three with a gate (Shazeer 2020)."""

    def __init__(self, config: ModelConfig, site: str) -> None:
        """Make the maps `up`, `down` and, for swiglu, `gate`."""
        super().__init__()
        self.up = nn.Linear(config.d_model, config.feed_forward, bias=config.biases)
        self.gate = (
            nn.Linear(config.d_model, config.feed_forward, bias=config.biases)
            if config.activation == "swiglu"
            else None
        )
        self.down = nn.Linear(config.feed_forward, config.d_model, bias=config.biases)
        self.activate: Callable[[Tensor], Tensor] = _ACTIVATIONS[config.activation]
        self.dropout = Dropout(config.activation_dropout, f"{site}.activation")

    def forward(self, x_RLD: Tensor, randomness: RowNoise | None = None) -> Tensor:
        """Return [R, L, D]; every position on its own."""
        if self.gate is None:
            hidden_RLF = self.activate(self.up(x_RLD))
        else:
            hidden_RLF = self.activate(self.gate(x_RLD)) * self.up(x_RLD)
        y_RLD: Tensor = self.down(self.dropout(hidden_RLF, randomness))
        return y_RLD


class Connection(nn.Module):
    """How a sub-layer is joined to the residual stream: dropout, sum and the place of the norm.

    Pre: x + f(norm(x)) (Xiong et al. 2020). Post: norm(x + f(x)) (paper, section 3.1). It owns no
    weights; the norm that belongs to the sub-layer is handed in.
    """

    def __init__(self, config: ModelConfig, site: str) -> None:
        """Take the norm's place and the dropout from the config."""
        super().__init__()
        self.place, self.residual = config.norm, config.experiment.residual
        self.dropout = Dropout(config.dropout, f"{site}.residual")

    def enter(self, x: Tensor, norm: nn.Module) -> Tensor:
        """Return what the sub-layer reads."""
        inside: Tensor = norm(x) if self.place == "pre" else x
        return inside

    def leave(self, x: Tensor, y: Tensor, norm: nn.Module, randomness: RowNoise | None) -> Tensor:
        """Return the stream after a sub-layer that read x and gave y."""
        y = self.dropout(y, randomness)
        total = x + y if self.residual else y.to(x.dtype)
        out: Tensor = norm(total) if self.place == "post" else total
        return out


def make_norm(config: ModelConfig) -> nn.Module:
    """Return LayerNorm (Ba et al. 2016), RMSNorm (Zhang and Sennrich 2019) or, in an experiment, nothing."""
    if config.norm == "none":
        return nn.Identity()
    kind = nn.LayerNorm if config.norm_kind == "layer" else nn.RMSNorm
    return kind(config.d_model, eps=config.norm_epsilon)


class EncoderLayer(nn.Module):
    """Self-attention, then feed-forward."""

    def __init__(self, config: ModelConfig, site: str) -> None:
        """Make the layer; `site` is its name in the model."""
        super().__init__()
        self.self_attention = Attention(config, f"{site}.self_attention")
        self.self_attention_norm = make_norm(config)
        self.feed_forward = FeedForward(config, f"{site}.feed_forward")
        self.feed_forward_norm = make_norm(config)
        self.after_attention = Connection(config, f"{site}.self_attention")
        self.after_feed_forward = Connection(config, f"{site}.feed_forward")

    def forward(self, x_BSD: Tensor, view: View, randomness: RowNoise | None) -> Tensor:
        """Return the stream after this layer."""
        h = self.after_attention.enter(x_BSD, self.self_attention_norm)
        k, v = self.self_attention.remember(h, view.angles)
        y = self.self_attention(h, k, v, view, randomness)
        x = self.after_attention.leave(x_BSD, y, self.self_attention_norm, randomness)
        y = self.feed_forward(self.after_feed_forward.enter(x, self.feed_forward_norm), randomness)
        return self.after_feed_forward.leave(x, y, self.feed_forward_norm, randomness)


class DecoderLayer(nn.Module):
    """Self-attention over the target so far, or a recurrent cell; cross-attention over the memory, feed-forward."""

    def __init__(self, config: ModelConfig, site: str) -> None:
        """Make the layer; `site` is its name in the model."""
        super().__init__()
        self.recurrent = config.decoder_cell == "ssru"
        if self.recurrent:
            self.recurrence = SSRU(config)
            self.recurrence_norm = make_norm(config)
        else:
            self.self_attention = Attention(config, f"{site}.self_attention")
            self.self_attention_norm = make_norm(config)
        self.cross_attention = Attention(config, f"{site}.cross_attention")
        self.cross_attention_norm = make_norm(config)
        self.feed_forward = FeedForward(config, f"{site}.feed_forward")
        self.feed_forward_norm = make_norm(config)
        self.after_first = Connection(config, f"{site}.{'recurrence' if self.recurrent else 'self_attention'}")
        self.after_cross = Connection(config, f"{site}.cross_attention")
        self.after_feed_forward = Connection(config, f"{site}.feed_forward")

    def remember(self, memory_BSD: Tensor) -> tuple[Tensor, Tensor]:
        """Return the cross-attention's keys and values over the memory; computed once a sentence."""
        return self.cross_attention.remember(memory_BSD)

    @property
    def first_norm(self) -> nn.Module:
        """Return the norm of the first sub-layer."""
        return self.recurrence_norm if self.recurrent else self.self_attention_norm

    def read_self(self, x_RLD: Tensor, view: View, state: State, index: int) -> tuple[Tensor, ...]:
        """Return what the first sub-layer goes on with; the state takes what it is to keep.

        That is what self-attention reads, and all keys and values so far [R, G, K, H]; of a cell its answer [R, L, D].
        """
        h = self.after_first.enter(x_RLD, self.first_norm)
        if self.recurrent:
            y_RLD, cell_RD = self.recurrence(h, state.cell(index))
            state.move(index, cell_RD)
            return (y_RLD,)
        return h, *state.extend(index, *self.self_attention.remember(h, view.angles))

    def forward(
        self,
        x_RLD: Tensor,
        reading: tuple[Tensor, ...],
        memory: tuple[Tensor, Tensor],
        views: tuple[View, View],
        randomness: RowNoise | None,
    ) -> Tensor:
        """Return the stream after this layer.

        `reading` is `read_self`'s answer, `memory` is `remember`'s, `views` are those of self- and cross-attention.
        """
        y = reading[0] if self.recurrent else self.self_attention(*reading, views[0], randomness)
        x = self.after_first.leave(x_RLD, y, self.first_norm, randomness)
        h = self.after_cross.enter(x, self.cross_attention_norm)
        y = self.cross_attention(h, *memory, views[1], randomness)
        x = self.after_cross.leave(x, y, self.cross_attention_norm, randomness)
        y = self.feed_forward(self.after_feed_forward.enter(x, self.feed_forward_norm), randomness)
        return self.after_feed_forward.leave(x, y, self.feed_forward_norm, randomness)
