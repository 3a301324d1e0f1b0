"""One HTML file that holds a model and a program that runs it, and needs nothing else.

`page.html` beside this file is built from `web/` and holds the program; here the model is put into it, as data: base64
and JSON without a `<`, which can end no element. Weights are int8, made here where the model has others. In the place
of a model that is too large stands a record of one translation, or a server is asked.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from numpy.typing import NDArray

from dragoman import __version__, bundle
from dragoman.architecture import ModelConfig, parameter_count
from dragoman.bundle import Bundle
from dragoman.compress.quantize import quantized
from dragoman.compress.rounding import Loss, losses
from dragoman.errors import RequestError
from dragoman.explain.benchmark import Benchmark, example
from dragoman.explain.laboratory import Laboratory, Named, laboratory
from dragoman.explain.record import record
from dragoman.explain.remote import known
from dragoman.weights import tensor_bytes

SKELETON = Path(__file__).with_name("page.html")
GAPS = ("{connect}", "{title}", "{facts}", "{files}")  # in the order in which they stand
MOST_BYTES = 15_000_000  # of weights in a page; in the place of more of them stands a record
READ = ("bpe", "byte_bpe", "unigram", "wordpiece", "character", "word", "tokens")  # tokenizers that a page reads too
MOST_RECORD = 15_000_000  # bytes of that
# What the page's policy allows beside its own script and style: nothing, or to ask the server that it came from.
ALONE, OF_A_SERVER = "", "; connect-src 'self'"

Held = Literal["file", "record", "server"]  # where the page finds its model


def skeleton() -> str:
    """Return the page without a model; raises RequestError where this installation has none."""
    try:
        return SKELETON.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RequestError(
            "this installation has no page, for none was built; write make install in the checkout, which needs Node"
        ) from None


def travels(model: ModelConfig, tokenizers: Iterable[str]) -> bool:
    """Whether a model with tokenizers of these kinds can be in a page."""
    return obstacle(model, tokenizers) is None


def obstacle(model: ModelConfig, tokenizers: Iterable[str]) -> str | None:
    """Return why a model cannot be in a page, or None where it can."""
    if strange := sorted(set(tokenizers) - set(READ)):
        return f"a {strange[0]} tokenizer, which a page does not read"
    if (size := int8_bytes(model)) > MOST_BYTES:
        return f"{size / 1e6:,.1f} MB of int8 weights, a page holds at most {MOST_BYTES / 1e6:.0f} MB"
    return None


def kinds(model: Bundle) -> tuple[str, str]:
    """Return the kinds of a model's tokenizers."""
    return model.source_tokenizer.kind, model.target_tokenizer.kind


def int8_bytes(model: ModelConfig) -> int:
    """Return the bytes of a model's int8 weights."""
    return tensor_bytes(model, "int8")


def page(
    model: Bundle,
    name: str,
    text: str = "",
    film: str | None = None,
    bench: Benchmark | None = None,
    others: Sequence[Named] | None = None,
) -> str:
    """Return the page of a model, which begins with this text, and with the film of its training where there is one.

    `bench` are the measurements of a machine, `others` tokenizers to put beside the model's; None: those that come with
    the program.
    A model that does not travel is not in it, but a record of this text's translation, which then must be one. Raises
    RequestError and ConfigError for what cannot be, DataError for a text that is none.
    """
    refuse_without_text(model.model, kinds(model), name, text)
    _check_text(model, text)
    if travels(model.model, kinds(model)):
        model = replace(model, int8=_int8(model))
        whole = files(model)
        facts = _facts(model, name, text, "file", bench) | {"bytes": len(whole[bundle.INT8]), "rounding": _lost(model)}
        return _filled(facts, whole, ALONE, laboratory(model, others), film)
    made = record(model, text)
    if (size := sum(map(len, made.values()))) > MOST_RECORD:
        raise RequestError(
            f"the record of this text has {size / 1e6:,.1f} MB, a page holds at most {MOST_RECORD / 1e6:.0f} MB; "
            "give a shorter text"
        )
    return _filled(_facts(model, name, text, "record", bench), made, ALONE, laboratory(model, others), film)


def served_page(model: Bundle, name: str) -> str:
    """Return the page that asks the server from which it comes for translations; no weights of the model are read."""
    return _filled(_facts(model, name, "", "server"), {}, OF_A_SERVER, laboratory(model))


