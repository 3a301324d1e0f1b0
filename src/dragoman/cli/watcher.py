"""What a training run asks of the rest of the program: validation by real translations, and keeping the best."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from dragoman import bundle
from dragoman.adapter import Adapter
from dragoman.bundle import Bundle
from dragoman.cli.display import Display
from dragoman.cli.trained import provenance_of
from dragoman.cli.training_data import Held, ended
from dragoman.data.batching import Shape
from dragoman.decode.forced import score
from dragoman.decode.search import search
from dragoman.evaluate.quality import chrf
from dragoman.grammar import newlines, utf8
from dragoman.model.initialization import to_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, DecodeOptions
from dragoman.train.checkpoint import write_file
from dragoman.train.freezing import low_rank_of
from dragoman.train.loop import Event
from dragoman.train.progress import Progress, Validation

LOSS_PAIRS = 500
TRANSLATED = 200
SHOWN = 3
ROWS = 100
ADAPTER = "adapter.safetensors"


class TrainingWatcher:
    """Validates on given pairs, keeps the best model as the bundle in `folder`, and shows events."""

    def __init__(
        self,
        first: Bundle,
        folder: str,
        pairs: Sequence[Held],
        display: Display,
        interrupted: Callable[[], bool],
    ) -> None:
        """Take the untrained bundle, whose weights each kept model replaces, and the validation pairs."""
        self._first, self._folder, self._display = first, folder, display
        self.interrupted = interrupted
        source, target = first.source_tokenizer, first.target_tokenizer
        longest = first.model.max_positions - 1
        encoded = [
            (pair, ended(ids, pair[2]), [*other, EOS])
            for pair, ids, other in zip(
                pairs,
                source.encode_ids([pair[0] for pair in pairs]),
                target.encode_ids([pair[1] for pair in pairs]),
                strict=True,
            )
            if 0 < len(ids) < longest and len(other) < longest
        ]
        self._encoded = encoded[:: max(1, len(encoded) // LOSS_PAIRS)][:LOSS_PAIRS]
        self._translated = encoded[:: max(1, len(encoded) // TRANSLATED)][:TRANSLATED]
        spelling = first.target_spelling
        self._grammar = utf8(spelling, newlines(spelling))

    @property
    def widest(self) -> Shape:
        """Return how large the largest batch of a validation can be."""
        sources, targets = ([len(row[at]) for row in self._encoded] for at in (1, 2))
        rows, source, target = min(ROWS, len(sources)), max(sources, default=0), max(targets, default=0)
        return Shape(rows, source, target, rows * source, rows * target)

    def validate(self, model: Transformer) -> Validation:
        """Return the loss a piece, and chrF of greedy translations."""
        device = next(model.parameters()).device
        ordered = sorted(self._encoded, key=lambda row: len(row[1]) + len(row[2]))
        total, count = 0.0, 0
        for begin in range(0, len(ordered), ROWS):
            rows = ordered[begin : begin + ROWS]
            for found in score(model, [row[1] for row in rows], [row[2] for row in rows], device):
                total, count = total - sum(found), count + len(found)
        outputs, ended = self._translate(model, device)
        references = [pair[1] for pair, _, _ in self._translated]
        samples = tuple(
            (pair[0], pair[1], output)
            for (pair, _, _), output in list(zip(self._translated, outputs, strict=True))[:SHOWN]
        )
        return Validation(loss=total / max(1, count), chrf=chrf(outputs, references), samples=samples, ended=ended)

    def keep(self, model: Transformer, validation: Validation, progress: Progress) -> None:
        """Make the model the bundle; where it is another one with matrices of low rank, keep these beside it."""
        found = provenance_of(self._first.provenance, validation, progress)
        # float32 alone, whatever was stored here before: no int8 weights of another model beside it
        kept = replace(self._first, weights=to_numpy(model), provenance=found, int8=None, master="float32")
        if matrices := low_rank_of(model):
            adapter = Adapter(found["from"]["sha256"], matrices, found)
            write_file(Path(self._folder) / "training" / ADAPTER, adapter.encode())
        bundle.save(kept, self._folder)

    def watch(self, event: Event) -> None:
        """Show an event."""
        self._display.watch(event)

    def _translate(self, model: Transformer, device: torch.device) -> tuple[list[str], float]:
        """Translate greedily, at most half as long again as the reference, so that a raw model is not slow.

        Returns the translations, and the share of them that came to their end.
        """
        outputs, ended = {}, 0
        order = sorted(range(len(self._translated)), key=lambda i: len(self._translated[i][1]))
        for begin in range(0, len(order), ROWS):
            batch = order[begin : begin + ROWS]
            longest = max(len(self._translated[i][2]) for i in batch)
            options = DecodeOptions(beam=1, max_length=longest + longest // 2 + 5)
            sources = [self._translated[i][1] for i in batch]
            found = search(model, sources, options, self._first.model.max_positions - 1, self._grammar, device=device)
            for i, hypotheses in zip(batch, found, strict=True):
                outputs[i] = self._first.target_tokenizer.decode(hypotheses[0].ids)
                ended += hypotheses[0].finished
        return [outputs[i] for i in range(len(order))], ended / max(1, len(order))
