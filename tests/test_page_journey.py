"""The journey in a real browser: every station, any number down to the weights, the state in the address."""

import json
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import pytest

import tiny_bundle
from browser import opened
from dragoman import TraceOptions, bundle, trace
from dragoman.cli import run
from hostile_texts import HOSTILE
from test_page import OVERLAPS
from traced_models import traced_model

TEXT = "the black cat"
SIXTY = (
    "Die alte Frau, die jeden Morgen mit ihrem kleinen Hund durch den Park geht, liest heute ein Buch, weil es regnet, "
    "und ihr Mann, der sonst immer lange schläft, kocht in der Küche Kaffee und hört Musik, während die Kinder im "
    "Garten mit dem roten Ball spielen und der Nachbar sein Auto wäscht, obwohl es bald wieder stark regnen wird."
)


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
    with opened(chromium, path, f"#section=journey&text={quote(text, safe='')}{link}", **window) as found:
        traced(found, text)
        yield found


def traced(found, text):
    ready = f"document.querySelector('[data-traced]')?.dataset.traced === {json.dumps(text)}"
    found.until(f"{ready} && document.querySelector('article').ariaBusy === 'false'")


def stations(found):
    """Go from station to station, to the last, and give the number of each."""
    at = int(found.page.locator(".steps").get_attribute("data-at"))
    yield at
    while found.page.evaluate("!!document.querySelector('.steps a[rel=next]')"):
        at += 1
        found.page.evaluate("document.querySelector('.steps a[rel=next]').click()")
        found.until(f"document.querySelector('.steps').dataset.at === '{at}'")
        yield at


def test_one_walks_from_station_to_station_and_the_address_says_where(chromium, tiny):
    with journey(chromium, tiny) as found:
        page = found.page
        passed = 0
        for at in stations(found):
            assert page.locator("[aria-current=step]").count() == 1
            assert page.locator("article .idea").count() >= 1
            passed = at
        assert passed > 25
        assert page.url.endswith("station=next")
        page.locator(".steps a[rel=prev]").click()
        found.until("document.querySelector('[aria-current=step]').textContent.trim() === 'Logits'")
        found.harmless()


@pytest.mark.parametrize("name", ["paper", "modern", "alibi", "positions_none", "norm_none", "ssru_post"])
def test_the_way_is_that_of_the_model(chromium, tmp_path, name):
    """Norms where the model has them, positions in its manner, and every station shows its formulas."""
    bundle.save(traced_model(name), tmp_path / "m")
    assert run(["explain", str(tmp_path / "m"), TEXT, "-o", str(tmp_path / "page.html")]) == 0
    with journey(chromium, tmp_path / "page.html", "&depth=formula&word=2&step=1&head=1") as found:
        page = found.page
        names = [one.strip() for one in page.locator(".map a").all_text_contents()]
        assert names.count("Norm") == {"paper": 5, "ssru_post": 5, "norm_none": 0}.get(name, 6)
        if name == "paper":
            assert names[3:8] == ["Self-attention", "Add", "Norm", "Feed-forward", "Add"]
        for _ in stations(found):
            title = page.locator("article h2").first.inner_text()
            if title == "Where a piece stands":
                clocks, slopes = page.locator(".clocks").count(), page.locator(".slopes").count()
                assert (clocks, slopes) == {"modern": (1, 0), "alibi": (0, 1)}.get(name, (0, 0))
                assert page.locator("svg path").count() == (name in ("paper", "norm_none", "ssru_post"))
            elif title not in ("Text becomes pieces", "Where a piece stands"):
                assert page.locator("article math").count() >= 1, title
        found.harmless()


