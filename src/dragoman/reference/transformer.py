"""The Transformer of "Attention Is All You Need" and its later variants, as a page to read.

One pass over whole sentences, without cache, dropout or cleverness: what it computes is what the model means.
float64 makes it the oracle of the other implementations, and `int8_product` that of the engine in int8.
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
from dragoman.reference.attention import Mask, attention_weights, join_heads, share_heads, split_heads
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
)
from dragoman.reference.positions import alibi_bias, rotate, sinusoids


class Transformer:
    """An encoder-decoder of any `ModelConfig`, from the tensors named in `architecture.parameters`."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Mapping[str, NDArray[Any]],
        dtype: DTypeLike = np.float64,
        product: Product = exact_product,
    ) -> None:
        """Take the weights as `dtype`; raises CheckpointError where a name or a shape is not the config's.

        `product` multiplies with every matrix: `layers.exact_product` or `layers.int8_product`.
        """
        check_weights(config, weights)
        self.config = config
        self.dtype = np.dtype(dtype)
        self.product = product
        self.weights = {name: np.asarray(tensor, dtype=self.dtype) for name, tensor in weights.items()}
        tied = config.tie == "all"
        self.source_table = "embedding" if tied else "source_embedding"
        self.target_table = "embedding" if tied else "target_embedding"
        self.output_table = "output" if config.tie == "none" else self.target_table

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

        x_BSD = self._embed("encoder", self.source_table, source_BS)
        for index in range(config.encoder_layers):
            layer = f"encoder.layers.{index}"
            x_BSD = self._self_attention(layer, x_BSD, may_look_BSS)
            x_BSD = self._feed_forward(layer, x_BSD)
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

        x_BTD = self._embed("decoder", self.target_table, target_BT)
        for index in range(config.decoder_layers):
            layer = f"decoder.layers.{index}"
            x_BTD = self._self_attention(layer, x_BTD, may_look_1TT)
            x_BTD = self._cross_attention(layer, x_BTD, memory_BSD, may_look_BTS)
            x_BTD = self._feed_forward(layer, x_BTD)
        if config.norm == "pre":
            x_BTD = self._norm("decoder.norm", x_BTD)

        logits_BTV = self.product(x_BTD, self.weights[f"{self.output_table}.weight"])
        return logits_BTV + self.weights["output.bias"] if config.biases else logits_BTV

    def _embed(self, side: str, table: str, ids_BT: Ids) -> Floats:
        """Return embeddings [B, T, D] with what the model adds for their positions, if it adds anything."""
        config, length = self.config, ids_BT.shape[1]
        x_BTD: Floats = embed(ids_BT, self.weights[f"{table}.weight"], scaled=config.experiment.scale_embeddings)
        if config.positions == "sinusoidal":
            x_BTD = x_BTD + sinusoids(length, config.d_model).astype(self.dtype)
        if config.positions in ("learned", "table"):
            x_BTD = x_BTD + self.weights[f"{side}.positions.weight"][:length]
        return x_BTD

    def _self_attention(self, layer: str, x_BLD: Floats, may_look_BLL: Mask) -> Floats:
        return self._sub_layer(
            f"{layer}.self_attention_norm",
            x_BLD,
            lambda y_BLD: self._attend(f"{layer}.self_attention", y_BLD, y_BLD, may_look_BLL, is_self=True),
        )

    def _cross_attention(self, layer: str, x_BLD: Floats, memory_BSD: Floats, may_look_BLS: Mask) -> Floats:
        return self._sub_layer(
            f"{layer}.cross_attention_norm",
            x_BLD,
            lambda y_BLD: self._attend(f"{layer}.cross_attention", y_BLD, memory_BSD, may_look_BLS, is_self=False),
        )

    def _feed_forward(self, layer: str, x_BLD: Floats) -> Floats:
        return self._sub_layer(
            f"{layer}.feed_forward_norm",
            x_BLD,
            lambda y_BLD: feed_forward(
                y_BLD, self.weights, f"{layer}.feed_forward", self.config.activation, self.product
            ),
        )

    def _sub_layer(self, norm: str, x_BLD: Floats, part: Callable[[Floats], Floats]) -> Floats:
        """Return norm(x + part(x)) as in the paper (Vaswani et al. 2017, section 3.1), or a variant of it.

        Pre-norm is x + part(norm(x)) (Xiong et al. 2020, figure 1); without norms it is x + part(x).
        """
        place = self.config.norm
        y_BLD = part(self._norm(norm, x_BLD) if place == "pre" else x_BLD)
        if self.config.experiment.residual:
            y_BLD = x_BLD + y_BLD
        return self._norm(norm, y_BLD) if place == "post" else y_BLD

    def _norm(self, name: str, x_BLD: Floats) -> Floats:
        weight_D, epsilon = self.weights[f"{name}.weight"], self.config.norm_epsilon
        if self.config.norm_kind == "rms":
            return rms_norm(x_BLD, weight_D, epsilon)
        return layer_norm(x_BLD, weight_D, self.weights[f"{name}.bias"], epsilon)

    def _attend(self, name: str, x_BLD: Floats, memory_BKD: Floats, may_look_BLK: Mask, *, is_self: bool) -> Floats:
        """Return multi-head attention [B, L, D] of x to the memory (Vaswani et al. 2017, section 3.2.2).

        Rotary and ALiBi positions speak of distances, so they belong to self-attention (`is_self`) alone.
        """
        config = self.config
        query_BNLH = split_heads(self._linear(x_BLD, f"{name}.query"), config.heads)
        key_BGKH = split_heads(self._linear(memory_BKD, f"{name}.key"), config.kv_heads)
        value_BGKH = split_heads(self._linear(memory_BKD, f"{name}.value"), config.kv_heads)
        if config.positions == "rotary" and is_self:
            query_BNLH, key_BGKH = rotate(query_BNLH), rotate(key_BGKH)
        bias_NLK: Floats | float = 0.0
        if config.positions == "alibi" and is_self:
            bias_NLK = alibi_bias(config.heads, x_BLD.shape[1]).astype(self.dtype)

        weights_BNLK = attention_weights(
            query_BNLH,
            share_heads(key_BGKH, config.heads),
            may_look_BLK[:, None],  # the same for every head
            scale=1 / math.sqrt(config.head_width) if config.experiment.scale_scores else 1.0,
            bias_NLK=bias_NLK,
        )
        seen_BNLH = weights_BNLK @ share_heads(value_BGKH, config.heads)
        return self._linear(join_heads(seen_BNLH), f"{name}.out")

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
