"""`dragoman tokenizer doctor`: the known weaknesses of tokenizers, measured on one, with advice."""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.files import note

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dragoman.bundle import Bundle
    from dragoman.text.pathologies import Finding
    from dragoman.text.tokenizer import Tokenizer

SETTING = re.compile(r"--set ([a-z_.]+)=")
MOST_LINES = 100_000  # of the user's text; of more a sample


def doctor(
    tokenizer: Annotated[Path, typer.Argument(metavar="TOKENIZER", help="A tokenizer.json or a model folder.")],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Your texts; built-in ones if none.")
    ] = None,
    target: Annotated[bool, typer.Option("--target", help="Of a model with two vocabularies, the target's.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Measures and findings as one JSON object.")] = False,
) -> None:
    """Look for the known weaknesses of a tokenizer.

    Each is measured, shown on an example, judged good, fair or poor, and has a sentence of advice. Of a model
    folder the embeddings are looked at too; with FILEs the text itself is measured.
    """
    from dragoman.cli.files import note
    from dragoman.cli.measures import cells, measure_lines
    from dragoman.cli.tables import print_advice, print_table
    from dragoman.data.corpus import read_lines
    from dragoman.text.laboratory import MEASURED, keep, measure
    from dragoman.text.pathologies import examine

    loaded, norms, had = load_with_norms(tokenizer, target)
    rows, total = keep(((line,) for path in files or [] for line in read_lines(path)), MOST_LINES)
    lines = [line for (line,) in rows]
    if total > len(lines):
        note(f"measured on a sample of {len(lines):,} of {total:,} lines")
    measures = measure(loaded, [line for (line,) in keep(rows, MEASURED)[0]]) if files else None
    findings = examine(loaded, lines, norms)
    if as_json:
        from dataclasses import asdict

        described = {
            "kind": loaded.kind,
            "vocab_size": loaded.vocab_size,
            "lossless": loaded.lossless,
            "fingerprint": loaded.fingerprint,
        }
        record = {
            "tokenizer": described,
            "measures": None if measures is None else asdict(measures),
            "findings": [finding.as_json() for finding in findings],
        }
        print(json.dumps(record, ensure_ascii=False))
        return
    if measures is not None:
        print_table(("measure", loaded.kind), cells(measure_lines([measures])))
        print()
    print_advice([(finding.verdict, finding.name, words(finding, had)) for finding in findings])


def words(finding: "Finding", had: Collection[str] = ()) -> list[str]:
    """Return what is said of a finding: a good one needs no advice, a model that `had` the advised settings others."""
    from dragoman.cli.pieces import visible

    said = [f"{finding.title}: {finding.measured}"]
    if finding.pieces:
        pieces = " ".join(map(visible, finding.pieces))
        said.append(f"{finding.example} → {pieces}" if finding.example != finding.pieces[0] else pieces)
    if finding.verdict in ("good", "not measured"):
        return said
    advised = SETTING.findall(finding.advice)
    if advised and set(advised) <= set(had):
        return [*said, f"This model was trained with {' and '.join(advised)} against it; score it on such text."]
    return [*said, finding.advice]


def load_with_norms(path: Path, target: bool) -> "tuple[Tokenizer, NDArray[np.floating] | None, frozenset[str]]":
    """Return a tokenizer, of a model folder the norms of its embeddings, and the settings that it already has.

    Raises CheckpointError.
    """
    from dragoman import bundle, shipped
    from dragoman.text.tokenizer import Tokenizer

    path = shipped.locate(path)
    if not path.is_dir():
        return Tokenizer.load(path), None, frozenset()
    import numpy as np

    model = bundle.load(path)
    side = "target" if target else "source"
    weights = model.weights.get("embedding.weight")
    if weights is None:
        weights = model.weights[f"{side}_embedding.weight"]
    return chosen(model, target, path.name), np.linalg.norm(weights, axis=1), _settings(model)


def _settings(model: "Bundle") -> frozenset[str]:
    """Return the names of the settings of a model's search, and of the augmentation in its recipe, of any origin."""
    recipe = model.provenance.get("recipe")
    augment = recipe.get("augment") if isinstance(recipe, dict) else None
    tables = {"augment": augment if isinstance(augment, dict) else {}, "decode": model.decode}
    return frozenset(f"{name}.{setting}" for name, table in tables.items() for setting, value in table.items() if value)


def chosen(model: "Bundle", target: bool, name: str) -> "Tokenizer":
    """Return the tokenizer of a side, and say which it is where the model has two."""
    if target:
        return model.target_tokenizer
    if model.target_tokenizer is not model.source_tokenizer:
        note(f"{name} has a tokenizer for each side; this is the source's, --target takes the other")
    return model.source_tokenizer