def test_the_numbers_are_those_of_python_s_trace(chromium, tmp_path):
    bundle.save(traced_model("paper"), tmp_path / "whole")
    assert run(["quantize", str(tmp_path / "whole"), str(tmp_path / "m")]) == 0
    assert run(["explain", str(tmp_path / "m"), TEXT, "-o", str(tmp_path / "page.html")]) == 0
    wanted = trace(str(tmp_path / "m"), TEXT, TraceOptions())

    def shown(found, query):
        labels = found.page.locator(query).evaluate_all("all => all.map((one) => one.title)")
        return [float(label.partition(": ")[2].replace("−", "-").replace("E", "e")) for label in labels]

    with journey(chromium, tmp_path / "page.html", "&station=memory&layer=1&head=1&step=2") as found:
        close = dict(rtol=1e-3, atol=1e-4)
        assert np.allclose(shown(found, ".rows .cells button"), np.ravel(wanted["memory"]), **close)
        page = found.page
        page.evaluate("location.hash = location.hash.replace('=memory', '=decoder-cross-mix')")
        found.until("document.querySelector('.mix') !== null")
        cross = wanted["decoder"]["layers"][1]["cross_attention"]
        assert np.allclose(shown(found, ".mix .all button"), np.ravel(cross["value"][:, 1]), **close)
        assert np.allclose(shown(found, ".mix .total button"), cross["contexts"][2, 1], **close)
        shares = [float(one.strip("%")) / 100 for one in page.locator(".mix .share").all_inner_texts()]
        assert np.allclose(shares, cross["weights"][1, 2], atol=5e-3)
        page.evaluate("location.hash = location.hash.replace('=decoder-cross-mix', '=next')")
        found.until("document.querySelector('article table') !== null")
        names = [one.replace("␣", "▁") for one in page.locator("article tbody th").all_inner_texts()][:-1]
        assert [one["piece"] for one in wanted["steps"][2]["top"]] == names[:10]


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


def test_every_sum_of_a_pocket_model_fits_on_a_slide(chromium, tmp_path):
    """Width 8: all terms are there, and nothing has to be scrolled in a window of 1280 by 720."""
    sums = "encoder.layers.0.self_attention.query:1,0,2 encoder.layers.1.feed_forward.output:0,7 memory.deviation:2"
    sums += " decoder.layers.0.cross_attention.contexts:1,1,0 decoder.layers.1.self_attention.products:1,0,1 memory:0,0"
    sums += " steps.1.logits:9 steps.1.probability:9 encoder.embedding.angles:1,3 decoder.norm:0,1 steps.0.log_total:"
    bundle.save(traced_model("default"), tmp_path / "m")
    assert run(["explain", str(tmp_path / "m"), TEXT, "-o", str(tmp_path / "page.html")]) == 0
    window = {"viewport": {"width": 1280, "height": 720}}
    with journey(chromium, tmp_path / "page.html", "&station=next&step=1", **window) as found:
        for number in sums.split():
            found.page.evaluate(f"location.hash = location.hash.replace(/(&number=.*)?$/, '&number={number}')")
            found.until(f"document.querySelector('.panel')?.dataset.number === '{number}'")
            panel = found.page.locator(".panel")
            assert panel.get_by_role("button", name="Show all").count() == 0, number
            assert panel.evaluate("(one) => one.scrollHeight - one.clientHeight") <= 0, number
            assert panel.locator(".terms").evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0, number
            assert panel.locator("tbody tr").count() >= 1, number


def test_the_likeliest_piece_is_followed_to_the_first_numbers(chromium, tiny):
    """From a probability one goes on by the first number of every sum, and ends where there is none any more."""
    with journey(chromium, tiny, "&station=next&depth=numbers&step=1&number=steps.1.probability:5") as found:
        page = found.page
        seen = []
        for _ in range(60):
            found.until("document.querySelector('.panel h2 .value') !== null")
            found.until(f"document.querySelector('.panel').textContent !== {json.dumps(seen[-1] if seen else '')}")
            seen.append(page.locator(".panel").text_content())
            if not page.locator(".panel .link").count():
                break
            page.evaluate("document.querySelector('.panel .link').click()")
        assert len(seen) > 12
        assert page.locator(".panel code").count() == 1
        found.harmless()


def test_a_link_to_what_is_not_there_shows_what_there_is(chromium, tiny):
    link = "&station=no-such&layer=99&head=9&word=999&step=999&depth=numbers&number=memory:99,99"
    with journey(chromium, tiny, link) as found:
        assert found.page.locator("article h2").first.inner_text() == "Text becomes pieces"
        found.until("document.querySelector('.panel')?.textContent.includes('cannot be shown')")
        found.page.keyboard.press("Escape")
        for _ in stations(found):
            assert found.page.locator("article [aria-checked=true], article [aria-current=true]").count() >= 1
        found.harmless()


