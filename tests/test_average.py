"""The running mean of the weights is their mean, is lent to the model, and leaves no mark."""

import pytest

torch = pytest.importorskip("torch")
from dragoman.train.average import WeightAverage  # noqa: E402  (only where torch is)
from tiny_runs import Listener, make_bench, same_bits, weights_of  # noqa: E402


def model():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.LayerNorm(4))


def moved(net, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in net.parameters():
            value.add_(torch.randn(value.shape, generator=generator))
    return weights_of(net)


@pytest.mark.parametrize("count", [1, 2, 9])
def test_it_is_the_mean_and_is_taken_back(count):
    net = model()
    average = WeightAverage(net)
    seen = []
    for step in range(count):
        seen.append(moved(net, step))
        average.add()
    own = moved(net, 99)
    with average.applied():
        for name, value in net.named_parameters():
            torch.testing.assert_close(value.detach(), sum(weights[name] for weights in seen) / count)
            assert value.requires_grad
    assert same_bits(weights_of(net), own)


def test_it_is_taken_back_after_an_error():
    net = model()
    average = WeightAverage(net)
    average.add()
    own = moved(net, 1)
    with pytest.raises(ZeroDivisionError), average.applied():
        raise ZeroDivisionError
    assert same_bits(weights_of(net), own)


def test_with_nothing_summed_the_model_keeps_its_own():
    net = model()
    before = weights_of(net)
    with WeightAverage(net).applied():
        assert same_bits(weights_of(net), before)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return make_bench(tmp_path_factory.mktemp("corpus"))


@pytest.mark.parametrize(("share", "steps"), [(0.0, 0), (0.25, 2), (0.5, 4), (1.0, 8)])
def test_a_run_hands_out_the_mean_of_its_last_share(bench, tmp_path, share, steps):
    listener = Listener(qualities=iter(range(100)))
    loop = bench.loop(tmp_path, listener, steps=8, average=share, validate_every=4, merge_dropout=0.0)
    seen = []
    loop.optimizer.register_step_post_hook(lambda *_: seen.append(weights_of(loop.model)))
    loop.run()
    assert len(seen) == 8 and loop.average.count == steps
    step, kept = listener.kept[-1]
    chosen = seen[-steps:] if steps else seen[-1:]
    assert step == 8
    for name, value in kept.items():
        torch.testing.assert_close(value, sum(weights[name] for weights in chosen) / len(chosen))
    assert same_bits(weights_of(loop.model), seen[-1])  # training itself goes on from the model's own weights
