"""Alignments: worked examples by hand, the extremes, and planted truths that have to be found again."""

import itertools

import numpy as np
import pytest

from dragoman.errors import DataError
from dragoman.evaluate.word_alignment import agreement, choose_heads, error_rate, word_links
from dragoman.options import Alignment
from dragoman.text.training import train


def test_the_error_rate_by_hand():
    # 2 common links, 3 found, 4 sure: 1 - 2 * 2 / (3 + 4)
    found = [{(0, 0), (1, 1), (2, 0)}, set()]
    sure = [{(0, 0), (1, 1), (2, 2)}, {(5, 5)}]
    assert error_rate(found, sure) == pytest.approx(3 / 7)


def test_the_error_rate_is_of_the_corpus_not_of_the_mean_sentence():
    found = [{(0, 0)}, {(0, 1), (1, 0), (2, 1)}]
    sure = [{(0, 0)}, {(0, 0), (1, 1), (2, 2)}]
    assert error_rate(found, sure) == pytest.approx(1 - 2 * 1 / 8)


def test_the_extremes_of_the_error_rate():
    links = [{(0, 1), (1, 0)}, {(2, 2)}]
    assert error_rate(links, links) == 0
    assert error_rate([[(0, 1), (1, 0), (1, 0)], [(2, 2)]], links) == 0  # a link said twice is one link
    assert error_rate([{(1, 1)}, {(0, 0)}], links) == 1
    assert error_rate([set(), set()], links) == 1
    swapped = [{(t, s) for s, t in sentence} for sentence in [{(0, 1)}, {(2, 2)}]]
    assert error_rate(swapped, [{(0, 1)}, {(2, 2)}]) == 0.5


def test_the_error_rate_wants_equal_counts_and_gold():
    with pytest.raises(DataError, match="1 alignments against 2"):
        error_rate([set()], [{(0, 0)}, {(0, 0)}])
    with pytest.raises(DataError, match="no links"):
        error_rate([{(0, 0)}], [set()])


def test_words_look_where_their_pieces_look_in_sum():
    # "das Haus" -> "the house", cut as das|_Ha|us and the|_hou|se; last row and column are </s>'s
    source, source_words = [(0, 3), (3, 6), (6, 8)], [(0, 3), (4, 8)]
    target, target_words = [(0, 3), (3, 7), (7, 9)], [(0, 3), (4, 9)]
    weights_TS = np.array([
        [0.60, 0.10, 0.20, 0.10],  # the: das 0.60, Haus 0.30
        [0.40, 0.25, 0.25, 0.10],  # hou: das is the best piece, Haus has more in sum
        [0.40, 0.30, 0.20, 0.10],
        [0.00, 0.00, 0.00, 1.00],
    ])  # fmt: skip
    assert word_links(weights_TS, source, target, source_words, target_words) == ((0, 0), (1, 1))
    weights_TS[2] = [0.9, 0.0, 0.1, 0.0]  # one piece may outvote the other
    assert word_links(weights_TS, source, target, source_words, target_words) == ((0, 0), (0, 1))


def test_pieces_over_two_words_count_for_each_by_share_and_blanks_for_none():
    # source "a bc" is one piece: one third for "a", two thirds for "bc"; the target's first piece is a blank
    weights_TS = np.ones((2, 1))
    assert word_links(weights_TS, [(0, 4)], [(0, 1), (1, 3)], [(0, 1), (2, 4)], [(1, 3)]) == ((1, 0),)
    assert word_links(weights_TS, [(0, 4)], [(0, 1), (1, 3)], [(0, 1), (2, 4)], [(0, 0), (1, 3)]) == ((1, 1),)
    assert word_links(weights_TS, [(0, 4)], [(0, 1), (1, 3)], [], [(1, 3)]) == ()
    assert word_links(weights_TS, [(0, 4)], [(0, 1), (1, 3)], [(0, 4)], []) == ()
    with pytest.raises(ValueError, match="pieces"):
        word_links(weights_TS, [(0, 4)], [(0, 1), (1, 3), (3, 4)], [(0, 4)], [(0, 1)])


def test_a_word_that_looks_at_the_end_has_no_link():
    # pieces = words on both sides; the second target word looks at </s> more than at any word
    weights = np.array([[0.6, 0.1, 0.3], [0.3, 0.2, 0.5], [0.0, 0.0, 1.0]])
    spans = [(0, 1), (2, 3)]
    assert word_links(weights, spans, spans, spans, spans) == ((0, 0),)
    assert Alignment(weights.astype(np.float32)).links == ((0, 0),)


