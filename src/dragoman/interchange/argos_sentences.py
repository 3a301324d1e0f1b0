"""Where Argos Translate ends a sentence: a rule, as an ONNX graph in the form of the models of its splitter, MiniSBD.

That program splits every text, and downloads a model for it where a package has none. It gives the graph ids of
characters, with one blank where there were several, and takes the best of three scores for each: 2 ends a sentence.
"""

# Shapes.  B paragraphs, N characters.

import json
import string
import sys
import unicodedata

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto

from dragoman.interchange.onnx_graph import Graph

# Characters of each kind, which have one id together; every other is a letter, or may as well be one.
MARKS = {
    "blank": " ",
    "stop": ".",
    "loud": "!?…؟۔।॥",  # a sentence ends there where a blank follows
    "wide": "。！？｡",  # or anything
    "closing": "\"'”’»›)]）」』］",  # which may stand between the mark and the blank
    "other": "".join(sorted(set(string.punctuation + "„“‘«‹–—·¡¿、，；：") - set(".!?\"')]"))),
}
PADDING, LETTER, SMALL = 0, 1, 8  # 0 and 1 have their names there
KINDS = ("blank", "stop", "loud", "wide", "closing", "small", "letter")


def splitter(code: str) -> ModelProto:
    """Return the graph from units [B, N] to scores [B, N, 3] for texts of the language `code`.

    A sentence ends behind a mark, and what closes behind it, where a blank follows and no small letter follows that.
    A full stop is a mark behind three letters or digits, something that closes or another stop: "Dr.", "z. B." and
    "3." go on.
    """
    graph = Graph()
    found = graph.op("Gather", graph.stored("kinds", _kinds()), "units", axis=0)
    kinds = {name: graph.op("Gather", found, graph.integers(at), axis=2) for at, name in enumerate(KINDS)}

    def near(kind: str, by: int) -> str:
        """Return a kind `by` characters on, or back where it is negative: 0 beyond the ends of the text."""
        padded = graph.op("Pad", kind, graph.integers([0, max(-by, 0), 0, max(by, 0)]))
        last = sys.maxsize if by > 0 else by
        return graph.op("Slice", padded, graph.integers([max(by, 0)]), graph.integers([last]), graph.integers([1]))

    def both(*parts: str) -> str:
        return graph.op("Min", *parts)

    def either(*parts: str) -> str:
        return graph.op("Max", *parts)

    def no(part: str) -> str:
        return graph.op("Sub", graph.number(1), part)

    closing, wide = kinds["closing"], kinds["wide"]
    word = both(*(near(kinds["letter"], back) for back in (-1, -2, -3)))
    stop = both(kinds["stop"], either(word, near(closing, -1), near(kinds["stop"], -1)))
    mark = either(kinds["loud"], stop)
    closed = either(mark, both(closing, near(mark, -1)), both(closing, near(closing, -1), near(mark, -2)))
    end = either(
        both(closed, near(kinds["blank"], 1), no(near(kinds["small"], 2))),
        both(wide, no(either(near(wide, 1), near(closing, 1)))),
        both(closing, near(wide, -1)),
    )
    never = graph.op("Mul", end, graph.number(0))
    scores = [graph.op("Unsqueeze", score, graph.integers([2])) for score in (no(end), never, end)]
    graph.op("Concat", *scores, named="scores", axis=2)
    made = graph.finished(
        "splitter",
        {"units": (TensorProto.INT64, ["B", "N"]), "features": (TensorProto.FLOAT, ["B", "N", "F"])},
        {"scores": (TensorProto.FLOAT, ["B", "N", 3])},
    )
    ids = _ids()
    vocabulary = {"lang": code, "idx": 0, "cutoff": 0, "lower": False, "_unit2id": ids, "_id2unit": list(ids)}
    for key, value in (
        ("lang_code", code),
        ("config", json.dumps({"feat_funcs": []})),
        ("vocab", json.dumps(vocabulary)),
    ):
        made.metadata_props.add(key=key, value=value)
    return made


def _ids() -> dict[str, int]:
    """Return the id of every character that is not just a letter."""
    small = (chr(point) for point in range(sys.maxunicode) if unicodedata.category(chr(point)) == "Ll")
    marks = {mark: id for id, kind in enumerate(MARKS.values(), start=LETTER + 1) for mark in kind}
    return {"<PAD>": PADDING, "<UNK>": LETTER, **marks, **dict.fromkeys(small, SMALL)}


def _kinds() -> NDArray[np.float32]:
    """Return [ids, kinds], 1 where the characters of an id are of a kind."""
    table = np.zeros((SMALL + 1, len(KINDS)), np.float32)
    for index, name in enumerate(MARKS, start=LETTER + 1):
        if name in KINDS:
            table[index, KINDS.index(name)] = 1
    table[[LETTER, SMALL], KINDS.index("letter")] = 1
    table[SMALL, KINDS.index("small")] = 1
    return table
