"""SentencePiece models of other people: the ids, texts and places that the sentencepiece library itself gives."""

import gzip
import io
import json
import random
import re
import struct
import sys
import time

import numpy as np
import pytest
import sentencepiece

from dragoman.architecture import ModelConfig, parameters
from dragoman.bundle import Bundle, load, save, verify
from dragoman.cli import run
from dragoman.errors import CheckpointError, ConfigError, RequestError
from dragoman.explain.trace import Tracer
from dragoman.options import SPECIALS, UNK
from dragoman.text import charsmap, cutters
from dragoman.text.foreign import checked
from dragoman.text.sentencepiece import (
    BPE,
    EXTRA_BLANKS,
    MODEL_TYPE,
    NORMAL,
    PREFIX,
    UNKNOWN,
    Piece,
    exact_merges,
    message,
)
from dragoman.text.tokenizer import Tokenizer
from dragoman.translator import Translator
from odd_texts import BLANK, corpus, knots, odd_texts

TEXTS = odd_texts(6000, seed=21) + knots(1500, "aest ", 2) + knots(1000, "th ", 3) + knots(1000, "0123,. ", 4)
TEXTS += (
    knots(300, "a", 5) + corpus() + [f"{BLANK} {BLANK}", "a\u0301 ａ\u0301 ﬁ①　㌀x\u200d ", "<tag>ie", "</s> <tag2>"]
)

IDENTITY = {"normalization_rule_name": "identity"}
MODELS = {
    "bpe": ("tokenizers", {"model_type": "bpe", **IDENTITY}),
    "bpe bytes": ("tokenizers", {"model_type": "bpe", "byte_fallback": True, **IDENTITY}),
    "bpe no prefix": ("tokenizers", {"model_type": "bpe", "add_dummy_prefix": False, **IDENTITY}),
    "bpe all blanks": ("tokenizers", {"model_type": "bpe", "remove_extra_whitespaces": False, **IDENTITY}),
    "bpe phrases": ("tokenizers", {"model_type": "bpe", "split_by_whitespace": False, **IDENTITY}),
    "char": ("tokenizers", {"model_type": "char", **IDENTITY}),
    "char bytes": ("tokenizers", {"model_type": "char", "byte_fallback": True, **IDENTITY}),
    "bpe suffix": ("sentencepiece", {"model_type": "bpe", "treat_whitespace_as_suffix": True, **IDENTITY}),
    "bpe symbols": ("sentencepiece", {"model_type": "bpe", "user_defined_symbols": ["<tag>", "ie"], **IDENTITY}),
    "bpe nfkc": ("sentencepiece", {"model_type": "bpe"}),
    "char small": ("sentencepiece", {"model_type": "char", "normalization_rule_name": "nmt_nfkc_cf"}),
    "unigram identity": ("sentencepiece", {"model_type": "unigram", **IDENTITY}),
    "unigram nfkc": ("sentencepiece", {"model_type": "unigram", "user_defined_symbols": ["<tag>", "ie"]}),
    "unigram bytes": (
        "sentencepiece",
        {"model_type": "unigram", "byte_fallback": True, "normalization_rule_name": "nfkc_cf", "vocab_size": 400},
    ),
    "unigram plain": (
        "sentencepiece",
        {"model_type": "unigram", "add_dummy_prefix": False, "remove_extra_whitespaces": False},
    ),
    "unigram suffix": ("sentencepiece", {"model_type": "unigram", "treat_whitespace_as_suffix": True}),
    "word": ("sentencepiece", {"model_type": "word", "control_symbols": ["<tag2>"]}),
    "word identity": ("sentencepiece", {"model_type": "word", "add_dummy_prefix": False, **IDENTITY}),
}  # fmt: skip


