"""What holds for every family of tokenizers: the way back, typed specials, the outside library, the search."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest
import tokenizers

from dragoman.errors import CheckpointError, ConfigError, DataError, RequestError
from dragoman.grammar import newlines, utf8
from dragoman.options import EOS, FIRST_BYTE, FIRST_PIECE, PAD, SPECIALS, UNK, DecodeOptions
from dragoman.randomness import Randomness
from dragoman.text.byte_bpe import LETTERS
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import ALGORITHMS, train
from odd_texts import BLANK, corpus, odd_texts

TEXTS = [*odd_texts(20_000), *corpus()]
SIZES = {"bpe": 500, "byte_bpe": 500, "unigram": 500, "wordpiece": 300, "character": 320, "word": 110}
LOSSLESS = ("bpe", "byte_bpe", "unigram", "character")
_made: dict[str, Tokenizer] = {}


def made(family):
    if family not in _made:
        _made[family] = train(corpus(), SIZES[family], family)
    return _made[family]


@pytest.fixture(params=ALGORITHMS)
def tokenizer(request):
    return made(request.param)


@pytest.fixture(params=LOSSLESS)
def lossless(request):
    return made(request.param)


def test_it_is_recognized_by_its_file(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "t.json")
    loaded = Tokenizer.load(tmp_path / "t.json")
    assert (loaded.kind, loaded.vocab_size, loaded.lossless) == (
        tokenizer.kind,
        tokenizer.vocab_size,
        tokenizer.lossless,
    )
    assert loaded.kind in ALGORITHMS and loaded.vocab_size == SIZES[loaded.kind]
    assert loaded.lossless == (loaded.kind in LOSSLESS)
    assert loaded.to_json() == tokenizer.to_json() and loaded.fingerprint == tokenizer.fingerprint
    assert loaded.encode_ids(TEXTS[:300]) == tokenizer.encode_ids(TEXTS[:300])
    assert [tokenizer.piece(index) for index in range(4)] == list(SPECIALS)


def test_every_text_comes_back_and_nothing_is_unknown(lossless):
    for text, ids in zip(TEXTS, lossless.encode_ids(TEXTS), strict=True):
        assert lossless.decode(ids) == text
        assert not ids or min(ids) >= FIRST_BYTE


def test_byte_b_has_the_id_4_plus_b(lossless):
    assert list(lossless.spelling[FIRST_BYTE:FIRST_PIECE]) == [bytes([byte]) for byte in range(256)]


@pytest.mark.parametrize("family", ["wordpiece", "word"])
def test_a_lossy_family_loses_only_what_it_says(family):
    tokenizer = made(family)
    (ids,) = tokenizer.encode_ids(["a \U0001f9a5 zebra"])
    assert UNK in ids and tokenizer.decode(ids) != "a \U0001f9a5 zebra"
    for text in ("the cat sees the mat.", "Müllers Esel sieht zwei Bäume;", "a dog sees 10,000 signs", ""):
        assert tokenizer.decode(tokenizer.encode_ids([text])[0]) == text
    known = [(text, ids) for text, ids in zip(TEXTS, tokenizer.encode_ids(TEXTS), strict=True) if UNK not in ids]
    assert len(known) > 200
    if family == "word":  # blanks are kept; a typed U+2581 is one
        assert all(tokenizer.decode(ids) == text.replace(BLANK, " ") for text, ids in known)
    else:  # and no more than blanks and what is no character for BERT
        squeezed = [("".join(tokenizer.decode(ids).split()), "".join(text.split())) for text, ids in known]
        assert all(set(text) >= set(decoded) for decoded, text in squeezed)
        assert tokenizer.decode(tokenizer.encode_ids(["a  cat\tsees"])[0]) == "a cat sees"


def test_typed_specials_are_only_text(tokenizer):
    typed = [*SPECIALS, "<0x41>", "<0x0A>", "<0xE2><0x96><0x81>", "[UNK]", "##a"]
    texts = [*typed, *(f"a {one} b" for one in typed), *(one * 2 for one in typed), *(f"{one}</s>" for one in typed)]
    for text, ids in zip(texts, tokenizer.encode_ids(texts), strict=True):
        assert not {PAD, 2, EOS} & set(ids)
        if tokenizer.lossless:
            assert tokenizer.decode(ids) == text and UNK not in ids
            spans = tokenizer.encode(text).offsets
            assert len(ids) >= 3 and max(end - start for start, end in spans) < min(len(text), 5)


@pytest.mark.parametrize("typed", ["<pad>", "</s>", "<0x41>"])
def test_a_special_without_its_letters_is_still_text(typed):
    """The library looks for every entry of a unigram vocabulary in a text; without "<" only bytes may be found."""
    lines = ["the cat sat on a mat and a hat"] * 3 + [chr(0x4E00 + number) for number in range(40)]
    for family in ("unigram", "bpe", "character"):
        tokenizer = train(lines, None, family)
        assert "<" not in [tokenizer.piece(index) for index in range(FIRST_PIECE, tokenizer.vocab_size)]
        ids = tokenizer.encode_ids([typed])[0]
        assert min(ids) >= FIRST_BYTE and tokenizer.decode(ids) == typed and len(ids) >= len(typed)


def test_the_tokenizers_library_reads_the_file_and_agrees(tokenizer):
    library = tokenizers.Tokenizer.from_str(tokenizer.to_json())
    library.encode_special_tokens = True
    assert json.loads(library.to_str()) == json.loads(tokenizer.to_json())
    plain = [text for text in TEXTS if BLANK not in text]
    theirs = library.encode_batch_fast(plain, add_special_tokens=False)
    for ids, encoded in zip(tokenizer.encode_ids(plain), theirs, strict=True):
        assert ids == encoded.ids
        if UNK not in ids:
            assert library.decode(ids, skip_special_tokens=False) == tokenizer.decode(ids)


def test_offsets_cover_the_text(tokenizer):
    for text in TEXTS[:4000]:
        encoding = tokenizer.encode(text)
        assert len(encoding.offsets) == len(encoding.ids) == len(encoding.pieces)
        at = 0
        for start, end in encoding.offsets:
            assert at - 1 <= start <= end <= len(text)  # pieces may share a character
            if tokenizer.kind == "wordpiece":
                assert start >= at - 1 and end > start
            else:
                assert start <= at <= end
            at = end
        assert at == len(text) or tokenizer.kind == "wordpiece"


def test_offsets_hold_their_piece(tokenizer):
    (text,) = ["Müllers Esel sieht den größten Turm."]
    encoding = tokenizer.encode(text)
    for index, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
        spelled = tokenizer.spelling[index].decode(errors="ignore")
        assert spelled.strip() in text[start:end]


def test_the_order_of_lines_changes_nothing(tokenizer):
    lines = corpus()
    random.Random(3).shuffle(lines)
    assert train(lines, SIZES[tokenizer.kind], tokenizer.kind).to_json() == tokenizer.to_json()


def test_texts_alone_and_none_at_all(tokenizer):
    together = tokenizer.encode_ids(TEXTS)
    for index in (0, 4095, 4096, 8191, 8192, len(TEXTS) - 1):
        assert tokenizer.encode_ids([TEXTS[index]]) == [together[index]]
        assert tokenizer.encode(TEXTS[index]).ids == tuple(together[index])
    assert tokenizer.encode_ids([]) == [] and tokenizer.encode_ids(["", "a", ""])[::2] == [[], []]
    assert tokenizer.encode("").offsets == () and tokenizer.decode([]) == ""
    with pytest.raises(DataError, match="character 2 of text 1"):
        tokenizer.encode("a\ud800")
    with pytest.raises(RequestError, match="is not in the vocabulary"):
        tokenizer.decode([10**6])


def test_a_changed_file_is_refused_or_still_loses_nothing(tokenizer):
    draw = random.Random(0)
    good, refused = tokenizer.to_json(), 0
    for _ in range(150):
        at = draw.randrange(len(good))
        changed = good[:at] + draw.choice(['"', "a", "7", ",", "", "▁"]) + good[at + draw.randint(0, 2) :]
        try:
            survivor = Tokenizer.from_json(changed)
        except CheckpointError:
            refused += 1
            continue
        for text, ids in zip(TEXTS[:20], survivor.encode_ids(TEXTS[:20]), strict=True):
            assert not tokenizer.lossless or survivor.decode(ids) == text
    assert refused > 20


def test_sizes_that_cannot_be_are_refused(tokenizer):
    kind = tokenizer.kind
    with pytest.raises(ConfigError, match=r"tokenizer\.vocab_size=3: allowed are"):
        train(corpus(), 3, kind)
    with pytest.raises(ConfigError, match=r"=60000 is more .* the largest is (\d+)") as caught:
        train(corpus(), 60_000, kind)
    largest = int(str(caught.value).split("the largest is ")[1].split(";")[0])
    assert train(corpus(), largest, kind).vocab_size == largest
    automatic = train(corpus(), None, kind).vocab_size
    assert ALGORITHMS[kind].smallest <= automatic <= largest


def test_nothing_left_out_is_the_plain_cut(tokenizer):
    keys = Randomness(1).keys("merge-dropout", 0, np.arange(500))
    rows = tokenizer.dropout_ids(TEXTS[:500], keys, 0.0)
    assert [row.tolist() for row in rows] == tokenizer.encode_ids(TEXTS[:500])
    assert all(row.dtype == np.int32 for row in rows)
    if tokenizer.kind not in ("bpe", "byte_bpe"):
        with pytest.raises(ConfigError, match=f"a {tokenizer.kind} tokenizer has no merges; bpe and byte_bpe have"):
            tokenizer.dropout_ids(["a"], keys[:1], 0.1)


@pytest.mark.parametrize("dropout", [0.1, 0.5, 1.0])
def test_merges_of_bytes_are_left_out_by_key(dropout):
    tokenizer, texts = made("byte_bpe"), [*TEXTS[:3000], *corpus()]
    keys = Randomness(1).keys("merge-dropout", 0, np.arange(len(texts)))
    rows = [row.tolist() for row in tokenizer.dropout_ids(texts, keys, dropout)]
    assert [tokenizer.decode(row) for row in rows] == texts
    assert [row.tolist() for row in tokenizer.dropout_ids(texts[::-1], keys[::-1], dropout)][::-1] == rows
    assert sum(map(len, rows)) > sum(map(len, tokenizer.encode_ids(texts)))
    assert dropout < 1 or all(max(row, default=0) < FIRST_PIECE for row in rows)


def test_the_letters_of_bytes_are_gpt_2s():
    assert LETTERS[ord("A")] == "A" and LETTERS[0x20] == "Ġ" and LETTERS[0x0A] == "Ċ" and LETTERS[0xFF] == "ÿ"
    assert sorted(LETTERS) == sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())


def test_a_search_gives_one_line_of_valid_text(tokenizer):
    torch = pytest.importorskip("torch")
    from dragoman.decode.search import search
    from toy_models import LONGEST, Markov

    class Foreign(Markov):
        """Likes what is no whole character, and line feeds."""

        def _step(self, id_R, state):
            return super()._step(id_R, state) + torch.tensor(liked)

    def is_odd(spelled):
        try:
            return "\n" in spelled.decode()
        except UnicodeDecodeError:
            return True

    spelling = list(tokenizer.spelling)
    liked = [12.0 if spelled and is_odd(spelled) else 0.0 for spelled in spelling]
    grammar = utf8(spelling, newlines(spelling))
    sources = [[4, 5, EOS], [6, EOS]]
    parts = 0
    for options in (DecodeOptions(beam=1), DecodeOptions(beam=4, n_best=4), DecodeOptions(temperature=1.0, n_best=4)):
        for seed in range(4):
            model = Foreign(seed, len(spelling), 8.0)
            for found in search(model, sources, replace(options, max_length=14), LONGEST, grammar):
                for hypothesis in found:
                    text = b"".join(spelling[index] for index in hypothesis.ids)
                    assert b"\n" not in text and text.decode() is not None
                    parts += sum(is_odd(spelling[index]) for index in hypothesis.ids)
    assert parts > 50 or not tokenizer.lossless


def test_the_grammar_follows_pieces_that_hold_parts_of_characters():
    """Every text in bytes of a byte-level piece goes through, and a piece that breaks a character does not."""
    spelling = [b"", b"", b"", b"", b"\xe2", b"\x82\xac", b"\xac", b"\xe2\x82", b"x\xc3", b"\xa4y\n", b"\xa4", b"a"]
    grammar = utf8(spelling, newlines(spelling))
    for ids, whole in (([4, 5], 2), ([7, 6], 2), ([8, 10, 11], 3), ([11, 8, 10], 3), ([7], 0), ([11, 8], 1)):
        assert grammar.whole(ids) == whole
    allowed, following = grammar.allowed_QV, grammar.next_QV
    after = int(following[0, 8])  # "x" and the first byte of a character of two
    assert np.flatnonzero(allowed[0]).tolist() == [EOS, 4, 7, 8, 11]
    assert np.flatnonzero(allowed[after]).tolist() == [6, 10]  # 9 would do, and breaks the line
