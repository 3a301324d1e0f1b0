"""Sampling: every row draws its next piece from the model's distribution, which options may sharpen.

Forbidden pieces leave the distribution first; then come temperature, `top_k` and `top_p` (nucleus:
Holtzman et al. 2020), in this order, and what is left is divided by its sum. A draw is the inverse
of the cumulative distribution at a keyed number of (seed, sentence, sample, step), so that a batch,
its order and a restart change nothing.
"""

# Shapes.  R rows, V vocabulary.

import torch
from torch import Tensor

from dragoman.decode.greedy import walk
from dragoman.decode.task import Task
from dragoman.model.protocol import Seq2Seq
from dragoman.options import DecodeOptions, Hypothesis
from dragoman.randomness import uniform


def sample(model: Seq2Seq, task: Task) -> list[tuple[Hypothesis, ...]]:
    """Return `n_best` independent samples of each sentence, best first; two may be the same."""
    options = task.options
    keys = options.sample_keys(task.sentences).flatten()  # a row's number in `walk` is its place here

    def pick(logits_RV: Tensor, number_R: Tensor, step: int) -> Tensor:
        u_R = torch.from_numpy(uniform(keys[number_R.cpu().numpy()], step)).to(logits_RV.device)
        return draw(distribution(logits_RV, options), u_R)

    return walk(model, task, options.n_best, pick)


def distribution(logits_RV: Tensor, options: DecodeOptions) -> Tensor:
    """Return what is drawn from, float64 [R, V]; every row sums to one. Forbidden logits are -inf.

    Of equally likely pieces at the edge of `top_k` or `top_p` the lowest ids stay.
    """
    p_RV = (logits_RV.double() / (options.temperature or 1.0)).softmax(-1)
    if options.top_k is None and options.top_p is None:
        return p_RV
    order_RV = logits_RV.sort(dim=-1, descending=True, stable=True).indices
    p_RV = p_RV.gather(-1, order_RV)
    if options.top_k is not None:
        p_RV[:, options.top_k :] = 0
        p_RV /= p_RV.sum(-1, keepdim=True)
    if options.top_p is not None and options.top_p < 1:
        before_RV = p_RV.cumsum(-1) - p_RV
        before_RV[:, 0] = 0  # the likeliest always stays
        p_RV = p_RV.masked_fill(before_RV >= options.top_p, 0)
        p_RV /= p_RV.sum(-1, keepdim=True)
    return torch.zeros_like(p_RV).scatter(-1, order_RV, p_RV)


def draw(p_RV: Tensor, u_R: Tensor) -> Tensor:
    """Return the first id of each row whose cumulative probability is above u, with u in [0, 1)."""
    sum_RV = p_RV.cumsum(-1)
    sum_RV = sum_RV / sum_RV[:, -1:]  # the last is exactly 1, so above every u
    id_R: Tensor = (sum_RV <= u_R[:, None]).sum(-1)
    return id_R