def trained(lines=None, **settings):
    """Return the content of a .model that the sentencepiece library trains."""
    lines = corpus() if lines is None else lines
    lines = [line for line in lines if line.strip() and not {"\0", "\n", "\r", BLANK} & set(line)] * 3
    writer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=writer, character_coverage=0.98, hard_vocab_limit=False,
        minloglevel=2, num_threads=1, **{"vocab_size": 430, **settings},
    )  # fmt: skip
    return writer.getvalue()


@pytest.fixture(scope="module")
def protos():
    return {name: trained(**settings) for name, (_, settings) in MODELS.items()}


def processor(proto):
    return sentencepiece.SentencePieceProcessor(model_proto=proto, num_threads=1)


def own_pieces(theirs):
    """What `pieces` is by default, as the library tells it."""
    ids = range(theirs.get_piece_size())
    return [*SPECIALS, *(theirs.id_to_piece(i) for i in ids if not theirs.is_control(i) and not theirs.is_unknown(i))]


@pytest.mark.parametrize("name", MODELS)
def test_ids_are_those_of_sentencepiece(protos, name):
    theirs, ours = processor(protos[name]), Tokenizer.from_foreign_sentencepiece(protos[name])
    pieces = own_pieces(theirs)
    assert [ours.piece(index) for index in range(ours.vocab_size)] == pieces
    our_id = {piece: index for index, piece in enumerate(pieces)}
    texts = [text for text in TEXTS if text not in ("</s>", "<s>", "<tag2>")] if "word" in name else TEXTS
    expected = [
        [UNK if theirs.is_unknown(index) else our_id[theirs.id_to_piece(index)] for index in row]
        for row in theirs.encode(texts)
    ]
    assert ours.encode_ids(texts) == expected
    assert (ours.kind, ours.through, ours.lossless) == ("sentencepiece", MODELS[name][0], False)


@pytest.mark.parametrize("name", MODELS)
def test_texts_are_those_of_sentencepiece(protos, name):
    theirs, ours = processor(protos[name]), Tokenizer.from_foreign_sentencepiece(protos[name])
    draw = random.Random(3)
    blanks = [index for index in range(4, ours.vocab_size) if ours.piece(index).startswith(BLANK)]
    rows = [
        [draw.choice(draw.choice((range(4, ours.vocab_size), blanks))) for _ in range(draw.randrange(8))]
        for _ in range(500)
    ]
    rows += [[index for index in row if index != UNK] for row in ours.encode_ids(TEXTS[:300])]
    for row in rows:
        assert ours.decode(row) == theirs.decode([theirs.piece_to_id(ours.piece(index)) for index in row])
        spelled = b"".join(ours.spelling[index] for index in row).decode(errors="replace")
        if "\ufffd" not in spelled:
            assert spelled.endswith(ours.decode(row)) and spelled.lstrip(" ") == ours.decode(row).lstrip(" ")
    assert ours.decode([0, 1, 2, *rows[0], 3]) == ours.decode(rows[0])


@pytest.mark.parametrize("name", MODELS)
def test_places_are_those_of_sentencepiece(protos, name):
    """And whole characters, where SentencePiece gives parts of one no room: its bytes, or what it is replaced by."""
    theirs, ours = processor(protos[name]), Tokenizer.from_foreign_sentencepiece(protos[name])
    exact = MODELS[name][1].items() >= IDENTITY.items() and "bytes" not in name
    for text in [text for text in TEXTS[:400] + TEXTS[-4:] if not ("word" in name and text in ("</s>", "<s>"))]:
        found = ours.encode(text)
        spans = theirs.encode(text, out_type="offset_mapping")["offsets"]
        assert len(spans) == len(found.offsets) == len(found.ids)
        for own, (begin, end) in zip(found.offsets, spans, strict=True):
            assert own == (begin, end) if exact else own[0] <= begin and end <= own[1] <= len(text)
        assert list(found.offsets) == sorted(found.offsets)


