"""A lexical shortlist: the search of some pieces is the search of a model that has no others."""

from dataclasses import replace

import numpy as np
import pytest

import tiny_bundle
from dragoman import bundle
from dragoman.cli import run
from dragoman.engine.cpu import kernel_names
from dragoman.engine.model import Engine
from dragoman.errors import CheckpointError, RequestError
from dragoman.options import EOS, DecodeOptions
from dragoman.shortlist import Shortlist
from dragoman.translator import Translator
from model_configs import EVERY, random_weights

WIDE = {name: replace(EVERY[name], vocab_size=200, target_vocab_size=None) for name in ("default", "ssru_post")}


@pytest.mark.parametrize("kernels", kernel_names())
@pytest.mark.parametrize("precision", ["float32", "bf16", "int8"])
@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("beam", [1, 3])
def test_the_pieces_of_a_list_are_searched_as_if_the_model_had_no_others(name, precision, kernels, beam):
    config = WIDE[name]
    weights = random_weights(config, 5, np.float32)
    engine = Engine(config, weights, precision, kernels, threads=2)
    draw = np.random.default_rng(6)
    sources = [[*draw.integers(4, 200, 5).tolist(), EOS] for _ in range(7)]
    sizes = (3, 63, 64, 65, 90, 1, 196)
    pieces = [np.sort(draw.choice(np.arange(4, 200), size, replace=False)).astype(np.int32) for size in sizes]
    options = DecodeOptions(beam=beam, n_best=beam, max_length=8, penalty="none")
    found = engine.search(sources, options, 14, pieces=pieces)
    for source, some, ours in zip(sources, pieces, found, strict=True):
        bias = np.full(200, -1e9, np.float32)
        bias[[*some, EOS]] = weights["output.bias"][[*some, EOS]]
        without = Engine(config, weights | {"output.bias": bias}, precision, kernels, threads=1)
        (alone,) = without.search([source], options, 14)
        assert [one.ids for one in ours] == [one.ids for one in alone]
        for one, other in zip(ours, alone, strict=True):
            assert np.allclose(one.token_log_probabilities, other.token_log_probabilities, atol=1e-5)
        (again,) = engine.search([source], options, 14, pieces=[some])  # whatever stands beside it
        assert again == ours


def test_a_list_of_all_changes_no_probability():
    config = WIDE["default"]
    engine = Engine(config, random_weights(config, 5, np.float32), threads=1)
    options = DecodeOptions(beam=3, max_length=8)
    everything = [np.arange(200, dtype=np.int32)] * 2
    sources = [[7, 8, EOS], [9, EOS]]
    for one, other in zip(
        engine.search(sources, options, 14, pieces=everything), engine.search(sources, options, 14), strict=True
    ):
        assert [a.ids for a in one] == [b.ids for b in other]
        assert np.allclose([a.score for a in one], [b.score for b in other], atol=1e-5)


def small(size: int) -> Shortlist:
    offsets = np.arange(size + 1, dtype=np.int64)
    return Shortlist(np.array([5, 6], np.int32), offsets, np.arange(size, dtype=np.int32))


def test_a_model_keeps_its_list(tmp_path, capsys):
    made = tiny_bundle.make()
    with_list = replace(made, shortlist=small(made.model.vocab_size))
    bundle.save(with_list, tmp_path / "m")
    found = bundle.load(tmp_path / "m").shortlist
    assert found is not None and found.of([9, 9, 12]).tolist() == [EOS, 5, 6, 9, 12]
    translator = Translator.load(tmp_path / "m")
    source = translator.source_ids(["the cat"])[0]
    assert run(["export", str(tmp_path / "m"), str(tmp_path / "hf"), "--to", "ctranslate2"]) == 0
    assert "without the lexical shortlist" in capsys.readouterr().err
    ids = translator.translate("the cat", DecodeOptions(beam=2, shortlist=True)).hypotheses[0].ids
    assert set(ids) <= set(found.of(source).tolist())
    with pytest.raises(RequestError, match="shortlist with sampling"):
        DecodeOptions(temperature=1.0, shortlist=True)


def test_a_model_without_a_list_says_so(tmp_path):
    bundle.save(tiny_bundle.make(), tmp_path / "m")
    with pytest.raises(RequestError, match="this model has none"):
        Translator.load(tmp_path / "m").translate("the cat", DecodeOptions(shortlist=True))


@pytest.mark.parametrize(
    "wrong",
    [{"always": np.array([10_000], np.int32)}, {"ids": np.array([-1], np.int32)}, {"offsets": np.zeros(3, np.int64)},
     {"always": np.zeros((1, 1), np.int32)}, {"ids": np.array([1.0], np.float32)}],
    ids=lambda wrong: next(iter(wrong)),
)  # fmt: skip
def test_a_list_of_another_model_is_refused(tmp_path, wrong):
    made = tiny_bundle.make()
    with pytest.raises(CheckpointError):
        bundle.save(replace(made, shortlist=replace(small(made.model.vocab_size), **wrong)), tmp_path / "m")
