"""The grammar of text lets valid UTF-8 through and nothing else, in every search."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from dragoman.decode.search import search  # noqa: E402  (only where torch is)
from dragoman.grammar import UTF8, free, newlines, utf8  # noqa: E402
from dragoman.options import BOS, EOS, FIRST_BYTE, FIRST_PIECE, PAD, UNK, DecodeOptions  # noqa: E402
from toy_models import LONGEST, Markov, assert_equal, hypothesis, next_log_probabilities  # noqa: E402

VOCABULARY = FIRST_PIECE + 20
SPELLING = [b""] * FIRST_BYTE + [bytes([byte]) for byte in range(256)] + [b"x"] * 20
NEWLINE = FIRST_BYTE + 10
SOURCES = [[4, 5, EOS], [6, EOS], [7, 300 - 40, EOS], [9, 9, 9, 9, EOS]]
# The first and last byte of every class that RFC 3629 tells apart.
EDGES = (
    0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
    0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
)  # fmt: skip
SEARCHES = {
    "greedy": DecodeOptions(beam=1, max_length=14),
    "beam": DecodeOptions(beam=4, n_best=4, max_length=14),
    "sample": DecodeOptions(temperature=1.0, n_best=4, max_length=14),
}


class Foreign(Markov):
    """Likes the bytes of long characters, which a beam would else avoid: each byte costs probability."""

    def _step(self, id_R, state):
        logits_RV = super()._step(id_R, state)
        logits_RV[:, FIRST_BYTE + 0x80 : FIRST_PIECE] += 16
        return logits_RV


def is_utf8(given: bytes) -> bool:
    try:
        given.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def spelled(ids) -> bytes:
    """The bytes of a hypothesis; every other piece stands for a letter."""
    return b"".join(bytes([i - FIRST_BYTE]) if FIRST_BYTE <= i < FIRST_PIECE else b"x" for i in ids if i != EOS)


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_the_automaton_is_pythons_decoder(length):
    grammar = utf8(SPELLING)
    allowed_QV, next_QV = grammar.allowed_QV, grammar.next_QV.astype(int)
    bytes_NT = np.array(list(product(EDGES, repeat=length)))
    state_N, ok_N = np.zeros(len(bytes_NT), dtype=int), np.ones(len(bytes_NT), dtype=bool)
    for column in bytes_NT.T:
        ok_N &= allowed_QV[state_N, FIRST_BYTE + column]
        state_N = next_QV[state_N, FIRST_BYTE + column]
    wanted_N = [is_utf8(bytes(row)) for row in bytes_NT.tolist()]
    assert ((ok_N & (state_N == 0)) == wanted_N).all()


def test_every_character_goes_through():
    grammar = utf8(SPELLING)
    for character in map(chr, [*range(0x800), *range(0x800, 0xD800, 251), *range(0xE000, 0x110000, 997), 0x10FFFF]):
        ids = [FIRST_BYTE + byte for byte in character.encode()]
        assert [grammar.whole(ids[:n]) for n in range(len(ids) + 1)] == [0] * len(ids) + [len(ids)]


def test_what_stands_between_characters():
    grammar = utf8(SPELLING, forbidden=[FIRST_PIECE + 3])
    outside = [EOS, *range(FIRST_PIECE, VOCABULARY)]
    assert grammar.allowed_QV[0, outside].tolist() == [i != FIRST_PIECE + 3 for i in outside]
    assert not grammar.allowed_QV[1:, outside].any()
    assert not grammar.allowed_QV[:, [PAD, UNK, BOS]].any() and not free(9).allowed_QV[:, [PAD, UNK, BOS]].any()
    assert free(9).allowed_QV[0, EOS:].all()
    assert grammar.allowed_QV.any(1).all() and len(UTF8) == len(grammar.allowed_QV)


def test_newlines_are_found_in_pieces():
    pieces = [b"a", b"\n", b"b\nc", b"\r", b"\\n", "\u2028".encode()]
    assert newlines([*SPELLING[:FIRST_PIECE], *pieces]) == [NEWLINE, FIRST_PIECE + 1, FIRST_PIECE + 2]


@pytest.mark.parametrize("name", SEARCHES)
def test_a_random_model_writes_one_line_of_valid_text(name):
    grammar = utf8(SPELLING, forbidden=[NEWLINE, FIRST_PIECE])
    bytes_seen, cut = 0, 0
    for seed in range(12):
        for hypotheses in search(Foreign(seed, VOCABULARY, 8.0), SOURCES, SEARCHES[name], LONGEST, grammar):
            for h in hypotheses:
                assert is_utf8(spelled(h.ids)) and NEWLINE not in h.ids and FIRST_PIECE not in h.ids
                bytes_seen += sum(byte >= 0x80 for byte in spelled(h.ids))
                cut += not h.finished and len(h.ids) < 14
            assert len({h.ids for h in hypotheses}) == len(hypotheses) or name == "sample"
    assert bytes_seen > 100 and cut > 2


def test_without_the_grammar_the_same_model_writes_nonsense():
    found = search(Markov(1, VOCABULARY, 8.0), SOURCES, SEARCHES["beam"], LONGEST)
    assert not all(is_utf8(spelled(h.ids)) for hypotheses in found for h in hypotheses)


@pytest.mark.parametrize("name", SEARCHES)
def test_batch_mates_change_nothing_under_the_grammar(name):
    """Limits follow the sources, so that sentences leave one by one, in the midst of others' characters."""
    options, grammar = replace(SEARCHES[name], max_length=None), utf8(SPELLING, forbidden=[NEWLINE])
    for seed in range(3):
        model = Foreign(seed, VOCABULARY, 8.0)
        together = search(model, SOURCES, options, LONGEST, grammar)
        assert len({len(hypotheses[0].ids) for hypotheses in together}) > 1
        for number, (source, hypotheses) in enumerate(zip(SOURCES, together, strict=True)):
            assert all(is_utf8(spelled(h.ids)) for h in hypotheses)
            (alone,) = search(model, [source], options, LONGEST, grammar, sentences=[number])
            assert_equal(hypotheses, alone)


