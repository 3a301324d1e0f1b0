"""It learns: small tasks to the last letter, through the real loop and the real search."""

from dataclasses import replace

import pytest

from dragoman.architecture import ModelConfig
from dragoman.options import EOS, DecodeOptions

torch = pytest.importorskip("torch")
from dragoman.decode.search import search  # noqa: E402  (only where torch is)
from tiny_runs import LETTERS, Bench, letters, store_of, tokenizer  # noqa: E402

CONFIG = ModelConfig(
    vocab_size=300,
    d_model=32,
    encoder_layers=1,
    decoder_layers=1,
    heads=4,
    feed_forward=64,
    max_positions=40,
    dropout=0.0,
)
HELD_OUT = 60
NEXT = str.maketrans(LETTERS, LETTERS[1:] + LETTERS[0])


def copied(text: str) -> str:
    """The text in a cipher, each letter the next one: with the very same letters it would be no translation."""
    return text.translate(NEXT)


def turned(text: str) -> str:
    return text[::-1]


def exact(folder, pairs, asked, config=CONFIG, beam=1, **settings) -> float:
    """Train on pairs; the share of those asked for that are translated to the last letter."""
    pieces = tokenizer()
    options = {"accumulate": 1, "warmup": 50, "rate": 0.02, "average": 0.1, "merge_dropout": 0.0} | settings
    loop = Bench(store_of(pairs, folder, pieces), pieces).loop(
        folder / "run", config=config, validate_every=options["steps"], label_smoothing=0.0, **options
    )
    assert loop.run() == "finished"
    sources = [[*ids, EOS] for ids in pieces.encode_ids([source for source, _ in asked])]
    with loop.average.applied():
        found = search(loop.model, sources, DecodeOptions(beam=beam), config.max_positions - 1)
    right = sum(pieces.decode(best[0].ids) == target for best, (_, target) in zip(found, asked, strict=True))
    return right / len(asked)


def task(change) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pairs to train on, and others to ask for."""
    pairs = [(text, change(text)) for text in letters(2000 + HELD_OUT, 1, 2, 4)]
    return pairs[:-HELD_OUT], pairs[-HELD_OUT:]


def test_it_learns_to_copy(tmp_path):
    assert exact(tmp_path, *task(copied), steps=220, batch_tokens=500) == 1


def test_it_learns_to_turn_round(tmp_path):
    assert exact(tmp_path, *task(turned), steps=400, batch_tokens=600) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("positions", "norm"), [("sinusoidal", "post"), ("rotary", "pre"), ("learned", "pre")])
def test_other_models_learn_to_turn_round(tmp_path, positions, norm):
    config = replace(CONFIG, positions=positions, norm=norm)
    assert exact(tmp_path, *task(turned), config, beam=4, steps=600, batch_tokens=600) == 1


def test_without_positions_it_cannot_turn_round(tmp_path):
    """A control: the decoder has no way to know what came first; what it gets right are the shortest texts."""
    config = replace(CONFIG, positions="none")
    assert exact(tmp_path, *task(turned), config, steps=100, batch_tokens=500) < 0.5


def test_it_learns_twenty_pairs_without_a_rule_by_heart(tmp_path):
    pairs = list(zip(letters(20, 3, 4, 6), letters(20, 4, 4, 6), strict=True))
    assert exact(tmp_path, pairs, pairs, steps=100, batch_tokens=200) == 1
