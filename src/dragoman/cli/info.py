"""`dragoman info` and `dragoman verify`: what a model folder holds, and whether it is whole."""

import json
from typing import Annotated, Any

import typer

from dragoman.cli.files import shown
from dragoman.cli.translate import Model


def info(
    model: Model,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
) -> None:
    """Show what a model is.

    Its shape, tokenizer, languages, how it was trained and on what, and what shows it at work.
    """
    from dragoman import bundle
    from dragoman.architecture import from_table
    from dragoman.explain.page import travels

    found = bundle.describe(model)
    found["shown_by"] = {
        "explain": "the model in a page"
        if travels(from_table(found["model"]), found["tokenizer"]["kinds"])
        else "a record of one text in a page",
        "serve": "the model behind a page and LibreTranslate's protocol",
    }
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        _show(name, value, 0)


def verify(model: Model) -> int:
    """Check every file of a model folder.

    Size and SHA-256 as its manifest says, and all that loading checks; exit status 1 where something is wrong.
    """
    from dragoman import bundle, shipped

    if not shipped.locate(model).is_dir():
        bundle.load(model)  # raises, for this is no damage but another path
    problems = bundle.verify(model)
    for problem in problems:
        print(shown(problem))
    if not problems:
        print(shown(f"{model}: whole"))
    return 1 if problems else 0


def _show(name: str, value: Any, depth: int) -> None:
    if isinstance(value, dict) and value:
        print(shown(f"{'  ' * depth}{name}"))
        for key, inner in value.items():
            _show(key, inner, depth + 1)
    else:
        print(shown(f"{'  ' * depth}{name:<{max(1, 24 - 2 * depth)}} {_text(value)}"))


def _text(value: Any) -> str:
    if isinstance(value, str) and "\n" in value:  # the card of the model before
        return f"{value.splitlines()[0]} ..."
    if isinstance(value, dict | list):
        return " ".join(map(str, value)) or "-"
    return (
        f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else "-" if value is None else str(value)
    )
