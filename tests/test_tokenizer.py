"""Text to ids and back: nothing lost, nothing taken for a control piece, the ids of the outside libraries."""

import hashlib
import json
import os
import random
import struct

import pytest
import sentencepiece
import tokenizers

from dragoman.errors import CheckpointError, DataError, RequestError
from dragoman.options import BOS, EOS, FIRST_BYTE, FIRST_PIECE, PAD, SPECIALS, UNK
from dragoman.text.bpe import BytePairs
from dragoman.text.spelling import RESERVED
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train
from odd_texts import BLANK, corpus, knots, odd_texts

TEXTS = odd_texts(20_000)


@pytest.fixture(scope="module")
def tokenizer():
    return train(corpus(), 500)


@pytest.fixture(scope="module")
def by_hand():
    merges = (("e", "s"), ("es", "t"), ("l", "o"), ("▁", "lo"), ("▁lo", "w"))
    joined = (left + right for left, right in merges)
    return Tokenizer(BytePairs(pieces=(*RESERVED, *joined, *"▁lowernstid"), merges=merges))


def test_the_textbook_example(by_hand):
    assert by_hand.encode("lowest").pieces == ("▁low", "est")
    assert by_hand.encode("low new lows").pieces == ("▁low", "▁", "n", "e", "w", "▁low", "s")
    assert by_hand.encode("fox").pieces == ("▁", "<0x66>", "o", "<0x78>")
    assert by_hand.encode("fox").offsets == ((0, 0), (0, 1), (1, 2), (2, 3))
    assert by_hand.encode("lowest").offsets == ((0, 3), (3, 6))


def test_a_merge_never_crosses_the_start_of_a_word():
    tokenizer = Tokenizer(BytePairs(pieces=(*RESERVED, "a▁", "▁", "a"), merges=(("a", "▁"),)))
    assert tokenizer.encode("a a").pieces == ("▁", "a", "▁", "a")
    assert tokenizer.encode(" a").pieces == ("▁", "▁", "a")
    library = tokenizers.Tokenizer.from_str(tokenizer.to_json())
    assert library.encode("a a").tokens == ["▁", "a", "▁", "a"]


def test_every_text_comes_back_and_nothing_is_unknown(tokenizer):
    for text, ids in zip(TEXTS, tokenizer.encode_ids(TEXTS), strict=True):
        assert tokenizer.decode(ids) == text
        assert not ids or min(ids) >= FIRST_BYTE
        assert bool(ids) == bool(text)


def test_a_text_has_the_same_ids_alone_and_among_others(tokenizer):
    together = tokenizer.encode_ids(TEXTS)
    for index in (0, 1, 4094, 4095, 4096, 4097, 8191, 8192, len(TEXTS) - 1):
        assert tokenizer.encode_ids([TEXTS[index]]) == [together[index]]
        assert tokenizer.encode(TEXTS[index]).ids == tuple(together[index])


def test_offsets_cover_the_text_and_hold_their_piece(tokenizer):
    for text in TEXTS[:4000]:
        encoding = tokenizer.encode(text)
        end, previous = 0, (0, 0)
        spelled = b""
        for number, (piece, span) in enumerate(zip(encoding.pieces, encoding.offsets, strict=True)):
            inside = text[slice(*span)]
            if piece in RESERVED:
                spelled = spelled * (span == previous) + bytes([int(piece[3:5], 16)])
                assert inside.encode().startswith(spelled)
                assert span == previous or span[0] == end
            else:
                assert piece.replace(BLANK, " ") == (" " if number == 0 else "") + inside
                assert span[0] == end
            end, previous = span[1], span
        assert end == len(text)


def test_the_blank_in_front_takes_no_room(tokenizer):
    assert tokenizer.encode("ǅ").offsets == ((0, 0), (0, 1), (0, 1))
    assert tokenizer.encode(" ǅ").offsets == ((0, 0), (0, 1), (1, 2), (1, 2))


def test_an_empty_text_has_no_ids(tokenizer):
    assert tokenizer.encode_ids(["", "a", ""])[::2] == [[], []]
    assert tokenizer.encode("").offsets == ()
    assert tokenizer.decode([]) == ""


def test_typed_specials_are_only_text(tokenizer):
    for typed in RESERVED:
        for text in (typed, f"a {typed} b", typed * 2):
            encoding = tokenizer.encode(text)
            assert min(encoding.ids) >= FIRST_BYTE
            assert tokenizer.decode(encoding.ids) == text
            longest = max(end - start for start, end in encoding.offsets)
            assert longest < len(typed), "no piece spans all of it, so none is it"


def test_u2581_is_spelled_as_its_bytes(tokenizer):
    assert tokenizer.encode(BLANK).pieces == (BLANK, "<0xE2>", "<0x96>", "<0x81>")
    encoding = tokenizer.encode(f"the{BLANK}cat")
    parts = "".join(encoding.pieces).split("<0xE2><0x96><0x81>")
    assert parts == ["▁the", "cat"]
    assert (3, 4) in encoding.offsets


