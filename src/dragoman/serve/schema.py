"""What clients send, read strictly: /translate in LibreTranslate's three forms, and the JSON of our own routes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from dragoman import strict_json
from dragoman.directions import Direction
from dragoman.errors import suggestion
from dragoman.explain.trace import TraceOptions
from dragoman.options import DecodeOptions
from dragoman.serve.languages import AUTO, Languages
from dragoman.serve.limits import Limits
from dragoman.serve.refusal import Refusal, shortened
from dragoman.text.languages import canonical
from dragoman.translator import decode_options

MOST_FIELDS = 100  # of a form
TRACED = {"text": str, "target": str, "to": str, "top": int, "logits": bool, "packed": bool, "decode": dict}
SHOWN = {"text": str, "to": str, "decode": dict}
TYPES = {str: "a text", int: "a whole number", bool: "true or false", dict: "an object"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for translations; `single` says that it was a text, not a list of texts."""

    texts: tuple[str, ...]
    single: bool
    direction: Direction
    detect: bool  # the client asked which source language it is
    alternatives: int


def asked(fields: Mapping[str, Any], languages: Languages, limits: Limits) -> Asked:
    """Return the translation that fields ask for; raises Refusal. Names that are not known are left alone.

    So do LibreTranslate and its clients, such as with an `api_key` for a server that wants none.
    """
    for name in ("q", "source", "target"):
        if fields.get(name) is None:
            raise Refusal(400, f"Invalid request: missing {name} parameter")
    given = fields["q"]
    texts = tuple(given) if isinstance(given, list) else (given,)
    if not all(isinstance(text, str) for text in texts):
        raise Refusal(400, "Invalid request: q is neither a text nor a list of texts")
    check_size(texts, limits)
    if (form := fields.get("format")) not in (None, "", "text"):
        raise Refusal(400, f"Invalid request: format {shortened(form)} is not supported here; write text")
    source, target = (_text(name, fields[name]) for name in ("source", "target"))
    return Asked(
        texts,
        not isinstance(given, list),
        languages.chosen(source, target),
        canonical(source) == AUTO,
        _alternatives(fields.get("alternatives"), limits.alternatives),
    )


def traced(fields: Mapping[str, Any], defaults: DecodeOptions, limits: Limits) -> tuple[str, bool, TraceOptions]:
    """Return the text to trace, whether to pack the answer, and the options; raises RequestError and ConfigError."""
    text, given = _given(fields, TRACED, limits)
    packed = given.pop("packed", False)
    check_size([given.get("target", "")], limits)
    if "decode" in given:
        given["decode"] = search(given["decode"], defaults, limits)
    return text, packed, TraceOptions(**given)


def shown(fields: Mapping[str, Any], defaults: DecodeOptions, limits: Limits) -> tuple[str, DecodeOptions, str | None]:
    """Return the text to show the translation of, the options, the language; raises RequestError and ConfigError."""
    text, given = _given(fields, SHOWN, limits)
    return text, search(given.get("decode", {}), defaults, limits), given.get("to")


def _given(fields: Mapping[str, Any], allowed: Mapping[str, type], limits: Limits) -> tuple[str, dict[str, Any]]:
    """Return the text, and what else is given; raises Refusal."""
    _exactly(fields, allowed)
    given = {name: value for name, value in fields.items() if value is not None}
    if "text" not in given:
        raise Refusal(400, "Invalid request: missing text parameter")
    text = given.pop("text")
    check_size([text], limits)
    return text, given


def search(given: Mapping[str, Any], defaults: DecodeOptions, limits: Limits) -> DecodeOptions:
    """Return the options of a search, those given put over the model's; raises RequestError and ConfigError."""
    options = decode_options(defaults, given)
    for name, value in (("beam", options.width), ("n_best", options.n_best)):
        if value > limits.beam:
            raise Refusal(400, f"Invalid request: {name}={value}: this server allows at most {limits.beam}")
    return options


def check_size(texts: Iterable[str], limits: Limits) -> None:
    """Refuse more texts, or longer ones, than a request may hold; raises Refusal."""
    lengths = [len(text) for text in texts]
    if len(lengths) > limits.texts:
        raise Refusal(400, f"Invalid request: {len(lengths)} texts exceed the limit of {limits.texts} in a request")
    if (length := sum(lengths)) > limits.characters:
        raise Refusal(400, f"Invalid request: request ({length}) exceeds text limit ({limits.characters})")


def fields_of(content_type: str, body: bytes, query: bytes) -> dict[str, Any]:
    """Return the fields of a request: of a JSON object, or of a form and the address; raises Refusal."""
    kind, _, more = content_type.partition(";")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", more, re.IGNORECASE)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise Refusal(415, f"charset {shortened(charset[1])} is not read here; send UTF-8")
    kind = kind.strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return read_json(body)
    if kind not in ("", "application/x-www-form-urlencoded"):
        raise Refusal(415, f"Content-Type {shortened(kind)} is not read here; send application/json")
    form = [(name, value.replace("\r\n", "\n")) for name, value in _form(body)] if kind else []
    if not kind and not query and body.lstrip()[:1] == b"{":
        raise Refusal(415, "the request has no Content-Type; send application/json")
    return _once(_form(query)) | _once(form)


def read_json(body: bytes) -> dict[str, Any]:
    """Return a JSON object; raises Refusal for anything else."""
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
        found = strict_json.loads(text)
    except UnicodeDecodeError:
        raise Refusal(400, "Invalid request: the body is not UTF-8") from None
    except ValueError as error:
        raise Refusal(400, f"Invalid request: the body cannot be read as JSON: {shortened(error, 100)}") from None
    if not isinstance(found, dict):
        raise Refusal(400, 'Invalid request: the body is no JSON object; write {"q": ...}')
    return found


def _exactly(fields: Mapping[str, Any], allowed: Mapping[str, type]) -> None:
    """Refuse a field that is not allowed or has another type; null is as if it were not there; raises Refusal."""
    for name, value in fields.items():
        if name not in allowed:
            raise Refusal(400, f"Invalid request: no field {shortened(name)}{suggestion(name, allowed)}")
        if value is not None and type(value) is not allowed[name]:
            raise Refusal(400, f"Invalid request: {name} must be {TYPES[allowed[name]]}")


def _form(data: bytes) -> list[tuple[str, str]]:
    try:
        text = data.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict")
    except ValueError:  # UnicodeDecodeError is one
        raise Refusal(
            400, f"Invalid request: the form is not URL-encoded UTF-8 of at most {MOST_FIELDS} fields"
        ) from None


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Refusal(400, f"Invalid request: {name} must be a text, such as de")
    return value


def _alternatives(value: Any, most: int) -> int:
    number = (
        int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 9 else value
    )
    if number in (None, ""):
        return 0
    if type(number) is not int or not 0 <= number <= most:
        raise Refusal(400, f"Invalid request: alternatives must be a whole number from 0 to {most}")
    return number


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return a table in which no name stands twice, for one of the two would be lost; raises Refusal."""
    table = dict(pairs)
    if len(table) < len(pairs):
        twice = next(name for at, (name, _) in enumerate(pairs) if name in dict(pairs[:at]))
        raise Refusal(400, f"Invalid request: {shortened(twice)} stands there twice")
    return table
