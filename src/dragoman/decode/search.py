"""The one entrance of searching: options say which search, every model of the protocol can be searched."""

from collections.abc import Sequence

import torch

from dragoman.decode.beam import beam_search
from dragoman.decode.greedy import greedy
from dragoman.decode.sample import sample
from dragoman.decode.task import make_task
from dragoman.grammar import Grammar
from dragoman.model.protocol import Seq2Seq
from dragoman.options import DecodeOptions, Hypothesis, Watch


@torch.inference_mode()
def search(
    model: Seq2Seq,
    sources: Sequence[Sequence[int]],
    options: DecodeOptions,
    longest: int,
    grammar: Grammar | None = None,
    prefixes: Sequence[Sequence[int]] | None = None,
    sentences: Sequence[int] | None = None,
    device: torch.device | str = "cpu",
    watch: Watch | None = None,
) -> list[tuple[Hypothesis, ...]]:
    """Return the hypotheses of every source, in order: up to `n_best` of them, best first.

    `sources` are ids as the model reads them, with `</s>`. `longest` is the most pieces that the model's
    positions allow, `max_positions - 1` (alignment feeds `<s>` and every piece); a sentence gets
    `options.max_length` of them, or 2 x its source pieces (with `</s>`) + 20. `grammar` says what
    may be produced, `options.one_line` being part of it (see `constraint.newlines`). `prefixes` are
    pieces that a hypothesis starts with, without `<s>`; they count in length and probability. `sentences`
    are the numbers that key the samples (0, 1, ... where none are given). All of this is a sentence's
    own: its batch mates change nothing. `watch` is told what each step looked at.

    A hypothesis that reaches its length limit is given with `finished=False`, after all finished ones.
    Raises RequestError.
    """
    if not sources:
        return []
    task = make_task(sources, options, longest, grammar, prefixes, sentences, device, watch)
    if options.sampling:
        return sample(model, task)
    return beam_search(model, task) if options.width > 1 else greedy(model, task)
