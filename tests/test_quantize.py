"""int8 and bfloat16 weights: near the float ones, whole on disk, the engine's own rounding."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors

import tiny_bundle
from dragoman import Translator
from dragoman.bundle import load, save
from dragoman.cli import run
from dragoman.compress.quantize import quantized, rounded
from dragoman.engine.model import Engine
from dragoman.errors import CheckpointError, RequestError
from dragoman.options import DecodeOptions
from dragoman.weights import Dequantized, encode, layout, matrices
from model_configs import EVERY, PLAIN, random_weights
from tiny_bundle import forge, the_fault

INT8 = "weights.int8.safetensors"


def test_a_worked_example():
    weight = np.array([[1.0, -0.5, 0.26], [0.0, 0.0, 0.0], [-1270.0, 15.0, 25.0]], np.float32)
    steps, scales = rounded(weight)
    assert steps.tolist() == [[127, -64, 33], [0, 0, 0], [-127, 2, 2]]  # 63.5 and 1.5 go to the even step, 2.5 as well
    assert scales.tolist() == [np.float32(1 / 127), 0.0, 10.0]


@pytest.mark.parametrize("seed", range(5))
def test_a_weight_is_off_by_half_a_step_at_most(seed):
    weight = np.random.default_rng(seed).standard_normal((20, 30)).astype(np.float32)
    steps, scales = rounded(weight)
    assert np.abs(steps).max(1).tolist() == [127] * 20
    assert (np.abs(steps * scales[:, None] - weight) <= scales[:, None] * 0.5001).all()


@pytest.mark.parametrize("name", EVERY)
def test_the_engine_rounds_float_weights_to_the_same(name):
    config = EVERY[name]
    weights = {key: tensor.astype(np.float32) for key, tensor in random_weights(config, 2).items()}
    source, target = [4, 5, 6, 3], [2, 4, 5]
    stored = Engine(config, quantized(config, weights), "int8").logits(source, target)
    assert (Engine(config, weights, "int8").logits(source, target) == stored).all()
    near = Engine(config, Dequantized(quantized(config, weights)), "float32").logits(source, target)
    assert np.abs(near - stored).max() < 0.2 * max(1, np.abs(near).max())


def test_what_is_no_matrix_stays_float():
    config = EVERY["learned"]
    names = set(matrices(config))
    assert "embedding.weight" in names and "encoder.layers.0.feed_forward.up.weight" in names
    assert not any("norm" in name or "bias" in name or "positions" in name for name in names)
    assert set(layout(config, "int8")) == set(layout(config, "float32")) | {f"{name}.scale" for name in names}


@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize("precision", ["int8", "bf16"])
def test_a_smaller_model_is_saved_and_loaded(tmp_path, capsys, joint, precision):
    save(tiny_bundle.make(joint=joint), tmp_path / "m")
    assert run(["quantize", str(tmp_path / "m"), str(tmp_path / "small"), "--precision", precision]) == 0
    assert f"{tmp_path / 'small'}: " in capsys.readouterr().err
    big, small = load(tmp_path / "m"), load(tmp_path / "small")
    names = {path.name for path in (tmp_path / "small").iterdir()}
    assert (INT8 in names, "weights.safetensors" in names) == ((True, False) if precision == "int8" else (False, True))
    assert dict(small.weights).keys() == dict(big.weights).keys()
    for name, tensor in big.weights.items():
        step = np.abs(tensor).max() / (254 if precision == "int8" else 256)
        assert small.weights[name].dtype == np.float32
        assert np.abs(small.weights[name] - tensor).max() <= step * 1.001
    assert run(["verify", str(tmp_path / "small")]) == 0
    assert Translator.load(tmp_path / "small").runner.precision == precision
    found = Translator.load(tmp_path / "small", precision="float32").translate("the cat", DecodeOptions(beam=2))
    assert np.isfinite(found.score)


def test_bfloat16_is_what_the_library_reads(tmp_path):
    save(replace(tiny_bundle.make(), master="bf16"), tmp_path / "m")
    with safetensors.safe_open(tmp_path / "m" / "weights.safetensors", "np") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"BF16"}  # noqa: SIM118
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    assert shapes == {name: shape for name, (_, shape) in layout(load(tmp_path / "m").model, "bf16").items()}


def test_both_weights_in_one_model(tmp_path):
    plain = tiny_bundle.make()
    save(replace(plain, int8=quantized(plain.model, plain.weights)), tmp_path / "m")
    assert Translator.load(tmp_path / "m").runner.precision == "int8"
    assert Translator.load(tmp_path / "m", precision="float32").runner.precision == "float32"
    assert (load(tmp_path / "m").weights["embedding.weight"] == plain.weights["embedding.weight"]).all()


def test_what_cannot_be_is_refused(tmp_path, capsys):
    plain = tiny_bundle.make()
    save(plain, tmp_path / "m")
    m, small = str(tmp_path / "m"), str(tmp_path / "small")
    for arguments, words in (
        (["quantize", m, small, "--precision", "int4"], "--precision int4: allowed are int8 and bf16"),
        (["quantize", m, m], "whose weights would be lost"),
        (["quantize", str(tmp_path / "no"), small], "no such folder"),
        (["quantize", m, str(tmp_path)], "holds other files; name a new folder"),
    ):
        assert run(arguments) == 2
        assert words in capsys.readouterr().err
    assert not (tmp_path / "small").exists()
    assert run(["quantize", m, small]) == 0
    assert run(["quantize", small, str(tmp_path / "smaller")]) == 2
    assert "holds int8 weights alone" in capsys.readouterr().err
    with pytest.raises(CheckpointError, match="no weights to save"):
        save(replace(plain, master=None), tmp_path / "none")
    with pytest.raises(CheckpointError, match="tensor"):
        Engine(PLAIN, quantized(plain.model, plain.weights), "int8")
    with pytest.raises(RequestError, match="is the engine's"):
        Translator.load(m, device="torch", precision="int8")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda data: data.replace(b'"I8"', b'"U8"'), "I8 is wanted here"),
        (lambda data: data[:-1] + b"\x80", "holds -128"),
        (lambda data: data[:-8], "bytes of tensors"),
        (lambda data: data.replace(b"embedding.weight.scale", b"embedding.weight.scalf"), "no tensor embedding"),
    ],
    ids=["type", "-128", "short", "name"],
)
def test_a_wrong_int8_file_is_refused(tmp_path, edit, said):
    plain = tiny_bundle.make()
    save(replace(plain, int8=quantized(plain.model, plain.weights), master=None), tmp_path / "m")
    forge(tmp_path / "m", INT8, edit((tmp_path / "m" / INT8).read_bytes()))
    assert said in the_fault(tmp_path / "m")


def test_a_manifest_without_weights_is_refused(tmp_path):
    save(tiny_bundle.make(), tmp_path / "m")
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_text())
    del manifest["files"]["weights.safetensors"]
    (tmp_path / "m" / "manifest.json").write_text(json.dumps(manifest))
    assert f"names neither weights.safetensors nor {INT8}" in the_fault(tmp_path / "m")


def test_a_trained_model_is_never_replaced(tmp_path, capsys):
    save(tiny_bundle.make(seed=1), tmp_path / "m")
    save(tiny_bundle.make(seed=2), tmp_path / "other")
    assert run(["quantize", str(tmp_path / "m"), str(tmp_path / "other"), "--precision", "bf16"]) == 2
    assert "whose weights would be lost" in capsys.readouterr().err
    assert load(tmp_path / "other").master == "float32"
    assert run(["quantize", str(tmp_path / "m"), str(tmp_path / "small")]) == 0
    assert run(["quantize", str(tmp_path / "other"), str(tmp_path / "small"), "--precision", "bf16"]) == 0
    (tmp_path / "small" / "training").mkdir()
    assert run(["quantize", str(tmp_path / "m"), str(tmp_path / "small")]) == 2


def test_the_card_and_the_provenance_say_so(tmp_path):
    save(replace(tiny_bundle.make(), card="# A model\n"), tmp_path / "m")
    assert run(["quantize", str(tmp_path / "m"), str(tmp_path / "small")]) == 0
    small = load(tmp_path / "small")
    assert small.card.startswith("# A model\n\n") and "rounded to int8" in small.card
    assert small.provenance["quantized"]["precision"] == "int8"


def test_numbers_at_the_edge_of_float32():
    tiny, large = np.full((2, 3), 1e-38, np.float32), np.full((2, 3), 3e38, np.float32)
    assert (rounded(tiny)[0] == 0).all() and (rounded(tiny)[1] == 0).all()
    assert np.isfinite(rounded(large)[1]).all() and (rounded(large)[0] == 127).all()
    plain = tiny_bundle.make()
    weights = dict(plain.weights) | {"output.bias": np.full_like(plain.weights["output.bias"], 3.4e38)}
    with pytest.raises(CheckpointError, match=r"output\.bias holds numbers that are not finite"):
        encode(weights, plain.model, "bf16", Path("w"))


@pytest.mark.slow
def test_five_thousand_damaged_files_give_our_error_or_a_model_that_works(tmp_path):
    """Their checksums are right: what is tested is that nothing in a file can do harm."""
    plain, m = tiny_bundle.make(), tmp_path / "m"
    save(replace(plain, int8=quantized(plain.model, plain.weights), master=None), m)
    whole = (m / INT8).read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    draw = np.random.default_rng(11)
    refused = 0
    for number in range(5000):
        data = bytearray(whole)
        for _ in range(int(draw.integers(1, 5))):
            at = int(draw.integers(header if number % 3 else len(data)))
            kind = int(draw.integers(4))
            if kind == 0:
                data[at] = int(draw.integers(256))
            elif kind == 1:
                del data[at : at + int(draw.integers(1, 9))]
            elif kind == 2:
                data[at:at] = draw.bytes(int(draw.integers(1, 9)))
            else:
                other = int(draw.integers(len(data)))
                data[at : at + 4] = data[other : other + 4]
        forge(m, INT8, bytes(data))
        try:
            translator = Translator.load(m, threads=1)
        except CheckpointError:
            refused += 1
            continue
        try:
            translator.translate("the cat", DecodeOptions(beam=2, max_length=3))
        except RequestError as error:  # a scale may have become so large that the sums overflow, which is said
            assert "overflow" in str(error)
    assert 2500 < refused < 5000
