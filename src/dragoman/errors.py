"""The tree of errors that dragoman raises for what a user gave it.

DragomanError
├── ConfigError      a setting, option or recipe that cannot be
├── DataError        a corpus, a line of text, a file of the user
├── CheckpointError  a bundle or a checkpoint: missing, damaged, of another format
└── RequestError     one call: text to translate, options of a search

Every message is one line with three parts: what was given, what is allowed, what to write.
Only `cli/` turns them into a line on stderr and an exit status.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class DragomanError(Exception):
    """Base of all errors that a user can mend; the command line answers with exit status 2."""


class ConfigError(DragomanError):
    """A setting, an option or a recipe that cannot be."""


class DataError(DragomanError):
    """A corpus or a text that cannot be used; names file and line where there are any."""


class CheckpointError(DragomanError):
    """A bundle or checkpoint that is missing, damaged or of another format."""


class RequestError(DragomanError):
    """A single request (a text, search options) that cannot be answered."""


def suggestion(given: str, allowed: Iterable[str]) -> str:
    """Return ``; did you mean X?`` for the nearest allowed name, or the list of all when none is near."""
    names = list(allowed)
    near = get_close_matches(given, names, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else f"; allowed: {', '.join(names)}"
