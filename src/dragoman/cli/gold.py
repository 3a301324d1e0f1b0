"""How well a model's attention agrees with gold word alignments."""

from pathlib import Path

from dragoman.cli.files import read_texts
from dragoman.data.phrasebook import words
from dragoman.errors import DataError
from dragoman.evaluate.word_alignment import Link, error_rate, word_links
from dragoman.translator import Translator


def alignment_error_rate(
    translator: Translator, sources: list[str], targets: list[str], gold: Path, to: str | None = None
) -> float:
    """Return the AER of the chosen heads on pairs whose words are aligned in `gold`; raises DataError.

    The targets are the references, so that gold and attention speak of the same words.
    """
    lines = read_texts([gold]).lines
    if len(lines) != len(sources):
        raise DataError(f"{gold} has {len(lines):,} lines for {len(sources):,} pairs; give one a pair")
    sure = [
        _links(line, f"{gold}:{number}", len(words(source)), len(words(target)))
        for number, (line, source, target) in enumerate(zip(lines, sources, targets, strict=True), 1)
    ]
    bundle = translator.bundle
    found = []
    for source, target, weights in zip(sources, targets, translator.align(sources, targets, to), strict=True):
        found.append(
            word_links(
                weights.weights,
                bundle.source_tokenizer.encode(source).offsets,
                bundle.target_tokenizer.encode(target).offsets,
                words(source),
                words(target),
            )
        )
    return error_rate(found, sure)


def _links(line: str, where: str, source_words: int, target_words: int) -> list[Link]:
    try:
        pairs = [link.split("-") for link in line.split()]
        links = [(int(source), int(target)) for source, target in pairs]
    except ValueError:
        raise DataError(
            f"{where}: {line[:40]!r} is no alignment; write pairs of word numbers, such as 0-0 1-2"
        ) from None
    for source, target in links:
        if source >= source_words or target >= target_words:
            raise DataError(
                f"{where}: no word for {source}-{target}; the pair has the words 0 to {source_words - 1} "
                f"and 0 to {target_words - 1}"
            )
    return links
