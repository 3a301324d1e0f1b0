"""The tokenizers of a foreign folder, and where each of our ids stands in its vocabularies.

Ours, as `dragoman export` wrote it; Marian's two SentencePiece models over one or two lists of pieces; Pegasus' one
SentencePiece model behind pieces of its own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dragoman.errors import CheckpointError, RequestError
from dragoman.interchange.fields import Fields
from dragoman.interchange.huggingface_search import GENERATION, Search
from dragoman.interchange.huggingface_tokenizer import (
    END,
    SOURCE_SPM,
    TARGET,
    TARGET_SPM,
    TARGET_VOCAB,
    TOKENIZER,
    TOKENIZER_CONFIG,
    VOCAB,
    asked,
)
from dragoman.interchange.importing import Given, Rows, content, fault, json_file, ordered
from dragoman.interchange.vocabulary import Side, pieces_of, sentencepiece
from dragoman.manifest import parse_json
from dragoman.options import BOS, EOS, PAD, SPECIALS, UNK
from dragoman.text.tokenizer import Tokenizer

SPIECE = "spiece.model"
PEGASUS_OFFSET = 103  # its pieces before those of the SentencePiece model
MOST_TOKENIZER = 256 << 20


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """Both sides, whether `</s>` stands behind a source, and languages where the folder says them."""

    source: Side
    target: Side
    source_ended: bool
    languages: tuple[str, str] | None


def read(given: Given, sizes: tuple[int, int], joint: bool, search: Search) -> Vocabularies:
    """Return the vocabularies of a folder; `sizes` are those of the model, `joint` whether it has one embedding.

    Raises CheckpointError for what is damaged or not known, RequestError for an option that is not for it.
    """
    if given.tokenizer is not None:
        raise RequestError(f"--tokenizer {given.tokenizer}: this model brings its tokenizer; leave it out")
    folder = given.path
    described = Fields(folder / TOKENIZER_CONFIG) if (folder / TOKENIZER_CONFIG).is_file() else Fields(folder, {})
    described.fixed("do_lower_case", False)
    described.fixed("sp_model_kwargs", {})
    foreign = [name for name in (SOURCE_SPM, SPIECE) if (folder / name).is_file()]
    if (folder / TOKENIZER).is_file():
        try:
            return _ours(folder, sizes, search)
        except CheckpointError:
            if not foreign:
                raise
    if not foreign:
        raise fault(folder, f"there is no tokenizer: {SOURCE_SPM}, {SPIECE} or {TOKENIZER}", "copy the whole folder")
    if foreign[0] == SPIECE:
        side = _pegasus(folder, described, sizes, search)
        return Vocabularies(side, side, True, None)
    return _marian(folder, described, sizes, joint, search)


def _ours(folder: Path, sizes: tuple[int, int], search: Search) -> Vocabularies:
    source, ended = _exported(folder / TOKENIZER)
    path = folder / TARGET / TOKENIZER
    target = _exported(path)[0] if path.is_file() else source
    for tokenizer, size, where in ((source, sizes[0], folder / TOKENIZER), (target, sizes[1], path)):
        if tokenizer.vocab_size != size:
            raise fault(where, f"{tokenizer.vocab_size} pieces, the model has {size}", "take both from one folder")
    if (search.padding, search.start, search.end) != (PAD, BOS, EOS):
        ids = f"{search.padding}, {search.start} and {search.end}"
        raise fault(folder / GENERATION, f"padding, start and end are {ids}; in {TOKENIZER} they are 0, 2 and 3")
    sides = [Side(each, Rows(tuple(range(each.vocab_size)))) for each in (source, target)]
    return Vocabularies(sides[0], sides[0] if target is source else sides[1], ended, None)


def _exported(path: Path) -> tuple[Tokenizer, bool]:
    """Return a tokenizer that dragoman wrote for that library, and whether it puts `</s>` behind a source."""
    described = parse_json(content(path, MOST_TOKENIZER), path)
    behind = described.get("post_processor") if isinstance(described, dict) else None
    if behind not in (None, END):
        raise fault(path, "its post_processor is not that of dragoman export", "take another form of the model")
    if isinstance(described, dict):
        described["post_processor"] = None
    try:
        plain = json.dumps(described, ensure_ascii=False, separators=(",", ":"))
        return Tokenizer.from_json(plain), behind is not None
    except CheckpointError as error:
        raise fault(path, str(error)) from None


def _marian(folder: Path, described: Fields, sizes: tuple[int, int], joint: bool, search: Search) -> Vocabularies:
    names = [_content_of(described, name, usual) for name, usual in _SPECIAL.items()]
    separate = described.take("separate_vocabs", bool, False)
    if separate and joint:
        raise fault(folder / TOKENIZER_CONFIG, "separate_vocabs=true, but config.json shares the embeddings")
    paths = (folder / VOCAB, folder / (TARGET_VOCAB if separate else VOCAB))
    found = []
    for path, spm, size in zip(paths, (SOURCE_SPM, TARGET_SPM), sizes, strict=True):
        pieces = _listed(path, size)
        place = {piece: index for index, piece in enumerate(pieces)}
        padding, unknown, end = (place.get(name) for name in names)
        if unknown is None or end is None:
            raise fault(path, f"there is no {names[1]!r:.40} or no {names[2]!r:.40} in it")
        target = path is paths[1]
        if not target and (asking := asked(pieces)) is not None:
            raise fault(path, f"pieces such as {asking!r:.40} ask for a language in front of a source", _ONE_PAIR)
        if target and end != search.end:
            raise fault(path, f"{names[2]!r:.40} has the id {end}, by {GENERATION} the end is {search.end}")
        start = search.start if target or not separate else place.get(SPECIALS[BOS])
        specials = (search.padding if target or not separate else padding, unknown, start, end)
        found.append(_side(folder / spm, pieces, specials, path))
    languages = [described.pop(name) for name in ("source_lang", "target_lang")]
    pair = tuple(language for language in languages if isinstance(language, str) and language)
    if found[0].rows == found[1].rows and found[0].tokenizer.to_json() == found[1].tokenizer.to_json():
        found[1] = found[0]
    return Vocabularies(found[0], found[1], True, (pair[0], pair[1]) if len(pair) == 2 else None)


def _pegasus(folder: Path, described: Fields, sizes: tuple[int, int], search: Search) -> Side:
    path = folder / SPIECE
    offset = described.take("offset", int, PEGASUS_OFFSET)
    own = pieces_of(path)
    pad, unknown, end = (_content_of(described, name, usual) for name, usual in _SPECIAL.items())
    masks = [_content_of(described, name, f"<mask_{n}>") for n, name in ((1, "mask_token_sent"), (2, "mask_token"))]
    if not 4 <= offset <= sizes[0] or sizes[0] != len(own) + offset:
        raise fault(path, f"{len(own)} pieces and {offset} before them, the model has {sizes[0]}")
    if own[:3] != [pad, end, unknown]:
        raise fault(path, f"its first pieces are {own[:3]!r:.80}, known are {[pad, end, unknown]!r:.80}")
    pieces = [pad, end, *masks, *(f"<unk_{n}>" for n in range(2, offset)), *own[2:]]
    if (search.padding, search.end) != (0, 1):
        raise fault(folder / GENERATION, "padding and end of Pegasus are 0 and 1")
    return _side(path, pieces, (search.padding, pieces.index(unknown), search.start, search.end), path)


def _side(spm: Path, pieces: Sequence[str], specials: tuple[int | None, ...], path: Path) -> Side:
    """Return a tokenizer of a SentencePiece model over a list of pieces by their foreign ids.

    Padding, unknown, start and end may be one foreign id; the one that is a piece of a text, or ends it, keeps it.
    """
    for place in specials:
        if place is not None and not 0 <= place < len(pieces):
            raise fault(path, f"the id {place} has a use, but there are {len(pieces)} pieces")
    ours, rows = ordered(pieces, specials, path)
    owned = [specials[index] for index in _CLAIMS]
    repeated = tuple(
        index for at, index in enumerate(_CLAIMS) if specials[index] is not None and specials[index] in owned[:at]
    )
    return Side(sentencepiece(spm, ours), rows, repeated)


def _listed(path: Path, size: int) -> list[str]:
    """Return the pieces of a vocab.json by their ids, 0, 1, 2 and so on to the model's last."""
    table = json_file(path)
    if not isinstance(table, dict) or any(type(index) is not int for index in table.values()):
        raise fault(path, "a table from pieces to ids is wanted")
    pieces = sorted(table, key=lambda piece: table[piece])
    if [table[piece] for piece in pieces] != list(range(len(pieces))):
        raise fault(path, "its ids are not 0, 1, 2 and so on")
    if len(pieces) != size:
        raise fault(path, f"{len(pieces)} pieces, the model has {size}")
    return pieces


def _content_of(described: Fields, name: str, usual: str) -> str:
    """Return how a special piece is written, which may be a table with more about it."""
    value = described.pop(name, usual)
    if isinstance(value, dict):
        value = value.get("content")
    if not isinstance(value, str) or not value:
        raise fault(described.path, f"{name}={value!r:.80}: a piece is wanted")
    return value


_SPECIAL = {"pad_token": SPECIALS[PAD], "unk_token": SPECIALS[UNK], "eos_token": SPECIALS[EOS]}
_CLAIMS = (EOS, UNK, PAD, BOS)
_ONE_PAIR = "take a model of one language pair"
