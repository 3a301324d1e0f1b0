"""The shape of a model: `ModelConfig`, the named presets, and the table of its parameters.

Every implementation reads the same config and the same parameter names. Kinds are values here, not
subclasses; what cannot be is refused when the config is made, in words that say what to write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from numpy.typing import NDArray

from dragoman.config import build, table_of
from dragoman.errors import CheckpointError, ConfigError, suggestion
from dragoman.patterns import Pattern, pattern

NormPlace = Literal["pre", "post", "none"]
NormKind = Literal["layer", "rms"]
Activation = Literal["relu", "gelu", "swiglu", "silu"]
Positions = Literal["sinusoidal", "learned", "rotary", "alibi", "table", "none"]
Tie = Literal["all", "target", "none"]
DecoderCell = Literal["attention", "ssru"]

MAX_WIDTH = 65536
MAX_LAYERS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Experiment:
    """Switches that take a part of the Transformer away, to see what it is for (`docs/why.md`).

    All true in every product model. `norm="none"` and `positions="none"` of `ModelConfig` belong to them.
    """

    residual: bool = True  # add a sub-layer's input to its output
    scale_scores: bool = True  # divide attention scores by the square root of the head width
    scale_embeddings: bool = True  # multiply embeddings by the square root of d_model


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig:
    """A Transformer encoder-decoder. The defaults are what other programs can run exactly."""

    vocab_size: int  # pieces of the source, and of the target where target_vocab_size is None
    target_vocab_size: int | None = None
    d_model: int = 256
    encoder_layers: int = 3
    decoder_layers: int = 3
    heads: int = 4
    key_value_heads: int | None = None  # None: as many as heads; fewer: grouped; 1: multi-query
    feed_forward: int = 1024
    norm: NormPlace = "pre"
    norm_kind: NormKind = "layer"
    norm_epsilon: float = 1e-5
    activation: Activation = "relu"
    positions: Positions = "sinusoidal"
    max_positions: int = 1024
    tie: Tie = "all"
    # How a decoder layer knows the pieces before: self-attention, or a cell whose state does not grow with them, the
    # simpler simple recurrent unit (Kim et al. 2019, section 3).
    decoder_cell: DecoderCell = "attention"
    biases: bool = True
    dropout: float = 0.1  # on embeddings and on the output of every sub-layer
    attention_dropout: float = 0.0  # on attention weights
    activation_dropout: float = 0.0  # inside the feed-forward
    encoder_pattern: str = "full"
    decoder_pattern: str = "causal"
    cross_pattern: str = "full"
    experiment: Experiment = field(default_factory=Experiment)

    def __post_init__(self) -> None:
        """Refuse impossible shapes; raises ConfigError."""
        _check_ranges(self)
        if self.d_model % self.heads:
            near = self.heads * max(1, self.d_model // self.heads)
            raise ConfigError(
                f"model.d_model={self.d_model} does not split into heads={self.heads}; "
                f"choose a multiple, such as {near}"
            )
        if self.heads % self.kv_heads:
            raise ConfigError(
                f"model.key_value_heads={self.kv_heads} does not divide heads={self.heads}; "
                f"choose a divisor, such as 1 or {self.heads}"
            )
        if self.positions in ("sinusoidal", "table") and self.d_model % 2:
            raise ConfigError(f"model.d_model={self.d_model} is odd; {self.positions} positions need an even width")
        if self.positions == "rotary" and self.head_width % 2:
            raise ConfigError(
                f"model.positions=rotary needs an even head width, not d_model/heads={self.head_width}; "
                f"choose heads={max(1, self.heads // 2)}"
            )
        if self.tie == "all" and self.target_vocab_size not in (None, self.vocab_size):
            raise ConfigError(
                f"model.tie=all wants one vocabulary, not {self.vocab_size} and {self.target_vocab_size} pieces; "
                "write model.tie=target, or tokenizer.joint=true"
            )
        for name in (self.encoder_pattern, self.decoder_pattern, self.cross_pattern):
            pattern(name)
        if self.encoder_pattern == "causal" or self.cross_pattern == "causal" or self.decoder_pattern == "full":
            raise ConfigError("model patterns: the encoder and the cross-attention are full, the decoder is causal")

    @property
    def head_width(self) -> int:
        """Return the width of one head."""
        return self.d_model // self.heads

    @property
    def kv_heads(self) -> int:
        """Return the number of key and value heads."""
        return self.heads if self.key_value_heads is None else self.key_value_heads

    @property
    def target_vocabulary(self) -> int:
        """Return the number of target pieces, the width of the logits."""
        return self.vocab_size if self.target_vocab_size is None else self.target_vocab_size

    @property
    def encoder_rule(self) -> Pattern:
        """Return which encoder position looks at which."""
        return pattern(self.encoder_pattern)

    @property
    def decoder_rule(self) -> Pattern:
        """Return which decoder position looks at which."""
        return pattern(self.decoder_pattern)

    @property
    def cross_rule(self) -> Pattern:
        """Return which decoder position looks at which memory position."""
        return pattern(self.cross_pattern)


def _check_ranges(config: ModelConfig) -> None:
    for name, low, high in (
        ("vocab_size", 5, 10_000_000),
        ("target_vocab_size", 5, 10_000_000),
        ("d_model", 1, MAX_WIDTH),
        ("encoder_layers", 1, MAX_LAYERS),
        ("decoder_layers", 1, MAX_LAYERS),
        ("heads", 1, MAX_WIDTH),
        ("key_value_heads", 1, MAX_WIDTH),
        ("feed_forward", 1, 16 * MAX_WIDTH),
        ("max_positions", 2, 1_000_000),
    ):
        value = getattr(config, name)
        if value is not None and not low <= value <= high:
            raise ConfigError(f"model.{name}={value}: a whole number from {low} to {high} is allowed")
    for name in ("dropout", "attention_dropout", "activation_dropout"):
        if not 0 <= getattr(config, name) < 1:
            raise ConfigError(
                f"model.{name}={getattr(config, name)}: a number from 0 up to, not including, 1 is allowed"
            )
    if not 0 < config.norm_epsilon < 1:
        raise ConfigError(f"model.norm_epsilon={config.norm_epsilon}: a small number above 0 is wanted, such as 1e-5")


PRESETS: dict[str, dict[str, Any]] = {
    # width 8, so that every sum fits on a slide
    "pocket": {"d_model": 8, "encoder_layers": 1, "decoder_layers": 1, "heads": 2, "feed_forward": 16, "dropout": 0.0},
    "tiny": {"d_model": 128, "encoder_layers": 4, "decoder_layers": 4, "heads": 4, "feed_forward": 256},
    "small": {"d_model": 256, "encoder_layers": 3, "decoder_layers": 3, "heads": 4, "feed_forward": 1024},
    # a deep encoder under a shallow decoder translates faster at equal quality (Kasai et al. 2021)
    "fast": {"d_model": 256, "encoder_layers": 6, "decoder_layers": 2, "heads": 4, "feed_forward": 1024},
    # Vaswani et al. 2017, table 3
    "base": {
        "d_model": 512, "encoder_layers": 6, "decoder_layers": 6, "heads": 8, "feed_forward": 2048,
        "norm": "post",
    },
    "big": {
        "d_model": 1024, "encoder_layers": 6, "decoder_layers": 6, "heads": 16, "feed_forward": 4096,
        "norm": "post", "dropout": 0.3,
    },
}  # fmt: skip


def preset(name: str, vocab_size: int, target_vocab_size: int | None = None) -> ModelConfig:
    """Return the config of a named preset; raises ConfigError for a name that is not known."""
    return ModelConfig(vocab_size=vocab_size, target_vocab_size=target_vocab_size, **preset_settings(name))


def preset_settings(name: str) -> dict[str, Any]:
    """Return what a preset sets, for a recipe to change; raises ConfigError for a name that is not known."""
    if name not in PRESETS:
        raise ConfigError(f"no preset {name!r}{suggestion(name, PRESETS)}")
    return dict(PRESETS[name])


def to_table(config: ModelConfig) -> dict[str, Any]:
    """Return the config as JSON values for config.json."""
    return table_of(config)


def from_table(table: dict[str, Any]) -> ModelConfig:
    """Read a config back; raises ConfigError for anything unknown or impossible."""
    return build(ModelConfig, table, "model")


Shapes = dict[str, tuple[int, ...]]


def parameters(config: ModelConfig) -> Shapes:
    """Return every stored tensor's name and shape, in the order of the forward pass; linear weights are [out, in]."""
    d, source, target = config.d_model, config.vocab_size, config.target_vocabulary
    shapes: Shapes = {}
    if config.tie == "all":
        shapes["embedding.weight"] = (source, d)
    else:
        shapes["source_embedding.weight"] = (source, d)
        shapes["target_embedding.weight"] = (target, d)
    for side, layers in (("encoder", config.encoder_layers), ("decoder", config.decoder_layers)):
        if config.positions in ("learned", "table"):
            shapes[f"{side}.positions.weight"] = (config.max_positions, d)
        for index in range(layers):
            layer = f"{side}.layers.{index}"
            if side == "decoder" and config.decoder_cell == "ssru":
                shapes |= _ssru(config, f"{layer}.recurrence") | _norm(config, f"{layer}.recurrence_norm")
            else:
                shapes |= _attention(config, f"{layer}.self_attention") | _norm(config, f"{layer}.self_attention_norm")
            if side == "decoder":
                shapes |= _attention(config, f"{layer}.cross_attention")
                shapes |= _norm(config, f"{layer}.cross_attention_norm")
            shapes |= _feed_forward(config, f"{layer}.feed_forward") | _norm(config, f"{layer}.feed_forward_norm")
        if config.norm == "pre":
            shapes |= _norm(config, f"{side}.norm")
    if config.tie == "none":
        shapes["output.weight"] = (target, d)
    if config.biases:
        shapes["output.bias"] = (target,)
    return shapes


