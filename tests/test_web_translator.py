"""A model in the page, which is TypeScript: read from its folder it translates as the engine in float32 does."""

import json
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from dragoman import bundle, shipped
from dragoman.architecture import parameters
from dragoman.compress.quantize import quantized
from dragoman.data.phrasebook import pairs
from dragoman.errors import CheckpointError
from dragoman.interchange import importing
from dragoman.interchange.importing import Given
from dragoman.text.training import ALGORITHMS, train
from dragoman.translator import Translator
from odd_texts import corpus
from tiny_bundle import LINES, forge, make, put

TEXTS = ["The old woman is reading a book because it is raining.", "How are you?", "I'm 1,000 </s> years old 🙂", " "]


def translate(page, folder, texts, options=None, **more):
    return page.ask("translations", folder=str(folder), texts=texts, options=options or {}, **more)["translations"]


def check(given, wanted):
    """The same hypotheses, piece by piece, with the same log-probabilities."""
    for ours, theirs in zip(given, wanted, strict=True):
        assert ours["text"] == theirs.text
        assert ours["sourcePieces"] == list(theirs.source_pieces)
        for one, other in zip(ours["hypotheses"], theirs.hypotheses, strict=True):
            assert (one["text"], one["pieces"]) == (other.text, list(other.pieces))
            assert (one["ids"], one["finished"]) == (list(other.ids), other.finished)
            assert one["logProbabilities"] == pytest.approx(other.token_log_probabilities, abs=1e-3)
            assert one["score"] == pytest.approx(other.score, abs=1e-3)


@pytest.mark.parametrize("name", shipped.names())
def test_a_model_that_ships_translates_as_the_engine_does(page, name):
    engine = Translator.load(name, device="cpu", precision="float32", threads=1)
    check(translate(page, shipped.MODELS / name, TEXTS), engine.translate(TEXTS))


def over(defaults, options):
    """The options put over a model's own, as the page does it: samples have no beam."""
    drawn = not {"temperature", "top_k", "top_p"}.isdisjoint(options)
    return replace(defaults, **({"beam": None} if drawn else {}), **options)


FIFTY = [pair.source for pair in islice(pairs("test_combinations", 50, seed=3), 50)]


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"beam": 1}, {"beam": 6, "n_best": 6}], ids=["default", "greedy", "n-best"])
def test_sentences_are_translated_as_the_engine_does(page, options):
    engine = Translator.load("en-de", device="cpu", precision="float32", threads=1)
    texts = FIFTY[: 50 if len(options) < 2 else 20]
    given = translate(page, shipped.MODELS / "en-de", texts, options)
    check(given, engine.translate(texts, over(engine.defaults, options)))


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"temperature": 0.8, "n_best": 3}, {"top_k": 20, "top_p": 0.9, "seed": 5}])
def test_fifty_sentences_are_sampled_as_the_engine_does(page, options):
    """But where a number falls so near the border of two pieces that rounding decides: one draw in thousands."""
    engine = Translator.load("en-de", device="cpu", precision="float32", threads=1)
    given = translate(page, shipped.MODELS / "en-de", FIFTY, options)
    wanted = engine.translate(FIFTY, over(engine.defaults, options))
    agreeing = [
        (ours, theirs)
        for ours, theirs in zip(given, wanted, strict=True)
        if [one["ids"] for one in ours["hypotheses"]] == [list(other.ids) for other in theirs.hypotheses]
    ]
    assert len(agreeing) >= 48
    check(*zip(*agreeing, strict=True))


def test_pieces_are_aligned_as_the_engine_aligns_them(page):
    engine = Translator.load("de-en", device="cpu", precision="float32", threads=1)
    texts = ["Die alte Frau liest ein Buch, weil es regnet.", "Ja.", " "]
    found = engine.translate(texts)
    pairs = [(text, list(one.hypotheses[0].ids)) for text, one in zip(texts, found, strict=True)]
    given = page.ask("alignments", folder=str(shipped.MODELS / "de-en"), pairs=pairs)
    assert given[2] is None
    for ours, theirs in zip(given[:2], found[:2], strict=True):
        assert np.allclose(ours, theirs.alignment.weights, atol=1e-4)


@pytest.mark.parametrize("stored", ["float32", "bf16", "int8"])
@pytest.mark.parametrize("joint", [True, False])
def test_weights_are_read_however_they_are_stored(page, tmp_path, stored, joint):
    made = make(joint=joint)
    if stored == "int8":
        made = replace(made, int8=quantized(made.model, made.weights), master=None)
    bundle.save(replace(made, master=None if stored == "int8" else stored), tmp_path / "m", plain=True)
    sources, targets = LINES[:3], ["die Katze", "", "der Hund ▁ 🙂"]
    engine = Translator.load(tmp_path / "m", device="cpu", precision="float32")
    given = page.ask("scores", folder=str(tmp_path / "m"), pairs=list(zip(sources, targets, strict=True)))
    wanted = engine.score(sources, targets)
    assert given == [pytest.approx(one.token_log_probabilities, abs=1e-3) for one in wanted]
    options = {"beam": 2, "max_length": 8}
    wanted = engine.translate(sources, over(engine.defaults, options))
    check(translate(page, tmp_path / "m", sources, options), wanted)


