"""A bundle comes back bit for bit; whatever is wrong with one on disk is found and said in a line."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from dragoman import bundle as bundles
from dragoman.architecture import parameter_count, parameters
from dragoman.bundle import describe, load, save, verify
from dragoman.errors import CheckpointError
from dragoman.text.tokenizer import Tokenizer
from tiny_bundle import forge, make, the_fault


@pytest.fixture(scope="module")
def bundle():
    return make()


@pytest.fixture
def folder(bundle, tmp_path):
    save(bundle, tmp_path / "model")
    return tmp_path / "model"


def assert_same(given, wanted):
    assert list(given.weights) == list(parameters(wanted.model))
    for name, tensor in wanted.weights.items():
        assert given.weights[name].dtype == np.float32 and given.weights[name].tobytes() == tensor.tobytes()
    assert given.source_tokenizer.to_json() == wanted.source_tokenizer.to_json()
    assert given.target_tokenizer.to_json() == wanted.target_tokenizer.to_json()
    for name in ("model", "languages", "decode", "alignment_heads", "provenance", "card"):
        assert getattr(given, name) == getattr(wanted, name)


def test_a_bundle_comes_back_bit_for_bit(bundle, folder):
    again = load(folder)
    assert_same(again, bundle)
    assert again.target_tokenizer is again.source_tokenizer
    assert all(tensor.flags.writeable and tensor.flags.aligned for tensor in again.weights.values())
    assert verify(folder) == []


def test_separate_tokenizers_come_back(tmp_path):
    separate = make(joint=False)
    save(separate, tmp_path)
    assert_same(load(tmp_path), separate)
    assert {"source.tokenizer.json", "target.tokenizer.json"} < set(os.listdir(tmp_path))
    assert "tokenizer.json" not in os.listdir(tmp_path)


def test_special_numbers_and_views_come_back(bundle, tmp_path):
    name = "embedding.weight"
    tensor = np.zeros(bundle.weights[name].shape[::-1], np.float32).T  # not contiguous
    tensor[0] = [-0.0, 1e-45, np.finfo(np.float32).max, np.finfo(np.float32).min]
    special = replace(bundle, weights={**bundle.weights, name: tensor})
    save(special, tmp_path)
    assert_same(load(tmp_path), special)


def test_the_library_reads_the_same_weights(bundle, folder):
    for name, tensor in safetensors.numpy.load_file(folder / "weights.safetensors").items():
        assert np.array_equal(tensor, bundle.weights[name])


def test_describe_tells_without_the_numbers(bundle, folder):
    weights = folder / "weights.safetensors"
    whole = weights.read_bytes()
    start = 8 + int.from_bytes(whole[:8], "little")
    weights.write_bytes(whole[:start] + bytes(len(whole) - start))  # only the header says how they are stored
    told = describe(folder)
    assert told["weights"] == ["float32"]
    assert told["parameters"] == parameter_count(bundle.model)
    assert told["languages"] == ["en", "de"] and told["tokenizer"]["joint"]
    assert told["bytes"] == sum(path.stat().st_size for path in folder.iterdir() if path.name != "manifest.json")
    assert told["provenance"] == bundle.provenance
    assert json.loads(json.dumps(told)) == told
    weights.unlink()
    with pytest.raises(CheckpointError, match=r"weights\.safetensors: missing"):
        describe(folder)


def test_a_bundle_needs_no_torch():
    code = "import sys, dragoman.bundle; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


FILES = ("manifest.json", "config.json", "tokenizer.json", "weights.safetensors", "card.md")


@pytest.mark.parametrize("name", FILES)
def test_every_damage_is_found_and_named(folder, name):
    path = folder / name
    whole = path.read_bytes()
    for cut in (whole[:0], whole[:-1], whole[: len(whole) // 2], bytes(len(whole))):
        path.write_bytes(cut)
        assert name in the_fault(folder)
    for place in np.linspace(0, len(whole) - 1, min(200, len(whole)), dtype=int):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << (place % 8)
        path.write_bytes(flipped)
        message = the_fault(folder)
        assert name in message or name == "manifest.json"
    path.unlink()
    assert name in the_fault(folder)
    path.mkdir()
    assert name in the_fault(folder)
    path.rmdir()
    os.mkfifo(path)  # opening it would wait for ever
    assert name in the_fault(folder)
    path.unlink()
    path.write_bytes(whole)
    assert verify(folder) == []


def test_verify_names_every_damaged_file(folder):
    for name in ("card.md", "weights.safetensors"):
        (folder / name).write_bytes(b"")
    assert [name for name in FILES if any(name in problem for problem in verify(folder))] == [
        "weights.safetensors",
        "card.md",
    ]


def test_no_bundle_is_said_so(tmp_path):
    (tmp_path / "model.pt").write_bytes(b"PK\x03\x04")
    assert "no such folder" in the_fault(tmp_path / "nothing")
    assert "no such folder" in the_fault(tmp_path / "a\0b")
    assert "no model here" in the_fault(tmp_path)
    assert "a model is a folder (.pt files are not read)" in the_fault(tmp_path / "model.pt")


def test_a_folder_that_hides_a_model_that_ships_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "en-de").mkdir()
    assert "a folder without a model, which hides the one that ships by its name; rename it" in the_fault(Path("en-de"))


@pytest.mark.parametrize(
    "head",
    [
        b"PK\x03\x04torch",
        b"\x80\x02}q\0(X\0",
        b"\x80\x04\x95\x10\0\0\0\0\0\0\0",
        b"\x80\x05\x95\0\0\0\0\0\0\0\0",
    ],
)
@pytest.mark.parametrize("summed", [True, False], ids=["summed", "unsummed"])
def test_a_pickle_is_refused_by_its_first_bytes(folder, head, summed):
    if summed:
        forge(folder, "weights.safetensors", head + bytes(100))
    else:
        (folder / "weights.safetensors").write_bytes(head + bytes(100))
    assert "a pickle or .pt file, which could run code" in the_fault(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: {"weights": {**b.weights, "output.bias": np.full(300, np.nan, np.float32)}}, "not finite"),
        (lambda b: {"weights": {**b.weights, "output.bias": np.zeros(300)}}, "output.bias is float64"),
        (lambda b: {"weights": {**b.weights, "output.bias": np.zeros((300, 1), np.float32)}}, "shape"),
        (lambda b: {"weights": {}}, "no tensor"),
        (lambda b: {"weights": {**b.weights, "x": np.zeros(1, np.float32)}}, "tensor 'x'"),
        (lambda b: {"model": replace(b.model, vocab_size=301)}, "300 pieces, the model has 301"),
        (lambda b: {"decode": {"beam": 0}}, "beam=0"),
        (lambda b: {"languages": ("en", "")}, "two codes"),
        (lambda b: {"alignment_heads": ((2, 0),)}, "layers 0 to 1"),
        (lambda b: {"provenance": {"loss": float("nan")}}, "cannot be written as JSON"),
        (lambda b: {"provenance": {"path": bundles}}, "cannot be written as JSON"),
        (lambda b: {"card": "\ud800"}, "lone surrogate"),
        (lambda b: {"card": "x" * (5 << 20)}, "at most"),
    ],
)  # fmt: skip
def test_what_could_not_be_read_again_is_not_written(bundle, folder, change, said):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(CheckpointError, match=said):
        save(replace(bundle, **change(bundle)), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_tokenizer_of_a_bundle_is_loaded_by_its_folder(tmp_path):
    joint, apart = make(1, joint=True), make(1, joint=False)
    save(joint, tmp_path / "joint")
    save(apart, tmp_path / "apart")
    assert Tokenizer.load(tmp_path / "joint").to_json() == joint.source_tokenizer.to_json()
    with pytest.raises(CheckpointError, match='side="source" or side="target"'):
        Tokenizer.load(tmp_path / "apart")
    for side in ("source", "target"):
        assert Tokenizer.load(tmp_path / "joint", side).to_json() == joint.source_tokenizer.to_json()
    assert Tokenizer.load(tmp_path / "apart", "target").to_json() == apart.target_tokenizer.to_json()
