"""SentencePiece models that are damaged or hostile: refused by name, or they work; never a stopped process."""

import json
import random
import re
import struct
import time

import numpy as np
import pytest

from dragoman.errors import CheckpointError
from dragoman.options import SPECIALS
from dragoman.text import charsmap
from dragoman.text.sentencepiece import MODEL_TYPE, NORMAL, UNKNOWN, Piece, message
from dragoman.text.tokenizer import Tokenizer
from foreign_models import TEXTS, proto


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
def test_a_file_of_another_hand_is_refused(name, value, said):
    table = json.loads(Tokenizer.from_foreign_sentencepiece(proto("unigram nfkc")).to_json())
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


def damaged(proto, count, seed):
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


@pytest.mark.parametrize("few", [40, pytest.param(300, marks=pytest.mark.slow)])
def test_a_damaged_model_is_refused_or_works(few, mutations):
    """None may stop the process, nor take two seconds."""
    texts = [*TEXTS[:10], TEXTS[-2]]
    outcomes = set()
    for seed, name in enumerate(("bpe bytes", "bpe nfkc", "unigram nfkc", "word")):
        for data in damaged(proto(name), mutations(few), seed):
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
