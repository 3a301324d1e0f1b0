"""dragoman: the Transformer of "Attention Is All You Need", from sentence pairs to a translator.

Importing this package starts no thread, reads no variable, touches no GPU and prints nothing; the
names below load what they need when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dragoman.errors import CheckpointError as CheckpointError
    from dragoman.errors import ConfigError as ConfigError
    from dragoman.errors import DataError as DataError
    from dragoman.errors import DragomanError as DragomanError
    from dragoman.errors import RequestError as RequestError
    from dragoman.explain.trace import TraceOptions as TraceOptions
    from dragoman.explain.trace import trace as trace
    from dragoman.options import DecodeOptions as DecodeOptions
    from dragoman.options import Hypothesis as Hypothesis
    from dragoman.options import Translation as Translation
    from dragoman.text.tokenizer import Tokenizer as Tokenizer
    from dragoman.translator import Translator as Translator

__version__ = "0.1.0"

_HOMES = {
    "CheckpointError": "dragoman.errors",
    "ConfigError": "dragoman.errors",
    "DataError": "dragoman.errors",
    "DragomanError": "dragoman.errors",
    "RequestError": "dragoman.errors",
    "DecodeOptions": "dragoman.options",
    "Hypothesis": "dragoman.options",
    "Translation": "dragoman.options",
    "Tokenizer": "dragoman.text.tokenizer",
    "TraceOptions": "dragoman.explain.trace",
    "Translator": "dragoman.translator",
    "trace": "dragoman.explain.trace",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Load a public name from its home at first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'dragoman' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__, "__version__"]
