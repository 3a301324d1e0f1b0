"""What programs put into texts and must survive translation: placeholders, tags, addresses."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from dragoman.data.block import Block
from dragoman.data.filters import Found
from dragoman.data.letters import MARKUP

_PLACEHOLDER = re.compile(
    r"(?P<brace>\$?\{\{?\s*[\w.:#-]{0,40}\s*\}?\})"
    r"|(?P<printf>(?<![\d%])%(?:\d{1,2}\$|\([\w.]{1,40}\))?[-+#0]?\d{0,2}(?:\.\d{1,2})?l{0,2}[sdifuxXcg@](?![A-Za-z]))"
    r"|(?P<tag></?[A-Za-z][A-Za-z0-9:-]{0,20}(?:\s[^<>]{0,300})?/?>)"
    r"|(?P<address>\bhttps?://[^\s<>\"]+|\bwww\.[^\s<>\"]+)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
)
_CANDIDATE = re.compile(r"[{%<@]|://|www\.")


@dataclass(frozen=True, slots=True)
class Placeholders:
    """Placeholders ({name}, %s, %(n)d), tags and e-mail addresses that differ, web addresses that lack."""

    name: str = "placeholders"
    why: str = "A model that drops or invents a placeholder breaks the program that fills it in."

    def find(self, block: Block) -> Found:
        """Return the pairs whose placeholders disagree."""
        marked = block.source.count(MARKUP) + block.target.count(MARKUP)
        found: Found = {}
        for index in np.flatnonzero(marked).tolist():
            source, target = block.source.texts[index], block.target.texts[index]
            if not (_CANDIDATE.search(source) or _CANDIDATE.search(target)):
                continue
            left, right = placeholders(source), placeholders(target)
            if left != right:
                found[index] = "; ".join(
                    f"{', '.join(sorted(extra))} only in {what}"
                    for extra, what in ((left - right, "source"), (right - left, "target"))
                    if extra
                )
        return found


def placeholders(text: str) -> Counter[str]:
    """Return the placeholders of a text; tags by their names, web addresses as one kind (they are localized too)."""
    found: Counter[str] = Counter()
    for match in _PLACEHOLDER.finditer(text):
        value = match[0]
        if match.lastgroup == "tag":
            closing = "/" if value.startswith("</") else ""
            value = f"<{closing}{value.strip('</>').split()[0].strip('/').lower()}>"
        elif match.lastgroup == "address":
            value = "a web address"
        elif match.lastgroup == "brace":
            value = "".join(value.split())
        elif match.lastgroup == "mail":
            value = value.lower()
        found[value] += 1
    return found
