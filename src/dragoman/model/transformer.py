"""The Transformer of "Attention Is All You Need" in torch, for training and for the GPU.

`forward` is `decode(target, start(encode(source)))`: training, prefill and single steps are one path.
Parameter names and shapes are those of `architecture.parameters`.
"""

# Shapes.  B sentences, R rows (B x hypotheses), S source, T target, L pieces of this call,
#          K pieces so far, D model width, V target vocabulary.

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dragoman.architecture import ModelConfig
from dragoman.errors import RequestError
from dragoman.model.attention import View
from dragoman.model.dropout import Dropout, RowNoise
from dragoman.model.layers import DecoderLayer, EncoderLayer, make_norm
from dragoman.model.positions import distance_bias, rotary_angles, sinusoids
from dragoman.model.state import State
from dragoman.patterns import Causal, Full, dense


class Side(nn.Module):
    """Encoder or decoder: the positions, the layers, and the last norm of a pre-norm model."""

    def __init__(self, config: ModelConfig, name: str) -> None:
        """Make the layers of one side; `name` is "encoder" or "decoder"."""
        super().__init__()
        kind, count = (
            (EncoderLayer, config.encoder_layers) if name == "encoder" else (DecoderLayer, config.decoder_layers)
        )
        stored = config.positions in ("learned", "table")
        self.positions = nn.Embedding(config.max_positions, config.d_model) if stored else None
        self.dropout = Dropout(config.dropout, f"{name}.embedding")
        self.layers = nn.ModuleList(kind(config, f"{name}.layers.{index}") for index in range(count))
        self.norm = make_norm(config) if config.norm == "pre" else nn.Identity()


class Output(nn.Module):
    """The map from the decoder's states to the vocabulary: a bias, and a weight where none is tied."""

    def __init__(self, config: ModelConfig) -> None:
        """Make what is not shared with an embedding."""
        super().__init__()
        vocabulary = config.target_vocabulary
        self.weight = nn.Parameter(torch.empty(vocabulary, config.d_model)) if config.tie == "none" else None
        self.bias = nn.Parameter(torch.zeros(vocabulary)) if config.biases else None


