"""Merging of ids: without dropout as the tokenizers library does, with it by the rule written plainly."""

import itertools
import random
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import models

from dragoman._native import Merges

LETTERS = "abc"
BITS = (1 << 64) - 1


def ints(*values):
    return np.array(values, np.int32)


class Vocabulary:
    """Random merges over three letters, made so that they overlap: every joined piece may be joined again."""

    def __init__(self, seed, count=25):
        draw = random.Random(seed)
        self.pieces = list(LETTERS)
        self.pairs = []
        while len(self.pairs) < count:
            left, right = draw.choice(self.pieces), draw.choice(self.pieces)
            if (left, right) in self.pairs or len(left + right) > 6:
                continue
            self.pairs.append((left, right))
            if left + right not in self.pieces:
                self.pieces.append(left + right)
        self.id = {piece: index for index, piece in enumerate(self.pieces)}
        self.pair_ids = [(self.id[left], self.id[right]) for left, right in self.pairs]
        self.joined = [self.id[left + right] for left, right in self.pairs]
        self.merges = Merges(np.array(self.pair_ids, np.int32).reshape(-1, 2), ints(*self.joined))

    def symbols(self, words):
        """The letters of all words as ids, and where each word begins."""
        starts = list(itertools.accumulate((len(word) for word in words), initial=0))[:-1]
        return ints(*(self.id[letter] for word in words for letter in word)), ints(*starts)

    def apply(self, words, key=0, dropout=0.0):
        ids = self.merges.apply(*self.symbols(words), key, dropout)
        return [self.pieces[index] for index in ids.tolist()]


def random_words(seed, count, longest):
    draw = random.Random(seed)
    return ["".join(draw.choices(LETTERS, k=draw.randint(1, longest))) for _ in range(count)]


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & BITS
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & BITS
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & BITS
    return z ^ z >> 31


def is_dropped(key, word, step, position, dropout):
    h = mix(key & BITS)
    for part in (word, step, position):
        h = mix(h ^ mix(part))
    return (h >> 11) / 2**53 < dropout


def merge_plainly(vocabulary, letters, key, word, dropout):
    """The pieces of one word by the documented rule, with nothing clever: every step looks at all pairs."""
    pieces = [(position, vocabulary.id[letter]) for position, letter in enumerate(letters)]
    ranks = {pair: rank for rank, pair in enumerate(vocabulary.pair_ids)}
    for step in itertools.count():
        candidates = [
            (ranks[left[1], right[1]], index)
            for index, (left, right) in enumerate(itertools.pairwise(pieces))
            if (left[1], right[1]) in ranks and not is_dropped(key, word, step, left[0], dropout)
        ]
        if not candidates:
            return [vocabulary.pieces[piece] for _, piece in pieces]
        rank, index = min(candidates)
        pieces[index : index + 2] = [(pieces[index][0], vocabulary.joined[rank])]
    raise AssertionError


def test_a_worked_example():
    # abab with ab -> X first, then bX and XX: [a b] [a b], then X X.
    merges = Merges(np.array([[0, 1], [1, 2], [2, 2]], np.int32), ints(2, 3, 4))
    assert merges.apply(ints(0, 1, 0, 1), ints(0), 0, 0.0).tolist() == [4]
    assert merges.apply(ints(0, 1, 0, 1), ints(0, 2), 0, 0.0).tolist() == [2, 2]
    assert merges.apply(ints(0, 0, 1, 1, 9), ints(0), 0, 0.0).tolist() == [0, 2, 1, 9]


@pytest.mark.parametrize("seed", range(8))
def test_without_dropout_the_result_is_that_of_the_tokenizers_library(seed):
    vocabulary = Vocabulary(seed)
    library = models.BPE(vocab=vocabulary.id, merges=vocabulary.pairs, fuse_unk=False)
    words = random_words(seed, count=300, longest=40)
    expected = [token.value for word in words for token in library.tokenize(word)]
    assert vocabulary.apply(words) == expected


