"""What levers that keep a greedy translation exact would give on a trained model, before either is built.

    python benchmarks/exact_levers.py MODEL --text FILE [--sentences 500]

Certified pruning of the output (after SVD-softmax, Shim et al. 2017): logits from the first k of D rotated dimensions,
the rest bounded by Cauchy-Schwarz; only the pieces whose bound reaches the best certain one are finished. Printed for
some k: pieces that are left, and the multiplications as a share of all.

A certified shortlist, where the model has one (an imported student): the best piece of the list is the best of all
when no other can reach it, which groups of pieces say: h . w <= h . c + |h| r for each w of a group with the centre c
and the radius r. Printed: the share of steps that this settles, and what part of the matrix is in question elsewhere.

Drafting (Leviathan et al. 2023, with drafts that cost nothing): after the last two pieces come those that followed them
in what was translated before, or in the source where both sides share their pieces; the model reads the draft in one
step and keeps what it would have said. Printed: pieces a step, and what steps of so many rows cost here beside steps of
one. Needs nothing but dragoman.
"""

import argparse
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dragoman import bundle
from dragoman.bundle import Bundle
from dragoman.data.corpus import read_lines
from dragoman.engine.model import Engine
from dragoman.options import BOS, EOS, DecodeOptions
from dragoman.reference.layers import layer_norm

Ids = list[list[int]]
DRAFT = 4  # pieces of a draft


def hidden_states(known: Bundle, engine: Engine, sources: Ids, targets: Ids) -> NDArray[np.float32]:
    """Return what the output matrix reads [steps, D] while it writes the targets."""
    weights = known.weights
    rows = []
    for source, target in zip(sources, targets, strict=True):
        last = engine.layers(source, [BOS, *target[:-1]])[1][-1]
        if known.model.norm == "pre":
            norm = weights["decoder.norm.weight"], weights["decoder.norm.bias"]
            last = layer_norm(last, *norm, known.model.norm_epsilon).astype(np.float32)
        rows.append(last)
    return np.concatenate(rows)


