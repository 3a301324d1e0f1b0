"""Corpora mixed by share: how often a pair of each comes, so that an epoch has the asked part of it."""

import pytest

from dragoman.data.mixture import shared_weights
from dragoman.errors import ConfigError


@pytest.mark.parametrize(
    ("pairs", "weights", "shares"),
    [
        ((1000, 9000), (1.0, 1.0), (None, 0.3)),
        ((500, 100, 40), (2.0, 1.0, 1.0), (None, 0.5, 0.25)),
        ((10, 20, 30), (1.0, 0.5, 1.0), (None, None, 0.1)),
    ],
)
def test_an_epoch_has_the_shares_that_were_asked_for(pairs, weights, shares):
    found = shared_weights(pairs, weights, shares)
    whole = sum(count * weight for count, weight in zip(pairs, found, strict=True))
    for count, before, weight, share in zip(pairs, weights, found, shares, strict=True):
        assert weight == before if share is None else count * weight / whole == pytest.approx(share)


def test_without_shares_the_weights_stay():
    assert shared_weights((3, 4), (0.5, 7.0), (None, None)) == (0.5, 7.0)


@pytest.mark.parametrize("shares", [(None, 0.6, 0.4), (None, 0.7, 0.4)])
def test_shares_that_leave_nothing_are_refused(shares):
    with pytest.raises(ConfigError, match="add up to"):
        shared_weights((1, 1, 1), (1.0, 1.0, 1.0), shares)


def test_a_share_that_repeats_a_few_pairs_without_end_is_refused():
    with pytest.raises(ConfigError, match=r"share=0\.9.*up to 100"):
        shared_weights((10_000, 3), (1.0, 1.0), (None, 0.9))
