"""The models that come with the package, which a name such as `en-de` stands for wherever a model folder does."""

import os
from pathlib import Path

MODELS = Path(__file__).parent / "models"


def names() -> list[str]:
    """Return the names of the models that this installation holds."""
    return sorted(path.parent.name for path in MODELS.glob("*/manifest.json"))


def locate(model: str | Path) -> Path:
    """Return where a model lies: the given path, or, where nothing is there, the model that ships by this name."""
    path = Path(model)
    return path if os.path.lexists(path) or str(path) not in names() else MODELS / path
