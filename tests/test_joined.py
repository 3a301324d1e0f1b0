"""The n best of a text in segments are those of all combinations, and everything in a whole adds up."""

import itertools
import random

import numpy as np
import pytest

from dragoman.options import EOS, Alignment, DecodeOptions, Hypothesis, Translation
from dragoman.text.joined import best_combinations, join
from dragoman.text.segment import split


def hypothesis(text, score, columns, finished=True, seed=0):
    """A made-up result, a piece a letter, that looks at a source of so many columns."""
    ids = (*(300 + ord(letter) for letter in text), *([EOS] if finished else []))
    pieces = (*text, *(["</s>"] if finished else []))
    weights = np.random.default_rng(seed).dirichlet(np.ones(columns), len(text) + 1).astype(np.float32)
    return Hypothesis(
        ids=ids,
        token_log_probabilities=tuple(-0.1 * (at + 1) for at in range(len(ids))),
        score=score,
        finished=finished,
        alignment=Alignment(weights),
        text=text,
        pieces=pieces,
    )


@pytest.mark.parametrize("seed", range(30))
def test_the_best_combinations_are_those_of_brute_force(seed):
    draw = random.Random(seed)
    rows = [
        sorted((draw.randint(0, 1), draw.randint(0, 20) / 4) for _ in range(draw.randint(1, 4)))
        for _ in range(draw.randint(1, 5))
    ]
    everything = sorted(
        (sum(unfinished for unfinished, _ in costs), sum(cost for _, cost in costs))
        for costs in itertools.product(*rows)
    )
    for count in (1, 3, 1000):
        choices = best_combinations(rows, count)
        found = [
            (sum(row[at][0] for row, at in zip(rows, choice, strict=True)),
             sum(row[at][1] for row, at in zip(rows, choice, strict=True)))
            for choice in choices
        ]  # fmt: skip
        assert found == everything[:count]
        assert len({tuple(choice) for choice in choices}) == len(choices)


TEXT = " Hi there.  You. \tBye."
FOUND = [
    [hypothesis("Hallo.", -0.2, 4, seed=1), hypothesis("Na.", -0.9, 4, seed=2)],
    [hypothesis("Du", -0.5, 3, finished=False, seed=3)],
    [hypothesis("Ade.", -0.3, 2, seed=4), hypothesis("Weg.", -0.4, 2, seed=5)],
]


def test_a_whole_is_made_of_its_segments():
    wholes = join(TEXT, split(TEXT, "en"), FOUND, DecodeOptions(beam=4, n_best=3))
    assert [whole.text for whole in wholes] == [" Hallo.  Du \tAde.", " Hallo.  Du \tWeg.", " Na.  Du \tAde."]
    assert [whole.score for whole in wholes] == pytest.approx([-1 / 3, -1.1 / 3, -1.7 / 3])
    best = wholes[0]
    own = [FOUND[0][0], FOUND[1][0], FOUND[2][0]]
    assert best.ids == own[0].ids + own[1].ids + own[2].ids and len(best.pieces) == len(best.ids)
    assert best.log_probability == pytest.approx(sum(one.log_probability for one in own)) and not best.finished
    found = Translation(TEXT, wholes)
    assert "".join(TEXT[slice(*part.source)] for part in found.segments) == TEXT
    assert [TEXT[slice(*part.source)] for part in found.segments] == [" ", "Hi there.", "  ", "You.", " \t", "Bye."]
    assert "".join(found.text[slice(*part.target)] for part in found.segments) == found.text
    assert [part.hypothesis for part in found.segments] == [None, own[0], None, own[1], None, own[2]]


def test_links_count_over_the_whole_and_the_table_is_block_diagonal():
    best = join(TEXT, split(TEXT, "en"), FOUND, DecodeOptions())[0]
    weights, links = best.alignment.weights, best.alignment.links
    assert weights.shape == (len(best.ids), 4 + 3 + 2)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-6)
    expected, row, column = [], 0, 0
    for one in (own[0] for own in FOUND):
        size, width = len(one.ids), one.alignment.weights.shape[1]
        np.testing.assert_array_equal(weights[row : row + size, column : column + width], one.alignment.weights[:size])
        expected += [(column + source, row + target) for source, target in one.alignment.links]
        row, column = row + size, column + width
    assert links == tuple(expected)
    assert all(best.pieces[target] != "</s>" for _, target in links)


def test_samples_are_put_together_each_once_and_by_the_seed():
    own = [[hypothesis(f"{letter}{k}", -k / 10, 2) for k in range(6)] for letter in "abc"]
    text = "Hi there. Come in. Go away."
    wholes = join(text, split(text, "en"), own, DecodeOptions(temperature=1, n_best=6, seed=3))
    for place in range(3):
        assert sorted(whole.text.split()[place] for whole in wholes) == [one.text for one in own[place]]
    assert [whole.score for whole in wholes] == sorted((whole.score for whole in wholes), reverse=True)
    assert wholes == join(text, split(text, "en"), own, DecodeOptions(temperature=1, n_best=6, seed=3))
    others = {
        join(text, split(text, "en"), own, DecodeOptions(temperature=1, n_best=6, seed=s))[0].text for s in range(9)
    }
    assert len(others) > 1


@pytest.mark.parametrize(("language", "expected"), [("de", "x. y."), ("zh-TW", "x.y."), (None, "x.y.")])
def test_a_blank_comes_where_only_the_target_language_has_one(language, expected):
    text = "これは。それは！"
    own = [[hypothesis("x.", -1, 2)], [hypothesis("y.", -1, 2)]]
    (whole,) = join(text, split(text, "ja"), own, DecodeOptions(), language)
    found = Translation(text, (whole,))
    assert found.text == expected
    assert "".join(found.text[slice(*part.target)] for part in found.segments) == expected
    assert "".join(text[slice(*part.source)] for part in found.segments) == text
