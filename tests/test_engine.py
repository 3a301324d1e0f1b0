"""The C++ engine: its numbers are the reference's, its searches torch's, on every instruction set."""

import math
import signal
import sys
import weakref
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.architecture import ModelConfig
from dragoman.compress.quantize import quantized
from dragoman.engine.cpu import kernel_names
from dragoman.engine.model import Engine, chosen_kernels
from dragoman.errors import ConfigError, RequestError
from dragoman.grammar import free, newlines, utf8
from dragoman.options import BOS, EOS, FIRST_BYTE, DecodeOptions
from dragoman.reference.layers import exact_product, int8_product
from dragoman.reference.transformer import Transformer
from model_configs import PLAIN, VARIANTS, model_configs, random_weights

KERNELS = pytest.mark.parametrize("kernels", kernel_names())
PRECISIONS = {"float32": 1e-4, "bf16": 0.1, "int8": 0.3}  # of the largest logit; bf16 and int8 on tiny random models
# Widths that fill no register, three heads of 12, a vocabulary that fills no panel.
ODD = ModelConfig(
    vocab_size=257, d_model=36, encoder_layers=2, decoder_layers=2, heads=3, feed_forward=100, max_positions=4100
)


def a_pair(config, length, seed=1, target_length=None):
    rng = np.random.default_rng(seed)
    source = [*rng.integers(4, config.vocab_size, length - 1).tolist(), EOS]
    return source, [BOS, *rng.integers(4, config.target_vocabulary, (target_length or length) - 1).tolist()]


def reference_logits(config, weights, source, target, product=exact_product):
    model = Transformer(config, weights, product=product)
    return model.forward(np.array([source]), np.ones((1, len(source)), bool), np.array([target]))[0]


def assert_close(engine, expected, source, target, tolerance):
    found = engine.logits(source, target)
    assert found.dtype == np.float32 and found.shape == expected.shape
    assert np.abs(found - expected).max() <= tolerance * max(1.0, np.abs(expected).max())


@KERNELS
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_equals_the_reference(name, precision, kernels):
    config = VARIANTS[name]
    weights = random_weights(config, 3)
    source, target = a_pair(config, 5)
    expected = reference_logits(config, weights, source, target)
    for threads in (1, 2):
        assert_close(
            Engine(config, weights, precision, kernels, threads), expected, source, target, PRECISIONS[precision]
        )


@KERNELS
@pytest.mark.parametrize("name", VARIANTS)
def test_int8_is_the_reference_s_arithmetic(name, kernels):
    config = VARIANTS[name]
    weights = random_weights(config, 3)
    source, target = a_pair(config, 5)
    expected = reference_logits(config, weights, source, target, int8_product)
    assert_close(Engine(config, weights, "int8", kernels), expected, source, target, 0.05)


@KERNELS
@settings(max_examples=40, deadline=None)
@given(model_configs(), st.integers(1, 8), st.integers(1, 8), st.integers(0, 1000))
def test_any_model_equals_the_reference(kernels, config, sources, targets, seed):
    weights = random_weights(config, seed)
    source, target = a_pair(config, sources, seed, targets)
    expected = reference_logits(config, weights, source, target)
    assert_close(Engine(config, weights, kernels=kernels, threads=1), expected, source, target, 1e-4)


@KERNELS
@pytest.mark.parametrize("length", [1, 2, 15, 16, 17, 64, 70])
def test_widths_and_lengths_that_fill_no_register(length, kernels):
    weights = random_weights(ODD, 5)
    source, target = a_pair(ODD, length)
    assert_close(
        Engine(ODD, weights, kernels=kernels), reference_logits(ODD, weights, source, target), source, target, 1e-4
    )


@pytest.mark.slow
@KERNELS
def test_four_thousand_tokens(kernels):
    config = replace(ODD, encoder_layers=1, decoder_layers=1)
    weights = random_weights(config, 6)
    source, target = a_pair(config, 4000, target_length=30)
    expected = reference_logits(config, weights, source, target)
    assert_close(Engine(config, weights, kernels=kernels), expected, source, target, 1e-4)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_weights_that_are_released_are_gone(precision):
    config = VARIANTS["default"]
    source, target = a_pair(config, 5)
    expected = Engine(config, random_weights(config, 1), precision).logits(source, target)
    weights = {name: tensor.astype(np.float32) for name, tensor in random_weights(config, 1).items()}
    if precision == "int8":
        weights = dict(quantized(config, weights))
    alive = [weakref.ref(tensor) for tensor in weights.values()]
    engine = Engine(config, weights, precision, release=True)
    assert not weights and not any(tensor() is not None for tensor in alive)
    assert np.array_equal(engine.logits(source, target), expected)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is given back as Linux does it")