def refuse_without_text(model: ModelConfig, tokenizers: Iterable[str], name: str, text: str) -> None:
    """Raise RequestError where a page would need a text to record, and none is given."""
    if (why := obstacle(model, tokenizers)) is not None and not text.strip():
        raise RequestError(f"{name}: {why}; give a TEXT, whose translation is recorded, or write dragoman serve")


def files(model: Bundle) -> dict[str, bytes]:
    """Return the files of the model with int8 weights alone; where it came from, paths and all, stays at home."""
    with TemporaryDirectory() as folder:
        bundle.save(
            replace(model, int8=_int8(model), master=None, shortlist=None, provenance={}, card=""), folder, plain=True
        )
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir()) if path.name != bundle.CARD}


def _int8(model: Bundle) -> Mapping[str, NDArray[Any]]:
    return model.int8 if model.int8 is not None else quantized(model.model, model.weights)


def _lost(model: Bundle) -> list[dict[str, Any]] | None:
    """Return what int8 took from each matrix, of four digits; None where there are no float weights to tell it."""
    if model.master is None or model.int8 is None:
        return None
    return [_short(loss) for loss in losses(model.model, model.weights, model.int8)]


def _short(loss: Loss) -> dict[str, Any]:
    return asdict(loss) | {"error": _digits(loss.error), "spread": [_digits(share) for share in loss.spread]}


def _digits(share: float) -> float:
    return float(f"{share:.4g}")


def _facts(model: Bundle, name: str, text: str, held: Held, bench: Benchmark | None = None) -> dict[str, Any]:
    attribution = _of_recipe(model.provenance, "data", "attribution")
    in_page = travels(model.model, kinds(model))
    return {
        "name": name,
        "text": text,
        "held": held,
        "known": None if held == "file" else known(model, pieces=held == "server" and in_page),
        "travels": in_page,
        "foreign": not set(READ).issuperset(kinds(model)),
        "parameters": parameter_count(model.model),
        "bytes": int8_bytes(model.model),
        "licence": attribution if isinstance(attribution, str) and attribution else None,
        "card": model.card,
        "step": model.alignment_step,
        "rounding": None,
        "bench": {"own": bench is not None} | (example() if bench is None else bench),
        "made": __version__,
    }


def _filled(
    facts: Mapping[str, Any], data: Mapping[str, bytes], policy: str, cutting: Laboratory, film: str | None = None
) -> str:
    """Return the page with all of that in it, and with what its policy allows beside script and style."""
    blocks = "\n".join(
        f'<script type="text/plain" data-file="{file}">{b64encode(content).decode()}</script>'
        for file, content in data.items()
    )
    blocks += f'\n<script type="application/json" id="laboratory">{_json(cutting)}</script>'
    if film is not None:
        blocks += f'\n<script type="application/json" id="film">{_harmless(film)}</script>'
    fill = (
        policy,
        _written(escape(f"{facts['name']} · dragoman")),
        f'<script type="application/json" id="facts">{_json({**facts, "film": film is not None})}</script>',
        blocks,
    )
    made, rest = [], skeleton()
    for gap, filling in zip(GAPS, fill, strict=True):
        before, found, rest = rest.partition(gap)
        assert found, f"page.html has no {gap}"
        made += [before, filling]
    return "".join([*made, rest])


def _check_text(model: Bundle, text: str) -> None:
    pieces = len(model.source_tokenizer.encode(text).ids)
    room = model.model.max_positions - 2  # `</s>`, and the `<s>` of the other side
    if pieces > room:
        raise RequestError(f"the text has {pieces:,} pieces, a page takes at most {room:,}; split it into sentences")


def _of_recipe(provenance: Mapping[str, Any], table: str, name: str) -> Any:
    """Return a setting of the recipe that the model was trained by; None where that is not known."""
    found: Any = provenance
    for key in ("recipe", table, name):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _json(value: Any) -> str:
    return _harmless(json.dumps(value))


def _harmless(written: str) -> str:
    """Return JSON that can end no element."""
    return written.replace("<", "\\u003c")


def _written(html: str) -> str:
    """Return HTML that can be written: a byte of a name that is no UTF-8 as a character that is none."""
    return html.encode("utf-8", "xmlcharrefreplace").decode()
