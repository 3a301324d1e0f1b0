"""`dragoman data inspect`, `clean` and `restore`: what is wrong with a corpus, without it, and as it was."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.files import note, outputs, place, same
from dragoman.errors import ConfigError, DataError

if TYPE_CHECKING:
    from dragoman.data.cleaning import CleanOptions, Inspection

app = typer.Typer(help="See what is wrong with sentence pairs, clean them.", rich_markup_mode=None)

Source = Annotated[Path, typer.Option(help="Source texts, or a .tsv or .jsonl with both sides.")]
Target = Annotated[Path | None, typer.Option(help="Target texts, line by line.")]
TestSource = Annotated[Path | None, typer.Option(help="Test source, to find what stands in training too.")]
TestTarget = Annotated[Path | None, typer.Option(help="Test target.")]
Only = Annotated[str | None, typer.Option(help="Filters to apply, with commas between; all of these remove.")]
Skip = Annotated[str | None, typer.Option(help="Filters to leave out, with commas between.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="A setting, such as clean.max_words=80.")]
AsJson = Annotated[bool, typer.Option("--json", help="The report as one JSON object.")]


@app.command("inspect")
def inspect(
    source: Source,
    target: Target = None,
    test_source: TestSource = None,
    test_target: TestTarget = None,
    only: Only = None,
    skip: Skip = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Show what is wrong with a corpus.

    Each filter with its count and examples; where two files drift apart; sizes and languages.
    """
    from dragoman.cli.cleaning_report import as_table, plain

    found = _inspection(source, target, test_source, test_target, only, skip, settings)
    if as_json:
        print(json.dumps(plain(found), ensure_ascii=False))
    else:
        print(as_table(found))


@app.command("clean")
def clean(
    source: Source,
    out: Annotated[Path, typer.Option("-o", "--out", help="The source to write, or the .tsv or .jsonl.")],
    out_target: Annotated[Path | None, typer.Argument(metavar="[OUT.TARGET]", help="The target to write.")] = None,
    target: Target = None,
    test_source: TestSource = None,
    test_target: TestTarget = None,
    only: Only = None,
    skip: Skip = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Write a corpus without its bad pairs.

    Lines are kept as they are. What is taken away goes to OUT.removed.jsonl, from which `dragoman data
    restore` puts the corpus together again.
    """
    from dragoman.cli.cleaning_report import plain
    from dragoman.data.removal import split

    kept = _outputs(out, out_target, 1 if target is None else 2)
    listing = removed_name(out)
    _refuse_read((*kept, listing), source, target, test_source, test_target)
    if place(listing) in map(place, kept):
        raise DataError(f"{listing}: the list of removed pairs goes there; choose another name for the texts")
    if listing.exists() and not all(path.exists() for path in kept):  # texts of that name may be written anew
        raise DataError(
            f"{listing}: the pairs removed from another corpus are there; choose another name for the texts, or move it"
        )
    found = _inspection(source, target, test_source, test_target, only, skip, settings)
    if found.lines[0] != found.lines[1]:
        where = next((f"; {stretch}" for stretch in found.stretches), "; `dragoman data inspect` tries to say where")
        raise DataError(
            f"{source} has {found.lines[0]:,} lines, {target} {found.lines[1]:,}; each line must have its translation "
            f"on the same line{where}"
        )
    removed = found.removed
    with outputs(*kept, listing) as files:
        split(found.files, removed, found.found_by, files[:-1], files[-1])
    if as_json:
        print(json.dumps(plain(found), ensure_ascii=False))
    total = int(removed.sum())
    note(
        f"{' and '.join(map(str, kept))}: {found.pairs - total:,} of {found.pairs:,} pairs kept; "
        f"{total:,} removed are in {listing}"
    )


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Option(help="The kept source, or the .tsv or .jsonl.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The source to write, or the .tsv or .jsonl.")],
    out_target: Annotated[Path | None, typer.Argument(metavar="[OUT.TARGET]", help="The target to write.")] = None,
    target: Annotated[Path | None, typer.Option(help="The kept target.")] = None,
    removed: Annotated[Path | None, typer.Option(help="The list of removed pairs, where it was renamed.")] = None,
) -> None:
    """Put a cleaned corpus together again.

    Byte for byte as it was before `dragoman data clean`, and checked to be; only the packing of .gz and .zst
    may differ.
    """
    from dragoman.data.removal import join

    kept = [source] if target is None else [source, target]
    paths = _outputs(out, out_target, len(kept))
    listing = removed_name(source) if removed is None else removed
    _refuse_read(paths, *kept, listing)
    with outputs(*paths) as files:
        pairs = join(kept, listing, files)
    note(f"{' and '.join(map(str, paths))}: {pairs:,} pairs, as they were")


def removed_name(out: Path) -> Path:
    """Return where the removed pairs stand: clean.en.gz -> clean.removed.jsonl."""
    plain = out.with_suffix("") if out.suffix.lower() in (".gz", ".zst") else out
    return plain.with_name(f"{plain.stem}.removed.jsonl")


def _outputs(out: Path, out_target: Path | None, sides: int) -> list[Path]:
    """Return the files to write: as many as are read; raises DataError."""
    paths = [out] if out_target is None else [out, out_target]
    if len(paths) != sides:
        wanted = "-o OUT.SOURCE OUT.TARGET" if sides == 2 else "-o OUT, one file"
        raise DataError(f"{sides} to read and {len(paths)} to write; write {wanted}")
    for path in paths:
        if not path.name:
            raise DataError(f"{path}: a folder; name a file after -o")
    if len(set(map(place, paths))) < sides:
        raise DataError(f"{out}: named twice; write -o OUT.SOURCE OUT.TARGET")
    return paths


def _refuse_read(paths: Sequence[Path], *read: Path | None) -> None:
    """Refuse an output that is one of the files that are read; raises DataError."""
    for path in paths:
        if any(given is not None and same(path, given) for given in read):
            raise DataError(f"{path}: would replace a file that is read; choose another -o")


def _inspection(
    source: Path, target: Path | None, test_source: Path | None, test_target: Path | None,
    only: str | None, skip: str | None, settings: list[str] | None,
) -> "Inspection":  # fmt: skip
    """Look at a corpus; raises ConfigError and DataError."""
    from dragoman.data.cleaning import inspect as look_at
    from dragoman.data.corpus import PairFiles

    options = _options(only, skip, settings)
    if test_target is not None and test_source is None:
        raise ConfigError(f"--test-target {test_target} without its source; write --test-source FILE")
    test: PairFiles | None = None if test_source is None else PairFiles(test_source, test_target)
    if "leakage" in options.only and test is None:
        raise ConfigError("--only leakage without a test set; write --test-source FILE --test-target FILE")
    return look_at(PairFiles(source, target), options, test)


def _options(only: str | None, skip: str | None, settings: list[str] | None) -> "CleanOptions":
    from dragoman.config import apply_settings, build, setting_names
    from dragoman.data.cleaning import CleanOptions

    table = apply_settings({}, settings or [], {"clean": setting_names(CleanOptions)}).get("clean", {})
    for name, given in (("only", only), ("skip", skip)):
        if given is not None:
            table[name] = [word.strip() for word in given.split(",") if word.strip()]
    return build(CleanOptions, table, "clean")