def test_words_of_a_tokenizers_own_pieces_align_one_to_one():
    text = "größere Häuser, 🙂 kleine"
    tokenizer = train(["große Häuser kleine grün rot blau xyz"] * 2, 280 + 20)
    offsets = tokenizer.encode(text).offsets
    words = [(0, 7), (8, 14), (16, 17), (18, 24)]  # the smile is spelled in bytes
    assert len(offsets) > len(words)
    assert word_links(np.eye(len(offsets) + 1), offsets, offsets, words, words) == tuple((w, w) for w in range(4))


def dictionary_corpus(sentences, words, seed=5):
    """Sentences of random words, and the same through a bijection, in random order; with the true links."""
    draw = np.random.default_rng(seed)
    bijection = draw.permutation(words) + 300
    pairs, links = [], []
    for _ in range(sentences):
        source = draw.permutation(words)[: draw.integers(3, 7)] + 260
        order = draw.permutation(len(source))
        pairs.append((source.tolist(), bijection[source[order] - 260].tolist()))
        links.append({(int(s), t) for t, s in enumerate(order)})
    return pairs, links, bijection


def attention_of(links, layers=3, heads=4, seed=9):
    """Random attention, with `</s>`, of the lengths of sentences whose links are given."""
    draw = np.random.default_rng(seed)
    maps = []
    for sentence in links:
        length = len(sentence) + 1
        maps.append(draw.dirichlet(np.ones(length), (layers, heads, length)))
    return maps


def plant(maps, links, layer, head, targets):
    """Let a head look where the links say, for the target positions that `targets` picks."""
    for attention, sentence in zip(maps, links, strict=True):
        for s, t in sentence:
            if targets(t):
                attention[layer, head, t] = 0.1 / (attention.shape[3] - 1)
                attention[layer, head, t, s] = 0.9


def test_a_planted_head_is_found_among_noise():
    _, links, _ = dictionary_corpus(60, 30)
    maps = attention_of(links)
    plant(maps, links, 2, 1, lambda t: True)
    assert choose_heads(maps, links) == ((2, 1),)
    found = [Alignment(attention[2, 1].astype(np.float32)).links for attention in maps]
    assert error_rate(found, links) == 0
    assert agreement(maps, links, ((2, 1),)) == 1
    assert agreement(maps, links, ((0, 0),)) < 0.7


def test_two_heads_that_know_half_each_are_put_together():
    _, links, _ = dictionary_corpus(60, 30)
    maps = attention_of(links)
    for attention in maps:
        attention[...] = 0.2 * attention + 0.8 / attention.shape[3]  # heads that know nothing look everywhere
    plant(maps, links, 0, 3, lambda t: t % 2 == 0)
    plant(maps, links, 1, 0, lambda t: t % 2 == 1)
    chosen = choose_heads(maps, links)
    assert set(chosen[:2]) == {(0, 3), (1, 0)}
    assert chosen[0] == (0, 3)  # knows the even targets, of which there are more
    assert choose_heads(maps, links, most=1) == ((0, 3),)


def test_each_added_head_agrees_better_and_no_other_would_agree_more():
    _, links, _ = dictionary_corpus(40, 30, seed=6)
    maps = attention_of(links, layers=2, heads=3)
    chosen = choose_heads(maps, links)
    assert 1 <= len(chosen) <= 4

    def agreed(heads):
        averaged = [sum(attention[head] for head in heads) / len(heads) for attention in maps]
        return sum(
            len(set(Alignment(weights).links) & sentence) for weights, sentence in zip(averaged, links, strict=True)
        )

    every = list(itertools.product(range(2), range(3)))
    for count in range(1, len(chosen) + 1):
        rest = [head for head in every if head not in chosen[: count - 1]]
        assert agreed(chosen[:count]) == max(agreed((*chosen[: count - 1], head)) for head in rest)
        assert count == 1 or agreed(chosen[:count]) > agreed(chosen[: count - 1])
    if len(chosen) < 4:
        rest = [head for head in every if head not in chosen]
        assert agreed(chosen) >= max(agreed((*chosen, head)) for head in rest)


def test_heads_want_links_for_their_sentences():
    maps = attention_of([{(0, 0)}])
    with pytest.raises(DataError, match="no links"):
        choose_heads(maps, [()])
    with pytest.raises(DataError, match="must be the same"):
        choose_heads(maps, [])
