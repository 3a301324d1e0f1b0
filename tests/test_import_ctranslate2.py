"""Models of CTranslate2 become ours: a real one with the outputs of its own program, and what we exported."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tiny_bundle
from damage import check_mutations
from dragoman import bundle
from dragoman.architecture import parameters
from dragoman.cli import run
from dragoman.errors import CheckpointError, DragomanError, RequestError
from dragoman.interchange import ctranslate2, importing
from dragoman.interchange.importing import Given
from dragoman.options import DecodeOptions
from dragoman.translator import Translator
from foreign_models import proto

FOLDER = "weights-aren-transliteration"


def imported(shared: Path, name: str, tmp_path: Path, precision: str | None = None) -> Translator:
    given = Given(path=shared / FOLDER / name, tokenizer="characters", languages=("ar", "en"))
    bundle.save(importing.read(given, "ctranslate2"), tmp_path / name)
    return Translator.load(tmp_path / name, precision=precision)


def tiny(**changes: object) -> bundle.Bundle:
    made = tiny_bundle.make()
    model = replace(made.model, **changes)
    draw = np.random.default_rng(2)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()}
    return replace(made, model=model, weights=weights, alignment_heads=())


def first_end(translator: Translator, source: str) -> float:
    """How likely the empty translation is: CTranslate2 leaves it out of the first step's distribution."""
    return float(np.exp(translator.score([source], [""])[0].token_log_probabilities[0]))


@pytest.mark.real_data(FOLDER)
def test_transliteration_gives_the_outputs_of_its_own_program(shared, tmp_path):
    translator = imported(shared, "model.bin", tmp_path)
    same = 0
    rows = json.loads((shared / FOLDER / "reference_outputs.json").read_text())
    for row in rows:
        source = "".join(row["source"])
        if "forced_target" in row:
            (found,) = translator.score([source], ["".join(row["forced_target"][:-1])])
            assert np.allclose(found.token_log_probabilities, row["token_log_probs"], atol=1e-4)
            continue
        beam = row["beam_size"]
        found = translator.translate(source, DecodeOptions(beam=beam, penalty="none" if beam == 1 else "average"))
        same += found.text == "".join(row["target"])
        divisor = 1 if beam == 1 else len(found.hypotheses[0].ids)
        theirs = found.score - np.log1p(-first_end(translator, source)) / divisor
        assert abs(theirs - row["score"]) < 1e-4
    assert same == 60 == len(rows) - 1


@pytest.mark.real_data(FOLDER)
@pytest.mark.parametrize("name", ["model-i8.bin", "model-i16.bin"])
def test_a_quantized_file_says_what_its_own_program_says_of_it(shared, tmp_path, name):
    engine = pytest.importorskip("ctranslate2")
    translator = imported(shared, name, tmp_path, "float32")
    folder = tmp_path / "theirs"
    folder.mkdir()
    shutil.copy(shared / FOLDER / name, folder / "model.bin")
    for side in ("source", "target"):
        shutil.copy(shared / FOLDER / f"{side}_vocabulary.txt", folder)
    peer = engine.Translator(str(folder), compute_type="float32")
    rows = [row for row in json.loads((shared / FOLDER / "reference_outputs.json").read_text()) if "beam_size" in row]
    for row in rows:
        beam = row["beam_size"]
        penalty = "none" if beam == 1 else "average"
        found = translator.translate("".join(row["source"]), DecodeOptions(beam=beam, penalty=penalty))
        (theirs,) = peer.translate_batch([row["source"]], beam_size=beam, length_penalty=float(beam > 1))
        assert found.text == "".join(theirs.hypotheses[0])


@pytest.mark.real_data(FOLDER)
def test_int8_stays_the_same_whole_numbers(shared, tmp_path):
    translator = imported(shared, "model-i8.bin", tmp_path)
    assert translator.bundle.master is None
    whole = bundle.load(tmp_path / "model-i8.bin")
    assert bundle.describe(tmp_path / "model-i8.bin")["weights"] == ["int8"]
    floats = importing.read(Given(path=shared / FOLDER / "model.bin", tokenizer="characters"), "ctranslate2").weights
    for name, tensor in floats.items():
        assert np.abs(whole.weights[name] - tensor).max() <= np.abs(tensor).max() / 127 + 1e-7


