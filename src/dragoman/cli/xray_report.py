"""The X-ray of a smaller model as one value: made here, and shown as tables, JSON or a page."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from dragoman import bundle
from dragoman.cli.pages import html_page, html_table, html_text
from dragoman.cli.tables import print_table
from dragoman.compress.xray import LayerError, Parting, layer_errors, parting
from dragoman.engine.model import Engine
from dragoman.errors import RequestError
from dragoman.evaluate.significance import FEWEST, Difference, paired
from dragoman.translator import Translator

SHOWN = 5  # partings
MOST_BLEU = 0.5  # what the whole may cost, at the lower end of the interval
MOST_LOSS = 0.5  # percent of the negative log-likelihood


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """Where two translations part, in words."""

    source: str
    first: str
    second: str
    pieces: tuple[str, str]
    parting: Parting


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a smaller model costs."""

    names: tuple[str, str]
    precisions: tuple[str, str]
    bytes: tuple[int, int]  # of the folders
    seconds: tuple[float, float]  # to translate all sentences here, with all threads
    sentences: int
    differences: tuple[Difference, ...]
    loss: tuple[float, float]  # nats a piece of the references
    same: float  # share of the translations
    layers: tuple[LayerError, ...]
    examples: tuple[Example, ...]

    @property
    def loss_change(self) -> float:
        """Return by how many percent the negative log-likelihood of the references rises."""
        return 100 * (self.loss[1] - self.loss[0]) / max(self.loss[0], 1e-9)

    @property
    def verdict(self) -> str:
        """Return the whole in a sentence."""
        bleu = self.differences[0]
        if bleu.low is None or bleu.high is None:
            return f"{self.sentences} sentences are too few to tell; try {FEWEST} or more, better 2,000."
        worse = [one for one in self.differences if one.high is not None and one.high < 0]
        if worse:
            costs = " and ".join(f"{-one.difference:.2f} {one.name}" for one in worse)
            return f"It costs quality: {costs}, and chance alone does not make that."
        if bleu.low > -MOST_BLEU and self.loss_change <= MOST_LOSS:
            return "Nothing is lost that this test set could show."
        return (
            f"This test set cannot rule out a loss: BLEU may fall by {max(0.0, -bleu.low):.2f}, the negative "
            f"log-likelihood of the references changes by {self.loss_change:+.2f} %; try more sentences."
        )

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        found = asdict(self)
        for own, difference in zip(found["differences"], self.differences, strict=True):
            own["difference"] = difference.difference
        return found | {"loss_change_percent": self.loss_change, "verdict": self.verdict}


