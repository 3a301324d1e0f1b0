"""Beam search: at each step the best W ways of going on are kept, for every sentence of a batch.

                 step 1                          step 2
    <s> ─┬─ Guten  -0.4  ─ kept ─┬─ Morgen  -0.7  ─ kept
         ├─ Morgen -1.6  ─ kept  └─ </s>    -1.9  ─ finished: waits with its normalized score
         └─ ...

Among the best W candidates of a step those with `</s>` are finished and leave the beam, which goes
on with the best W others. A sentence ends when no way that is left can still beat the worst of its
`n_best` finished ones: log-probabilities only fall, and a length divides them at most by the divisor
of the longest one (Wu et al. 2016, section 7, for the penalty). Forbidden pieces count as -inf and
the others are not renormalized.
"""

# Shapes.  B sentences, K rows of a sentence (1 at first, then up to the beam W), R = B x K rows,
#          C candidates (up to 2 W), T longest target, V vocabulary.

import torch
from torch import Tensor

from dragoman.decode.task import Task, ranked
from dragoman.model.protocol import Seq2Seq
from dragoman.options import BOS, EOS, PAD, Fate, Hypothesis, Way


def beam_search(model: Seq2Seq, task: Task) -> list[tuple[Hypothesis, ...]]:
    """Return the `n_best` hypotheses of each sentence, best first.

    There are fewer where fewer exist, or where two of those that `max_length` cut become the same.
    """
    device, batch, width = task.source_BS.device, len(task.limits), task.options.width
    state = model.start(model.encode(task.source_BS, task.real_BS), task.real_BS, task.longest)
    ids_BKT = torch.full((batch, 1, task.longest + 1), PAD, device=device)
    ids_BKT[..., 0] = BOS
    logp_BKT = torch.zeros(batch, 1, task.longest + 1, device=device)
    score_BK = torch.zeros(batch, 1, dtype=torch.float64, device=device)
    places = list(range(batch))  # which sentence of the task stands where in the batch of now
    pools: list[list[Hypothesis]] = [[] for _ in places]
    for step in range(task.longest):
        logits_RV = model.decode(ids_BKT[..., step].reshape(-1, 1), state)[:, -1]
        if step == 0:
            guard = task.guard(logits_RV.shape[-1])
        logp_RV = logits_RV.float().log_softmax(-1).masked_fill(~guard.allowed(step), -torch.inf)
        score_BC, row_BC, id_BC, logp_BC = candidates(score_BK, logp_RV, 2 * width)

        if task.watch is not None:
            for b, sentence in enumerate(places):
                task.watch(sentence, step, _ways(score_BC[b], row_BC[b], id_BC[b], logp_BC[b], width))
        ends_BC = (id_BC == EOS) & (score_BC > -torch.inf)
        for b, c in ends_BC[:, :width].nonzero().tolist():
            ids = ids_BKT[b, row_BC[b, c], 1 : step + 1].tolist()
            logp = logp_BKT[b, row_BC[b, c], 1 : step + 1].tolist()
            _put(pools[places[b]], task.hypothesis([*ids, EOS], [*logp, float(logp_BC[b, c])]), task)

        go_on_BK = (id_BC == EOS).byte().sort(dim=1, stable=True).indices[:, :width]
        score_BK = score_BC.masked_fill(id_BC == EOS, -torch.inf).gather(1, go_on_BK)
        row_BK, id_BK = row_BC.gather(1, go_on_BK), id_BC.gather(1, go_on_BK)
        earlier = (torch.arange(len(places), device=device)[:, None], row_BK)
        ids_BKT, logp_BKT = ids_BKT[earlier], logp_BKT[earlier]
        ids_BKT[..., step + 1], logp_BKT[..., step + 1] = id_BK, logp_BC.gather(1, go_on_BK)

        staying = []
        for b, (sentence, best) in enumerate(zip(places, score_BK[:, 0].tolist(), strict=True)):
            if step + 1 == task.limits[sentence]:
                alive = (b, score_BK[b] > -torch.inf, slice(1, step + 2))
                _put_cut(pools[sentence], ids_BKT[alive], logp_BKT[alive], task)
            elif not _settled(pools[sentence], best, task.limits[sentence], task):
                staying.append(b)
        if not staying:
            break
        stay_B = torch.tensor(staying, device=device)
        if len(staying) < len(places):
            state.keep(stay_B)
            guard.keep(stay_B)
            places = [places[b] for b in staying]
            row_BK, score_BK, ids_BKT, logp_BKT = (x[stay_B] for x in (row_BK, score_BK, ids_BKT, logp_BKT))
        rows = _flat(row_BK, len(logp_RV) // len(ends_BC))
        state.reorder(rows)
        guard.reorder(rows)
        guard.follow(ids_BKT[..., step + 1].flatten())
    return [tuple(pool) for pool in pools]


def candidates(score_BK: Tensor, logp_RV: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return score, row in its sentence, id and log-probability of the best `count` next pieces, [B, C] each.

    The order is exact: score, then row, then id, lowest first. A row can hold no more than `count` of
    them, so they are sought in each row first.
    """
    batch, rows = score_BK.shape
    logp_RC, id_RC = highest(logp_RV, count)
    logp_BC, id_BC = logp_RC.reshape(batch, -1), id_RC.reshape(batch, -1)
    row_C = torch.arange(rows, device=logp_RV.device).repeat_interleave(logp_RC.shape[1])
    score_BC = score_BK[:, row_C] + logp_BC  # float64: a sum of float32 values that does not round them away
    score_BC, order_BC = (x[:, :count] for x in score_BC.sort(dim=1, descending=True, stable=True))
    return score_BC, row_C[order_BC], id_BC.gather(1, order_BC), logp_BC.gather(1, order_BC)


def highest(x_RV: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the `count` highest values of each row (all of them where V is less) and their ids, by id.

    Of equal values at the edge the lowest ids are taken. `topk` does not promise that, so it is asked for
    one more: only where that one equals the last is the row sorted as a whole.
    """
    if count >= x_RV.shape[1]:
        return x_RV, torch.arange(x_RV.shape[1], device=x_RV.device).expand_as(x_RV)
    top_RC, id_RC = x_RV.topk(count + 1, dim=1)
    tied_R = (top_RC[:, -1] == top_RC[:, -2]) & (top_RC[:, -1] > -torch.inf)
    id_RC = id_RC[:, :count]
    if tied_R.any():
        id_RC = id_RC.clone()
        id_RC[tied_R] = x_RV[tied_R].sort(dim=1, descending=True, stable=True).indices[:, :count]
    id_RC = id_RC.sort(dim=1).values
    return x_RV.gather(1, id_RC), id_RC


def _ways(score_C: Tensor, row_C: Tensor, id_C: Tensor, logp_C: Tensor, width: int) -> list[Way]:
    """Return a sentence's candidates and what becomes of each, as `beam_search` decides it."""
    ways: list[Way] = []
    kept = 0
    for place, (total, row, piece, logp) in enumerate(
        zip(score_C.tolist(), row_C.tolist(), id_C.tolist(), logp_C.tolist(), strict=True)
    ):
        if total == -torch.inf:
            break
        fate: Fate = "pruned"
        if piece == EOS and place < width:
            fate = "finished"
        elif piece != EOS and kept < width:
            fate, kept = "kept", kept + 1
        ways.append(Way(row, piece, logp, total, fate))
    return ways


def _put(pool: list[Hypothesis], hypothesis: Hypothesis, task: Task) -> None:
    pool[:] = ranked([*pool, hypothesis])[: task.options.n_best]


def _put_cut(pool: list[Hypothesis], ids_KT: Tensor, logp_KT: Tensor, task: Task) -> None:
    """Fill the pool up with those that reached the limit; cut to whole characters, two may be the same."""
    for ids, logp in zip(ids_KT.tolist(), logp_KT.tolist(), strict=True):
        hypothesis = task.hypothesis(ids, logp)
        if all(hypothesis.ids != other.ids for other in pool):
            _put(pool, hypothesis, task)


def _settled(pool: list[Hypothesis], best: float, limit: int, task: Task) -> bool:
    """Say whether no active hypothesis can come into the pool; `best` is their highest log-probability."""
    if best == -torch.inf:
        return True
    return len(pool) == task.options.n_best and pool[-1].score > task.options.score(best, limit)


def _flat(row_BK: Tensor, rows: int) -> Tensor:
    """Turn rows within their sentences into rows of the batch, where each sentence has had `rows` of them."""
    first_B = torch.arange(len(row_BK), device=row_BK.device) * rows
    return (first_B[:, None] + row_BK).flatten()