def test_a_replaced_character_is_whole_in_the_place_of_each_piece(protos):
    found = Tokenizer.from_foreign_sentencepiece(protos["char small"]).encode("  é①㌀  X ")
    assert found.offsets == ((2, 2), (2, 3), (3, 4), (4, 5), (5, 7), (7, 8))
    assert found.pieces == (BLANK, "é", "1", "<unk>", BLANK, "x")
    found = Tokenizer.from_foreign_sentencepiece(protos["bpe bytes"]).encode("aж")
    assert found.pieces[-2:] == ("<0xD0>", "<0xB6>") and found.offsets[-2:] == ((1, 2), (1, 2))


def test_two_models_of_one_vocabulary(protos):
    """As Hugging Face's Marian tokenizer has it: a .model cuts, and its pieces are looked up by name."""
    source, target = (
        trained([line for line in corpus() if "the" in line], model_type="unigram", **IDENTITY),
        protos["bpe nfkc"],
    )
    ways = [processor(proto) for proto in (source, target)]
    shared = sorted({piece for way in ways for piece in own_pieces(way)} - set(SPECIALS))
    del shared[::7]
    pieces = [*SPECIALS, *shared]
    ids = {piece: index for index, piece in enumerate(pieces) if index >= len(SPECIALS)}
    seen = set()
    for proto, theirs in zip((source, target), ways, strict=True):
        ours = Tokenizer.from_foreign_sentencepiece(proto, pieces)
        rows = [[ids.get(piece, UNK) for piece in row] for row in theirs.encode(TEXTS, out_type=str)]
        assert ours.encode_ids(TEXTS) == rows
        assert Tokenizer.from_json(ours.to_json()).encode_ids(TEXTS[:500]) == rows[:500]
        own = set(own_pieces(theirs))
        seen |= {index for row in rows for index in row if pieces[index] not in own}
    assert seen  # a letter that only the other .model knows has its id all the same
    assert ours.decode([ids[piece] for piece in shared[:20]]) == "".join(shared[:20]).replace(BLANK, " ").removeprefix(
        " "
    )


def test_no_text_is_a_special_or_a_control():
    for kind in ("unigram", "bpe", "char", "word"):
        proto = trained(model_type=kind, control_symbols=["<2de>"], add_dummy_prefix=False, vocab_size=300)
        pieces = [*own_pieces(processor(proto)), "<2de>"]
        ours = Tokenizer.from_foreign_sentencepiece(proto, pieces)
        for text in (*SPECIALS, "<2de>", "a</s>b", "<2de> the cat", "<0x41>"):
            (row,) = ours.encode_ids([text])
            assert not {0, 2, 3, len(pieces) - 1}.intersection(row)
        assert ours.spelling[-1] == b"" and ours.decode([len(pieces) - 1]) == ""


def test_what_a_model_does_to_the_text_at_the_end(tmp_path):
    (tmp_path / "rules.tsv").write_text("41\t61 62\n2E 2E\t2026\n")
    proto = trained(model_type="char", denormalization_rule_tsv=str(tmp_path / "rules.tsv"), **IDENTITY)
    ours, theirs = Tokenizer.from_foreign_sentencepiece(proto), processor(proto)
    assert ours.through == "sentencepiece"
    for text in ("the cat ..", "a .. b.", ""):
        (ids,) = ours.encode_ids([text])
        assert ours.decode(ids) == theirs.decode(theirs.encode(text)) == text.replace("..", "…")


def test_merges_by_place_and_merges_by_rank_cut_alike():
    """Small vocabularies of all kinds of overlapping pieces, with scores in any order."""
    draw = random.Random(7)
    for _ in range(120):
        pieces = list("abc"[: draw.randint(1, 3)])
        letters = len(pieces)
        for _ in range(draw.randint(3, 14)):
            join = draw.choice(pieces) + draw.choice(pieces)
            if join not in pieces and len(join) < 10:
                pieces.append(join)
        scores = [-float(rank) for rank in draw.sample(range(100), len(pieces))]
        entries = [Piece("<unk>", 0.0, UNKNOWN), Piece(BLANK, -200.0, NORMAL)]
        entries += [Piece(piece, score, NORMAL) for piece, score in zip(pieces, scores, strict=True)]
        proto = message(entries, {MODEL_TYPE: BPE, PREFIX: 0, EXTRA_BLANKS: 0})
        model = checked(proto)
        texts = knots(60, "abc"[:letters], draw.random())
        library = cutters.Library(model, exact_merges(model))
        assert library.rows(texts) == processor(proto).encode(texts)


