"""The tokenizers of the page, which are TypeScript, cut and join every text as those of Python do."""

import random
import subprocess
import sys
import unicodedata

import pytest

from dragoman import shipped
from dragoman.options import SPECIALS
from dragoman.text.sentencepiece import NORMAL, UNKNOWN, Piece, message
from dragoman.text.spelling import RESERVED
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.tokens import Tokens
from dragoman.text.training import ALGORITHMS, train
from dragoman.text.unigram import Unigram
from odd_texts import corpus, knots, odd_texts
from page import WEB

SIZES = {"bpe": 500, "byte_bpe": 500, "unigram": 500, "wordpiece": 300, "character": 320, "word": 110}
TEXTS = [
    *odd_texts(5000, seed=7),
    *corpus(),
    *knots(500, "es t<▁l"),
    *("", " ", "\n", "\r", "\r\n\n", "</s>", "<0x0A>", "▁", "\ufeff", "’s", "l'été's", "a" * 4000, "日本語" * 500),
    *(" ".join(odd_texts(50, seed)) for seed in range(20)),
]
PARTS = (0x00, 0x41, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xC3, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF)


def odd_ids(tokenizer: Tokenizer) -> list[list[int]]:
    """Ids that no text has: of all pieces, and bytes that are no UTF-8."""
    draw = random.Random(3)
    rows = [[draw.randrange(tokenizer.vocab_size) for _ in range(draw.randint(0, 12))] for _ in range(2000)]
    if tokenizer.lossless:
        rows += [[4 + draw.choice(PARTS) for _ in range(draw.randint(1, 7))] for _ in range(2000)]
    return rows


def check(page, tokenizer: Tokenizer, texts: list[str]) -> None:
    wanted = tokenizer.encode_ids(texts)
    rows = [*wanted, *odd_ids(tokenizer)]
    given = page.ask("tokenizer", json=tokenizer.to_json(), texts=texts, ids=rows)
    assert given["kind"] == tokenizer.kind
    assert given["spelling"] == [list(spelled) for spelled in tokenizer.spelling]
    for text, ids, expected in zip(texts, given["ids"], wanted, strict=True):
        assert ids == expected, text
    for ids, text in zip(rows, given["texts"], strict=True):
        assert text == tokenizer.decode(ids), ids


@pytest.mark.parametrize("family", ALGORITHMS)
def test_every_family_cuts_and_joins_as_in_python(page, family):
    check(page, train(corpus(), SIZES[family], family), TEXTS)


@pytest.mark.parametrize(
    ("cut", "pieces"), [("characters", "eaé 🙂\u2028<▁"), ("blanks", ["the", "cat", "</s", "é", "🙂", "▁", "."])]
)
def test_a_list_of_tokens_cuts_and_joins_as_in_python(page, cut, pieces):
    tokenizer = Tokenizer(Tokens((*SPECIALS, *pieces), cut))
    texts = [*TEXTS, "the\x1ccat\x85the\u3000cat\u180ethe\u200bcat", "<unk> the", "🙂 the"]
    check(page, tokenizer, texts)
    given = page.ask("tokenizer", json=tokenizer.to_json(), texts=texts, ids=[])
    assert given["offsets"] == [[list(span) for span in tokenizer.encode(text).offsets] for text in texts]


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("name", shipped.names())
def test_the_tokenizers_that_ship_cut_and_join_as_in_python(page, name, side):
    check(page, Tokenizer.load(name, side), TEXTS)


def test_of_cuts_that_are_equally_likely_the_same_is_taken(page):
    """Every letter costs the same, however a text is cut."""
    pieces = ["▁", "e", "s", "t", "es", "st", "est", "▁e", "▁es", "tes", "▁t", "te"]
    scores = [-float(len(piece)) for piece in pieces]
    check(page, Tokenizer(Unigram((*RESERVED, *pieces), tuple(scores))), knots(1000, "est "))


@pytest.mark.slow
def test_characters_of_every_class_are_taken_for_what_they_are(page):
    """One text holds the first and last of every run of a class, between letters, numbers and marks.

    Those tell what it was taken for; that the runs are the library's is the test below.
    """
    every = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    kinds = [(unicodedata.category(point), unicodedata.combining(point) > 0, point.isspace()) for point in every]
    points = [p for at, p in enumerate(every) if len({*kinds[max(0, at - 1) : at + 2]}) > 1 or at % 97 == 0]
    text = "".join(f"a{point}a 1{point} .{point}" for point in points)
    for family in ("byte_bpe", "wordpiece", "word"):
        tokenizer = train(["a a. 1 a1 .", *corpus()], SIZES[family], family)
        parts = [text[start : start + 3000] for start in range(0, len(text), 3000)]
        given = page.ask("tokenizer", json=tokenizer.to_json(), texts=parts, ids=[])
        assert given["ids"] == tokenizer.encode_ids(parts)


def test_the_table_of_characters_is_what_the_library_says():
    """Else `python web/write_unicode.py > web/src/model/unicode.ts` is due: the library knows a newer Unicode."""
    written = subprocess.check_output([sys.executable, str(WEB / "write_unicode.py")], encoding="utf-8")
    assert written == (WEB / "src/model/unicode.ts").read_text(encoding="utf-8")


def test_half_a_surrogate_pair_is_refused(page):
    tokenizer = train(corpus(), SIZES["bpe"], "bpe")
    given = page.ask("tokenizer", json=tokenizer.to_json(), texts=["a\ud800b"], ids=[])
    assert given["kind"] == "Error" and "U+D800, half of a surrogate pair" in given["error"]


def test_a_model_of_another_hand_is_refused_by_name(page):
    pieces = [Piece("<unk>", 0.0, UNKNOWN), Piece("a", -1.0, NORMAL)]
    json = Tokenizer.from_foreign_sentencepiece(message(pieces, {})).to_json()
    given = page.ask("tokenizer", json=json, texts=["a"], ids=[])
    assert given["kind"] == "Error" and "SentencePiece model of another hand is not read here" in given["error"]
