"""How answers are written: JSON in UTF-8, and `{"error": sentence}` for whatever has none."""

import json
from typing import Any

from starlette.responses import Response

from dragoman.serve.refusal import Refusal

RETRY_SECONDS = "1"


def answer(value: Any, status: int = 200) -> Response:
    """Return a value as JSON; a lone surrogate, which a client may have sent, as a question mark."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")


def refused(error: Exception, close: bool = False) -> Response:
    """Return what a client is told of an error; with `close` the connection ends there, for its body is not read."""
    status = error.status if isinstance(error, Refusal) else 400
    response = answer({"error": str(error)}, status)
    if status == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    if close:
        response.headers["Connection"] = "close"
    return response
