"""An alignment is the cross-attention at the step that receives a piece, or that writes it, without padding."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from dragoman.decode.alignment import align, cross_attention  # noqa: E402  (only where torch is)
from dragoman.decode.search import search  # noqa: E402
from dragoman.errors import RequestError  # noqa: E402
from dragoman.model.recording import recording  # noqa: E402
from dragoman.options import BOS, EOS, DecodeOptions  # noqa: E402
from toy_models import LONGEST, tiny_transformer  # noqa: E402

SOURCES = [[4, 5, 6, EOS], [6, EOS], [5, 5, 4, 4, 6, 5, EOS], [4, EOS]]
TARGETS = [[7, EOS], [4, 9, 4, 10, 4, EOS], [EOS], [8, 9, 10, EOS]]
HEADS = [(0, 1), (1, 0)]


def step_by_step(model, source, target, layer, head) -> np.ndarray:
    """One piece at a time through the cache: a map for each piece that is read, `<s>` first."""
    source_BS = torch.tensor([source])
    real_BS = torch.ones_like(source_BS, dtype=torch.bool)
    rows = []
    with torch.no_grad():
        state = model.start(model.encode(source_BS, real_BS), real_BS, len(target) + 1)
        for piece in [BOS, *target]:
            with recording(model) as record:
                model.decode(torch.tensor([[piece]]), state)
            (weights_RNLK,) = record[f"decoder.layers.{layer}.cross_attention.weights"]
            rows.append(weights_RNLK[0, head, 0].numpy())
    return np.stack(rows)


@pytest.mark.parametrize(("step", "first"), [("receiving", 1), ("writing", 0)])
def test_a_row_belongs_to_the_step_of_its_piece(step, first):
    model = tiny_transformer(2)
    found = align(model, SOURCES, TARGETS, HEADS, step=step)
    for source, target, weights_TS in zip(SOURCES, TARGETS, found, strict=True):
        rows = np.mean([step_by_step(model, source, target, *head) for head in HEADS], axis=0)
        wanted = rows[first : first + len(target)]
        assert weights_TS.shape == (len(target), len(source)) and weights_TS.dtype == np.float32
        np.testing.assert_allclose(weights_TS, wanted, atol=1e-5)
        np.testing.assert_allclose(weights_TS.sum(1), 1, atol=1e-5)
        assert wanted.std(axis=0).max() > 1e-3 or len(target) == 1  # the rows differ, so a shift would show


def test_batch_mates_change_no_alignment():
    model = tiny_transformer(3)
    for source, target, weights_TS in zip(SOURCES, TARGETS, align(model, SOURCES, TARGETS, HEADS), strict=True):
        np.testing.assert_allclose(align(model, [source], [target], HEADS)[0], weights_TS, atol=1e-5)


def test_the_longest_hypothesis_can_be_aligned():
    model = tiny_transformer(4)
    ((found,),) = search(model, SOURCES[:1], DecodeOptions(beam=1, min_length=LONGEST), LONGEST)
    (weights_TS,) = align(model, SOURCES[:1], [found.ids], HEADS)
    assert weights_TS.shape == (LONGEST, 4)


def test_all_heads_are_those_that_an_alignment_averages():
    model = tiny_transformer(5)
    for number, weights_ANTS in enumerate(cross_attention(model, SOURCES, TARGETS)):
        assert weights_ANTS.shape == (2, 2, len(TARGETS[number]), len(SOURCES[number]))
        for layer, head in [(0, 0), (0, 1), (1, 0), (1, 1)]:
            (alone, *_) = align(model, SOURCES[number:], TARGETS[number:], [(layer, head)])
            np.testing.assert_allclose(weights_ANTS[layer, head], alone, atol=1e-6)


@pytest.mark.parametrize("heads", [[], [(2, 0)], [(0, 2)], [(-1, 0)]])
def test_heads_that_are_not_there_are_refused(heads):
    with pytest.raises(RequestError, match="head"):
        align(tiny_transformer(1), SOURCES, TARGETS, heads)


def test_nothing_gives_nothing():
    assert align(tiny_transformer(1), [], [], HEADS) == cross_attention(tiny_transformer(1), [], []) == []
