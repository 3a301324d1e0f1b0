"""`dragoman train`."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

MINUTES = 30.0  # where nothing says how long


def train(
    out: Annotated[Path, typer.Option("--out", "-o", help="The model folder to make, or to go on with.")],
    recipe: Annotated[Path | None, typer.Argument(metavar="[RECIPE.toml]", help="Settings in TOML tables.")] = None,
    source: Annotated[
        Path | None, typer.Option(help="Source texts, one a line (.gz, .zst), or .tsv/.jsonl pairs.")
    ] = None,
    target: Annotated[Path | None, typer.Option(help="Target texts, line by line the source's translations.")] = None,
    valid_source: Annotated[Path | None, typer.Option(help="Source texts to validate on.")] = None,
    valid_target: Annotated[Path | None, typer.Option(help="Their translations.")] = None,
    preset: Annotated[str | None, typer.Option(help="Model size: pocket, tiny, small, fast, base, big.")] = None,
    minutes: Annotated[float | None, typer.Option(help="About this long, all included; 30 if nothing is said.")] = None,
    steps: Annotated[int | None, typer.Option(help="Updates of the weights, instead of minutes.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="TABLE.NAME=VALUE", help="Any setting of a recipe, such as train.seed=2."),
    ] = None,
) -> int:
    """Train a translator from sentence pairs. The same command again goes on where it stopped."""
    began = time.monotonic()
    from dragoman.cli.recipe import read
    from dragoman.config import Tables

    data = {"source": source, "target": target, "valid_source": valid_source, "valid_target": valid_target}
    flags: Tables = {
        "data": {name: None if path is None else str(path) for name, path in data.items()},
        "model": {"preset": preset},
        "train": {"minutes": minutes, "steps": steps},
    }
    found = read(recipe, settings or [], flags)
    notes = []
    if found.train.minutes is None and found.train.steps is None:
        found = replace(found, train=replace(found.train, minutes=MINUTES))
        notes.append(f"training for {MINUTES:.0f} minutes; write --minutes M or --steps N for another length")
    from dragoman.cli.training_run import run

    return run(found, out, began, notes)
