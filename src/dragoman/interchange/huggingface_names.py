"""The tensors of Marian and Pegasus in Hugging Face's library: their names, and the order of the model dimension.

Ours interleave sine and cosine of a position, theirs have all sines and then all cosines. So the model dimension is
put into another order wherever it occurs, and nowhere else; the numbers stay the same.
"""

# Shapes.  D model width.

import re

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BIAS = "output.bias"  # [V] with us, [1, V] there
_WHOLE = {
    "embedding.weight": "model.shared.weight",
    "source_embedding.weight": "model.encoder.embed_tokens.weight",
    "target_embedding.weight": "model.decoder.embed_tokens.weight",
    "output.weight": "lm_head.weight",
    BIAS: "final_logits_bias",
}
_PARTS = {
    "self_attention": "self_attn",
    "cross_attention": "encoder_attn",
    "self_attention_norm": "self_attn_layer_norm",
    "cross_attention_norm": "encoder_attn_layer_norm",
    "feed_forward_norm": "final_layer_norm",
    "feed_forward.up": "fc1",
    "feed_forward.down": "fc2",
    "query": "q_proj",
    "key": "k_proj",
    "value": "v_proj",
    "out": "out_proj",
    "norm": "layer_norm",
    "positions": "embed_positions",
}
_LAYER = re.compile(r"(encoder|decoder)\.layers\.(\d+)\.(.+)")


def their_name(name: str) -> str:
    """Return what a tensor of `architecture.parameters` is called there."""
    if name in _WHOLE:
        return _WHOLE[name]
    if found := _LAYER.fullmatch(name):
        side, index, inside = found.groups()
        part, _, end = inside.rpartition(".")
        block, _, map_name = part.partition(".") if part not in _PARTS else (part, "", "")
        names = [_PARTS[each] for each in (block, map_name) if each]
        return ".".join(["model", side, "layers", index, *names, end])
    side, part, end = name.split(".")
    return f"model.{side}.{_PARTS[part]}.{end}"


def halves(width: int) -> NDArray[np.int64]:
    """Return the places of our model dimension in their order: 0, 2, 4, ..., 1, 3, 5, ..."""
    return np.concatenate([np.arange(0, width, 2), np.arange(1, width, 2)])


def pairs(width: int) -> NDArray[np.int64]:
    """Return the places of their model dimension in our order: the inverse of `halves`."""
    return np.argsort(halves(width))


def reordered(name: str, tensor: Floats, order: NDArray[np.int64]) -> Floats:
    """Return a tensor of ours, by its name, with the model dimension in another order wherever it has one.

    Maps out of the model dimension have it as their columns, maps into it as their rows and their bias.
    """
    if name == BIAS:
        return tensor
    part, end = name.split(".")[-2:]
    if part in ("out", "down") or "norm" in part:
        return np.ascontiguousarray(tensor[order])
    return np.ascontiguousarray(tensor[:, order]) if end == "weight" else tensor
