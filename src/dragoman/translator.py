"""`Translator`: a model folder in, translations out.

It picks the engine or torch, turns texts into ids and back, long ones in segments, and joins what belongs
together. What the model cannot take is refused before it starts.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol, get_args, overload

import numpy as np
from numpy.typing import NDArray

from dragoman import bundle
from dragoman.bundle import Bundle
from dragoman.config import build, table_of
from dragoman.directions import common_source, targets
from dragoman.engine.model import Engine, check_precision, chosen_kernels, threads_of
from dragoman.errors import DataError, RequestError
from dragoman.grammar import Grammar, newlines, utf8
from dragoman.options import EOS, UNK, Alignment, DecodeOptions, Hypothesis, Step, Translation
from dragoman.text.casing import in_capitals, lowered
from dragoman.text.joined import join
from dragoman.text.reading import Reader, Reading, Where

WINDOW = 2048  # segments sorted by length together
MOST_LETTERS = 40  # of a word that a warning names
MOST_NAMED = 8  # pieces of a text that a warning names
MOST_WEIGHTS = 1 << 24  # of the alignment of one text, 64 MiB; a text in segments that would have more has none
OVERFLOW = "the model's numbers overflow, so it has no answer; train it anew with a lower train.rate"

Device = Literal["cpu", "cuda", "torch"]
Unit = tuple[int, int]  # (text, segment of it that is no blank); a blank text counts as one


class Runner(Protocol):
    """What runs a model: `engine.model.Engine`, or `decode.runner.TorchRunner`."""

    def search(
        self,
        sources: Sequence[Sequence[int]],
        options: DecodeOptions,
        longest: int,
        grammar: Grammar | None = None,
        *,
        sentences: Sequence[int] | None = None,
        pieces: Sequence[NDArray[np.int32]] | None = None,
    ) -> list[tuple[Hypothesis, ...]]:
        """Return the hypotheses of every source, in order, of some pieces alone where these are given."""

    def score(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[list[float]]:
        """Return the log-probability of every piece of every target."""

    def align(
        self,
        sources: Sequence[Sequence[int]],
        targets: Sequence[Sequence[int]],
        heads: Sequence[tuple[int, int]],
        step: Step = "receiving",
    ) -> list[NDArray[np.float32]]:
        """Return where each target piece looks."""


class Translator:
    """A loaded model; safe to use for any number of calls, its answers do not depend on what else is asked."""

    def __init__(self, bundle: Bundle, runner: Runner) -> None:
        """Join a bundle's tokenizers and settings with what runs its model; `load` is the usual door."""
        self.bundle = bundle
        self.runner = runner
        self.defaults = build(DecodeOptions, bundle.decode, "decode")
        self._reader = Reader(
            tokenizer=bundle.source_tokenizer,
            room=bundle.model.max_positions - 2,  # `</s>` counted, and `<s>` of the other side
            usual=bundle.usual_pieces,
            language=common_source(bundle.translates),
        )
        self._readers: dict[int | None, Reader] = {}
        spelling = bundle.target_spelling
        self._grammars = {True: utf8(spelling, newlines(spelling)), False: utf8(spelling)}

    @classmethod
    def load(
        cls,
        folder: str | Path,
        device: str | None = None,
        precision: str | None = None,
        threads: int | None = None,
    ) -> "Translator":
        """Load a model folder, or by its name a model that ships with the package.

        Raises CheckpointError, and RequestError for what is not offered here.

        `device` "cpu" is the engine, "cuda" torch on a GPU, "torch" torch on the processor, for comparing; None:
        a GPU where there is one and torch, unless the model holds int8 weights alone. `precision` is the engine's;
        None: int8 where the model holds it, else as it is stored. `threads` None: all cores.
        """
        if device not in (None, *get_args(Device)):
            raise RequestError(f"device={device!r}: allowed are {', '.join(get_args(Device))}")
        if precision is not None:
            check_precision(precision)
        if device in (None, "cpu"):
            chosen_kernels()  # a wrong name is refused before anything is read
        loaded = bundle.load(folder)
        if device is None:
            device = "cuda" if precision is None and loaded.master is not None and _gpu() else "cpu"
        if device == "cpu":
            wanted = precision or ("int8" if loaded.int8 is not None else loaded.master or "float32")
            weights = dict(loaded.int8 if wanted == "int8" and loaded.int8 is not None else loaded.weights)
            loaded = replace(loaded, weights={}, int8=None)  # the engine packs its own
            return cls(loaded, Engine(loaded.model, weights, wanted, threads=threads, release=True))
        if precision not in (None, "float32"):
            raise RequestError(f"precision={precision} is the engine's, on the CPU; leave device={device} out")
        return cls(loaded, _torch_runner(loaded, device, threads))

    @overload
    def translate(  # type: ignore[overload-overlap]
        self, texts: str, options: DecodeOptions | None = None, to: str | None = None
    ) -> Translation: ...

    @overload
    def translate(
        self, texts: Sequence[str], options: DecodeOptions | None = None, to: str | None = None
    ) -> list[Translation]: ...

    def translate(
        self, texts: str | Sequence[str], options: DecodeOptions | None = None, to: str | None = None
    ) -> Translation | list[Translation]:
        """Translate a text, or a list of texts into a list of the same order.

        A text of several sentences that is longer than the model is used to is translated in segments, which
        the result names (`segments`); `options.split` says so or otherwise, and nothing is ever cut off. With
        `options.capitals="lower"` a text in CAPITALS is read in small letters and its translation put in CAPITALS;
        pieces are those of the small letters.
        `to` is the target language's code, where the model has several. Raises DataError for a text that is not
        valid Unicode, with `split="never"` RequestError for a long one, and for a language that is not the model's.
        """
        if isinstance(texts, str):
            return next(self.stream([texts], options, to=to))
        if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
            raise RequestError(f"texts={texts!r:.60}: a text or a list of texts is wanted")
        return list(self.stream(texts, options, to=to))

    def stream(
        self,
        texts: Sequence[str],
        options: DecodeOptions | None = None,
        where: Where | None = None,
        to: str | None = None,
    ) -> Iterator[Translation]:
        """Check all texts, then yield translations in order while the later ones are still being made."""
        options = self.defaults if options is None else options
        loud = [options.capitals == "lower" and in_capitals(text) for text in texts]
        given = [lowered(text) if calmed else text for text, calmed in zip(texts, loud, strict=True)]
        readings = self._reads(to).read(given, options.split, where or _numbered("text"))
        found: dict[Unit, tuple[Hypothesis, ...]] = {}
        for window in _windows(readings):
            asked = [unit for unit in window if readings[unit[0]].ids]
            rows = [readings[text].ids[number] for text, number in asked]
            found |= self._translate_units(asked, rows, readings, options)
            for text, number in window:
                reading = readings[text]
                if number + 1 >= len(reading.ids):  # its last segment, or a blank text
                    own = [found.pop((text, segment)) for segment in range(len(reading.ids))]
                    if loud[text]:
                        own = [tuple(replace(one, text=one.text.upper()) for one in segment) for segment in own]
                    notes = self._unread(given[text], reading)
                    yield self._translation(texts[text], reading, own, options, to, notes)

    def score(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        where_source: Where | None = None,
        where_target: Where | None = None,
        to: str | None = None,
    ) -> list[Hypothesis]:
        """Return how likely the model finds each target, piece by piece; `score` is the mean log-probability.

        Raises DataError for unequal counts, RequestError for a text longer than the model's positions and for a model
        whose numbers overflow.
        """
        if len(sources) != len(targets):
            raise DataError(f"{len(sources):,} sources and {len(targets):,} targets; give as many of both")
        given = self.source_ids(sources, where_source, to)
        wanted = self.target_ids(targets, where_target)
        results = []
        for ids, row in zip(wanted, self.runner.score(given, wanted), strict=True):
            if not all(map(math.isfinite, row)):
                raise RequestError(OVERFLOW)
            found = Hypothesis(ids=tuple(ids), token_log_probabilities=tuple(row), score=0.0)
            results.append(self._spelled(replace(found, score=found.log_probability / len(row))))
        return results

    def align(self, sources: Sequence[str], targets: Sequence[str], to: str | None = None) -> list[Alignment]:
        """Return which source piece each target piece looks at; raises RequestError where the model has no heads."""
        given = self.source_ids(sources, to=to)
        wanted = self.target_ids(targets)
        return [Alignment(row) for row in self._looks(given, wanted)]

    def source_ids(self, texts: Sequence[str], where: Where | None = None, to: str | None = None) -> list[list[int]]:
        """Return the ids that the model reads for each text, `</s>` or the tag of `to` at the end.

        Raises RequestError for a long text, and for a language that is none of the model's.
        """
        return self._reads(to).ids(texts, where or _numbered("text"))

    def target_ids(self, texts: Sequence[str], where: Where | None = None) -> list[list[int]]:
        """Return the ids of each target text, `</s>` at the end; raises RequestError for a long text."""
        reader = replace(self._reader, tokenizer=self.bundle.target_tokenizer, end=EOS)
        return reader.ids(texts, where or _numbered("target"))

    def _reads(self, to: str | None) -> Reader:
        """Return the reader of texts that shall be translated into `to`; raises RequestError."""
        end = self.bundle.source_end(to)
        return self._readers.setdefault(end, replace(self._reader, end=end))

    def _translate_units(
        self, units: list[Unit], sources: list[list[int]], readings: Sequence[Reading], options: DecodeOptions
    ) -> dict[Unit, tuple[Hypothesis, ...]]:
        """Return the hypotheses of each unit, spelled out, and aligned where the model has heads for that."""
        found = self.runner.search(
            sources,
            options,
            self.bundle.model.max_positions - 2,  # alignment reads <s>, every piece and </s>
            self._grammars[options.one_line],
            sentences=[text + (number << 32) for text, number in units],  # a whole text has the number of its place
            pieces=self._listed(sources) if options.shortlist else None,
        )
        if not all(own and math.isfinite(own[0].score) for own in found):
            raise RequestError(OVERFLOW)
        spelled = [[self._spelled(hypothesis) for hypothesis in own] for own in found]
        if self.bundle.alignment_heads:
            wanted = [at for at, (text, _) in enumerate(units) if _aligned(readings[text])]
            for at, own in zip(wanted, self._align_all(wanted, sources, spelled), strict=True):
                spelled[at] = own
        return {unit: tuple(own) for unit, own in zip(units, spelled, strict=True)}

    def _listed(self, sources: list[list[int]]) -> list[NDArray[np.int32]]:
        """Return which pieces the translation of each source may hold; raises RequestError where no list says so."""
        if self.bundle.shortlist is None:
            raise RequestError("shortlist: this model has none; leave it out, or import a model that brings one")
        return [self.bundle.shortlist.of(source) for source in sources]

    def _align_all(
        self, wanted: list[int], sources: list[list[int]], spelled: list[list[Hypothesis]]
    ) -> list[list[Hypothesis]]:
        """Return the hypotheses of the wanted sources with their alignments."""
        pairs = [(sources[at], one.ids if one.finished else (*one.ids, EOS)) for at in wanted for one in spelled[at]]
        weights = iter(self._looks([s for s, _ in pairs], [t for _, t in pairs]))
        return [[replace(one, alignment=Alignment(next(weights))) for one in spelled[at]] for at in wanted]

    def _looks(self, sources: list[list[int]], targets: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        return self.runner.align(sources, targets, self.bundle.alignment_heads, self.bundle.alignment_step)

    def _translation(
        self,
        text: str,
        reading: Reading,
        found: list[tuple[Hypothesis, ...]],
        options: DecodeOptions,
        to: str | None,
        notes: tuple[str, ...],
    ) -> Translation:
        """Make the result of a text from the hypotheses of its segments and the notes on how it was read."""
        if not found:
            return _blank(text)
        pieces = tuple(self._source_piece(index) for ids in reading.ids for index in ids)
        if reading.whole:
            own = found[0]
            endless = () if own[0].finished else (f"stopped at {len(own[0].ids)} pieces without an end",)
            return Translation(text, own, pieces, notes + endless)
        own = join(text, reading.segments, found, options, to or next(iter(targets(self.bundle.translates)), None))
        notes = notes + _notes(reading, own[0])
        if self.bundle.alignment_heads and not _aligned(reading):
            notes = (*notes, f"{len(pieces):,} pieces are too many to keep an alignment of them")
        return Translation(text, own, pieces, notes)

    def _unread(self, text: str, reading: Reading) -> tuple[str, ...]:
        """Say what of a text the model has no pieces for, and where that is most of its letters."""
        tokenizer = self.bundle.source_tokenizer
        ids = [index for row in reading.ids for index in row if index != EOS and index < tokenizer.vocab_size]
        own = tokenizer.byte_pieces
        strange = sum(index in own and own[index] & 0xC0 != 0x80 for index in ids)
        unknown: list[str] = []
        if UNK in ids:  # which may stand for many letters
            found = tokenizer.encode(text)
            unknown = [
                text[slice(*place)] for index, place in zip(found.ids, found.offsets, strict=True) if index == UNK
            ]
            strange += sum(map(_letters, unknown))
        if 2 * strange > _letters(text):
            return ("most of it is in letters or words that the model has never learned",)
        if unknown:
            names = list(dict.fromkeys(part.strip()[:MOST_LETTERS] for part in unknown))
            more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
            return (f"the model has no piece for {', '.join(names[:MOST_NAMED])}{more}, and reads <unk> there",)
        return ()

    def _source_piece(self, index: int) -> str:
        """Return how a source piece is written, a tag as `<to de>`."""
        tokenizer = self.bundle.source_tokenizer
        if index < tokenizer.vocab_size:
            return tokenizer.piece(index)
        return f"<to {targets(self.bundle.translates)[index - tokenizer.vocab_size]}>"

    def _spelled(self, hypothesis: Hypothesis) -> Hypothesis:
        tokenizer = self.bundle.target_tokenizer
        pieces = tuple(tokenizer.piece(piece) for piece in hypothesis.ids)
        return replace(hypothesis, text=tokenizer.decode(hypothesis.ids), pieces=pieces)


def _letters(text: str) -> int:
    return sum(not letter.isspace() for letter in text)


def decode_options(defaults: DecodeOptions, given: Mapping[str, Any]) -> DecodeOptions:
    """Return the model's defaults with what was given put over them; raises RequestError or ConfigError."""
    sampling = any(name in given for name in ("temperature", "top_k", "top_p"))
    if sampling and "beam" not in given:
        defaults = replace(defaults, beam=None)
    return build(DecodeOptions, table_of(defaults) | dict(given), "decode")


def _gpu() -> bool:
    """Whether there is a GPU and a torch that can use it; torch is not loaded where there is none."""
    if not Path("/dev/nvidiactl").exists() or find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()


def _torch_runner(loaded: Bundle, device: str, threads: int | None) -> Runner:
    if find_spec("torch") is None:
        raise RequestError(f"device={device} needs PyTorch; install dragoman[train], or leave device out")
    import torch

    from dragoman.decode.runner import TorchRunner
    from dragoman.model.initialization import from_numpy
    from dragoman.model.transformer import Transformer

    if device == "cuda" and not torch.cuda.is_available():
        raise RequestError("device=cuda: PyTorch sees no GPU here; leave device out")
    if threads is not None:
        torch.set_num_threads(threads_of(threads))
    model = Transformer(loaded.model)
    from_numpy(model, loaded.weights)
    return TorchRunner(model.to("cuda" if device == "cuda" else "cpu"))


def _numbered(what: str) -> Where:
    return lambda index: f"{what} {index + 1:,}"


def _windows(readings: Sequence[Reading]) -> Iterator[list[Unit]]:
    """Yield the units of all texts in order, so many at a time as are sorted together."""
    window: list[Unit] = []
    for text, reading in enumerate(readings):
        for number in range(max(1, len(reading.ids))):
            window.append((text, number))
            if len(window) == WINDOW:
                yield window
                window = []
    if window:
        yield window


def _aligned(reading: Reading) -> bool:
    """Whether a text's alignment is kept, whose size is about that of a square for each segment."""
    return reading.whole or sum(len(ids) ** 2 for ids in reading.ids) <= MOST_WEIGHTS


def _notes(reading: Reading, best: Hypothesis) -> tuple[str, ...]:
    """Return what the reader should know of a text in segments."""
    notes = []
    spoken = [part.hypothesis for part in best.segments if part.hypothesis is not None]
    endless = [number for number, one in enumerate(spoken, 1) if not one.finished]
    if endless:
        first = spoken[endless[0] - 1]
        notes.append(
            f"{len(endless):,} of {len(spoken):,} segments stopped without an end, "
            f"the first is segment {endless[0]:,}, at {len(first.ids)} pieces"
        )
    for place in ("clause", "blank", "character"):
        count = sum(segment.ends_at == place for segment in reading.segments)
        if count:
            words = {"clause": "at clause marks", "blank": "between words", "character": "within words"}[place]
            notes.append(f"a sentence too long for the model was divided {words}, in {count:,} places")
    return tuple(notes)


def _blank(text: str) -> Translation:
    """Return the translation of a text without a letter: itself, no model asked."""
    return Translation(text, (Hypothesis(ids=(EOS,), token_log_probabilities=(0.0,), score=0.0, text=text),))
