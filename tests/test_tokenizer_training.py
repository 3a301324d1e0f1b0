"""Learning a vocabulary: the same from the same lines, exact in size, no piece that could be mistaken."""

import collections
import itertools
import json
import os
import random
import subprocess
import sys

import pytest

from dragoman.errors import ConfigError, DataError
from dragoman.options import FIRST_PIECE
from dragoman.text.merging import learn
from dragoman.text.spelling import RESERVED
from dragoman.text.training import sample, train
from odd_texts import BLANK, corpus, odd_texts

TEXTBOOK = {"low": 5, "lower": 2, "newest": 6, "widest": 3}


def learned_plainly(lines, room):
    """Algorithm 1 of Sennrich et al. 2016 as it stands there: count every pair anew before each merge."""
    words = collections.Counter()
    for line, count in lines.items():
        for word in line.split(" "):
            words[tuple(BLANK + word)] += count
    number = {letter: index for index, letter in enumerate(sorted({letter for word in words for letter in word}))}
    merges = []
    while len(number) < room:
        pairs = collections.Counter()
        for word, count in words.items():
            for pair in itertools.pairwise(word):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], number[pair[0]], number[pair[1]]))
        merges.append(best)
        number.setdefault("".join(best), len(number))
        merged = collections.Counter()
        for word, count in words.items():
            merged[_merge(word, best)] += count
        words = merged
    return merges


def _merge(word, pair):
    left = []
    for symbol in word:
        if left and (left[-1], symbol) == pair:
            left[-1] += symbol
        else:
            left.append(symbol)
    return tuple(left)


def test_the_textbook_example():
    letters, merges = learn(TEXTBOOK, 18 + 11)
    assert letters == [BLANK, "e", "w", "s", "t", "l", "o", "n", "d", "i", "r"]
    assert merges[:5] == [("e", "s"), ("es", "t"), ("l", "o"), (BLANK, "lo"), ("▁lo", "w")]
    assert merges[5:7] == [("e", "w"), ("n", "ew")]
    assert learned_plainly(TEXTBOOK, 18 + 11) == merges


@pytest.mark.parametrize("seed", range(12))
def test_learning_follows_the_paper(seed):
    # Letters in a word all differ: a pair that overlaps itself ("aaa") may be counted in more ways than one.
    draw = random.Random(seed)
    words = ["".join(draw.sample("abcdefgh", k=draw.randint(1, 6))) for _ in range(40)]
    lines = {" ".join(draw.choices(words, k=draw.randint(1, 8))): draw.randint(1, 4) for _ in range(30)}
    assert learn(lines, 60)[1] == learned_plainly(lines, 60)


def test_the_same_lines_give_the_same_file():
    lines = corpus()
    expected = train(lines, 500).to_json()
    for seed in range(3):
        random.Random(seed).shuffle(lines)
        assert train(iter(lines), 500).to_json() == expected


def test_another_process_learns_the_same():
    program = (
        "from odd_texts import corpus; from dragoman.text.training import sample, train;"
        "print(train(sample(corpus(), 9000).elements(), 400).fingerprint)"
    )
    expected = train(sample(corpus(), 9000).elements(), 400).fingerprint
    path = os.pathsep.join(sys.path)
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
        assert done.stdout.decode().strip() == expected


def test_a_line_counts_as_often_as_it_occurs():
    few = ["abab cdcd", "cdcd", "ab"]
    assert learn(sample([*few, "ab", "ab", "ab"], 1000), 16)[1][0] == ("a", "b")
    assert learn(sample([*few, "cd", "cd", "cd"], 1000), 16)[1][0] == ("c", "d")


@pytest.mark.parametrize("vocab_size", [300, 301, 333, 400, 640])
def test_the_size_counts_everything_and_is_exact(vocab_size):
    tokenizer = train(corpus(), vocab_size)
    pieces = [tokenizer.piece(index) for index in range(vocab_size)]
    assert tokenizer.vocab_size == vocab_size == len(set(pieces))
    assert tuple(pieces[:FIRST_PIECE]) == RESERVED
    assert BLANK in pieces


def test_no_piece_is_learned_that_could_be_mistaken():
    lines = [f"a</s>b {typed}{typed} x{typed}\0\n{BLANK}yz the{BLANK}cat{BLANK}" for typed in RESERVED[:80]] * 20
    tokenizer = train([*lines, *corpus()], 700)
    merges = json.loads(tokenizer.to_json())["model"]["merges"]
    joined = [left + right for left, right in merges]
    assert not set(joined) & set(RESERVED)
    assert not any(BLANK in piece[1:] or "\0" in piece or "\n" in piece for piece in joined)
    assert "</" in joined, "what is harmless is learned"
    for typed in RESERVED:
        assert tokenizer.decode(tokenizer.encode_ids([typed])[0]) == typed


