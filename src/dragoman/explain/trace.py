"""The trace: one translation with every number on its way, as plain data with a version.

The search is the engine's, and the numbers are the reference's, in one pass over the translation that was found.
`trace.schema.json` says what each field is; the page's `web/src/model/trace.ts` makes the same.
"""

# Shapes.  S source pieces, T target pieces, V target vocabulary.

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman import bundle as bundles
from dragoman.architecture import to_table
from dragoman.bundle import Bundle
from dragoman.config import build
from dragoman.engine.model import Engine
from dragoman.errors import RequestError
from dragoman.explain.trace_numbers import Told, decoder_table, encoder_table
from dragoman.explain.trace_pieces import Vocabulary
from dragoman.explain.trace_search import (
    forced,
    hypothesis_table,
    kind_of,
    options_table,
    steps_table,
    ways_table,
)
from dragoman.explain.trace_size import numbers
from dragoman.grammar import Grammar, newlines, utf8
from dragoman.options import BOS, EOS, DecodeOptions, Hypothesis, Way
from dragoman.reference.transformer import Recorder, Transformer
from dragoman.text.casing import in_capitals, lowered
from dragoman.text.reading import Reader
from dragoman.text.tokenizer import Tokenizer

FORMAT, VERSION = "dragoman-trace", 2
OVERFLOW = "the model's numbers overflow, so there is nothing to trace; train it anew with a lower train.rate"

Trace = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceOptions:
    """What to trace: the best translation that a search finds, or a given one, and how much of it to keep."""

    decode: DecodeOptions | None = None  # None: the model's own
    target: str | None = None  # a translation that is given; None: it is searched
    to: str | None = None  # the target language, where the model has several
    top: int = 10  # pieces kept of each step's distribution
    logits: bool = False  # keep the logits of all pieces too

    def __post_init__(self) -> None:
        """Refuse what cannot be; raises RequestError."""
        if self.top < 1:
            raise RequestError(f"top={self.top}: a whole number from 1 is wanted, such as 10")


def trace(model: Bundle | str | Path, text: str, options: TraceOptions | None = None) -> Trace:
    """Return the trace of a text's translation: a dict as `trace.schema.json` has it, its tensors NumPy arrays.

    `model` is a loaded bundle, a model folder, or the name of a model that ships with the package; for many texts
    make one `Tracer`. Raises RequestError for what the model cannot take.
    """
    return Tracer(model if isinstance(model, Bundle) else bundles.load(model)).trace(text, options)