@pytest.mark.parametrize("family", ALGORITHMS)
def test_every_family_of_tokenizers_can_be_of_a_model(page, tmp_path, family):
    sizes = {"bpe": 300, "byte_bpe": 300, "unigram": 320, "wordpiece": 200, "character": 320, "word": 110}
    tokenizer, plain = train(corpus(), sizes[family], family), make()
    model = replace(plain.model, vocab_size=tokenizer.vocab_size)
    draw = np.random.default_rng(2)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()}
    bundle.save(
        replace(plain, model=model, weights=weights, source_tokenizer=tokenizer, target_tokenizer=tokenizer),
        tmp_path / "m",
    )
    engine = Translator.load(tmp_path / "m", device="cpu", precision="float32")
    check(translate(page, tmp_path / "m", LINES[:3]), engine.translate(LINES[:3]))


def test_a_model_of_several_directions_is_told_which(page, tmp_path):
    plain = make()
    model = replace(plain.model, vocab_size=plain.model.vocab_size + 3)
    draw = np.random.default_rng(3)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()}
    directions = (("en", "de"), ("de", "en"), ("en", "fr"))
    bundle.save(replace(plain, model=model, weights=weights, directions=directions), tmp_path / "m")
    engine = Translator.load(tmp_path / "m", device="cpu", precision="float32")
    for to in ("de", "en", "fr"):
        check(translate(page, tmp_path / "m", LINES[:3], to=to), engine.translate(LINES[:3], to=to))
    for more, said in (({}, "this model translates into de, en, fr"), ({"to": "es"}, "does not translate into es")):
        answer = page.ask("translations", folder=str(tmp_path / "m"), texts=["a"], options={}, **more)
        assert answer["kind"] == "Error" and said in answer["error"]


@pytest.mark.real_data("weights-aren-transliteration")
def test_a_model_of_another_program_translates_as_the_engine_does(page, shared, tmp_path):
    """One that was imported with a list of characters, and reads no end."""
    given = Given(path=shared / "weights-aren-transliteration", tokenizer="characters", languages=("ar", "en"))
    bundle.save(importing.read(given), tmp_path / "m", plain=True)
    texts = ["محمد", "عبد الله", "ليلى x", " "]
    engine = Translator.load(tmp_path / "m", device="cpu", precision="float32", threads=1)
    check(translate(page, tmp_path / "m", texts), engine.translate(texts))


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("a b " * 2000, {}, "this model takes at most 1022 pieces; split it into sentences"),
        ("\ud83d", {}, "half of a surrogate pair"),
        ("a", {"beam": 0}, "beam=0: allowed are 1"),
        ("a", {"beans": 3}, "no setting decode.beans"),
        ("a", {"min_length": 5000}, "the model can give 1022 pieces"),
    ],
)
def test_what_the_model_cannot_take_is_refused_in_words(page, text, options, said):
    folder = str(shipped.MODELS / "en-de")
    answer = page.ask("translations", folder=folder, texts=[text], options=options)
    assert answer["kind"] == "Error" and said in answer["error"]


@pytest.fixture
def folder(tmp_path):
    made = make(joint=False)
    bundle.save(replace(made, int8=quantized(made.model, made.weights), master=None), tmp_path / "m", plain=True)
    return tmp_path / "m"


def refusal(page, folder):
    """What the page says of a folder that Python refuses too."""
    with pytest.raises(CheckpointError):
        bundle.load(folder)
    answer = page.ask("translations", folder=str(folder), texts=[], options={})
    assert answer.get("kind") == "Error" and len(answer["error"]) < 1000, answer
    return answer["error"]


