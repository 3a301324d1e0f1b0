"""`dragoman export`: a model for another program."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.translate import Model
from dragoman.errors import RequestError, suggestion

if TYPE_CHECKING:
    from dragoman.bundle import Bundle


def _ctranslate2(bundle: "Bundle", out: Path, quantization: str | None) -> str:
    from dragoman.directions import tags
    from dragoman.interchange import ctranslate2

    ctranslate2.export(bundle, out, quantization or "float32")
    most = bundle.model.max_positions - 1
    ends = [f"<to {language}>" for language in tags(bundle.translates)] or ["</s>"] * bundle.source_ended
    end = " or ".join(ends) or "nothing"
    return f"give sources with {end} at the end, max_input_length and max_decoding_length of {most} at most"


def _huggingface(bundle: "Bundle", out: Path, quantization: str | None) -> str:
    from dragoman.interchange import huggingface

    _no_quantization("huggingface", quantization)
    huggingface.export(bundle, out)
    return "load it with AutoModelForSeq2SeqLM and AutoTokenizer; README.md says how, and what their search lacks"


def _onnx(bundle: "Bundle", out: Path, quantization: str | None) -> str:
    from dragoman.interchange import onnx

    _no_quantization("onnx", quantization)
    onnx.export(bundle, out)
    return "example.py in it translates with onnxruntime, numpy and tokenizers"


def _argos(bundle: "Bundle", out: Path, quantization: str | None) -> str:
    from dragoman.interchange import argos

    argos.export(bundle, out, quantization or "float32")
    return "install it with argostranslate.package.install_from_path(FILE), or argospm install FILE"


def _sentencepiece(bundle: "Bundle", out: Path, quantization: str | None) -> str:
    from dragoman.interchange import sentencepiece

    _no_quantization("sentencepiece", quantization)
    sentencepiece.export(bundle, out)
    return "they cut every text as the model does"


# Each writes a model and returns what people should know; its imports stand inside, for they can be heavy.
FORMATS: dict[str, Callable[["Bundle", Path, str | None], str]] = {
    "ctranslate2": _ctranslate2,
    "huggingface": _huggingface,
    "onnx": _onnx,
    "argos": _argos,
    "sentencepiece": _sentencepiece,
}


def export(
    model: Model,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make, or FILE.argosmodel.")],
    to: Annotated[str, typer.Option(help=f"The program: {', '.join(FORMATS)}.")] = "ctranslate2",
    quantization: Annotated[
        str | None,
        typer.Option(help="Of the numbers: float32, int8, int8_float32, int16, float16; ctranslate2, argos."),
    ] = None,
) -> None:
    """Write a model as another program reads it."""
    if to not in FORMATS:
        raise RequestError(f"--to {to}: no such program{suggestion(to, FORMATS)}")
    if out.suffix == ".argosmodel" and to != "argos":
        raise RequestError(f"{out}: such a file is for Argos Translate; write --to argos, or another OUT for {to}")
    from dragoman import bundle
    from dragoman.cli.files import note

    loaded = bundle.load(model)
    note(f"{out}: {FORMATS[to](loaded, out, quantization)}")
    if loaded.shortlist is not None and to != "sentencepiece":
        note(f"{out}: without the lexical shortlist of {model}, for which {to} has no place")


def _no_quantization(name: str, quantization: str | None) -> None:
    if quantization is not None:
        raise RequestError(f"--quantization {quantization}: {name} has none; leave it out")
