"""A model as CTranslate2 reads it: the same numbers, so the same probabilities in float32.

Its search is its own: it does not keep to whole characters and one line, and its length penalty is another.

The position table goes over as a weight, and so do queries, keys and values, joined as that program wants them.
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.converters import Converter
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray

from dragoman.architecture import Experiment, ModelConfig
from dragoman.bundle import CARD, Bundle
from dragoman.directions import tags
from dragoman.errors import RequestError, suggestion
from dragoman.interchange.folder import whole
from dragoman.reference.positions import sinusoids

QUANTIZATIONS = ("float32", "int8", "int8_float32", "int16", "float16")


def export(bundle: Bundle, folder: Path, quantization: str = "float32") -> None:
    """Write `folder`: model.bin, its config and vocabularies, and the model's tokenizers and card beside them.

    Sources are given with `</s>` at their end (or the tag of a language), and `max_input_length` and
    `max_decoding_length` below `max_positions`, for that program does not check them. Raises RequestError for a
    folder that exists and for what CTranslate2 cannot express.
    """
    check(bundle.model, quantization)
    with whole(folder) as made:
        made.rmdir()  # that program's writer wants to make it
        FromBundle(bundle).convert(str(made), None, None if quantization == "float32" else quantization)
        for name, tokenizer in bundle.tokenizers.items():
            (made / name).write_text(tokenizer.to_json(), encoding="utf-8")
            if tokenizer.through:  # its .model, for programs that know no tokenizer.json of this form
                (made / name).with_suffix(".model").write_bytes(tokenizer.to_sentencepiece())
        (made / CARD).write_text(bundle.card, encoding="utf-8")


class FromBundle(Converter):  # type: ignore[misc]
    """Gives CTranslate2's own writer what it asks for."""

    def __init__(self, bundle: Bundle) -> None:
        """Take the model."""
        self._bundle = bundle

    def _load(self) -> Any:
        return _spec(self._bundle)


def check(config: ModelConfig, quantization: str) -> None:
    """Refuse what CTranslate2 cannot express; raises RequestError."""
    if quantization not in QUANTIZATIONS:
        raise RequestError(f"--quantization {quantization}: no such precision{suggestion(quantization, QUANTIZATIONS)}")
    reasons = {
        "model.positions=alibi is for decoders alone there": config.positions == "alibi",
        "model.norm=none is an experiment": config.norm == "none",
        f"model.decoder_cell={config.decoder_cell} is not known there": config.decoder_cell != "attention",
        "model.experiment is not for other programs": replace(config.experiment, scale_embeddings=True) != Experiment(),
        "model.positions=none is an experiment": config.positions == "none",
        "model.norm=post wants its norms to be model.norm_kind=layer": config.norm == "post"
        and config.norm_kind == "rms",
    }
    for reason, holds in reasons.items():
        if holds:
            raise RequestError(f"CTranslate2 cannot take this model: {reason}")


def _spec(bundle: Bundle) -> Any:
    config, weights = bundle.model, bundle.weights
    common: dict[str, Any] = {
        "pre_norm": config.norm == "pre",
        "activation": _activation(config),
        "ffn_glu": config.activation == "swiglu",
        "rms_norm": config.norm_kind == "rms",
        "num_heads_kv": None if config.kv_heads == config.heads else config.kv_heads,
        "rotary_dim": config.head_width if config.positions == "rotary" else None,
        "rotary_interleave": True,
    }
    spec = transformer_spec.TransformerSpec(
        transformer_spec.TransformerEncoderSpec(config.encoder_layers, config.heads, **common),
        transformer_spec.TransformerDecoderSpec(config.decoder_layers, config.heads, **common),
    )
    source = "embedding" if config.tie == "all" else "source_embedding"
    target = "embedding" if config.tie == "all" else "target_embedding"
    # Copies: that program's quantization scales what it is given in place.
    spec.encoder.embeddings[0].weight = weights[f"{source}.weight"].copy()
    spec.decoder.embeddings.weight = weights[f"{target}.weight"].copy()
    for side, name, layers in (
        (spec.encoder, "encoder", config.encoder_layers),
        (spec.decoder, "decoder", config.decoder_layers),
    ):
        side.scale_embeddings = math.sqrt(config.d_model) if config.experiment.scale_embeddings else False
        if config.positions != "rotary":
            side.position_encodings.encodings = _positions(bundle, name)
        for index in range(layers):
            _layer(bundle, side.layer[index], f"{name}.layers.{index}")
        if config.norm == "pre":
            _norm(bundle, side.layer_norm, f"{name}.norm")
    output = "output" if config.tie == "none" else target
    spec.decoder.projection.weight = weights[f"{output}.weight"].copy()
    if config.biases:
        spec.decoder.projection.bias = weights["output.bias"]
    _vocabularies(bundle, spec)
    return spec


