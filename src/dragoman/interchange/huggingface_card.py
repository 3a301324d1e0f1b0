"""The README.md of an exported model: how it is used there, and in what their search differs from ours."""

import json
from typing import Any

from dragoman.bundle import Bundle
from dragoman.interchange.huggingface_tokenizer import of_marian
from dragoman.options import DecodeOptions

EXAMPLE = """\
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained({folder})
{more}model = AutoModelForSeq2SeqLM.from_pretrained({folder})
source = tokenizer(["{text}"], padding=True, return_tensors="pt", return_token_type_ids=False)
target = model.generate(**source)
print({decoder}.batch_decode(target, skip_special_tokens=True))
"""


def card(bundle: Bundle, name: str) -> str:
    """Return the README.md, in Markdown behind a head of YAML; `name` is that of the folder."""
    joint = bundle.target_tokenizer is bundle.source_tokenizer or of_marian(bundle)
    own, other = (json.dumps(path, ensure_ascii=False) for path in (name, f"{name}/target"))
    more = "" if joint else f"target_tokenizer = AutoTokenizer.from_pretrained({other})\n"
    decoder = "tokenizer" if joint else "target_tokenizer"
    example = EXAMPLE.format(folder=own, more=more, text="...", decoder=decoder)
    head: dict[str, Any] = {"library_name": "transformers", "pipeline_tag": "translation"}
    if bundle.languages is not None:
        head["language"] = list(dict.fromkeys(bundle.languages))
    if "scores" in bundle.provenance or "## Scores" in bundle.card:
        head["metrics"] = ["bleu", "chrf"]
    lines = [
        "---",
        *(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()),
        "---",
        "",
        "A translation model made with dragoman, for `AutoModelForSeq2SeqLM`, `AutoTokenizer` and `generate` of the",
        "`transformers` library.",
        "",
        "```python",
        example.rstrip(),
        "```",
        "",
        "The logits are those of dragoman. The search is not, in this:",
        "",
        *(f"- {difference}" for difference in _differences(bundle)),
        "",
        bundle.card,
    ]
    return "\n".join(lines)


def _differences(bundle: Bundle) -> list[str]:
    options = DecodeOptions(**bundle.decode)
    longest = bundle.model.max_positions
    found = [
        f"a source has at most {longest} pieces, `</s>` included, and none is cut into sentences;",
        "a translation has no limit of its own for its source: dragoman's is 2 x the source's pieces + 20;",
    ]
    if not all(map(_is_text, bundle.target_spelling)):
        found.insert(0, "bytes are not held to whole characters;")
    if options.penalty == "paper" and not options.sampling:
        formula = f"((5 + n) / 6) ** {options.alpha}"
        found.append(f"a length n divides by a power of n, the nearest there is to dragoman's {formula};")
    if options.sampling:
        found.append("samples are drawn from other random numbers;")
    if options.capitals == "lower":
        found.append("a source in CAPITALS is read as it is, where dragoman reads small letters;")
    found[-1] = found[-1][:-1] + "."
    return found


def _is_text(spelled: bytes) -> bool:
    try:
        spelled.decode()
    except UnicodeDecodeError:
        return False
    return True
