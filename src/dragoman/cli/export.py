"""`dragoman export`: a model for another program."""

from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.translate import Model
from dragoman.errors import RequestError


def export(
    model: Model,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make.")],
    to: Annotated[str, typer.Option(help="The program: ctranslate2.")] = "ctranslate2",
    quantization: Annotated[
        str, typer.Option(help="Of the numbers: float32, int8, int8_float32, int16, float16.")
    ] = "float32",
) -> None:
    """Write a model as another program reads it."""
    if to != "ctranslate2":
        raise RequestError(f"--to {to}: allowed is ctranslate2")
    from dragoman import bundle
    from dragoman.cli.files import note
    from dragoman.directions import tags
    from dragoman.interchange import ctranslate2

    loaded = bundle.load(model)
    ctranslate2.export(loaded, out, quantization)
    most = loaded.model.max_positions - 1
    ends = [f"<to {language}>" for language in tags(loaded.translates)] or ["</s>"]
    end = " or ".join(ends)
    note(f"{out}: give sources with {end} at the end, max_input_length and max_decoding_length of {most} at most")
