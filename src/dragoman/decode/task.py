"""What one batch of a search is asked: the padded sources, how far each may go, what is forced.

Everything is checked here, before the model runs. Here too a row of ids becomes a `Hypothesis`, and
hypotheses are put in order, so that every search does both alike.
"""

# Shapes.  B sentences, S source.

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dragoman.decode.constraint import Guard
from dragoman.errors import RequestError
from dragoman.grammar import Grammar, free
from dragoman.options import EOS, PAD, DecodeOptions, Hypothesis, Watch


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Task:
    """One batch to search. Lengths count generated pieces, prefix and `</s>` included."""

    source_BS: Tensor
    real_BS: Tensor
    limits: tuple[int, ...]  # the most pieces of each sentence
    prefixes: tuple[tuple[int, ...], ...]
    sentences: tuple[int, ...]  # their numbers in the whole text, which key the samples
    options: DecodeOptions
    grammar: Grammar | None  # None: `free`, as wide as the logits
    watch: Watch | None

    @property
    def longest(self) -> int:
        """Return the most steps that any sentence may take."""
        return max(self.limits)

    def guard(self, vocab_size: int) -> Guard:
        """Return the guard of a search from its first step, one row a sentence."""
        grammar = free(vocab_size) if self.grammar is None else self.grammar
        return Guard(grammar, self.prefixes, self.options.min_length, self.source_BS.device)

    def hypothesis(self, ids: Sequence[int], log_probabilities: Sequence[float]) -> Hypothesis:
        """Make a result of ids without `<s>`; one that was cut inside a character ends before it."""
        finished = ids[-1] == EOS
        length = len(ids) if finished or self.grammar is None else self.grammar.whole(ids)
        kept = tuple(log_probabilities[:length])
        score = self.options.score(math.fsum(kept), max(1, length))
        return Hypothesis(ids=tuple(ids[:length]), token_log_probabilities=kept, score=score, finished=finished)


def make_task(
    sources: Sequence[Sequence[int]],
    options: DecodeOptions,
    longest: int,
    grammar: Grammar | None,
    prefixes: Sequence[Sequence[int]] | None,
    sentences: Sequence[int] | None,
    device: torch.device | str,
    watch: Watch | None,
) -> Task:
    """Check and pad a batch; raises RequestError. The arguments are `search`'s."""
    forced = [()] * len(sources) if prefixes is None else [tuple(prefix) for prefix in prefixes]
    numbers = range(len(sources)) if sentences is None else sentences
    assert len(forced) == len(numbers) == len(sources), "one prefix and one number a sentence"
    limits = options.limits(sources, longest, forced)
    source_BS, real_BS = pad(sources, device)
    return Task(
        source_BS=source_BS,
        real_BS=real_BS,
        limits=limits,
        prefixes=tuple(forced),
        sentences=tuple(numbers),
        options=options,
        grammar=grammar,
        watch=watch,
    )


def pad(rows: Sequence[Sequence[int]], device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Return ids [B, S] filled up with `<pad>`, and real [B, S], True where a piece stands."""
    for row in rows:
        if not row:
            raise RequestError("a sentence of no pieces was given; it holds </s> at least")
    longest = max(len(row) for row in rows)
    filled = [[*row, *[PAD] * (longest - len(row))] for row in rows]
    ids_BS = torch.tensor(filled, dtype=torch.long, device=device)
    lengths_B = torch.tensor([len(row) for row in rows], device=device)
    return ids_BS, torch.arange(longest, device=device) < lengths_B[:, None]


def ranked(hypotheses: Iterable[Hypothesis]) -> list[Hypothesis]:
    """Put the finished first, then the best score, then the lowest ids."""
    return sorted(hypotheses, key=lambda found: (not found.finished, -found.score, found.ids))
