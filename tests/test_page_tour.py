"""The guided tour in a real browser: what it claims is what the model does, and it can be gone through in any way."""

import json
import re
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import pytest

import tiny_bundle
from browser import opened
from dragoman import TraceOptions, Translator, bundle
from dragoman.cli import run
from dragoman.explain import page as pages
from dragoman.explain.trace import Tracer
from dragoman.shipped import locate
from hostile_texts import HOSTILE
from test_page import OVERLAPS
from test_page_film import filmed

STEPS = 12
LOOKS = {  # pronoun, noun, and a sentence that comes out in another order
    "de-en": ("Die Frau liest ein Buch, weil sie müde ist.", "sie", "Frau", "Morgen kommt Tom."),
    "en-de": ("I like the soup because it is good.", "it", "soup", "I forgot everything."),
}


@pytest.fixture(scope="module")
def shipped_pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shipped")
    for name in LOOKS:
        assert run(["explain", name, "Hallo.", "-o", str(folder / f"{name}.html")]) == 0
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The folder of a model of random weights for languages of which the tour knows no sentence, and its page."""
    folder = tmp_path_factory.mktemp("tiny")
    made = replace(tiny_bundle.make(joint=False), decode={"beam": 2, "max_length": 6}, languages=("nb", "nn"))
    bundle.save(made, folder / "tiny")
    assert run(["explain", str(folder / "tiny"), "the cat sees a dog", "-o", str(folder / "page.html")]) == 0
    return folder


@contextmanager
def tour(chromium, path, step, link="", **window):
    with opened(chromium, path, f"#lang=en&tour={step}{link}", **window) as found:
        claimed(found, step)
        yield found


def claimed(found, step):
    found.until(f"document.querySelector('.tour')?.dataset.claimed === '{step}'")


def said(found):
    return found.page.locator(".tour .said").inner_text()


def on(found, step):
    """Go on to a step."""
    found.page.locator(".tour a[rel=next]").click()
    claimed(found, step)
    found.settled()


@pytest.mark.parametrize("name", ["de-en", pytest.param("en-de", marks=pytest.mark.slow)])
def test_what_the_tour_claims_is_what_the_model_does(chromium, shipped_pages, name):
    text, pronoun, noun, order = LOOKS[name]
    tracer = Tracer(bundle.load(locate(name)))
    numbers = tracer.trace(text, TraceOptions())
    pieces = [one["piece"] for one in numbers["source"]["pieces"]]
    row, column = pieces.index(f"▁{pronoun}"), pieces.index(f"▁{noun}")
    heads = [np.asarray(layer["self_attention"]["weights"])[:, row] for layer in numbers["encoder"]["layers"]]
    layer, head = np.unravel_index(np.argmax([one[:, column] for one in heads]), (len(heads), len(heads[0])))
    best = heads[layer][head]
    assert best.argmax() == column and best[column] > 0.5  # it can be seen

    sure = Translator.load(name, device="cpu", precision="float32", threads=1).translate(text)
    least = min(np.exp(sure.hypotheses[0].token_log_probabilities[:-2]))
    with tour(chromium, shipped_pages / f"{name}.html", 1) as found:
        places, claims = [], []
        for step in range(1, STEPS + 1):
            if step > 1:
                on(found, step)
            places.append(found.page.evaluate("document.querySelectorAll('[data-toured]').length"))
            claims.append(said(found))
            assert found.page.evaluate("document.activeElement.id") == "tour-title"
        found.harmless()
        address = found.page.evaluate("location.hash")
    assert places == [1] * STEPS
    assert len(set(claims)) == STEPS
    assert f"{100 * least:.2g}%" in claims[0]
    assert f"head {head + 1} of layer {layer + 1} gives {100 * best[column]:.2g}%" in claims[4]
    for one, shares in enumerate(heads[layer]):
        piece = pieces[shares.argmax()].replace("▁", "␣")
        assert f"{one + 1}: “{piece}” {100 * shares.max():.2g}%" in claims[5]
    assert f"Without head {head + 1} of layer {layer + 1}" in claims[6]
    assert "tour=12" in address

    numbers = tracer.trace(order, TraceOptions())
    words = re.findall(r"“(\w+)”", claims[7])
    early, late, behind, before = words
    assert numbers["translation"].index(early) < numbers["translation"].index(late)
    assert order.index(behind) > order.index(before)
    layer, head = (int(one) - 1 for one in re.search(r"head (\d+) of layer (\d+)", claims[7]).groups()[::-1])
    shares = np.asarray(numbers["decoder"]["layers"][layer]["cross_attention"]["weights"])[head]
    source, target = ([one["piece"] for one in numbers[side]["pieces"]] for side in ("source", "target"))
    for word, of in ((early, behind), (late, before)):
        assert source[shares[target.index(f"▁{word}")].argmax()] == f"▁{of}"
    top = min((one["top"] for one in numbers["steps"][:-1]), key=lambda top: top[0]["probability"])
    assert f"{top[0]['piece'].replace('▁', '␣')} gets {100 * top[0]['probability']:.2g}%" in claims[8]


def test_the_place_that_a_step_speaks_of_is_seen_above_the_card(chromium, shipped_pages):
    """Its top at least, in a window of any width, and nothing of the card's own words lies on anything."""
    for width, lang in ((390, "de"), (2560, "en")):
        with tour(chromium, shipped_pages / "de-en.html", 5, viewport={"width": width, "height": 844}) as found:
            page = found.page
            page.evaluate(f"location.hash = location.hash.replace('lang=en', 'lang={lang}')")
            found.settled()
            place, card = (page.locator(one).bounding_box() for one in ("[data-toured]", ".tour"))
            assert 0 <= place["y"] < place["y"] + 100 < card["y"]
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            page.wait_for_timeout(700)
            assert [one for one in page.evaluate(OVERLAPS) if "outside" in one or "wide" in one] == []
            inside = OVERLAPS.replace('querySelector("#page")', 'querySelector(".tour")', 1)
            assert page.evaluate(inside) == []
            page.evaluate("document.querySelector('.tour .head').style.marginBottom = '-3rem'")
            assert page.evaluate(inside) != []  # what is looked for is found


