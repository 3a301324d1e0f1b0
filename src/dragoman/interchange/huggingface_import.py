"""Models of Hugging Face's library that our architecture equals: Marian and Pegasus, and what we exported ourselves.

Their model dimension has all sines of a position before all cosines, ours interleaves them; see `huggingface_names`.
"""

# Shapes.  D model width, V pieces, T positions.

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dragoman.architecture import Experiment, ModelConfig, Positions, parameters
from dragoman.bundle import Bundle
from dragoman.config import build
from dragoman.directions import is_code
from dragoman.errors import ConfigError, RequestError
from dragoman.interchange import huggingface_search, huggingface_vocabulary
from dragoman.interchange.fields import Fields
from dragoman.interchange.huggingface import CONFIG, OURS, WEIGHTS, length_penalty
from dragoman.interchange.huggingface_names import BIAS, Floats, pairs, reordered, their_name
from dragoman.interchange.huggingface_search import Search
from dragoman.interchange.huggingface_vocabulary import Vocabularies
from dragoman.interchange.importing import IMPOSSIBLE, Given, card, fault, provenance
from dragoman.interchange.tensor_file import TensorFile
from dragoman.interchange.torch_file import as_safetensors
from dragoman.interchange.vocabulary import Side
from dragoman.options import DecodeOptions, Step
from dragoman.reference.positions import sinusoids
from dragoman.settings import is_head

