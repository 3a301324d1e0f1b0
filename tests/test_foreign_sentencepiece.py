"""SentencePiece models of other people: the ids, texts and places that the sentencepiece library itself gives."""

import gzip
import json
import random
import sys

import numpy as np
import pytest

from dragoman.errors import ConfigError, RequestError
from dragoman.options import SPECIALS, UNK
from dragoman.text import cutters
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
from foreign_models import IDENTITY, MODELS, TEXTS, own_pieces, processor, proto, trained
from odd_texts import BLANK, corpus, knots, odd_texts


@pytest.mark.parametrize("name", MODELS)
def test_ids_are_those_of_sentencepiece(name):
    theirs, ours = processor(proto(name)), Tokenizer.from_foreign_sentencepiece(proto(name))
    pieces = own_pieces(theirs)
    assert [ours.piece(index) for index in range(ours.vocab_size)] == pieces
    our_id = {piece: index for index, piece in enumerate(pieces)}
    expected = [
        [UNK if theirs.is_unknown(index) else our_id[theirs.id_to_piece(index)] for index in row]
        for row in theirs.encode(TEXTS)
    ]
    assert ours.encode_ids(TEXTS) == expected
    assert (ours.kind, ours.through, ours.lossless) == ("sentencepiece", MODELS[name][0], False)


@pytest.mark.parametrize("name", MODELS)
def test_texts_are_those_of_sentencepiece(name):
    theirs, ours = processor(proto(name)), Tokenizer.from_foreign_sentencepiece(proto(name))
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
def test_places_are_those_of_sentencepiece(name):
    """And whole characters, where SentencePiece gives parts of one no room: its bytes, or what it is replaced by."""
    theirs, ours = processor(proto(name)), Tokenizer.from_foreign_sentencepiece(proto(name))
    exact = MODELS[name][1].items() >= IDENTITY.items() and "bytes" not in name
    for text in TEXTS[:400] + TEXTS[-4:]:
        found = ours.encode(text)
        spans = theirs.encode(text, out_type="offset_mapping")["offsets"]
        assert len(spans) == len(found.offsets) == len(found.ids)
        for own, (begin, end) in zip(found.offsets, spans, strict=True):
            assert own == (begin, end) if exact else own[0] <= begin and end <= own[1] <= len(text)
        assert list(found.offsets) == sorted(found.offsets)


def test_a_replaced_character_is_whole_in_the_place_of_each_piece():
    found = Tokenizer.from_foreign_sentencepiece(proto("char small")).encode("  é①㌀  X ")
    assert found.offsets == ((2, 2), (2, 3), (3, 4), (4, 5), (5, 7), (7, 8))
    assert found.pieces == (BLANK, "é", "1", "<unk>", BLANK, "x")
    found = Tokenizer.from_foreign_sentencepiece(proto("char small")).encode("xﬁx")
    assert found.pieces == (BLANK, *"xfix") and found.offsets == ((0, 0), (0, 1), (1, 2), (1, 2), (2, 3))
    found = Tokenizer.from_foreign_sentencepiece(proto("bpe bytes")).encode("aж")
    assert found.pieces[-2:] == ("<0xD0>", "<0xB6>") and found.offsets[-2:] == ((1, 2), (1, 2))


def test_two_models_of_one_vocabulary():
    """As Hugging Face's Marian tokenizer has it: a .model cuts, and its pieces are looked up by name."""
    source, target = (
        trained([line for line in corpus() if "the" in line], model_type="unigram", **IDENTITY),
        proto("bpe nfkc"),
    )
    ways = [processor(source), processor(target)]
    shared = sorted({piece for way in ways for piece in own_pieces(way)} - set(SPECIALS))
    del shared[::7]
    pieces = [*SPECIALS, *shared]
    ids = {piece: index for index, piece in enumerate(pieces) if index >= len(SPECIALS)}
    seen = set()
    for content, theirs in zip((source, target), ways, strict=True):
        ours = Tokenizer.from_foreign_sentencepiece(content, pieces)
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


def test_the_file_says_who_cuts_and_is_read_again(tmp_path):
    for name in ("bpe bytes", "unigram nfkc", "word"):
        ours = Tokenizer.from_foreign_sentencepiece(proto(name))
        ours.save(tmp_path / "tokenizer.json")
        again = Tokenizer.load(tmp_path / "tokenizer.json")
        assert again.fingerprint == ours.fingerprint and again.to_json() == ours.to_json()
        assert again.encode_ids(TEXTS[:500]) == ours.encode_ids(TEXTS[:500])
        assert again.to_sentencepiece() == proto(name)
        assert json.loads(ours.to_json())["model"]["through"] == again.through == MODELS[name][0]
        with pytest.raises(ConfigError, match="has no merges"):
            ours.dropout_ids(["a"], np.zeros(1, np.int64), 0.1)


def test_without_the_package(monkeypatch):
    """What needs it says what to install; what does not goes on as ever."""
    written = {name: Tokenizer.from_foreign_sentencepiece(proto(name)).to_json() for name in ("bpe", "unigram nfkc")}
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    assert Tokenizer.from_json(written["bpe"]).through == "tokenizers"
    for attempt in (
        lambda: Tokenizer.from_json(written["unigram nfkc"]),
        lambda: Tokenizer.from_foreign_sentencepiece(proto("unigram nfkc")),
    ):
        with pytest.raises(RequestError, match=r"install dragoman\[sentencepiece\]"):
            attempt()


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
