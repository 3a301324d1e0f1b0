"""`dragoman bench`, and the counts of operations under it: those that the model's shape says."""

import json

import numpy as np
import pytest

from dragoman.architecture import ModelConfig
from dragoman.bundle import save
from dragoman.cli import run
from dragoman.engine.model import Costs, Engine
from dragoman.options import EOS, DecodeOptions
from model_configs import random_weights
from tiny_bundle import make

CONFIG = ModelConfig(
    vocab_size=300,
    d_model=24,
    encoder_layers=2,
    decoder_layers=3,
    heads=4,
    key_value_heads=2,
    feed_forward=40,
    max_positions=64,
)
SOURCES, STEPS = [[5, 6, 7, EOS], [8, EOS]], 6


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("beam", [1, 3])
def test_the_operations_of_a_search_are_counted(beam, threads):
    engine = Engine(CONFIG, random_weights(CONFIG, 1), threads=threads)
    costs: Costs = {}
    options = DecodeOptions(beam=beam, min_length=STEPS, max_length=STEPS)
    found = engine.search(SOURCES, options, 60, costs=costs)
    assert found == engine.search(SOURCES, options, 60)  # to measure changes nothing
    width, keys = CONFIG.d_model, CONFIG.d_model // 2
    read = sum(map(len, SOURCES))
    rows = len(SOURCES) * (1 + (STEPS - 1) * beam)
    projections = read * 2 * (2 * width * (2 * width + 2 * keys)) + rows * 3 * (2 * width * (4 * width + 2 * keys))
    assert costs["attention's matrices"][1] == projections
    assert costs["feed-forward's matrices"][1] == (2 * read + 3 * rows) * 2 * 2 * width * 40
    assert costs["memory's keys"][1] == read * 3 * 2 * width * 2 * keys
    assert costs["output's matrix"][1] == rows * 2 * width * 300
    looks = 2 * sum(len(source) ** 2 for source in SOURCES)
    for source in SOURCES:
        looks += 3 * (1 + len(source)) + 3 * beam * sum(step + len(source) for step in range(2, STEPS + 1))
    assert costs["attention's scores"][1] == looks * 4 * width
    assert all(seconds >= 0 for seconds, _, _ in costs.values()) and costs["search"][0] > 0


def test_it_shows_speed_and_operators(tmp_path, capsys):
    save(make(), tmp_path / "m")
    (tmp_path / "text").write_text("the cat sat\n\na dog ran after the mat\n")
    for more in ([], ["--text", str(tmp_path / "text")]):
        assert run(["bench", str(tmp_path / "m"), "--threads", "2", *more]) == 0
        out = capsys.readouterr().out
        assert "64 sentences, beam 4" in out and "output's matrix" in out and "GB/s" in out
    assert run(["bench", str(tmp_path / "m"), "--threads", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["model"] == "m" and found["processor"].endswith(" cores")
    assert len(found["cases"]) == 8 and {case["threads"] for case in found["cases"]} == {1, 2}
    for case in found["cases"]:
        assert np.isclose(sum(operator["share"] for operator in case["operators"]), 1)
        assert 0 < case["middle"] <= case["slow"]


def test_what_it_cannot_measure_is_refused(tmp_path, capsys):
    assert run(["bench", str(tmp_path / "none")]) == 2 and "no such folder" in capsys.readouterr().err
    save(make(), tmp_path / "m")
    assert run(["bench", str(tmp_path / "m"), "--precision", "int4"]) == 2
    assert "int4" in capsys.readouterr().err
