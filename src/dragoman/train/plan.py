"""What a training run will take, counted from shapes alone: parameters by part, multiply-adds of a pair.

Nothing is measured here and nothing is run; every number follows from the config and from lengths, and
equals what torch counts while it works (`tests/test_plan.py`).
"""

# Letters.  S source positions with `</s>`, T decoder inputs (`<s>` and the target), padding counted in both.

from dataclasses import dataclass

from dragoman.architecture import ModelConfig, parameters

BACKWARD = 2  # a product of a forward pass has two in the backward: for its input's gradient and its weight's


@dataclass(frozen=True, slots=True)
class Work:
    """Multiply-adds of a forward pass, by what they are for."""

    projections: int  # queries, keys, values and outputs of all attention
    looking: int  # scores and weighted values: the part that grows with the square of the length
    feed_forward: int
    output: int  # from the decoder's states to the vocabulary

    @property
    def total(self) -> int:
        """Return all of them."""
        return self.projections + self.looking + self.feed_forward + self.output

    @property
    def attention(self) -> int:
        """Return those of attention, projections included."""
        return self.projections + self.looking

    def __add__(self, other: "Work") -> "Work":
        """Return the work of both."""
        return Work(
            self.projections + other.projections,
            self.looking + other.looking,
            self.feed_forward + other.feed_forward,
            self.output + other.output,
        )

    def __mul__(self, times: int) -> "Work":
        """Return the work of doing it so often."""
        return Work(self.projections * times, self.looking * times, self.feed_forward * times, self.output * times)


def work(config: ModelConfig, source: int, target: int, predicted: int | None = None) -> Work:
    """Return the multiply-adds of a forward pass over one pair of S and T positions.

    `predicted` is how many positions are projected to the vocabulary; None: all T. Training projects those
    that are not padding. Embeddings are looked up, which multiplies nothing. What a causal mask hides is
    computed all the same, and so is counted.
    """
    d, narrow = config.d_model, config.kv_heads * config.head_width
    asking, asked = 2 * d * d, 2 * d * narrow  # a position: query and output; key and value
    maps = 3 if config.activation == "swiglu" else 2
    encoder, decoder = config.encoder_layers, config.decoder_layers
    cells = config.decoder_cell == "ssru"
    first = 2 * d * d if cells else asking + asked  # input and forget gate, or self-attention
    return Work(
        projections=encoder * source * (asking + asked) + decoder * (target * first + target * asking + source * asked),
        looking=2 * d * (encoder * source**2 + decoder * ((0 if cells else target**2) + target * source)),
        feed_forward=maps * d * config.feed_forward * (encoder * source + decoder * target),
        output=d * config.target_vocabulary * (target if predicted is None else predicted),
    )


def parameters_by_part(config: ModelConfig) -> dict[str, int]:
    """Return how many numbers each part of the model holds, in the order of the forward pass.

    A tied embedding is counted where it is stored, as an embedding; the output is then its bias alone.
    """
    parts: dict[str, int] = {}
    for name, shape in parameters(config).items():
        size = 1
        for length in shape:
            size *= length
        part = _part(name)
        parts[part] = parts.get(part, 0) + size
    return {part: parts[part] for part in sorted(parts, key=_PARTS.index)}


_PARTS = (
    "embeddings",
    "positions",
    "encoder attention",
    "encoder feed-forward",
    "encoder norms",
    "decoder self-attention",
    "decoder cells",
    "decoder cross-attention",
    "decoder feed-forward",
    "decoder norms",
    "output",
)


def _part(name: str) -> str:
    """Return the part that a parameter of this name belongs to."""
    side, _, rest = name.partition(".")
    if side.endswith("embedding"):
        return "embeddings"
    if side == "output":
        return "output"
    if rest.startswith("positions"):
        return "positions"
    if "norm." in rest:
        return f"{side} norms"
    if ".feed_forward." in rest:
        return f"{side} feed-forward"
    if side == "encoder":
        return "encoder attention"
    if ".recurrence." in rest:
        return "decoder cells"
    return "decoder cross-attention" if ".cross_attention." in rest else "decoder self-attention"
