"""A trained model on disk and in memory: its shape, weights, tokenizers, defaults and where it came from.

`save` makes a folder the bundle in one step; `load` trusts no byte of it: sizes and checksums first, then
strict parsing, then every number. Nothing here runs code from a file, and torch is not needed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman import manifest as files
from dragoman import shipped
from dragoman import shortlist as shortlists
from dragoman import weights as tensors
from dragoman.architecture import ModelConfig, parameter_count, to_table
from dragoman.directions import Direction, end_of, tags
from dragoman.errors import CheckpointError, DragomanError
from dragoman.manifest import Manifest, fault
from dragoman.options import Step
from dragoman.settings import DIRECTIONS, ENDED, STEP, USUAL, Settings, check, parse
from dragoman.shortlist import FILE as SHORTLIST
from dragoman.shortlist import Shortlist
from dragoman.text.foreign import SentencePieces, through
from dragoman.text.tokenizer import Tokenizer

CONFIG, CARD = "config.json", "card.md"
WEIGHTS, INT8 = "weights.safetensors", "weights.int8.safetensors"
JOINT, SOURCE, TARGET = "tokenizer.json", "source.tokenizer.json", "target.tokenizer.json"

MAX_TEXT = 4 << 20  # bytes of config.json and of card.md
MAX_TOKENIZER = 256 << 20
# How each file of weights may be stored.
KINDS: dict[str, tuple[tensors.Stored, ...]] = {WEIGHTS: ("float32", "bf16"), INT8: ("int8",)}


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle:
    """A whole translator as data; joint tokenizers are one object, `source_tokenizer is target_tokenizer`."""

    model: ModelConfig
    # float32, names and shapes of `architecture.parameters(model)`; where `int8` alone is stored, what that stands for
    weights: Mapping[str, NDArray[np.float32]]
    source_tokenizer: Tokenizer
    target_tokenizer: Tokenizer
    languages: tuple[str, str] | None = None  # codes of source and target; of the first direction of several
    directions: tuple[Direction, ...] = ()  # all of them, where there are several
    decode: Mapping[str, Any] = field(default_factory=dict)  # this model's own defaults of DecodeOptions
    alignment_heads: tuple[tuple[int, int], ...] = ()  # (decoder layer, head)
    alignment_step: Step = "receiving"  # at which they look for a piece
    source_ended: bool = True  # whether `</s>` stands behind every source, as in all that was trained here
    usual_pieces: int | None = None  # 99 % of the sources it was trained on have no more; None: not known
    provenance: Mapping[str, Any] = field(default_factory=dict)  # JSON: data, command, seed, versions, scores
    card: str = ""  # Markdown for people
    int8: tensors.Tensors | None = None  # as in `weights.layout(model, "int8")`
    shortlist: Shortlist | None = None  # which pieces a translation may hold, where a search asks for that
    master: tensors.Stored | None = "float32"  # how `weights` are stored; None: not at all, beside `int8`

    @property
    def translates(self) -> tuple[Direction, ...]:
        """Return the directions that are known."""
        return self.directions or (() if self.languages is None else (self.languages,))

    @property
    def tokenizers(self) -> dict[str, Tokenizer]:
        """Return the tokenizers by the names of their files: the joint one, or those of source and target."""
        if self.target_tokenizer is self.source_tokenizer:
            return {JOINT: self.source_tokenizer}
        return {SOURCE: self.source_tokenizer, TARGET: self.target_tokenizer}

    def source_end(self, to: str | None = None) -> int | None:
        """Return the id behind a source to be translated into a language; raises RequestError like `end_of`."""
        end = end_of(self.translates, to, self.source_tokenizer.vocab_size)
        return end if self.source_ended else None

    @property
    def target_spelling(self) -> list[bytes]:
        """Return what each id of the model's target side adds to a text; a language's tag adds nothing."""
        pieces = self.target_tokenizer.spelling
        return [*pieces, *[b""] * (self.model.target_vocabulary - len(pieces))]


def save(bundle: Bundle, folder: Path | str, plain: bool = False) -> None:
    """Make `folder` this bundle in one step, or leave the old one there and raise CheckpointError.

    A crash at any moment leaves the old bundle or the new one. Saves of a run alternate between two names of
    a file; its last save says `plain`, after which every file has its plain name.
    """
    folder = Path(folder)
    sides = bundle.tokenizers
    check(bundle.model, _settings(bundle), bundle.decode, folder / CONFIG)
    both = (bundle.source_tokenizer, bundle.target_tokenizer)
    _check_vocabularies(both, bundle.model, bundle.directions, [folder / name for name in sides])
    contents = {CONFIG: _config_bytes(bundle, len(sides) == 1, folder / CONFIG)}
    contents |= {name: _encoded(side.to_json(), folder / name) for name, side in sides.items()}
    if bundle.master is not None:
        contents[WEIGHTS] = tensors.encode(bundle.weights, bundle.model, bundle.master, folder / WEIGHTS)
    if bundle.int8 is not None:
        contents[INT8] = tensors.encode(bundle.int8, bundle.model, "int8", folder / INT8)
    if bundle.master is None and bundle.int8 is None:
        raise fault(folder, "no weights to save", "keep float32, bf16 or int8 weights")
    if bundle.shortlist is not None:
        contents[SHORTLIST] = shortlists.encode(bundle.shortlist, bundle.model, folder / SHORTLIST)
    contents[CARD] = _encoded(bundle.card, folder / CARD)
    for name, data in contents.items():
        if len(data) > _limit(name, bundle.model):
            raise fault(folder / name, f"it would have {len(data)} bytes", f"at most {_limit(name, bundle.model)}")
    files.write_generation(folder, contents, plain)


def _settings(bundle: Bundle) -> Settings:
    joint = bundle.target_tokenizer is bundle.source_tokenizer
    tokenizers = [bundle.source_tokenizer, bundle.target_tokenizer][: 1 if joint else 2]
    return Settings(
        languages=bundle.languages,
        tokenizers=tuple(tokenizer.kind for tokenizer in tokenizers),
        alignment_heads=bundle.alignment_heads,
        usual_pieces=bundle.usual_pieces,
        directions=bundle.directions,
        alignment_step=bundle.alignment_step,
        source_ended=bundle.source_ended,
    )


def load(folder: Path | str) -> Bundle:
    """Read and check a bundle; every fault is a CheckpointError: path, what is wrong, what to do.

    A folder, or the name of a model that ships with the package; so for `verify` and `describe`.
    """
    path = shipped.locate(folder)
    return files.steadily(path, lambda manifest: _load(path, manifest))


def verify(folder: Path | str) -> list[str]:
    """Return what is wrong with a bundle, a sentence a file; an empty list when all is right."""
    try:
        load(folder)
    except CheckpointError as error:
        return _damaged_files(shipped.locate(folder)) or [str(error)]
    return []


def describe(folder: Path | str) -> dict[str, Any]:
    """Return what `dragoman info` shows, as JSON values, without reading more of the weights than their header."""
    path = shipped.locate(folder)
    return files.steadily(path, lambda manifest: _describe(path, manifest))


def _load(folder: Path, manifest: Manifest) -> Bundle:
    data = files.read_file(folder, manifest, CONFIG, MAX_TEXT)
    model, settings, document = parse(data, _path(folder, manifest, CONFIG))
    source, target = _read_tokenizers(folder, manifest, model, settings)
    card = _text(files.read_file(folder, manifest, CARD, MAX_TEXT), _path(folder, manifest, CARD))
    master, weights, int8 = _read_weights(folder, manifest, model)
    shortlist = None
    if SHORTLIST in manifest:
        data = files.read_file(folder, manifest, SHORTLIST, shortlists.MOST)
        shortlist = shortlists.decode(data, model, _path(folder, manifest, SHORTLIST))
    return Bundle(
        model=model,
        weights=weights,
        int8=int8,
        shortlist=shortlist,
        master=master,
        source_tokenizer=source,
        target_tokenizer=target,
        languages=settings.languages,
        directions=settings.directions,
        decode=document["decode"],
        alignment_heads=settings.alignment_heads,
        alignment_step=settings.alignment_step,
        source_ended=settings.source_ended,
        usual_pieces=settings.usual_pieces,
        provenance=document["provenance"],
        card=card,
    )


def _read_weights(
    folder: Path, manifest: Manifest, model: ModelConfig
) -> tuple[tensors.Stored | None, Mapping[str, NDArray[np.float32]], tensors.Tensors | None]:
    """Return how the float weights are stored, if they are, these weights, and the int8 ones."""
    found: dict[str, tuple[tensors.Stored, tensors.Tensors]] = {}
    for name, stored in KINDS.items():
        if name in manifest:
            with files.reading(folder, manifest, name, _limit(name, model)) as file:
                found[name] = tensors.parse(file, model, stored)
    if not found:
        raise fault(folder / files.MANIFEST, f"names neither {WEIGHTS} nor {INT8}")
    int8 = found[INT8][1] if INT8 in found else None
    if WEIGHTS in found:
        return *found[WEIGHTS], int8
    return None, tensors.Dequantized(found[INT8][1]), int8


def _describe(folder: Path, manifest: Manifest) -> dict[str, Any]:
    data = files.read_file(folder, manifest, CONFIG, MAX_TEXT)
    model, settings, document = parse(data, _path(folder, manifest, CONFIG))
    for name in manifest:
        files.locate(folder, manifest, name)
    stored = [
        tensors.stored_as(_path(folder, manifest, name), kinds) for name, kinds in KINDS.items() if name in manifest
    ]
    if not stored:
        raise fault(folder / files.MANIFEST, f"names neither {WEIGHTS} nor {INT8}")
    joint = len(settings.tokenizers) == 1
    sides = (JOINT,) if joint else (SOURCE, TARGET)
    cutters = {
        name: _through(folder, manifest, name)
        for name, kind in zip(sides, settings.tokenizers, strict=True)
        if kind == SentencePieces.kind
    }
    return {
        "format": files.FORMAT,
        "bytes": sum(entry.size for entry in manifest.values()),
        "files": {name: entry.size for name, entry in manifest.items()},
        "parameters": parameter_count(model),
        "weights": stored,
        "languages": settings.languages and list(settings.languages),
        DIRECTIONS: ["-".join(direction) for direction in settings.directions],
        "tokenizer": {
            "joint": joint,
            "kinds": list(settings.tokenizers),
            **({"through": cutters} if cutters else {}),
            "source_pieces": model.vocab_size,
            "target_pieces": model.target_vocabulary,
        },
        "model": document["model"],
        "decode": document["decode"],
        "alignment_heads": [list(head) for head in settings.alignment_heads],
        "alignment_step": settings.alignment_step,
        ENDED: settings.source_ended,
        "usual_pieces": settings.usual_pieces,
        "provenance": document["provenance"],
    }


def _through(folder: Path, manifest: Manifest, name: str) -> str:
    """Return which library cuts for a tokenizer, which need not be installed."""
    path = _path(folder, manifest, name)
    try:
        return through(_text(files.read_file(folder, manifest, name, MAX_TOKENIZER), path))
    except CheckpointError as error:
        raise fault(path, f"{error}") from None


def _damaged_files(folder: Path) -> list[str]:
    problems = []
    try:
        manifest = files.read_manifest(folder)
    except CheckpointError:
        return []
    for name in manifest:
        try:
            files.check_file(folder, manifest, name)
        except CheckpointError as error:
            problems.append(str(error))
    return problems


def _path(folder: Path, manifest: Manifest, name: str) -> Path:
    return folder / manifest[name].path


def _limit(name: str, model: ModelConfig) -> int:
    """Return how many bytes a file of a bundle of this shape can have."""
    if name in (WEIGHTS, INT8):
        return tensors.most_bytes(model, "float32" if name == WEIGHTS else "int8")
    if name == SHORTLIST:
        return shortlists.MOST
    return MAX_TEXT if name in (CONFIG, CARD) else MAX_TOKENIZER


def _text(data: bytes | bytearray, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise fault(path, "not UTF-8 text") from None


def _encoded(text: str, path: Path) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise fault(path, f"a lone surrogate at character {error.start}", "take it out") from None


def _config_bytes(bundle: Bundle, joint: bool, path: Path) -> bytes:
    tokenizers = [bundle.source_tokenizer, bundle.target_tokenizer][: 1 if joint else 2]
    document: dict[str, Any] = {
        "model": to_table(bundle.model),
        "languages": bundle.languages,
        "tokenizers": [tokenizer.kind for tokenizer in tokenizers],
        "decode": dict(bundle.decode),
        "alignment_heads": bundle.alignment_heads,
        "provenance": dict(bundle.provenance),
    }
    if bundle.usual_pieces is not None:
        document[USUAL] = bundle.usual_pieces
    if bundle.directions:
        document[DIRECTIONS] = bundle.directions
    if bundle.alignment_step != "receiving":
        document[STEP] = bundle.alignment_step
    if not bundle.source_ended:
        document[ENDED] = False
    try:
        return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except (TypeError, ValueError) as error:
        raise fault(path, f"cannot be written as JSON: {error}", "mend the provenance or the languages") from None


def _read_tokenizers(
    folder: Path, manifest: Manifest, model: ModelConfig, settings: Settings
) -> tuple[Tokenizer, Tokenizer]:
    names = (JOINT,) if len(settings.tokenizers) == 1 else (SOURCE, TARGET)
    if spare := sorted(set(manifest) - {CONFIG, WEIGHTS, INT8, SHORTLIST, CARD, *names}):
        raise fault(folder / files.MANIFEST, f"names {spare[0]}, config.json has no use for it")
    tokenizers = []
    for name, kind in zip(names, settings.tokenizers, strict=True):
        data = files.read_file(folder, manifest, name, MAX_TOKENIZER)
        path = _path(folder, manifest, name)
        try:
            tokenizer = Tokenizer.from_json(_text(data, path))
        except DragomanError as error:
            raise fault(path, f"{error}") from None
        if tokenizer.kind != kind:
            raise fault(path, f"of kind {tokenizer.kind}, config.json says {kind}")
        tokenizers.append(tokenizer)
    source, target = tokenizers[0], tokenizers[-1]
    paths = [_path(folder, manifest, name) for name in names]
    _check_vocabularies((source, target), model, settings.directions, paths)
    return source, target


def _check_vocabularies(
    tokenizers: tuple[Tokenizer, Tokenizer], model: ModelConfig, directions: Sequence[Direction], paths: Sequence[Path]
) -> None:
    """Refuse tokenizers of another model; behind the pieces of the source, and of what it shares, are the tags."""
    source, target = tokenizers
    more = len(tags(directions))
    sizes = (model.vocab_size - more, model.target_vocabulary - (more if target is source else 0))
    for tokenizer, size, path in zip(tokenizers, sizes, (paths[0], paths[-1]), strict=True):
        if tokenizer.vocab_size != size:
            found = f"{tokenizer.vocab_size} pieces, the model has {size}"
            raise fault(path, found, "use the tokenizer that the model was trained with")