def test_no_byte_can_change_without_a_word(page, folder):
    draw = np.random.default_rng(5)
    for name in ("config.json", "source.tokenizer.json", "target.tokenizer.json", "weights.int8.safetensors"):
        path = folder / name
        whole = path.read_bytes()
        for at in draw.integers(0, len(whole), 12):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << draw.integers(8)]) + whole[at + 1 :])
            assert f"{name} is damaged" in refusal(page, folder)
        for end in (0, 7, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:end])
            assert f"{name} is damaged" in refusal(page, folder)
        path.unlink()
        assert f"{name}, which manifest.json names, is missing" in refusal(page, folder)
        path.write_bytes(whole)
    assert translate(page, folder, []) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("model/vocab_size", 2**40), "model.vocab_size"),
        (put("model/vocab_size", 301), "source.tokenizer.json has 300 pieces, the model has 301"),
        (put("model/target_vocab_size", 300), "target.tokenizer.json has 310 pieces, the model has 300"),
        (put("model/heads", 3), "does not split"),
        (put("model/d_model", 8), "shape"),
        (put("model/d_modle", 4), "no setting model.d_modle"),
        (put("model/vocab_size", ...), "model.vocab_size=0"),
        (put("source_ended", 0), "source_ended=0: allowed are true and false"),
        (put("model/decoder_layers", 3), "no tensor decoder.layers.2"),
        (put("model/encoder_layers", 10**6), "model.encoder_layers"),
        (put("model", []), "model=[...]"),
        (put("decode", None), "decode=null"),
        (put("decode/temperature", 0.0), "temperature=0"),
        (put("languages", ["en", ""]), "pairs of codes"),
        (put("tokenizers", ["unigram", "bpe"]), "of kind bpe, config.json says unigram"),
        (put("tokenizers", []), "one kind"),
        (put("alignment_heads", [[0, 2]]), "alignment_heads"),
        (put("alignment_step", "reading"), "alignment_step"),
        (put("code", "x"), "exactly"),
        (put("provenance", ...), "exactly"),
    ],
)
def test_a_wrong_config_is_refused_though_its_checksum_is_right(page, folder, change, said):
    document = json.loads((folder / "config.json").read_text())
    change(document)
    forge(folder, "config.json", json.dumps(document).encode())
    assert said in refusal(page, folder)


@pytest.mark.parametrize("name", ["config.json", "source.tokenizer.json", "weights.int8.safetensors"])
@pytest.mark.parametrize(
    "data", [b"", b"{", b"null", b"[]", b"{}", b"[" * 100_000, b"\xff\xfe", b"\x00" * 64], ids=repr
)
def test_a_strange_file_is_refused_though_its_checksum_is_right(page, folder, name, data):
    forge(folder, name, data)
    assert name in refusal(page, folder)


def test_strange_weights_are_refused_though_their_checksum_is_right(page, folder):
    path = folder / "weights.int8.safetensors"
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + length])
    first, other, matrix = "decoder.norm.bias", "encoder.norm.bias", "source_embedding.weight"

    def forged(change, tail=whole[8 + length :]):
        table = json.loads(json.dumps(header))
        change(table)
        text = json.dumps(table).encode()
        text += b" " * (-len(text) % 8)
        forge(folder, path.name, len(text).to_bytes(8, "little") + text + tail)
        return refusal(page, folder)

    def at(name, value):
        begin = 8 + length + header[name]["data_offsets"][0]
        return (whole[:begin] + value + whole[begin + len(value) :])[8 + length :]

    assert "no tensor" in forged(lambda table: table.pop(first))
    assert "is not of the model" in forged(lambda table: table.update(more=table[first]))
    assert "F32 is wanted" in forged(lambda table: table[first].update(dtype="F64"))
    assert "shape" in forged(lambda table: table[first].update(shape=[5]))
    assert "data_offsets" in forged(lambda table: table[first].update(data_offsets=[-4, 12]))
    assert "data_offsets" in forged(lambda table: table[first].update(data_offsets=[10**9, 10**9 + 16]))
    assert "data_offsets" in forged(lambda table: table[first].update(data_offsets=None))
    begin, end = header[first]["data_offsets"]
    after = next(name for name in header if header[name]["data_offsets"][0] == end)
    assert "16 bytes of the file are wanted" in forged(
        lambda table: (
            table[first].update(data_offsets=[begin, end + 4]),
            table[after].update(data_offsets=[end + 4, table[after]["data_offsets"][1]]),
        )
    )
    assert "overlap" in forged(lambda table: table[first].update(data_offsets=table[other]["data_offsets"]))
    assert "bytes follow" in forged(lambda table: None, whole[8 + length :] + b"\0")
    assert "holds -128" in forged(lambda table: None, at(matrix, b"\x80"))
    assert "not finite" in forged(lambda table: None, at(first, b"\x00\x00\xc0\x7f"))
    assert "no scale" in forged(lambda table: None, at(f"{matrix}.scale", b"\x00\x00\x80\xbf"))


def test_capitals_are_read_as_the_engine_reads_them(page, tmp_path):
    folder = tmp_path / "m"
    bundle.save(make(), folder)
    texts = ["HOW ARE YOU?", "STRASSE ŁÓDŹ ΟΔΟΣ İZMIR", "USA", "ǅÁMÁ MAMÁ", "Nº UNO UNO", "the CAT IS", "U.S.A. U.S."]
    engine = Translator.load(folder, device="cpu", precision="float32", threads=1)
    wanted = engine.translate(texts, over(engine.defaults, {"capitals": "lower"}))
    check(translate(page, folder, texts, {"capitals": "lower"}), wanted)
    assert wanted[0].text == wanted[0].text.upper()
