"""The tokenizers that a page cuts texts with: the model's own, in front of others.

They stand in the page as their tokenizer.json, whatever it holds of the model, so that any text can be cut there.
"""

from typing import Any

from dragoman.bundle import Bundle

Laboratory = dict[str, Any]  # JSON; web/src/page/laboratory/embedded.ts reads it


def laboratory(model: Bundle) -> Laboratory:
    """Return the tokenizers of a page, the model's source first."""
    sides = {"source": model.source_tokenizer, "target": model.target_tokenizer}
    if model.target_tokenizer is model.source_tokenizer:
        sides = {"model": model.source_tokenizer}
    return {"tokenizers": [{"name": name, "own": True, "json": own.to_json()} for name, own in sides.items()]}