def test_the_file_says_who_cuts_and_is_read_again(protos, tmp_path):
    for name in ("bpe bytes", "unigram nfkc", "word"):
        ours = Tokenizer.from_foreign_sentencepiece(protos[name])
        ours.save(tmp_path / "tokenizer.json")
        again = Tokenizer.load(tmp_path / "tokenizer.json")
        assert again.fingerprint == ours.fingerprint and again.to_json() == ours.to_json()
        assert again.encode_ids(TEXTS[:500]) == ours.encode_ids(TEXTS[:500])
        assert again.to_sentencepiece() == protos[name]
        assert json.loads(ours.to_json())["model"]["through"] == again.through == MODELS[name][0]
        with pytest.raises(ConfigError, match="has no merges"):
            ours.dropout_ids(["a"], np.zeros(1, np.int64), 0.1)


def test_without_the_package(protos, monkeypatch):
    """What needs it says what to install; what does not goes on as ever."""
    written = {name: Tokenizer.from_foreign_sentencepiece(protos[name]).to_json() for name in ("bpe", "unigram nfkc")}
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    assert Tokenizer.from_json(written["bpe"]).through == "tokenizers"
    for attempt in (
        lambda: Tokenizer.from_json(written["unigram nfkc"]),
        lambda: Tokenizer.from_foreign_sentencepiece(protos["unigram nfkc"]),
    ):
        with pytest.raises(RequestError, match=r"install dragoman\[sentencepiece\]"):
            attempt()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("version", "2.0", "version is '2.0'"),
        ("more", 1, "beside model alone"),
        ("model.through", "guessing", "model.through is 'guessing'"),
        ("model.through", "tokenizers", "does not cut as this model does"),
        ("model.proto", "%%", "no base64"),
        ("model.proto", 7, "no base64"),
        ("model.proto", "", "no SentencePiece .model"),
        ("model.vocab", {"a": 1}, "no list of pieces"),
        ("model.vocab", ["<pad>", "<unk>", "<s>", 4], "no list of pieces"),
        ("model.vocab", ["<pad>", "<s>", "</s>", "<unk>"], "are not <pad> <unk> <s> </s>"),
        ("model.vocab", [*SPECIALS, "a", "a"], "given twice"),
        ("model.vocab", [*SPECIALS, "\ud800"], "is no text"),
        ("model.vocab", [*SPECIALS, ""], "is no text"),
        ("model.more", 1, "not type, through, proto and vocab"),
    ],
)
def test_a_file_of_another_hand_is_refused(protos, name, value, said):
    table = json.loads(Tokenizer.from_foreign_sentencepiece(protos["unigram nfkc"]).to_json())
    *way, last = name.split(".")
    (table[way[0]] if way else table)[last] = value
    with pytest.raises(CheckpointError, match=re.escape(said)):
        Tokenizer.from_json(json.dumps(table))