class Tracer:
    """A model whose translations are traced; one text at a time, whole, since a trace is of one sentence."""

    def __init__(self, bundle: Bundle, engine: Engine | None = None) -> None:
        """Take a loaded bundle, and its float32 engine where there is one; else one is made for the first search."""
        self.bundle = bundle
        self.defaults = build(DecodeOptions, bundle.decode, "decode")
        self._reference = Transformer(bundle.model, bundle.weights, np.float32)
        self._source, self._target = Vocabulary.of(bundle)
        self._longest = bundle.model.max_positions - 2  # pieces, as `Translator` has it
        self._engine = engine
        spelling = bundle.target_spelling
        self._grammars = {True: utf8(spelling, newlines(spelling)), False: utf8(spelling)}

    def trace(
        self, text: str, options: TraceOptions | None = None, change: Recorder | None = None, most: int | None = None
    ) -> Trace:
        """Return the trace of a text's translation; raises RequestError for what the model cannot take.

        `change` may put other values in the place of those that the model computes (`Transformer.recorded`); the
        search knows nothing of that, so the translation must be given. What would hold more than `most` numbers is
        refused before they are computed.
        """
        options = options or TraceOptions()
        decode = options.decode or self.defaults
        if not text.strip():
            raise RequestError("the text is blank, so no model is asked; give one with a word in it")
        if options.decode is not None and options.decode.shortlist:
            raise RequestError("decode.shortlist: a trace looks at all pieces; leave it out")
        if change is not None and options.target is None:
            raise RequestError("a change of the model's numbers is not known to the search; give the target too")
        end = self.bundle.source_end(options.to)
        if decode.capitals == "lower" and in_capitals(text):
            text = lowered(text)
        source = self._ids(self.bundle.source_tokenizer, "the text", text, end)
        grammar = self._grammars[decode.one_line]
        watched: list[Sequence[Way]] = []
        if options.target is None:
            found = self._search(source, decode, grammar, watched)
            target = list(found[0].ids)
        else:
            target = self._ids(self.bundle.target_tokenizer, "the target", options.target, EOS)
        if not target:
            raise RequestError("the translation has no pieces, so there is nothing to trace; raise max_length")

        size = numbers(self.bundle.model, len(source), len(target), options.logits)
        if most is not None and size > most:
            raise RequestError(f"the trace would hold {size:,} numbers, at most {most:,} are allowed; trace less text")
        told: Told = {}
        memory_SD, logits_TV = self._numbers(source, target, told, change)
        steps = steps_table(
            self._target, target, logits_TV, grammar, decode.min_length, top=options.top, whole=options.logits
        )
        if options.target is not None:
            found = (forced(target, steps, decode),)
        kind = kind_of(decode) if options.target is None else "given"
        config = self.bundle.model
        translation = self.bundle.target_tokenizer.decode(target)
        return {
            "format": FORMAT,
            "version": VERSION,
            "text": text,
            "translation": translation,
            "model": {
                "config": to_table(config),
                "languages": self._languages(options.to),
                "alignment_heads": [list(pair) for pair in self.bundle.alignment_heads],
            },
            "source": self._source.side(text, source, cut=True),
            "target": self._target.side(translation, target, cut=options.target is not None),
            "encoder": encoder_table(config, self.bundle.weights, told, source),
            "memory": memory_SD,
            "decoder": decoder_table(config, self.bundle.weights, told, [BOS, *target[:-1]]),
            "steps": steps,
            "search": {
                "kind": kind,
                **options_table(decode),
                "max_length": decode.limits([source], self._longest)[0],
                "steps": ways_table(self._target, watched, decode),
                "hypotheses": [hypothesis_table(self._target, one, decode) for one in found],
                "traced": 0,
            },
        }

    def _numbers(
        self, source: list[int], target: list[int], told: Told, change: Recorder | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Compute memory [S, D] and logits [T, V] of the pieces, and fill `told` with all numbers on the way."""

        def record(name: str, value: NDArray[Any]) -> NDArray[Any]:
            changed = change(name, value) if change else None
            going = value if changed is None else changed
            told[name] = np.asarray(going, np.float32)
            return going

        model = self._reference.recorded(record)
        real_BS = np.ones((1, len(source)), dtype=np.bool_)
        with np.errstate(over="ignore", invalid="ignore"):  # looked at below
            memory_BSD = model.encode(np.array([source]), real_BS)
            logits_BTV = model.decode(np.array([[BOS, *target[:-1]]]), memory_BSD, real_BS)
        if not np.isfinite(logits_BTV).all():
            raise RequestError(OVERFLOW)
        return memory_BSD[0], logits_BTV[0]

    def _search(
        self, source: list[int], decode: DecodeOptions, grammar: Grammar, watched: list[Sequence[Way]]
    ) -> tuple[Hypothesis, ...]:
        """Return what the engine finds, and fill `watched` with what each step looked at."""
        if self._engine is None:
            self._engine = Engine(self.bundle.model, self.bundle.weights, "float32", threads=1)
        (found,) = self._engine.search(
            [source], decode, self._longest, grammar, watch=lambda _sentence, _step, ways: watched.append(ways)
        )
        if not found or not math.isfinite(found[0].score):
            raise RequestError(OVERFLOW)
        return found

    def _ids(self, tokenizer: Tokenizer, name: str, text: str, end: int | None) -> list[int]:
        """Return the ids of a text with their end; raises RequestError where it does not fit."""
        reader = Reader(tokenizer=tokenizer, room=self._longest, usual=None, language=None, end=end)
        return reader.ids([text], lambda _: name)[0]

    def _languages(self, to: str | None) -> list[str] | None:
        """Return the direction, where it is known."""
        known = [pair for pair in self.bundle.translates if to in (None, pair[1])]
        return list(known[0]) if len(known) == 1 else None
