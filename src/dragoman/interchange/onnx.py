"""A model for ONNX Runtime: its encoder and a step of its decoder, its tokenizers, and a program that translates.

Keys and values of all decoder layers are one tensor each, so that a search has four of them to carry and reorder,
whatever the depth; those over the source are computed once, by the encoder.
"""

# Shapes.  B sentences, S source, R rows of a search, L new target pieces, P earlier ones, Y decoder layers,
#          G key and value heads, H head width, V target vocabulary.

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto

from dragoman.architecture import Experiment, ModelConfig
from dragoman.bundle import CARD, Bundle
from dragoman.config import build
from dragoman.directions import tags
from dragoman.errors import RequestError
from dragoman.grammar import newlines, utf8
from dragoman.interchange.folder import whole
from dragoman.interchange.onnx_graph import End
from dragoman.interchange.onnx_layers import KeysValues, Layers, Weights
from dragoman.options import BOS, EOS, PAD, UNK, DecodeOptions

EXAMPLE = Path(__file__).with_name("onnx_example.py")
FORBIDDEN = 255  # in grammar.bin, where a piece may not come
FAMILIES = ("bpe", "byte_bpe", "unigram", "wordpiece", "character", "word")  # which the tokenizers library runs


def export(bundle: Bundle, folder: Path) -> None:
    """Write `folder`: encoder.onnx, decoder_step.onnx, settings.json, grammar.bin, the tokenizers, card, example.py.

    Raises RequestError for a folder that exists and for what would not be the same there.
    """
    _check(bundle)
    with whole(folder) as made:
        for name, graph in (("encoder.onnx", encoder), ("decoder_step.onnx", decoder_step)):
            (made / name).write_bytes(graph(bundle.model, bundle.weights).SerializeToString())
        sides = bundle.tokenizers
        for name, tokenizer in sides.items():
            (made / name).write_text(tokenizer.to_json(), encoding="utf-8", newline="\n")
        settings = json.dumps(_settings(bundle, list(sides)), indent=1, ensure_ascii=False)
        (made / "settings.json").write_text(f"{settings}\n", encoding="utf-8", newline="\n")
        spelling = bundle.target_spelling
        grammar = utf8(spelling, newlines(spelling))
        np.where(grammar.allowed_QV, grammar.next_QV, FORBIDDEN).astype(np.uint8).tofile(made / "grammar.bin")
        (made / CARD).write_text(bundle.card, encoding="utf-8", newline="\n")
        (made / "example.py").write_bytes(EXAMPLE.read_bytes())


def encoder(config: ModelConfig, weights: Weights) -> ModelProto:
    """Return the graph from source and real [B, S] to cross_keys and cross_values [Y, B, G, S, H].

    `real` is True where a piece stands and False on padding. The memory is not given, for no step reads it.
    """
    graph = Layers(config, weights)
    places_S = graph.places(graph.length("source", 1))
    may_look = graph.op("Unsqueeze", "real", graph.integers([1, 2, 3]))  # [B, 1, 1, 1, S]
    x_BSD = graph.embed("encoder", "source", places_S)
    for index in range(config.encoder_layers):
        x_BSD = _encoder_layer(graph, f"encoder.layers.{index}", x_BSD, may_look, places_S)
    memory_BSD = graph.norm("encoder.norm", x_BSD) if config.norm == "pre" else x_BSD
    remembered = [
        graph.keys_values(f"decoder.layers.{index}.cross_attention", memory_BSD)
        for index in range(config.decoder_layers)
    ]
    _outputs(graph, remembered, "cross_keys", "cross_values")
    return graph.finished(
        "encoder",
        {"source": (TensorProto.INT64, ["B", "S"]), "real": (TensorProto.BOOL, ["B", "S"])},
        dict.fromkeys(("cross_keys", "cross_values"), _cache(config, "B", "S")),
    )