def parameter_count(config: ModelConfig) -> int:
    """Return how many numbers the model holds."""
    total = 0
    for shape in parameters(config).values():
        size = 1
        for length in shape:
            size *= length
        total += size
    return total


def check_weights(config: ModelConfig, weights: Mapping[str, NDArray[Any]]) -> None:
    """Raise CheckpointError naming the first tensor that is missing, unknown or of another shape."""
    shapes = parameters(config)
    advice = "take weights and config from the same model"
    for name, shape in shapes.items():
        if name not in weights:
            raise CheckpointError(f"tensor {name} is missing; this config wants it with shape {list(shape)}; {advice}")
        if tuple(weights[name].shape) != shape:
            given = list(weights[name].shape)
            raise CheckpointError(f"tensor {name} has shape {given}; this config wants {list(shape)}; {advice}")
    for name in weights:
        if name not in shapes:
            raise CheckpointError(f"tensor {name} is unknown; this config has {len(shapes)} others; {advice}")


def _linear(config: ModelConfig, name: str, width_out: int, width_in: int) -> Shapes:
    shapes: Shapes = {f"{name}.weight": (width_out, width_in)}
    if config.biases:
        shapes[f"{name}.bias"] = (width_out,)
    return shapes


def _norm(config: ModelConfig, name: str) -> Shapes:
    if config.norm == "none":
        return {}
    shapes: Shapes = {f"{name}.weight": (config.d_model,)}
    if config.norm_kind == "layer":
        shapes[f"{name}.bias"] = (config.d_model,)
    return shapes


def _attention(config: ModelConfig, name: str) -> Shapes:
    d, narrow = config.d_model, config.kv_heads * config.head_width
    return (
        _linear(config, f"{name}.query", d, d)
        | _linear(config, f"{name}.key", narrow, d)
        | _linear(config, f"{name}.value", narrow, d)
        | _linear(config, f"{name}.out", d, d)
    )


def _ssru(config: ModelConfig, name: str) -> Shapes:
    d = config.d_model
    return {f"{name}.input.weight": (d, d)} | _linear(config, f"{name}.forget", d, d)


def _feed_forward(config: ModelConfig, name: str) -> Shapes:
    shapes = _linear(config, f"{name}.up", config.feed_forward, config.d_model)
    if config.activation == "swiglu":
        shapes |= _linear(config, f"{name}.gate", config.feed_forward, config.d_model)
    return shapes | _linear(config, f"{name}.down", config.d_model, config.feed_forward)
