"""One HTML file that needs nothing else: no script, no request, light and dark, narrow and wide.

Everything that comes from a text or a vocabulary goes through `html.escape`; the policy in the head would
stop anything that slipped through from being run or fetched.
"""

from html import escape

from dragoman.cli.files import shown

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
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def html_page(title: str, body: str) -> str:
    """Return a whole document around a body of HTML."""
    return _PAGE.format(title=escape(title), style=_STYLE, body=body)


def html_table(name: str, heads: str, rows: str) -> str:
    """Return a table that scrolls by itself where the window is narrow; `name` is the id of its heading."""
    return (
        f'<div class="scroll" role="region" aria-labelledby="{name}" tabindex="0">\n<table>\n'
        f"<thead><tr><td></td>{heads}</tr></thead>\n{rows}\n</table>\n</div>"
    )


def html_text(text: str) -> str:
    """Return a text with nothing in it that is markup or controls."""
    return escape(shown(text))
