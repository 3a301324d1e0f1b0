"""When a text is read in segments and when as a whole; whatever is read fits the model."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny_bundle
from dragoman.errors import DataError, RequestError
from dragoman.options import EOS
from dragoman.text.reading import Reader
from test_segment import anything, whole

TOKENIZER = tiny_bundle.tokenizer()
READER = Reader(tokenizer=TOKENIZER, room=60, usual=30, language="en")
TWO, ONE = "the cat sat on the mat. A dog ran.", "the cat sat on the mat"


def read(text, split="auto", reader=READER):
    (reading,) = reader.read([text], split, "text {}".format)
    assert reading.whole or not whole(text, reading.segments)
    spoken = [text[part.start : part.end] for part in reading.segments if part.kind == "text"]
    assert list(reading.ids) == [[*ids, EOS] for ids in TOKENIZER.encode_ids(spoken)]
    assert all(len(ids) <= reader.room + 1 for ids in reading.ids)
    return [text[part.start : part.end] for part in reading.segments]


def test_what_is_usual_is_read_as_a_whole():
    pieces = len(TOKENIZER.encode(TWO).ids)
    for usual, parts in ((pieces, 1), (pieces - 1, 3), (None, 1)):
        assert len(read(TWO, reader=replace(READER, usual=usual))) == parts
    assert len(read(TWO, reader=replace(READER, room=pieces - 1, usual=None))) == 3
    assert read(TWO, "always") == ["the cat sat on the mat.", " ", "A dog ran."]
    assert read(TWO, "never") == [TWO]


def test_a_sentence_that_fits_is_never_divided_even_if_unusual():
    for mode in ("auto", "always", "never"):
        assert read(f" {ONE} ", mode, replace(READER, usual=3)) == [f" {ONE} "]


def test_a_sentence_that_does_not_fit_is_read_in_parts_of_usual_length():
    text = f"{ONE}, " * 20
    for part in read(text):
        assert len(TOKENIZER.encode(part).ids) <= 30
    assert len(read("x" * 1000)) > 30


@pytest.mark.parametrize("mode", ["auto", "always", "never"])
def test_blank_texts_have_no_ids(mode):
    for text in ("", " ", "\t\u2028 "):
        (reading,) = READER.read([text], mode, str)
        assert reading.ids == () and reading.whole
    for text in (" " * 5000, " " * 300):
        if mode != "never":
            assert READER.read([text], mode, str)[0].ids == ()


@settings(deadline=None, max_examples=150)
@given(anything, st.integers(5, 80), st.one_of(st.none(), st.integers(1, 80)), st.sampled_from(["auto", "always"]))
def test_every_text_is_read_and_fits(text, room, usual, mode):
    if text.strip():
        read(text, mode, Reader(tokenizer=TOKENIZER, room=room, usual=usual, language="en"))


@pytest.mark.parametrize("length", [1, 2, 10, 1000, 50_000])
def test_texts_of_any_length_join_again(length):
    for unit in ("x", ONE + ". ", "a, b; ", "日本語。", "👩‍👩‍👧‍👦 "):
        text = (unit * (length // len(unit) + 1))[:length]
        if text.strip():
            assert "".join(read(text)) == text


def test_what_cannot_be_read_is_refused_by_name():
    with pytest.raises(RequestError, match=r"^book:1 has \d+ pieces, this model takes at most 60; split it into "):
        READER.read(["it", f"{ONE}. " * 9], "never", "book:{}".format)
    with pytest.raises(RequestError, match=r"^book:0 holds a character of 5 pieces, this model takes at most 4; use "):
        replace(READER, room=4).read(["\U0010ffff x"], "auto", "book:{}".format)
    with pytest.raises(DataError, match="character 2 of text 2 is "):
        READER.read(["it", "a\ud800" + "x" * 1000], "auto", str)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["x", ONE + ". "])
def test_a_million_characters_are_read(unit):
    text = (unit * 1_000_000)[:1_000_000].strip()
    assert "".join(read(text)) == text
