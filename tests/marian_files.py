"""Models of ours written as Marian would write them, to be read again."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig

Tensors = dict[str, NDArray[np.float32]]
PARTS = {"query": "q", "key": "k", "value": "v", "out": "o"}


def settings(config: ModelConfig, **changes: object) -> bytes:
    """What `special:model.yml` says of a model."""
    pre = config.norm == "pre"
    table = {
        "type": "transformer", "dim-emb": config.d_model, "enc-depth": config.encoder_layers,
        "dec-depth": config.decoder_layers, "transformer-heads": config.heads,
        "transformer-dim-ffn": config.feed_forward, "transformer-ffn-depth": 2,
        "transformer-ffn-activation": "swish" if config.activation == "silu" else "relu",
        "transformer-preprocess": "n" if pre else "", "transformer-postprocess": "da" if pre else "dan",
        "transformer-postprocess-top": "n" if pre else "", "transformer-postprocess-emb": "d",
        "transformer-decoder-autoreg": "rnn" if config.decoder_cell == "ssru" else "self-attention",
        "dec-cell": config.decoder_cell, "tied-embeddings-all": config.tie == "all",
        "tied-embeddings": config.tie == "target", "transformer-tied-layers": [], "version": "v1.12",
    }  # fmt: skip
    return yaml.safe_dump(table | changes).encode() + b"\0"


def tensors(config: ModelConfig, ours: Tensors) -> Tensors:
    """A model's tensors by Marian's names and in its shapes; without rows that Marian has not."""
    found: Tensors = {}

    def linear(name: str, weight: str, bias: str) -> None:
        found[weight] = ours[f"{name}.weight"].T
        if f"{name}.bias" in ours:
            found[bias] = ours[f"{name}.bias"][None]

    def norm(name: str, theirs: str) -> None:
        before = "_pre" if config.norm == "pre" and "top" not in theirs else ""
        found[f"{theirs}_ln_scale{before}"] = ours[f"{name}.weight"][None]
        found[f"{theirs}_ln_bias{before}"] = ours[f"{name}.bias"][None]

    def attention(name: str, theirs: str) -> None:
        for part, letter in PARTS.items():
            linear(f"{name}.{part}", f"{theirs}_W{letter}", f"{theirs}_b{letter}")
        norm(f"{name}_norm", f"{theirs}_Wo")

    if config.tie == "all":
        found["Wemb"] = ours["embedding.weight"]
    else:
        found["encoder_Wemb"], found["decoder_Wemb"] = ours["source_embedding.weight"], ours["target_embedding.weight"]
    if config.tie == "none":
        found["decoder_ff_logit_out_W"] = ours["output.weight"].T
    found["decoder_ff_logit_out_b"] = ours["output.bias"][None]
    for side, layers in (("encoder", config.encoder_layers), ("decoder", config.decoder_layers)):
        for index in range(layers):
            name, theirs = f"{side}.layers.{index}", f"{side}_l{index + 1}"
            if side == "decoder" and config.decoder_cell == "ssru":
                found[f"{theirs}_rnn_W"] = ours[f"{name}.recurrence.input.weight"].T
                linear(f"{name}.recurrence.forget", f"{theirs}_rnn_Wf", f"{theirs}_rnn_bf")
                norm(f"{name}.recurrence_norm", f"{theirs}_rnn" if config.norm == "pre" else f"{theirs}_rnn_ffn")
            else:
                attention(f"{name}.self_attention", f"{theirs}_self")
            if side == "decoder":
                attention(f"{name}.cross_attention", f"{theirs}_context")
            linear(f"{name}.feed_forward.up", f"{theirs}_ffn_W1", f"{theirs}_ffn_b1")
            linear(f"{name}.feed_forward.down", f"{theirs}_ffn_W2", f"{theirs}_ffn_b2")
            norm(f"{name}.feed_forward_norm", f"{theirs}_ffn_ffn")
        if config.norm == "pre":
            norm(f"{side}.norm", f"{side}_top")
    return found


def write_npz(path: Path, found: Tensors, yml: bytes) -> None:
    np.savez(path, **found, **{"special:model.yml": np.frombuffer(yml, np.int8)})


def write_bin(path: Path, found: Tensors, yml: bytes, int8: bool = False) -> None:
    """Float32 items, or matrices as int8 [out, in] with one multiplier, embeddings as they are."""
    items = []
    for name, tensor in found.items():
        kind, data = 0x404, np.ascontiguousarray(tensor, "<f4").tobytes()
        if int8 and min(tensor.shape) > 1:
            multiplier = 127 / np.abs(tensor).max()
            stored = tensor if name.endswith("Wemb") else tensor.T
            numbers = np.rint(stored * multiplier).astype(np.int8)
            kind, data = 0x4101, numbers.tobytes() + struct.pack("<f", multiplier)
            items.append((f"{name}_QuantMultA", 0x404, (1, 1), struct.pack("<f", 9.0)))
        items.append((name, kind, tensor.shape, data))
    items.append(("special:model.yml", 0x101, (len(yml),), yml))
    out = struct.pack("<QQ", 1, len(items))
    for name, kind, shape, data in items:
        out += struct.pack("<QQQQ", len(name) + 1, kind, len(shape), len(data))
    out += b"".join(name.encode() + b"\0" for name, *_ in items)
    out += b"".join(struct.pack(f"<{len(shape)}i", *shape) for _, _, shape, _ in items)
    room = -(len(out) + 8) % 256
    path.write_bytes(out + struct.pack("<Q", room) + bytes(room) + b"".join(data for *_, data in items))


def zip_bomb(path: Path) -> None:
    """A small .npz whose array would fill a gibibyte."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (1 << 28,)})
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("Wemb.npy", "w", force_zip64=True) as entry,
    ):
        entry.write(head.getvalue())
        for _ in range(1 << 6):
            entry.write(bytes(1 << 24))