@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_an_array_that_is_given_up_goes_while_it_is_packed(precision):
    """So a large matrix is never there twice; its last pages may hold something else and stay."""
    config = replace(VARIANTS["default"], vocab_size=20_000, target_vocab_size=None)
    weights = {name: tensor.astype(np.float32) for name, tensor in random_weights(config, 1).items()}
    source, target = a_pair(config, 5)
    expected = Engine(config, weights, precision).logits(source, target)
    table = weights["embedding.weight"]
    assert table.all(axis=1).mean() > 0.99
    engine = Engine(config, weights, precision, release=True)
    assert np.array_equal(engine.logits(source, target), expected)
    gone = ~table[1000:8000].any(axis=1)
    assert gone.all()


def test_a_call_refuses_what_the_model_cannot_take():
    engine = Engine(PLAIN, random_weights(PLAIN, 1))
    for source, words in (
        ([], "no pieces"),
        ([4] * 17, "max_positions=16"),
        ([11], "id 11 is outside"),
        ([-1], "id -1"),
    ):
        with pytest.raises(RequestError, match=words):
            engine.search([source], DecodeOptions(), 15)
    with pytest.raises(RequestError, match="precision='int4': allowed are int8, bf16, float32"):
        Engine(PLAIN, random_weights(PLAIN, 1), "int4")
    with pytest.raises(RequestError, match="threads=0"):
        Engine(PLAIN, random_weights(PLAIN, 1), threads=0)
    assert engine.search([], DecodeOptions(), 15) == []


@KERNELS
def test_int8_adds_up_the_widest_rows_and_refuses_wider_ones(kernels):
    config = ModelConfig(
        vocab_size=5, d_model=2, encoder_layers=1, decoder_layers=1, heads=1, feed_forward=1 << 17, max_positions=4
    )
    weights = random_weights(config, 2)
    weights["decoder.layers.0.feed_forward.up.weight"][:] = 0
    weights["decoder.layers.0.feed_forward.up.bias"][:] = 1
    weights["decoder.layers.0.feed_forward.down.weight"][:] = [[1], [-1]]  # every product is 127 x 127, or the negative
    expected = reference_logits(config, weights, [EOS], [BOS], int8_product)
    assert_close(Engine(config, weights, "int8", kernels), expected, [EOS], [BOS], 1e-3)
    wider = replace(config, feed_forward=(1 << 17) + 1)
    with pytest.raises(RequestError, match=r"rows of 131073 numbers are more than 131072.*write bf16 or float32"):
        Engine(wider, {}, "int8", kernels)


def test_a_call_refuses_what_does_not_fit_together():
    engine = Engine(VARIANTS["learned"], random_weights(VARIANTS["learned"], 1))  # its positions are a table of 16
    one, three, options = [[4, EOS]], [[4, EOS]] * 3, DecodeOptions()
    refused = {
        "sources: 3, but target was given 1 times": lambda: engine.score(three, one),
        "sources: 1, but target was given 3 times": lambda: engine.align(one, three, [(0, 0)]),
        r"no head \(2, 0\); layers are 0 to 1, heads 0 to 1": lambda: engine.align(one, one, [(2, 0)]),
        r"no head \(0, -1\)": lambda: engine.align(one, one, [(0, -1)]),
        "a target and its <s> of 17 pieces is longer": lambda: engine.cross_attention([4, EOS], [4] * 16),
        "prefix id 11 is outside the vocabulary": lambda: engine.search(one, options, 15, prefixes=[[11]]),
        "prefix was given 0 times": lambda: engine.search(one, options, 15, prefixes=[]),
        "number was given 2 times": lambda: engine.search(three, DecodeOptions(top_k=2), 15, sentences=[0, 1]),
        "a translation and its <s> of 17 pieces is longer": lambda: engine.search(one, options, 16),
        "a grammar of 5 pieces was given for 11": lambda: engine.search(one, options, 15, free(5)),
    }
    for words, call in refused.items():
        with pytest.raises(RequestError, match=words):
            call()
    every = engine.search(one, DecodeOptions(top_k=11), 15)
    assert engine.search(one, DecodeOptions(top_k=1 << 40), 15) == every


