"""A thousand real sentences: what each gets depends on nothing but itself, to the last bit."""

import numpy as np
import pytest

from dragoman import bundle
from dragoman.data.corpus import read_lines
from dragoman.engine.cpu import kernel_names
from dragoman.engine.model import Engine
from dragoman.grammar import newlines, utf8
from dragoman.options import EOS, DecodeOptions

pytestmark = [pytest.mark.slow, pytest.mark.real_data("tatoeba-en-de"), pytest.mark.timeout(900)]

CASES = [
    (precision, kernels, {kernel_names()[0]: 1000, "portable": 20}.get(kernels, 100))
    for precision in ("int8", "bf16", "float32")
    for kernels in kernel_names()
]


@pytest.mark.parametrize(("precision", "kernels", "count"), CASES)
def test_neighbours_order_threads_and_mode_change_no_bit(shared, precision, kernels, count):
    known = bundle.load("en-de")
    weights = known.int8 if precision == "int8" else known.weights
    folder = shared / "tatoeba-en-de"
    lines = list(read_lines(folder / "test.en.gz"))[:count]
    sources = [[*ids, EOS] for ids in known.source_tokenizer.encode_ids(lines)]
    grammar = utf8(known.target_spelling, newlines(known.target_spelling))
    options = DecodeOptions(beam=4, penalty="average", n_best=2)
    longest = known.model.max_positions - 1

    def search(engine, chosen):
        found = engine.search([sources[at] for at in chosen], options, longest, grammar)
        return dict(zip(chosen, found, strict=True))

    one, two = (Engine(known.model, weights, precision, kernels, threads) for threads in (1, 2))
    alone = {at: search(one, [at])[at] for at in range(count)}
    for at in range(0, count, 5):
        assert search(two, [at])[at] == alone[at]  # both threads share each step
    assert search(two, list(range(count))) == alone  # each thread has sentences of its own
    shuffled = np.random.default_rng(7).permutation(count).tolist()
    for first in range(0, count, 37):
        for at, found in search(one if first % 2 else two, shuffled[first : first + 37]).items():
            assert found == alone[at]

    targets = [list(alone[at][0].ids) for at in range(count)]
    scores = one.score(sources, targets)
    assert two.score(sources[::-1], targets[::-1])[::-1] == scores
    assert [two.score([sources[at]], [targets[at]])[0] for at in range(0, count, 10)] == scores[::10]
    searched = [found[0].token_log_probabilities for found in alone.values()]
    assert all(
        np.allclose(a, b, atol=1e-3 if precision == "float32" else 0.5) for a, b in zip(scores, searched, strict=True)
    )
