"""Merge-dropout: other cuts of the same text, each a function of the text's own key."""

import itertools
import json

import numpy as np
import pytest

from dragoman import _native
from dragoman.errors import ConfigError, DataError
from dragoman.options import FIRST_BYTE, FIRST_PIECE
from dragoman.randomness import Randomness
from dragoman.text.bpe import BytePairs
from dragoman.text.training import train
from odd_texts import BLANK, corpus, knots, odd_texts

TEXTS = [*odd_texts(5000, seed=7), *knots(1000, "aest "), *corpus(), "", ""]


@pytest.fixture(scope="module")
def tokenizer():
    return train(corpus(), 500)


def keys(count, epoch=0):
    return Randomness(1).keys("merge-dropout source", epoch, np.arange(count))


def lists(rows):
    assert all(row.dtype == np.int32 for row in rows)
    return [row.tolist() for row in rows]


def smallest_symbols(text, index):
    """The initial ids of a text and where its words begin, character by character."""
    ids, starts = [], []
    for letter in " " + text if text else "":
        if letter == " ":
            starts.append(len(ids))
        piece = BLANK if letter == " " else letter
        if piece in index and letter != BLANK:
            ids.append(index[piece])
        else:
            ids += [FIRST_BYTE + byte for byte in letter.encode()]
    return ids, starts


def test_without_dropout_the_ids_are_the_plain_ones(tokenizer):
    assert lists(tokenizer.dropout_ids(TEXTS, keys(len(TEXTS)), 0.0)) == tokenizer.encode_ids(TEXTS)


@pytest.mark.parametrize("dropout", [0.05, 0.3, 0.9, 1.0])
def test_every_cut_is_one_of_the_same_text(tokenizer, dropout):
    rows = lists(tokenizer.dropout_ids(TEXTS, keys(len(TEXTS)), dropout))
    for text, ids in zip(TEXTS, rows, strict=True):
        assert tokenizer.decode(ids) == text
        assert not ids or min(ids) >= FIRST_BYTE


def test_full_dropout_leaves_letters_and_bytes(tokenizer):
    for ids in lists(tokenizer.dropout_ids(TEXTS[:500], keys(500), 1.0)):
        assert all(index < FIRST_PIECE or len(tokenizer.piece(index)) == 1 for index in ids)


def test_more_dropout_gives_more_pieces(tokenizer):
    texts = corpus()
    sizes = [
        sum(map(len, tokenizer.dropout_ids(texts, keys(len(texts)), dropout))) for dropout in (0.0, 0.1, 0.3, 0.6, 1.0)
    ]
    assert all(fewer < more for fewer, more in itertools.pairwise(sizes))


def test_the_merges_see_letters_bytes_and_words(tokenizer):
    model = BytePairs.from_table(json.loads(tokenizer.to_json()))
    index = {piece: number for number, piece in enumerate(model.pieces)}
    pairs = np.array([[index[left], index[right]] for left, right in model.merges], np.int32)
    merges = _native.Merges(pairs, np.array([index["".join(pair)] for pair in model.merges], np.int32))
    own = keys(len(TEXTS))
    rows = tokenizer.dropout_ids(TEXTS, own, 0.3)
    for text, key, row in zip(TEXTS, own.tolist(), rows, strict=True):
        ids, starts = smallest_symbols(text, index)
        expected = merges.apply(np.array(ids, np.int32), np.array(starts, np.int32), key, 0.3)
        assert row.tolist() == expected.tolist()


def test_the_cut_depends_on_the_key_of_the_text_alone(tokenizer):
    own = keys(len(TEXTS))
    together = lists(tokenizer.dropout_ids(TEXTS, own, 0.2))
    backwards = lists(tokenizer.dropout_ids(TEXTS[::-1], own[::-1], 0.2))
    assert backwards[::-1] == together
    for row in (0, 17, 4095, 4096, len(TEXTS) - 3):
        assert lists(tokenizer.dropout_ids([TEXTS[row]], own[row : row + 1], 0.2)) == [together[row]]


def test_another_epoch_cuts_otherwise(tokenizer):
    texts = corpus()
    first, second = (lists(tokenizer.dropout_ids(texts, keys(len(texts), epoch), 0.2)) for epoch in (0, 1))
    different = sum(one != other for one, other in zip(first, second, strict=True))
    assert different > len(texts) / 2


def test_no_texts_and_empty_texts(tokenizer):
    assert tokenizer.dropout_ids([], keys(0), 0.1) == []
    assert lists(tokenizer.dropout_ids(["", "a", ""], keys(3), 1.0))[::2] == [[], []]
    assert lists(tokenizer.dropout_ids([""], keys(1), 0.1)) == [[]]


@pytest.mark.parametrize("dropout", [-0.1, 1.1, float("nan")])
def test_a_dropout_that_is_no_share_is_refused(tokenizer, dropout):
    with pytest.raises(ConfigError, match="a number from 0 to 1"):
        tokenizer.dropout_ids(["a"], keys(1), dropout)


def test_a_lone_surrogate_is_named(tokenizer):
    with pytest.raises(DataError, match=r"character 1 of text 2 is U\+D800"):
        tokenizer.dropout_ids(["a", "\ud800"], keys(2), 0.1)
