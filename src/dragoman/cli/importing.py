"""`dragoman import`: a model of another program becomes one of ours."""

import os
from pathlib import Path
from typing import Annotated

import typer

from dragoman.errors import RequestError


def import_model(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder or file of the other program.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make.")],
    form: Annotated[
        str | None,
        typer.Option("--format", help="Whose model it is; by default its files say: ctranslate2, marian, huggingface."),
    ] = None,
    languages: Annotated[str | None, typer.Option(help="From and to, such as de-en.")] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option(help="How text is cut, where the model does not say: characters, blanks, or a .model file."),
    ] = None,
    trust_torch_file: Annotated[
        bool, typer.Option("--trust-torch-file", help="Read a .bin of torch, by a child process and weights alone.")
    ] = False,
) -> None:
    """Make a model of another program one of ours."""
    from dataclasses import replace

    from dragoman import __version__, bundle
    from dragoman.cli.files import note
    from dragoman.interchange.importing import Given, read

    _refuse_place(out)
    given = Given(path=path, languages=_pair(languages), tokenizer=tokenizer, trust_torch_file=trust_torch_file)
    found = read(given, form)
    found = replace(found, provenance={**found.provenance, "versions": {"dragoman": __version__}})
    bundle.save(found, out, plain=True)
    size = int(bundle.describe(out)["bytes"])
    pair = "-".join(found.languages) if found.languages else "languages not known; --languages de-en would say them"
    note(f"{out}: {size / 1e6:,.1f} MB, {pair}")
    if not found.source_ended:
        note(f"{out}: </s> is not put behind sources, as the model's own files say")


def _refuse_place(out: Path) -> None:
    """Refuse an OUT that is there or cannot be made; raises RequestError."""
    from dragoman.cli.files import place

    if os.path.lexists(out):
        raise RequestError(f"{out} exists; name a new folder")
    nearest = next(folder for folder in place(out).parents if folder.exists())
    if not nearest.is_dir():
        raise RequestError(f"{out}: {nearest} is a file; name a folder elsewhere")


def _pair(languages: str | None) -> tuple[str, str] | None:
    from dragoman.directions import is_code

    if languages is None:
        return None
    source, _, target = languages.partition("-")
    if not is_code(source) or not is_code(target) or "-" in target:
        raise RequestError(
            f"--languages {languages:.80}: two codes of letters, digits and _ are wanted, such as de-en or pt_BR-en"
        )
    return source, target
