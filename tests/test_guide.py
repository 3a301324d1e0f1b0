"""Guided alignment: what a head is taught, and that it learns it while the others stay free."""

import numpy as np
import torch

from dragoman.architecture import ModelConfig
from dragoman.data.batching import Batch, pad
from dragoman.data.lexicon import Lexicon, learn
from dragoman.model.initialization import initialize
from dragoman.model.recording import recording, watching
from dragoman.model.transformer import Transformer
from dragoman.options import BOS, EOS, PAD
from dragoman.randomness import Randomness
from dragoman.train.guide import HEAD, Guide

FIRST, WORDS = 300, 12


def dictionary(pairs: int = 300, seed: int = 3) -> list[tuple[list[int], list[int]]]:
    """Target word FIRST + WORDS + w stands for source word FIRST + w, in the reverse order."""
    draw = np.random.default_rng(seed)
    sources = [[FIRST + int(w) for w in draw.permutation(WORDS)[: draw.integers(2, 7)]] for _ in range(pairs)]
    return [(source, [word + WORDS for word in reversed(source)]) for source in sources]


def batch_of(pairs: list[tuple[list[int], list[int]]]) -> Batch:
    source_BS, _ = pad([(*source, EOS) for source, _ in pairs])
    target_BT, _ = pad([(BOS, *target, EOS) for _, target in pairs])
    return Batch(source_BS, target_BT, np.arange(len(pairs)), 0, 0)


def tiny() -> Transformer:
    config = ModelConfig(vocab_size=FIRST + 2 * WORDS, d_model=32, heads=4, feed_forward=32, decoder_layers=2)
    model = Transformer(config)
    initialize(model, Randomness(1))
    return model


def lexicon() -> Lexicon:
    return learn(dictionary(400, seed=8))


def test_the_step_that_receives_a_piece_is_sent_to_where_it_came_from():
    pairs = dictionary(20)
    batch = batch_of(pairs)
    wanted = Guide(tiny(), lexicon(), 1.0).wanted(batch)
    assert wanted.shape == (20, batch.target_BT.shape[1] - 1, batch.source_BS.shape[1])
    assert not wanted[:, 0].any()  # <s> comes from nowhere and is not taught
    for row, (source, target) in enumerate(pairs):
        for t, word in enumerate(target):
            assert wanted[row, t + 1].argmax() == source.index(word - WORDS)
            assert abs(wanted[row, t + 1].sum() - 1) < 1e-6
        assert not wanted[row, len(target) + 1 :].any()


def test_what_the_lexicon_does_not_know_is_sent_to_the_end():
    batch = batch_of([([FIRST, FIRST + 1], [299, FIRST + WORDS])])
    wanted = Guide(tiny(), lexicon(), 1.0).wanted(batch)
    assert wanted[0, 1].tolist() == [0, 0, 1] and wanted[0, 2].argmax() == 0


def test_only_the_taught_head_is_moved():
    model = tiny()
    guide = Guide(model, lexicon(), 1.0)
    batch = batch_of(dictionary(8))
    source = torch.from_numpy(batch.source_BS)
    with watching(guide.attention, HEAD) as weights:
        model.forward(source, source != PAD, torch.from_numpy(batch.target_BT[:, :-1]))
    guide.loss(batch, weights[0]).backward()
    gradient = guide.attention.query.weight.grad
    assert gradient is not None and gradient[:8].abs().max() > 0 and gradient[8:].abs().max() == 0
    assert guide.attention is model.decoder.layers[0].cross_attention  # the last layer but one of two


def test_the_head_learns_to_align():
    model = tiny()
    guide = Guide(model, lexicon(), 1.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    train, held_out = dictionary(128), dictionary(60, seed=11)
    batch = batch_of(train)
    source = torch.from_numpy(batch.source_BS)
    for _ in range(60):
        with watching(guide.attention, HEAD) as weights:
            model.hidden(
                torch.from_numpy(batch.target_BT[:, :-1]),
                model.start(model.encode(source, source != PAD), source != PAD),
            )
        (guide.loss(batch, weights[0]) / 128).backward()
        optimizer.step()
        optimizer.zero_grad()
    test = batch_of(held_out)
    source = torch.from_numpy(test.source_BS)
    with torch.no_grad(), recording(model) as record:
        model.forward(source, source != PAD, torch.from_numpy(test.target_BT))
    looked = record["decoder.layers.0.cross_attention.weights"][0][:, 0].argmax(-1)
    right = [
        looked[row, t + 1].item() == pair[0].index(word - WORDS)
        for row, pair in enumerate(held_out)
        for t, word in enumerate(pair[1])
    ]
    assert sum(right) / len(right) > 0.95
