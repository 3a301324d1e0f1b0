"""The tokenizer laboratory in a real browser: any text is cut there as Python cuts it, step by step."""

import pytest

from browser import opened
from dragoman.cli import run
from dragoman.text.tokenizer import Tokenizer

TEXT = "Die Großmutter liest 3 Bücher, weil es regnet 🙂."
SHOWN = "document.querySelector('.reel')"


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    path = tmp_path_factory.mktemp("german") / "page.html"
    assert run(["explain", "de-en", TEXT, "-o", str(path)]) == 0
    return path


def seen(pieces):
    """Pieces as the page writes them: a blank as a box, a byte by its number."""
    return [piece[3:5] if piece.startswith("<0x") else piece.replace("▁", "␣") for piece in pieces]


def pieces(found):
    """The pieces of now: those that are not part of another, from the left to the right."""
    return found.page.evaluate(
        "[...document.querySelectorAll('.word')].flatMap((word) => [...word.querySelectorAll('.open')]"
        ".sort((one, other) => parseInt(one.style.gridColumn) - parseInt(other.style.gridColumn))"
        ".map((one) => one.textContent))"
    )


def test_merges_are_made_one_by_one_as_in_python(chromium, german):
    tokenizer = Tokenizer.load("de-en", "source")
    steps = tokenizer.history(TEXT)
    with opened(chromium, german, "#section=laboratory") as found:
        found.until(SHOWN)
        assert pieces(found) == seen(tokenizer.encode(TEXT).pieces)
        found.page.get_by_label("Steps of the tokenizer").fill("0")
        for at, step in enumerate(steps, 1):
            found.page.get_by_role("button", name="One step on").click()
            found.until(f"document.querySelector('[data-moment]').dataset.moment === '{at}'")
            assert pieces(found) == seen(step.pieces)
            left, right, made = seen([step.left, step.right, step.left + step.right])
            told = found.page.locator(".step[data-moment]").inner_text()
            assert told.startswith(f"{left} + {right} → {made}, rule {step.rank + 1:,}.")
        assert found.page.get_by_role("button", name="One step on").is_disabled()
        assert "moment" not in found.page.evaluate("location.hash")  # all steps are made, as at first
        found.harmless()