def decoder_step(config: ModelConfig, weights: Weights) -> ModelProto:
    """Return the graph from target [R, L] to the logits [R, L, V] of what comes after each of its pieces.

    `keys` and `values` [Y, R, G, P, H] are those of the P pieces before; they come back as `grown_keys` and
    `grown_values`, the new ones behind them. What was made of one source (B = 1) serves any number of rows.
    """
    graph = Layers(config, weights)
    places_L = graph.places(graph.length("target", 1), graph.length("keys", 3))
    may_look = graph.op("Unsqueeze", "real", graph.integers([1, 2, 3]))
    x_RLD = graph.embed("decoder", "target", places_L)
    grown = []
    for index in range(config.decoder_layers):
        past = graph.row("keys", index), graph.row("values", index)
        memory = graph.row("cross_keys", index), graph.row("cross_values", index)
        x_RLD, own = _decoder_layer(graph, f"decoder.layers.{index}", x_RLD, past, memory, may_look, places_L)
        grown.append(own)
    graph.unembed(x_RLD, "logits")
    _outputs(graph, grown, "grown_keys", "grown_values")
    return graph.finished(
        "decoder_step",
        {
            "target": (TensorProto.INT64, ["R", "L"]),
            "real": (TensorProto.BOOL, ["B", "S"]),
            **dict.fromkeys(("cross_keys", "cross_values"), _cache(config, "B", "S")),
            **dict.fromkeys(("keys", "values"), _cache(config, "R", "P")),
        },
        {
            "logits": (TensorProto.FLOAT, ["R", "L", config.target_vocabulary]),
            **dict.fromkeys(("grown_keys", "grown_values"), _cache(config, "R", "P + L")),
        },
    )


def _encoder_layer(graph: Layers, layer: str, x_BSD: str, may_look: str, places_S: str) -> str:
    def look(y_BSD: str) -> str:
        own = graph.keys_values(f"{layer}.self_attention", y_BSD, places_S)
        return graph.attend(f"{layer}.self_attention", y_BSD, own, may_look, (places_S, places_S))

    x_BSD = graph.sub_layer(f"{layer}.self_attention", x_BSD, look)
    return _feed_forward(graph, layer, x_BSD)


def _decoder_layer(
    graph: Layers, layer: str, x_RLD: str, past: KeysValues, memory: KeysValues, real: str, places_L: str
) -> tuple[str, KeysValues]:
    """Return the layer's output and its own keys and values, those of the pieces before included."""
    grown: list[str] = []

    def look_back(y_RLD: str) -> str:
        new = graph.keys_values(f"{layer}.self_attention", y_RLD, places_L)
        grown.extend(graph.op("Concat", old, more, axis=2) for old, more in zip(past, new, strict=True))
        places_K = graph.places(graph.length(grown[0], 2))
        causal_LK = graph.op("LessOrEqual", places_K, graph.op("Unsqueeze", places_L, graph.integers([1])))
        return graph.attend(f"{layer}.self_attention", y_RLD, (grown[0], grown[1]), causal_LK, (places_L, places_K))

    x_RLD = graph.sub_layer(f"{layer}.self_attention", x_RLD, look_back)
    name = f"{layer}.cross_attention"
    x_RLD = graph.sub_layer(name, x_RLD, lambda y_RLD: graph.attend(name, y_RLD, memory, real))
    return _feed_forward(graph, layer, x_RLD), (grown[0], grown[1])


def _feed_forward(graph: Layers, layer: str, x_BLD: str) -> str:
    name = f"{layer}.feed_forward"
    return graph.sub_layer(name, x_BLD, lambda y_BLD: graph.feed_forward(name, y_BLD))


def _outputs(graph: Layers, layers: list[KeysValues], keys: str, values: str) -> None:
    graph.stack([key for key, _ in layers], keys)
    graph.stack([value for _, value in layers], values)


def _cache(config: ModelConfig, rows: str, length: str) -> End:
    return TensorProto.FLOAT, [config.decoder_layers, rows, config.kv_heads, length, config.head_width]


def _check(bundle: Bundle) -> None:
    config = bundle.model
    if config.decoder_cell != "attention":
        raise RequestError(f"ONNX: model.decoder_cell={config.decoder_cell} is refused; the graphs have self-attention")
    if replace(config.experiment, scale_embeddings=True) != Experiment():
        raise RequestError("ONNX: model.experiment is refused; it is for looking at a model in dragoman")
    for tokenizer in bundle.tokenizers.values():
        if tokenizer.kind not in FAMILIES:
            raise RequestError(f"ONNX: a tokenizer of the kind {tokenizer.kind} is refused, example.py cannot run it")


def _settings(bundle: Bundle, tokenizers: list[str]) -> dict[str, Any]:
    """Return what a program must know to translate with the graphs."""
    options = build(DecodeOptions, bundle.decode, "decode")
    languages = tags(bundle.translates)
    return {
        "pad": PAD,
        "unk": UNK,
        "bos": BOS,
        "eos": EOS,
        "ends": {to: bundle.source_end(to) for to in languages} or {"": bundle.source_end()},
        "tokenizers": tokenizers,
        "max_positions": bundle.model.max_positions,
        "beam": options.width,
        "penalty": options.penalty,
        "alpha": options.alpha,
        "min_length": options.min_length,
        "max_length": options.max_length,
    }
