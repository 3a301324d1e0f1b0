"""The training film: one sentence through the time of a training, recorded from the snapshots of the run.

A frame says, for the weights of one step: what the model translates; where each piece of the *final* translation looks
and what each layer would write in its place, from one pass over it, so that rows and columns stay the same throughout;
and where some pieces lie on the flat map of the final embeddings. A film holds no weights, some kilobytes a frame;
`web/src/film/film.ts` reads it.
"""

# Shapes.  S source pieces, T target pieces with `</s>`, A decoder layers, V target vocabulary, P pieces on the map.

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dragoman.bundle import Bundle
from dragoman.explain.snapshots import Event, journal, snapshots
from dragoman.explain.trace import Trace, TraceOptions, Tracer
from dragoman.explain.trace_pieces import Vocabulary
from dragoman.options import EOS
from dragoman.reference.attention import softmax
from dragoman.reference.layers import Floats
from dragoman.reference.transformer import Transformer

Kept = TypeVar("Kept")

FORMAT, VERSION = "dragoman-film", 1
MOST_FRAMES = 40
MOST_BYTES = 1_500_000
TOP = 3  # pieces of each layer and step
COMMON = 150  # pieces on the map beside those of the sentence
LONGEST = 300  # characters of a translation: a model that has learned nothing yet finds no end
POINTS = 400  # of the loss curve


@dataclass(frozen=True, eq=False)
class _Frame:
    step: int
    translation: str
    alignment_TS: Floats  # without the row of `</s>`
    best_ATK: NDArray[np.int64]  # ids of the likeliest pieces, before the first layer and after each
    chances_ATK: Floats
    own_AT: Floats  # the probability of the piece that is written in the end
    map_P2: Floats


