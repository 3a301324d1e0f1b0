"""The pieces of a text as a trace has them: their names, where they stand, and how the tokenizer found them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dragoman.bundle import Bundle
from dragoman.directions import tags
from dragoman.options import EOS
from dragoman.text.family import MERGING, SAMPLING
from dragoman.text.history import Candidates
from dragoman.text.spelling import spelled_offsets, spelled_text
from dragoman.text.tokenizer import Tokenizer

Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The pieces of one side of a model, the tags of languages among them."""

    tokenizer: Tokenizer
    tags: tuple[str, ...]

    @classmethod
    def of(cls, bundle: Bundle) -> tuple["Vocabulary", "Vocabulary"]:
        """Return those of source and target."""
        languages = tags(bundle.translates)
        return cls(bundle.source_tokenizer, languages), cls(bundle.target_tokenizer, languages)

    def name(self, index: int) -> str:
        """Return how a piece is written, a tag as `<to de>`."""
        size = self.tokenizer.vocab_size
        return self.tokenizer.piece(index) if index < size else f"<to {self.tags[index - size]}>"

    def side(self, text: str, ids: Sequence[int], *, cut: bool) -> dict[str, Any]:
        """Return a text with its pieces, whose last may be an end; `cut` says that the tokenizer cut the text."""
        own = [index for index in ids if index != EOS and index < self.tokenizer.vocab_size]
        spans: list[Span | None] = [None] * len(ids)
        if (found := self._spans(text, own)) is not None:
            spans[: len(own)] = found
        return {
            "tokenizer": self.tokenizer.kind,
            "pieces": [
                {
                    "id": index,
                    "piece": self.name(index),
                    "text": text[slice(*span)] if span else "",
                    "start": span[0] if span else None,
                    "end": span[1] if span else None,
                }
                for index, span in zip(ids, spans, strict=True)
            ],
            "history": self._history(text) if cut else None,
        }

    def _spans(self, text: str, ids: Sequence[int]) -> Sequence[Span] | None:
        """Return where the pieces stand; None where a tokenizer that loses something would cut the text otherwise."""
        if self.tokenizer.lossless:  # other cuts than its own are possible, and a text that no blank was put before
            spelled = self.tokenizer.spelling
            return spelled_offsets(spelled, ids, len(spelled_text(spelled, ids)) - len(text))
        encoding = self.tokenizer.encode(text)
        return encoding.offsets if list(encoding.ids) == list(ids) else None

    def _history(self, text: str) -> dict[str, Any] | None:
        if self.tokenizer.kind not in (*MERGING, *SAMPLING):
            return None
        history = self.tokenizer.history(text)
        if isinstance(history, Candidates):
            return {"kind": "candidates", **_plain(asdict(history))}
        return {"kind": "merges", "steps": [_plain(asdict(merge)) for merge in history]}


def _plain(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table whose tuples are lists, as JSON has them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in table.items()}
