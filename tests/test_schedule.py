"""The learning rate as a function of the step: its shape for every kind, length and warm-up."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import ConfigError

pytest.importorskip("torch")
from dragoman.train.options import TrainOptions
from dragoman.train.schedule import factor

KINDS = ("linear", "cosine", "inverse_sqrt")
kinds, totals, warmups = st.sampled_from(KINDS), st.integers(1, 5000), st.integers(0, 600)


def shares(kind, total, warmup):
    return [factor(kind, step, total, warmup) for step in range(1, total + 1)]


@given(kinds, totals, warmups)
def test_it_grows_linearly_then_never_again_and_stays_in_0_to_1(kind, total, warmup):
    found, reached = shares(kind, total, warmup), min(warmup, total // 3)
    assert all(0 < share <= 1 for share in found)
    assert all(math.isclose(share, step / reached) for step, share in enumerate(found[:reached], 1))
    falling = found[max(0, reached - 1) :]
    assert all(one >= two for one, two in pairwise(falling))


@given(kinds, totals, warmups)
def test_it_has_no_jump(kind, total, warmup):
    found, reached = shares(kind, total, warmup), min(warmup, total // 3)
    steepest = max(1 / max(1, reached), math.pi / 2 / (total + 1 - reached))
    assert all(abs(one - two) <= steepest + 1e-12 for one, two in pairwise(found))


@given(st.sampled_from(["linear", "cosine"]), totals, warmups)
def test_it_is_0_after_the_last_step(kind, total, warmup):
    assert factor(kind, total + 1, total, warmup) == pytest.approx(0, abs=1e-12)
    reached = min(warmup, total // 3)
    if (total + 1 + reached) % 2 == 0:  # half-way down
        assert factor(kind, (total + 1 + reached) // 2, total, warmup) == pytest.approx(0.5)


@given(st.integers(1, 2000), st.integers(1, 600))
def test_inverse_sqrt_is_equation_3_of_the_paper(step, warmup):
    """min(step^-0.5, step * warmup^-1.5), here as a share of its peak, warmup^-0.5."""
    wanted = min(step**-0.5, step * warmup**-1.5) / warmup**-0.5
    assert factor("inverse_sqrt", step, None, warmup) == pytest.approx(wanted)


@given(kinds, st.integers(1, 600), warmups)
def test_without_a_total_it_warms_up_and_then_waits(kind, step, warmup):
    found = factor(kind, step, None, warmup)
    assert found == pytest.approx(step / warmup) if step <= warmup else 0 < found <= 1
    if kind != "inverse_sqrt" and step > warmup:
        assert found == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": 5, "minutes": 1.0}, "give one of the two"),
        ({"steps": 0}, "train.steps=0: a whole number from 1"),
        ({"batch_tokens": 0}, "train.batch_tokens=0"),
        ({"accumulate": 0}, "train.accumulate=0"),
        ({"patience": 0}, "train.patience=0"),
        ({"validate_every": 0}, "train.validate_every=0"),
        ({"max_pieces": 0}, "train.max_pieces=0"),
        ({"minutes": 0.0}, "train.minutes=0.0: a number above 0"),
        ({"minutes": math.nan}, "train.minutes=nan"),
        ({"rate": -1.0}, "train.rate=-1.0"),
        ({"clip": 0.0}, "train.clip=0.0"),
        ({"label_smoothing": 1.0}, "train.label_smoothing=1.0: a number from 0 up to 1"),
        ({"merge_dropout": math.nan}, "train.merge_dropout=nan"),
        ({"beta2": 1.0}, "train.beta2=1.0"),
        ({"warmup": -1}, "train.warmup=-1"),
        ({"weight_decay": math.inf}, "train.weight_decay=inf"),
        ({"average": 1.5}, "train.average=1.5"),
    ],
)
def test_what_cannot_be_is_refused_with_words(settings, words):
    with pytest.raises(ConfigError, match=words.replace(".", r"\.")):
        TrainOptions(**settings)


def test_the_peak_rate_falls_with_the_width_unless_it_is_given():
    assert TrainOptions(rate=0.5).peak_rate(64) == 0.5
    assert TrainOptions().peak_rate(128) == pytest.approx(3e-3)
    found = [TrainOptions().peak_rate(width) for width in (8, 64, 128, 256, 1024)]
    assert found == sorted(found, reverse=True) and max(found) <= 1e-2
