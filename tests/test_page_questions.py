"""What docs/page.md asks and answers is to be seen at the places that it links to."""

import re
from pathlib import Path

import numpy as np
import pytest

from browser import opened
from dragoman import TraceOptions, bundle
from dragoman.cli import run
from dragoman.explain.trace import Tracer
from dragoman.shipped import locate

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^(\d+)\. \*\*(.+?)\*\*(.+?)`(#.+?)`$", GUIDE, re.MULTILINE | re.DOTALL)
TEXT = "Die Frau liest ein Buch, weil sie müde ist."
PRONOUN = 7  # its place


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    assert f'dragoman explain de-en "{TEXT}" -o page.html' in GUIDE
    path = tmp_path_factory.mktemp("german") / "page.html"
    assert run(["explain", "de-en", TEXT, "-o", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def numbers():
    return Tracer(bundle.load(locate("de-en"))).trace(TEXT, TraceOptions())


def test_there_are_ten_with_two_sentences_each():
    assert [int(at) for at, *_ in QUESTIONS] == list(range(1, 11))
    for _, question, answer, _ in QUESTIONS:
        assert question.endswith("?")
        told = re.sub(r'"[^"]*"', "", answer)
        assert len(re.split(r"(?<=[.?!])\s+", told.strip())) == 2, told


def rows(found, table):
    """The cells of a table's body, as text."""
    query = (
        f"[...document.querySelectorAll('{table} tbody tr')].map((row) => [...row.cells].map((one) => one.innerText))"
    )
    return found.page.evaluate(query)


def value(text):
    return -np.inf if "∞" in text else float(text.replace("−", "-").replace("%", "e-2").replace("< ", ""))


def query_key_value(found, numbers):
    own = numbers["encoder"]["layers"][0]["self_attention"]
    lines = found.page.locator(".three").inner_text()
    assert [one for one in ("query", "key", "value") if one in lines] == ["query", "key", "value"]
    strips = found.page.locator(".three [role=slider]").evaluate_all("all => all.map((one) => one.ariaValueMax)")
    assert strips[1:] == [str(own[one].shape[-1]) for one in ("query", "key", "value")]


def scale(found, numbers):
    for _, product, scaled, _, _ in rows(found, ".list"):
        assert value(scaled) == pytest.approx(value(product) / np.sqrt(64), abs=0.06)
    assert "divided by √64" in found.page.locator("article").inner_text()
    assert numbers["encoder"]["layers"][0]["self_attention"]["scale"] == 1 / 8


def mask(found, numbers):
    seen = [(value(masked), value(share)) for _, _, _, masked, _, share in rows(found, ".list")]
    assert all(share > 0 for _, share in seen[:4])
    assert seen[4:] == [(-np.inf, 0)] * (len(numbers["steps"]) - 4)


def places(found, numbers):
    assert found.page.locator(".clocks svg").first.get_attribute("aria-label").startswith("dimensions 1 and 2: 57.3°")
    before = found.page.locator(".clocks line").first.get_attribute("y2")
    found.page.get_by_role("radio", name="␣Die").click()
    assert found.page.locator(".clocks line").first.get_attribute("y2") != before


def heads(found, numbers):
    table = rows(found, ".both .scroll")
    assert len(table) == 3 * 4
    assert len({does for _, does, *_ in table}) >= 3


def residual(found, numbers):
    own = numbers["encoder"]["layers"][1]["self_attention"]
    before, added, after = (
        np.asarray(one)[PRONOUN]
        for one in (numbers["encoder"]["layers"][1]["input"], own["output"], own["residual_after"])
    )
    cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
    assert f"The direction stays to {100 * cosine:.2g}%" in found.page.locator("div.add").inner_text()
    assert 0.88 < cosine < 0.92 and 0.4 < np.linalg.norm(added) / np.linalg.norm(before) < 0.6


def temperature(found, numbers):
    bars = found.page.locator(".bars .bar").evaluate_all(
        "all => all.map(({ style }) => [style.getPropertyValue('--share') * 1, style.getPropertyValue('--own') * 1])"
    )[:-1]
    assert bars[0][0] < bars[0][1] and bars[5][0] > bars[5][1]
    assert sorted(bars, reverse=True) == bars  # the order stays
    assert bars[0][1] == pytest.approx(numbers["steps"][7]["top"][0]["probability"], rel=0.02)


def beam(found, numbers):
    greedy, beam = found.page.locator(".cards section .text").all_inner_texts()[:2]
    assert (greedy.strip(), beam.strip()) == ("He is cut his hair.", "He has his hair cut.")
    said = found.page.locator("main").inner_text()
    assert re.search(r"[\d.]+ times as (likely|probable)", said)
    other = Tracer(bundle.load(locate("de-en"))).trace("Er lässt sich die Haare schneiden.", TraceOptions())
    step = {one["piece"]: one["probability"] for one in other["steps"][1]["top"]}
    assert step["▁is"] > step["▁has"]


def square(found, numbers):
    def said():
        share, times = re.search(
            r"([\d.]+)%.*?([\d.]+) times", found.page.locator(".says").inner_text(), re.DOTALL
        ).groups()
        return float(share), float(times)

    long = said()
    assert 38 < long[0] < 42 and 2.5 < long[1] < 4
    found.page.locator("#length").fill("12")  # 64 pieces
    short = said()
    assert short[0] < 5 and short[1] < 2.2


def bits(found, numbers):
    found.until(  # the last row that is asked for has its translation
        "[...document.querySelectorAll('.wide tbody tr')].some(({ cells }) => cells.length === 5 &&"
        " cells[0].innerText.trim() === '2' && !cells[4].innerText.includes('…'))"
    )
    table = {row[0].split()[0]: row for row in rows(found, ".wide") if len(row) == 5 and row[0][:1].isdigit()}
    error = {at: value(row[2]) for at, row in table.items()}
    assert 0.005 < error["8"] < 0.015 and error["2"] > error["3"] > error["4"] > 5 * error["8"]
    whole, three, two = (table[at][4].strip() for at in ("8", "3", "2"))
    assert whole == "The woman is reading a book because she is tired."
    assert three != whole and two != whole and value(table["2"][3]) < 0.1


CHECKS = (query_key_value, scale, mask, places, heads, residual, temperature, beam, square, bits)


@pytest.mark.parametrize("at", range(10), ids=[check.__name__ for check in CHECKS])
def test_the_place_shows_what_is_answered(chromium, german, numbers, at):
    with opened(chromium, german, f"{QUESTIONS[at][3]}&lang=en") as found:
        found.until("document.querySelector('main [data-copy], main table, main .add, main .three') !== null")
        found.settled()
        assert found.page.locator(".note").count() == 0  # every part of the link is understood
        CHECKS[at](found, numbers)
        found.harmless()


def test_the_sections_are_told_in_the_order_of_the_page():
    code = (ROOT / "web" / "src" / "page" / "sections.ts").read_text(encoding="utf-8")
    names = re.findall(r'"(\w+)"', re.search(r"NAMES = \[(.+?)\]", code, re.DOTALL)[1])
    words = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "web/src/page/words").glob("*.ts"))
    titles = [re.search(rf'section_{name}: "(.+?)"', words)[1] for name in names]  # the first is English
    table = GUIDE[GUIDE.index("| section |") :].split("\n\n")[0].splitlines()[2:]
    assert [row.split("|")[1].strip() for row in table] == titles


def test_pictures_are_small_and_made_by_the_script():
    made = re.findall(r'^    "(\w+)": \(', (ROOT / "docs" / "pictures.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(re.findall(r"\(pictures/(\w+)\.png\)", GUIDE)) == sorted(made)
    assert sorted(path.stem for path in (ROOT / "docs" / "pictures").iterdir()) == sorted(made)
    assert all(path.stat().st_size < 150_000 for path in (ROOT / "docs" / "pictures").iterdir())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"docs/pictures/(\w+)\.png", readme)) <= set(made)
