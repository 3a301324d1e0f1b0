"""`dragoman plan`: what a training run will take, before it is begun."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.train import (
    Minutes,
    Origin,
    Preset,
    RecipeFile,
    Settings,
    Source,
    Steps,
    Target,
    ValidSource,
    ValidTarget,
    asked,
)


def plan(
    recipe: RecipeFile = None,
    source: Source = None,
    target: Target = None,
    valid_source: ValidSource = None,
    valid_target: ValidTarget = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="As for train; nothing is written there.")] = None,
    preset: Preset = None,
    origin: Origin = None,
    minutes: Minutes = None,
    steps: Steps = None,
    settings: Settings = None,
    epochs: Annotated[int, typer.Option(min=1, help="Say how long so many epochs take.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="The plan as JSON.")] = False,
) -> None:
    """Say what a training run will take: memory, time, work.

    The arguments are those of train. The text is read and tokenized as train would, and some steps are run for ten
    seconds on a model that is thrown away. What will not fit into memory is refused.
    """
    began = time.monotonic()
    files = {"source": source, "target": target, "valid_source": valid_source, "valid_target": valid_target}
    found, notes = asked(recipe, files, preset, origin, minutes, steps, settings, "planning")
    from dragoman.cli.plan_table import lines, show
    from dragoman.cli.planned_run import planned

    facts = planned(found, epochs, began, notes)
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        show(lines(facts))
