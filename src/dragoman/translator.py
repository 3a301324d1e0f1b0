"""`Translator`: a model folder in, translations out.

It turns texts into ids and back, sorts sentences into batches of similar length, restores the order,
and refuses what the model cannot take before it starts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import overload

import torch

from dragoman import bundle
from dragoman.bundle import Bundle
from dragoman.config import build
from dragoman.decode.alignment import align
from dragoman.decode.constraint import newlines, utf8
from dragoman.decode.forced import score as forced_score
from dragoman.decode.search import search
from dragoman.errors import DataError, RequestError
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, Alignment, DecodeOptions, Hypothesis, Translation

WINDOW = 2048  # sentences sorted by length together
BATCH_PIECES = 2048  # rows x longest source of a batch, all hypotheses counted


Where = Callable[[int], str]  # names the text with an index, such as "in.txt:12", in errors


class Translator:
    """A loaded model; safe to use for any number of calls, its answers do not depend on what else is asked."""

    def __init__(self, bundle: Bundle, model: Transformer) -> None:
        """Join a bundle's tokenizers and settings with a torch model; `load` is the usual door."""
        self.bundle = bundle
        self.model = model.eval()
        self.device = next(model.parameters()).device
        self.defaults = build(DecodeOptions, bundle.decode, "decode")
        pieces = [bundle.target_tokenizer.piece(index) for index in range(bundle.model.target_vocabulary)]
        self._grammars = {True: utf8(len(pieces), newlines(pieces)), False: utf8(len(pieces))}

    @classmethod
    def load(cls, folder: str | Path, device: str | None = None) -> "Translator":
        """Load a model folder; raises CheckpointError. `device` is "cpu" or "cuda"; None: a GPU where there is one."""
        loaded = bundle.load(Path(folder))
        model = Transformer(loaded.model)
        from_numpy(model, loaded.weights)
        return cls(loaded, model.to(device or ("cuda" if torch.cuda.is_available() else "cpu")))

    @overload
    def translate(self, texts: str, options: DecodeOptions | None = None) -> Translation: ...  # type: ignore[overload-overlap]

    @overload
    def translate(self, texts: Sequence[str], options: DecodeOptions | None = None) -> list[Translation]: ...

    def translate(
        self, texts: str | Sequence[str], options: DecodeOptions | None = None
    ) -> Translation | list[Translation]:
        """Translate a text, or a list of texts into a list of the same order.

        Raises RequestError for a text longer than the model's positions (it is never cut), DataError
        for one that is not valid Unicode.
        """
        if isinstance(texts, str):
            return next(self.stream([texts], options))
        return list(self.stream(texts, options))

    def stream(
        self, texts: Sequence[str], options: DecodeOptions | None = None, where: Where | None = None
    ) -> Iterator[Translation]:
        """Check all texts, then yield translations in order while the later ones are still being made."""
        options = self.defaults if options is None else options
        sources = self.source_ids(texts, where)
        for begin in range(0, len(texts), WINDOW):
            window = range(begin, min(begin + WINDOW, len(texts)))
            results: dict[int, Translation] = {}
            for batch in self._batches([i for i in window if texts[i].strip()], sources, options):
                results |= self._translate_batch(batch, texts, sources, options)
            for i in window:
                yield results[i] if i in results else _blank(texts[i])

    def score(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        where_source: Where | None = None,
        where_target: Where | None = None,
    ) -> list[Hypothesis]:
        """Return how likely the model finds each target, piece by piece; `score` is the mean log-probability.

        Raises DataError for unequal counts, RequestError for a text longer than the model's positions.
        """
        if len(sources) != len(targets):
            raise DataError(f"{len(sources):,} sources and {len(targets):,} targets; give as many of both")
        given = self.source_ids(sources, where_source)
        wanted = [[*ids, EOS] for ids in self.bundle.target_tokenizer.encode_ids(targets)]
        self._check_lengths(wanted, where_target or _numbered("target"))
        results: dict[int, Hypothesis] = {}
        joined = [[*source, *target] for source, target in zip(given, wanted, strict=True)]
        for batch in self._batches(range(len(sources)), joined, DecodeOptions(beam=1)):
            rows = forced_score(self.model, [given[i] for i in batch], [wanted[i] for i in batch], device=self.device)
            for i, row in zip(batch, rows, strict=True):
                found = Hypothesis(ids=tuple(wanted[i]), token_log_probabilities=tuple(row), score=0.0)
                results[i] = self._spelled(replace(found, score=found.log_probability / len(row)))
        return [results[i] for i in range(len(sources))]

    def align(self, sources: Sequence[str], targets: Sequence[str]) -> list[Alignment]:
        """Return which source piece each target piece looks at; raises RequestError where the model has no heads."""
        given = self.source_ids(sources)
        wanted = [[*ids, EOS] for ids in self.bundle.target_tokenizer.encode_ids(targets)]
        self._check_lengths(wanted, _numbered("target"))
        joined = [[*source, *target] for source, target in zip(given, wanted, strict=True)]
        results: dict[int, Alignment] = {}
        for batch in self._batches(range(len(sources)), joined, DecodeOptions(beam=1)):
            rows = align(
                self.model,
                [given[i] for i in batch],
                [wanted[i] for i in batch],
                self.bundle.alignment_heads,
                self.device,
            )
            results |= {i: Alignment(row) for i, row in zip(batch, rows, strict=True)}
        return [results[i] for i in range(len(sources))]

    def source_ids(self, texts: Sequence[str], where: Where | None = None) -> list[list[int]]:
        """Return the ids that the model reads for each text, `</s>` at the end; raises RequestError for a long one."""
        ids = [[*ids, EOS] for ids in self.bundle.source_tokenizer.encode_ids(texts)]
        self._check_lengths(ids, where or _numbered("text"))
        return ids

    def _check_lengths(self, rows: Sequence[Sequence[int]], where: Where) -> None:
        longest = self.bundle.model.max_positions - 1  # `</s>` counted
        for index, row in enumerate(rows):
            if len(row) > longest:
                raise RequestError(
                    f"{where(index)} has {len(row) - 1:,} pieces, this model takes at most {longest - 1:,}; "
                    "split it into sentences, one a line"
                )

    def _batches(
        self, indexes: Sequence[int], rows: Sequence[Sequence[int]], options: DecodeOptions
    ) -> Iterator[list[int]]:
        """Cut the indexes, longest rows first, into batches of similar length."""
        hypotheses = options.n_best if options.sampling else options.width
        batch: list[int] = []
        for i in sorted(indexes, key=lambda i: (-len(rows[i]), i)):
            if batch and (len(batch) + 1) * hypotheses * len(rows[batch[0]]) > BATCH_PIECES:
                yield batch
                batch = []
            batch.append(i)
        if batch:
            yield batch

    def _translate_batch(
        self, batch: list[int], texts: Sequence[str], sources: list[list[int]], options: DecodeOptions
    ) -> dict[int, Translation]:
        found = search(
            self.model,
            [sources[i] for i in batch],
            options,
            self.bundle.model.max_positions - 2,  # alignment reads <s>, every piece and </s>
            self._grammars[options.one_line],
            sentences=batch,
            device=self.device,
        )
        pairs = [(i, hypothesis) for i, hypotheses in zip(batch, found, strict=True) for hypothesis in hypotheses]
        spelled = self._aligned(pairs, sources)
        results: dict[int, Translation] = {}
        for i in batch:
            own = tuple(hypothesis for j, hypothesis in spelled if j == i)
            warnings = () if own[0].finished else (f"stopped at {len(own[0].ids)} pieces without an end",)
            pieces = tuple(self.bundle.source_tokenizer.piece(piece) for piece in sources[i])
            results[i] = Translation(texts[i], own, pieces, warnings)
        return results

    def _aligned(self, pairs: list[tuple[int, Hypothesis]], sources: list[list[int]]) -> list[tuple[int, Hypothesis]]:
        """Spell each hypothesis out, and align it where the model has heads for that."""
        spelled = [(i, self._spelled(hypothesis)) for i, hypothesis in pairs]
        heads = self.bundle.alignment_heads
        if not heads:
            return spelled
        targets = [hypothesis.ids if hypothesis.finished else (*hypothesis.ids, EOS) for _, hypothesis in pairs]
        weights = align(self.model, [sources[i] for i, _ in pairs], targets, heads, device=self.device)
        return [
            (i, replace(hypothesis, alignment=Alignment(found)))
            for (i, hypothesis), found in zip(spelled, weights, strict=True)
        ]

    def _spelled(self, hypothesis: Hypothesis) -> Hypothesis:
        tokenizer = self.bundle.target_tokenizer
        pieces = tuple(tokenizer.piece(piece) for piece in hypothesis.ids)
        return replace(hypothesis, text=tokenizer.decode(hypothesis.ids), pieces=pieces)


def _numbered(what: str) -> Where:
    return lambda index: f"{what} {index + 1:,}"


def _blank(text: str) -> Translation:
    """Return the translation of a text without a letter: itself, no model asked."""
    return Translation(text, (Hypothesis(ids=(EOS,), token_log_probabilities=(0.0,), score=0.0, text=text),))
