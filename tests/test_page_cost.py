"""What the page shows of a translation's cost, in a real browser."""

import json
from dataclasses import replace

import pytest

import tiny_bundle
from browser import opened
from dragoman import bundle, shipped
from dragoman.architecture import parameter_count
from dragoman.cli import run
from dragoman.explain import benchmark
from dragoman.explain import page as pages
from dragoman.train.plan import work
from dragoman.translator import Translator
from hostile_texts import HOSTILE
from test_page import OVERLAPS

DE_EN = "Die alte Frau liest ein Buch, weil es heute regnet."
TIMED = "document.querySelector('[data-timed]')?.dataset.timed === document.querySelector('#sentence')?.value"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The page of a model of random float weights."""
    folder = tmp_path_factory.mktemp("tiny")
    made = replace(tiny_bundle.make(joint=False), decode={"beam": 3, "max_length": 12})
    bundle.save(made, folder / "tiny")
    assert run(["explain", str(folder / "tiny"), "a cat", "-o", str(folder / "page.html")]) == 0
    return folder / "page.html"


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    path = tmp_path_factory.mktemp("german") / "page.html"
    assert run(["explain", "de-en", DE_EN, "-o", str(path)]) == 0
    return path


def figures(page, row):
    """The numbers of a row of the parts, without their bars."""
    own = page.locator("tr", has=page.get_by_role("rowheader", name=row, exact=True))
    return own.locator(".figure").all_inner_texts()


def test_the_parts_of_a_sentence_are_counted_timed_and_grow(chromium, german):
    model = bundle.load(shipped.locate("de-en"))
    engine = Translator.load("de-en", device="cpu", precision="float32", threads=1)
    options = replace(engine.defaults, beam=1)
    with opened(chromium, german, "#section=cost") as found:
        page = found.page
        found.until(TIMED)
        wanted = engine.translate(DE_EN, options)
        source, target = len(engine.source_ids([DE_EN])[0]), len(wanted.hypotheses[0].ids)
        assert wanted.text in page.locator(".said").inner_text()
        assert f"{source} pieces are read, {target} are written" in page.locator(".said").inner_text()
        parameters, adds, weights, time = figures(page, "All")
        assert parameters == f"{parameter_count(model.model):,}"
        assert adds == f"{work(model.model, source, target).total / 1e6:.3g}M"
        assert weights == f"{sum(tensor.nbytes for tensor in model.int8.values()) / 1e6:.3g}M"
        assert float(time.removesuffix(" ms").replace(",", "")) > 0

        says = page.locator(".says").first
        page.get_by_label("Pieces read").fill("40")
        assert says.inner_text().startswith("8,192 pieces")
        page.get_by_role("radio", name="a window", exact=False).first.check(force=True)
        assert "With a window" in says.inner_text()
        found.until("location.hash.includes('length=8192') && location.hash.includes('pattern=window')")
        page.get_by_label("As in a decoder").check()
        full = page.locator(".pattern", has_text="full").inner_text()
        assert "50% of all" in full and len(page.locator(".pattern").all()) == 8
        page.fill("#sentence", "Danke.")
        found.until(TIMED)
        assert "Thank" in page.locator(".said").inner_text()
        page.fill("#sentence", " ")
        found.until(TIMED)
        assert "Not measured" in page.locator(".said").inner_text()
        found.harmless()


@pytest.mark.slow
def test_fewer_bits_say_what_they_lose(chromium, german):
    with opened(chromium, german, "#section=cost&text=Danke.&bits=2") as found:
        page = found.page
        found.until(TIMED)
        rows = page.locator("tr", has=page.locator("th button[aria-pressed]"))
        found.until(
            "document.querySelectorAll('td.words').length === 6"
            " && [...document.querySelectorAll('td.words')].every((one) => one.innerText !== '…')"
        )
        cells = [row.locator("td").all_inner_texts() for row in rows.all()]
        assert [float(size.removesuffix(" MB")) for size, *_ in cells] == sorted(
            (float(size.removesuffix(" MB")) for size, *_ in cells), reverse=True
        )
        errors = [float(error.removesuffix("%")) for _, error, *_ in cells]
        assert errors == sorted(errors) and 0 < errors[0] < 2 and errors[-1] > 50
        assert "Thank" in cells[0][3] and cells[0][3] != cells[-1][3]
        page.get_by_role("button", name="encoder.layers.0.feed_forward.up").click()
        assert "1,024 rows of 256 numbers" in page.locator(".says").last.inner_text()
        found.harmless()


def test_what_int8_lost_of_float_weights_is_told(chromium, tiny):
    """A folder with float weights has its losses measured when the page is written."""
    with opened(chromium, tiny, "#section=cost") as found:
        found.until(TIMED)
        assert "it was measured against the float weights" in found.page.locator("main").inner_text()
        cells = found.page.locator("tr.chosen td").all_inner_texts()
        assert 0 < float(cells[1].removesuffix("%")) < 2


def test_the_page_of_a_record_counts_and_does_not_time(chromium, tiny, tmp_path, monkeypatch):
    model = bundle.load(tiny.parent / "tiny")
    monkeypatch.setattr(pages, "MOST_BYTES", pages.int8_bytes(model.model) - 1)
    path = tmp_path / "page.html"
    assert run(["explain", str(tiny.parent / "tiny"), "a cat", "-o", str(path)]) == 0
    with opened(chromium, path, "#section=cost") as found:
        found.until(TIMED)
        assert "counted and not timed" in found.page.locator("main").inner_text()
        assert len(figures(found.page, "All")) == 3
        assert found.page.locator("tr[class*=chosen]").count() == 1
        found.harmless()


def test_a_machine_of_hostile_names_is_shown(chromium, tiny, tmp_path):
    table = benchmark.example()
    (case,) = table["cases"] = [table["cases"][0]]
    case["operators"] = [
        {"name": text, "share": 0.05, "operations": 1e10 / (1 + at), "bytes": 1e9}
        for at, text in enumerate(HOSTILE[:20])
    ]
    case["name"] = table["processor"] = table["model"] = HOSTILE[0]
    (tmp_path / "mine.json").write_text(json.dumps(table))
    path = tmp_path / "page.html"
    assert run(["explain", str(tiny.parent / "tiny"), "--bench", str(tmp_path / "mine.json"), "-o", str(path)]) == 0
    with opened(chromium, path, "#section=cost&text=a") as found:
        found.until(TIMED)
        assert found.page.locator("svg circle.operator").count() == 20
        assert "Measured for this page" in found.page.locator("main").inner_text()
        found.harmless()


@pytest.mark.slow
def test_hostile_texts_cost_what_they_cost(chromium, tiny):
    with opened(chromium, tiny, "#section=cost") as found:
        for text in HOSTILE[::3]:
            found.page.fill("#sentence", text)
            found.until(TIMED)
        found.harmless()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_nothing_lies_on_anything_in_the_cost(chromium, german, width):
    for language in ("en", "de"):
        link = f"#section=cost&lang={language}&pattern=bigbird"
        with opened(chromium, german, link, viewport={"width": width, "height": 900}) as found:
            found.until(TIMED)
            found.page.locator("summary").click()
            assert found.page.evaluate(OVERLAPS) == [], json.dumps(language)
