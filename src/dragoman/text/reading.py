"""How a text is read by a model: as a whole, or in segments; each with its ids.

A text is read as a whole as long as it is one sentence that the model can take, or, with `split="auto"`, no longer
than what the model is used to. Everything else is read sentence by sentence, and a sentence that is too long for
the model's positions in parts. Nothing is ever cut off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from dragoman.errors import RequestError
from dragoman.options import EOS, Split
from dragoman.text.segment import Segment, cut, split
from dragoman.text.tokenizer import Tokenizer, refuse_surrogate

Where = Callable[[int], str]  # names the text with an index, such as "in.txt:12", in errors


@dataclass(frozen=True, slots=True)
class Reading:
    """The segments of a text, which join to it, and the ids of those that are no blanks, with their end."""

    segments: tuple[Segment, ...]
    ids: tuple[list[int], ...]

    @property
    def whole(self) -> bool:
        """Whether the text is read in one."""
        return len(self.segments) == 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Reader:
    """Reads texts for one model. `room` is the most pieces that it can take, `usual` what it is used to.

    `end` is the id behind the pieces: `</s>`, or the tag of the language to translate into; None: nothing.
    """

    tokenizer: Tokenizer
    room: int
    usual: int | None
    language: str | None
    end: int | None = EOS

    def read(self, texts: Sequence[str], split: Split, where: Where) -> list[Reading]:
        """Return the reading of every text; raises DataError, and RequestError where a text cannot be read."""
        for number, text in enumerate(texts, start=1):
            refuse_surrogate(text, number)
        if split == "never":
            return [_one(text, ids) for text, ids in zip(texts, self.ids(texts, where), strict=True)]
        # A piece has so many characters at the most, so beyond them no text fits, and none is encoded in vain.
        most = self.room * self._reach
        pieces = iter(self.tokenizer.encode_ids([text for text in texts if len(text) <= most]))
        return [
            self._reading(text, next(pieces) if len(text) <= most else None, split, where(index))
            for index, text in enumerate(texts)
        ]

    def ids(self, texts: Sequence[str], where: Where) -> list[list[int]]:
        """Return the ids of each text with their end; raises RequestError for one that does not fit."""
        rows = self.tokenizer.encode_ids(texts)
        for index, row in enumerate(rows):
            self.check(len(row), where(index))
        return [self._ended(row) for row in rows]

    def check(self, pieces: int, name: str) -> None:
        """Refuse a text that has more pieces than the model can take; raises RequestError."""
        if pieces > self.room:
            raise RequestError(
                f"{name} has {pieces:,} pieces, this model takes at most {self.room:,}; "
                "split it into sentences, one a line"
            )

    @cached_property
    def _reach(self) -> int:
        """Return the most characters of a piece."""
        return max(len(self.tokenizer.piece(index)) for index in range(self.tokenizer.vocab_size))

    def _reading(self, text: str, ids: list[int] | None, mode: Split, name: str) -> Reading:
        fits = ids is not None and len(ids) <= self.room
        usual = self.room if self.usual is None else min(self.usual, self.room)
        if ids is not None and fits and mode == "auto" and len(ids) <= usual:
            return _one(text, self._ended(ids))
        segments = split(text, self.language)
        if ids is not None and fits and sum(segment.kind == "text" for segment in segments) < 2:
            return _one(text, self._ended(ids))
        return self._in_segments(text, segments, usual, name)

    def _in_segments(self, text: str, segments: Sequence[Segment], usual: int, name: str) -> Reading:
        """Read the sentences one by one, and those that do not fit in parts of the usual length."""
        parts: list[Segment] = []
        for segment in segments:
            if segment.kind == "blank" or self._fits(text[segment.start : segment.end]):
                parts.append(segment)
                continue
            for part in cut(text[segment.start : segment.end], self.tokenizer.encode, usual):
                begin, end = segment.start + part.start, segment.start + part.end
                parts.append(Segment(begin, end, part.kind, part.ends_at))
        spoken = [text[part.start : part.end] for part in parts if part.kind == "text"]
        rows = self.tokenizer.encode_ids(spoken)
        for row in rows:
            if len(row) > self.room:
                raise RequestError(
                    f"{name} holds a character of {len(row)} pieces, this model takes at most {self.room}; "
                    "use a model with more positions"
                )
        return Reading(tuple(parts), tuple(self._ended(row) for row in rows))

    def _ended(self, ids: list[int]) -> list[int]:
        return ids if self.end is None else [*ids, self.end]

    def _fits(self, sentence: str) -> bool:
        if len(sentence) > self.room * self._reach:
            return False
        (ids,) = self.tokenizer.encode_ids([sentence])
        return len(ids) <= self.room


def _one(text: str, ids: list[int]) -> Reading:
    """Return a text as one segment; a blank one has no ids, for no model is asked."""
    if not text.strip():
        return Reading((Segment(0, len(text), "blank"),), ())
    return Reading((Segment(0, len(text), "text"),), (ids,))
