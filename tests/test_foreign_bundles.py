"""Models whose tokenizers are SentencePiece models of other people: saved, told of, translated with, explained."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from dragoman.architecture import ModelConfig, parameters
from dragoman.bundle import Bundle, load, save, verify
from dragoman.cli import run
from dragoman.errors import CheckpointError, RequestError
from dragoman.explain.trace import Tracer
from dragoman.interchange.ctranslate2 import export
from dragoman.interchange.importing import Given
from dragoman.interchange.vocabulary import side
from dragoman.options import SPECIALS
from dragoman.text.tokenizer import Tokenizer
from dragoman.translator import Translator
from foreign_models import own_pieces, processor, proto


def bundled(source, target):
    """A bundle of random weights with these tokenizers."""
    joint = source is target
    model = ModelConfig(
        vocab_size=source.vocab_size, target_vocab_size=None if joint else target.vocab_size,
        tie="all" if joint else "none", d_model=8, encoder_layers=1, decoder_layers=1, heads=2, feed_forward=8,
    )  # fmt: skip
    draw = np.random.default_rng(5)
    return Bundle(
        model=model, source_tokenizer=source, target_tokenizer=target, languages=("en", "de"),
        decode={"max_length": 12},
        weights={name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()},
    )  # fmt: skip


def test_a_bundle_with_such_tokenizers(tmp_path, capsys):
    """One vocabulary of two .models, one of them through each library."""
    pieces = [*SPECIALS, *dict.fromkeys(
        piece for name in ("bpe", "unigram nfkc") for piece in own_pieces(processor(proto(name)))[4:]
    )]  # fmt: skip
    sides = [Tokenizer.from_foreign_sentencepiece(proto(name), pieces) for name in ("unigram nfkc", "bpe")]
    folder = tmp_path / "m"
    save(bundled(*sides), folder)
    loaded = load(folder)
    assert [side.fingerprint for side in (loaded.source_tokenizer, loaded.target_tokenizer)] == [
        side.fingerprint for side in sides
    ]
    assert verify(folder) == []
    assert run(["info", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["tokenizer"]["kinds"] == ["sentencepiece", "sentencepiece"]
    assert found["tokenizer"]["through"] == {
        "source.tokenizer.json": "sentencepiece",
        "target.tokenizer.json": "tokenizers",
    }
    assert "record" in found["shown_by"]["explain"]

    translator = Translator.load(folder)
    for result in translator.translate(["the ﬁne cat.", "日本語です", ""]):
        assert result.text == sides[1].decode(result.hypotheses[0].ids)
        assert not {0, 1, 2}.intersection(result.hypotheses[0].ids)
    assert any("never learned" in warning for warning in translator.translate("ქართული ენა").warnings)
    said, *_ = translator.translate("the cat sees ქ.").warnings
    assert said == "the model has no piece for ქ, and reads <unk> there"
    assert not any("<unk>" in warning for warning in translator.translate("the cat sees.").warnings)
    source = Tracer(loaded).trace("the ﬁne cat")["source"]
    assert source["tokenizer"] == "sentencepiece" and source["history"] is None
    assert source["pieces"][0]["text"] == "the"[: len(source["pieces"][0]["text"])] != ""


def test_an_export_has_the_model_beside_it(tmp_path):
    sides = [Tokenizer.from_foreign_sentencepiece(proto(name)) for name in ("unigram nfkc", "bpe")]
    export(bundled(*sides), tmp_path / "m")
    for side_name, tokenizer in zip(("source", "target"), sides, strict=True):
        assert (tmp_path / "m" / f"{side_name}.tokenizer.model").read_bytes() == tokenizer.to_sentencepiece()


def test_what_a_page_cannot_read_is_recorded_or_refused(tmp_path, capsys):
    own = Tokenizer.from_foreign_sentencepiece(proto("unigram nfkc"))
    save(bundled(own, own), tmp_path / "m")
    assert run(["explain", str(tmp_path / "m"), "-o", str(tmp_path / "page.html")]) == 2
    assert "a sentencepiece tokenizer, which a page does not read; give a TEXT" in capsys.readouterr().err
    assert run(["explain", str(tmp_path / "m"), "the cat", "-o", str(tmp_path / "page.html")]) == 0
    assert "dragoman serve" in capsys.readouterr().err
    assert '"held":"record"' in (tmp_path / "page.html").read_text(encoding="utf-8").replace(": ", ":")


def test_bytes_are_known_by_what_they_spell_wherever_they_stand():
    own = Tokenizer.from_foreign_sentencepiece(proto("bpe bytes"))
    pieces = [own.piece(index) for index in range(own.vocab_size)]
    moved = Tokenizer.from_foreign_sentencepiece(proto("bpe bytes"), [*SPECIALS, *pieces[:3:-1]])
    assert sorted(moved.byte_pieces.values()) == list(range(256)) and min(moved.byte_pieces) > 100
    assert all(moved.piece(index) == f"<0x{byte:02X}>" for index, byte in moved.byte_pieces.items())
    assert moved.decode([index for index in moved.byte_pieces if moved.byte_pieces[index] == 0x41]) == "A"
    assert not Tokenizer.from_foreign_sentencepiece(proto("bpe")).byte_pieces


def test_a_vocabulary_that_brings_no_tokenizer_takes_a_model(tmp_path):
    """As one of OpenNMT: tokens by the ids of the foreign model, and a .model that the user names."""
    theirs = processor(proto("unigram nfkc"))
    tokens = ["<blank>", "<unk>", "<s>", "</s>", *own_pieces(theirs)[:3:-1]]
    (tmp_path / "x.model").write_bytes(proto("unigram nfkc"))
    given = Given(path=tmp_path, tokenizer=str(tmp_path / "x.model"))
    found = side(given, tokens, (0, 1, 2, 3), tmp_path / "vocabulary.json", "tokenizer.json")
    (row,) = found.tokenizer.encode_ids(["the ﬁne cat"])
    assert [tokens[found.rows.foreign[index]] for index in row] == theirs.encode("the ﬁne cat", out_type=str)
    (tmp_path / "x.model").write_bytes(b"\x0a\x03abc")
    for name, error, said in (
        ("x.model", CheckpointError, "x.model: is no Sent"),
        ("y", RequestError, "SentencePiece .model"),
    ):
        with pytest.raises(error, match=re.escape(said)):
            side(replace(given, tokenizer=str(tmp_path / name)), tokens, (0, 1, 2, 3), tmp_path / "v.json", "t.json")
