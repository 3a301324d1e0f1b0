"""Which language a model translates into: one, or by request one of several, which a tag then names.

A model of several target languages reads its sources with a tag in the place of `</s>`, an id of its own for each
target language behind the pieces of the tokenizer, so that text can never spell one (Johnson et al. 2017 put a tag
in front).
"""

import re
from collections.abc import Sequence

from dragoman.errors import RequestError, suggestion
from dragoman.options import EOS

Direction = tuple[str, str]  # codes of source and target
CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")


def is_code(text: str) -> bool:
    """Whether a text may name a language: it becomes a part of names of files, and of lines on a screen."""
    return CODE.fullmatch(text) is not None


def targets(directions: Sequence[Direction]) -> tuple[str, ...]:
    """Return the target languages, each once, in their order."""
    return tuple(dict.fromkeys(target for _, target in directions))


def tags(directions: Sequence[Direction]) -> tuple[str, ...]:
    """Return the languages that have a tag: the targets, where there are several."""
    found = targets(directions)
    return found if len(found) > 1 else ()


def end_of(directions: Sequence[Direction], target: str | None, pieces: int) -> int:
    """Return the id at the end of a source that shall be translated into `target`; None: into the only one.

    `pieces` is the vocabulary of the source tokenizer. Raises RequestError for a language that is none of the
    model's, and where there are several and none is given.
    """
    known = targets(directions)
    if target is None and len(known) > 1:
        raise RequestError(f"this model translates into {', '.join(known)}; say which: --to {known[0]}")
    if target is not None and not known:
        raise RequestError(f"--to {target}: this model does not say which languages it is for; leave --to out")
    if target is not None and target not in known:
        raise RequestError(f"--to {target}: this model does not translate into that{suggestion(target, known)}")
    return EOS if target is None or len(known) < 2 else pieces + known.index(target)


def common_source(directions: Sequence[Direction]) -> str | None:
    """Return the source language, where all directions have the same."""
    sources = {source for source, _ in directions}
    return sources.pop() if len(sources) == 1 else None
