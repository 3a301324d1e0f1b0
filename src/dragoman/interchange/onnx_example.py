"""Translates with the graphs of this folder; NumPy, onnxruntime and tokenizers are all it needs.

    echo "Wie geht es dir?" | python example.py

The search is dragoman's: the same ties, length penalty and grammar (one line of valid UTF-8). A text is read whole.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
SETTINGS = json.loads((HERE / "settings.json").read_text(encoding="utf-8"))
BOS, EOS = SETTINGS["bos"], SETTINGS["eos"]
FOLLOWS = np.fromfile(HERE / "grammar.bin", np.uint8).reshape(8, -1)  # [state, piece]: next state; 255: may not come
SOURCE, *OTHER = (Tokenizer.from_file(str(HERE / name)) for name in SETTINGS["tokenizers"])
(TARGET,) = OTHER or [SOURCE]
ENCODER, DECODER = (onnxruntime.InferenceSession(str(HERE / f"{name}.onnx")) for name in ("encoder", "decoder_step"))


def start(text, to=None):
    """Return the most pieces that a translation may have, and what the decoder knows before the first."""
    (end,) = SETTINGS["ends"].values() if to is None else [SETTINGS["ends"][to]]
    ids = SOURCE.encode(text, add_special_tokens=False).ids
    source = np.array([ids if end is None else [*ids, end]])
    real = np.ones(source.shape, bool)  # False on padding, where several sentences stand below each other
    keys, values = ENCODER.run(None, {"source": source, "real": real})
    nothing = np.zeros_like(keys[:, :, :, :0])
    state = {"real": real, "cross_keys": keys, "cross_values": values, "keys": nothing, "values": nothing}
    usual = max(2 * source.size + 20, SETTINGS["min_length"])
    return min(SETTINGS["max_length"] or usual, SETTINGS["max_positions"] - 2), state


def step(state, pieces, length):
    """Take the last piece of every row; return the log-probabilities [rows, pieces] of the next, and move on."""
    logits, state["keys"], state["values"] = DECODER.run(None, {**state, "target": np.array(pieces)[:, None]})
    logits = logits[:, -1] - logits[:, -1].max(-1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    if length < SETTINGS["min_length"]:
        logp[:, EOS] = -np.inf
    return logp


def divisor(length):
    """Return what a log-probability is divided by, so that long translations can win."""
    paper = ((5 + length) / 6) ** SETTINGS["alpha"]
    return {"paper": paper, "average": length, "none": 1}[SETTINGS["penalty"]]


def ranked(way):
    """Return [(piece, log-probability), ...] as it is sorted, the best first, without a character cut in two."""
    place = whole = 0
    for count, (piece, _) in enumerate(way, 1):
        place = FOLLOWS[place, piece]
        whole = count if place == 0 else whole
    score = math.fsum(logp for _, logp in way[:whole]) / divisor(max(1, whole))
    return way[-1][0] != EOS, -score, [piece for piece, _ in way[:whole]]


def search(text, to=None, width=SETTINGS["beam"]):
    """Keep the best ways of going on, until none can beat the best that has ended; a single one until it ends."""
    (limit, state), ways, pool = start(text, to), [[]], []
    totals, places = np.zeros(1), np.zeros(1, int)
    for length in range(1, limit + 1):
        logp = step(state, [way[-1][0] if way else BOS for way in ways], length)
        scores = np.where(FOLLOWS[places] < 255, totals[:, None] + logp, -np.inf).ravel()
        among = np.flatnonzero(scores > -np.inf)
        if among.size > 2 * width:  # sort only what can be among the best
            among = among[scores[among] >= np.partition(scores, -2 * width)[-2 * width]]
        best = among[np.argsort(-scores[among], kind="stable")][: 2 * width]  # of equals the lowest row and piece
        rows, pieces = np.divmod(best, logp.shape[1])
        grown = [[*ways[row], (int(piece), float(logp[row, piece]))] for row, piece in zip(rows, pieces, strict=True)]
        pool += [ranked(way) for way in grown[:width] if way[-1][0] == EOS]
        on = np.flatnonzero(pieces != EOS)[:width]
        ways, totals, rows = [grown[at] for at in on], scores[best[on]], rows[on]
        if length == limit:
            pool += [ranked(way) for way in ways]
        if not ways or (pool and (width == 1 or -min(pool)[1] > totals[0] / divisor(limit))):
            break
        places = FOLLOWS[places[rows], pieces[on]]
        state["keys"], state["values"] = state["keys"][:, rows], state["values"][:, rows]
    return min(pool)[2]


def translate(text, to=None):
    """Return the translation that dragoman gives."""
    if not text.strip():
        return text
    return TARGET.decode([piece for piece in search(text, to) if piece != EOS], skip_special_tokens=False)


if __name__ == "__main__":
    for line in sys.stdin:
        print(translate(line.rstrip("\n"), *sys.argv[1:2]))