def entry(text, kind=NORMAL, score=-1.0):
    return Piece(text, score, kind)


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([entry("a")], "0 of its pieces stand for what is unknown"),
        ([entry("<unk>", UNKNOWN), entry("?", UNKNOWN), entry("a")], "2 of its pieces"),
        ([entry("<unk>", UNKNOWN)], "none of its pieces is text"),
        ([entry("<unk>", UNKNOWN), entry("a"), entry("a")], "given twice"),
        ([entry("<unk>", UNKNOWN), entry("a"), entry("<0x41>", 6)], "pieces for bytes"),
        ([entry("<unk>", UNKNOWN), entry("a\0")], "a piece is no text"),
        ([entry("<unk>", UNKNOWN), entry("a", score=float("nan"))], "a score is no number"),
        ([entry("<unk>", UNKNOWN), entry("a", 9)], "a piece of the type 9"),
        ([entry("<unk>", UNKNOWN), *[entry("a" * n, 4) for n in range(1, 67)]], "begin one another"),
    ],
)
def test_a_model_that_no_trainer_writes_is_refused(pieces, said):
    with pytest.raises(CheckpointError, match=said):
        Tokenizer.from_foreign_sentencepiece(message(pieces, {}))
    with pytest.raises(CheckpointError, match="its type of model is 9"):
        Tokenizer.from_foreign_sentencepiece(message([entry("<unk>", UNKNOWN), entry("a")], {MODEL_TYPE: 9}))


def trie(units, texts=b"x\0"):
    """A table of characters: {place: (offset, has a leaf, label)} or {place: number} of a leaf."""
    array = np.full(512, 1 << 31, dtype="<u4")
    for at, unit in units.items():
        array[at] = 1 << 31 | unit if isinstance(unit, int) else unit[0] << 10 | unit[1] << 8 | unit[2]
    return struct.pack("<I", array.nbytes) + array.tobytes() + texts


ROOT = {0: (256, 0, 0)}  # "a" stands at 256 ^ 97
LETTER = 256 ^ 97


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (trie({**ROOT, LETTER: (LETTER ^ 1, 1, 97), 1: 0}), None),
        (trie({**ROOT, LETTER: (LETTER ^ 1, 1, 97), 1: 2}), "outside of its texts"),
        (trie({**ROOT, LETTER: (LETTER ^ 1, 1, 97), 1: 0}, b"x"), "cut off"),
        (trie({**ROOT, LETTER: (LETTER ^ 1, 1, 97), 1: 0}, b"\xff\0"), "no text"),
        (trie({0: (512, 0, 0)}), "outside of itself"),
        (trie({0: (97, 0, 97)}), "keys above"),  # "a" leads to itself
        (trie({0: (97, 1, 97), 97: 0}), "one in another"),
        (b"\0\0", "cut off"),
        (struct.pack("<I", 1 << 31) + bytes(4096), "cut off"),
    ],
)
def test_a_table_of_characters_in_which_a_walk_would_be_lost_is_refused(table, said):
    if said is None:
        charsmap.check(table)
    else:
        with pytest.raises(ValueError, match=said):
            charsmap.check(table)


def mutations(proto, count, seed):
    """Bytes turned, exchanged, put in and cut off, more often where the settings and the table of characters are."""
    draw = random.Random(seed)
    for number in range(count):
        data = bytearray(proto)
        at = draw.randrange(len(data)) if number % 2 else len(data) - 1 - draw.randrange(min(len(data), 300))
        way = number % 5
        if way == 0:
            data[at] ^= 1 << draw.randrange(8)
        elif way == 1:
            del data[at:]
        elif way == 2:
            data[at : at + 20] = draw.randbytes(20)
        elif way == 3:
            data[at:at] = b"\xff\xff\xff\xff\x7f"  # a length of 32 GB
        else:
            data[at] = draw.randrange(256)
        yield bytes(data)


@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.slow)])
def test_a_damaged_model_is_refused_or_works(protos, count):
    """2,000 of them; none may stop the process, nor take two seconds."""
    texts = [*TEXTS[:10], TEXTS[-2]]
    outcomes = set()
    for seed, name in enumerate(("bpe bytes", "bpe nfkc", "unigram nfkc", "word")):
        for data in mutations(protos[name], count, seed):
            start = time.monotonic()
            try:
                ours = Tokenizer.from_foreign_sentencepiece(data)
                for text, row in zip(texts, ours.encode_ids(texts), strict=True):
                    assert ours.encode(text).ids == tuple(row)
                    ours.decode(row)
                assert len(ours.spelling) == ours.vocab_size
                outcomes.add("works")
            except CheckpointError as error:
                outcomes.add("refused")
                assert len(str(error)) < 500
            assert time.monotonic() - start < 2
    assert outcomes == {"works", "refused"}


