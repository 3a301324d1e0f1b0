"""What a server answers with: translations, traces and files of one model. Nothing here knows of HTTP."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from dragoman.bundle import Bundle
from dragoman.explain.page import files, kinds, travels
from dragoman.explain.remote import translated
from dragoman.explain.trace import TraceOptions, Tracer
from dragoman.explain.trace_json import to_json
from dragoman.options import DecodeOptions
from dragoman.serve.languages import Languages
from dragoman.text.tokenizer import refuse_surrogate
from dragoman.translator import Translator

LINE = re.compile(r"(\r\n|\r|\n)")
CORE = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """A translation and the others that were found, each once, best first."""

    text: str
    others: tuple[str, ...]


class Service:
    """One model that answers; not for two threads at once."""

    def __init__(self, translator: Translator, load: Callable[[], Bundle]) -> None:
        """Take a translator; `load` reads the same model with its weights, once one of them is asked for."""
        self.translator = translator
        self.languages = Languages(tuple(translator.bundle.translates))
        self._load = load

    def translate(self, texts: Sequence[str], to: str, alternatives: int = 0) -> list[Found]:
        """Return the translation of each text, line by line, blanks at the ends of lines kept.

        A line without a letter or digit, such as one of emoji, stays as it is. Raises DataError and RequestError.
        """
        for number, text in enumerate(texts, start=1):
            refuse_surrogate(text, number)  # in a line that stays as it is, too
        lines = [LINE.split(text) for text in texts]
        parts = [[CORE.fullmatch(line) for line in own] for own in lines]
        asked = [part[2] for own in parts for part in own if part and _speaks(part[2])]
        known = bool(self.translator.bundle.translates)
        answers = iter(self.translator.translate(asked, self._options(alternatives + 1), to if known else None))
        found = []
        for own in parts:
            ways: list[list[str]] = [[""]] * (alternatives + 1)
            for part in own:
                assert part is not None
                hypotheses = [one.text for one in next(answers).hypotheses] if _speaks(part[2]) else [part[2]]
                ways = [
                    [*way, part[1], hypotheses[min(rank, len(hypotheses) - 1)], part[3]]
                    for rank, way in enumerate(ways)
                ]
            best, *others = dict.fromkeys("".join(way) for way in ways)
            found.append(Found(best, tuple(other for other in others if other.strip())))
        return found

    def translated(self, text: str, options: DecodeOptions, to: str | None) -> dict[str, Any]:
        """Return the translation of a text, read whole, as the page shows it; raises RequestError and DataError."""
        return translated(self.translator, text, options, to)

    def file(self, name: str) -> bytes | None:
        """Return a file of the model as a page would hold it; None for another name, or where it cannot be in one."""
        return self._files.get(name)

    def trace(self, text: str, options: TraceOptions, packed: bool, most: int) -> str:
        """Return the trace of a text as JSON, of so many numbers at most; raises RequestError for what cannot be."""
        return to_json(self._tracer.trace(text, options, most=most), packed=packed)

    @cached_property
    def _files(self) -> dict[str, bytes]:
        model = self.translator.bundle
        return files(self._load()) if travels(model.model, kinds(model)) else {}

    @cached_property
    def _tracer(self) -> Tracer:
        return Tracer(self._load())

    def _options(self, n_best: int) -> DecodeOptions:
        own = self.translator.defaults
        if own.sampling:
            return replace(own, n_best=n_best)
        return replace(own, n_best=n_best, beam=max(own.width, n_best))


def _speaks(line: str) -> bool:
    return any(letter.isalnum() for letter in line)
