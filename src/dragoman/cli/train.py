"""`dragoman train`, and the arguments that it shares with `dragoman plan`."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dragoman.cli.recipe import Recipe

MINUTES = 30.0  # where nothing says how long

RecipeFile = Annotated[Path | None, typer.Argument(metavar="[RECIPE.toml]", help="Settings in TOML tables.")]
Source = Annotated[Path | None, typer.Option(help="Source texts, one a line (.gz, .zst), or .tsv/.jsonl pairs.")]
Target = Annotated[Path | None, typer.Option(help="Target texts, line by line the source's translations.")]
ValidSource = Annotated[Path | None, typer.Option(help="Source texts to validate on.")]
ValidTarget = Annotated[Path | None, typer.Option(help="Their translations.")]
Preset = Annotated[str | None, typer.Option(help="Model size: pocket, tiny, small, fast, base, big.")]
Origin = Annotated[
    str | None, typer.Option("--from", metavar="MODEL", help="Go on from this model: its shape, pieces, weights.")
]
Minutes = Annotated[float | None, typer.Option(help="Wall time for everything; 30 if nothing is said.")]
Steps = Annotated[int | None, typer.Option(help="Updates of the weights, instead of minutes.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="TABLE.NAME=VALUE", help="Any setting of a recipe, such as train.seed=2."),
]


def train(
    out: Annotated[Path, typer.Option("--out", "-o", help="The model folder to make, or to go on with.")],
    recipe: RecipeFile = None,
    source: Source = None,
    target: Target = None,
    valid_source: ValidSource = None,
    valid_target: ValidTarget = None,
    preset: Preset = None,
    origin: Origin = None,
    minutes: Minutes = None,
    steps: Steps = None,
    settings: Settings = None,
) -> int:
    """Train a translator from sentence pairs. The same command again goes on where it stopped."""
    began = time.monotonic()
    files = {"source": source, "target": target, "valid_source": valid_source, "valid_target": valid_target}
    found, notes = asked(recipe, files, preset, origin, minutes, steps, settings)
    from dragoman.cli.training_run import run

    return run(found, out, began, notes)


def asked(
    recipe: Path | None,
    files: dict[str, Path | None],
    preset: str | None,
    origin: str | None,
    minutes: float | None,
    steps: int | None,
    settings: list[str] | None,
    doing: str = "training",
) -> "tuple[Recipe, list[str]]":
    """Return the recipe that the arguments make, with a length in any case, and what to say of it."""
    from dragoman.cli.recipe import read
    from dragoman.config import Tables

    flags: Tables = {
        "data": {name: None if path is None else str(path) for name, path in files.items()},
        "model": {"preset": preset, "from": origin},
        "train": {"minutes": minutes, "steps": steps},
    }
    found = read(recipe, settings or [], flags)
    if found.train.minutes is not None or found.train.steps is not None:
        return found, []
    note = f"{doing} for {MINUTES:.0f} minutes; write --minutes M or --steps N for another length"
    return replace(found, train=replace(found.train, minutes=MINUTES)), [note]