def film(model: Bundle, folder: Path, text: str) -> str | None:
    """Return the film of a text through the training that the model's folder keeps, as JSON; None where it keeps none.

    Frames are left out evenly until there are 40 at most, and 1.5 MB. Raises RequestError for a text that the model
    cannot take, CheckpointError for a damaged snapshot.
    """
    kept = snapshots(folder)
    events = list(journal(folder))
    last = _step_of(events, [one.step for one in kept])
    kept = [one for one in kept if one.step < last]
    if not kept:
        return None
    scene = _Scene(model, text)
    chosen = _evenly(kept, MOST_FRAMES - 1)
    frames = [scene.frame(one.step, replace(model, weights=one.weights(model.model))) for one in chosen]
    frames.append(scene.frame(last, model))
    while len(made := scene.table(frames, events, len(kept) + 1)) > MOST_BYTES and len(frames) > 2:
        frames = _evenly(frames, max(2, len(frames) * 3 // 4))
    return made


class _Scene:
    """What stays the same in all frames: the text, its final translation, and which pieces are on the map."""

    def __init__(self, model: Bundle, text: str) -> None:
        self.model = model
        targets = list(dict.fromkeys(target for _, target in model.translates))
        self.free = TraceOptions(top=1, to=targets[0] if len(targets) > 1 else None)
        tracer = Tracer(model)
        self.translation = tracer.trace(text, self.free)["translation"]
        self.forced = replace(self.free, target=self.translation)
        self.trace = tracer.trace(text, self.forced)
        self.text = self.trace["text"]
        self.target = [piece["id"] for piece in self.trace["target"]["pieces"]]
        layers, heads = model.model.decoder_layers, model.model.heads
        self.heads = model.alignment_heads or tuple((layers - 1, head) for head in range(heads))
        self.table_name = f"{Transformer(model.model, model.weights, np.float32).target_table}.weight"
        common = _common(model.target_spelling)[:COMMON]
        self.pieces = list(dict.fromkeys([*(index for index in self.target if index != EOS), *common]))
        self.mean_D, self.axes_2D, self.shares = _principal(model.weights[self.table_name][self.pieces])

    def frame(self, step: int, model: Bundle) -> _Frame:
        """Return the frame of these weights."""
        tracer = Tracer(model)
        own = tracer.trace(self.text, self.free)
        forced = tracer.trace(self.text, self.forced)
        chances_ATV = softmax(self._logits(model, forced))
        best_ATK = np.argsort(-chances_ATV, axis=-1, kind="stable")[..., :TOP]
        return _Frame(
            step=step,
            translation=own["translation"][:LONGEST],
            alignment_TS=self._alignment(forced),
            best_ATK=best_ATK,
            chances_ATK=np.take_along_axis(chances_ATV, best_ATK, axis=-1),
            own_AT=chances_ATV[:, np.arange(len(self.target)), self.target],
            map_P2=(model.weights[self.table_name][self.pieces] - self.mean_D) @ self.axes_2D.T,
        )

    def _logits(self, model: Bundle, forced: Trace) -> Floats:
        """Return the logits [A, T, V] before the first layer of the decoder and after each (the logit lens)."""
        decoder = forced["decoder"]
        streams_ATD = np.stack([*(layer["input"] for layer in decoder["layers"]), decoder["output"]])
        return Transformer(model.model, model.weights, np.float32).unembed(streams_ATD)

    def _alignment(self, forced: Trace) -> Floats:
        """Return where each piece of the final translation but `</s>` looks, [T - 1, S], the mean of the heads."""
        layers = forced["decoder"]["layers"]
        mean_TS = np.mean([layers[layer]["cross_attention"]["weights"][head] for layer, head in self.heads], axis=0)
        rows_TS: Floats = mean_TS[1:] if self.model.alignment_step == "receiving" else mean_TS[:-1]
        return rows_TS

    def table(self, frames: Sequence[_Frame], events: Sequence[Event], kept: int) -> str:
        """Return the film as JSON; numbers of a frame are packed, in steps of 1/255, 1/65535 and 1/32767."""
        names: dict[int, int] = {}  # ids that occur, and where their names stand
        extent = max(float(np.abs(frame.map_P2).max()) for frame in frames) or 1.0
        frames_table = [
            {
                "step": frame.step,
                "translation": frame.translation,
                "alignment": _packed(255 * frame.alignment_TS, "u1"),
                "best": _packed([names.setdefault(int(index), len(names)) for index in frame.best_ATK.flat], "<u2"),
                "chances": _packed(65535 * frame.chances_ATK, "<u2"),
                "own": _packed(65535 * frame.own_AT, "<u2"),
                "map": _packed(32767 / extent * frame.map_P2, "<i2"),
            }
            for frame in frames
        ]
        places = [names.setdefault(index, len(names)) for index in self.pieces]
        written = [names.setdefault(index, len(names)) for index in self.target]
        name = Vocabulary.of(self.model)[1].name
        return json.dumps(
            {
                "format": FORMAT,
                "version": VERSION,
                "text": self.text,
                "translation": self.translation,
                "source": [piece["piece"] for piece in self.trace["source"]["pieces"]],
                "written": written,
                "layers": self.model.model.decoder_layers,
                "top": frames[0].best_ATK.shape[-1],
                "aligns": bool(self.model.alignment_heads),
                "pieces": [name(index) for index in names],  # of all indices but those of the source
                "map": places,
                "shares": [round(float(share), 4) for share in self.shares],
                "kept": kept,
                "frames": frames_table,
                "loss": _curve(events),
            },
            separators=(",", ":"),
        )


def _packed(numbers: ArrayLike, kind: str) -> str:
    """Return the nearest whole numbers as little-endian bytes in base64."""
    return b64encode(np.rint(np.asarray(numbers)).astype(kind).tobytes()).decode()


def _principal(x_PD: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean [D], the two directions [2, D] in which rows differ most, and their shares of the variance."""
    mean_D = x_PD.mean(0)
    _, spread, axes = np.linalg.svd(x_PD - mean_D, full_matrices=False)
    axes_2D = np.zeros((2, x_PD.shape[1]), x_PD.dtype)
    axes_2D[: len(axes)] = axes[:2]
    shares = np.zeros(2, x_PD.dtype)
    shares[: len(spread)] = spread[:2] ** 2 / max(float((spread**2).sum()), 1e-30)
    return mean_D, axes_2D, shares


def _common(spelling: Sequence[bytes]) -> list[int]:
    """Return the pieces that begin a word and have two letters at least, the most frequent first.

    Tokenizers number the pieces so that frequent ones come first, or nearly so.
    """
    texts = [spelled.decode("utf-8", "replace") for spelled in spelling]
    return [index for index, text in enumerate(texts) if text[:1] == " " and len(text) > 2 and text[1:].isalpha()]


def _evenly(rows: Sequence[Kept], most: int) -> list[Kept]:
    """Return so many of the rows at most, the first and the last among them."""
    if len(rows) <= most:
        return list(rows)
    places = np.rint(np.linspace(0, len(rows) - 1, most)).astype(int)
    return [rows[place] for place in places]


def _step_of(events: Sequence[Event], kept: Sequence[int]) -> int:
    """Return the step that the model in the folder is of: the best that was validated, else the last that is known."""
    best = [event["best_step"] for event in events if isinstance(event.get("best_step"), int)]
    return best[-1] if best else max([*kept, *(event["step"] for event in events)], default=0)


def _curve(events: Sequence[Event]) -> dict[str, list[list[float | None]]]:
    """Return the loss in training [step, loss, seconds] and in validation [step, loss, chrF or null]."""
    training = [event for event in events if event.get("kind") == "step" and _number(event.get("loss"))]
    validation = [event for event in events if event.get("kind") == "validation" and _number(event.get("loss"))]
    return {
        "training": [[event["step"], event["loss"], event.get("seconds")] for event in _evenly(training, POINTS)],
        "validation": [[event["step"], event["loss"], event.get("chrf")] for event in _evenly(validation, POINTS)],
    }


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
