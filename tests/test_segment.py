"""Segments join to their text whatever it is, and no cut tears a character; one that fits is never cut."""

from itertools import zip_longest

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny_bundle
from dragoman.text import segment
from dragoman.text.segment import cut, split, tears
from dragoman.text.tokenizer import Encoding
from odd_texts import STRANGE, odd_texts

TOKENIZER = tiny_bundle.tokenizer()
MARKS = (". ", "! ", "? ", ".", "…", "\r\n", "\n\n", ", ", "; ", " – ", "Mr. ", "3.5", "(", '"', "»", "؟ ", "। ")
anything = st.lists(st.one_of(st.sampled_from(STRANGE), st.sampled_from(MARKS), st.text(max_size=5)), max_size=40).map(
    "".join
)


def joined(text, segments):
    return "".join(text[part.start : part.end] for part in segments)


def whole(text, segments):
    """Say whether the segments cover the text in order, and blanks are what is white."""
    assert joined(text, segments) == text
    assert [part.start for part in segments] == [0, *(part.end for part in segments)][: len(segments)]
    for part, following in zip_longest(segments, segments[1:]):
        words = text[part.start : part.end]
        assert words and words.isspace() == (part.kind == "blank")
        assert part.kind == "text" or following is None or following.kind == "text"
        assert part.kind == "blank" or words == words.strip()


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("  Good day.  How are you? ", "en", ["  ", "Good day.", "  ", "How are you?", " "]),
        ("Mr. Smith is 3.5 m tall. Is he?", "en", ["Mr. Smith is 3.5 m tall.", " ", "Is he?"]),
        ("Das ist z.B. gut. Am 3. Mai!", "de-AT", ["Das ist z.B. gut.", " ", "Am 3. Mai!"]),
        ("これは。それは！", "ja", ["これは。", "それは！"]),
        ("One.\r\n\r\n\tTwo.\n", None, ["One.", "\r\n\r\n\t", "Two.", "\n"]),
        ("Hi there. You.", "no-such-language", ["Hi there.", " ", "You."]),
        ("Hi there. You.", None, ["Hi there.", " ", "You."]),
        (" \t ", "en", [" \t "]),
        ("", "en", []),
    ],
)
def test_known_splits(text, language, parts):
    assert [text[part.start : part.end] for part in split(text, language)] == parts


@settings(deadline=None, max_examples=300)
@given(anything, st.sampled_from(["en", "de", "ja", "ar", "hi", "zz", "", None]))
def test_sentences_and_blanks_join_to_the_text(text, language):
    whole(text, split(text, language))
    assert not any(
        tears(text, part.end) for part in split(text, language) if not text[part.end : part.end + 1].isspace()
    )


@pytest.mark.parametrize("answer", [["a. b"], ["a. ", "c"], [], ["a. b c", ""], ["a.", "b c"], ["", "a. ", "", "b c"]])
def test_a_splitter_that_loses_text_loses_nothing_here(answer, monkeypatch):
    monkeypatch.setattr(segment, "sentences", lambda code, text: answer)
    whole("a. b c", split("a. b c", "en"))


def test_a_splitter_that_changes_the_text_is_not_believed(monkeypatch):
    monkeypatch.setattr(segment, "sentences", lambda code, text: ["a. c ", "b"])
    assert [(part.start, part.end) for part in split("a. b c", "en")] == [(0, 6)]


@settings(deadline=None, max_examples=200)
@given(anything, st.integers(1, 30))
def test_parts_join_to_the_text_and_have_no_more_pieces_than_asked(text, size):
    parts = list(cut(text, TOKENIZER.encode, size))
    whole(text, parts)
    for part in parts:
        pieces = len(TOKENIZER.encode(text[part.start : part.end]).ids)
        assert part.kind == "blank" or pieces <= size or part.end - part.start == 1


@settings(deadline=None, max_examples=100)
@given(anything)
def test_what_fits_is_not_cut(text):
    text = text.strip()
    size = max(1, len(TOKENIZER.encode(text).ids))
    assert [(part.start, part.end) for part in cut(text, TOKENIZER.encode, size)] == [(0, len(text))] * bool(text)


def test_a_sentence_is_cut_at_clauses_then_at_blanks_then_between_characters():
    def parts(text, size):
        return [
            (text[part.start : part.end], part.ends_at)
            for part in cut(text, TOKENIZER.encode, size)
            if part.kind == "text"
        ]

    assert parts("the cat, the dog sat", 8)[0] == ("the cat,", "clause")
    assert parts("the 1,000 cats", 8)[0][1] == "blank"  # no clause ends within a number
    assert parts("the cat sat on the mat", 6)[0][1] == "blank"
    assert {place for _, place in parts("x" * 50, 8)[:-1]} == {"character"}
    letters = "🇩🇪🇫🇷🇮🇹👩‍👩‍👧‍👦e\u0301" * 9
    ends = {found.end() for found in regex.finditer(r"\X", letters)}
    for size in range(40, 60):
        assert all(part.end in ends for part in cut(letters, TOKENIZER.encode, size))


def test_a_part_that_has_more_pieces_once_it_is_cut_is_cut_again():
    def encode(text):
        """Four characters in a row are a piece, what is left over has one a character."""
        ends = [*range(4, len(text) + 1, 4)]
        ends += range(4 * len(ends) + 1, len(text) + 1)
        offsets = tuple(zip([0, *ends], ends, strict=False))
        return Encoding(ids=(0,) * len(ends), pieces=("",) * len(ends), offsets=offsets)

    text = "xxxe\u0301" * 20  # most pieces end within a character
    for size in (2, 3, 5):
        parts = list(cut(text, encode, size))
        whole(text, parts)
        assert all(len(encode(text[part.start : part.end]).ids) <= size for part in parts)


def test_no_place_inside_a_grapheme_is_free():
    """The regex library knows Unicode's rule (UAX 29); ours may hold more together, never less."""
    for text in [*odd_texts(3000, seed=3), "🇩🇪🇫🇷🇮🇹" * 3, "각" * 4, "กำ" * 3, "हिन्दी क्ष", "👍🏽👩‍👩‍👧‍👦", "a\r\nb"]:
        at = 0
        for grapheme in regex.findall(r"\X", text):
            assert all(tears(text, at + inside) for inside in range(1, len(grapheme))), (text, grapheme)
            at += len(grapheme)
    for plain in ("the cat", "größten", "日本語", "🙂🙂", "🇩🇪🇫🇷"):
        free = [place for place in range(1, len(plain)) if not tears(plain, place)]
        assert len(free) == len(regex.findall(r"\X", plain)) - 1


@pytest.mark.parametrize("unit", ["x", "the cat ", "a, ", "\u0301", "🇩🇪", "👩‍"])
def test_the_work_grows_with_the_length_alone(unit):
    def characters_encoded(length):
        count = 0

        def encode(text):
            nonlocal count
            count += len(text)
            return TOKENIZER.encode(text)

        text = (unit * length)[:length]
        whole(text, list(cut(text, encode, 40)))
        return count

    assert characters_encoded(40_000) < 4.5 * characters_encoded(10_000)