def pruning(hidden: NDArray[np.float32], weights: Mapping[str, NDArray[np.float32]], table: str) -> None:
    """Print how many pieces are left for some numbers of dimensions."""
    matrix, bias = weights[f"{table}.weight"].astype(np.float64), weights["output.bias"].astype(np.float64)
    pieces, width = matrix.shape
    _, _, turn = np.linalg.svd(matrix, full_matrices=False)
    states, centred = np.linalg.svd(hidden - hidden.mean(0), full_matrices=False)[2], hidden.astype(np.float64)
    for name, basis in (("of the matrix", turn), ("of the hidden states", states.astype(np.float64))):
        rotated, seen = matrix @ basis.T, centred @ basis.T
        for kept in (width // 8, width // 4, width // 2):
            part = seen[:, :kept] @ rotated[:, :kept].T + bias
            slack = np.linalg.norm(seen[:, kept:], axis=1)[:, None] * np.linalg.norm(rotated[:, kept:], axis=1)
            left = (part + slack >= (part - slack).max(1, keepdims=True)).sum(1)
            work = kept / width + left.mean() / pieces * (1 - kept / width)
            print(
                f"pruning, axes {name}: {kept} of {width} dimensions leave {np.median(left):,.0f} pieces (median; "
                f"{left.mean():,.0f} on average) of {pieces:,}; {100 * work:.0f} % of the multiplications"
            )


def certified(
    known: Bundle, hidden: NDArray[np.float32], sources: Ids, targets: Ids, table: str, groups: tuple[int, ...]
) -> None:
    """Print how many steps the bounds of groups of pieces settle; a group holds neighbours (Lloyd's algorithm)."""
    assert known.shortlist is not None
    matrix, bias = (known.weights[name].astype(np.float32) for name in (f"{table}.weight", "output.bias"))
    rows = np.concatenate([matrix, bias[:, None]], axis=1)  # a bias is one more dimension, in which every h is 1
    states = np.concatenate([hidden, np.ones((len(hidden), 1), np.float32)], axis=1)
    lists = [known.shortlist.of(source) for source in sources]
    listed = [pieces for pieces, target in zip(lists, targets, strict=True) for _ in target]
    best = np.array([(rows[pieces] @ state).max() for pieces, state in zip(listed, states, strict=True)])
    share = np.mean([len(pieces) for pieces in listed]) / len(rows)
    truly = np.mean([one >= (rows @ state).max() for one, state in zip(best, states, strict=True)])
    print(f"shortlist: {100 * share:.1f} % of the pieces; at {100 * truly:.1f} % of the steps it holds the best")
    for count in groups:
        centres = rows[np.random.default_rng(1).choice(len(rows), count, replace=False)]
        for _ in range(10):
            near = (rows @ centres.T - (centres**2).sum(1) / 2).argmax(1)
            sums = np.zeros_like(centres)
            np.add.at(sums, near, rows)
            centres = sums / np.maximum(1, np.bincount(near, minlength=count))[:, None]
        radius = np.zeros(count, np.float32)
        np.maximum.at(radius, near, np.linalg.norm(rows - centres[near], axis=1))
        bounds = states @ centres.T + np.linalg.norm(states, axis=1)[:, None] * radius
        settled, opened = [], []
        sizes = np.bincount(near, minlength=count)
        for bound, one in zip(bounds, best, strict=True):
            settled.append(bool((bound <= one).all()))
            opened.append(sizes[bound > one].sum() / len(rows))
        print(
            f"certified by {count:,} groups: {100 * np.mean(settled):.1f} % of the steps settled, at the others "
            f"{100 * np.mean(opened):.0f} % of the matrix in question; the groups cost {100 * count / len(rows):.0f} %"
        )


def drafting(sources: Ids, targets: Ids, joint: bool) -> float:
    """Print and return how many pieces a step would give."""
    follows: dict[tuple[int, int], tuple[int, ...]] = {}
    steps = pieces = 0
    for source, target in zip(sources, targets, strict=True):
        own = dict(_pairs(source)) if joint else {}
        at = 0
        while at < len(target):
            before = (target[at - 2] if at > 1 else BOS, target[at - 1] if at else BOS)
            draft = follows.get(before) or own.get(before) or ()
            accepted = 0
            while accepted < len(draft) and at + accepted < len(target) and draft[accepted] == target[at + accepted]:
                accepted += 1
            at += accepted + 1
            steps += 1
        pieces += len(target)
        follows.update(_pairs([BOS, BOS, *target]))
    print(f"drafting: {pieces / steps:.2f} pieces a step, drafts of up to {DRAFT} from what came before")
    return pieces / steps


def _pairs(ids: Sequence[int]) -> list[tuple[tuple[int, int], tuple[int, ...]]]:
    return [((ids[at], ids[at + 1]), tuple(ids[at + 2 : at + 2 + DRAFT])) for at in range(len(ids) - 2)]


def cost_of_rows(engine: Engine, source: list[int]) -> float:
    """Return what a step of 1 + DRAFT rows costs, a step of one row being 1; by beams, whose rows are as many."""
    seconds = []
    for beam in (1, 1 + DRAFT):
        options = DecodeOptions(beam=beam, min_length=40, max_length=40)
        runs = []
        for _ in range(15):
            began = time.perf_counter()
            engine.search([source], options, 60)
            runs.append(time.perf_counter() - began)
        seconds.append(statistics.median(runs))
    return seconds[1] / seconds[0]


def main() -> None:
    """Translate greedily, then ask what each lever would have saved."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--sentences", type=int, default=500)
    given = parser.parse_args()
    known = bundle.load(given.model)
    engine = Engine(known.model, known.int8 or known.weights, "int8")
    lines = list(read_lines(given.text))[: given.sentences]
    sources = [[*ids, EOS] for ids in known.source_tokenizer.encode_ids(lines)]
    found = engine.search(sources, DecodeOptions(beam=1), known.model.max_positions - 1)
    targets = [list(own[0].ids) for own in found]
    table = {"all": "embedding", "target": "target_embedding", "none": "output"}[known.model.tie]
    hidden = hidden_states(known, engine, sources, targets)
    if known.shortlist is not None:
        certified(known, hidden, sources, targets, table, (64, 512, 4096))
    pruning(hidden, known.weights, table)
    gained = drafting(sources, targets, known.source_tokenizer is known.target_tokenizer)
    cost = cost_of_rows(engine, sources[0])
    print(
        f"a step of {1 + DRAFT} rows costs {cost:.2f} steps of one: drafting would give {gained / cost:.2f} x at most"
    )


if __name__ == "__main__":
    main()