def test_a_line_feed_and_a_nul_are_always_bytes(tokenizer):
    assert tokenizer.encode("a\n\0").pieces[1:] == ("<0x0A>", "<0x00>")
    barred = [index for index in range(500) if set("\n\0") & set(tokenizer.decode([index]))]
    assert barred == [FIRST_BYTE, FIRST_BYTE + 0x0A]


def test_decoding_drops_specials_and_marks_broken_bytes(tokenizer):
    ids = list(tokenizer.encode("the cat").ids)
    assert tokenizer.decode([BOS, *ids, EOS, PAD, PAD]) == "the cat"
    assert tokenizer.decode([UNK, BOS]) == ""
    assert tokenizer.decode([*ids, FIRST_BYTE + 0xFF]) == "the cat\ufffd"
    whole_and_half = [FIRST_BYTE + byte for byte in "日日".encode()[:-1]]
    assert tokenizer.decode(whole_and_half) == "日\ufffd"


@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for read in (Tokenizer.load, Tokenizer.load_sentencepiece):
        with pytest.raises(CheckpointError, match="not a file"):
            read(tmp_path / "pipe")


@pytest.mark.parametrize("outside", [-1, 500, 10**12])
def test_ids_outside_the_vocabulary_are_refused(tokenizer, outside):
    with pytest.raises(RequestError, match=r"allowed are 0 to 499"):
        tokenizer.decode([5, outside])
    with pytest.raises(RequestError, match=str(outside)):
        tokenizer.piece(outside)


@pytest.mark.parametrize("text", ["ab\ud800", "ab\udfffc", "ab\ude00\ud83d"])
def test_a_lone_surrogate_is_named_with_its_place(tokenizer, text):
    with pytest.raises(DataError, match=r"character 3 of text 2 is U\+D"):
        tokenizer.encode_ids(["fine", text])
    with pytest.raises(DataError, match=r"character 3 of text 1 "):
        tokenizer.encode(text)


def test_what_it_says_of_itself(tokenizer):
    assert (tokenizer.kind, tokenizer.lossless, tokenizer.vocab_size) == ("bpe", True, 500)
    assert tuple(tokenizer.piece(index) for index in range(4)) == SPECIALS
    assert (tokenizer.piece(FIRST_BYTE), tokenizer.piece(FIRST_PIECE - 1)) == ("<0x00>", "<0xFF>")
    assert tokenizer.fingerprint == hashlib.sha256(tokenizer.to_json().encode()).hexdigest()


def test_saving_and_loading_change_nothing(tokenizer, tmp_path):
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    loaded = Tokenizer.load(path)
    assert path.read_bytes() == loaded.to_json().encode() == tokenizer.to_json().encode()
    assert loaded.fingerprint == tokenizer.fingerprint
    assert loaded.encode_ids(TEXTS[:500]) == tokenizer.encode_ids(TEXTS[:500])


def test_the_fingerprint_is_that_of_the_file_as_it_lies_there(tokenizer, tmp_path):
    spaced = json.dumps(json.loads(tokenizer.to_json()), indent=2)
    (tmp_path / "tokenizer.json").write_bytes(spaced.encode())
    loaded = Tokenizer.load(tmp_path / "tokenizer.json")
    assert loaded.to_json() == spaced
    assert loaded.fingerprint != tokenizer.fingerprint
    assert loaded.encode_ids(TEXTS[:50]) == tokenizer.encode_ids(TEXTS[:50])


def change(path, value):
    """A damage: set the entry of a tokenizer.json at a path such as "model.dropout"."""

    def damage(described):
        *folders, name = path.split(".")
        for folder in folders:
            described = described[folder]
        described[name] = value

    return damage


def swap_ids(described):
    vocab = described["model"]["vocab"]
    vocab["</s>"], vocab["<0x00>"] = vocab["<0x00>"], vocab["</s>"]


def rename_the_blank(described):
    described["model"]["vocab"]["zebra"] = described["model"]["vocab"].pop(BLANK)
    described["model"]["merges"] = []