class Transformer(nn.Module):
    """Encoder and decoder with every variant of `ModelConfig`; see `model.protocol.Seq2Seq`."""

    def __init__(self, config: ModelConfig) -> None:
        """Make the modules; weights are torch's own until `initialize` or `load_state_dict` sets them."""
        super().__init__()
        self.config = config
        if config.tie == "all":
            self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        else:
            self.source_embedding = nn.Embedding(config.vocab_size, config.d_model)
            self.target_embedding = nn.Embedding(config.target_vocabulary, config.d_model)
        self.encoder = Side(config, "encoder")
        self.decoder = Side(config, "decoder")
        self.output = Output(config)

    def encode(self, source_BS: Tensor, real_BS: Tensor, randomness: RowNoise | None = None) -> Tensor:
        """Return the memory [B, S, D]; raises RequestError for what the model cannot read.

        That is an id outside the vocabulary or a sentence without a piece (both found on the CPU alone:
        asking a GPU would make it wait), and a text of more than `max_positions` pieces.
        """
        config = self.config
        if real_BS.device.type == "cpu" and not real_BS.any(1).all():
            raise RequestError("a sentence of no pieces was given; it holds </s> at least")
        embedding = self.embedding if config.tie == "all" else self.source_embedding
        positions_S = torch.arange(source_BS.shape[1], device=source_BS.device)
        x_BSD = self._embed(source_BS, embedding, self.encoder, positions_S, randomness)
        mask = real_BS[:, None, None, :]
        if not isinstance(config.encoder_rule, Full):
            mask = mask & dense(config.encoder_rule, positions_S, positions_S)
        view = self._view(mask, positions_S, positions_S)
        for layer in self.encoder.layers:
            x_BSD = layer(x_BSD, view, randomness)
        memory_BSD: Tensor = self.encoder.norm(x_BSD)
        return memory_BSD

    def start(self, memory_BSD: Tensor, real_BS: Tensor, max_length: int | None = None) -> State:
        """Return the state before the first piece: keys and values over the memory, computed once here."""
        memory = [layer.remember(memory_BSD) for layer in self.decoder.layers]  # type: ignore[operator]
        return State(memory, real_BS, max_length)

    def decode(self, target_RL: Tensor, state: State, randomness: RowNoise | None = None) -> Tensor:
        """Return the logits [R, L, V] of the piece after each given one; the state moves on by L."""
        return self.project(self.hidden(target_RL, state, randomness))

    def hidden(self, target_RL: Tensor, state: State, randomness: RowNoise | None = None) -> Tensor:
        """Return the decoder's last states [R, L, D], before the vocabulary; the state moves on by L."""
        config = self.config
        embedding = self.embedding if config.tie == "all" else self.target_embedding
        end = state.length + target_RL.shape[1]
        query_L = torch.arange(state.length, end, device=target_RL.device)
        key_K = torch.arange(end, device=target_RL.device)
        x_RLD = self._embed(target_RL, embedding, self.decoder, query_L, randomness)
        # A single newest piece may look at all that came before: no mask, and the fast kernel stays open.
        alone = isinstance(config.decoder_rule, Causal) and target_RL.shape[1] == 1
        view = self._view(None if alone else dense(config.decoder_rule, query_L, key_K), query_L, key_K)
        views = (view, View(state.real_BS[:, None, None, :]))
        for index, layer in enumerate(self.decoder.layers):
            reading = layer.read_self(x_RLD, view, state, index)  # type: ignore[operator]
            x_RLD = layer(x_RLD, reading, state.memory[index], views, randomness)
        state.length = end
        hidden_RLD: Tensor = self.decoder.norm(x_RLD)
        return hidden_RLD

    def project(self, hidden_RLD: Tensor) -> Tensor:
        """Return the logits [..., V] of the decoder's last states."""
        return F.linear(hidden_RLD, self.output_weight, self.output.bias)

    @property
    def output_weight(self) -> Tensor:
        """Return the weight [V, D] of the output: an embedding, where tied."""
        if self.output.weight is not None:
            return self.output.weight
        return self.embedding.weight if self.config.tie == "all" else self.target_embedding.weight

    def forward(
        self, source_BS: Tensor, real_BS: Tensor, target_BT: Tensor, randomness: RowNoise | None = None
    ) -> Tensor:
        """Return the logits [B, T, V] for whole targets; `randomness=None` means evaluation."""
        state = self.start(self.encode(source_BS, real_BS, randomness), real_BS)
        return self.decode(target_BT, state, randomness)

    def _embed(
        self, ids_RL: Tensor, embedding: nn.Embedding, side: Side, positions_L: Tensor, randomness: RowNoise | None
    ) -> Tensor:
        """Return embeddings x sqrt(d_model) plus positions (paper, sections 3.4 and 3.5), with dropout."""
        config = self.config
        last = int(positions_L[-1]) + 1 if len(positions_L) else 0
        if last > config.max_positions:
            raise RequestError(
                f"a text of {last} pieces is longer than model.max_positions={config.max_positions}; "
                "split it into sentences"
            )
        try:
            x_RLD: Tensor = embedding(ids_RL)
        except IndexError:
            wrong = ids_RL[(ids_RL < 0) | (ids_RL >= embedding.num_embeddings)]
            raise RequestError(
                f"id {int(wrong[0])} is outside the vocabulary; allowed are 0 to {embedding.num_embeddings - 1}; "
                "encode the text with the model's own tokenizer"
            ) from None
        if config.experiment.scale_embeddings:
            x_RLD = x_RLD * math.sqrt(config.d_model)
        if config.positions == "sinusoidal":
            x_RLD = x_RLD + sinusoids(positions_L, config.d_model).to(x_RLD.dtype)
        elif side.positions is not None:
            x_RLD = x_RLD + side.positions(positions_L)
        dropped: Tensor = side.dropout(x_RLD, randomness)
        return dropped

    def _view(self, mask: Tensor | None, query_L: Tensor, key_K: Tensor) -> View:
        config = self.config
        return View(
            mask,
            distance_bias(query_L, key_K, config.heads) if config.positions == "alibi" else None,
            rotary_angles(query_L, config.head_width) if config.positions == "rotary" else None,
        )
