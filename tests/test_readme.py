"""The commands of the README and of the documentation exist, with every option that is written there."""

import re
import shlex
from pathlib import Path

import pytest

from dragoman.cli import run

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GROUPS = {"tokenizer", "data"}


def commands(page: Path) -> list[list[str]]:
    """The words of every `dragoman ...` in the code blocks of a page."""
    found = []
    for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for part in line.split("|"):
                words = shlex.split(part, comments=True)
                if "dragoman" in words[:1]:
                    found.append(words[1:])
    return found


ALL = [(page.name, words) for page in PAGES for words in commands(page)]


def test_there_are_some():
    assert len(ALL) > 15 and {"README.md", "results.md", "laboratory.md"} <= {page for page, _ in ALL}


@pytest.mark.parametrize(("page", "words"), ALL, ids=[f"{page}-{'-'.join(words[:2])}" for page, words in ALL])
def test_every_option_exists(page, words, capsys):
    name = words[: 2 if words[0] in GROUPS else 1]
    assert run([*name, "--help"]) == 0
    known = capsys.readouterr().out
    for word in words[len(name) :]:
        if word.startswith("-"):
            assert re.search(rf"(^|[\s,]){re.escape(word.split('=')[0])}\b", known), (word, known)
