"""The output of each step and the search over it, as a trace has them: softmax, ways, hypotheses."""

# Shapes.  T target pieces, V target vocabulary.

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.explain.trace_numbers import Table
from dragoman.explain.trace_pieces import Vocabulary
from dragoman.grammar import WHOLE, Grammar
from dragoman.options import EOS, DecodeOptions, Hypothesis, Way


def steps_table(
    vocabulary: Vocabulary,
    target: Sequence[int],
    logits_TV: NDArray[np.float32],
    grammar: Grammar,
    min_length: int,
    *,
    top: int,
    whole: bool,
) -> list[Table]:
    """Return the output of each step: its chosen piece, the `top` likeliest, and with `whole` all logits."""
    steps, state = [], WHOLE
    for step, (row_V, piece) in enumerate(zip(logits_TV, target, strict=True)):
        logits_V = row_V.astype(np.float64)
        norm = log_sum_exp(logits_V)
        allowed_V = grammar.allowed_QV[state].copy()
        allowed_V[EOS] &= step + 1 >= min_length
        choices = [
            {
                "id": index,
                "piece": vocabulary.name(index),
                "logit": float(logits_V[index]),
                "log_probability": float(logits_V[index]) - norm,
                "probability": min(1.0, math.exp(float(logits_V[index]) - norm)),
                "allowed": bool(allowed_V[index]),
            }
            for index in [piece, *np.argsort(-logits_V, kind="stable")[:top].tolist()]
        ]
        logits = row_V if whole else None
        steps.append({"chosen": choices[0], "log_sum_exp": norm, "top": choices[1:], "logits": logits})
        state = int(grammar.next_QV[state, piece])
    return steps


def log_sum_exp(logits_V: NDArray[Any]) -> float:
    """Return log Σ e^logit, the logits taken relative to the largest so that none overflows."""
    peak = float(logits_V.max())
    return peak + math.log(float(np.exp(logits_V - peak).sum()))


def forced(target: Sequence[int], steps: Sequence[Table], decode: DecodeOptions) -> Hypothesis:
    """Return a given translation as a hypothesis."""
    chosen = tuple(min(0.0, step["chosen"]["log_probability"]) for step in steps)
    return Hypothesis(tuple(target), chosen, decode.score(math.fsum(chosen), len(target)))


def kind_of(decode: DecodeOptions) -> str:
    """Return which search options ask for."""
    return "sample" if decode.sampling else "greedy" if decode.width == 1 else "beam"


def options_table(decode: DecodeOptions) -> Table:
    """Return the options of a search that decide what it finds."""
    return {
        "beam": decode.width,
        "n_best": decode.n_best,
        "penalty": decode.penalty,
        "alpha": decode.alpha,
        "temperature": decode.temperature,
        "top_k": decode.top_k,
        "top_p": decode.top_p,
        "seed": decode.seed,
        "min_length": decode.min_length,
    }


def ways_table(vocabulary: Vocabulary, watched: Sequence[Sequence[Way]], decode: DecodeOptions) -> list[Table]:
    """Return what each step of a search looked at."""
    return [
        {
            "divisor": decode.divisor(step + 1),
            "ways": [
                {
                    "row": way.row,
                    "id": way.piece,
                    "piece": vocabulary.name(way.piece),
                    "log_probability": way.log_probability,
                    "total": way.total,
                    "fate": way.fate,
                }
                for way in ways
            ],
        }
        for step, ways in enumerate(watched)
    ]


def hypothesis_table(vocabulary: Vocabulary, found: Hypothesis, decode: DecodeOptions) -> Table:
    """Return what a search found, with its length penalty."""
    return {
        "ids": list(found.ids),
        "pieces": [vocabulary.name(index) for index in found.ids],
        "text": vocabulary.tokenizer.decode(found.ids),
        "log_probabilities": list(found.token_log_probabilities),
        "log_probability": found.log_probability,
        "divisor": decode.divisor(max(1, len(found.ids))),
        "score": found.score,
        "finished": found.finished,
    }
