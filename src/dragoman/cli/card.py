"""The card of a model, for people: what it learned from, whose that is, and how good it is on which test set."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dragoman.architecture import ModelConfig, parameter_count
from dragoman.directions import Direction

if TYPE_CHECKING:
    from dragoman.evaluate.quality import Quality

SCORES = "## Scores"


def card(model: ModelConfig, directions: Sequence[Direction], provenance: Mapping[str, Any]) -> str:
    """Return the model's card in Markdown."""
    data, trained = provenance["data"], provenance.get("trained")
    direction = ", ".join(f"{source} to {target}" for source, target in directions) or "a translation model"
    lines = [
        f"# {direction}",
        "",
        f"A Transformer with {model.encoder_layers}+{model.decoder_layers} layers of width {model.d_model}, "
        f"{parameter_count(model):,} parameters, made with dragoman {provenance['versions']['dragoman']}.",
        "",
        *_origin(provenance),
        "## Data",
        "",
        f"{data['usable']:,} of {data['pairs']:,} sentence pairs from:",
        "",
        *(f"- `{name}`, SHA-256 `{digest}`" for name, digest in data["sha256"].items()),
        "",
        provenance["recipe"]["data"].get("attribution")
        or "Licence: that of the data; write it here, or as data.attribution into the recipe, before you pass it on.",
        "",
        "## Training",
        "",
    ]
    if trained is None:
        lines.append("Not trained yet.")
    else:
        lines += [
            f"Step {trained['step']:,} of {trained['total_steps']:,}, epoch {trained['epoch']}, "
            f"{trained['tokens']:,} source and target pieces seen.",
            f"On the validation pairs: loss {trained['validation_loss']} a piece, "
            f"chrF {trained['validation_chrf']} (greedy, up to 200 sentences).",
        ]
    lines += ["", "The recipe, with the seed, stands in `config.json` under `provenance`.", ""]
    return "\n".join(lines)


def _origin(provenance: Mapping[str, Any]) -> list[str]:
    """Return what a model was before it was trained on, its own card with whose text it learned from included."""
    origin = provenance.get("from")
    if origin is None:
        return []
    quoted = (f"> {line}".rstrip() for line in origin["card"].splitlines())
    said = "The card of that model:" if origin["card"] else "That model has no card."
    return [
        "## Origin",
        "",
        f"Trained on from `{origin['model']}`, SHA-256 of its weights `{origin['sha256']}`. {said}",
        "",
        *quoted,
        *([""] if origin["card"] else []),
    ]


def with_scores(card: str, heading: str, files: Mapping[str, str], quality: "Quality") -> str:
    """Return the card with what a test set gave, in the place of what stood there under the same heading.

    `files` are the SHA-256 of source and reference by their names.
    """
    scores = (quality.bleu, quality.chrf, quality.ter)
    section = [
        f"### {heading}",
        "",
        *(f"- {score.name} {score.value:.2f}, `{score.signature}`" for score in scores),
        f"- exact match {100 * quality.exact_match:.2f} % of {quality.sentences:,} sentences",
        *(f"- `{name}`, SHA-256 `{digest}`" for name, digest in files.items()),
        "",
    ]
    old = re.compile(rf"### {re.escape(heading)}\n.*?(?=\n#|\Z)", re.DOTALL)
    text = re.sub(r"\n{3,}", "\n\n", old.sub("", card)).rstrip()
    if SCORES not in text.splitlines():
        text += f"\n\n{SCORES}"
    return f"{text}\n\n" + "\n".join(section)
