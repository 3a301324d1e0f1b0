"""Label-smoothed cross-entropy over the vocabulary, without ever holding all logits.

The vocabulary is the widest part of a small model: logits of a whole batch, their softmax and their
gradient are three tensors of many megabytes. Here a chunk of rows at a time goes from states to loss
and, at once, to its gradient; what is kept are the gradients of states and weights.
"""

# Shapes.  M target pieces of a batch, C pieces of a chunk, D model width, V target vocabulary.

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

CHUNK = 256  # rows: a chunk's float32 logits over 8,000 pieces stay within a shared cache of 8 MB


def _chunks(count: int) -> Iterator[slice]:
    """Yield slices of 256 rows, and the rest in powers of two: for every new height code would be compiled."""
    begin, size = 0, CHUNK
    while begin < count:
        while size > count - begin:
            size //= 2
        yield slice(begin, begin + size)
        begin += size


class _SmoothedLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden_MD: Tensor, weight_VD: Tensor, bias_V: Tensor | None, labels_M: Tensor, smoothing: float
    ) -> Tensor:
        kind, vocabulary = hidden_MD.dtype, weight_VD.shape[0]
        wide = torch.promote_types(kind, torch.float32)
        weight = weight_VD.to(kind)
        grad_hidden = torch.empty_like(hidden_MD)
        grad_weight = torch.zeros(weight_VD.shape, dtype=wide, device=weight.device)
        grad_bias = torch.zeros(vocabulary, dtype=wide, device=weight.device)
        loss = torch.zeros((), dtype=wide, device=weight.device)
        # Summed over the vocabulary, the smoothing term needs the weights' sum alone, not the logits.
        weight_sum_D = weight.sum(0, dtype=wide)
        bias_sum = 0.0 if bias_V is None else bias_V.sum()
        for rows in _chunks(len(labels_M)):
            hidden, labels = hidden_MD[rows], labels_M[rows, None]
            logits_CV = (hidden @ weight.T).to(wide)
            if bias_V is not None:
                logits_CV += bias_V
            chosen_C1 = logits_CV.gather(1, labels)
            highest_C1 = logits_CV.amax(1, keepdim=True)
            powers_CV = logits_CV.sub_(highest_C1).exp_()
            total_C1 = powers_CV.sum(1, keepdim=True)
            loss += (highest_C1 + total_C1.log() - (1 - smoothing) * chosen_C1).sum()
            # d loss / d logits = softmax - (1 - smoothing) at the label - smoothing / V everywhere
            grad_CV = powers_CV.div_(total_C1)
            grad_CV.scatter_add_(1, labels, torch.full_like(chosen_C1, smoothing - 1))
            grad_bias += grad_CV.sum(0)
            grad_low = grad_CV.to(kind)
            grad_hidden[rows] = grad_low @ weight
            if kind == wide:
                grad_weight.addmm_(grad_low.T, hidden)
            else:
                grad_weight += grad_low.T @ hidden
        if smoothing:
            share = smoothing / vocabulary
            hidden_sum_D = hidden_MD.sum(0, dtype=wide)
            loss -= share * (hidden_sum_D @ weight_sum_D + len(labels_M) * bias_sum)
            grad_hidden -= (share * weight_sum_D).to(kind)
            grad_weight -= share * hidden_sum_D
            grad_bias -= share * len(labels_M)
        ctx.save_for_backward(grad_hidden, grad_weight, grad_bias)
        return loss

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor | None, ...]:
        grad_hidden, grad_weight, grad_bias = ctx.saved_tensors
        above = grads[0]
        bias = grad_bias * above if ctx.needs_input_grad[2] else None
        return grad_hidden * above.to(grad_hidden.dtype), grad_weight * above, bias, None, None


def smoothed_loss(
    hidden_MD: Tensor, weight_VD: Tensor, bias_V: Tensor | None, labels_M: Tensor, smoothing: float
) -> Tensor:
    """Return the summed label-smoothed cross-entropy of `labels_M` given the decoder's states.

    Equals `F.cross_entropy(hidden @ weight.T + bias, labels, label_smoothing=..., reduction="sum")`
    (Szegedy et al. 2016, section 7). Products run in the dtype of `hidden_MD`, sums in float32 or wider.
    """
    loss: Tensor = _SmoothedLoss.apply(hidden_MD, weight_VD, bias_V, labels_M, smoothing)  # type: ignore[no-untyped-call]
    return loss