def test_a_word_and_the_marks_beside_it_share_no_piece():
    """Else "house", "house." and "(house" are three words; an apostrophe may begin a piece, as in "'s"."""
    lines = ['It\'s a house. The (house), "house"; house-boat? 5€ a+b'] * 50
    tokenizer = train(lines, None)
    pieces = [tokenizer.piece(i) for i in range(FIRST_PIECE, tokenizer.vocab_size)]
    for piece in pieces:
        marks = [not letter.isalnum() for letter in piece.removeprefix(BLANK).removeprefix("'")]
        assert all(marks) or not any(marks), piece
    assert {f"{BLANK}house", "house", "'s", f"{BLANK}("} <= set(pieces)
    assert tokenizer.encode("house.").pieces == (f"{BLANK}house", ".")


def test_a_letter_with_combining_marks_stays_one_word():
    """Vowel signs are no punctuation, though Python's \\w leaves them out."""
    _, merges = learn({"हिन्दी में": 50}, 40)
    assert f"{BLANK}हिन्दी" in {left + right for left, right in merges}


def test_a_u2581_of_the_user_is_no_blank_to_learn_from():
    letters, merges = learn({f"a{BLANK}xy": 3}, 16)
    assert letters == [BLANK, "a", "x", "y"]
    assert merges == [("x", "y"), (BLANK, "a")]


def test_too_many_letters_leave_half_of_the_room_to_merges():
    # 200 letters; the n-th occurs more often the higher n is. Of 100 places 50 are for letters.
    letters = [chr(0x4E00 + index) for index in range(200)]
    lines = ["".join(letters[start:]) + " abcdef" for start in range(200)]
    tokenizer = train(lines, 360)
    pieces = [tokenizer.piece(index) for index in range(FIRST_PIECE, 360)]
    singles = [piece for piece in pieces if len(piece) == 1]
    assert len(singles) == 50
    assert set(singles) == {BLANK, *"abcdef", *letters[-43:]}
    assert all(set(piece) <= set(singles) for piece in pieces)
    (ids,) = tokenizer.encode_ids(lines[:1])
    assert tokenizer.decode(ids) == lines[0]
    assert tokenizer.encode(letters[0]).pieces[1:] == ("<0xE4>", "<0xB8>", "<0x80>")


def test_letters_fill_what_merges_cannot():
    # Each letter is a word of its own: n letters give n merges with the blank, and no more.
    letters = [chr(0x4E00 + index) for index in range(60)]
    lines = [" ".join(letters[start:]) for start in range(60)]
    pieces = [train(lines, 320).piece(index) for index in range(FIRST_PIECE, 320)]
    assert len({piece for piece in pieces if len(piece) == 1}) == 31
    assert train(lines, 260 + 1 + 60 + 60).vocab_size == 381
    with pytest.raises(ConfigError, match="the largest is 381;"):
        train(lines, 382)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(corpus()[:40], id="words"),
        pytest.param(["".join(chr(0x4E00 + index) for index in range(start, start + 9)) for start in range(90)]),
    ],
)
def test_a_vocabulary_that_the_text_cannot_give_is_refused_with_the_largest(lines):
    with pytest.raises(ConfigError, match=r"=5000 is more .* the largest is (\d+); write --set") as caught:
        train(lines, 5000)
    largest = int(str(caught.value).split("the largest is ")[1].split(";")[0])
    assert train(lines, largest).vocab_size == largest
    with pytest.raises(ConfigError, match=f"the largest is {largest};"):
        train(lines, largest + 1)


@pytest.mark.parametrize("vocab_size", [-1, 0, 259, 299, 1_000_001])
def test_a_size_that_cannot_be_is_refused_before_any_work(vocab_size):
    def texts():
        raise AssertionError("the text was read")
        yield ""

    with pytest.raises(ConfigError, match=rf"tokenizer\.vocab_size={vocab_size}: allowed are 300 to 1000000"):
        train(texts(), vocab_size)


def test_an_algorithm_that_is_not_there_is_named():
    with pytest.raises(ConfigError, match=r"tokenizer\.algorithm='morphemes' is not there; allowed: bpe"):
        train(corpus(), 400, algorithm="morphemes")
    with pytest.raises(ConfigError, match=r"did you mean bpe\?"):
        train(corpus(), 400, algorithm="bpee")


def test_text_that_is_missing_or_broken_is_refused():
    for nothing in ([], ["", ""]):
        with pytest.raises(DataError, match="is empty"):
            train(nothing, 400)
    with pytest.raises(DataError, match=r"no more than 26\d pieces, and the smallest vocabulary has 300"):
        train(["a b c"], 400)
    with pytest.raises(DataError, match=r"character 2 of text 3 is U\+DC00"):
        train(["a", "b", "c\udc00"], 400)


def test_a_sample_is_bounded_and_independent_of_order():
    lines = odd_texts(3000, seed=5)
    drawn = sample(lines, 4000)
    assert 1000 < sum(map(len, drawn)) <= 4000
    assert sample(reversed(lines), 4000) == drawn
    assert all(count == lines.count(text) for text, count in drawn.items())
    everything = sample(lines, 10**9)
    assert everything == collections.Counter(text for text in lines if text)


def test_a_line_that_repeats_does_not_fill_the_sample():
    assert sample(["again and again"] * 1000, 20) == {"again and again": 1000}
