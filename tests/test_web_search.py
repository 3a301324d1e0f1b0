"""The searches of the page, which are TypeScript, find what torch and the engine find, piece by piece."""

from collections import defaultdict

import numpy as np
import pytest

from dragoman.architecture import to_table
from dragoman.config import table_of
from dragoman.decode.runner import TorchRunner
from dragoman.decode.search import search
from dragoman.engine.model import Engine
from dragoman.grammar import newlines, utf8
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, DecodeOptions
from model_configs import EVERY, random_weights

SEARCHES = {
    "greedy": {"beam": 1},
    "beam": {"beam": 3, "n_best": 2},
    "wide": {"beam": 12, "n_best": 12, "max_length": 4},
    "default": {},
    "average": {"beam": 4, "n_best": 3, "penalty": "average"},
    "none": {"beam": 4, "penalty": "none"},
    "strong": {"beam": 4, "alpha": 3.0},
    "ends late": {"beam": 2, "min_length": 5},
    "cut": {"beam": 3, "n_best": 3, "max_length": 3},
    "cut greedily": {"beam": 1, "max_length": 2},
    "samples": {"temperature": 1.5, "n_best": 3, "seed": 4},
    "top k": {"top_k": 3, "n_best": 4},
    "top p": {"top_p": 0.7, "n_best": 4, "seed": -9},
    "all at once": {"temperature": 0.7, "top_k": 6, "top_p": 0.9, "n_best": 4, "min_length": 3},
}
SOURCES = [[5, 6, EOS], [EOS], [9, 8, 7, 6, 5, 4, EOS]]
LONGEST = 14
# The engine has no stored positions; without positions or residuals other orders of the same pieces are as likely, so
# that rounding decides between them.
WITHOUT = {"table", "positions_none", "no_residual"}
# Parts of characters, a line feed that is never produced, whole letters.
SPELLING = [b""] * 4 + [b"a", b"\xc3", b"\xa4", b"b\n", b"\xe2\x82", b"\xac", b"bc"]


def asked(page, config, weights, options, spelling, prefixes):
    flat = {name: tensor.ravel().tolist() for name, tensor in weights.items()}
    model = {"config": to_table(config), "weights": flat, "spelling": [list(spelled) for spelled in spelling]}
    return page.ask("search", **model, sources=SOURCES, options=options, longest=LONGEST, prefixes=prefixes)


def check(page, config, seed, options):
    compare(page, config, random_weights(config, seed, np.float32), options)


def compare(page, config, weights, options, prefixes=((), (), ())):
    """The page, torch and the engine find the same, and the page is told of the same ways as torch."""
    spelling = SPELLING[: config.target_vocabulary]
    grammar, wanted, told = utf8(spelling, newlines(spelling)), DecodeOptions(**options), defaultdict(list)
    network = Transformer(config)
    from_numpy(network, weights)
    runner, engine = TorchRunner(network), Engine(config, weights, threads=1)

    def watch(sentence, step, ways):
        told[sentence].append(ways)

    found = search(network, SOURCES, wanted, LONGEST, grammar, prefixes, watch=watch)
    fast = engine.search(SOURCES, wanted, LONGEST, grammar, prefixes)
    for sentence, answer in enumerate(asked(page, config, weights, options, spelling, prefixes)):
        given, expected = answer["found"], found[sentence]
        assert [one["ids"] for one in given] == [list(one.ids) for one in expected]
        assert [one["ids"] for one in given] == [list(one.ids) for one in fast[sentence]]
        assert [one["finished"] for one in given] == [one.finished for one in expected]
        assert [one["score"] for one in given] == pytest.approx([one.score for one in expected], abs=1e-4)
        targets = [one["ids"] for one in given if one["ids"]]
        forced = runner.score([SOURCES[sentence]] * len(targets), targets)
        for one, ours in zip(given, answer["forced"], strict=True):
            assert ours == pytest.approx(one["logProbabilities"], abs=1e-4)
        assert [ours for ours in answer["forced"] if ours] == [pytest.approx(row, abs=1e-4) for row in forced]
        assert len(answer["told"]) == len(told[sentence])
        for ours, theirs in zip(answer["told"], told[sentence], strict=True):
            assert [way["total"] for way in ours] == pytest.approx([way.total for way in theirs], abs=1e-4)
            assert [way["logProbability"] for way in ours] == pytest.approx(
                [way.log_probability for way in theirs], abs=1e-4
            )
            assert [(way["row"], way["piece"], way["fate"]) for way in ours] == [
                (way.row, way.piece, way.fate) for way in theirs
            ]


@pytest.mark.parametrize("options", SEARCHES.values(), ids=SEARCHES)
@pytest.mark.parametrize("name", ["default", "modern", "tie_target"])
def test_the_page_searches_as_torch_and_the_engine_do(page, name, options):
    for seed in range(4):
        check(page, EVERY[name], seed, options)


@pytest.mark.parametrize("options", SEARCHES.values(), ids=SEARCHES)
def test_the_page_goes_on_from_a_prefix_as_torch_and_the_engine_do(page, options):
    """The first one ends inside a character, the second holds a line feed, which is never produced elsewhere."""
    for seed in range(3):
        weights = random_weights(EVERY["default"], seed, np.float32)
        compare(page, EVERY["default"], weights, options, prefixes=[[8], [7], [4]])


@pytest.mark.slow
@pytest.mark.parametrize("options", SEARCHES.values(), ids=SEARCHES)
def test_the_page_searches_as_torch_and_the_engine_do_in_every_variant(page, options):
    for name in sorted(EVERY.keys() - WITHOUT):
        for seed in range(4, 10):
            check(page, EVERY[name], seed, options)


def level(config, seed):
    """Weights that give every piece one of two likelihoods, so that nearly all is a tie, and an exact one."""
    weights = {name: np.zeros_like(tensor) for name, tensor in random_weights(config, seed, np.float32).items()}
    weights["output.bias"] = np.random.default_rng(seed).choice([0, 1], config.vocab_size).astype(np.float32)
    return weights


@pytest.mark.parametrize("options", SEARCHES.values(), ids=SEARCHES)
def test_of_ways_that_are_equally_likely_the_same_are_taken(page, options):
    for seed in range(3):
        compare(page, EVERY["default"], level(EVERY["default"], seed), options)


@pytest.mark.parametrize("one_line", [True, False])
def test_what_may_be_produced_is_what_python_allows(page, one_line):
    draw = np.random.default_rng(1)
    edges = [0x00, 0x0A, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF, *range(0xE0, 0xF6), 0xFF]
    some = [bytes(draw.choice(edges, draw.integers(1, 6)).astype(np.uint8)) for _ in range(20_000)]
    spelling = [b""] * 4 + [bytes([byte]) for byte in range(256)] + some + [b"", "größe\n".encode()]
    grammar = utf8(spelling, newlines(spelling) if one_line else ())
    given = page.ask("grammar", spelling=[list(spelled) for spelled in spelling], oneLine=one_line)
    for state, row in enumerate(given):
        assert [end is not None for end in row] == grammar.allowed_QV[state].tolist()
        assert [end or 0 for end in row] == (grammar.next_QV[state] * grammar.allowed_QV[state]).tolist()


def test_options_are_read_as_in_python(page):
    """What is left out has the same default."""
    for options in ({}, *SEARCHES.values()):
        assert page.ask("options", options=options) == table_of(DecodeOptions(**options))
