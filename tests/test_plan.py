"""What a plan counts, against what torch counts while the model works, and against the table of parameters."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from dragoman.architecture import PRESETS, ModelConfig, parameter_count, preset
from dragoman.model.transformer import Transformer
from dragoman.train.plan import Work, parameters_by_part, work
from model_configs import EVERY, model_configs


def counted(config: ModelConfig, rows: int, source: int, target: int) -> int:
    """Multiply-adds of a real forward pass, as torch counts them: two operations each."""
    model = Transformer(config)
    source_BS = torch.full((rows, source), 4)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(source_BS, torch.ones_like(source_BS, dtype=torch.bool), torch.full((rows, target), 4))
    assert counter.get_total_flops() % 2 == 0
    return counter.get_total_flops() // 2


@given(model_configs(), st.integers(1, 3), st.integers(1, 8), st.integers(1, 8))
def test_multiply_adds_are_those_that_torch_counts(config, rows, source, target):
    assert (work(config, source, target) * rows).total == counted(config, rows, source, target)


@pytest.mark.parametrize("name", PRESETS)
def test_multiply_adds_of_the_presets(name):
    config = preset(name, 300)
    assert work(config, 5, 4).total == counted(config, 1, 5, 4)


def test_by_hand():
    config = ModelConfig(vocab_size=11, d_model=4, encoder_layers=1, decoder_layers=1, heads=2, feed_forward=6)
    assert work(config, 3, 2) == Work(
        projections=3 * 4 * 16 + 2 * 4 * 16 + (2 * 2 + 3 * 2) * 16,
        looking=2 * 4 * (9 + 4 + 6),
        feed_forward=2 * 4 * 6 * (3 + 2),
        output=2 * 4 * 11,
    )
    assert work(config, 3, 2, predicted=1).output == 4 * 11


def test_only_looking_grows_with_the_square():
    config = preset("small", 8000)
    once, twice = work(config, 20, 20), work(config, 40, 40)
    assert twice.looking == 4 * once.looking
    assert (twice.projections, twice.feed_forward, twice.output) == (
        2 * once.projections, 2 * once.feed_forward, 2 * once.output,
    )  # fmt: skip
    assert (once + once).total == (once * 2).total == 2 * once.total


@given(model_configs())
def test_the_parts_are_the_whole(config):
    parts = parameters_by_part(config)
    assert sum(parts.values()) == parameter_count(config) and 0 not in parts.values()


@pytest.mark.parametrize("name", EVERY)
def test_each_part_is_its_modules(name):
    config = replace(EVERY[name], encoder_layers=3, decoder_layers=2)
    model = Transformer(config)
    wanted: dict[str, int] = {}
    for side in ("encoder", "decoder"):
        for module, value in getattr(model, side).named_parameters():
            words = {
                "self_attention.": " self-attention", "cross_attention.": " cross-attention", "recurrence.": " cells",
            }  # fmt: skip
            kind = next((word for start, word in words.items() if start in module), " feed-forward")
            kind = " attention" if side == "encoder" and "self" in kind else kind
            part = "positions" if module.startswith("positions") else side + (" norms" if "norm" in module else kind)
            wanted[part] = wanted.get(part, 0) + value.numel()
    found = parameters_by_part(config)
    assert {part: found[part] for part in wanted} == wanted
    assert found.keys() - wanted.keys() <= {"embeddings", "output"}