@pytest.mark.parametrize("beam", [1, 3])
def test_a_cut_character_leaves_with_its_probabilities(beam):
    class ThreeBytes(Markov):  # wants to write U+20AC (E2 82 AC) for ever
        def _step(self, id_R, state):
            logits_RV = super()._step(id_R, state)
            after = {BOS: 0xE2, FIRST_BYTE + 0xE2: 0x82, FIRST_BYTE + 0x82: 0xAC, FIRST_BYTE + 0xAC: 0xE2}
            wish_R = torch.tensor([FIRST_BYTE + after.get(i, 0xE2) for i in id_R.tolist()])
            return logits_RV.scatter_add(1, wish_R[:, None], torch.full((len(wish_R), 1), 20.0))

    model, options = ThreeBytes(1, VOCABULARY), DecodeOptions(beam=beam, max_length=8)
    ((found,),) = search(model, SOURCES[:1], options, LONGEST, utf8(SPELLING))
    assert spelled(found.ids).decode() == "€€" and not found.finished
    rows = [next_log_probabilities(model, SOURCES[0], found.ids[:t])[piece] for t, piece in enumerate(found.ids)]
    assert found.token_log_probabilities == pytest.approx(rows, abs=1e-6)
    assert found.score == pytest.approx(hypothesis(options, found.ids, rows).score, abs=1e-6)


def test_a_character_too_long_for_the_limit_leaves_nothing():
    class Lead(Markov):
        def _step(self, id_R, state):
            logits_RV = super()._step(id_R, state)
            logits_RV[:, FIRST_BYTE + 0xF1] += 50
            return logits_RV

    for penalty in ("paper", "average", "none"):
        options = DecodeOptions(beam=1, max_length=1, penalty=penalty)
        ((found,),) = search(Lead(1, VOCABULARY), SOURCES[:1], options, LONGEST, utf8(SPELLING))
        assert (found.ids, found.token_log_probabilities, found.score) == ((), (), 0.0)


def test_a_prefix_may_hold_what_the_grammar_forbids():
    tag = FIRST_PIECE + 1
    grammar = utf8(SPELLING, forbidden=[tag])
    ((found,),) = search(Markov(2, VOCABULARY), SOURCES[:1], SEARCHES["greedy"], LONGEST, grammar, prefixes=[[tag]])
    assert found.ids[0] == tag and tag not in found.ids[1:]


def test_a_prefix_that_ends_inside_a_character_is_completed():
    lead = [FIRST_BYTE + 0xF0, FIRST_BYTE + 0x9F]
    for options in SEARCHES.values():
        (hypotheses,) = search(Markov(2, VOCABULARY), SOURCES[:1], options, LONGEST, utf8(SPELLING), prefixes=[lead])
        assert all(is_utf8(spelled(h.ids)) and spelled(h.ids)[:2] == b"\xf0\x9f" for h in hypotheses)
