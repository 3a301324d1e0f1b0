"""The measures of a tokenizer: counted by hand, by brute force, and against what the definition says at its ends."""

from collections import Counter

import pytest

from dragoman.errors import DataError
from dragoman.options import FIRST_BYTE, FIRST_PIECE
from dragoman.text.laboratory import (
    Failure,
    Spread,
    first_piece,
    hold_out,
    keep,
    measure,
    renyi_efficiency,
    speed,
    spread,
    torn,
)
from dragoman.text.training import train
from foreign_tokenizers import Foreign
from odd_texts import corpus, odd_texts

LINES = ["the cat sees the mat.", "größten", "a 🙂 tower", "zebra zebra"]


@pytest.fixture(scope="module")
def tokenizer():
    return train(corpus(), 500)


def test_every_measure_by_brute_force(tokenizer):
    found = measure(tokenizer, LINES)
    rows = [tokenizer.encode(line) for line in LINES]
    words = [word for line in LINES for word in line.split()]
    alone = [len(tokenizer.encode(word).ids) for word in words]
    pieces = sum(len(row.ids) for row in rows)
    assert (found.lines, found.words, found.pieces) == (4, 11, pieces)
    assert found.pieces_a_word == pieces / 11 == sum(alone) / 11  # single blanks: the sum of the words alone
    assert found.pieces_a_line == pieces / 4
    assert found.characters_a_piece == sum(map(len, LINES)) / pieces
    assert found.whole_words == alone.count(1) / 11
    assert found.word_lengths.longest == max(alone) and found.word_lengths.median == sorted(alone)[5]
    assert found.line_lengths.longest == max(len(row.ids) for row in rows)
    ids = Counter(index for row in rows for index in row.ids)
    assert found.byte_share == sum(n for index, n in ids.items() if FIRST_BYTE <= index < FIRST_PIECE) / pieces > 0
    assert found.vocabulary_use == len([index for index in ids if index >= FIRST_PIECE]) / (500 - FIRST_PIECE)
    assert (found.unknown_share, found.failures, found.failure) == (0, 0, None)


def test_coverage_counts_the_characters_that_stand_whole_in_a_piece():
    letters = Foreign(spelled="ö🙂")
    assert torn("a ö b🙂", letters.encode("a ö b🙂")) == {2, 5}
    assert measure(letters, ["a ö b🙂"]).coverage == 1 - 2 / 4
    assert measure(Foreign(unknown="[bc]"), ["ab c"]).coverage == 1 - 2 / 3
    assert measure(Foreign(unknown="[bc]"), ["ab c"]).unknown_share == 2 / 4
    assert measure(Foreign(), odd_texts(50)).coverage == 1


def test_a_family_without_bytes_has_its_first_pieces_counted():
    words = Foreign(r"\s?\w+", extra=[f"word{number}" for number in range(400)], has_bytes=False)
    assert first_piece(words) == FIRST_BYTE and first_piece(Foreign()) == FIRST_PIECE
    assert first_piece(Foreign(has_bytes=False)) == FIRST_BYTE
    found = measure(words, ["word1 of a word2", "word3"])
    assert found.byte_share == 0 and found.vocabulary_use == 5 / (words.vocab_size - FIRST_BYTE)


def test_an_unknown_word_is_not_one_piece_and_a_word_has_its_blank():
    found = measure(Foreign(r"\s?\w+", unknown=" no"), ["we no we", "we we"])
    assert found.whole_words == 4 / 5 and found.word_lengths.longest == 1
    assert measure(Foreign(r"\s?\w+", unknown=" no"), ["we"]).whole_words == 1


def test_what_does_not_come_back_is_shown():
    found = measure(Foreign(change=str.lower), ["fine", "Hello", "Bob"])
    assert (found.failures, found.failure) == (2, Failure("Hello", "hello"))


def test_a_spread_holds_values_that_occur():
    assert spread(Counter([1] * 50 + [2] * 40 + [7] * 9 + [30])) == Spread(1, 2, 7, 30)
    assert spread(Counter([3])) == Spread(3, 3, 3, 3)


def test_the_renyi_efficiency_at_its_ends_and_by_hand():
    assert renyi_efficiency([5] * 64, 64) == pytest.approx(1)
    assert renyi_efficiency([5], 64) == 0
    assert renyi_efficiency([5] * 8, 64) == pytest.approx(1 / 2)  # an eighth of the pieces, evenly: log 8 / log 64
    # p = 3/4, 1/4: Σ p^2.5 = 0.48714 + 0.03125; its logarithm over -1.5 is 0.4380
    assert renyi_efficiency([3, 1, 0], 4) == pytest.approx(0.4380 / 1.3863, abs=1e-4)
    assert renyi_efficiency([30, 10], 4) == pytest.approx(renyi_efficiency([3, 1], 4))


def test_an_empty_text_is_refused(tokenizer):
    for lines in ([], [""], ["  ", ""]):
        with pytest.raises(DataError, match="give at least some lines"):
            measure(tokenizer, lines)


def test_speed_is_some_lines_a_second(tokenizer):
    found = speed(tokenizer, LINES)
    assert found.encode > 0 and found.decode > 0


def rows(count):
    return [(f"line {number}", f"Zeile {number}") for number in range(count)]


def test_a_tenth_is_held_out_whatever_the_order():
    forwards, backwards = hold_out(rows(3000), 10_000), hold_out(rows(3000)[::-1], 10_000)
    assert set(forwards.held_out) == set(backwards.held_out)
    assert set(forwards.held_out) | set(forwards.training) == set(rows(3000))
    assert not set(forwards.held_out) & set(forwards.training)
    assert 240 < len(forwards.held_out) < 360 and forwards.total == 3000


def test_a_line_that_is_measured_was_never_learned_from():
    doubled = hold_out(rows(300) * 3, 10_000)
    assert len(doubled.held_out) == 3 * len(set(doubled.held_out))
    assert not set(doubled.held_out) & set(doubled.training)


def test_of_a_long_text_a_bounded_sample_is_kept():
    kept, total = keep(((f"line {number}",) for number in range(100_000)), 2000)
    assert 900 <= len(kept) <= 2000 and total == 100_000
    assert keep([("a", ""), ("", ""), ("", "b")], 10) == ([("a", ""), ("", "b")], 2)
    assert keep([("same",)] * 50, 10)[0] in ([], [("same",)] * 50)


def test_too_few_lines_are_refused():
    with pytest.raises(DataError, match="3 lines are too few"):
        hold_out([("a",)] * 3, 10)