@pytest.mark.real_data("sentencepiece-wmtende", "weights-enpt-tiny")
@pytest.mark.parametrize("place", ["sentencepiece-wmtende/wmtende.model", "weights-enpt-tiny/vocab.enpt.spm"])
def test_models_of_the_world(shared, place):
    proto = (shared / place).read_bytes()
    with gzip.open(shared / "weights-enpt-tiny" / "reference_outputs.tsv.gz", "rt", encoding="utf-8") as file:
        lines = file.read().split("\n")
    texts = odd_texts(10000, seed=31) + knots(2000, "0123,. ", 1) + lines
    theirs, ours = processor(proto), Tokenizer.from_foreign_sentencepiece(proto)
    ids = {piece: index for index, piece in enumerate(own_pieces(theirs))}
    rows = [[ids.get(theirs.id_to_piece(index), UNK) for index in row] for row in theirs.encode(texts)]
    assert ours.encode_ids(texts) == rows and ours.through == "sentencepiece"
    for row in rows[:2000]:
        known = [index for index in row if index != UNK]
        assert ours.decode(known) == theirs.decode([theirs.piece_to_id(ours.piece(index)) for index in known])


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


def test_a_bundle_with_such_tokenizers(protos, tmp_path, capsys):
    """One vocabulary of two .models, one of them through each library."""
    pieces = [*SPECIALS, *dict.fromkeys(
        piece for name in ("bpe", "unigram nfkc") for piece in own_pieces(processor(protos[name]))[4:]
    )]  # fmt: skip
    sides = [Tokenizer.from_foreign_sentencepiece(protos[name], pieces) for name in ("unigram nfkc", "bpe")]
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
    assert not any("never learned" in warning for warning in translator.translate("the cat sees ქ.").warnings)
    source = Tracer(loaded).trace("the ﬁne cat")["source"]
    assert source["tokenizer"] == "sentencepiece" and source["history"] is None
    assert source["pieces"][0]["text"] == "the"[: len(source["pieces"][0]["text"])] != ""


def test_what_a_page_cannot_read_is_recorded_or_refused(protos, tmp_path, capsys):
    own = Tokenizer.from_foreign_sentencepiece(protos["unigram nfkc"])
    save(bundled(own, own), tmp_path / "m")
    assert run(["explain", str(tmp_path / "m"), "-o", str(tmp_path / "page.html")]) == 2
    assert "a SentencePiece tokenizer, which a page does not read; give a TEXT" in capsys.readouterr().err
    assert run(["explain", str(tmp_path / "m"), "the cat", "-o", str(tmp_path / "page.html")]) == 0
    assert "dragoman serve" in capsys.readouterr().err
    assert '"held":"record"' in (tmp_path / "page.html").read_text(encoding="utf-8").replace(": ", ":")


def test_bytes_are_known_by_what_they_spell_wherever_they_stand(protos):
    own = Tokenizer.from_foreign_sentencepiece(protos["bpe bytes"])
    pieces = [own.piece(index) for index in range(own.vocab_size)]
    moved = Tokenizer.from_foreign_sentencepiece(protos["bpe bytes"], [*SPECIALS, *pieces[:3:-1]])
    assert sorted(moved.byte_pieces.values()) == list(range(256)) and min(moved.byte_pieces) > 100
    assert all(moved.piece(index) == f"<0x{byte:02X}>" for index, byte in moved.byte_pieces.items())
    assert moved.decode([index for index in moved.byte_pieces if moved.byte_pieces[index] == 0x41]) == "A"
    assert not Tokenizer.from_foreign_sentencepiece(protos["bpe"]).byte_pieces
