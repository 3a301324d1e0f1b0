"""The chunked loss equals torch's own cross-entropy, in value and in every gradient."""

import pytest

torch = pytest.importorskip("torch")
import torch.nn.functional as F  # noqa: E402  (only where torch is)

from dragoman.train.loss import smoothed_loss  # noqa: E402

WIDTH, VOCABULARY = 6, 13


def inputs(rows, bias=True, dtype=torch.float64, seed=1):
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(rows, WIDTH, generator=generator, dtype=dtype).requires_grad_()
    weight = torch.randn(VOCABULARY, WIDTH, generator=generator, dtype=dtype).requires_grad_()
    offset = torch.randn(VOCABULARY, generator=generator, dtype=dtype).requires_grad_() if bias else None
    return hidden, weight, offset, torch.randint(VOCABULARY, (rows,), generator=generator)


def gradients(loss, tensors):
    return torch.autograd.grad(loss, [tensor for tensor in tensors if tensor is not None])


def theirs(hidden, weight, bias, labels, smoothing):
    return F.cross_entropy(F.linear(hidden, weight, bias), labels, reduction="sum", label_smoothing=smoothing)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rows", [0, 1, 255, 256, 257, 600])  # around the borders of a chunk
def test_it_equals_cross_entropy_in_value_and_gradients(rows, bias, smoothing):
    *tensors, labels = inputs(rows, bias)
    ours, wanted = (loss(*tensors, labels, smoothing) for loss in (smoothed_loss, theirs))
    torch.testing.assert_close(ours, wanted)
    for one, other in zip(gradients(ours, tensors), gradients(wanted, tensors), strict=True):
        torch.testing.assert_close(one, other)


def test_its_gradient_is_the_slope():
    *tensors, labels = inputs(5)
    torch.autograd.gradcheck(lambda *given: smoothed_loss(*given, labels, 0.2), tensors)


def test_it_can_be_scaled_and_added():
    *tensors, labels = inputs(300)
    found, wanted = (0.3 * loss(*tensors, labels, 0.1) ** 2 + 2 * tensors[1].sum() for loss in (smoothed_loss, theirs))
    for one, other in zip(gradients(found, tensors), gradients(wanted, tensors), strict=True):
        torch.testing.assert_close(one, other)


def test_a_tied_weight_gets_both_gradients():
    *tensors, labels = inputs(20)
    _, weight, bias = tensors
    found, wanted = (
        torch.autograd.grad(loss(torch.tanh(weight[labels]), weight, bias, labels, 0.1), weight)[0]
        for loss in (smoothed_loss, theirs)
    )
    torch.testing.assert_close(found, wanted)


def test_huge_logits_stay_numbers():
    hidden, weight, bias, labels = inputs(4, dtype=torch.float32)
    loss = smoothed_loss(hidden * 1e4, weight, bias, labels, 0.1)
    assert all(torch.isfinite(tensor).all() for tensor in (loss, *gradients(loss, (hidden, weight, bias))))


def test_bfloat16_states_give_nearly_the_same_and_float32_gradients_of_the_weights():
    hidden, weight, bias, labels = inputs(300, dtype=torch.float32)
    low = hidden.detach().bfloat16().requires_grad_()
    loss = smoothed_loss(low, weight, bias, labels, 0.1)
    wanted = theirs(low.detach().float().requires_grad_(), weight, bias, labels, 0.1)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, wanted, rtol=5e-3, atol=0)
    found = gradients(loss, (low, weight, bias))
    assert [tensor.dtype for tensor in found] == [torch.bfloat16, torch.float32, torch.float32]
    exact = inputs(300, dtype=torch.float32)
    for one, other in zip(found, gradients(theirs(*exact, 0.1), exact[:3]), strict=True):
        assert (one.float() - other).norm() < 0.02 * other.norm()
