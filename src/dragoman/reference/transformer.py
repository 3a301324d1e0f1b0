"""The Transformer of "Attention Is All You Need" and its later variants, as a page to read.

One pass over whole sentences, without cache, dropout or cleverness: what it computes is what the model means.
float64 makes it the oracle of the other implementations, and `int8_product` that of the engine in int8. Whoever
wants to see the numbers on the way, or change them, is told each by its name (`recorded`).
"""

# Shapes.  B sentences, S source, T target, L queries, K keys, D model width, V target vocabulary.

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dragoman.architecture import ModelConfig, check_weights
from dragoman.errors import RequestError
from dragoman.patterns import dense
from dragoman.reference.attention import (
    Mask,
    attention_scores,
    join_heads,
    masked,
    share_heads,
    softmax,
    split_heads,
)
from dragoman.reference.layers import (
    Floats,
    Ids,
    Product,
    embed,
    exact_product,
    feed_forward,
    layer_norm,
    linear,
    rms_norm,
    ssru,
)
from dragoman.reference.positions import alibi_bias, rotate, sinusoids

# Is told of each value [B, ...] by its name; what it returns, if anything, takes the value's place.
Recorder = Callable[[str, Floats], Floats | None]


class Transformer:
    """An encoder-decoder of any `ModelConfig`, from the tensors named in `architecture.parameters`."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Mapping[str, NDArray[Any]],
        dtype: DTypeLike = np.float64,
        product: Product = exact_product,
        record: Recorder | None = None,
    ) -> None:
        """Take the weights as `dtype`; raises CheckpointError where a name or a shape is not the config's.

        `product` multiplies with every matrix: `layers.exact_product` or `layers.int8_product`. `record` is told
        what is computed.
        """
        check_weights(config, weights)
        self.config = config
        self.dtype = np.dtype(dtype)
        self.product = product
        self.record = record
        self.weights = {name: np.asarray(tensor, dtype=self.dtype) for name, tensor in weights.items()}
        tied = config.tie == "all"
        self.source_table = "embedding" if tied else "source_embedding"
        self.target_table = "embedding" if tied else "target_embedding"
        self.output_table = "output" if config.tie == "none" else self.target_table

    def recorded(self, record: Recorder) -> "Transformer":
        """Return the same model, which tells what it computes; no tensor is copied."""
        return Transformer(self.config, self.weights, self.dtype, self.product, record)

    def forward(self, source_BS: Ids, real_BS: Mask, target_BT: Ids) -> Floats:
        """Return logits [B, T, V] of the piece after each target piece; raises RequestError like `encode`."""
        return self.decode(target_BT, self.encode(source_BS, real_BS), real_BS)

    def encode(self, source_BS: Ids, real_BS: Mask) -> Floats:
        """Return the memory [B, S, D]; `real_BS` is True where a piece stands and False on padding.

        Raises RequestError for an id outside the vocabulary or more pieces than `max_positions`.
        """
        config = self.config
        self._check_ids("source", source_BS, config.vocab_size)
        places_S = np.arange(source_BS.shape[1])
        may_look_BSS = dense(config.encoder_rule, places_S, places_S) & real_BS[:, None, :]

        at_S = self._places("encoder", places_S)
        x_BSD = self._embed("encoder", self.source_table, source_BS, at_S)
        for index in range(config.encoder_layers):
            layer = f"encoder.layers.{index}"
            x_BSD = self._told(f"{layer}.input", x_BSD)
            x_BSD = self._self_attention(layer, x_BSD, may_look_BSS, at_S)
            x_BSD = self._feed_forward(layer, x_BSD)
            x_BSD = self._told(f"{layer}.output", x_BSD)
        return self._norm("encoder.norm", x_BSD) if config.norm == "pre" else x_BSD

    def decode(self, target_BT: Ids, memory_BSD: Floats, real_BS: Mask) -> Floats:
        """Return logits [B, T, V] of the piece after each target piece, given the memory of the source.

        Target padding stands at the end, where causal attention keeps it out of sight.
        Raises RequestError for an id outside the vocabulary or more pieces than `max_positions`.
        """
        config = self.config
        self._check_ids("target", target_BT, config.target_vocabulary)
        places_S, places_T = np.arange(memory_BSD.shape[1]), np.arange(target_BT.shape[1])
        may_look_1TT = dense(config.decoder_rule, places_T, places_T)[None]
        may_look_BTS = dense(config.cross_rule, places_T, places_S) & real_BS[:, None, :]

        at_T = self._places("decoder", places_T)
        x_BTD = self._embed("decoder", self.target_table, target_BT, at_T)
        for index in range(config.decoder_layers):
            layer = f"decoder.layers.{index}"
            x_BTD = self._told(f"{layer}.input", x_BTD)
            if config.decoder_cell == "ssru":
                x_BTD = self._recurrence(layer, x_BTD)
            else:
                x_BTD = self._self_attention(layer, x_BTD, may_look_1TT, at_T)
            x_BTD = self._cross_attention(layer, x_BTD, memory_BSD, may_look_BTS)
            x_BTD = self._feed_forward(layer, x_BTD)
            x_BTD = self._told(f"{layer}.output", x_BTD)
        return self._told("logits", self.unembed(x_BTD))

    def unembed(self, x_BTD: Floats) -> Floats:
        """Return the logits [B, T, V] that rows of the decoder's residual stream, from anywhere on it, would end in."""
        if self.config.norm == "pre":
            x_BTD = self._norm("decoder.norm", x_BTD)
        logits_BTV = self.product(x_BTD, self.weights[f"{self.output_table}.weight"])
        return logits_BTV + self.weights["output.bias"] if self.config.biases else logits_BTV

    def _places(self, side: str, places_T: Ids) -> Ids:
        """Return where the pieces stand; whoever is told may have them stand elsewhere."""
        return self._told(f"{side}.places", places_T.astype(self.dtype)).astype(np.int64)

    def _embed(self, side: str, table: str, ids_BT: Ids, places_T: Ids) -> Floats:
        """Return embeddings [B, T, D] with what the model adds for their places, if it adds anything."""
        config = self.config
        x_BTD: Floats = embed(ids_BT, self.weights[f"{table}.weight"], scaled=config.experiment.scale_embeddings)
        x_BTD = self._told(f"{side}.scaled", x_BTD)
        added_TD = None
        if config.positions == "sinusoidal":
            added_TD = sinusoids(places_T, config.d_model).astype(self.dtype)
        if config.positions in ("learned", "table"):
            added_TD = self.weights[f"{side}.positions.weight"][places_T]
        if added_TD is not None:
            x_BTD = x_BTD + self._told(f"{side}.positions", added_TD)
        return self._told(f"{side}.embedded", x_BTD)

    def _self_attention(self, layer: str, x_BLD: Floats, may_look_BLL: Mask, places_L: Ids) -> Floats:
        return self._sub_layer(
            f"{layer}.self_attention",
            x_BLD,
            lambda y_BLD: self._attend(f"{layer}.self_attention", y_BLD, y_BLD, may_look_BLL, places_L),
        )

    def _recurrence(self, layer: str, x_BLD: Floats) -> Floats:
        return self._sub_layer(
            f"{layer}.recurrence",
            x_BLD,
            lambda y_BLD: ssru(y_BLD, self.weights, f"{layer}.recurrence", self.product, self._told),
        )

    def _cross_attention(self, layer: str, x_BLD: Floats, memory_BSD: Floats, may_look_BLS: Mask) -> Floats:
        return self._sub_layer(
            f"{layer}.cross_attention",
            x_BLD,
            lambda y_BLD: self._attend(f"{layer}.cross_attention", y_BLD, memory_BSD, may_look_BLS),
        )

    def _feed_forward(self, layer: str, x_BLD: Floats) -> Floats:
        return self._sub_layer(
            f"{layer}.feed_forward",
            x_BLD,
            lambda y_BLD: feed_forward(
                y_BLD, self.weights, f"{layer}.feed_forward", self.config.activation, self.product, self._told
            ),
        )

    def _sub_layer(self, name: str, x_BLD: Floats, part: Callable[[Floats], Floats]) -> Floats:
        """Return norm(x + part(x)) as in the paper (Vaswani et al. 2017, section 3.1), or a variant of it.

        Pre-norm is x + part(norm(x)) (Xiong et al. 2020, figure 1); without norms it is x + part(x).
        """
        place = self.config.norm
        y_BLD = part(self._norm(f"{name}_norm", x_BLD) if place == "pre" else x_BLD)
        y_BLD = self._told(f"{name}.sum", x_BLD + y_BLD if self.config.experiment.residual else y_BLD)
        return self._norm(f"{name}_norm", y_BLD) if place == "post" else y_BLD

    def _norm(self, name: str, x_BLD: Floats) -> Floats:
        x_BLD = self._told(f"{name}.input", x_BLD)
        weight_D, epsilon = self.weights[f"{name}.weight"], self.config.norm_epsilon
        if self.config.norm_kind == "rms":
            return self._told(f"{name}.output", rms_norm(x_BLD, weight_D, epsilon))
        return self._told(f"{name}.output", layer_norm(x_BLD, weight_D, self.weights[f"{name}.bias"], epsilon))

    def _attend(
        self, name: str, x_BLD: Floats, memory_BKD: Floats, may_look_BLK: Mask, places_L: Ids | None = None
    ) -> Floats:
        """Return multi-head attention [B, L, D] of x to the memory (Vaswani et al. 2017, section 3.2.2).

        Rotary and ALiBi positions speak of distances, so they belong to self-attention alone, which has places.
        """
        config = self.config
        query_BNLH = self._heads(f"{name}.query", x_BLD, config.heads, places_L)
        key_BGKH = self._heads(f"{name}.key", memory_BKD, config.kv_heads, places_L)
        value_BGKH = self._heads(f"{name}.value", memory_BKD, config.kv_heads)
        bias_NLK: Floats | float = 0.0
        if config.positions == "alibi" and places_L is not None:
            bias_NLK = alibi_bias(config.heads, places_L).astype(self.dtype)

        scores_BNLK = attention_scores(
            query_BNLH,
            share_heads(key_BGKH, config.heads),
            scale=1 / math.sqrt(config.head_width) if config.experiment.scale_scores else 1.0,
            bias_NLK=bias_NLK,
        )
        scores_BNLK = masked(
            self._told(f"{name}.unmasked", scores_BNLK), may_look_BLK[:, None]
        )  # the same for all heads
        weights_BNLK = self._told(f"{name}.weights", softmax(self._told(f"{name}.scores", scores_BNLK)))
        seen_BNLH = weights_BNLK @ share_heads(value_BGKH, config.heads)
        seen_BLD = self._told(f"{name}.seen", join_heads(seen_BNLH))
        return self._told(f"{name}.out", self._linear(seen_BLD, f"{name}.out"))

    def _heads(self, name: str, x_BLD: Floats, heads: int, places_L: Ids | None = None) -> Floats:
        """Return queries, keys or values [B, N, L, H], those with places turned by them if positions are rotary."""
        y_BLD = self._told(name, self._linear(x_BLD, name))
        if self.config.positions == "rotary" and places_L is not None:
            turned_BNLH = rotate(split_heads(y_BLD, heads), places_L)
            y_BLD = self._told(f"{name}_turned", join_heads(turned_BNLH))
        return split_heads(y_BLD, heads)

    def _told(self, name: str, value: Floats) -> Floats:
        """Tell a value; return what it is to go on with."""
        changed = self.record(name, value) if self.record else None
        if changed is None:
            return value
        if changed.shape != value.shape:
            raise RequestError(f"{name} has the shape {list(value.shape)}, not {list(changed.shape)}; keep its shape")
        return changed.astype(self.dtype, copy=False)

    def _linear(self, x_BLD: Floats, name: str) -> Floats:
        return linear(x_BLD, self.weights, name, self.product)

    def _check_ids(self, side: str, ids_BT: Ids, vocabulary: int) -> None:
        if ids_BT.shape[1] > self.config.max_positions:
            raise RequestError(
                f"a {side} of {ids_BT.shape[1]} pieces is longer than the model's "
                f"max_positions={self.config.max_positions}; split the text into shorter sentences"
            )
        wrong = ids_BT[(ids_BT < 0) | (ids_BT >= vocabulary)]
        if wrong.size:
            raise RequestError(
                f"{side} id {wrong[0]} is outside the vocabulary; allowed are 0 to {vocabulary - 1}; "
                "encode the text with the model's own tokenizer"
            )
