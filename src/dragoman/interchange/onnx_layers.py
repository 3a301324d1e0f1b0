"""The parts of the Transformer as nodes of an ONNX graph, after `reference/`, line by line.

Heads are kept as G groups of g, so that the heads of a group share its keys and values by broadcasting.
"""

# Shapes.  B sentences (or rows of a search), L new pieces, K keys, G key and value heads, g query heads of each,
#          H head width, D model width, V target vocabulary. Names of tensors of the graph carry them.

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig
from dragoman.interchange.onnx_graph import Graph
from dragoman.reference.positions import alibi_slopes, frequencies, sinusoids

Weights = Mapping[str, NDArray[np.float32]]
KeysValues = tuple[str, str]  # [B, G, K, H] each


class Layers(Graph):
    """A graph that knows a model: its methods are those of `reference.transformer`."""

    def __init__(self, config: ModelConfig, weights: Weights) -> None:
        """Take the model whose parts will be written."""
        super().__init__()
        self.config = config
        self._weights = weights

    def places(self, count: str, first: str | None = None) -> str:
        """Return where `count` pieces stand, from `first` on or from 0.

        Added and not begun there: ONNX Runtime makes a slice of a table at a range, and cuts off what it lacks.
        """
        places = self.op("Range", self.integers(0), count, self.integers(1))
        return places if first is None else self.op("Add", places, first)

    def embed(self, side: str, ids_BL: str, places_L: str) -> str:
        """Return embeddings [B, L, D] times √D with what is added for their places; a place too far is an error."""
        config = self.config
        x_BLD = self.op("Gather", self._table(side), ids_BL, axis=0)
        if config.experiment.scale_embeddings:
            x_BLD = self.op("Mul", x_BLD, self.number(math.sqrt(config.d_model)))
        if config.positions == "sinusoidal":
            table = sinusoids(np.arange(config.max_positions), config.d_model).astype(np.float32)
            added = self.stored("sinusoids", table)
        elif config.positions in ("learned", "table"):
            added = self._weight(f"{side}.positions.weight")
        else:
            return x_BLD
        return self.op("Add", x_BLD, self.op("Gather", added, places_L, axis=0))

    def unembed(self, x_BLD: str, named: str) -> str:
        """Return the logits [B, L, V]; a table that is tied serves both ends as it is stored."""
        config = self.config
        if config.norm == "pre":
            x_BLD = self.norm("decoder.norm", x_BLD)
        table = self._weight("output.weight") if config.tie == "none" else self._table("decoder")
        bias = [self._weight("output.bias")] if config.biases else []
        rows = self.op("Reshape", x_BLD, self.integers([-1, config.d_model]))
        logits = self.op("Gemm", rows, table, *bias, transB=1)
        lengths = self.op("Slice", self.op("Shape", x_BLD), self.integers([0]), self.integers([2]))
        shape = self.op("Concat", lengths, self.integers([config.target_vocabulary]), axis=0)
        return self.op("Reshape", logits, shape, named=named)

    def sub_layer(self, name: str, x_BLD: str, part: Callable[[str], str]) -> str:
        """Return norm(x + part(x)), or x + part(norm(x)), or x + part(x) without norms."""
        place = self.config.norm
        y_BLD = part(self.norm(f"{name}_norm", x_BLD) if place == "pre" else x_BLD)
        y_BLD = self.op("Add", x_BLD, y_BLD)
        return self.norm(f"{name}_norm", y_BLD) if place == "post" else y_BLD

    def norm(self, name: str, x_BLD: str) -> str:
        """Return layer norm or RMS norm."""
        weight, epsilon = self._weight(f"{name}.weight"), self.config.norm_epsilon
        if self.config.norm_kind == "layer":
            return self.op("LayerNormalization", x_BLD, weight, self._weight(f"{name}.bias"), axis=-1, epsilon=epsilon)
        mean_square = self.op("ReduceMean", self.op("Mul", x_BLD, x_BLD), axes=[-1], keepdims=1)
        length = self.op("Sqrt", self.op("Add", mean_square, self.number(epsilon)))
        return self.op("Mul", self.op("Div", x_BLD, length), weight)

    def feed_forward(self, name: str, x_BLD: str) -> str:
        """Return the network of each position by itself."""
        up_BLF = self._linear(f"{name}.up", x_BLD)
        kind = self.config.activation
        if kind == "relu":
            hidden_BLF = self.op("Relu", up_BLF)
        elif kind == "gelu":
            erf = self.op("Erf", self.op("Div", up_BLF, self.number(math.sqrt(2))))
            hidden_BLF = self.op("Div", self.op("Mul", up_BLF, self.op("Add", erf, self.number(1))), self.number(2))
        elif kind == "swiglu":
            hidden_BLF = self.op("Mul", self._silu(self._linear(f"{name}.gate", x_BLD)), up_BLF)
        else:  # silu
            hidden_BLF = self._silu(up_BLF)
        return self._linear(f"{name}.down", hidden_BLF)

    def _silu(self, x_BLF: str) -> str:
        return self.op("Mul", x_BLF, self.op("Sigmoid", x_BLF))

    def keys_values(self, name: str, x_BLD: str, places_L: str | None = None) -> KeysValues:
        """Return keys and values [B, G, L, H], the keys turned by their places where positions are rotary."""
        groups, width = self.config.kv_heads, self.config.head_width
        found = []
        for part in ("key", "value"):
            y_BLD = self._linear(f"{name}.{part}", x_BLD)
            y_BLGH = self.op("Reshape", y_BLD, self.integers([0, 0, groups, width]))
            found.append(self.op("Transpose", y_BLGH, perm=[0, 2, 1, 3]))
        return self._turned(found[0], places_L), found[1]

    def attend(
        self,
        name: str,
        x_BLD: str,
        remembered: KeysValues,
        may_look: str,
        places: tuple[str, str] | None = None,
    ) -> str:
        """Return multi-head attention [B, L, D]; `places` of queries and keys are those of self-attention alone.

        `may_look` goes with [B, G, g, L, K]; True means may look, and something may be looked at.
        """
        config = self.config
        groups, share, width = config.kv_heads, config.heads // config.kv_heads, config.head_width
        query_BLD = self._linear(f"{name}.query", x_BLD)
        query_BLGgH = self.op("Reshape", query_BLD, self.integers([0, 0, groups, share, width]))
        query_BGgLH = self._turned(self.op("Transpose", query_BLGgH, perm=[0, 2, 3, 1, 4]), places and places[0])
        key_BG1KH, value_BG1KH = (self.op("Unsqueeze", one, self.integers([2])) for one in remembered)

        scores = self.op("MatMul", query_BGgLH, self.op("Transpose", key_BG1KH, perm=[0, 1, 2, 4, 3]))
        scores = self.op("Mul", scores, self.number(1 / math.sqrt(width)))
        if config.positions == "alibi" and places is not None:
            scores = self.op("Add", scores, self._alibi(*places))
        shares = self.op("Softmax", self.op("Where", may_look, scores, self.number(-math.inf)), axis=-1)
        seen_BLGgH = self.op("Transpose", self.op("MatMul", shares, value_BG1KH), perm=[0, 3, 1, 2, 4])
        return self._linear(f"{name}.out", self.op("Reshape", seen_BLGgH, self.integers([0, 0, config.d_model])))

    def _turned(self, x_LH: str, places_L: str | None) -> str:
        """Turn each pair (2i, 2i + 1) of [..., L, H] by its angle: x · cos + its neighbour · (-sin or sin)."""
        config = self.config
        if config.positions != "rotary" or places_L is None:
            return x_LH
        angles = np.arange(config.max_positions)[:, None] * frequencies(config.head_width).repeat(2)
        signs = np.tile([-1.0, 1.0], config.head_width // 2)
        cos = self.stored("rotary.cos", np.cos(angles).astype(np.float32))
        sin = self.stored("rotary.sin", (np.sin(angles) * signs).astype(np.float32))
        neighbours = self.integers([place ^ 1 for place in range(config.head_width)])
        along = self.op("Mul", x_LH, self.op("Gather", cos, places_L, axis=0))
        across = self.op("Gather", x_LH, neighbours, axis=-1)
        return self.op("Add", along, self.op("Mul", across, self.op("Gather", sin, places_L, axis=0)))

    def _alibi(self, query_L: str, key_K: str) -> str:
        """Return -slope · |query - key| as [G, g, L, K]."""
        config = self.config
        slopes = -alibi_slopes(config.heads).reshape(config.kv_heads, -1, 1, 1).astype(np.float32)
        distance = self.op("Abs", self.op("Sub", self.op("Unsqueeze", query_L, self.integers([1])), key_K))
        return self.op("Mul", self.stored("alibi.slopes", slopes), self.floats(distance))

    def _table(self, side: str) -> str:
        if self.config.tie == "all":
            return self._weight("embedding.weight")
        return self._weight("source_embedding.weight" if side == "encoder" else "target_embedding.weight")

    def _linear(self, name: str, x_BLD: str) -> str:
        """Return x Wᵀ + b; the file has W as [in, out]."""
        y_BLO = self.op("MatMul", x_BLD, self.stored(f"{name}.weight", self._weights[f"{name}.weight"].T))
        return self.op("Add", y_BLO, self._weight(f"{name}.bias")) if self.config.biases else y_BLO

    def _weight(self, name: str) -> str:
        return self.stored(name, self._weights[name])