def test_steps_go_on_and_back_with_keys_and_buttons(chromium, tiny):
    with journey(chromium, tiny, "&station=decoder-self-scores&depth=numbers") as found:
        page = found.page
        said = page.locator(".decoding p")
        first = said.inner_text()
        assert first.startswith("Step 1 of")
        assert page.locator("tr.hidden").count() == page.locator("article tbody tr").count() - 1  # what is masked
        page.get_by_role("button", name="One step on").first.click()
        assert said.inner_text().startswith("Step 2 of")
        assert page.locator("tr.hidden").count() == page.locator("article tbody tr").count() - 2
        page.locator(".chips [aria-checked=true]").focus()
        page.keyboard.press("ArrowRight")
        assert said.inner_text().startswith("Step 3 of")
        page.get_by_role("button", name="One step back").click()
        page.get_by_role("button", name="One step back").click()
        assert said.inner_text() == first


def test_what_is_typed_is_traced_and_the_panel_does_not_take_the_keyboard(chromium, tiny):
    with journey(chromium, tiny, "&station=memory&number=memory:0,0") as found:
        page = found.page
        found.until("document.querySelector('.panel h2 .value') !== null")
        before = page.locator(".panel h2").inner_text()
        page.locator(".sentence input").focus()
        page.keyboard.type("x ")
        text = page.locator(".sentence input").input_value()
        traced(found, text)
        found.until(f"document.querySelector('.panel h2').innerText !== {json.dumps(before)}")
        assert page.evaluate("document.activeElement.matches('.sentence input')")
        page.locator(".sentence input").fill(" ")
        found.until("document.querySelector('article').innerText.includes('Write a sentence')")
        found.harmless()


@pytest.mark.slow
def test_hostile_texts_are_harmless_at_every_station(chromium, tiny):
    """Each text at three stations, one after the other, so that every station has many; all where a piece is named."""
    with journey(chromium, tiny, "&depth=formula") as found:
        page = found.page
        ids = page.locator(".map a").evaluate_all("all => all.map((one) => /station=([^&]+)/.exec(one.hash)?.[1])")
        for index, text in enumerate(HOSTILE):
            page.locator(".sentence input").fill(text)
            shown = page.locator(".sentence input").input_value()  # a line, for a field has no other
            traced(found, shown)
            for place in (index, index + 7, index + 14):
                name = ids[place % len(ids)] or ""
                page.evaluate(f"document.querySelector(`.map a[href*='station={name}']`)?.click()")
                found.until("document.querySelector('article h2') !== null")
        found.harmless()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_nothing_lies_on_anything_at_any_width(chromium, tiny, width):
    for language, depth in (("en", "formula"), ("de", "numbers"), ("de", "idea")):
        link = f"&lang={language}&depth={depth}&word=2&step=1"
        with journey(chromium, tiny, link, viewport={"width": width, "height": 900}) as found:
            for at in stations(found):
                assert found.page.evaluate(OVERLAPS) == [], at


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width", "depth"), [("light", 1280, "formula"), ("dark", 390, "numbers")])
def test_axe_finds_nothing_serious(chromium, tiny, scheme, width, depth):
    window = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    with journey(chromium, tiny, f"&depth={depth}&word=1&step=1", **window) as found:
        for at in stations(found):
            if at == 2:  # with a sum below
                found.page.locator("article .vector :is(button, [role=slider])").first.click()
                found.until("document.querySelector('.panel .terms') !== null")
            found.accessible("main")


@pytest.mark.slow
def test_sixty_words_stay_in_their_boxes(chromium, tmp_path):
    """With a model that ships: no station is longer than two screens, none too wide, and each still answers."""
    assert len(SIXTY.split()) == 60
    path = tmp_path / "page.html"
    assert run(["explain", "de-en", SIXTY, "-o", str(path)]) == 0
    for width in (390, 1280):
        with journey(
            chromium, path, "&depth=numbers&word=40", SIXTY, viewport={"width": width, "height": 900}
        ) as found:
            page = found.page
            for at in stations(found):
                size = page.evaluate(
                    "[document.scrollingElement.scrollWidth, document.querySelector('article').offsetHeight]"
                )
                assert size[0] <= width, at
                assert size[1] < (1800 if width == 1280 else 2600), at
                chosen = page.locator(".chips [aria-checked=true]").first
                inside = "(one) => { const [a, b] = [one, one.parentElement].map((it) => it.getBoundingClientRect());"
                assert chosen.evaluate(inside + " return b.top <= a.top + 1 && a.bottom <= b.bottom + 1 }"), at
                before = chosen.inner_text()
                chosen.focus()
                page.keyboard.press("ArrowRight")
                assert page.locator(".chips [aria-checked=true]").first.inner_text() != before or before == ","
            found.harmless()
