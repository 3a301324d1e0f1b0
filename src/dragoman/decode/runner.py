"""`TorchRunner`: searches, scores and aligns with a torch model, in batches of similar length."""

# Shapes.  T target pieces, S source pieces.

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dragoman.decode.alignment import align
from dragoman.decode.forced import score
from dragoman.decode.search import search
from dragoman.errors import RequestError
from dragoman.grammar import Grammar
from dragoman.model.transformer import Transformer
from dragoman.options import DecodeOptions, Hypothesis, Step, Watch

BATCH_PIECES = 2048  # rows x longest source of a batch, all hypotheses counted

Ids = Sequence[Sequence[int]]


class TorchRunner:
    """A torch model behind the same methods as `engine.model.Engine`."""

    def __init__(self, model: Transformer) -> None:
        """Take the model on the device where it is."""
        self.model = model.eval()
        self.device = next(model.parameters()).device

    def search(
        self,
        sources: Ids,
        options: DecodeOptions,
        longest: int,
        grammar: Grammar | None = None,
        *,
        sentences: Sequence[int] | None = None,
        watch: Watch | None = None,
        pieces: Sequence[NDArray[np.int32]] | None = None,
    ) -> list[tuple[Hypothesis, ...]]:
        """Return the hypotheses of every source, in order, as `decode.search.search` does.

        Raises RequestError for `pieces`.
        """
        if pieces is not None:
            raise RequestError("shortlist: the engine has it, on the CPU; leave it out, or write device='cpu'")
        known = range(len(sources)) if sentences is None else sentences
        found: dict[int, tuple[Hypothesis, ...]] = {}
        for batch in _batches(sources, options.n_best if options.sampling else options.width):
            rows, numbers = [sources[i] for i in batch], [known[i] for i in batch]
            told = None if watch is None else _placed(watch, batch)
            answers = search(self.model, rows, options, longest, grammar, None, numbers, self.device, told)
            found |= dict(zip(batch, answers, strict=True))
        return [found[i] for i in range(len(sources))]

    def score(self, sources: Ids, targets: Ids) -> list[list[float]]:
        """Return the log-probability of every piece of every target, as `decode.forced.score` does."""
        found: dict[int, list[float]] = {}
        for batch in _batches(_joined(sources, targets)):
            rows = score(self.model, [sources[i] for i in batch], [targets[i] for i in batch], self.device)
            found |= dict(zip(batch, rows, strict=True))
        return [found[i] for i in range(len(sources))]

    def align(
        self, sources: Ids, targets: Ids, heads: Sequence[tuple[int, int]], step: Step = "receiving"
    ) -> list[NDArray[np.float32]]:
        """Return where each target piece looks [T, S], as `decode.alignment.align` does."""
        found: dict[int, NDArray[np.float32]] = {}
        for batch in _batches(_joined(sources, targets)):
            rows = align(self.model, [sources[i] for i in batch], [targets[i] for i in batch], heads, self.device, step)
            found |= dict(zip(batch, rows, strict=True))
        return [found[i] for i in range(len(sources))]


def _placed(watch: Watch, batch: Sequence[int]) -> Watch:
    return lambda sentence, step, ways: watch(batch[sentence], step, ways)


def _joined(sources: Ids, targets: Ids) -> Ids:
    return [[*source, *target] for source, target in zip(sources, targets, strict=True)]


def _batches(rows: Ids, hypotheses: int = 1) -> Iterator[list[int]]:
    """Cut the rows' indexes, longest rows first, into batches of similar length."""
    batch: list[int] = []
    for i in sorted(range(len(rows)), key=lambda i: (-len(rows[i]), i)):
        if batch and (len(batch) + 1) * hypotheses * len(rows[batch[0]]) > BATCH_PIECES:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
