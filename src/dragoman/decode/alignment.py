"""Which source piece each target piece looks at: cross-attention of chosen heads, from one forced pass.

    decoder reads     <s>    Guten  Morgen  </s>
    and gives         Guten  Morgen </s>     -
    row of piece t     -      0      1       2

The step that *receives* a piece knows it, and may look where it came from (Chen et al. 2020): heads that were taught to
align do, and some of other models. Most of these look for the piece that they *write*: the row above.
"""

# Shapes.  B sentences, A decoder layers, N heads, H heads chosen, T target with </s>,
#          L = T + 1 decoder positions, S source.

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from dragoman.decode.task import pad
from dragoman.errors import RequestError
from dragoman.model.recording import recording
from dragoman.model.transformer import Transformer
from dragoman.options import BOS, Step


def align(
    model: Transformer,
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    heads: Sequence[tuple[int, int]],
    device: torch.device | str = "cpu",
    step: Step = "receiving",
) -> list[NDArray[np.float32]]:
    """Return weights [T, S] for each pair: row t says where target piece t looks; every row sums to one.

    `heads` are (layer, head) of the decoder's cross-attention, whose mean is taken. Sources and targets end
    with `</s>`, targets have no `<s>`; `</s>` has its row and its column. The decoder reads one position more
    than a target has pieces. Raises RequestError for no heads, or an empty source or target.
    """
    if not heads:
        raise RequestError("no heads to read an alignment from; give (layer, head) pairs, such as (0, 0)")
    layers, width = model.config.decoder_layers, model.config.heads
    for layer, head in heads:
        if not (0 <= layer < layers and 0 <= head < width):
            raise RequestError(f"no head ({layer}, {head}); layers are 0 to {layers - 1}, heads 0 to {width - 1}")
    maps = cross_attention(model, sources, targets, device, step)
    return [np.mean([map_CNTS[head] for head in heads], axis=0) for map_CNTS in maps]


@torch.inference_mode()
def cross_attention(
    model: Transformer,
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    device: torch.device | str = "cpu",
    step: Step = "receiving",
) -> list[NDArray[np.float32]]:
    """Return the attention [C, N, T, S] of every decoder layer and head, from the step of each piece."""
    if not sources:
        return []
    source_BS, real_BS = pad(sources, device)
    read_BL, _ = pad([[BOS, *target] for target in targets], device)
    with recording(model) as record:
        model.hidden(read_BL, model.start(model.encode(source_BS, real_BS), real_BS))
    names = [f"decoder.layers.{layer}.cross_attention.weights" for layer in range(model.config.decoder_layers)]
    maps_CBNLS = torch.stack([record[name][0] for name in names]).float().cpu().numpy()
    pairs = zip(sources, targets, strict=True)
    first = 1 if step == "receiving" else 0
    return [
        maps_CBNLS[:, row, :, first : first + len(target), : len(source)].copy()
        for row, (source, target) in enumerate(pairs)
    ]
