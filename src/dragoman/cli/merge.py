"""`dragoman merge`: a model and an adapter that was trained from it become one model."""

import os
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.translate import Model
from dragoman.errors import CheckpointError, RequestError


def merge(
    model: Model,
    adapter: Annotated[Path, typer.Argument(metavar="ADAPTER", help="training/adapter.safetensors of a training.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make.")],
) -> None:
    """Add an adapter to the model that it was trained from."""
    from dataclasses import replace

    from dragoman import adapter as adapters
    from dragoman import bundle
    from dragoman.cli.card import card
    from dragoman.cli.files import note

    if os.path.lexists(out):
        raise RequestError(f"{out} exists; name a new folder")
    base, found = bundle.load(model), adapters.load(adapter)
    try:
        weights = found.merged(base.model, base.weights)
        words = card(base.model, base.translates, found.provenance)
    except CheckpointError as error:
        raise CheckpointError(f"{adapter}: {error}") from None
    except (KeyError, TypeError, AttributeError):
        raise CheckpointError(f"{adapter}: damaged: its provenance is none; train the adapter again") from None
    made = replace(base, weights=weights, int8=None, master="float32", provenance=dict(found.provenance), card=words)
    bundle.save(made, out, plain=True)
    note(f"{out}: {model} with {len(found.matrices)} matrices of {adapter} added to its weights")
