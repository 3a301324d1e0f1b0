"""The X-ray: no error where nothing changed, the planted one where something did, and its table, JSON and page."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

pytest.importorskip("torch")
from dragoman import bundle
from dragoman.architecture import ModelConfig
from dragoman.cli import run
from dragoman.cli.xray_report import Report
from dragoman.compress.quantize import quantized
from dragoman.compress.xray import OUTSTANDING, layer_errors, names, parting
from dragoman.engine.model import Engine
from dragoman.evaluate.significance import Difference
from dragoman.options import BOS, EOS
from model_configs import PLAIN, random_weights
from trained_model import model, trained

__all__ = ["model", "trained"]
PAIRS = [([4, 5, 6, 3], [7, 8, 3]), ([9, 3], [4, 5, 6, 7, 3])]
CONFIG = replace(PLAIN, d_model=32, feed_forward=24)


def engine(weights):
    return Engine(CONFIG, weights, threads=1)


def test_layers_are_what_the_layers_give():
    """The last row of the stack, normed, gives the logits; the first depends on nothing after it."""
    weights = random_weights(CONFIG, 1)
    one = engine(weights)
    encoder, decoder = one.layers([4, 5, 3], [2, 6, 7])
    assert encoder.shape == (2, 3, 32) and decoder.shape == (2, 3, 32)
    x = decoder[-1].astype(np.float64)
    normed = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + CONFIG.norm_epsilon)
    normed = normed * weights["decoder.norm.weight"] + weights["decoder.norm.bias"]
    logits = normed @ weights["embedding.weight"].T + weights["output.bias"]
    np.testing.assert_allclose(logits, one.logits([4, 5, 3], [2, 6, 7]), atol=1e-4)
    again = one.layers([4, 5, 3], [2, 6])[1]
    assert (again == decoder[:, :2]).all()


def test_layers_are_the_same_with_many_threads():
    """What is told of the last layer was, for some rows, what the norm behind it had already changed."""
    config = ModelConfig(
        vocab_size=300, d_model=64, encoder_layers=2, decoder_layers=2, heads=4, feed_forward=64, norm="pre"
    )
    weights = random_weights(config, 1)
    source, target = [*range(4, 200), EOS], [BOS, *range(50, 250)]
    expected = Engine(config, weights, threads=1).layers(source, target)
    crew = Engine(config, weights, threads=3)
    for _ in range(30):
        for found, wanted in zip(crew.layers(source, target), expected, strict=True):
            assert np.array_equal(found, wanted)


def test_an_error_shows_from_the_layer_on_in_which_it_is():
    weights = random_weights(CONFIG, 1)
    name = "decoder.layers.1.feed_forward.up.weight"
    changed = weights | {name: weights[name] + 0.1}
    found = layer_errors(engine(weights), engine(changed), PAIRS)
    assert (
        [layer.name for layer in found]
        == names(engine(weights))
        == ["encoder 1", "encoder 2", "decoder 1", "decoder 2"]
    )
    assert [layer.error for layer in found[:3]] == [0, 0, 0] and found[3].error > 0.01
    assert found[3].worst >= found[3].error


def test_a_channel_that_stands_out_is_counted():
    weights = random_weights(CONFIG, 1)
    loud = weights["encoder.layers.0.feed_forward.down.bias"].copy()
    loud[5] = 100
    found = layer_errors(engine(weights | {"encoder.layers.0.feed_forward.down.bias": loud}), engine(weights), PAIRS)
    assert found[0].outstanding >= 1 and found[0].loudest > OUTSTANDING


def test_a_parting_is_the_first_other_piece():
    weights = random_weights(CONFIG, 1)
    rough = quantized(CONFIG, {name: tensor.astype(np.float32) for name, tensor in weights.items()})
    small = Engine(CONFIG, rough, "int8", threads=1)
    found = parting(engine(weights), small, 7, PAIRS[0][0], [4, 5, 6, 3], [4, 5, 8, 8, 3])
    assert (found.sentence, found.position, found.first, found.second) == (7, 2, 6, 8)
    logits = engine(weights).logits(PAIRS[0][0], [2, 4, 5])[-1]
    assert found.first_margin == pytest.approx(logits[6] - logits[8], abs=1e-5)
    assert parting(engine(weights), small, 7, PAIRS[0][0], [4, 3], [4, 3]) is None


class Checked(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_command_shows_tables_json_and_a_page(model, trained, tmp_path, capsys):
    small, page = str(tmp_path / "small"), tmp_path / "x.html"
    assert run(["quantize", model, small]) == 0
    given = ["--source", str(trained / "train.en"), "--reference", str(trained / "train.de")]
    capsys.readouterr()
    assert run(["xray", model, small, *given, "-o", str(page)]) == 0
    said = capsys.readouterr().out
    for word in ("float32", "int8", "BLEU", "chrF2++", "95 % interval", "the same translation", "decoder 1"):
        assert word in said
    assert run(["xray", model, small, *given, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sentences"] == 100 and found["precisions"] == ["float32", "int8"]
    assert found["bytes"][0] > found["bytes"][1] and 0.9 <= found["same"] <= 1
    assert abs(found["loss_change_percent"]) < 2 and found["verdict"] in said
    parser = Checked()
    parser.feed(page.read_text())
    assert not parser.open and "script" not in parser.tags and found["verdict"] in page.read_text()


def test_two_models_of_different_kinds_are_refused(model, trained, tmp_path, capsys):
    loaded = bundle.load(model)
    other = replace(loaded, model=replace(loaded.model, norm="post" if loaded.model.norm == "pre" else "pre"))
    weights = {name: tensor.astype(np.float32) for name, tensor in random_weights(other.model, 1).items()}
    bundle.save(replace(other, weights=weights), tmp_path / "other")
    given = ["--source", str(trained / "train.en"), "--reference", str(trained / "train.de")]
    assert run(["xray", model, str(tmp_path / "other"), *given]) == 2
    assert "is not a smaller" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("low", "high", "loss", "words"),
    [
        (-0.1, 0.3, 2.0, "Nothing is lost"),
        (-0.45, -0.15, 2.0, "It costs quality: 0.30 BLEU"),
        (-0.9, 0.3, 2.0, "cannot rule out a loss: BLEU may fall by 0.90"),
        (-0.1, 0.3, 2.1, "changes by +5.00 %"),
        (None, None, 2.0, "12 sentences are too few"),
    ],
)
def test_the_verdict_follows_the_intervals(low, high, loss, words):
    bleu = Difference(name="BLEU", first=40.0, second=39.7, low=low, high=high, p=None if low is None else 0.01)
    report = Report(
        names=("a", "b"), precisions=("float32", "int8"), bytes=(4, 1), seconds=(1.0, 1.0), sentences=12,
        differences=(bleu,), loss=(2.0, loss), same=0.9, layers=(), examples=(),
    )  # fmt: skip
    assert words in report.verdict


def test_hostile_text_stays_text_and_a_page_that_cannot_be_is_refused_first(model, trained, tmp_path, capsys):
    small, page = str(tmp_path / "small"), tmp_path / "x.html"
    assert run(["quantize", model, small]) == 0
    for side, text in (("en", "the dog <script>alert(1)</script> &amp; \x1b[31m"), ("de", "der Hund")):
        (tmp_path / f"t.{side}").write_text(f"{text}\n" * 3)
    given = ["--source", str(tmp_path / "t.en"), "--reference", str(tmp_path / "t.de")]
    assert run(["xray", model, small, *given, "-o", str(page)]) == 0
    assert "3 sentences are too few" in capsys.readouterr().out
    assert "<script" not in page.read_text() and "\x1b" not in page.read_text()
    assert run(["xray", model, small, *given, "-o", str(tmp_path / "no" / "x.html")]) == 2
    assert capsys.readouterr().out == ""
    assert run(["xray", small, model, *given]) == 2
    assert "write them the other way round" in capsys.readouterr().err
