"""The comparison of tokenizers as one HTML file: no script, no request, light and dark, narrow and wide.

Everything that comes from a text or a vocabulary goes through `html.escape`; the policy in the head would
stop anything that slipped through from being run or fetched.
"""

from html import escape
from itertools import groupby

from dragoman.cli.files import shown
from dragoman.cli.measures import Line, comparison_lines
from dragoman.cli.pieces import visible
from dragoman.text.comparison import Comparison, Entry
from dragoman.text.tokenizer import Encoding

_STYLE = """
:root { color-scheme: light dark; --ground: #fbfaf7; --ink: #1d1f24; --soft: #5b606b; --rule: #d9d6cd;
  --one: #cfe3fb; --two: #fbe2b8; --best: #0b6b45; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #16181d; --ink: #e9e7e1; --soft: #a3a8b3; --rule: #3a3e47;
    --one: #234566; --two: #5c4516; --best: #6fdcaf; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 64rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; }
p { margin: .4rem 0; max-width: 42rem; }
.soft, dd { color: var(--soft); }
.scroll { overflow-x: auto; border-block: 1px solid var(--rule);
  background: linear-gradient(to left, var(--ground) 40%, transparent) right / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--rule), transparent) right / 1rem 100% no-repeat; }
.scroll:focus-visible { outline: 2px solid var(--best); outline-offset: 2px; }
table { border-collapse: collapse; min-width: 100%; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: .3rem .75rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--rule); }
thead th, thead td { border-top: 0; }
.group { font-weight: 700; padding-top: 1rem; }
tbody th, thead td { position: sticky; left: 0; background: var(--ground); text-align: left; padding-left: 0; }
tbody th:not(.group) { font-weight: 400; }
td:last-child, th:last-child { padding-right: .25rem; }
@media (max-width: 30rem) { tbody th { white-space: normal; min-width: 7.5rem; max-width: 9rem; } }
.best { color: var(--best); font-weight: 700; }
.cut { margin: .15rem 0 .9rem; line-height: 2; font-family: ui-monospace, monospace; font-size: .92rem; }
.cut span { padding: .12rem .15rem; border-radius: .2rem; margin-right: 2px; background: var(--one);
  -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.cut span:nth-child(even) { background: var(--two); }
.text { margin-top: 1.5rem; font-weight: 600; }
dt { margin-top: .75rem; font-weight: 600; } dd { margin: 0; max-width: 42rem; }
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Tokenizers compared</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>Tokenizers compared</h1>
<p>{summary}</p>
<h2 id="table">The measures</h2>
<div class="scroll" role="region" aria-labelledby="table" tabindex="0">
<table>
<thead><tr><td></td>{heads}</tr></thead>
{rows}
</table>
</div>
<p class="soft">The best of a row is bold, where less or more is better and they differ.</p>
{failures}
<h2>The same sentences, piece by piece</h2>
<p class="soft">A blank is written ▁ (in byte-level pieces Ġ), a byte &lt;0xE2&gt;.
Point at a piece to see its id and its place in the text.</p>
{examples}
<h2>What the measures mean</h2>
<dl>
{meanings}
</dl>
</main>
</body>
</html>
"""

_MEANINGS = (
    ("pieces a word", "Fertility: 1 is a vocabulary of whole words. Fewer pieces are faster and reach further back."),
    (
        "pieces a line",
        "What a model has to read and write; 99 of 100 lines have at most as many as its row says.",
    ),
    ("words in one piece", "Quick to read, but their spelling is hidden from the model."),
    ("characters whole", "The share of characters, blanks aside, that stand whole in one known piece."),
    ("byte pieces, unknown pieces", "A byte piece is a part of a character, an unknown piece a loss."),
    ("Rényi efficiency", "How evenly the vocabulary is used, from 0 to 1 (Zouhar et al. 2023); a predictor, no score."),
    ("lines not restored", "Held-out lines that do not come back character for character."),
    ("target to source", "Pieces of the target to those of the source; far from 1, one language pays for the other."),
    ("lines/s", "One pass on this machine; an order of magnitude."),
)


def page(found: Comparison) -> str:
    """Return the page, a whole HTML document."""
    groups = [list(lines) for _, lines in groupby(comparison_lines(found), lambda line: line.group)]
    return _PAGE.format(
        style=_STYLE,
        summary=_summary(found),
        heads="".join(f'<th scope="col">{escape(entry.name)}</th>' for entry in found.entries),
        rows="\n".join(map(_group, groups)),
        failures=_failures(found),
        examples="\n".join(_example(found, number) for number in range(len(found.examples))),
        meanings="\n".join(f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in _MEANINGS),
    )


def _summary(found: Comparison) -> str:
    learned = f"learned from {found.training:,} of {found.total:,} lines, " if found.training else ""
    count = len(found.entries)
    tokenizers = "One tokenizer" if count == 1 else f"{count} tokenizers"
    return f"{tokenizers}: {learned}measured on {found.measured:,} lines that were held out."


def _group(lines: list[Line]) -> str:
    head = f'<tr><th scope="rowgroup" class="group">{escape(lines[0].group)}</th>'
    empty = f'<td colspan="{len(lines[0].cells)}"></td></tr>'
    return "\n".join(["<tbody>", head + empty, *map(_row, lines), "</tbody>"])


def _row(line: Line) -> str:
    cells = "".join(
        f'<td class="best">{escape(cell)}</td>' if number in line.best else f"<td>{escape(cell)}</td>"
        for number, cell in enumerate(line.cells)
    )
    return f'<tr><th scope="row">{escape(line.label)}</th>{cells}</tr>'


def _failures(found: Comparison) -> str:
    """Return what was lost and what could not be learned, or nothing."""
    said = [
        f"<dt>{escape(entry.name)}, {escape(side)}: {measures.failures:,} lines do not come back</dt>"
        f"<dd>“{_text(measures.failure.text)}” becomes “{_text(measures.failure.restored)}”</dd>"
        for entry in found.entries
        for side, measures in zip(found.sides, entry.sides, strict=True)
        if measures.failure is not None
    ]
    said += [
        f"<dt>{escape(refusal.name)} was not learned</dt><dd>{escape(refusal.reason)}</dd>"
        for refusal in found.refusals
    ]
    return "<h2>What was lost</h2>\n<dl>\n" + "\n".join(said) + "\n</dl>" if said else ""


def _example(found: Comparison, number: int) -> str:
    cuts = "\n".join(_cut(entry, entry.cuts[number]) for entry in found.entries)
    return f'<p class="text" dir="auto">{_text(found.examples[number])}</p>\n{cuts}'


def _cut(entry: Entry, encoding: Encoding) -> str:
    rows = zip(encoding.pieces, encoding.ids, encoding.offsets, strict=True)
    pieces = "".join(
        f'<span title="id {index}, characters {start} to {end}">{escape(visible(piece))}</span>'
        for piece, index, (start, end) in rows
    )
    count = len(encoding.ids)
    return f'<div class="soft">{escape(entry.name)}: {count} pieces</div><div class="cut" dir="ltr">{pieces}</div>'


def _text(text: str) -> str:
    """Return a text with nothing in it that is markup or controls."""
    return escape(shown(text))