DAMAGES = {
    "added-token": (
        change("added_tokens", [{"id": 3, "content": "</s>", "special": False}]),
        "added_tokens is",
    ),
    "other-algorithm": (change("model.type", "Morphemes"), "model.type is 'Morphemes'; BPE, Unigram"),
    "dropout": (change("model.dropout", 0.1), "model.dropout"),
    "lossy-normalizer": (change("normalizer", {"type": "NFKC"}), "normalizer"),
    "no-model": (change("model", None), "no model"),
    "unknown-entry": (change("surprise", 1), "surprise"),
    "specials-moved": (swap_ids, "the ids 0 to 259"),
    "no-blank": (rename_the_blank, "no piece is the blank"),
    "gap": (change("model.vocab.zebra", 777), "no piece with the id 500"),
    "same-id-twice": (change("model.vocab.zebra", 499), "no piece with the id 500"),
    "id-of-a-kind": (change("model.vocab.zebra", "500"), "no table"),
    "surrogate": (change("model.vocab.\ud800", 500), "piece 500"),
    "empty-piece": (change("model.vocab.", 500), "piece 500"),
    "line-feed": (change("model.vocab.a\n", 500), "piece 500 holds a line feed"),
    "merge-to-nothing": (change("model.merges", [["t", "zz"]]), "merge 0"),
    "merge-to-a-special": (change("model.merges", [["<", "/s>"]]), "merge 0"),
    "merge-twice": (lambda d: d["model"]["merges"].append(d["model"]["merges"][0]), "twice"),
    "merge-as-text": (change("model.merges", ["t h"]), "merge 0 is no pair"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_foreign_or_damaged_file_is_refused(tokenizer, tmp_path, name):
    damage, complaint = DAMAGES[name]
    described = json.loads(tokenizer.to_json())
    damage(described)
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(described))
    with pytest.raises(CheckpointError, match=r"tokenizer\.json: ") as caught:
        Tokenizer.load(path)
    assert complaint in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    for content in (b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000):
        path = tmp_path / "broken.json"
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"broken\.json: "):
            Tokenizer.load(path)
    with pytest.raises(CheckpointError, match="it is nested too deep"):
        Tokenizer.load(path)
    with pytest.raises(CheckpointError, match=r"absent\.json: cannot be read"):
        Tokenizer.load(tmp_path / "absent.json")
    with pytest.raises(CheckpointError, match="no model here"):
        Tokenizer.load(tmp_path)


def test_a_name_that_stands_there_twice_is_refused(tokenizer):
    with pytest.raises(CheckpointError, match="'model' stands there twice"):
        Tokenizer.from_json('{"model": 5,' + tokenizer.to_json().lstrip()[1:])


def test_a_changed_file_is_refused_or_still_loses_nothing(tokenizer):
    draw = random.Random(0)
    good = tokenizer.to_json()
    refused = 0
    for _ in range(300):
        at = draw.randrange(len(good))
        changed = good[:at] + draw.choice(['"', "a", "7", ",", "", "▁"]) + good[at + draw.randint(0, 2) :]
        try:
            survivor = Tokenizer.from_json(changed)
        except CheckpointError:
            refused += 1
            continue
        for text, ids in zip(TEXTS[:30], survivor.encode_ids(TEXTS[:30]), strict=True):
            assert survivor.decode(ids) == text
    assert 200 < refused < 300


def test_the_tokenizers_library_reads_the_file_and_agrees(tokenizer):
    library = tokenizers.Tokenizer.from_str(tokenizer.to_json())
    assert json.loads(library.to_str()) == json.loads(tokenizer.to_json())
    plain = [text for text in TEXTS if BLANK not in text]
    theirs = library.encode_batch_fast(plain)
    for text, ids, encoded in zip(plain, tokenizer.encode_ids(plain), theirs, strict=True):
        assert ids == encoded.ids
        assert library.decode(ids) == text


def varint(value):
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def entry(number, value):
    """A field of a protobuf message; its wire type follows from the type of the value."""
    if isinstance(value, bytes):
        return varint(number * 8 + 2) + varint(len(value)) + value
    if isinstance(value, float):
        return varint(number * 8 + 5) + struct.pack("<f", value)
    return varint(number * 8) + varint(value)


def sentencepiece_model(tokenizer):
    """The tokenizer as a SentencePiece .model: the score of a piece is the negative of its id."""
    message = b""
    for index in range(tokenizer.vocab_size):
        kind = 2 if index == UNK else 3 if index < FIRST_BYTE else 6 if index < FIRST_PIECE else 1
        piece = entry(1, tokenizer.piece(index).encode()) + entry(2, float(-index)) + entry(3, kind)
        message += entry(1, piece)
    bpe, byte_fallback = entry(3, 2), entry(35, 1)
    ids = entry(40, UNK) + entry(41, BOS) + entry(42, EOS) + entry(43, PAD)
    dummy_prefix, keep_blanks, escape = entry(3, 1), entry(4, 0), entry(5, 1)
    normalizer = entry(1, b"identity") + dummy_prefix + keep_blanks + escape
    return message + entry(2, bpe + byte_fallback + ids) + entry(3, normalizer)


def test_sentencepiece_gives_the_same_ids(tokenizer):
    processor = sentencepiece.SentencePieceProcessor(model_proto=sentencepiece_model(tokenizer))
    texts = [text for text in TEXTS if BLANK not in text] + corpus()[:200]
    texts += knots(2000, "aest ") + knots(2000, "th ")
    ids = tokenizer.encode_ids(texts)
    assert processor.encode(texts, num_threads=1) == ids
    assert processor.decode(ids[:2000]) == texts[:2000]
