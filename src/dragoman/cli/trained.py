"""What is written about a trained model: where it came from."""

import platform
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import tokenizers
import torch

from dragoman import __version__
from dragoman.data.corpus import CorpusReport
from dragoman.engine.cpu import instruction_sets
from dragoman.train.progress import Progress, Validation


def provenance(recipe: Mapping[str, Any], reports: Sequence[CorpusReport], precision: str) -> dict[str, Any]:
    """Return data, settings, machine and versions of a run, as JSON values."""
    return {
        "recipe": dict(recipe),
        "data": {
            "sha256": _digests(reports),
            "pairs": sum(report.pairs for report in reports),
            "usable": sum(report.usable for report in reports),
        },
        "versions": {
            "dragoman": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": numpy.__version__,
            "tokenizers": tokenizers.__version__,
        },
        "machine": {
            "system": f"{sys.platform} {platform.machine()}",
            "instruction_sets": list(instruction_sets()),
            "threads": torch.get_num_threads(),
            "precision": precision,
        },
    }


def _digests(reports: Sequence[CorpusReport]) -> dict[str, str]:
    """Return the SHA-256 of each file by its name, or by its path where two have the same name."""
    paths = [path for report in reports for path in report.files.paths]
    names = Counter(path.name for path in paths)
    keys = [path.name if names[path.name] == 1 else str(path) for path in paths]
    return dict(zip(keys, (digest for report in reports for digest in report.sha256), strict=True))


def provenance_of(first: Mapping[str, Any], validation: Validation, progress: Progress) -> dict[str, Any]:
    """Return a run's provenance with what is known of the model at this step."""
    return dict(first) | {
        "trained": {
            "step": progress.step,
            "total_steps": progress.total,
            "epoch": progress.epoch + 1,
            "tokens": progress.tokens,
            "averaged_steps": progress.averaged,
            "validation_loss": round(validation.loss, 4),
            "validation_chrf": None if validation.chrf is None else round(validation.chrf, 2),
        }
    }
