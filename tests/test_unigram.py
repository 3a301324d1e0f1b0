"""The unigram model: learned alike every time, its lattice complete, its cuts drawn as the formula says."""

import itertools
import math
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from dragoman import _native
from dragoman.errors import ConfigError, DataError, RequestError
from dragoman.options import FIRST_BYTE, FIRST_PIECE
from dragoman.randomness import Randomness
from dragoman.text.family import code_points
from dragoman.text.spelling import RESERVED
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train
from dragoman.text.unigram import Unigram
from odd_texts import BLANK, corpus, knots, odd_texts

TEXTS = [*odd_texts(2000, seed=3), *knots(300, "aest "), *corpus(), ""]
SCORES = {BLANK: -2.0, "l": -3.0, "o": -3.0, "w": -3.0, "▁low": -4.0, "lo": -4.0}


@pytest.fixture(scope="module")
def tokenizer():
    return train(corpus(), 500, "unigram")


@pytest.fixture(scope="module")
def by_hand():
    return Tokenizer(Unigram(pieces=(*RESERVED, *SCORES), scores=tuple(SCORES.values())))


def keys(count):
    return Randomness(1).keys("sampling", 0, np.arange(count))


def cuts(text, scores, unknown):
    """Every cut of one word, as ids with its score; by hand."""
    if not text:
        return [((), 0.0)]
    found = []
    for length in range(1, len(text) + 1):
        piece = text[:length]
        if piece in scores:
            head, own = (FIRST_PIECE + list(scores).index(piece),), scores[piece]
        elif length == 1:
            head, own = tuple(FIRST_BYTE + byte for byte in piece.encode()), unknown
        else:
            continue
        found += [(head + tail, own + rest) for tail, rest in cuts(text[length:], scores, unknown)]
    return found


def mix(z):
    bits = (1 << 64) - 1
    z = (z + 0x9E3779B97F4A7C15) & bits
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & bits
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & bits
    return z ^ (z >> 31)


def drawn_plainly(text, scores, unknown, key, alpha):
    """The formula at the top of native/lattice.h, word by word."""
    ids = []
    words = [BLANK + word for word in text.split(" ")]
    for number, word in enumerate(words):
        state = mix(mix(key & ((1 << 64) - 1)) ^ mix(number))
        edges = [
            (start, end, word[start:end], scores.get(word[start:end], unknown))
            for end in range(1, len(word) + 1)
            for start in range(end - 1, -1, -1)
            if word[start:end] in scores or end - start == 1
        ]
        forward = [0.0] + [-math.inf] * len(word)
        for end in range(1, len(word) + 1):
            forward[end] = math.log(sum(math.exp(forward[s] + alpha * w) for s, e, _, w in edges if e == end))
        path, end = [], len(word)
        while end:
            u, total = (mix(state ^ mix(len(path))) >> 11) / 2**53, 0.0
            for start, stop, _, weight in edges:
                if stop == end:
                    total += math.exp(forward[start] + alpha * weight - forward[end])
                    if total > u:
                        break
            path.append(word[start:end])
            end = start
        for piece in path[::-1]:
            known = piece in scores
            ids += [FIRST_PIECE + list(scores).index(piece)] if known else [FIRST_BYTE + b for b in piece.encode()]
    return ids


def test_the_textbook_example(by_hand):
    assert by_hand.encode("low").pieces == ("▁low",)
    assert by_hand.encode("lox low").pieces == (BLANK, "lo", "<0x78>", "▁low")
    found = by_hand.history("low")
    assert [(c.piece, c.start, c.end, c.log_probability) for c in found.candidates] == [
        (BLANK, 0, 0, -2.0), ("l", 0, 1, -3.0), ("o", 1, 2, -3.0), ("lo", 0, 2, -4.0), ("w", 2, 3, -3.0),
        ("▁low", 0, 3, -4.0),
    ]  # fmt: skip
    assert [c.piece for c in found.best] == ["▁low"] and found.log_probability == -4.0


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0, 2.0])
def test_a_cut_is_drawn_by_the_formula(by_hand, alpha):
    texts = ["low", "lowlo ol", "xlow low ä", "olololow", " low  lo"]
    rows = by_hand.sample_ids(texts * 40, keys(200), alpha)
    for text, key, row in zip(texts * 40, keys(200).tolist(), rows, strict=True):
        assert row.tolist() == drawn_plainly(text, SCORES, -14.0, key, alpha)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_cuts_come_as_often_as_their_probability(by_hand, alpha):
    word, count = "lowlo", 20_000
    every = cuts(BLANK + word, SCORES, -14.0)
    total = sum(math.exp(alpha * score) for _, score in every)
    seen = Counter(tuple(row.tolist()) for row in by_hand.sample_ids([word] * count, keys(count), alpha))
    assert set(seen) <= {ids for ids, _ in every}
    for ids, score in every:
        chance = math.exp(alpha * score) / total
        assert abs(seen[ids] - count * chance) <= 5 * math.sqrt(count * chance) + 1


def test_a_large_alpha_leaves_the_best_cut(tokenizer):
    best = tokenizer.encode_ids(TEXTS)
    rows = [row.tolist() for row in tokenizer.sample_ids(TEXTS, keys(len(TEXTS)), 1e4)]
    different = [text for text, row, ids in zip(TEXTS, rows, best, strict=True) if row != ids]
    assert len(different) < len(TEXTS) / 50  # two cuts may be equally likely
    scores = {tokenizer.piece(i): s for i, s in enumerate(tokenizer._model.scores, start=FIRST_PIECE)}
    for text in different:
        key = keys(len(TEXTS))[TEXTS.index(text)]
        (row,) = tokenizer.sample_ids([text], np.array([key]), 1e4)
        sums = [
            sum(scores.get(tokenizer.piece(i), 0.0) for i in ids) for ids in (row.tolist(), best[TEXTS.index(text)])
        ]
        assert sums[0] == pytest.approx(sums[1], abs=1e-3)


