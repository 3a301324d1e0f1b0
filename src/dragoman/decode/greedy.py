"""Search that looks at one way at a time: every row takes one piece a step and never looks back.

`walk` is the loop; which piece is taken is a function handed in. `greedy` takes the likeliest one,
ties going to the lowest id, and ends at the first `</s>`: it is what `beam=1` means.
"""

# Shapes.  B sentences, N rows of a sentence, R = B x N rows, T longest target, V vocabulary.

from collections.abc import Callable

import torch
from torch import Tensor

from dragoman.decode.task import Task, ranked
from dragoman.model.protocol import Seq2Seq
from dragoman.options import BOS, EOS, PAD, Hypothesis, Watch, Way

# (logits_RV with -inf where forbidden, number_R, step) -> id_R. A row's number is N x sentence + sample,
# counted over the whole batch, whichever sentences are still there.
Pick = Callable[[Tensor, Tensor, int], Tensor]


def greedy(model: Seq2Seq, task: Task) -> list[tuple[Hypothesis, ...]]:
    """Return the one hypothesis of each sentence that always takes the likeliest piece."""
    return walk(model, task, 1, likeliest)


def likeliest(logits_RV: Tensor, number_R: Tensor, step: int) -> Tensor:
    """Pick the highest logit of each row, and of equal ones the lowest id (as argmax promises)."""
    return logits_RV.argmax(-1)


def walk(model: Seq2Seq, task: Task, samples: int, pick: Pick) -> list[tuple[Hypothesis, ...]]:
    """Return `samples` independent hypotheses of each sentence, best first.

    Their log-probabilities are the model's own, whatever `pick` made of the logits. A sentence
    leaves the batch when all its rows have ended.
    """
    device, batch = task.source_BS.device, len(task.limits)
    state = model.start(model.encode(task.source_BS, task.real_BS), task.real_BS, task.longest)
    id_R = torch.full((batch,), BOS, device=device)
    first_R = torch.arange(batch, device=device).repeat_interleave(samples)
    number_R = torch.arange(batch * samples, device=device)
    limit_R = torch.tensor(task.limits, device=device)[first_R]
    length_R = torch.zeros_like(limit_R)  # 0: not yet ended
    ids_RT = torch.full((batch * samples, task.longest), PAD, device=device)
    logp_RT = torch.zeros(batch * samples, task.longest, device=device)
    results: list[tuple[Hypothesis, ...]] = [()] * batch
    for step in range(task.longest):
        logits_RV = model.decode(id_R[:, None], state)[:, -1].float()
        if step == 0:  # the rows of a sentence part here
            guard = task.guard(logits_RV.shape[-1])
            logits_RV = logits_RV[first_R]
            state.reorder(first_R)
            guard.reorder(first_R)
        id_R = pick(logits_RV.masked_fill(~guard.allowed(step), -torch.inf), number_R, step)
        guard.follow(id_R)
        ids_RT[:, step] = id_R
        logp_RT[:, step] = logits_RV.log_softmax(-1).gather(1, id_R[:, None])[:, 0]
        if task.watch is not None:
            _tell(task.watch, step, samples, (number_R, id_R, length_R), logp_RT[:, : step + 1])
        ends_R = (length_R == 0) & ((id_R == EOS) | (limit_R == step + 1))
        length_R = length_R.masked_fill(ends_R, step + 1)
        over_B = (length_R > 0).view(-1, samples).all(1)
        if not over_B.any():
            continue
        over_R = over_B.repeat_interleave(samples)
        gone = (ids_RT[over_R].tolist(), logp_RT[over_R].tolist(), length_R[over_R].tolist())
        hypotheses = [task.hypothesis(i[:n], p[:n]) for i, p, n in zip(*gone, strict=True)]
        for place, number in enumerate(number_R[over_R][::samples].tolist()):
            found = hypotheses[place * samples : (place + 1) * samples]
            results[number // samples] = tuple(ranked(found))
        if over_B.all():
            break
        staying = (~over_B).nonzero().flatten()
        state.keep(staying)
        guard.keep(staying)
        id_R, number_R, limit_R, length_R = (x_R[~over_R] for x_R in (id_R, number_R, limit_R, length_R))
        ids_RT, logp_RT = ids_RT[~over_R], logp_RT[~over_R]
    return results


def _tell(watch: Watch, step: int, samples: int, state: tuple[Tensor, Tensor, Tensor], logp_RT: Tensor) -> None:
    """Tell of each sentence what its rows took, but for those that had ended before; `state` as in `walk`."""
    number_R, id_R, length_R = (x_R.tolist() for x_R in state)
    total_R, logp_R = logp_RT.double().sum(1).tolist(), logp_RT[:, -1].tolist()
    for first in range(0, len(number_R), samples):
        ways = [
            Way(number_R[r] % samples, id_R[r], logp_R[r], total_R[r], "finished" if id_R[r] == EOS else "kept")
            for r in range(first, first + samples)
            if length_R[r] == 0
        ]
        watch(number_R[first] // samples, step, ways)
