"""The ONNX graphs give the reference's numbers, and the example beside them dragoman's translations."""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest

import tiny_bundle
from dragoman import Translator, bundle
from dragoman.architecture import Experiment
from dragoman.cli import run
from dragoman.data.phrasebook import pairs
from dragoman.engine.model import Engine
from dragoman.errors import RequestError
from dragoman.options import EOS, DecodeOptions
from dragoman.reference.transformer import Transformer
from model_configs import VARIANTS, random_batch, random_weights

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
from dragoman.interchange import onnx_graph  # noqa: E402  (only where ONNX is)
from dragoman.interchange.onnx import decoder_step, encoder, export  # noqa: E402

EXPRESSED = {
    name: config
    for name, config in VARIANTS.items()
    if config.decoder_cell == "attention" and replace(config.experiment, scale_embeddings=True) == Experiment()
}


class Runtime:
    """Both graphs of a model in ONNX Runtime."""

    def __init__(self, config, weights):
        graphs = encoder(config, weights), decoder_step(config, weights)
        for graph in graphs:
            onnx.checker.check_model(graph, full_check=True)
        self.encoder, self.decoder = (onnxruntime.InferenceSession(graph.SerializeToString()) for graph in graphs)

    def start(self, source_BS, real_BS, rows):
        keys, values = self.encoder.run(None, {"source": source_BS, "real": real_BS})
        nothing = np.zeros((len(keys), rows, keys.shape[2], 0, keys.shape[4]), np.float32)
        return {"real": real_BS, "cross_keys": keys, "cross_values": values, "keys": nothing, "values": nothing}

    def step(self, state, target_RL):
        logits_RLV, state["keys"], state["values"] = self.decoder.run(None, {**state, "target": target_RL})
        return logits_RLV


@pytest.mark.parametrize("name", EXPRESSED)
def test_the_graphs_give_the_logits_of_the_reference_at_once_and_step_by_step(name):
    config = EXPRESSED[name]
    weights = random_weights(config, 3)
    runtime = Runtime(config, {key: tensor.astype(np.float32) for key, tensor in weights.items()})
    source_BS, real_BS, target_BT = random_batch(config, 1)
    expected = Transformer(config, weights).forward(source_BS, real_BS, target_BT)
    near = 1e-4 * max(1, abs(expected).max())
    for cuts in ([0, 6], [0, 1, 2, 3, 4, 5, 6], [0, 2, 3, 6]):
        state = runtime.start(source_BS, real_BS, len(source_BS))
        parts = [runtime.step(state, target_BT[:, a:b]) for a, b in pairwise(cuts)]
        assert np.concatenate(parts, axis=1) == pytest.approx(expected, abs=near)


def test_what_was_made_of_one_source_serves_several_rows():
    config = EXPRESSED["grouped_rotary"]
    runtime = Runtime(config, random_weights(config, 3, np.float32))
    source_BS, real_BS, target_BT = random_batch(config, 1)
    shared = runtime.step(runtime.start(source_BS[:1], real_BS[:1], 3), target_BT)
    own = runtime.step(runtime.start(source_BS[[0, 0, 0]], real_BS[[0, 0, 0]], 3), target_BT)
    assert shared == pytest.approx(own, abs=1e-5)


@pytest.mark.parametrize("name", ["default", "learned", "rotary"])
def test_a_place_that_the_model_does_not_have_is_an_error_there(name):
    config = EXPRESSED[name]
    runtime = Runtime(config, random_weights(config, 3, np.float32))
    long = np.ones((1, config.max_positions + 1), np.int64)
    with pytest.raises(Exception, match=r"dimension|out of data bounds"):
        runtime.start(long, long > 0, 1)
    state = runtime.start(long[:, 1:], long[:, 1:] > 0, 1)
    for _ in range(config.max_positions):
        runtime.step(state, long[:, :1])
    with pytest.raises(Exception, match="out of data bounds"):
        runtime.step(state, long[:, :1])


def bundle_of(joint=True, end=2.5, **changes):
    """A bundle of random weights whose translations are odd, full of bytes, and some of them endless."""
    plain = tiny_bundle.make(joint=joint)
    model = replace(plain.model, d_model=32, feed_forward=48, encoder_layers=2, max_positions=64)
    weights = random_weights(model, 3, np.float32)
    weights["output.bias"] = np.where(np.arange(len(weights["output.bias"])) == EOS, np.float32(end), np.float32(0))
    return replace(plain, model=model, weights=weights, alignment_heads=(), **changes)


def example(folder):
    """The example of an export, as a module of its own."""
    described = importlib.util.spec_from_file_location("example", folder / "example.py")
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


