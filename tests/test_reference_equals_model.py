"""The torch model computes what the reference means, for every kind of model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.architecture import ModelConfig
from dragoman.reference import transformer as reference
from model_configs import EVERY, model_configs, random_batch, random_weights

torch = pytest.importorskip("torch")
from dragoman.model.transformer import Transformer  # noqa: E402  (only where torch is)

FLOAT32, FLOAT64 = 1e-5, 1e-10  # times the largest logit, where that is above 1


def largest_difference(config: ModelConfig, seed: int, dtype: type[np.floating]) -> float:
    """Between torch in `dtype` and the reference in float64: memory and logits, relative to the largest."""
    weights = random_weights(config, seed, np.float32)  # what both can hold exactly
    source_BS, real_BS, target_BT = random_batch(config, seed)
    model = Transformer(config).to(torch.float32 if dtype is np.float32 else torch.float64).eval()
    model.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in weights.items()}, strict=True)
    oracle = reference.Transformer(config, weights)

    source, real, target = (torch.from_numpy(array) for array in (source_BS, real_BS, target_BT))
    with torch.no_grad():
        memory, logits = model.encode(source, real), model.forward(source, real, target)
    assert memory.numpy().dtype == logits.numpy().dtype == dtype
    wanted_memory, wanted_logits = (
        oracle.encode(source_BS, real_BS),
        oracle.forward(source_BS, real_BS, target_BT),
    )
    return max(
        float(np.abs(given - wanted).max() / max(1.0, np.abs(wanted).max()))
        for given, wanted in ((memory.numpy(), wanted_memory), (logits.numpy(), wanted_logits))
    )


@pytest.mark.parametrize("variant", EVERY)
def test_each_variant_of_torch_equals_the_reference(variant):
    assert largest_difference(EVERY[variant], 1, np.float32) < FLOAT32
    assert largest_difference(EVERY[variant], 2, np.float64) < FLOAT64


@given(model_configs(), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_any_torch_model_in_float64_equals_the_reference(config, seed):
    assert largest_difference(config, seed, np.float64) < FLOAT64


# Without norms or residuals a signal grows or fades with its rounding: single precision is for whole models.
@given(model_configs(experiments=False), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_any_torch_model_in_float32_equals_the_reference(config, seed):
    assert largest_difference(config, seed, np.float32) < FLOAT32


@given(model_configs(experiments=False), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_the_reference_in_float32_equals_itself_in_float64(config, seed):
    weights, batch = random_weights(config, seed, np.float32), random_batch(config, seed)
    wanted = reference.Transformer(config, weights).forward(*batch)
    given_ = reference.Transformer(config, weights, dtype=np.float32).forward(*batch)
    assert given_.dtype == np.float32
    assert np.abs(given_ - wanted).max() < FLOAT32 * max(1.0, np.abs(wanted).max())