@pytest.mark.parametrize("dropout", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("key", [0, -1, 2**63 - 1, -(2**63), 12345])
def test_dropout_follows_the_documented_rule(key, dropout):
    vocabulary = Vocabulary(seed=3)
    words = random_words(seed=key, count=30, longest=25)
    expected = [
        piece for index, word in enumerate(words) for piece in merge_plainly(vocabulary, word, key, index, dropout)
    ]
    assert vocabulary.apply(words, key, dropout) == expected


@given(
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), unique=True, max_size=12),
    joined=st.lists(st.integers(0, 4), min_size=12, max_size=12),
    ids=st.lists(st.integers(0, 4), min_size=1, max_size=30),
    dropout=st.sampled_from([0.0, 0.3]),
)
def test_even_merges_that_make_no_sense_follow_the_rule(pairs, joined, ids, dropout):
    vocabulary = Vocabulary.__new__(Vocabulary)  # pieces that are their own ids: a pair may join into itself
    vocabulary.pieces = list(range(5))
    vocabulary.id = dict(enumerate(range(5)))
    vocabulary.pair_ids, vocabulary.joined = pairs, joined[: len(pairs)]
    merges = Merges(np.array(pairs, np.int32).reshape(-1, 2), ints(*vocabulary.joined))
    assert merges.apply(ints(*ids), ints(0), 7, dropout).tolist() == merge_plainly(vocabulary, ids, 7, 0, dropout)


def test_dropout_of_one_leaves_the_initial_symbols():
    vocabulary = Vocabulary(seed=1)
    words = random_words(seed=1, count=50, longest=30)
    assert vocabulary.apply(words, key=9, dropout=1.0) == list("".join(words))


def test_a_key_decides_and_keys_differ():
    vocabulary = Vocabulary(seed=2)
    words = random_words(seed=2, count=50, longest=30)
    assert vocabulary.apply(words, key=4, dropout=0.3) == vocabulary.apply(words, key=4, dropout=0.3)
    results = {tuple(vocabulary.apply(words, key=key, dropout=0.3)) for key in range(20)}
    assert len(results) == 20
    assert all("".join(result) == "".join(words) for result in results)


def test_a_candidate_is_dropped_as_often_as_asked():
    # One merge, many words of two symbols: each word is one draw.
    merges = Merges(np.array([[0, 0]], np.int32), ints(1))
    words = 20_000
    ids, starts = np.zeros(2 * words, np.int32), np.arange(0, 2 * words, 2, dtype=np.int32)
    lengths = [merges.apply(ids, starts, key, 0.1).size - words for key in range(5)]
    assert statistics.mean(lengths) / words == pytest.approx(0.1, abs=0.005)  # 5 standard deviations


def test_a_word_does_not_see_the_words_after_it():
    vocabulary = Vocabulary(seed=5)
    words = random_words(seed=5, count=20, longest=20)
    whole = vocabulary.apply(words, key=1, dropout=0.4)
    for count in range(1, 20):
        beginning = vocabulary.apply(words[:count], key=1, dropout=0.4)
        assert beginning == whole[: len(beginning)]


@given(
    texts=st.lists(st.lists(st.text(LETTERS, min_size=1, max_size=12), max_size=5), max_size=6),
    dropout=st.sampled_from([0.0, 0.2, 1.0]),
)
def test_many_texts_equal_one_by_one(texts, dropout):
    vocabulary = Vocabulary(seed=6)
    symbols = [vocabulary.symbols(words) for words in texts]
    keys = np.arange(len(texts), dtype=np.int64) * 77 - 100
    ids, offsets = vocabulary.merges.apply_many(
        np.concatenate([ints(), *(ids for ids, _ in symbols)]),
        np.cumsum([0, *(len(ids) for ids, _ in symbols)], dtype=np.int64),
        np.concatenate([ints(), *(starts for _, starts in symbols)]),
        np.cumsum([0, *(len(starts) for _, starts in symbols)], dtype=np.int64),
        keys,
        dropout,
    )
    alone = [vocabulary.merges.apply(*symbols[i], int(keys[i]), dropout).tolist() for i in range(len(texts))]
    assert ids.dtype == np.int32 and offsets.dtype == np.int64
    assert [ids[a:b].tolist() for a, b in itertools.pairwise(offsets.tolist())] == alone


def test_a_very_long_word_is_no_trouble():
    # Quadratic work would take minutes here: the suite's timeout would say so.
    vocabulary = Vocabulary(seed=7)
    word = "".join(random.Random(7).choices(LETTERS, k=300_000))
    pieces = vocabulary.apply([word], key=1, dropout=0.1)
    assert "".join(pieces) == word
    assert len(pieces) < 200_000