def _vocabularies(bundle: Bundle, spec: Any) -> None:
    more = [f"<to {language}>" for language in tags(bundle.translates)]
    source, target = bundle.source_tokenizer, bundle.target_tokenizer
    spec.register_source_vocabulary([*map(source.piece, range(source.vocab_size)), *more])
    pieces = [*map(target.piece, range(target.vocab_size))]
    spec.register_target_vocabulary(pieces + more[: bundle.model.target_vocabulary - len(pieces)])
    spec.config.unk_token, spec.config.bos_token, spec.config.eos_token = "<unk>", "<s>", "</s>"
    spec.config.decoder_start_token = "<s>"
    spec.config.add_source_bos, spec.config.add_source_eos = False, False
    spec.config.layer_norm_epsilon = bundle.model.norm_epsilon


def _activation(config: ModelConfig) -> Any:
    kinds = common_spec.Activation
    return {"relu": kinds.RELU, "gelu": kinds.GELU, "swiglu": kinds.SWISH, "silu": kinds.SWISH}[config.activation]


def _positions(bundle: Bundle, side: str) -> NDArray[np.float32]:
    """Return the position table [max_positions, D], computed or stored."""
    config = bundle.model
    if config.positions in ("learned", "table"):
        return bundle.weights[f"{side}.positions.weight"].copy()
    return sinusoids(np.arange(config.max_positions), config.d_model).astype(np.float32)


def _layer(bundle: Bundle, spec: Any, name: str) -> None:
    _attention(bundle, spec.self_attention, f"{name}.self_attention", ["query", "key", "value"])
    if name.startswith("decoder"):
        _attention(bundle, spec.attention, f"{name}.cross_attention", ["query"], ["key", "value"])
    _linear(bundle, spec.ffn.linear_1, f"{name}.feed_forward.down")
    if bundle.model.activation == "swiglu":
        _linear(bundle, spec.ffn.linear_0, f"{name}.feed_forward.gate")
        _linear(bundle, spec.ffn.linear_0_noact, f"{name}.feed_forward.up")
    else:
        _linear(bundle, spec.ffn.linear_0, f"{name}.feed_forward.up")
    _norm(bundle, spec.ffn.layer_norm, f"{name}.feed_forward_norm")


def _attention(bundle: Bundle, spec: Any, name: str, *joined: list[str]) -> None:
    """Fill linear[0], linear[1], ... with projections joined row after row, and the last with the output."""
    for linear, parts in zip(spec.linear, joined, strict=False):
        _linear(bundle, linear, *(f"{name}.{part}" for part in parts))
    _linear(bundle, spec.linear[-1], f"{name}.out")
    _norm(bundle, spec.layer_norm, f"{name}_norm")


def _linear(bundle: Bundle, spec: Any, *names: str) -> None:
    spec.weight = np.concatenate([bundle.weights[f"{name}.weight"] for name in names])
    if bundle.model.biases:
        spec.bias = np.concatenate([bundle.weights[f"{name}.bias"] for name in names])


def _norm(bundle: Bundle, spec: Any, name: str) -> None:
    spec.gamma = bundle.weights[f"{name}.weight"]
    if bundle.model.norm_kind == "layer":
        spec.beta = bundle.weights[f"{name}.bias"]
