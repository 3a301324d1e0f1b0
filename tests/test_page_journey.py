"""The journey in a real browser: every station, any number down to the weights, the state in the address."""

from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote

import pytest

import tiny_bundle
from browser import opened
from dragoman import bundle
from dragoman.cli import run

TEXT = "the black cat"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The page of a model of random weights, width 4."""
    folder = tmp_path_factory.mktemp("tiny")
    made = replace(tiny_bundle.make(), decode={"beam": 2, "max_length": 5})
    bundle.save(made, folder / "tiny")
    assert run(["explain", str(folder / "tiny"), TEXT, "-o", str(folder / "page.html")]) == 0
    return folder / "page.html"


@contextmanager
def journey(chromium, path, link="", text=TEXT, **window):
    """The page with the journey open, its numbers computed."""
    with opened(chromium, path, f"#section=journey&text={quote(text)}{link}", **window) as found:
        traced(found, text)
        yield found


def traced(found, text):
    found.until(f"document.querySelector('[data-traced]')?.dataset.traced === {text!r}")


def test_one_walks_from_station_to_station_and_the_address_says_where(chromium, tiny):
    with journey(chromium, tiny) as found:
        page = found.page
        count = page.locator("[aria-current=step]").count()
        assert count == 1
        titles = []
        while page.locator(".steps a[rel=next]").count():
            titles.append(page.locator("article h2").first.inner_text())
            assert page.locator("article .idea").count() >= 1
            page.locator(".steps a[rel=next]").click()
            found.until(f"document.querySelector('.steps').dataset.at === '{len(titles) + 1}'")
        assert len(titles) > 25
        assert page.url.endswith("station=next")
        page.locator(".steps a[rel=prev]").click()
        found.until("document.querySelector('[aria-current=step]').textContent.trim() === 'Logits'")
        found.harmless()


def test_any_number_leads_down_to_the_weights(chromium, tiny):
    with journey(chromium, tiny, "&station=positions&depth=numbers&word=1") as found:
        page = found.page
        before = page.locator("article .sum button").last
        value = float(before.inner_text().replace("−", "-"))
        before.click()
        found.until("document.activeElement.closest('.panel') !== null")
        panel = page.locator(".panel")
        assert float(panel.locator(".total .number").inner_text().replace("−", "-")) == pytest.approx(value, abs=6e-3)
        panel.locator(".link").first.click()
        found.until("document.querySelector('.panel code')?.textContent === 'embedding.weight'")
        assert panel.locator(".link").count() == 0  # a weight comes from nothing
        page.wait_for_timeout(400)  # the address is written a moment later
        assert "number=encoder.embedding.rows%3A1%2C3" in page.url
        panel.get_by_role("button", name="Back to the number before").click()
        found.until("document.querySelectorAll('.panel .link').length === 2")
        page.keyboard.press("Escape")
        found.until("document.querySelector('.panel') === null")
        assert page.evaluate("document.activeElement.closest('.sum') !== null")  # where one was
        found.harmless()
