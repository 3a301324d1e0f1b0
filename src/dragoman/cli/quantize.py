"""`dragoman quantize`: a smaller model from a model."""

import os
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.translate import Model
from dragoman.errors import RequestError

SMALLER = ("int8", "bf16")


def quantize(
    model: Model,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; a quantized model there is replaced.")],
    precision: Annotated[str, typer.Option(help="int8 (a quarter of float32) or bf16 (half).")] = "int8",
) -> None:
    """Write a smaller model, whose weights have fewer bits."""
    from dataclasses import replace

    from dragoman import __version__, bundle
    from dragoman.cli.files import note
    from dragoman.compress.quantize import quantized

    if precision not in SMALLER:
        raise RequestError(f"--precision {precision}: allowed are {' and '.join(SMALLER)}")
    _check_out(out)
    loaded = bundle.load(model)
    if loaded.master is None:
        raise RequestError(f"{model} holds int8 weights alone; quantize the model that it was made from")
    known = dict(loaded.provenance) | {"quantized": {"precision": precision, "dragoman": __version__}}
    words = f"Its weights were rounded to {precision} by dragoman {__version__}; what stands above was measured before."
    smaller = replace(loaded, provenance=known, card=f"{loaded.card.rstrip()}\n\n{words}\n")
    if precision == "int8":
        smaller = replace(smaller, int8=quantized(loaded.model, loaded.weights), master=None)
    else:
        smaller = replace(smaller, int8=None, master="bf16")
    bundle.save(smaller, out, plain=True)
    before, after = (int(bundle.describe(folder)["bytes"]) for folder in (model, out))
    note(f"{out}: {after / 1e6:,.1f} MB, {model} has {before / 1e6:,.1f} MB")


def _check_out(out: Path) -> None:
    """Refuse a folder whose float weights, or training run, would be lost."""
    from dragoman import bundle, manifest

    if not os.path.exists(out / manifest.MANIFEST):
        if out.is_dir() and any(out.iterdir()):
            raise RequestError(f"{out} holds other files; name a new folder")
        return
    files = manifest.read_manifest(out)
    if (out / "training").exists() or (
        bundle.WEIGHTS in files and "quantized" not in bundle.describe(out)["provenance"]
    ):
        raise RequestError(f"{out} holds a model that was trained, whose weights would be lost; name another folder")
