"""The vocabularies of a Marian model: SentencePiece files, or YAML tables of pieces and such files beside them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.errors import RequestError
from dragoman.interchange.importing import Given, content, fault, ordered
from dragoman.interchange.marian_file import settings
from dragoman.interchange.vocabulary import Side, pieces_of, sentencepiece

UNKNOWN, END = "<unk>", "</s>"
YAML = (".yml", ".yaml")
CUTTERS = ("source.spm", "target.spm")  # beside YAML tables, as OPUS-MT has them


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """Both sides, one object where they are one; and how the folder's own program decodes, as far as it is said."""

    source: Side
    target: Side
    decoder: dict[str, Any]


def vocabularies(given: Given, path: Path) -> Vocabularies:
    """Return what belongs to the model in `path`; raises CheckpointError, RequestError."""
    decoder = _decoder(path)
    one = None if given.tokenizer is None else [Path(given.tokenizer)] * 2
    files = one or _named(decoder, path) or _lying(path)
    sides: dict[Path, Side] = {}
    tables = files[0].suffix in YAML
    for number, file in enumerate(files):
        if not tables:
            sides[file] = sides.get(file) or _side(file)
        elif not (cutter := path.with_name(CUTTERS[number])).is_file():
            raise fault(path.parent, f"there is no {cutter.name}, which cuts text for {file.name}", "copy the folder")
        else:
            sides[cutter] = _side(cutter, file)
            files[number] = cutter
    return Vocabularies(sides[files[0]], sides[files[1]], decoder)


def _decoder(path: Path) -> dict[str, Any]:
    """Return the settings of the program beside the model that name this model; none: an empty table."""
    for file in sorted(file for ending in YAML for file in path.parent.glob(f"*{ending}")):
        if ".vocab" in file.name or file.name.startswith("vocab"):
            continue
        table = settings(content(file, 1 << 20), file)
        models = table.get("models")
        if isinstance(models, list) and any(isinstance(name, str) and Path(name).name == path.name for name in models):
            return table
    return {}


def _named(decoder: dict[str, Any], path: Path) -> list[Path]:
    names = decoder.get("vocabs", [])
    if not isinstance(names, list) or len(names) not in (0, 2) or not all(isinstance(name, str) for name in names):
        raise fault(path.parent, f"vocabs={names!r:.200}: those of source and target are wanted")
    found = []
    for name in names:
        file = path.parent / name
        if not file.resolve().is_relative_to(path.parent.resolve()):
            raise fault(path.parent, f"vocabs: {name!r:.200} leads out of the folder", "put the vocabulary into it")
        found.append(file)
    return found


def _lying(path: Path) -> list[Path]:
    """Return the vocabularies that lie beside a model of which nothing says more."""
    found = sorted(path.parent.glob("*.spm"))
    if len(found) == 1:
        return [found[0], found[0]]
    sides = [[file for file in found if file.name.startswith(start)] for start in ("src", "trg")]
    if [len(side) for side in sides] == [1, 1]:
        return [sides[0][0], sides[1][0]]
    raise RequestError(
        f"{path.parent}: which vocabulary belongs to {path.name} is not clear; put the program's own .yml beside it, "
        "or write --tokenizer FILE.spm for one of both sides"
    )


def _side(cutter: Path, table: Path | None = None) -> Side:
    """Return a side whose ids are those of a .spm, or of a YAML table of its pieces."""
    pieces = pieces_of(cutter) if table is None else _pieces(table)
    place = {piece: index for index, piece in enumerate(pieces)}
    for special in (UNKNOWN, END):
        if special not in place:
            raise fault(table or cutter, f"it has no {special}", "take the vocabulary that Marian used")
    named, rows = ordered(pieces, (None, place[UNKNOWN], None, place[END]), table or cutter)
    return Side(sentencepiece(cutter, named), rows)


def _pieces(table: Path) -> list[str]:
    entries = settings(content(table), table, 64 << 20)
    places = {}
    for piece, index in entries.items():
        if not isinstance(index, str) or not index.isdecimal() or len(index) > 9 or int(index) >= len(entries):
            raise fault(table, f"the piece {piece!r:.80} has the id {index!r:.80}")
        places[int(index)] = piece
    if len(places) < len(entries):
        raise fault(table, "an id is given twice")
    return [places[index] for index in range(len(places))]
