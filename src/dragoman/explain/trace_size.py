"""How many numbers a trace holds in its tensors, known before they are computed."""

from dragoman.architecture import ModelConfig


def numbers(config: ModelConfig, source: int, target: int, logits: bool = False) -> int:
    """Return the numbers of a trace of so many source and target pieces, with the logits of every step or without."""
    width, inner = config.d_model, config.feed_forward
    keys = config.kv_heads * config.head_width  # of a row that is looked at; as many values
    gated = config.activation == "swiglu"
    placed = config.positions in ("sinusoidal", "learned", "table")  # vectors that are added
    norm = 0 if config.norm == "none" else 1

    def embedding(rows: int) -> int:
        return rows * width * (3 if placed else 2)  # the table's rows and the sum too

    def attention(rows: int, looked_at: int, turned: bool) -> int:
        around = (4 + norm) * rows * width  # queries, contexts, projection, residual stream, norm
        more = rows * width + looked_at * keys if turned else 0
        return around + 2 * looked_at * keys + 3 * config.heads * rows * looked_at + more

    def recurrence(rows: int) -> int:
        return rows * (5 + norm) * width  # input, forget gate, state, output, residual stream, norm

    def feed_forward(rows: int) -> int:
        return rows * ((2 + norm) * width + (3 if gated else 2) * inner)

    turned = config.positions == "rotary"
    encoder = source * width + attention(source, source, turned) + feed_forward(source)
    own = recurrence(target) if config.decoder_cell == "ssru" else attention(target, target, turned)
    decoder = target * width + own + attention(target, source, False) + feed_forward(target)
    ends = 2 * source * width + target * width * (2 if config.norm == "pre" else 1)  # outputs, memory, the last norm
    whole = embedding(source) + embedding(target) + config.encoder_layers * encoder + config.decoder_layers * decoder
    return whole + ends + (target * config.target_vocabulary if logits else 0)