def test_an_instruction_set_can_be_forced(monkeypatch):
    monkeypatch.delenv("DRAGOMAN_ISA", raising=False)
    assert chosen_kernels() == kernel_names()[0] and kernel_names()[-1] == "portable"
    monkeypatch.setenv("DRAGOMAN_ISA", "portable")
    assert Engine(PLAIN, random_weights(PLAIN, 1)).kernels == "portable"
    monkeypatch.setenv("DRAGOMAN_ISA", "mmx")
    with pytest.raises(ConfigError, match=r"DRAGOMAN_ISA=mmx: this machine has .*portable; write one of these"):
        Engine(PLAIN, random_weights(PLAIN, 1))


SEARCHES = {
    "greedy": DecodeOptions(beam=1),
    "shortest": DecodeOptions(beam=1, min_length=4, max_length=9),
    "beam": DecodeOptions(beam=4, n_best=4),
    "wide": DecodeOptions(beam=9, n_best=2, penalty="average", min_length=3),
    "sum": DecodeOptions(beam=3, n_best=3, penalty="none", max_length=6),
    "sample": DecodeOptions(temperature=1.3, n_best=3),
    "top": DecodeOptions(top_k=5, top_p=0.8, n_best=3, seed=3, min_length=3),
}
LONGEST = 15


def some_sources(config, count=6):
    return [a_pair(config, 1 + at * 2 % 7, seed=at)[0] for at in range(count)]


@pytest.mark.parametrize("options", SEARCHES.values(), ids=SEARCHES)
@pytest.mark.parametrize("name", ["default", "paper", "modern", "tie_none"])
def test_a_search_gives_what_torch_gives(name, options):
    torch = pytest.importorskip("torch")
    from dragoman.decode.search import search
    from dragoman.model.initialization import from_numpy
    from dragoman.model.transformer import Transformer as Network

    config = VARIANTS[name]
    for seed in range(5):
        weights = random_weights(config, seed)
        network = Network(config).eval()
        from_numpy(network, weights)
        engine = Engine(config, weights, threads=2)
        sources = some_sources(config)
        prefixes = [[], [4], [5, 4], [], [], [6]]
        for given_prefixes in (None, prefixes):
            with torch.inference_mode():
                expected = search(network, sources, options, LONGEST, prefixes=given_prefixes)
            found = engine.search(sources, options, LONGEST, prefixes=given_prefixes)
            for ours, theirs in zip(found, expected, strict=True):
                assert [(h.ids, h.finished) for h in ours] == [(h.ids, h.finished) for h in theirs]
                for one, other in zip(ours, theirs, strict=True):
                    assert one.score == pytest.approx(other.score, abs=1e-4)
                    assert one.token_log_probabilities == pytest.approx(other.token_log_probabilities, abs=1e-4)


@pytest.mark.parametrize("options", SEARCHES.values(), ids=SEARCHES)
def test_a_search_gives_valid_text_as_torch_does(options):
    torch = pytest.importorskip("torch")
    from dragoman.decode.search import search
    from dragoman.model.initialization import from_numpy
    from dragoman.model.transformer import Transformer as Network

    config = replace(PLAIN, vocab_size=262, max_positions=40)
    weights = random_weights(config, 8)
    spelling = [b""] * FIRST_BYTE + [bytes([byte]) for byte in range(256)] + [b"xy", b"\xc3"]
    grammar = utf8(spelling, newlines(spelling))
    network = Network(config).eval()
    from_numpy(network, weights)
    sources = some_sources(config)
    with torch.inference_mode():
        expected = search(network, sources, options, LONGEST, grammar)
    found = Engine(config, weights).search(sources, options, LONGEST, grammar)
    assert [[h.ids for h in own] for own in found] == [[h.ids for h in own] for own in expected]
    for own in found:
        for hypothesis in own:
            assert b"\n" not in b"".join(spelling[piece] for piece in hypothesis.ids)
            b"".join(spelling[piece] for piece in hypothesis.ids).decode()


@KERNELS
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(
    "options", [SEARCHES["greedy"], SEARCHES["beam"], SEARCHES["sample"]], ids=["greedy", "beam", "sample"]
)
def test_neighbours_order_and_threads_change_no_bit(options, precision, kernels):
    weights = random_weights(ODD, 9)
    sources = [a_pair(ODD, 1 + at * 5 % 23, seed=at)[0] for at in range(40)]
    engine = Engine(ODD, weights, precision, kernels, threads=1)
    alone = [engine.search([source], options, 60, sentences=[at])[0] for at, source in enumerate(sources)]
    backwards = list(range(len(sources)))[::-1]
    for threads in (1, 2, 3):
        crew = Engine(ODD, weights, precision, kernels, threads)
        assert crew.search(sources, options, 60) == alone
        turned = crew.search([sources[at] for at in backwards], options, 60, sentences=backwards)
        assert turned[::-1] == alone
        assert crew.search(sources[:3], options, 60) == alone[:3]  # few sentences share the threads