def test_the_tour_is_walked_with_the_keyboard_and_traps_no_one(chromium, tiny):
    with opened(chromium, tiny / "page.html", "#lang=en") as found:
        page = found.page
        found.ready()
        page.locator("#tour-start").focus()
        page.keyboard.press("Enter")
        claimed(found, 1)
        card = page.get_by_role("dialog", name="One sentence in, one out")
        assert card.get_attribute("aria-modal") == "false"
        assert card.locator("[aria-live=polite]").inner_text().strip()
        for key, step in (("ArrowRight", 2), ("ArrowDown", 3), ("ArrowLeft", 2), ("ArrowUp", 1), ("ArrowUp", 1)):
            page.keyboard.press(key)
            claimed(found, step)
        page.focus("#source")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Escape")
        assert page.locator(".tour").get_attribute("data-at") == "1"  # in the box these keys are the box's
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("!!document.activeElement.closest('.tour')"))
        assert reached == {True, False}
        page.locator(".tour a[rel=next]").focus()
        page.keyboard.press("Escape")
        found.until("document.querySelector('.tour') === null")
        assert page.evaluate("document.activeElement.id") == "tour-start"
        assert page.evaluate("document.querySelector('[data-toured]') === null")
        found.harmless()


def test_of_other_languages_the_tour_takes_the_sentence_in_the_box(chromium, tiny):
    with tour(chromium, tiny / "page.html", 5) as found:
        assert "takes the sentence in the box" in said(found)
        words = ["the", "cat", "sees", "a", "dog"]
        first, second = re.search(r"of what “(\w+)” looks at to “(\w+)”", said(found)).groups()
        assert abs(words.index(first) - words.index(second)) > 1
        found.page.get_by_role("link", name="Cost").click()  # one may go anywhere, and come back
        found.settled()
        assert found.page.locator("h1").inner_text() == "Cost"
        found.page.evaluate("location.hash = '#tour=5'")
        found.until("document.querySelector('label.sentence input') !== null")
        claimed(found, 5)
        found.page.fill("label.sentence input", "a dog")
        found.until("document.querySelector('.tour .said').textContent.includes('“dog”')")
        for text in ("one", ""):
            found.page.fill("label.sentence input", text)
            wanted = "one word only" if text else "Write a sentence"
            found.until(f"document.querySelector('.tour .said').textContent.includes({wanted!r})")
        found.harmless()


