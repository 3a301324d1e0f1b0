"""Models of CTranslate2: `model.bin`, and the vocabularies and config.json beside it.

Old files say less: heads follow from the name of the model, and positions are counted from 1, with the wavelengths of
tensor2tensor. Whole numbers of int8 stay what they are.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.architecture import Experiment, ModelConfig
from dragoman.bundle import CARD, JOINT, SOURCE, TARGET, Bundle
from dragoman.errors import ConfigError
from dragoman.interchange.ctranslate2_variables import Variables
from dragoman.interchange.fields import Fields
from dragoman.interchange.importing import IMPOSSIBLE, Given, Rows, card, content, fault, json_file, provenance
from dragoman.interchange.matrices import Found, stored, tensor2tensor_positions
from dragoman.interchange.vocabulary import Side, side
from dragoman.reference.positions import sinusoids

PROGRAM = "CTranslate2"
PADDING = ("<blank>", "<pad>")
COMPUTED = 1024  # positions, where the file holds no table of them
ACTIVATIONS: dict[int, Any] = {0: "relu", 3: "gelu", 2: "silu"}
HEADS = {"TransformerBase": 8, "TransformerBig": 16}
SIDES = ("encoder", "decoder")
# Variables that must have one value: any other changes what is computed.
FIXED = {
    "alibi": 0, "alibi_use_positive_positions": 0, "scale_alibi": 0, "embeddings_merge": 0, "multi_query_attention": 0,
    "scale_outputs": 0, "start_from_zero_embedding": 0,
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "decoder_start_token": "<s>",
    "add_source_eos": False, "layer_norm_epsilon": 1e-5, "multi_query_attention": False,
}  # fmt: skip


def read(given: Given) -> Bundle:
    """Return the model in a folder, or that of a `model.bin`; raises CheckpointError, RequestError.

    Where the folder does not say that `</s>` is put behind sources, none is: what comes from `dragoman export` apart.
    """
    path = given.path / "model.bin" if given.path.is_dir() else given.path
    settings = _settings(path.with_name("config.json"))
    variables = Variables.read(path)
    source, target = _sides(given, path, settings)
    config = _shape(variables, settings, source, target)
    found = _tensors(variables, config, source.rows, target.rows)
    variables.refuse_rest()
    return Bundle(
        model=config,
        **stored(config, found),
        source_tokenizer=source.tokenizer,
        target_tokenizer=target.tokenizer,
        languages=given.languages,
        source_ended=settings["add_source_eos"] or source.exported,
        provenance=provenance(given, PROGRAM),
        card=_card(given, path, source),
    )


def _card(given: Given, path: Path, source: Side) -> str:
    """Return the card that `dragoman export` put beside the model, else one that says what is known."""
    if not source.exported or not (own := path.with_name(CARD)).is_file():
        return card(given, PROGRAM)
    try:
        return content(own).decode()
    except UnicodeDecodeError:
        raise fault(own, "no UTF-8") from None


def _settings(path: Path) -> dict[str, Any]:
    fields = Fields(path, None if path.exists() else {})
    fields.fixed("add_source_bos", False)
    settings: dict[str, Any] = {name: fields.take(name, type(usual), usual) for name, usual in SETTINGS.items()}
    fields.refuse_rest()
    return settings


def _sides(given: Given, path: Path, settings: dict[str, Any]) -> tuple[Side, Side]:
    """Return the vocabularies of source and target, one object where they are shared."""
    shared = _listed(path.with_name("shared_vocabulary"))
    if shared is not None:
        both = side(given, *_pieces(shared, settings), shared, JOINT)
        return both, both
    found = []
    for name, beside in (("source", SOURCE), ("target", TARGET)):
        listed = _listed(path.with_name(f"{name}_vocabulary"))
        if listed is None:
            raise fault(path.parent, f"there is no {name}_vocabulary.txt or .json", "copy the whole folder")
        found.append(side(given, *_pieces(listed, settings), listed, beside))
    return found[0], found[1]


def _listed(path: Path) -> Path | None:
    return next((found for ending in ("json", "txt") if (found := path.with_suffix(f".{ending}")).is_file()), None)


def _pieces(path: Path, settings: dict[str, Any]) -> tuple[list[str], tuple[int | None, ...]]:
    """Return a vocabulary, and which of its ids are padding, unknown, start and end."""
    if path.suffix == ".json":
        pieces = json_file(path)
    else:
        try:
            pieces = content(path).decode().removesuffix("\n").split("\n")
        except UnicodeDecodeError:
            raise fault(path, "no UTF-8") from None
    if not isinstance(pieces, list) or not all(isinstance(piece, str) and piece for piece in pieces):
        raise fault(path, "a list of tokens is wanted, none of them empty")
    place = {piece: index for index, piece in enumerate(pieces)}
    if len(place) < len(pieces):
        raise fault(path, "a token stands there twice")
    if settings["unk_token"] not in place:  # that program adds it at the end
        place[settings["unk_token"]] = len(pieces)
        pieces.append(settings["unk_token"])
    padding = next((place[piece] for piece in PADDING if piece in place), None)
    if settings["eos_token"] not in place:
        raise fault(path, f"eos_token={settings['eos_token']!r} of config.json is not among its tokens")
    if settings["decoder_start_token"] != settings["bos_token"]:
        start = place.get(settings["decoder_start_token"])
        padding = None if padding == start else padding
    else:
        start = place.get(settings["bos_token"])
    return pieces, (padding, place.get(settings["unk_token"]), start, place[settings["eos_token"]])


def _shape(variables: Variables, settings: dict[str, Any], source: Side, target: Side) -> ModelConfig:
    """Return the config; raises CheckpointError for what is not known, by the name of the variable."""
    one, other = (_side(variables, name) for name in SIDES)
    for name, value in one.items():
        if other[name] != value:
            raise fault(variables.path, f"{name} is {value} in the encoder and {other[name]} in the decoder")
    kind, scaled = ACTIVATIONS.get(one.pop("activation")), one.pop("scale")
    gated = "encoder/layer_0/ffn/linear_0_noact/weight" in variables
    if kind is None or (gated and kind != "silu"):
        raise fault(variables.path, "encoder/activation: relu, gelu (by erf), swish and gated swish are known")
    width = variables.array(f"{_embeddings(variables)}/weight", -1, -1).shape[1]
    if scaled not in (1, 0) and not math.isclose(scaled, math.sqrt(width), rel_tol=1e-6):
        raise fault(variables.path, f"encoder/scale_embeddings={scaled}: {math.sqrt(width)} or none is known")
    tied = variables.equal("decoder/embeddings/weight", "decoder/projection/weight")
    joint = (
        source is target and tied and variables.equal(_embeddings(variables) + "/weight", "decoder/embeddings/weight")
    )
    try:
        return ModelConfig(
            vocab_size=len(source.rows.foreign),
            target_vocab_size=None if joint else len(target.rows.foreign),
            d_model=width,
            encoder_layers=_count(variables, "encoder"),
            decoder_layers=_count(variables, "decoder"),
            feed_forward=len(variables.array("encoder/layer_0/ffn/linear_0/weight", -1, -1)),
            activation="swiglu" if gated else kind,
            norm_epsilon=settings["layer_norm_epsilon"],
            tie="all" if joint else "target" if tied else "none",
            biases="encoder/layer_0/self_attention/linear_0/bias" in variables,
            experiment=Experiment(scale_embeddings=bool(scaled)),
            **one,
        )
    except ConfigError as error:
        raise fault(variables.path, str(error), "convert another model") from None


def _side(variables: Variables, name: str) -> dict[str, Any]:
    """Return what one side says of itself, to be the same on the other."""
    for fixed, value in FIXED.items():
        if (found := variables.number(f"{name}/{fixed}", value)) != value:
            raise fault(variables.path, f"{name}/{fixed}={found:g} is not known here", "convert the model without it")
    for spare in ("alignment_layer", "alignment_heads"):
        variables.number(f"{name}/{spare}", 0)
    attention = f"{name}/layer_0/self_attention"
    heads = int(variables.number(f"{name}/num_heads", HEADS.get(variables.model, 0)))
    pre = bool(variables.number(f"{name}/pre_norm", 1))
    table, rotary = f"{name}/position_encodings/encodings", f"{attention}/rotary_dim" in variables
    rows = variables.array_shape(table)[-2] if table in variables else COMPUTED
    return {
        "heads": heads,
        "key_value_heads": int(variables.number(f"{attention}/num_heads_kv", heads)),
        "norm": "pre" if pre else "post",
        "norm_kind": "layer" if f"{name}/layer_0/ffn/layer_norm/beta" in variables else "rms",
        "positions": "rotary" if rotary else "sinusoidal" if _ours(variables, table) else "table",
        "max_positions": rows,
        "activation": int(variables.number(f"{name}/activation", 0)),
        "scale": variables.number(f"{name}/scale_embeddings", 1),
    }


def _count(variables: Variables, name: str) -> int:
    count = 0
    while f"{name}/layer_{count}/ffn/linear_0/weight" in variables:
        count += 1
    return count


def _embeddings(variables: Variables) -> str:
    several = "encoder/embeddings_0"
    return several if f"{several}/weight" in variables else "encoder/embeddings"


def _ours(variables: Variables, table: str) -> bool:
    """Whether a table of positions is what the paper's formula gives."""
    if table not in variables:
        return False
    rows, width = variables.array_shape(table)[-2:]
    return np.array_equal(variables.floats(table, rows, width), sinusoids(np.arange(rows), width).astype(np.float32))