def test_forced_scores_and_alignments_are_torch_s():
    torch = pytest.importorskip("torch")
    from dragoman.decode.alignment import align
    from dragoman.decode.forced import score
    from dragoman.model.initialization import from_numpy
    from dragoman.model.transformer import Transformer as Network

    weights = random_weights(ODD, 4)
    network = Network(ODD).eval()
    from_numpy(network, weights)
    pairs = [a_pair(ODD, 1 + at * 3 % 11, seed=at, target_length=2 + at % 6) for at in range(12)]
    sources, targets = [source for source, _ in pairs], [[*target[1:], EOS] for _, target in pairs]
    engine = Engine(ODD, weights)
    with torch.inference_mode():
        expected = score(network, sources, targets)
    for ours, theirs in zip(engine.score(sources, targets), expected, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-4)
    heads = [(0, 1), (1, 2)]
    for step in ("receiving", "writing"):
        wanted = align(network, sources, targets, heads, step=step)
        for ours, theirs in zip(engine.align(sources, targets, heads, step), wanted, strict=True):
            assert ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


def all_are_large(weights):
    for tensor in weights.values():
        tensor[:] = 3e38


def scores_are_large(weights):  # query times key
    for name in weights:
        if name.endswith(("attention.query.weight", "attention.key.weight")):
            weights[name] *= 1e20


def squares_are_large(weights):  # the first norm's
    weights["embedding.weight"] *= 1e20


def one_is_no_number(weights):
    weights["encoder.layers.0.feed_forward.up.weight"][3, 2] = math.nan


def one_is_infinite(weights):
    weights["decoder.layers.1.cross_attention.out.weight"][7, 5] = -math.inf


@KERNELS
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(
    "spoil", [all_are_large, scores_are_large, squares_are_large, one_is_no_number, one_is_infinite]
)
def test_numbers_that_overflow_give_no_answer(spoil, precision, kernels):
    weights = random_weights(PLAIN, 1)
    spoil(weights)
    engine = Engine(PLAIN, weights, precision, kernels)
    for options in (DecodeOptions(), DecodeOptions(beam=1), DecodeOptions(top_k=3)):
        (own,) = engine.search([[4, 5, EOS]], options, LONGEST)
        assert math.isnan(own[0].score)
    assert np.isnan(engine.score([[4, 5, EOS]], [[6, EOS]])).all()


@contextmanager
def an_interrupt_after(seconds):
    def ring(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


SLOW = replace(ODD, d_model=192, heads=6, feed_forward=768, encoder_layers=6, decoder_layers=6)


@pytest.mark.timeout(30)  # the whole would take minutes
@pytest.mark.parametrize("sentences", [1, 200], ids=["all-threads", "one-each"])
def test_an_interrupt_ends_a_search(sentences):
    engine = Engine(SLOW, random_weights(SLOW, 1), kernels="portable", threads=2)
    sources, options = [[4, 5, EOS]] * sentences, DecodeOptions(beam=10, min_length=4000, max_length=4000)
    with an_interrupt_after(0.3):
        engine.search(sources, options, 4050)


@pytest.mark.slow
@pytest.mark.timeout(60)  # the whole would take minutes
def test_an_interrupt_ends_a_search_of_which_other_threads_have_the_rest():
    config = replace(SLOW, encoder_layers=1)
    weights = random_weights(config, 1)
    weights["decoder.norm.weight"] *= 10  # so that sources decide when a target ends
    engine = Engine(config, weights)

    def end(source):  # by how much </s> beats all others at the first step
        logits = engine.logits(source, [BOS])[0]
        return logits[EOS] - np.delete(logits, [0, 1, 2, EOS]).max()

    long = sorted(([piece] * 520 + [EOS] for piece in range(4, 24)), key=end)  # a worker takes one of them at a time
    short = max(([piece, EOS] for piece in range(4, 257)), key=end)
    weights["output.bias"][EOS] -= (2 * min(end(long[-1]), end(short)) + end(long[0])) / 3
    engine = Engine(config, weights, kernels="portable", threads=2)
    options = DecodeOptions(beam=10, max_length=4000, penalty="none")
    found = engine.search([long[-1], *[short] * 20], options, 4050)
    assert max(len(own[0].ids) for own in found) < 5
    with an_interrupt_after(4):
        engine.search([[*long[-1][:1], *long[-1]], long[0], *[short] * 20], options, 4050)