@pytest.mark.parametrize("precision", ["float32", "int8"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"norm": "post"}, {"activation": "gelu"}, {"activation": "swiglu"}, {"norm_kind": "rms"},
     {"tie": "none"}, {"tie": "target"}, {"positions": "rotary"}, {"key_value_heads": 1}, {"positions": "learned"}],
    ids=str,
)  # fmt: skip
def test_what_we_exported_comes_back_bit_for_bit(tmp_path, changes, precision):
    made = tiny(**changes)
    ctranslate2.export(made, tmp_path / "out", precision)
    found = importing.read(Given(path=tmp_path / "out"))
    assert found.source_ended and found.source_tokenizer.to_json() == made.source_tokenizer.to_json()
    assert found.card == made.card
    if precision == "int8":
        assert found.int8 is not None and set(found.weights) == set(made.weights)
        for name, tensor in made.weights.items():
            assert np.abs(found.weights[name] - tensor).max() <= np.abs(tensor).max() / 250, name
        return
    assert set(found.weights) == set(made.weights)
    for name, tensor in made.weights.items():
        assert np.array_equal(found.weights[name], tensor), name


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_damage_is_told_or_does_no_harm(tmp_path, precision, mutations):
    ctranslate2.export(tiny(positions="learned", max_positions=8), tmp_path / "out", precision)
    check_mutations(tmp_path / "out", tmp_path / "x", mutations(240))


def test_a_tokenizer_of_another_model_is_refused(tmp_path):
    ctranslate2.export(tiny(), tmp_path / "out")
    (tmp_path / "out" / "tokenizer.json").unlink()
    (tmp_path / "other.model").write_bytes(proto("unigram nfkc"))
    with pytest.raises(RequestError, match="less than half of the pieces"):
        importing.read(Given(path=tmp_path / "out", tokenizer=str(tmp_path / "other.model")))


def test_what_is_not_known_is_named(tmp_path):
    ctranslate2.export(tiny(), tmp_path / "out")
    config = tmp_path / "out" / "config.json"
    table = json.loads(config.read_text())
    config.write_text(json.dumps(table | {"quantization_type": 1}))
    with pytest.raises(CheckpointError, match="quantization_type=1"):
        importing.read(Given(path=tmp_path / "out"))
    config.write_text(json.dumps(table))
    model = tmp_path / "out" / "model.bin"
    whole = model.read_bytes()
    assert whole.count(b"decoder/scale_alibi") == 1
    model.write_bytes(whole.replace(b"decoder/scale_alibi", b"decoder/scale_unreal"[:19]))
    with pytest.raises(CheckpointError, match="decoder/scale_unrea is not known here"):
        importing.read(Given(path=tmp_path / "out"))
    (tmp_path / "out" / "tokenizer.json").unlink()
    model.write_bytes(whole)
    with pytest.raises(DragomanError, match="--tokenizer characters"):
        importing.read(Given(path=tmp_path / "out"))


def test_by_the_command(tmp_path, capsys):
    ctranslate2.export(tiny(), tmp_path / "out")
    assert run(["import", str(tmp_path / "out"), str(tmp_path / "m"), "--languages", "en-de"]) == 0
    assert run(["verify", str(tmp_path / "m")]) == 0
    capsys.readouterr()
    for arguments, words in (
        ((str(tmp_path / "out"), str(tmp_path / "m")), "name a new folder"),
        ((str(tmp_path / "none"), str(tmp_path / "n")), "no such file"),
        ((str(tmp_path), str(tmp_path / "n")), "no model that is known"),
        ((str(tmp_path / "m"), str(tmp_path / "n")), "already"),
        ((str(tmp_path / "out"), str(tmp_path / "n"), "--languages", "ende"), "such as de-en"),
        ((str(tmp_path / "out"), str(tmp_path / "n"), "--format", "ct2"), "allowed are"),
    ):
        assert run(["import", *arguments]) == 2
        assert words in capsys.readouterr().err
    assert not (tmp_path / "n").exists()