def test_where_its_own_sentence_would_show_nothing_the_tour_takes_another_and_says_so(chromium, tmp_path):
    made = replace(tiny_bundle.make(joint=False), decode={"beam": 2, "max_length": 6}, languages=("de", "en"))
    bundle.save(made, tmp_path / "m")
    assert run(["explain", str(tmp_path / "m"), "the cat sees a dog", "-o", str(tmp_path / "page.html")]) == 0
    with tour(chromium, tmp_path / "page.html", 5) as found:
        assert "would not show it in this model" in said(found)
        assert found.page.locator("label.sentence input").input_value() == "the cat sees a dog"


@pytest.mark.slow
def test_a_record_has_the_whole_tour(chromium, tiny, tmp_path, monkeypatch):
    """Where sums are missing, the steps that need them go elsewhere; none is refused."""
    made = bundle.load(tiny / "tiny")
    monkeypatch.setattr(pages, "MOST_BYTES", pages.int8_bytes(made.model) - 1)
    assert run(["explain", str(tiny / "tiny"), "the cat sees a dog", "-o", str(tmp_path / "page.html")]) == 0
    with tour(chromium, tmp_path / "page.html", 1) as found:
        for step in range(1, STEPS + 1):
            if step > 1:
                on(found, step)
            assert "record of one sentence" in said(found)
            assert found.page.locator(".tour .claim").inner_text().strip()
            assert found.page.locator(".tour [lang=en]").count() == 0  # nothing could not be measured
            assert found.page.evaluate("document.querySelectorAll('[data-toured]').length") == 1, step
        found.harmless()


def test_of_a_page_with_a_film_the_last_step_is_the_film(chromium, tmp_path):
    path, film = filmed(tmp_path)
    first, last = film["frames"][0], film["frames"][-1]
    with tour(chromium, path, STEPS) as found:
        assert found.page.get_by_role("heading", name="How it was learned").is_visible()
        words = said(found)
        assert f"“{film['text']}”: after step {first['step']} it said “{first['translation']}”" in words
        assert f"after step {last['step']} “{last['translation']}”" in words
        assert found.page.locator("[data-toured]").count() == 1
        assert found.page.locator("[data-tour=film]").count() == 1
        found.harmless()


def test_less_motion_jumps(chromium, tiny):
    for motion, manner in (("reduce", "instant"), ("no-preference", "smooth")):
        window = {"width": 800, "height": 500}
        with tour(chromium, tiny / "page.html", 1, viewport=window, reduced_motion=motion) as found:
            found.page.evaluate("window.manners = []; window.scrollBy = ({ behavior }) => manners.push(behavior); null")
            on(found, 2)
            assert set(found.page.evaluate("manners")) == {manner}


@pytest.mark.slow
def test_hostile_sentences_on_the_tour_are_texts(chromium, tiny):
    with tour(chromium, tiny / "page.html", 5) as found:
        for text in HOSTILE[::3]:
            link = f"#lang=en&section=journey&tour=5&text={quote(text, safe='')}"
            found.page.evaluate("(link) => (location.hash = link)", link)
            found.until(f"document.querySelector('label.sentence input').value === {json.dumps(text)}")
            found.page.wait_for_timeout(500)
            claimed(found, 5)
        found.harmless()


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious_on_the_tour(chromium, shipped_pages, scheme, width):
    window = {"width": width, "height": 900}
    path = shipped_pages / "de-en.html"
    with tour(chromium, path, 1, color_scheme=scheme, viewport=window, bypass_csp=True) as found:
        for step in range(1, STEPS + 1):
            if step > 1:
                on(found, step)
            found.accessible()
