"""What config.json of a bundle holds beside the model: read strictly, and checked before it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.architecture import ModelConfig, from_table
from dragoman.config import build
from dragoman.directions import Direction
from dragoman.errors import ConfigError, RequestError
from dragoman.manifest import fault, parse_json
from dragoman.options import DecodeOptions, Step

# The names of config.json that may be missing.
USUAL, DIRECTIONS, STEP, ENDED = "usual_pieces", "directions", "alignment_step", "source_ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What config.json holds beside the model, the decoding defaults and the provenance."""

    languages: tuple[str, str] | None
    tokenizers: tuple[str, ...]  # kind of the joint tokenizer, or of source and target
    alignment_heads: tuple[tuple[int, int], ...]
    usual_pieces: int | None = None
    directions: tuple[Direction, ...] = ()
    alignment_step: Step = "receiving"
    source_ended: bool = True


def parse(data: bytes | bytearray, path: Path) -> tuple[ModelConfig, Settings, dict[str, Any]]:
    """Return the model, the settings and the whole table of a config.json; raises CheckpointError."""
    document = parse_json(data, path)
    names = {"model", "languages", "tokenizers", "decode", "alignment_heads", "provenance"}
    if not isinstance(document, dict) or set(document) - {USUAL, DIRECTIONS, STEP, ENDED} != names:
        more = f"{USUAL} where it is known, {DIRECTIONS} where there are several, {STEP} where it is writing"
        more += f", {ENDED} where it is false"
        raise fault(path, f"exactly {', '.join(sorted(names))} are wanted, and {more}")
    for name in ("model", "decode", "provenance"):
        if not isinstance(document[name], dict):
            raise fault(path, f"{name}={document[name]!r}: a table is wanted")
    try:
        model = from_table(document["model"])
        table = {
            name: document[name]
            for name in ("languages", "tokenizers", "alignment_heads", USUAL, DIRECTIONS, STEP, ENDED)
            if name in document
        }
        settings = build(Settings, table, "config")
    except ConfigError as error:
        raise fault(path, f"{error}") from None
    check(model, settings, document["decode"], path)
    if len(settings.tokenizers) not in (1, 2):
        raise fault(path, f"{len(settings.tokenizers)} tokenizers; one (joint) or two are allowed")
    return model, settings, document


def check(model: ModelConfig, settings: Settings, decode: Mapping[str, Any], path: Path) -> None:
    """Raise CheckpointError for settings that cannot be."""
    languages = settings.languages
    try:
        build(DecodeOptions, decode, "decode")
    except (ConfigError, RequestError) as error:
        raise fault(path, f"decode: {error}") from None
    if languages is not None and (len(languages) != 2 or not all(languages)):
        raise fault(path, f"languages={languages!r}", "two codes are wanted, such as de and en")
    for layer, head in settings.alignment_heads:
        if not is_head(model, layer, head):
            allowed = f"layers 0 to {model.decoder_layers - 1} and heads 0 to {model.heads - 1} are allowed"
            raise fault(path, f"alignment head {[layer, head]}", allowed)
    if settings.usual_pieces is not None and settings.usual_pieces < 1:
        raise fault(path, f"{USUAL}={settings.usual_pieces}", "a whole number from 1 is wanted")
    _check_directions(settings.directions, languages, path)


def is_head(model: ModelConfig, layer: int, head: int) -> bool:
    """Whether the decoder has this head."""
    return 0 <= layer < model.decoder_layers and 0 <= head < model.heads


def _check_directions(directions: Sequence[Direction], languages: Sequence[str] | None, path: Path) -> None:
    if directions and not (
        len(set(directions)) == len(directions) > 1
        and all(map(all, directions))
        and languages is not None
        and tuple(languages) == directions[0]
    ):
        wanted = "several different pairs of codes are wanted, languages the first"
        raise fault(path, f"{DIRECTIONS}={[list(pair) for pair in directions]!r}", wanted)