@pytest.mark.parametrize(
    ("ids", "starts", "dropout", "words"),
    [
        pytest.param([0, -1], [0], 0.0, r"ids\[1\] is -1", id="negative-id"),
        pytest.param([0, 1], [], 0.0, "word_starts is empty", id="no-word"),
        pytest.param([0, 1], [1], 0.0, r"word_starts\[0\] is 1", id="first-not-zero"),
        pytest.param([0, 1, 2], [0, 2, 1], 0.0, r"word_starts\[2\] is 1", id="falling"),
        pytest.param([0, 1], [0, 0], 0.0, r"word_starts\[1\] is 0", id="empty-word"),
        pytest.param([0, 1], [0, 2], 0.0, r"word_starts\[1\] is 2; the text has 2", id="beyond-the-end"),
        pytest.param([], [0], 0.0, "the text has 0", id="word-in-nothing"),
        pytest.param([0], [-1], 0.0, r"word_starts\[0\] is -1", id="negative-start"),
        pytest.param([0], [0], -0.1, "dropout is", id="negative-dropout"),
        pytest.param([0], [0], 1.1, "dropout is", id="dropout-above-one"),
        pytest.param([0], [0], float("nan"), "dropout is", id="dropout-nan"),
    ],
)
def test_what_cannot_be_merged_is_refused(ids, starts, dropout, words):
    merges = Merges(np.array([[0, 1]], np.int32), ints(2))
    with pytest.raises(ValueError, match=words):
        merges.apply(ints(*ids), ints(*starts), 0, dropout)
    if ids:
        texts = (np.array([0, len(ids)], np.int64), ints(*starts), np.array([0, len(starts)], np.int64))
        with pytest.raises(ValueError, match=words):
            merges.apply_many(ints(*ids), *texts, np.zeros(1, np.int64), dropout)


@pytest.mark.parametrize(
    ("text_starts", "word_offsets", "words"),
    [
        pytest.param([0, 2], [0, 1, 2], "text_starts has 2 entries for 2 keys", id="count"),
        pytest.param([], [0, 1, 2], "text_starts has 0 entries", id="nothing"),
        pytest.param([1, 2, 4], [0, 1, 2], r"text_starts\[0\] is 1", id="first"),
        pytest.param([0, 5, 4], [0, 1, 2], r"text_starts\[2\] is 4, less", id="falling"),
        pytest.param([0, 2, 9], [0, 1, 2], r"text_starts\[2\] is 9", id="beyond"),
        pytest.param([0, 2, 4], [0, -1, 2], r"word_offsets\[1\] is -1", id="negative"),
        pytest.param([0, 2, 4], [0, 2, 2], r"text 0: word_starts\[1\] is 0", id="wrong-text"),
    ],
)
def test_texts_that_do_not_fit_together_are_refused(text_starts, word_offsets, words):
    merges = Merges(np.array([[0, 1]], np.int32), ints(2))
    with pytest.raises(ValueError, match=words):
        merges.apply_many(
            ints(0, 1, 0, 1),
            np.array(text_starts, np.int64),
            ints(0, 0),
            np.array(word_offsets, np.int64),
            np.zeros(2, np.int64),
            0.0,
        )


@pytest.mark.parametrize(
    ("pairs", "joined", "words"),
    [
        pytest.param([[0, 1], [0, 1]], [2, 3], r"pairs\[1\] repeats pairs\[0\]", id="twice"),
        pytest.param([[0, 1]], [2, 3], "pairs has 1 rows and joined 2", id="lengths"),
        pytest.param([[0, -1]], [2], r"pairs\[1\] is -1", id="negative-pair"),
        pytest.param([[0, 1]], [-2], r"joined\[0\] is -2", id="negative-joined"),
        pytest.param([[0, 1, 2]], [2], "rows of another length", id="three-in-a-row"),
    ],
)
def test_merges_that_are_none_are_refused(pairs, joined, words):
    with pytest.raises(ValueError, match=words):
        Merges(np.array(pairs, np.int32), ints(*joined))


def test_an_array_of_another_type_is_refused_and_not_converted():
    merges = Merges(np.array([[0, 1]], np.int32), ints(2))
    with pytest.raises(TypeError):
        merges.apply(np.array([0, 1]), ints(0), 0, 0.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        merges.apply(ints(0, 9, 1)[::2], ints(0), 0, 0.0)
