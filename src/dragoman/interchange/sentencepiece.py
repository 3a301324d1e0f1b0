"""The tokenizers of a model as SentencePiece `.model` files."""

from pathlib import Path

from dragoman.bundle import Bundle
from dragoman.interchange.folder import whole


def export(bundle: Bundle, folder: Path) -> None:
    """Write `folder`: tokenizer.model, or source.model and target.model where the sides have one each.

    Raises RequestError for a folder that exists, and ConfigError for a tokenizer that is not exact there.
    """
    source, target = bundle.source_tokenizer, bundle.target_tokenizer
    sides = {"tokenizer": source} if target is source else {"source": source, "target": target}
    written = {f"{name}.model": tokenizer.to_sentencepiece() for name, tokenizer in sides.items()}
    with whole(folder) as made:
        for name, content in written.items():
            (made / name).write_bytes(content)
