"""How pieces come to be: the steps end where encoding ends, and each does one thing."""

from itertools import pairwise

import pytest

from dragoman.errors import DataError
from dragoman.text.bpe import BytePairs
from dragoman.text.history import Merge
from dragoman.text.spelling import RESERVED
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train
from odd_texts import corpus, knots, odd_texts


@pytest.fixture(scope="module")
def tokenizer():
    return train(corpus(), 500)


def test_the_textbook_example():
    merges = (("e", "s"), ("es", "t"), ("l", "o"), ("▁", "lo"), ("▁lo", "w"))
    joined = (left + right for left, right in merges)
    tokenizer = Tokenizer(BytePairs(pieces=(*RESERVED, *joined, *"▁lowernstid"), merges=merges))
    steps = tokenizer.history("lowest")
    assert [(step.left, step.right) for step in steps] == [*merges]
    assert steps[1] == Merge(1, 0, "es", "t", ("▁", "l", "o", "w", "est")) and steps[-1].pieces == ("▁low", "est")
    assert [step.word for step in tokenizer.history("fx est lo")] == [1, 1, 2, 2]
    assert tokenizer.history("fx") == tokenizer.history("") == ()


def test_the_last_step_is_what_encoding_gives(tokenizer):
    for text in [*corpus()[:60], *odd_texts(400, seed=5), *knots(200, "aest ")]:
        steps = tokenizer.history(text)
        last = steps[-1].pieces if steps else tuple(tokenizer.encode(text).pieces)
        assert last == tokenizer.encode(text).pieces
        assert steps or all(len(piece) == 1 or piece in RESERVED for piece in last)


def test_each_step_joins_two_neighbours(tokenizer):
    for text in odd_texts(100, seed=6):
        steps = tokenizer.history(text)
        for before, after in pairwise(steps):
            at = next(i for i, piece in enumerate(after.pieces) if piece != before.pieces[i])
            assert before.pieces[at : at + 2] == (after.left, after.right)
            assert after.pieces == (*before.pieces[:at], after.left + after.right, *before.pieces[at + 2 :])


def test_a_lone_surrogate_is_refused(tokenizer):
    with pytest.raises(DataError, match="surrogate"):
        tokenizer.history("a\ud800")
