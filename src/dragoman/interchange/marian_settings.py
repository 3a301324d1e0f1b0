"""What `special:model.yml` says of a Marian model: each setting is understood, without meaning here, or refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dragoman.interchange.importing import fault

# Settings that must have one of some values: any other changes what is computed.
WANTED: dict[str, tuple[str, ...]] = {
    "type": ("transformer",),
    "transformer-ffn-depth": ("2",),
    "transformer-no-projection": ("false",),
    "transformer-train-position-embeddings": ("false",),
    "transformer-pool": ("false",),
    "transformer-preprocess": ("", "n"),
    "transformer-postprocess": ("dan", "da", "an"),
    "transformer-postprocess-emb": ("", "d"),
    "transformer-postprocess-top": ("", "n"),
    "transformer-no-bias": ("false",),
    "transformer-no-affine": ("false",),
    "transformer-depth-scaling": ("false", "true"),  # of the first weights alone
    "transformer-rnn-projection": ("false",),
    "transformer-decoder-autoreg": ("self-attention", "rnn"),
    "transformer-ffn-activation": ("relu", "swish"),
    "transformer-dim-decoder-ffn": ("0",),
    "transformer-decoder-ffn-depth": ("0", "2"),
    "factors-combine": ("sum",),
    "input-types": ("",),
    "lemma-dim-emb": ("0",),
    "lemma-dependency": ("",),
    "output-omit-bias": ("false",),
    "right-left": ("false",),
    "ulr": ("false",),
    "tied-embeddings": ("true", "false"),
    "tied-embeddings-src": ("true", "false"),
    "tied-embeddings-all": ("true", "false"),
}
# Numbers and lists that are read, and what is of other kinds of models alone.
KNOWN = {
    "version", "dim-emb", "dim-vocabs", "enc-depth", "dec-depth", "transformer-heads", "transformer-dim-ffn",
    "transformer-tied-layers", "dec-cell", "dec-cell-base-depth", "dec-cell-high-depth", "dim-rnn", "enc-cell",
    "enc-cell-depth", "enc-type", "layer-normalization", "skip", "transformer-aan-activation", "transformer-aan-depth",
    "transformer-aan-nogate", "transformer-dim-aan", "transformer-guided-alignment-layer", "bert-train-type-embeddings",
    "bert-type-vocab-size", "ulr-dim-emb", "ulr-trainable-transformation", "char-conv-filters-num",
    "char-conv-filters-widths", "char-highway", "char-stride", "max-length", "precision", "bert-class-symbol",
    "bert-mask-symbol", "bert-masking-fraction", "bert-sep-symbol", "output-approx-knn", "original-type",
}  # fmt: skip


class Settings:
    """The settings of one model; raises CheckpointError for what is not known, by its name."""

    def __init__(self, table: Mapping[str, Any], path: Path) -> None:
        """Look through all of them."""
        self._table, self.path = table, path
        for name, value in table.items():
            if name not in KNOWN and name not in WANTED:
                raise fault(
                    path, f"{name}={value!r:.80} is not known here", "this model has a part that dragoman has not"
                )
            if name in WANTED and self.text(name) not in WANTED[name]:
                allowed = " and ".join(map(repr, WANTED[name]))
                raise fault(path, f"{name}={value!r:.80}: {allowed} are known", "take another model")
        if self.recurrent and self.text("dec-cell") != "ssru":
            raise fault(path, f"dec-cell={self.text('dec-cell')!r}: ssru is known", "take another model")
        if self.recurrent and (self.number("dec-cell-base-depth", 2), self.number("dec-cell-high-depth", 1)) != (2, 1):
            raise fault(path, "dec-cell-base-depth and dec-cell-high-depth: 2 and 1 are known", "take another model")

    def text(self, name: str) -> str:
        """Return a setting; an empty list is an empty text, as is what is not there."""
        value = self._table.get(name, "")
        return value if isinstance(value, str) else "" if value == [] else repr(value)

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number; raises CheckpointError."""
        value = self._table.get(name, "" if default is None else str(default))
        if not isinstance(value, str) or not value.isdecimal() or len(value) > 9:
            raise fault(self.path, f"{name}={value!r:.80}: a whole number is wanted")
        return int(value)

    def yes(self, name: str) -> bool:
        """Return whether a setting is true."""
        return self.text(name) == "true"

    @property
    def recurrent(self) -> bool:
        """Whether the decoder has cells in the place of self-attention."""
        return self.text("transformer-decoder-autoreg") == "rnn"

    def tied(self, layer: int) -> int:
        """Return which layer's tensors a decoder layer has, both counted from 1."""
        layers = self._table.get("transformer-tied-layers", [])
        if not isinstance(layers, list) or not layers:
            return layer
        own = str(layers[layer - 1]) if layer <= len(layers) else ""
        if not own.isdecimal() or len(own) > 4:
            raise fault(self.path, f"transformer-tied-layers={layers!r:.80}: a number for each layer is wanted")
        return int(own)