def _positions(variables: Variables, name: str, config: ModelConfig) -> NDArray[np.float32]:
    """Return the table [max_positions, D] of a side; where there is none, sines and cosines in halves, from 1 on."""
    table = f"{name}/position_encodings/encodings"
    if table in variables:
        return variables.floats(table, config.max_positions, config.d_model)
    return tensor2tensor_positions(1, config)


def _tensors(variables: Variables, config: ModelConfig, source: Rows, target: Rows) -> Found:
    """Return everything by our names."""
    d, found = config.d_model, Found()
    embedding = variables.matrix(_embeddings(variables), -1, d).of(source)
    other = variables.matrix("decoder/embeddings", -1, d).of(target)
    output = variables.matrix("decoder/projection", -1, d).of(target)
    if config.tie == "all":
        found["embedding.weight"] = embedding
    else:
        found["source_embedding.weight"], found["target_embedding.weight"] = embedding, other
    if config.tie == "none":
        found["output.weight"] = output
    if config.biases:
        name, some = (
            "decoder/projection/bias",
            np.zeros(len(variables.array("decoder/projection/weight", -1, d)), np.float32),
        )
        found["output.bias"] = target.of(variables.floats(name, len(some)) if name in variables else some, IMPOSSIBLE)
    elif None in target.foreign:
        raise fault(variables.path, "a vocabulary without some special and an output without bias is not known here")
    for name, layers in zip(SIDES, (config.encoder_layers, config.decoder_layers), strict=True):
        if config.positions == "table":
            found[f"{name}.positions.weight"] = _positions(variables, name, config)
        for index in range(layers):
            _fill_layer(found, variables, config, f"{name}/layer_{index}", f"{name}.layers.{index}")
        if config.norm == "pre":
            _fill_norm(found, variables, config, f"{name}/layer_norm", f"{name}.norm")
    return found


