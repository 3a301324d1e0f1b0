"""`dragoman quantize`: a smaller model from a model."""

from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.translate import Model
from dragoman.errors import RequestError

SMALLER = ("int8", "bf16")


def quantize(
    model: Model,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; a model there is replaced.")],
    precision: Annotated[str, typer.Option(help="int8 (a quarter of float32) or bf16 (half).")] = "int8",
) -> None:
    """Write a smaller model, whose weights have fewer bits."""
    from dataclasses import replace

    from dragoman import bundle
    from dragoman.cli.files import note
    from dragoman.compress.quantize import quantized

    if precision not in SMALLER:
        raise RequestError(f"--precision {precision}: allowed are {' and '.join(SMALLER)}")
    if out.exists() and model.exists() and out.samefile(model):
        raise RequestError(f"OUT is MODEL, {model}: its float weights would be lost; name another folder")
    loaded = bundle.load(model)
    if loaded.master is None:
        raise RequestError(f"{model} holds int8 weights alone; quantize the model that it was made from")
    if precision == "int8":
        smaller = replace(loaded, int8=quantized(loaded.model, loaded.weights), master=None)
    else:
        smaller = replace(loaded, int8=None, master="bf16")
    bundle.save(smaller, out, plain=True)
    before, after = (int(bundle.describe(folder)["bytes"]) for folder in (model, out))
    note(f"{out}: {after / 1e6:,.1f} MB, {model} has {before / 1e6:,.1f} MB")
