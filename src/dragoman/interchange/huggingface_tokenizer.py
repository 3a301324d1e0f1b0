"""A model's tokenizers as Hugging Face's library reads them: tokenizer.json, or what its MarianTokenizer wants."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from dragoman.bundle import Bundle
from dragoman.errors import RequestError
from dragoman.options import BOS, EOS, PAD, SPECIALS, UNK
from dragoman.text.tokenizer import Tokenizer

TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
TARGET = "target"  # the folder of the other tokenizer.json, where there are two
SOURCE_SPM, TARGET_SPM, VOCAB, TARGET_VOCAB = "source.spm", "target.spm", "vocab.json", "target_vocab.json"
END = {  # of a tokenizer.json, so that a source gets its `</s>`
    "type": "TemplateProcessing",
    "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": SPECIALS[EOS], "type_id": 0}}],
    "pair": [
        {"Sequence": {"id": "A", "type_id": 0}},
        {"Sequence": {"id": "B", "type_id": 0}},
        {"SpecialToken": {"id": SPECIALS[EOS], "type_id": 0}},
    ],
    "special_tokens": {SPECIALS[EOS]: {"id": SPECIALS[EOS], "ids": [EOS], "tokens": [SPECIALS[EOS]]}},
}


def files(bundle: Bundle) -> dict[str, bytes]:
    """Return the files of a model's tokenizers by their names; raises RequestError for kinds that are not known there.

    Two SentencePiece models that were another program's become its MarianTokenizer: the .model of either side, and the
    pieces by their ids. The others become tokenizer.json, that of the target in a folder where it is another.
    """
    source, target = bundle.source_tokenizer, bundle.target_tokenizer
    if source.through and target.through:
        return _marian(bundle)
    found = _fast(bundle, source)
    if target is not source:
        found |= {f"{TARGET}/{name}": data for name, data in _fast(bundle, target).items()}
    return found


def of_marian(bundle: Bundle) -> bool:
    """Tell whether one MarianTokenizer has both sides."""
    return bool(bundle.source_tokenizer.through and bundle.target_tokenizer.through)


def asked(pieces: Iterable[str]) -> str | None:
    """Return a piece that a MarianTokenizer takes for a language to translate into, None where there is none."""
    return next((piece for piece in pieces if piece.startswith(">>") and piece.endswith("<<")), None)


def written(values: Mapping[str, Any]) -> str:
    """Return a table as their files have it."""
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def _marian(bundle: Bundle) -> dict[str, bytes]:
    if not bundle.source_ended:
        raise RequestError("the tokenizer of Marian there puts </s> behind every source, and this model has none")
    sides = (bundle.source_tokenizer, bundle.target_tokenizer)
    source, target = ([side.piece(index) for index in range(side.vocab_size)] for side in sides)
    if (
        asking := next((piece for piece in source if piece.startswith(">>") and piece.endswith("<<")), None)
    ) is not None:
        raise RequestError(f"the tokenizer of Marian there takes {asking} for a language to translate into")
    described: dict[str, Any] = {"tokenizer_class": "MarianTokenizer", **_specials(bundle)}
    if bundle.languages is not None:
        described |= {"source_lang": bundle.languages[0], "target_lang": bundle.languages[1]}
    found = {SOURCE_SPM: sides[0].to_sentencepiece(), TARGET_SPM: sides[1].to_sentencepiece(), VOCAB: _listed(source)}
    if source != target:
        described["separate_vocabs"] = True
        found[TARGET_VOCAB] = _listed(target)
    return found | {TOKENIZER_CONFIG: written(described).encode()}


def _listed(pieces: list[str]) -> bytes:
    return written({piece: index for index, piece in enumerate(pieces)}).encode()


def _fast(bundle: Bundle, tokenizer: Tokenizer) -> dict[str, bytes]:
    """Return a tokenizer.json, with `</s>` behind a source that is ended, and what tells their library of it."""
    described = json.loads(tokenizer.to_json())
    if described.get("post_processor", ...) is not None or described.get("model", {}).get("type") is None:
        raise RequestError(f"tokenizer.algorithm={tokenizer.kind}: the tokenizers library does not read this kind")
    described["post_processor"] = END if bundle.source_ended else None
    values = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **_specials(bundle),
        "clean_up_tokenization_spaces": False,
        "split_special_tokens": True,  # so that nothing typed becomes a special piece
    }
    compact = json.dumps(described, ensure_ascii=False, separators=(",", ":"))
    return {TOKENIZER: compact.encode(), TOKENIZER_CONFIG: written(values).encode()}


def _specials(bundle: Bundle) -> dict[str, Any]:
    return {
        "bos_token": SPECIALS[BOS],
        "eos_token": SPECIALS[EOS],
        "unk_token": SPECIALS[UNK],
        "pad_token": SPECIALS[PAD],
        "model_max_length": bundle.model.max_positions,
    }