def ours(loaded):
    return Translator(loaded, Engine(loaded.model, loaded.weights, threads=1))


@pytest.mark.parametrize(
    ("joint", "end", "decode"),
    [
        (True, 2.5, {"beam": 1}),
        (True, 4.0, {"beam": 4, "penalty": "average"}),
        (False, 4.0, {"beam": 5, "penalty": "paper", "alpha": 1.0, "min_length": 8}),
        (True, 3.5, {"beam": 3, "penalty": "none", "max_length": 9}),
    ],
    ids=["greedy", "average", "paper", "cut"],
)
def test_the_example_translates_as_dragoman_does(tmp_path, joint, end, decode):
    loaded = bundle_of(joint, end, decode=decode)
    export(loaded, tmp_path / "onnx")
    texts = ["", "  ", "the cat sat", "a </s> <0x41> dog", "Ünal 🙂", *tiny_bundle.LINES[:3], "where", "on the mat"]
    theirs = example(tmp_path / "onnx")
    found = ours(loaded).translate(texts)
    assert [theirs.translate(text) for text in texts] == [one.text for one in found]
    assert len({one.text for one in found}) > 3
    if "max_length" in decode:
        assert any(not one.hypotheses[0].finished for one in found)


def test_the_example_asks_for_a_language_where_there_are_several(tmp_path):
    several = bundle_of(languages=("en", "de"), directions=(("en", "de"), ("en", "fr")))
    model = replace(several.model, vocab_size=several.model.vocab_size + 2)
    several = replace(several, model=model, weights=random_weights(model, 3, np.float32))
    export(several, tmp_path / "onnx")
    theirs, translator = example(tmp_path / "onnx"), ours(several)
    for to in ("de", "fr"):
        assert theirs.translate("the cat", to) == translator.translate("the cat", to=to).text
    with pytest.raises(ValueError, match="too many values"):
        theirs.translate("the cat")


def test_a_source_that_does_not_end_with_a_piece_of_its_own(tmp_path):
    unended = bundle_of(source_ended=False)
    export(unended, tmp_path / "onnx")
    text = "the cat sat"
    assert example(tmp_path / "onnx").translate(text) == ours(unended).translate(text).text
    assert ours(unended).translate(text).text != ours(bundle_of()).translate(text).text


def test_what_cannot_be_said_there_is_refused(tmp_path, monkeypatch):
    plain = bundle_of()
    for changes, words in (
        ({"experiment": Experiment(residual=False)}, r"model\.experiment"),
        ({"decoder_cell": "ssru"}, r"model\.decoder_cell=ssru"),
    ):
        with pytest.raises(RequestError, match=words):
            export(replace(plain, model=replace(plain.model, **changes)), tmp_path / "onnx")
    monkeypatch.setattr(onnx_graph, "MOST_BYTES", 10_000)
    with pytest.raises(RequestError, match="a file at most 2 GB"):
        export(plain, tmp_path / "onnx")
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_a_folder_that_needs_no_dragoman(tmp_path, capsys):
    bundle.save(bundle_of(), tmp_path / "m")
    assert run(["export", str(tmp_path / "m"), str(tmp_path / "x"), "--to", "onnx", "--quantization", "int8"]) == 2
    assert "onnx has none" in capsys.readouterr().err
    assert run(["export", str(tmp_path / "m"), str(tmp_path / "x"), "--to", "onnx"]) == 0
    assert "example.py" in capsys.readouterr().err
    program = (
        "import sys, runpy; sys.modules.update(dragoman=None, torch=None, onnx=None);"
        f"runpy.run_path({str(tmp_path / 'x' / 'example.py')!r}, run_name='__main__')"
    )
    text = b"the cat\na dog\n"
    done = subprocess.run([sys.executable, "-c", program], input=text, capture_output=True, timeout=60, check=True)
    expected = [one.text for one in ours(bundle_of()).translate(["the cat", "a dog"])]
    assert done.stdout.decode().splitlines() == expected


@pytest.mark.slow
def test_the_example_gives_two_hundred_translations_of_a_model_that_ships(tmp_path):
    export(bundle.load("de-en"), tmp_path / "onnx")
    texts = [pair.target for split in ("test_combinations", "test_longer") for pair in islice(pairs(split, 100), 100)]
    translator = Translator.load("de-en", device="cpu", precision="float32")
    found = [one.text for one in translator.translate(texts, DecodeOptions(beam=4, penalty="average"))]
    theirs = example(tmp_path / "onnx")
    assert [theirs.translate(text) for text in texts] == found
