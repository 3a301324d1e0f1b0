"""Forced decoding: how likely a model finds a target that is already there, in one pass."""

# Shapes.  B sentences, T target, V vocabulary.

from collections.abc import Sequence

import torch

from dragoman.decode.task import pad
from dragoman.model.protocol import Seq2Seq
from dragoman.options import BOS


@torch.inference_mode()
def score(
    model: Seq2Seq,
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    device: torch.device | str = "cpu",
) -> list[list[float]]:
    """Return the log-probability of every piece of every target, given its source and the pieces before it.

    Targets have no `<s>` and end with `</s>`, as the ids of a finished hypothesis do. Batch mates
    change nothing. Raises RequestError for an empty source or target.
    """
    if not sources:
        return []
    source_BS, real_BS = pad(sources, device)
    label_BT, _ = pad(targets, device)
    target_BT = torch.cat([torch.full_like(label_BT[:, :1], BOS), label_BT[:, :-1]], dim=1)
    logits_BTV = model.forward(source_BS, real_BS, target_BT).float()
    chosen_BT = logits_BTV.gather(2, label_BT[..., None])[..., 0]
    logp_BT = (chosen_BT - logits_BTV.logsumexp(2)).clamp(max=0)
    return [row[: len(target)] for row, target in zip(logp_BT.tolist(), targets, strict=True)]
