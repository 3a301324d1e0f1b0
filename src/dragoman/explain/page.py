"""One HTML file that holds a model and a program that runs it, and needs nothing else.

`page.html` beside this file is built from `web/` and holds the program; here the model is put into it, as data: base64
and JSON without a `<`, which can end no element. Weights are int8, made here where the model has others.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dragoman import __version__, bundle
from dragoman.architecture import parameter_count
from dragoman.bundle import Bundle
from dragoman.compress.quantize import quantized
from dragoman.errors import RequestError

SKELETON = Path(__file__).with_name("page.html")
GAPS = ("{title}", "{facts}", "{files}")  # in the order in which they stand
MOST_BYTES = 15_000_000  # of weights in a page; what is larger is to be shown by a recorded trace


def skeleton() -> str:
    """Return the page without a model; raises RequestError where this installation has none."""
    try:
        return SKELETON.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RequestError(
            "this installation has no page, for none was built; write make install in the checkout, which needs Node"
        ) from None


def refuse_large(name: str, weights: int) -> None:
    """Raise RequestError for more int8 weights, or bytes of them, than a page may hold."""
    if weights > MOST_BYTES:
        raise RequestError(
            f"{name}: {weights / 1e6:,.1f} MB of int8 weights, a page holds at most {MOST_BYTES / 1e6:.0f} MB; "
            "choose a smaller model"
        )


def page(model: Bundle, name: str, text: str = "") -> str:
    """Return the page of a model, which begins with this text.

    Raises RequestError for a model too large or a text too long, DataError for a text that is none.
    """
    whole = skeleton()
    refuse_large(name, parameter_count(model.model))
    _check_text(model, text)
    files = _files(model)
    size = len(files[bundle.INT8])
    refuse_large(name, size)
    attribution = _of_recipe(model.provenance, "data", "attribution")
    facts = {
        "name": name,
        "text": text,
        "parameters": parameter_count(model.model),
        "bytes": size,
        "licence": attribution if isinstance(attribution, str) and attribution else None,
        "card": model.card,
        "step": model.alignment_step,
        "made": __version__,
    }
    blocks = "\n".join(
        f'<script type="text/plain" data-file="{file}">{b64encode(data).decode()}</script>'
        for file, data in files.items()
    )
    fill = (
        _written(escape(f"{name} · dragoman")),
        f'<script type="application/json" id="facts">{_json(facts)}</script>',
        blocks,
    )
    made = []
    for gap, filling in zip(GAPS, fill, strict=True):
        before, found, whole = whole.partition(gap)
        assert found, f"page.html has no {gap}"
        made += [before, filling]
    return "".join([*made, whole])


def _check_text(model: Bundle, text: str) -> None:
    pieces = len(model.source_tokenizer.encode(text).ids)
    room = model.model.max_positions - 2  # `</s>`, and the `<s>` of the other side
    if pieces > room:
        raise RequestError(f"the text has {pieces:,} pieces, a page takes at most {room:,}; split it into sentences")


def _files(model: Bundle) -> dict[str, bytes]:
    """Return the files of the model with int8 weights alone; where it came from, paths and all, stays at home."""
    int8 = model.int8 if model.int8 is not None else quantized(model.model, model.weights)
    with TemporaryDirectory() as folder:
        bundle.save(replace(model, int8=int8, master=None, provenance={}, card=""), folder, plain=True)
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir()) if path.name != bundle.CARD}


def _of_recipe(provenance: Mapping[str, Any], table: str, name: str) -> Any:
    """Return a setting of the recipe that the model was trained by; None where that is not known."""
    found: Any = provenance
    for key in ("recipe", table, name):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _json(value: Any) -> str:
    return json.dumps(value).replace("<", "\\u003c")


def _written(html: str) -> str:
    """Return HTML that can be written: a byte of a name that is no UTF-8 as a character that is none."""
    return html.encode("utf-8", "xmlcharrefreplace").decode()
