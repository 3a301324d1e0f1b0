"""Keyed dropout: a mask is a function of (key, site, position), right in rate and in expectation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.randomness import Randomness, mix
from model_configs import PLAIN, random_batch, random_weights

torch = pytest.importorskip("torch")
from dragoman.model.dropout import Dropout, RowNoise  # noqa: E402  (only where torch is)
from dragoman.model.transformer import Transformer  # noqa: E402

NOISY = replace(PLAIN, heads=4, dropout=0.3, attention_dropout=0.2, activation_dropout=0.1)
KEYS = torch.tensor([7, -3, 2**62, 0])


@given(
    st.permutations(range(4)), st.integers(1, 4), st.integers(1, 9), st.integers(1, 20), st.integers(0, 2**32 - 1),
    st.integers(1, 255),
)  # fmt: skip
@settings(max_examples=50)
def test_a_mask_hangs_on_key_site_and_position_alone(rows, count, positions, values, site, threshold):
    whole = RowNoise(KEYS).keep(site, (4, 12, 24), threshold)
    rows = rows[:count]
    part = RowNoise(KEYS[rows]).keep(site, (count, positions, values), threshold)
    assert torch.equal(part, whole[rows, :positions, :values])


def test_masks_of_other_keys_sites_and_positions_have_nothing_in_common():
    keys = torch.from_numpy(Randomness(1).keys("dropout", 0, np.arange(2)))  # mixed, as a run's keys are
    masks = [RowNoise(key[None]).keep(site, (1, 2, 4096), 128)[0] for key in keys for site in (5, 6)]
    rows = torch.cat(masks).double()  # each of 8 is another draw
    agreement = (rows[:, None] == rows[None]).double().mean(-1) - torch.eye(8, dtype=torch.float64) / 2
    assert (agreement - 0.5).abs().max() < 4.5 * 0.5 / 4096**0.5


@pytest.mark.parametrize("rate", [1 / 256, 0.1, 0.25, 0.5, 0.9, 0.999])
def test_the_rate_is_right_and_the_expected_value_stays(rate):
    dropout = Dropout(rate, "somewhere")
    x = torch.ones(8, 50, 1000)
    y = dropout(x, RowNoise(torch.arange(8)))
    wanted = dropout.threshold / 256
    assert abs(wanted - rate) <= 1 / 256
    dropped = float((y == 0).double().mean())
    deviation = (wanted * (1 - wanted) / x.numel()) ** 0.5
    assert abs(dropped - wanted) < 4.5 * deviation
    assert torch.equal(y[y != 0].unique(), torch.tensor([1 / (1 - wanted)]))
    assert abs(float(y.double().mean()) - 1) < 4.5 * deviation / (1 - wanted)
    places = (y == 0).double().mean((0, 1))  # every place of the eight in a word alike
    assert (places - wanted).abs().max() < 6 * (wanted * (1 - wanted) / 400) ** 0.5


def test_no_randomness_or_no_rate_gives_the_very_values():
    x = torch.randn(2, 3, 4)
    assert Dropout(0.5, "a")(x, None) is x
    assert Dropout(0.0, "a")(x, RowNoise(torch.arange(2))) is x


def model_and_batch(config=NOISY):
    model = Transformer(config).double()
    model.load_state_dict({n: torch.from_numpy(t) for n, t in random_weights(config, 1).items()})
    return model, tuple(torch.from_numpy(array) for array in random_batch(config, 1, batch=4))


def test_padding_and_batch_mates_change_nothing_under_dropout():
    model, (source_BS, real_BS, target_BT) = model_and_batch()
    together = model.forward(source_BS, real_BS, target_BT, RowNoise(KEYS))
    assert not torch.allclose(together, model.forward(source_BS, real_BS, target_BT))
    order = [2, 0, 3, 1]
    other = model.forward(source_BS[order], real_BS[order], target_BT[order], RowNoise(KEYS[order]))
    torch.testing.assert_close(other, together[order])
    wider = [torch.nn.functional.pad(ids, (0, 3)) for ids in (source_BS, real_BS, target_BT)]
    torch.testing.assert_close(model.forward(*wider, RowNoise(KEYS))[:, : target_BT.shape[1]], together)
    for row, length in enumerate(real_BS.sum(1).tolist()):
        one = slice(row, row + 1)
        alone = model.forward(source_BS[one, :length], real_BS[one, :length], target_BT[one], RowNoise(KEYS[one]))
        torch.testing.assert_close(alone, together[one])


@pytest.mark.parametrize("kind", ["dropout", "attention_dropout", "activation_dropout"])
def test_every_kind_drops_by_itself_and_at_every_site_anew(kind):
    rates = {"dropout": 0.0, "attention_dropout": 0.0, "activation_dropout": 0.0} | {kind: 0.5}
    model, batch = model_and_batch(replace(NOISY, **rates))
    still = model.forward(*batch)
    noisy = model.forward(*batch, RowNoise(KEYS))
    assert not torch.allclose(noisy, still)
    assert torch.equal(noisy, model.forward(*batch, RowNoise(KEYS)))
    assert not torch.allclose(noisy, model.forward(*batch, RowNoise(KEYS + 1)))
    sites = [module.site for module in model.modules() if isinstance(module, Dropout)]
    assert len(sites) == len(set(sites)) == 2 + 2 * 4 + 2 * 6


def test_the_mean_over_many_keys_is_the_still_value():
    """The last thing that is dropped passes only linear maps afterwards, so its mean can be compared."""
    model, (source_BS, real_BS, target_BT) = model_and_batch(replace(NOISY, norm="none"))
    dropping = model.decoder.layers[-1].feed_forward.dropout
    for module in model.modules():
        if isinstance(module, Dropout) and module is not dropping:
            module.threshold = 0
    count = 4000
    with torch.no_grad():
        still = model.forward(source_BS[:1], real_BS[:1], target_BT[:1])
        many = model.forward(
            source_BS[:1].expand(count, -1), real_BS[:1].expand(count, -1), target_BT[:1].expand(count, -1),
            RowNoise(torch.arange(count)),
        )  # fmt: skip
    error = many.std(0) / count**0.5
    assert (many.std(0) > 0).any()
    assert ((many.mean(0) - still[0]).abs() < 5 * error + 1e-9).all()


def test_the_numbers_are_mixed_as_in_numpy():
    """The mask spelled out in NumPy: row key, then position, then word; eight bytes a word, low first."""
    site, threshold, positions, values = 99, 77, 3, 21
    place_BT = mix(mix(KEYS.numpy() ^ site)[:, None] ^ np.arange(positions))
    bits_BTW = mix(place_BT[:, :, None] ^ np.arange(3))
    wanted = np.stack([(bits_BTW[..., c // 8] >> (8 * (c % 8))) & 255 for c in range(values)], axis=-1) >= threshold
    found = RowNoise(KEYS).keep(site, (4, positions, values), threshold)
    assert np.array_equal(found.numpy(), wanted)