def make(
    model: Path,
    small: Path,
    whole: Translator,
    smaller: Translator,
    sources: Sequence[str],
    references: Sequence[str],
    layer_pairs: int,
    to: str | None = None,
) -> Report:
    """Translate and score with both and compare; raises RequestError for models of two shapes or vocabularies."""
    one, two = whole.bundle, smaller.bundle
    if one.master is None and two.master is not None:
        raise RequestError(f"{model} holds int8 weights alone, {small} does not; write them the other way round")
    if one.model != two.model or any(
        a.to_json() != b.to_json()
        for a, b in ((one.source_tokenizer, two.source_tokenizer), (one.target_tokenizer, two.target_tokenizer))
    ):
        raise RequestError(f"{small} is not a smaller {model}: their shapes or vocabularies differ; quantize the same")
    if not isinstance(whole.runner, Engine) or not isinstance(smaller.runner, Engine):
        raise RequestError("xray looks into the engine on the CPU; hide the GPU with CUDA_VISIBLE_DEVICES=")
    timed = []
    for translator in (whole, smaller):
        translator.translate(sources[:8], to=to)  # a first touch of everything
        began = time.perf_counter()
        # Of a long text not all is kept: the alignments of both models would be larger than they are.
        found = [(one.text, one.hypotheses[0].ids, len(one.segments)) for one in translator.stream(sources, to=to)]
        timed.append((found, time.perf_counter() - began))
    texts = [[text for text, _, _ in own] for own, _ in timed]
    scores = [translator.score(sources, references, to=to) for translator in (whole, smaller)]
    losses = [-float(np.concatenate([one.token_log_probabilities for one in own]).mean()) for own in scores]
    step = max(1, len(sources) // layer_pairs)
    ids = whole.source_ids(sources[::step], to=to)
    pairs = [(source, list(found.ids)) for source, found in zip(ids, scores[0][::step], strict=True)]
    return Report(
        names=(str(model), str(small)),
        precisions=(whole.runner.precision, smaller.runner.precision),
        bytes=(int(bundle.describe(model)["bytes"]), int(bundle.describe(small)["bytes"])),
        seconds=(timed[0][1], timed[1][1]),
        sentences=len(sources),
        differences=tuple(paired(texts[0], texts[1], references)),
        loss=(losses[0], losses[1]),
        same=sum(a == b for a, b in zip(*texts, strict=True)) / len(sources),
        layers=tuple(layer_errors(whole.runner, smaller.runner, pairs)),
        examples=tuple(_examples(whole, smaller, sources, [own for own, _ in timed], to)),
    )


def _examples(
    whole: Translator,
    smaller: Translator,
    sources: Sequence[str],
    found: list[list[tuple[str, tuple[int, ...], int]]],
    to: str | None,
) -> list[Example]:
    made: list[Example] = []
    assert isinstance(whole.runner, Engine) and isinstance(smaller.runner, Engine)
    tokenizer = whole.bundle.target_tokenizer
    for number, (first, second) in enumerate(zip(*found, strict=True)):
        if first[0] == second[0] or first[2] > 1 or not sources[number].strip():
            continue
        ids = whole.source_ids([sources[number]], to=to)[0]
        parted = parting(whole.runner, smaller.runner, number, ids, first[1], second[1])
        if parted is not None:
            pieces = (tokenizer.piece(parted.first), tokenizer.piece(parted.second))
            made.append(
                Example(source=sources[number], first=first[0], second=second[0], pieces=pieces, parting=parted)
            )
        if len(made) == SHOWN:
            break
    return made


def _overview(report: Report) -> list[list[str]]:
    rows = [
        ["", *report.names],
        ["precision", *report.precisions],
        ["MB", *(f"{size / 1e6:,.1f}" for size in report.bytes)],
        ["sentences/s", *(f"{report.sentences / seconds:,.1f}" for seconds in report.seconds)],
        *([one.name, f"{one.first:.2f}", f"{one.second:.2f}"] for one in report.differences),
        ["nats a piece", *(f"{loss:.4f}" for loss in report.loss)],
    ]
    return rows


def _costs(report: Report) -> list[list[str]]:
    rows = [["", "change", "95 % interval", "p"]]
    for one in report.differences:
        known = one.low is not None and one.high is not None and one.p is not None
        sure = [f"{one.low:+.2f} to {one.high:+.2f}", f"{one.p:.3f}"] if known else ["", ""]
        rows.append([one.name, f"{one.difference:+.2f}", *sure])
    rows.append(["negative log-likelihood", f"{report.loss_change:+.3f} %", "", ""])
    rows.append(["the same translation", f"{100 * report.same:.1f} %", "", ""])
    return rows


def _layers(report: Report) -> list[list[str]]:
    rows = [["after", "error", "at worst", "loudest channel", "channels above 6"]]
    for layer in report.layers:
        loud = f"{layer.loudest:.1f} x median"
        rows.append([layer.name, f"{layer.error:.2%}", f"{layer.worst:.2%}", loud, str(layer.outstanding)])
    return rows


def _partings(report: Report) -> list[list[str]]:
    rows = [["line", "piece", "one says", "the other", "sure by", "and by", "error grew most after"]]
    for example in report.examples:
        at = example.parting
        margins = [f"{at.first_margin:.2f} nats", f"{at.second_margin:.2f} nats"]
        rows.append([f"{at.sentence + 1:,}", f"{at.position + 1}", *example.pieces, *margins, at.layer])
    return rows


def print_report(report: Report) -> None:
    """Print the tables and the verdict."""
    for rows in (_overview(report), _costs(report), _layers(report), _partings(report)):
        if len(rows) > 1:
            print_table(rows[0], rows[1:])
            print()
    print(report.verdict)


def to_html(report: Report) -> str:
    """Return a whole HTML document."""
    parts = [f"<p>{html_text(report.verdict)}</p>"]
    sections = (
        ("The two models", _overview(report), ""),
        (
            "What it costs",
            _costs(report),
            "Paired bootstrap; p is the chance of such a change by luck.",
        ),
        (
            "Layer by layer",
            _layers(report),
            "The length of the error as a share of the float model's row.",
        ),
        ("Where translations part", _partings(report), "Margins: by how much each model prefers its own piece."),
    )
    for number, (title, rows, words) in enumerate(sections):
        if len(rows) < 2:
            continue
        heads = "".join(f'<th scope="col">{html_text(head)}</th>' for head in rows[0][1:])
        body = "\n".join(map(_row, rows[1:]))
        parts += [f'<h2 id="t{number}">{escape(title)}</h2>', html_table(f"t{number}", heads, f"<tbody>{body}</tbody>")]
        parts.append(f'<p class="soft">{escape(words)}</p>' if words else "")
    for example in report.examples:
        parts.append(f'<p class="text" dir="auto">{html_text(example.source)}</p>')
        parts += [f'<p dir="auto">{html_text(text)}</p>' for text in (example.first, example.second)]
    return html_page("What fewer bits cost", "\n".join(parts))


def _row(row: Sequence[str]) -> str:
    cells = "".join(f"<td>{html_text(cell)}</td>" for cell in row[1:])
    return f'<tr><th scope="row">{html_text(row[0])}</th>{cells}</tr>'
