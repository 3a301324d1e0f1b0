"""A model in CTranslate2 gives the same probabilities and the same translations."""

from dataclasses import replace

import numpy as np
import pytest

import tiny_bundle
from dragoman.architecture import Experiment
from dragoman.bundle import Bundle, load, save
from dragoman.cli import run
from dragoman.engine.model import Engine
from dragoman.errors import RequestError
from dragoman.options import DecodeOptions
from model_configs import random_weights

ctranslate2 = pytest.importorskip("ctranslate2")
from dragoman.interchange.ctranslate2 import export  # noqa: E402  (only where CTranslate2 is)

CHANGES = {
    "default": {},
    "paper": {"norm": "post"},
    "gelu": {"activation": "gelu"},
    "swiglu": {"activation": "swiglu"},
    "learned": {"positions": "learned"},
    "rotary": {"positions": "rotary"},
    "rms": {"norm_kind": "rms"},
    "grouped": {"key_value_heads": 1},
    "no_biases": {"biases": False},
    "tie_target": {"tie": "target"},
    "tie_none": {"tie": "none"},
    "silu": {"activation": "silu"},
    "unscaled": {"experiment": Experiment(scale_embeddings=False)},
}


def bundle_of(**changes) -> Bundle:
    plain = tiny_bundle.make()
    model = replace(plain.model, d_model=32, feed_forward=48, encoder_layers=2, max_positions=64, **changes)
    weights = {name: tensor.astype(np.float32) for name, tensor in random_weights(model, 3).items()}
    return replace(plain, model=model, weights=weights)


@pytest.mark.parametrize("name", CHANGES)
def test_probabilities_and_translations_are_ours(name, tmp_path):
    bundle = bundle_of(**CHANGES[name])
    export(bundle, tmp_path / "ct2")
    theirs = ctranslate2.Translator(str(tmp_path / "ct2"), "cpu", compute_type="float32", intra_threads=1)
    ours, tokenizer = Engine(bundle.model, bundle.weights), bundle.source_tokenizer
    rng = np.random.default_rng(1)
    sources = [[*rng.integers(4, 300, 1 + 3 * at).tolist(), 3] for at in range(5)]
    targets = [rng.integers(4, 300, 2 + 2 * at).tolist() for at in range(5)]

    def pieces(rows):
        return [[tokenizer.piece(index) for index in row] for row in rows]

    expected = ours.score(sources, [[*target, 3] for target in targets])
    for row, found in zip(expected, theirs.score_batch(pieces(sources), pieces(targets)), strict=True):
        assert found.log_probs == pytest.approx(row, abs=2e-5)
    greedy = ours.search(sources, DecodeOptions(beam=1, max_length=20), 60)
    never = [["<pad>"], ["<unk>"], ["<s>"]]  # which we never give
    found = theirs.translate_batch(pieces(sources), beam_size=1, max_decoding_length=20, suppress_sequences=never)
    for one, other in zip(greedy, found, strict=True):
        assert [tokenizer.piece(index) for index in one[0].ids if index != 3] == other.hypotheses[0]


def test_a_trained_model_that_ships_gives_its_probabilities_there(tmp_path):
    loaded = load("de-en")
    export(loaded, tmp_path / "ct2")
    theirs = ctranslate2.Translator(str(tmp_path / "ct2"), "cpu", compute_type="float32", intra_threads=1)
    texts = ["Guten Morgen.", "Ich bin müde, und der Zug ist spät.", "Ünal 🙂 liest ein Buch."]
    right = ["Good morning.", "I'm tired and the train is late.", "Ünal 🙂 is reading a book."]
    source, target = loaded.source_tokenizer, loaded.target_tokenizer
    sources, targets = source.encode_ids(texts), target.encode_ids(right)
    found = theirs.score_batch(
        [[*map(source.piece, row), "</s>"] for row in sources], [[*map(target.piece, row)] for row in targets]
    )
    ours = Engine(loaded.model, loaded.weights, threads=1)
    expected = ours.score([[*row, 3] for row in sources], [[*row, 3] for row in targets])
    for row, one in zip(expected, found, strict=True):
        assert one.log_probs == pytest.approx(row, abs=1e-4)


def test_what_cannot_be_said_there_is_refused(tmp_path):
    for changes, words in (
        ({"positions": "alibi"}, "alibi"),
        ({"norm": "none"}, "model.norm=none"),
        ({"decoder_cell": "ssru"}, "ssru"),
    ):
        with pytest.raises(RequestError, match=words):
            export(bundle_of(**changes), tmp_path / "ct2")
    with pytest.raises(RequestError, match="int3"):
        export(bundle_of(), tmp_path / "ct2", "int3")
    assert list(tmp_path.iterdir()) == []
    export(bundle_of(), tmp_path / "ct2")
    with pytest.raises(RequestError, match="exists; name a new folder"):
        export(bundle_of(), tmp_path / "ct2")


def test_the_command_writes_a_folder_with_its_tokenizer(tmp_path, capsys):
    save(tiny_bundle.make(), tmp_path / "m")
    assert run(["export", str(tmp_path / "m"), str(tmp_path / "ct2"), "--quantization", "int8"]) == 0
    assert "max_decoding_length of 1023 at most" in capsys.readouterr().err
    names = {path.name for path in (tmp_path / "ct2").iterdir()}
    assert names == {"model.bin", "config.json", "shared_vocabulary.json", "tokenizer.json", "card.md"}
    assert run(["export", str(tmp_path / "m"), str(tmp_path / "x.argosmodel")]) == 2
    assert "write --to argos" in capsys.readouterr().err and not (tmp_path / "x.argosmodel").exists()
    assert run(["export", str(tmp_path / "m"), str(tmp_path / "x"), "--quantization", "int9"]) == 2
    assert "--quantization int9: no such precision; did you mean int8?" in capsys.readouterr().err
    assert run(["export", str(tmp_path / "m"), str(tmp_path / "x"), "--to", "onmt"]) == 2
    assert "--to onmt: no such program; allowed: ctranslate2, " in capsys.readouterr().err


@pytest.mark.parametrize("joint", [True, False])
def test_an_int8_export_leaves_our_weights_alone_and_loads(tmp_path, joint):
    bundle = tiny_bundle.make(joint=joint)
    before = {name: tensor.copy() for name, tensor in bundle.weights.items()}
    export(bundle, tmp_path / "ct2", "int8")
    assert all((bundle.weights[name] == tensor).all() for name, tensor in before.items())
    theirs = ctranslate2.Translator(str(tmp_path / "ct2"), "cpu", compute_type="int8", intra_threads=1)
    assert theirs.translate_batch([["</s>"]], max_decoding_length=5)
    assert (tmp_path / "ct2" / "card.md").exists()


def test_a_place_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match="cannot be made"):
        export(bundle_of(), tmp_path / "file" / "x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(RequestError, match="exists"):
        export(bundle_of(), tmp_path / "link")
