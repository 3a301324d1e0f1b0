"""Forced decoding finds the probabilities that a search found."""

import math

import pytest

torch = pytest.importorskip("torch")
from dragoman.decode.forced import score  # noqa: E402  (only where torch is)
from dragoman.decode.search import search  # noqa: E402
from dragoman.errors import RequestError  # noqa: E402
from dragoman.options import EOS, DecodeOptions  # noqa: E402
from toy_models import LONGEST, Markov, next_log_probabilities, tiny_transformer  # noqa: E402

SOURCES = [[4, 5, 6, EOS], [6, EOS], [5, 5, 4, 4, 6, 5, EOS], [4, EOS]]
MODELS = pytest.mark.parametrize("model", [Markov(3, 11), tiny_transformer(3)], ids=["markov", "transformer"])
SEARCHES = [
    DecodeOptions(beam=1, min_length=3),
    DecodeOptions(beam=4, n_best=4, min_length=3),
    DecodeOptions(temperature=1.0, n_best=3),
    DecodeOptions(beam=3, max_length=2),
]


@MODELS
@pytest.mark.parametrize("options", SEARCHES, ids=["greedy", "beam", "sample", "unfinished"])
def test_the_score_of_a_hypothesis_is_its_own(model, options):
    found = search(model, SOURCES, options, LONGEST)
    pairs = [(source, h) for source, hypotheses in zip(SOURCES, found, strict=True) for h in hypotheses]
    scores = score(model, [source for source, _ in pairs], [h.ids for _, h in pairs])
    for (_, h), logps in zip(pairs, scores, strict=True):
        assert logps == pytest.approx(h.token_log_probabilities, rel=1e-5, abs=1e-5)
        assert math.fsum(logps) == pytest.approx(h.log_probability, rel=1e-5, abs=1e-5)


@MODELS
def test_batch_mates_change_no_score(model):
    targets = [[7, EOS], [4, 4, 4, 4, 4, EOS], [EOS], [8, 9, 10]]
    together = score(model, SOURCES, targets)
    for source, target, logps in zip(SOURCES, targets, together, strict=True):
        rows = [next_log_probabilities(model, source, target[:t])[piece] for t, piece in enumerate(target)]
        assert logps == pytest.approx(rows, rel=1e-5, abs=1e-5)
        assert score(model, [source], [target])[0] == pytest.approx(logps, rel=1e-5, abs=1e-5)


def test_what_cannot_be_is_refused():
    assert score(Markov(1, 9), [], []) == []
    with pytest.raises(RequestError, match="no pieces"):
        score(Markov(1, 9), [[4, EOS]], [[]])
