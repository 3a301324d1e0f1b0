"""An inspection of a corpus for people, as text, and for machines, as plain values."""

from typing import TYPE_CHECKING, Any

from dragoman.cli.files import shown

if TYPE_CHECKING:
    from dragoman.data.cleaning import Example, Finding, Inspection

ENOUGH = 5_000  # pairs among which no shift over 50 lines was missed (docs/cleaning.md)
WIDTH = 70  # characters of a text that an example shows


def as_table(found: "Inspection") -> str:
    """Return the report: sizes, drift, a table of the filters, then the examples of each."""
    lines = [*_head(found), "", *_drift(found), ""]
    rows = [("filter", "pairs", "share", "clean", "why it is looked for")]
    for finding in found.findings:
        share = f"{100 * finding.count / found.pairs:.3f} %"
        rows.append((finding.name, f"{finding.count:,}", share, "removes" if finding.removed else "keeps", finding.why))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines += [
        f"{row[0]:{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:{widths[3]}}  {row[4]}"
        for row in rows
    ]
    for finding in found.findings:
        lines += _examples(found, finding)
    total = int(found.removed.sum())
    lines += ["", f"`dragoman data clean` would remove {total:,} of {found.pairs:,} pairs"]
    return "\n".join(map(shown, lines))


def plain(found: "Inspection") -> dict[str, Any]:
    """Return the report as plain values."""
    stretches = [{"first": one.first, "last": one.last, "shift": one.shift} for one in found.stretches]
    return {
        "files": [str(path) for path in found.files.paths],
        "lines": list(found.lines),
        "pairs": found.pairs,
        "removed": int(found.removed.sum()),
        "languages": list(found.languages),
        "mean_words": list(found.words),
        "mean_characters": list(found.characters),
        "drift": {"seen": found.drift_is_seen, "stretches": stretches},
        "filters": [
            {
                "name": finding.name,
                "why": finding.why,
                "pairs": finding.count,
                "share": finding.count / found.pairs,
                "removes": finding.removed,
                "examples": [
                    {"line": one.line, "words": one.words, "source": one.source, "target": one.target}
                    for one in finding.examples
                ],
            }
            for finding in found.findings
        ],
    }


def _head(found: "Inspection") -> list[str]:
    lines = [f"{found.files}: {found.pairs:,} pairs"]
    if found.lines[0] != found.lines[1]:
        lines.append(
            f"{found.files.where(found.lines[0])} is the last source line, "
            f"{found.files.where(found.lines[1], 'target')} the last target line: not as many on both sides"
        )
    for place, side in enumerate(("source", "target")):
        lines.append(
            f"{side}: {found.languages[place] or 'of a language that is not known here'}, on average "
            f"{found.words[place]:.1f} words, {found.characters[place]:.0f} characters"
        )
    return lines


def _drift(found: "Inspection") -> list[str]:
    """Return where the two sides do not stand side by side."""
    if "drift" not in found.names:
        return ["drift: not looked for"]
    if not found.drift_is_seen:
        return ["drift: too little text, or texts too unlike, to tell whether lines belong together"]
    if not found.stretches:
        few = f"; among fewer than {ENOUGH:,} pairs one over some hundred lines can be missed"
        return [f"drift: none seen{few if found.pairs < ENOUGH else ''}"]
    lines = []
    for stretch in found.stretches:
        side = found.files.where(stretch.first)
        lines.append(f"drift: the sides drift apart at {side}; {stretch}")
        if stretch.last < min(found.lines):
            follows = any(other.first == stretch.last + 1 for other in found.stretches)
            lines += [] if follows else [f"drift: they meet again at {found.files.where(stretch.last + 1)}"]
    return lines


def _examples(found: "Inspection", finding: "Finding") -> list[str]:
    lines = ["", f"{finding.name}: {finding.count:,}"] if finding.examples else []
    for one in finding.examples:
        lines += [f"  {found.files.where(one.line)}: {one.words}", f"      {_texts(one)}"]
    return lines


def _texts(one: "Example") -> str:
    return f"{_short(one.source)} | {_short(one.target)}"


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
