"""Models of Marian in its own form: `.bin` or `.npz` of a Transformer, with SentencePiece vocabularies or YAML ones.

Among them the students of Firefox and Bergamot (int8, SSRU cells). Names are those of Marian's `transformer.h`; its
sinusoids are those of tensor2tensor, from position 0 on, and its decoder starts from an embedding of zeros.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig
from dragoman.bundle import Bundle
from dragoman.errors import CheckpointError, ConfigError, RequestError
from dragoman.interchange.importing import IMPOSSIBLE, Given, Rows, card, fault, provenance
from dragoman.interchange.marian_file import ACTIVATIONS, Item
from dragoman.interchange.marian_file import read as read_file
from dragoman.interchange.marian_settings import Settings
from dragoman.interchange.marian_shortlist import read as read_shortlist
from dragoman.interchange.marian_vocabulary import Vocabularies, vocabularies
from dragoman.interchange.matrices import Found, Matrix, stored, tensor2tensor_positions
from dragoman.shortlist import Shortlist

PROGRAM = "Marian"
ENDINGS = (".bin", ".npz")
POSITIONS = 1024  # computed by Marian without an end
EPSILON = 1e-9
PARTS = {"query": ("Wq", "bq"), "key": ("Wk", "bk"), "value": ("Wv", "bv"), "out": ("Wo", "bo")}
PENALTIES = {"0": "none", "0.0": "none", "1": "average", "1.0": "average"}  # by the setting `normalize`


def read(given: Given) -> Bundle:
    """Return the model of a file, or of a folder that holds one; raises CheckpointError, RequestError."""
    path = model_file(given.path)
    table, items = read_file(path)
    settings = Settings(table, path)
    words = vocabularies(given, path)
    reader = _Reader(path, items, settings)
    config = reader.shape(words)
    found = reader.tensors(config, words.source.rows, words.target.rows)
    reader.refuse_rest()
    return Bundle(
        model=config,
        **stored(config, found),
        source_tokenizer=words.source.tokenizer,
        target_tokenizer=words.target.tokenizer,
        languages=given.languages,
        decode=_decode(words, path),
        shortlist=_shortlist(words, path, config),
        provenance=provenance(given, PROGRAM),
        card=card(given, PROGRAM),
    )


def model_file(path: Path) -> Path:
    """Return the file of weights that a path means; raises CheckpointError, RequestError."""
    if path.is_file():
        return path
    lying = [file for ending in ENDINGS for file in sorted(path.glob(f"*{ending}")) if not file.name.startswith("lex.")]
    found = [file for file in lying if file.is_file()]  # a pipe would be waited for
    if len(found) == 1:
        return found[0]
    if not found:
        raise CheckpointError(f"{path}: no .bin or .npz of Marian lies there; unpack what ends in .gz")
    raise RequestError(f"{path}: {', '.join(file.name for file in found[:4])} lie there; give the path of one")


def _decode(words: Vocabularies, path: Path) -> dict[str, Any]:
    """Return the defaults of the search as the folder's own program has them."""
    beam, normalize = words.decoder.get("beam-size", "6"), words.decoder.get("normalize", "0")
    if normalize not in PENALTIES:
        raise fault(path.parent, f"normalize={normalize!r:.40}: 0 and 1 are known", "write one of them into the .yml")
    if not isinstance(beam, str) or not beam.isdecimal() or len(beam) > 4 or not 1 <= int(beam) <= 64:
        raise fault(path.parent, f"beam-size={beam!r:.40}: a whole number from 1 to 64 is known")
    return {"beam": int(beam), "penalty": PENALTIES[normalize]} if words.decoder else {}


def _shortlist(words: Vocabularies, path: Path, config: ModelConfig) -> Shortlist | None:
    """Return the list that lies beside the model, if one does; raises CheckpointError, RequestError."""
    lying = sorted(path.parent.glob("lex.*.bin"))
    if len(lying) > 1:
        raise RequestError(f"{path.parent}: {', '.join(file.name for file in lying[:4])} lie there; leave one of them")
    shared = config.tie == "all"
    return read_shortlist(lying[0], words.source.rows, words.target.rows, shared) if lying else None