PROGRAM = "Hugging Face"
BIN = "pytorch_model.bin"
MOST_PIECES = 1 << 20  # of a usual text
SAME = 1e-6  # how far a table of sines and cosines may be off, as float32 rounds them
CLASSES = {"marian": "MarianMTModel", "pegasus": "PegasusForConditionalGeneration"}
KIN = {  # near relatives, and what of them ours does not have
    "bart": "its embeddings pass a norm, layernorm_embedding",
    "mbart": "its embeddings pass a norm, layernorm_embedding",
    "plbart": "its embeddings pass a norm, layernorm_embedding",
    "blenderbot": "its tokenizer is none that is read here",
    "fsmt": "its tokenizer cuts as Moses does, langs and vocab-src.json",
    "m2m_100": "forced_bos_token_id: a language begins source and translation, and ours end a source with it",
    "t5": "its attention has relative_attention_num_buckets",
    "mt5": "its attention has relative_attention_num_buckets",
    "pegasus_x": "its encoder looks at blocks, block_size",
}
ACTIVATIONS: dict[str, Any] = {"relu": "relu", "gelu": "gelu", "silu": "silu", "swish": "silu"}
# Fields that change what is computed, with the values that are ours.
FIXED: dict[str, tuple[Any, ...]] = {
    "is_encoder_decoder": (True,), "normalize_embedding": (False,), "static_position_embeddings": (True,),
    "is_decoder": (False,), "add_cross_attention": (False,), "tie_encoder_decoder": (False,), "pruned_heads": ({},),
    "chunk_size_feed_forward": (0,), "quantization_config": (), "cross_attention_hidden_size": (),
}  # fmt: skip
# Fields of training, of other tasks and of how it is computed.
IGNORED = (
    *huggingface_search.IGNORED, "_name_or_path", "name_or_path", "torch_dtype", "dtype", "init_std",
    "encoder_layerdrop", "decoder_layerdrop", "classif_dropout", "classifier_dropout", "gradient_checkpointing",
    "id2label", "label2id",
    "num_labels", "_num_labels", "problem_type", "finetuning_task", "task_specific_params", "return_dict",
    "torchscript",
    "use_bfloat16", "tf_legacy_loss", "sep_token_id", "prefix", "tokenizer_class", "extra_pos_embeddings",
    "add_bias_logits", "auto_map", "attn_implementation", "_attn_implementation", "_attn_implementation_autoset",
)  # fmt: skip
ALIASES = {
    "hidden_size": "d_model",
    "num_hidden_layers": "encoder_layers",
    "num_attention_heads": "encoder_attention_heads",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ours:
    """What `dragoman export` wrote into config.json beside the fields of the library."""

    languages: tuple[str, str] | None
    alignment_heads: tuple[tuple[int, int], ...]
    alignment_step: Step
    usual_pieces: int | None
    positions: Positions


def read(given: Given) -> Bundle:
    """Return the model in a folder with config.json; raises CheckpointError, RequestError.

    A search of ours never gives `<pad>`, `<unk>` and `<s>`, and ranks what its limit cuts behind what is finished.
    """
    fields = Fields(given.path / CONFIG)
    kind = _kind(fields)
    ours, decode = _ours(fields)
    positions = fields.take("max_position_embeddings", int, 1024)
    written = None if decode is None else length_penalty(DecodeOptions(**decode))
    search = huggingface_search.read(given.path, fields, positions - 1, written)
    model = _shape(fields, kind, positions)
    _check_heads(fields.path, model, ours)
    _check_ids(given.path, model, search)
    fields.ignore(IGNORED)
    fields.refuse_rest()
    sizes = (model.vocab_size, model.target_vocabulary)
    vocabularies = huggingface_vocabulary.read(given, sizes, model.tie == "all", search)
    with _tensors(given) as file:
        weights, model = _weights(file, model, kind, "table" if ours is None else ours.positions)
    model, weights = _in_our_order(model, weights, vocabularies, search, given.path)
    made = Bundle(
        model=model,
        weights=weights,
        source_tokenizer=vocabularies.source.tokenizer,
        target_tokenizer=vocabularies.target.tokenizer,
        languages=given.languages or (vocabularies.languages if ours is None else ours.languages),
        source_ended=vocabularies.source_ended,
        decode=search.decode if decode is None else decode,
        provenance=provenance(given, PROGRAM),
        card=card(given, PROGRAM),
    )
    if ours is None:
        return made
    heads, step = ours.alignment_heads, ours.alignment_step
    return replace(made, alignment_heads=heads, alignment_step=step, usual_pieces=ours.usual_pieces)


def _kind(fields: Fields) -> str:
    kind = fields.take("model_type", str, "")
    if kind not in CLASSES:
        why = f": {KIN[kind]}" if kind in KIN else f"; known are {', '.join(CLASSES)}"
        raise fault(fields.path, f"model_type={kind!r:.80} is not read here{why}", "take a model of another kind")
    fields.fixed("architectures", [CLASSES[kind]])
    return kind


def _ours(fields: Fields) -> tuple[_Ours | None, dict[str, Any] | None]:
    table = fields.pop(OURS)
    if table is None:
        return None, None
    decode = table.pop("decode", None) if isinstance(table, dict) else None
    if not isinstance(decode, dict):
        raise fault(fields.path, f"{OURS} is not the table that dragoman export writes", "take it out")
    try:
        build(DecodeOptions, decode, "decode")
    except (ConfigError, RequestError) as error:
        raise fault(fields.path, f"{OURS}: {error}", "take it out") from None
    try:
        found: _Ours = build(_Ours, table, OURS)
    except ConfigError as error:
        raise fault(fields.path, str(error), "take it out") from None
    if not all(map(is_code, found.languages or ())):
        raise fault(fields.path, f"{OURS}.languages={found.languages!r:.80}: two codes are wanted", "write de and en")
    if found.usual_pieces is not None and not 1 <= found.usual_pieces <= MOST_PIECES:
        known = f"a whole number from 1 to {MOST_PIECES:,} is wanted"
        raise fault(fields.path, f"{OURS}.usual_pieces={found.usual_pieces}: {known}", "take the table out")
    return found, decode


def _check_heads(path: Path, model: ModelConfig, ours: _Ours | None) -> None:
    """Raise CheckpointError for a head to align by that the model does not have."""
    for layer, head in () if ours is None else ours.alignment_heads:
        if not is_head(model, layer, head):
            raise fault(
                path, f"{OURS}.alignment_heads holds {[layer, head]}, which is no head of the decoder", "take it out"
            )


def _check_ids(folder: Path, model: ModelConfig, search: Search) -> None:
    """Raise CheckpointError for an id that is never given and that the vocabulary does not have."""
    for index in sorted(search.never):
        if not 0 <= index < model.target_vocabulary:
            what = f"the piece {index} is never given, but there are {model.target_vocabulary:,}"
            raise fault(folder / huggingface_search.GENERATION, what, "mend bad_words_ids and suppress_tokens")


def _shape(fields: Fields, kind: str, positions: int) -> ModelConfig:
    """Return the config with the foreign sizes of vocabularies; positions are sinusoidal until the tensors say more."""
    for alias, name in ALIASES.items():
        fields.same(alias, name)
    both = []
    for name in ("attention_heads", "ffn_dim"):
        one, other = (fields.take(f"{side}_{name}", int) for side in ("encoder", "decoder"))
        if one != other:
            raise fault(fields.path, f"decoder_{name}={other}, encoder_{name}={one}; one for both is known")
        both.append(one)
    pre = kind == "pegasus"
    fields.fixed("normalize_before", pre)
    fields.fixed("add_final_layer_norm", pre)
    for name, allowed in FIXED.items():
        fields.fixed(name, *allowed)
    activation = fields.take("activation_function", str, "gelu")
    if activation not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        raise fault(fields.path, f"activation_function={activation!r:.80}, known are {known}", "take another model")
    size, tied = fields.take("vocab_size", int), fields.take("tie_word_embeddings", bool, True)
    other_size = size if pre else fields.take("decoder_vocab_size", int, size)
    shared = pre or fields.take("share_encoder_decoder_embeddings", bool, True)
    if shared and other_size != size:
        raise fault(fields.path, f"decoder_vocab_size={other_size} of shared embeddings, vocab_size={size}")
    try:
        return ModelConfig(
            vocab_size=size,
            target_vocab_size=None if tied and shared else other_size,
            d_model=fields.take("d_model", int),
            encoder_layers=fields.take("encoder_layers", int),
            decoder_layers=fields.take("decoder_layers", int),
            heads=both[0],
            feed_forward=both[1],
            norm="pre" if pre else "post",
            activation=ACTIVATIONS[activation],
            max_positions=positions,
            tie="all" if tied and shared else "target" if tied else "none",
            dropout=fields.take("dropout", float, 0.1),
            attention_dropout=fields.take("attention_dropout", float, 0.0),
            activation_dropout=fields.take("activation_dropout", float, 0.0),
            experiment=Experiment(scale_embeddings=fields.take("scale_embedding", bool, False)),
        )
    except ConfigError as error:
        raise fault(fields.path, str(error), "take another model") from None


@contextmanager
def _tensors(given: Given) -> Iterator[TensorFile]:
    path, other = given.path / WEIGHTS, given.path / BIN
    if path.is_file():
        if given.trust_torch_file:
            raise RequestError(f"--trust-torch-file: {path} is read, and no file of torch; leave it out")
        yield TensorFile(path)
    elif other.is_file():
        with as_safetensors(other, given.trust_torch_file) as made:
            yield TensorFile(made, other)
    else:
        many = (given.path / f"{WEIGHTS}.index.json").is_file()
        found = "its weights are in several files" if many else f"there is no {WEIGHTS} and no {BIN}"
        raise fault(given.path, found, f"save it with one {WEIGHTS}")


def _weights(file: TensorFile, model: ModelConfig, kind: str, stored: str) -> tuple[dict[str, Floats], ModelConfig]:
    """Return every tensor by our name in our order of the model dimension, and the config with its positions."""
    order, d = pairs(model.d_model), model.d_model
    names = _embeddings(file, model)
    left = set(file.names)
    weights: dict[str, Floats] = {}
    for name, shape in parameters(model).items():
        theirs = names.get(name, their_name(name))
        left.discard(theirs)
        if name == BIAS:
            flat = file.floats(theirs, (1, *shape))[0] if theirs in file.names else np.zeros(shape, np.float32)
            weights[name] = flat
        else:
            weights[name] = reordered(name, file.floats(theirs, shape), order)
    _refuse_differing(file, weights, model, left)
    computed = sinusoids(np.arange(model.max_positions), d).astype(np.float32)
    tables = {}
    for name in ("encoder.positions.weight", "decoder.positions.weight"):
        tables[name] = computed
        if (theirs := their_name(name)) in left:
            left.remove(theirs)
            tables[name] = reordered(name, file.floats(theirs, (model.max_positions, d)), order)
    if left:
        raise fault(file.path, f"the tensor {min(left)!r:.200} is not of a {CLASSES[kind]}", "take another model")
    if max(float(np.abs(table - computed).max()) for table in tables.values()) <= SAME and stored != "learned":
        return weights, model
    model = replace(model, positions="learned" if stored == "learned" else "table")
    return weights | tables, model


def _embeddings(file: TensorFile, model: ModelConfig) -> dict[str, str]:
    """Return where the embeddings stand, for a table that several share is stored by one of their names."""
    shared, source, target, output = _TABLES

    def first(*names: str) -> str:
        return next((name for name in names if name in file.names), names[0])

    if model.tie == "all":
        return {"embedding.weight": first(shared, source, target, output)}
    found = {"source_embedding.weight": first(source, shared)}
    found["target_embedding.weight"] = first(target, output) if model.tie == "target" else first(target, shared)
    return found if model.tie == "target" else found | {"output.weight": output}


def _refuse_differing(file: TensorFile, weights: dict[str, Floats], model: ModelConfig, left: set[str]) -> None:
    """Take tables that are stored once more out of `left`; raises CheckpointError where they are not the same.

    Where nothing is shared the library computes nothing with the one that is named so.
    """
    own = {
        "all": dict.fromkeys(_TABLES, "embedding.weight"),
        "target": {_TABLES[3]: "target_embedding.weight", _TABLES[2]: "target_embedding.weight"},
        "none": {},
    }[model.tie]
    order = pairs(model.d_model)
    if model.tie == "none":
        left.discard(_TABLES[0])
    for theirs, name in own.items():
        if theirs in left:
            left.remove(theirs)
            if not np.array_equal(reordered(name, file.floats(theirs, weights[name].shape), order), weights[name]):
                raise fault(file.path, f"{theirs} is another table than the one it shares by config.json")


_TABLES = (
    "model.shared.weight",
    "model.encoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
    "lm_head.weight",
)


def _in_our_order(
    model: ModelConfig, weights: dict[str, Floats], vocabularies: Vocabularies, search: Search, folder: Path
) -> tuple[ModelConfig, dict[str, Floats]]:
    """Return config and weights with a row for each of our ids; what the foreign model lacks is impossible."""
    source, target = vocabularies.source, vocabularies.target
    sizes = [len(side.rows.foreign) for side in (source, target)]
    for name, side in (
        ("embedding.weight", source), ("source_embedding.weight", source), ("target_embedding.weight", target),
        ("output.weight", target),
    ):  # fmt: skip
        if name in weights:
            weights[name] = side.rows.of(weights[name])
    bias = target.rows.of(weights[BIAS], IMPOSSIBLE)
    bias[[*target.repeated, *_barred(target, search, folder)]] = IMPOSSIBLE
    weights[BIAS] = bias
    joint = target.tokenizer is source.tokenizer or model.tie == "all"
    changed = replace(model, vocab_size=sizes[0], target_vocab_size=None if joint else sizes[1])
    return changed, {name: weights[name] for name in parameters(changed)}


def _barred(target: Side, search: Search, folder: Path) -> list[int]:
    """Return our ids of what is never given, where the others have the whole probability.

    Where they have not, our search bars specials and newlines itself; anything else that is barred is refused.
    """
    ours = [index for index, place in enumerate(target.rows.foreign) if place in search.never]
    if search.renormalized:
        return ours
    spelling = target.tokenizer.spelling
    for index in ours:
        if spelling[index] and b"\n" not in spelling[index]:
            piece = target.tokenizer.piece(index)
            what = f"the piece {piece!r:.40} is never given, which is not known here"
            mend = "take it out of bad_words_ids and suppress_tokens"
            raise fault(folder / huggingface_search.GENERATION, what, mend)
    return []
