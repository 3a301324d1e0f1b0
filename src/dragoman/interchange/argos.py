"""A package that Argos Translate installs and runs, and LibreTranslate with it: CTranslate2, SentencePiece, a splitter.

Argos has a search of its own (a length penalty of 0.2, as CTranslate2 has it). What our searches never give has a
bias here that keeps it away, so one line stays one line; bytes that make no character are U+FFFD.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from dragoman.bundle import Bundle
from dragoman.directions import is_code, targets
from dragoman.errors import ConfigError, RequestError
from dragoman.grammar import NEVER, newlines
from dragoman.interchange.argos_sentences import splitter
from dragoman.interchange.ctranslate2 import FromBundle, check
from dragoman.interchange.folder import whole
from dragoman.options import EOS
from dragoman.reference.positions import sinusoids
from dragoman.text.languages import ALIASES, canonical, name_of

SUFFIX = ".argosmodel"
READ = 1024  # pieces that CTranslate2 reads of a source where nobody says otherwise, as Argos does not
UNLIKELY = -1e4  # added to a logit; e to it is 0 in every precision
EPOCH = (1980, 1, 1, 0, 0, 0)  # of all entries, so that the same model is the same file


def export(bundle: Bundle, file: Path, quantization: str = "float32") -> None:
    """Write the package; raises RequestError for a file that exists and for what Argos cannot be told."""
    if file.suffix != SUFFIX:
        raise RequestError(f"{file}: a package of Argos Translate ends in {SUFFIX}; write {file.with_suffix(SUFFIX)}")
    source, target = _languages(bundle)
    check(bundle.model, quantization)
    pieces = _sentencepiece(bundle)
    with whole(file) as made:
        made.rmdir()  # it becomes a file
        folder = made.with_name("model")
        ForArgos(bundle).convert(str(folder), None, None if quantization == "float32" else quantization)
        entries = {
            "metadata.json": json.dumps(_metadata(source, target)).encode(),
            "sentencepiece.model": pieces,
            f"minisbd/{source}.onnx": splitter(source).SerializeToString(),
            "README.md": bundle.card.encode(),
        }
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in entries.items():
                _put(package, f"{source}_{target}-dragoman/{name}", content)
            for path in sorted(folder.iterdir()):
                _put(package, f"{source}_{target}-dragoman/model/{path.name}", path.read_bytes())


class ForArgos(FromBundle):
    """The model as Argos asks it: without `</s>` at a source's end, and nobody looks whether a text is too long."""

    def _load(self) -> Any:
        spec, model = super()._load(), self._bundle.model
        spec.config.add_source_eos = self._bundle.source_ended
        projection = spec.decoder.projection
        bias = projection.bias.copy() if model.biases else np.zeros(model.target_vocabulary, np.float32)
        spelling = self._bundle.target_spelling
        silent = [index for index, spelled in enumerate(spelling) if not spelled and index != EOS]
        bias[[*NEVER, *silent, *newlines(spelling)]] = UNLIKELY
        projection.bias = bias
        if model.positions == "sinusoidal" and model.max_positions < READ:
            table = sinusoids(np.arange(READ), model.d_model).astype(np.float32)
            for side in (spec.encoder, spec.decoder):
                side.position_encodings.encodings = table
        return spec


def _languages(bundle: Bundle) -> tuple[str, str]:
    """Return the codes as Argos writes them; raises RequestError."""
    if not bundle.translates:
        raise RequestError("Argos Translate wants to know the languages; this model does not say which they are")
    if len(bundle.translates) > 1:
        spoken = ", ".join("-".join(pair) for pair in bundle.translates)
        into = ", ".join(targets(bundle.translates))
        raise RequestError(f"a package of Argos Translate has one direction; this model has {spoken} (into {into})")
    theirs = {plain: code for code, plain in ALIASES.items()}
    source, target = (theirs.get(canonical(code), canonical(code)) for code in bundle.translates[0])
    for code in (source, target):
        if not is_code(code):
            raise RequestError(
                f"the language {code!r:.80} cannot be in the name of a file; mend languages in config.json"
            )
    return source, target


def _sentencepiece(bundle: Bundle) -> bytes:
    """Return the .model of the source, which spells the target's pieces too; raises RequestError."""
    config = bundle.model
    if config.positions in ("learned", "table") and config.max_positions < READ:
        raise RequestError(
            f"Argos Translate reads {READ:,} pieces, and does not look: model.positions={config.positions} "
            f"with model.max_positions={config.max_positions} would be an error there"
        )
    try:
        for tokenizer in (bundle.target_tokenizer, bundle.source_tokenizer):
            written = tokenizer.to_sentencepiece()
    except ConfigError as error:
        raise RequestError(f"Argos Translate cuts texts with SentencePiece: {error}") from None
    return written


def _metadata(source: str, target: str) -> dict[str, Any]:
    return {
        "package_version": "1.0",
        "argos_version": "1.11",
        "from_code": source,
        "from_name": name_of(source),
        "to_code": target,
        "to_name": name_of(target),
    }


def _put(package: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    package.writestr(entry, content)
