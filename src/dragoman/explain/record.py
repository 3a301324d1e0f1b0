"""A record: one translation with its trace, as a page holds it whose model is too large to be in it.

Two files of JSON, compressed with deflate (zlib's format), which browsers unpack by themselves.
"""

import json
import zlib
from dataclasses import replace

from dragoman.bundle import Bundle
from dragoman.directions import targets
from dragoman.engine.model import Engine
from dragoman.explain.remote import translated
from dragoman.explain.trace import TraceOptions, Tracer
from dragoman.explain.trace_json import to_json
from dragoman.translator import Translator

TRANSLATED, TRACE = "translated.json.zz", "trace.json.zz"
WAYS = 4  # translations that are kept, as many as a living page shows
LEVEL = 9


def record(model: Bundle, text: str) -> dict[str, bytes]:
    """Return the files of a text's record; raises RequestError for what the model cannot take.

    Both are float32, so that the trace is that of the translation.
    """
    engine = Engine(model.model, model.weights, "float32")
    translator = Translator(model, engine)
    own = translator.defaults
    options = replace(own, n_best=WAYS if own.sampling else min(WAYS, own.width))
    to = next(iter(targets(model.translates)), None)  # the first one, as the page asks
    made = translated(translator, text, options, to)
    trace = Tracer(model, engine).trace(text, TraceOptions(decode=options, to=to, logits=True))
    return {
        TRANSLATED: zlib.compress(json.dumps(made).encode(), LEVEL),
        TRACE: zlib.compress(to_json(trace, packed=True).encode(), LEVEL),
    }
