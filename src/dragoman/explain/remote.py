"""What a page is told of a model that is not in it: what it is, and its translations, as JSON.

`web/src/page/remote.ts` reads both, from a server or from a record in the page.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dragoman.architecture import to_table
from dragoman.bundle import Bundle
from dragoman.config import build, table_of
from dragoman.explain.trace_pieces import Vocabulary
from dragoman.options import EOS, Alignment, BlockAlignment, DecodeOptions, Hypothesis
from dragoman.text.casing import in_capitals, lowered
from dragoman.translator import Translator

Table = dict[str, Any]
DIGITS = 4  # of the share with which a piece looks at another


def known(model: Bundle, pieces: bool) -> Table:
    """Return what a page must know of a model to ask for its translations, with the names of all its pieces or without.

    A page that may fetch the model wants them.
    """
    sides = (model.source_tokenizer, model.target_tokenizer)
    sizes = (model.model.vocab_size, model.model.target_vocabulary)
    names = [[own.name(index) for index in range(size)] for own, size in zip(Vocabulary.of(model), sizes, strict=True)]
    return {
        "config": to_table(model.model),
        "directions": [list(pair) for pair in model.translates],
        "decode": table_of(build(DecodeOptions, model.decode, "decode")),
        "alignmentHeads": [list(head) for head in model.alignment_heads],
        "tokenizers": [side.kind for side in sides],
        "pieces": names if pieces else [[], []],
    }


def translated(translator: Translator, text: str, options: DecodeOptions, to: str | None) -> Table:
    """Return the translation of a text, read whole, with what each piece adds to a text and where it looks.

    Raises RequestError for what the model cannot take, DataError for what is no text.
    """
    found = translator.translate(text, replace(options, split="never"), to)
    loud = options.capitals == "lower" and in_capitals(text)
    ids = translator.source_ids([lowered(text) if loud else text], to=to)[0] if found.source_pieces else []
    source, target = translator.bundle.source_tokenizer.spelling, translator.bundle.target_spelling
    return {
        "text": text,
        "pieces": list(found.source_pieces),
        "spelled": _spelled(source, ids, loud),
        "ways": [_way(way, target, loud) for way in found.hypotheses],
    }


def _way(way: Hypothesis, spelling: Sequence[bytes], loud: bool) -> Table:
    return {
        "text": way.text,
        "pieces": list(way.pieces),
        "spelled": _spelled(spelling, way.ids if way.pieces else (), loud),
        "probabilities": [math.exp(value) for value in way.token_log_probabilities],
        "score": way.score,
        "finished": way.finished,
        "alignment": _rows(way.alignment),
    }


def _spelled(spelling: Sequence[bytes], ids: Sequence[int], loud: bool) -> list[str]:
    """Return the bytes of each piece, a character for each byte; of a text that was read in small letters, in CAPITALS.

    What ends a text, and the tag of a language, adds nothing.
    """
    own = [spelling[index] if index < len(spelling) and index != EOS else b"" for index in ids]
    return [(_capitals(piece) if loud else piece).decode("latin-1") for piece in own]


def _capitals(piece: bytes) -> bytes:
    try:
        return piece.decode("utf-8").upper().encode()
    except UnicodeDecodeError:  # a part of a character
        return piece


def _rows(alignment: Alignment | BlockAlignment | None) -> list[list[float]] | None:
    if alignment is None:
        return None
    return [[round(float(share), DIGITS) for share in row] for row in alignment.weights]
