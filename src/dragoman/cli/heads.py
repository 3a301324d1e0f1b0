"""Which cross-attention heads align words, and at which step: chosen on validation pairs, by a lexicon of pieces."""

from collections.abc import Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from dragoman.bundle import Bundle
from dragoman.cli.training_data import Held, ended
from dragoman.data.lexicon import Lexicon
from dragoman.decode.alignment import cross_attention
from dragoman.evaluate.word_alignment import agreement, choose_heads
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, Step

PAIRS = 500  # pairs whose attention is looked at
ROWS = 32


def choose(bundle: Bundle, pairs: Sequence[Held], lexicon: Lexicon) -> tuple[tuple[tuple[int, int], ...], Step]:
    """Return the (layer, head), and the step, whose averaged attention on `pairs` agrees best with the lexicon's links.

    No heads are chosen where it knows none.
    """
    looked = sorted(_ids(bundle, pairs)[:PAIRS], key=lambda pair: len(pair[0]))
    model = Transformer(bundle.model).eval()
    from_numpy(model, bundle.weights)
    links = [lexicon.links(s, t) for s, t, _ in looked]
    if not any(links):
        return (), "receiving"
    found: list[tuple[float, tuple[tuple[int, int], ...], Step]] = []
    for step in get_args(Step):
        maps: list[NDArray[np.float32]] = []
        for begin in range(0, len(looked), ROWS):
            rows = looked[begin : begin + ROWS]
            given, wanted = [ended(s, end) for s, _, end in rows], [[*t, EOS] for _, t, _ in rows]
            maps += cross_attention(model, given, wanted, step=step)
        heads = choose_heads(maps, links)
        found.append((agreement(maps, links, heads), heads, step))
    _, heads, step = max(found, key=lambda one: one[0])  # of equals the first, which receives
    return heads, step


def _ids(bundle: Bundle, pairs: Sequence[Held]) -> list[tuple[list[int], list[int], int]]:
    sources = bundle.source_tokenizer.encode_ids([pair[0] for pair in pairs])
    targets = bundle.target_tokenizer.encode_ids([pair[1] for pair in pairs])
    longest = bundle.model.max_positions - 2
    return [
        (s, t, end)
        for s, t, (_, _, end) in zip(sources, targets, pairs, strict=True)
        if 0 < len(s) < longest and 0 < len(t) < longest
    ]
