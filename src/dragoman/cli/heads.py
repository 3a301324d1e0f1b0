"""Which cross-attention heads align words: chosen on validation pairs, against a lexicon of pieces."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dragoman.bundle import Bundle
from dragoman.cli.training_data import Held
from dragoman.data.lexicon import Lexicon
from dragoman.decode.alignment import cross_attention
from dragoman.evaluate.word_alignment import choose_heads
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import EOS

PAIRS = 500  # pairs whose attention is looked at
ROWS = 32


def choose(bundle: Bundle, pairs: Sequence[Held], lexicon: Lexicon) -> tuple[tuple[int, int], ...]:
    """Return the (layer, head) whose averaged attention on `pairs` agrees best with the lexicon's links.

    None are chosen where it knows none.
    """
    looked = sorted(_ids(bundle, pairs)[:PAIRS], key=lambda pair: len(pair[0]))
    model = Transformer(bundle.model).eval()
    from_numpy(model, bundle.weights)
    maps: list[NDArray[np.float32]] = []
    for begin in range(0, len(looked), ROWS):
        rows = looked[begin : begin + ROWS]
        maps += cross_attention(model, [[*s, end] for s, _, end in rows], [[*t, EOS] for _, t, _ in rows])
    links = [lexicon.links(s, t) for s, t, _ in looked]
    return choose_heads(maps, links) if any(links) else ()


def _ids(bundle: Bundle, pairs: Sequence[Held]) -> list[tuple[list[int], list[int], int]]:
    sources = bundle.source_tokenizer.encode_ids([pair[0] for pair in pairs])
    targets = bundle.target_tokenizer.encode_ids([pair[1] for pair in pairs])
    longest = bundle.model.max_positions - 2
    return [
        (s, t, end)
        for s, t, (_, _, end) in zip(sources, targets, pairs, strict=True)
        if 0 < len(s) < longest and 0 < len(t) < longest
    ]