@pytest.mark.parametrize("alpha", [0.0, 0.2])
def test_every_cut_is_one_of_the_same_text_and_depends_on_its_key(tokenizer, alpha):
    own = keys(len(TEXTS))
    rows = [row.tolist() for row in tokenizer.sample_ids(TEXTS, own, alpha)]
    assert [tokenizer.decode(row) for row in rows] == TEXTS
    assert all(min(row, default=FIRST_BYTE) >= FIRST_BYTE for row in rows)
    assert [row.tolist() for row in tokenizer.sample_ids(TEXTS[::-1], own[::-1], alpha)][::-1] == rows
    assert rows != [row.tolist() for row in tokenizer.sample_ids(TEXTS, own + 1, alpha)]
    assert tokenizer.sample_ids([], own[:0], alpha) == []


def test_the_history_holds_every_candidate_and_the_cut_that_is_taken(tokenizer):
    for text in TEXTS[:500]:
        found = tokenizer.history(text)
        assert set(found.best) <= set(found.candidates)
        pieces = [piece for piece in tokenizer.encode(text).pieces if piece not in RESERVED]
        assert [c.piece for c in found.best if c.piece != "<unk>"] == pieces
        assert sum(c.piece == "<unk>" for c in found.best) == len([c for c in text if not _known(c, tokenizer)])
        ends = [0, *(c.end for c in found.best)]
        assert [c.start for c in found.best] == [max(0, end) for end in ends[:-1]]
    assert tokenizer.history("").candidates == ()


def _known(letter, tokenizer):
    pieces = _known.__dict__.setdefault("pieces", set(tokenizer._model.pieces))
    return letter != BLANK and letter.replace(" ", BLANK) in pieces


def test_no_cut_is_better_than_the_one_taken(tokenizer):
    index = tokenizer._model.pieces
    scores = dict(zip(index[FIRST_PIECE:], tokenizer._model.scores, strict=True))
    unknown = min(scores.values()) - 10
    for text in ("the", "dog", "größten", "Esel", "new"):
        best = max(score for _, score in cuts(BLANK + text, scores, unknown))
        assert tokenizer.history(text).log_probability == pytest.approx(best)


def test_another_process_learns_the_same():
    program = (
        "from odd_texts import corpus; from dragoman.text.training import train;"
        "print(train(corpus(), 400, 'unigram').fingerprint)"
    )
    expected = train(corpus(), 400, "unigram").fingerprint
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert done.stdout.decode().strip() == expected


def test_learning_finds_the_words_that_text_is_made_of():
    draw = np.random.default_rng(0)
    words = ["kalo", "mirena", "tus", "obelix", "quan"]
    lines = ["".join(draw.choice(words, size=4)) + " " + " ".join(draw.choice(words, size=3)) for _ in range(400)]
    tokenizer = train(lines, 300, "unigram")
    assert tokenizer.encode("mirenatusobelixkalo").pieces[1:] == ("mirena", "tus", "obelix", "kalo") or (
        "".join(tokenizer.encode("mirenatusobelixkalo").pieces) == "▁mirenatusobelixkalo"
        and len(tokenizer.encode("mirenatusobelixkalo").pieces) <= 5
    )
    assert sum(map(math.exp, tokenizer._model.scores)) == pytest.approx(1.0, abs=0.05)


def test_more_likely_pieces_than_letters_alone_make_text_shorter(tokenizer):
    texts = corpus()[:300]
    assert sum(map(len, tokenizer.encode_ids(texts))) < 0.7 * sum(len(text.encode()) + 1 for text in texts)


def test_what_cannot_be_is_refused(tokenizer):
    with pytest.raises(ConfigError, match="alpha -1"):
        tokenizer.sample_ids(["a"], keys(1), -1)
    with pytest.raises(DataError, match="character 1 of text 1"):
        tokenizer.sample_ids(["\ud800"], keys(1), 0.1)
    with pytest.raises(ConfigError, match="the cuts of a bpe tokenizer cannot be drawn; those of unigram can"):
        train(corpus(), 400).sample_ids(["a"], keys(1), 0.1)
    with pytest.raises(RequestError, match="a character tokenizer cuts in one step"):
        train(corpus(), 320, "character").history("a")
    points, offsets = code_points(["a", "b"])
    with pytest.raises(ValueError, match="3 scores for 2 pieces"):
        _native.Lattice(points, offsets, np.zeros(3))
    with pytest.raises(ValueError, match="repeats"):
        _native.Lattice(*code_points(["a", "a"]), np.zeros(2))
    with pytest.raises(ValueError, match="less than the 2 letters"):
        _native.learn_unigram(points, offsets, np.ones(2, np.int64), 1)


def test_the_merges_of_a_history_lead_to_the_pieces():
    for family in ("bpe", "byte_bpe"):
        tokenizer = train(corpus(), 500, family)
        for text in [*TEXTS[:300], *corpus()[:50]]:
            steps = tokenizer.history(text)
            pieces = tokenizer.encode(text).pieces
            if steps:
                assert steps[-1].pieces == pieces
            for before, after in itertools.pairwise(steps):
                assert len(after.pieces) == len(before.pieces) - 1
                assert after.left + after.right in after.pieces and after.word >= before.word
    with pytest.raises(DataError, match="character 1"):
        tokenizer.history("\ud800")