def _fill_layer(found: Found, variables: Variables, config: ModelConfig, theirs: str, ours: str) -> None:
    width, narrow = config.d_model, config.kv_heads * config.head_width
    rows = {"query": width, "key": narrow, "value": narrow, "out": width}
    attentions = {"self_attention": ("self_attention", [["query", "key", "value"], ["out"]])}
    if ours.startswith("decoder"):
        attentions["cross_attention"] = ("attention", [["query"], ["key", "value"], ["out"]])
    for name, (their, groups) in attentions.items():
        for spare in ("rotary_dim", "rotary_base", "rotary_interleave", "num_heads_kv"):
            _check_rotary(variables, config, f"{theirs}/{their}", spare)
        for number, parts in enumerate(groups):
            linear = f"{theirs}/{their}/linear_{number}"
            _fill_linears(found, variables, config, linear, {f"{ours}.{name}.{part}": rows[part] for part in parts})
        _fill_norm(found, variables, config, f"{theirs}/{their}/layer_norm", f"{ours}.{name}_norm")
    gated = config.activation == "swiglu"
    linears = {"up": "linear_0_noact" if gated else "linear_0", "down": "linear_1"}
    if gated:
        linears["gate"] = "linear_0"
    for part, linear in linears.items():
        size = width if part == "down" else config.feed_forward
        _fill_linears(found, variables, config, f"{theirs}/ffn/{linear}", {f"{ours}.feed_forward.{part}": size})
    _fill_norm(found, variables, config, f"{theirs}/ffn/layer_norm", f"{ours}.feed_forward_norm")


def _check_rotary(variables: Variables, config: ModelConfig, attention: str, name: str) -> None:
    wanted = {
        "rotary_dim": config.head_width, "rotary_base": 10000, "rotary_interleave": 1, "num_heads_kv": config.kv_heads,
    }[name]  # fmt: skip
    if (found := variables.number(f"{attention}/{name}", wanted)) != wanted:
        raise fault(variables.path, f"{attention}/{name}={found:g}, known is {wanted}", "convert the model without it")


def _fill_linears(found: Found, variables: Variables, config: ModelConfig, theirs: str, ours: dict[str, int]) -> None:
    """Put the rows of one of their linear maps into those of ours that it joins."""
    matrix = variables.matrix(theirs, sum(ours.values()), -1)
    bias = variables.floats(f"{theirs}/bias", sum(ours.values())) if config.biases else None
    at = 0
    for name, rows in ours.items():
        found[f"{name}.weight"] = matrix[at : at + rows]
        if bias is not None:
            found[f"{name}.bias"] = bias[at : at + rows]
        at += rows


def _fill_norm(found: Found, variables: Variables, config: ModelConfig, theirs: str, ours: str) -> None:
    found[f"{ours}.weight"] = variables.floats(f"{theirs}/gamma", config.d_model)
    if config.norm_kind == "layer":
        found[f"{ours}.bias"] = variables.floats(f"{theirs}/beta", config.d_model)