class _Reader:
    """The tensors of a file; each has its use, and what is left at the end is not known."""

    def __init__(self, path: Path, items: dict[str, Item], settings: Settings) -> None:
        self.path, self.settings = path, settings
        self.items = {name: item for name, item in items.items() if not name.endswith(ACTIVATIONS)}
        self.used: set[str] = set()

    def shape(self, words: Vocabularies) -> ModelConfig:
        """Return the config; raises CheckpointError for what is not known."""
        settings = self.settings
        joint = settings.yes("tied-embeddings-all")
        if settings.yes("tied-embeddings-src") and not joint:
            raise fault(self.path, "tied-embeddings-src=true without tied-embeddings-all is not known here")
        if joint and words.source is not words.target and words.source.rows != words.target.rows:
            raise fault(
                self.path, "tied-embeddings-all with two vocabularies", "give the vocabulary that both sides have"
            )
        source, target = len(words.source.rows.foreign), len(words.target.rows.foreign)
        pre = settings.text("transformer-preprocess") == "n"
        norms = (
            settings.text("transformer-postprocess").endswith("n"),
            settings.text("transformer-postprocess-top") == "n",
        )
        if norms != (not pre, pre):
            raise fault(
                self.path, "transformer-pre- and postprocess: norms before all parts and at the top, or behind all"
            )
        swish = settings.text("transformer-ffn-activation") == "swish"
        try:
            return ModelConfig(
                vocab_size=source,
                target_vocab_size=None if joint else target,
                d_model=settings.number("dim-emb"),
                encoder_layers=settings.number("enc-depth"),
                decoder_layers=settings.number("dec-depth"),
                heads=settings.number("transformer-heads"),
                feed_forward=settings.number("transformer-dim-ffn"),
                norm="pre" if pre else "post",
                norm_epsilon=EPSILON,
                activation="silu" if swish else "relu",
                positions="table",
                max_positions=POSITIONS,
                tie="all" if joint else "target" if settings.yes("tied-embeddings") else "none",
                decoder_cell="ssru" if settings.recurrent else "attention",
            )
        except ConfigError as error:
            raise fault(self.path, str(error), "take another model") from None

    def tensors(self, config: ModelConfig, source: Rows, target: Rows) -> Found:
        """Return everything by our names."""
        found = Found()
        d = config.d_model
        if config.tie == "all":
            found["embedding.weight"] = self._table("Wemb", source, d)
        else:
            found["source_embedding.weight"] = self._table("encoder_Wemb", source, d)
            found["target_embedding.weight"] = self._table("decoder_Wemb", target, d)
        pieces = target.known
        if config.tie == "none":
            found["output.weight"] = self._matrix("decoder_ff_logit_out_W", pieces, d).of(target)
        found["output.bias"] = target.of(self._vector("decoder_ff_logit_out_b", pieces), IMPOSSIBLE)
        table = tensor2tensor_positions(0, config)
        for side, layers in (("encoder", config.encoder_layers), ("decoder", config.decoder_layers)):
            found[f"{side}.positions.weight"] = table
            for index in range(layers):
                self._layer(found, config, side, index)
            if config.norm == "pre":
                self._norm(found, f"{side}.norm", f"{side}_top", "", d)
        return found

    def refuse_rest(self) -> None:
        """Refuse what has found no use; raises CheckpointError that names the first."""
        rest = sorted(set(self.items) - self.used)
        if rest:
            raise fault(self.path, f"{rest[0]} is not known here", "this model has a part that dragoman does not have")

    def _layer(self, found: Found, config: ModelConfig, side: str, index: int) -> None:
        ours, d = f"{side}.layers.{index}", config.d_model
        theirs = f"{side}_l{self.settings.tied(index + 1) if side == 'decoder' else index + 1}"
        before = "_pre" if config.norm == "pre" else ""
        if side == "decoder" and config.decoder_cell == "ssru":
            found[f"{ours}.recurrence.input.weight"] = self._matrix(f"{theirs}_rnn_W", d, d)
            self._linear(found, f"{ours}.recurrence.forget", f"{theirs}_rnn_Wf", f"{theirs}_rnn_bf", d, d)
            self._norm(
                found, f"{ours}.recurrence_norm", f"{theirs}_rnn_ffn" if not before else f"{theirs}_rnn", before, d
            )
        else:
            self._attention(found, f"{ours}.self_attention", f"{theirs}_self", before, d)
        if side == "decoder":
            self._attention(found, f"{ours}.cross_attention", f"{theirs}_context", before, d)
        f = config.feed_forward
        self._linear(found, f"{ours}.feed_forward.up", f"{theirs}_ffn_W1", f"{theirs}_ffn_b1", f, d)
        self._linear(found, f"{ours}.feed_forward.down", f"{theirs}_ffn_W2", f"{theirs}_ffn_b2", d, f)
        self._norm(found, f"{ours}.feed_forward_norm", f"{theirs}_ffn_ffn", before, d)

    def _attention(self, found: Found, ours: str, theirs: str, before: str, d: int) -> None:
        for part, (weight, bias) in PARTS.items():
            self._linear(found, f"{ours}.{part}", f"{theirs}_{weight}", f"{theirs}_{bias}", d, d)
        self._norm(found, f"{ours}_norm", f"{theirs}_Wo", before, d)

    def _linear(self, found: Found, ours: str, weight: str, bias: str, rows: int, columns: int) -> None:
        found[f"{ours}.weight"] = self._matrix(weight, rows, columns)
        found[f"{ours}.bias"] = self._vector(bias, rows)

    def _norm(self, found: Found, ours: str, theirs: str, before: str, d: int) -> None:
        found[f"{ours}.weight"] = self._vector(f"{theirs}_ln_scale{before}", d)
        found[f"{ours}.bias"] = self._vector(f"{theirs}_ln_bias{before}", d)

    def _item(self, name: str) -> Item:
        if name not in self.items:
            raise fault(
                self.path, f"there is no {name}, so it is no Transformer that is known here", "take another model"
            )
        self.used.add(name)
        return self.items[name]

    def _table(self, name: str, rows: Rows, width: int) -> Matrix:
        """Return an embedding by our ids; raises CheckpointError where the vocabulary is of another size."""
        there = len(self._item(name).numbers)
        if there != rows.known:
            what = f"{name} has {there:,} rows, the vocabulary {rows.known:,} pieces"
            raise fault(self.path, what, "give the vocabulary that the model was trained with")
        return self._matrix(name, there, width, rows=True).of(rows)

    def _matrix(self, name: str, out: int, inputs: int, rows: bool = False) -> Matrix:
        item = self._item(name)
        wanted = (out, inputs) if rows else (inputs, out)
        if item.numbers.shape != wanted:
            raise fault(self.path, f"{name} has the shape {list(item.numbers.shape)}, {list(wanted)} is wanted")
        return item.matrix(rows)

    def _vector(self, name: str, length: int) -> NDArray[np.float32]:
        item = self._item(name)
        if item.numbers.size != length or item.numbers.dtype != np.float32:
            raise fault(self.path, f"{name} has the shape {list(item.numbers.shape)}, [1, {length}] is wanted")
        return item.numbers.reshape(length)
