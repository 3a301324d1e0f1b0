"""The comparison of tokenizers as one HTML file."""

from html import escape
from itertools import groupby

from dragoman.cli.measures import Line, comparison_lines
from dragoman.cli.pages import html_page, html_table, html_text
from dragoman.cli.pieces import visible
from dragoman.text.comparison import Comparison, Entry
from dragoman.text.tokenizer import Encoding

_BODY = """<p>{summary}</p>
<h2 id="table">The measures</h2>
{table}
<p class="soft">The best of a row is bold, where less or more is better and they differ.</p>
{failures}
<h2>The same sentences, piece by piece</h2>
<p class="soft">A blank is written ▁ (in byte-level pieces Ġ), a byte &lt;0xE2&gt;.
Point at a piece to see its id and its place in the text.</p>
{examples}
<h2>What the measures mean</h2>
<dl>
{meanings}
</dl>"""

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
    heads = "".join(f'<th scope="col">{html_text(entry.name)}</th>' for entry in found.entries)
    body = _BODY.format(
        summary=_summary(found),
        table=html_table("table", heads, "\n".join(map(_group, groups))),
        failures=_failures(found),
        examples="\n".join(_example(found, number) for number in range(len(found.examples))),
        meanings="\n".join(f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in _MEANINGS),
    )
    return html_page("Tokenizers compared", body)


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
        f"<dt>{html_text(entry.name)}, {escape(side)}: {measures.failures:,} lines do not come back</dt>"
        f"<dd>“{html_text(measures.failure.text)}” becomes “{html_text(measures.failure.restored)}”</dd>"
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
    return f'<p class="text" dir="auto">{html_text(found.examples[number])}</p>\n{cuts}'


def _cut(entry: Entry, encoding: Encoding) -> str:
    rows = zip(encoding.pieces, encoding.ids, encoding.offsets, strict=True)
    pieces = "".join(
        f'<span title="id {index}, characters {start} to {end}">{escape(visible(piece))}</span>'
        for piece, index, (start, end) in rows
    )
    count = len(encoding.ids)
    return f'<div class="soft">{html_text(entry.name)}: {count} pieces</div><div class="cut" dir="ltr">{pieces}</div>'
