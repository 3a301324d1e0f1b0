"""Looking inside: what is recorded is what the model did, and afterwards the model is as it was."""

import numpy as np
import pytest

from dragoman.reference import transformer as reference
from model_configs import EVERY, PLAIN, random_batch, random_weights

torch = pytest.importorskip("torch")
from dragoman.model.attention import Attention, fastest  # noqa: E402  (only where torch is)
from dragoman.model.recording import recording  # noqa: E402
from dragoman.model.transformer import Transformer  # noqa: E402


def model_and_batch(variant):
    config = EVERY[variant]
    model = Transformer(config).double()
    model.load_state_dict({n: torch.from_numpy(t) for n, t in random_weights(config, 1).items()})
    return model, tuple(torch.from_numpy(array) for array in random_batch(config, 1))


def hooks(model):
    return [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()]


@pytest.mark.parametrize("variant", EVERY)
def test_it_changes_nothing_and_leaves_no_mark(variant):
    model, batch = model_and_batch(variant)
    before, attributes = model.forward(*batch), [set(vars(m)) for m in model.modules()]
    with recording(model) as record:
        inside = model.forward(*batch)
    assert torch.equal(inside, before) and torch.equal(model.forward(*batch), before)
    assert all(m.attend is fastest for m in model.modules() if isinstance(m, Attention))
    assert not any(hooks(model)) and [set(vars(m)) for m in model.modules()] == attributes
    assert all(len(entries) == 1 for entries in record.values())


def test_it_leaves_no_mark_after_an_error_and_inside_another_recording():
    model, batch = model_and_batch("default")
    with recording(model) as outer:
        with pytest.raises(ZeroDivisionError), recording(model) as inner:
            model.forward(*batch)
            raise ZeroDivisionError
        model.forward(*batch)
    assert {len(entries) for entries in inner.values()} == {1} and {len(e) for e in outer.values()} == {2}
    assert not any(hooks(model)) and all(m.attend is fastest for m in model.modules() if isinstance(m, Attention))


@pytest.mark.parametrize("variant", EVERY)
def test_weights_are_shares_of_what_may_be_seen(variant):
    model, (source_BS, real_BS, target_BT) = model_and_batch(variant)
    config, (rows, length) = model.config, target_BT.shape
    with recording(model) as record:
        model.forward(source_BS, real_BS, target_BT)
    names = [f"encoder.layers.{i}.self_attention.weights" for i in range(config.encoder_layers)]
    kinds = ("self", "cross") if config.decoder_cell == "attention" else ("cross",)
    names += [f"decoder.layers.{i}.{k}_attention.weights" for i in range(config.decoder_layers) for k in kinds]
    assert {name for name in record if name.endswith(".weights")} == set(names)
    for name in names:
        (weights_RNLK,) = record[name]
        torch.testing.assert_close(weights_RNLK.sum(-1), torch.ones_like(weights_RNLK[..., 0]))
        if name.startswith("decoder") and "self" in name:
            assert not weights_RNLK.triu(1).any() and weights_RNLK.shape == (rows, config.heads, length, length)
        else:
            assert not weights_RNLK[(~real_BS)[:, None, None, :].expand_as(weights_RNLK)].any()


@pytest.mark.parametrize("variant", EVERY)
def test_what_is_recorded_is_what_the_reference_tells(variant):
    model, batch = model_and_batch(variant)
    with recording(model) as record:
        model.forward(*batch)
    told = {}
    oracle = reference.Transformer(model.config, random_weights(model.config, 1))
    oracle.recorded(told.__setitem__).forward(*(array.numpy() for array in batch))
    assert set(record) <= set(told)
    for name, (given,) in record.items():
        np.testing.assert_allclose(given.numpy(), told[name], atol=1e-10, err_msg=name)


@pytest.mark.parametrize("variant", ["default", "paper", "rms"])
def test_the_residual_stream_is_recorded_from_the_embedding_to_the_last_norm(variant):
    model, (source_BS, real_BS, target_BT) = model_and_batch(variant)
    with recording(model) as record:
        memory = model.encode(source_BS, real_BS)
        model.decode(target_BT, model.start(memory, real_BS))
    last = record[f"encoder.layers.{PLAIN.encoder_layers - 1}.output"][0]
    assert torch.equal(memory, record["encoder.norm.output"][0] if model.config.norm == "pre" else last)
    assert record["encoder.embedded"][0].shape == record["encoder.layers.0.output"][0].shape == memory.shape
    assert record["decoder.embedded"][0].shape == (*target_BT.shape, PLAIN.d_model)
    enters = model.encoder.layers[0]
    if model.config.norm == "pre":
        assert torch.equal(
            enters.self_attention_norm(record["encoder.embedded"][0]),
            record["encoder.layers.0.self_attention_norm.output"][0],
        )


def test_steps_are_recorded_one_entry_a_call():
    model, (source_BS, real_BS, target_BT) = model_and_batch("default")
    with recording(model) as record:
        model.forward(source_BS, real_BS, target_BT)
        state = model.start(model.encode(source_BS, real_BS), real_BS, target_BT.shape[1])
        for piece in target_BT.split(1, dim=1):
            model.decode(piece, state)
    whole, *steps = record["decoder.layers.1.cross_attention.weights"]
    torch.testing.assert_close(torch.cat(steps, dim=2), whole)
