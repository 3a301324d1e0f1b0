"""The page in a real browser, from the disk, with the network off: it translates, keeps to itself, and can be used."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

import tiny_bundle
from browser import opened
from dragoman import bundle, shipped
from dragoman.architecture import parameters
from dragoman.cli import run
from dragoman.text.training import train
from dragoman.translator import Translator
from hostile_texts import HOSTILE
from trained_model import trained

__all__ = ["trained"]

SECTIONS = "#page > nav a"
DE_EN = "Die alte Frau liest ein Buch, weil es heute regnet."


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The page of a model of random weights, which begins with no text."""
    folder = tmp_path_factory.mktemp("tiny")
    made = replace(tiny_bundle.make(joint=False), decode={"beam": 3, "max_length": 12})
    bundle.save(made, folder / "tiny")
    assert run(["explain", str(folder / "tiny"), "-o", str(folder / "page.html")]) == 0
    return folder / "page.html"


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """The page of the model from German to English that ships."""
    path = tmp_path_factory.mktemp("german") / "page.html"
    assert run(["explain", "de-en", DE_EN, "-o", str(path)]) == 0
    return path


def test_a_page_translates_as_the_engine_does(chromium, trained, tmp_path):
    path = tmp_path / "a page.html"
    assert run(["quantize", str(trained / "m"), str(tmp_path / "small")]) == 0
    assert run(["explain", str(tmp_path / "small"), "-o", str(path)]) == 0
    texts = ["the cat sees a book.", "my friend likes the café 🙂.", "a child hears a house", "zzz ▁ </s> 日本"]
    engine = Translator.load(tmp_path / "small", device="cpu", precision="float32", threads=1)
    options = replace(engine.defaults, n_best=engine.defaults.beam or 4)
    with opened(chromium, path) as found:
        for text, wanted in zip(texts, engine.translate(texts, options), strict=True):
            found.ready(text)
            assert found.shown() == wanted.text
            ways = found.page.locator("ol .words").all_text_contents()
            assert ways == [one.text for one in wanted.hypotheses]
        found.harmless()


def test_what_the_page_says_of_a_text_is_what_the_engine_says(chromium, german):
    engine = Translator.load("de-en", device="cpu", precision="float32", threads=1)
    wanted = engine.translate(DE_EN).hypotheses[0]
    with opened(chromium, german) as found:
        found.ready()
        assert found.shown() == wanted.text
        found.page.locator("[role=listbox]").focus()
        found.page.keyboard.press("Home")
        said = found.page.locator(".detail").inner_text()
        assert said.startswith(wanted.text.split()[0])
        assert f"{100 * np.exp(wanted.token_log_probabilities[0]):.2g}% sure" in said
        assert found.page.locator(".copy mark").count() == len(DE_EN.split()) + 2  # the signs by themselves
        found.harmless()


def test_pointing_at_a_piece_shows_where_it_comes_from(chromium, german):
    with opened(chromium, german) as found:
        found.ready()
        page = found.page
        for english, german_word in (("book", "Buch"), ("woman", "Frau"), ("because", "weil")):
            page.get_by_role("option", name=english, exact=True).hover()
            assert f"{english} " in page.locator(".detail").inner_text()
            strongest = page.evaluate(
                "[...document.querySelectorAll('.copy mark')]"
                ".map((one) => [Number(one.style.getPropertyValue('--look')), one.textContent])"
                ".sort((one, other) => other[0] - one[0])[0][1]"
            )
            assert strongest == german_word
        word = page.locator(".copy mark", has_text="Buch").bounding_box()
        page.mouse.move(word["x"] + word["width"] / 2, word["y"] + word["height"] / 2)
        assert "is looked at by" in page.locator(".detail").inner_text()
        assert "book" in page.locator(".detail").inner_text()


def test_another_translation_can_be_chosen(chromium, german):
    with opened(chromium, german) as found:
        found.ready()
        second = found.page.locator("ol button").nth(1)
        text = second.locator(".words").text_content()
        second.click()
        assert found.shown() == text
        assert second.get_attribute("aria-pressed") == "true"


@pytest.mark.slow
def test_a_long_text_can_be_typed_over(chromium, german):
    with opened(chromium, german) as found:
        found.ready()
        found.page.fill("#source", DE_EN * 6)
        found.page.locator(".partial").wait_for()
        found.ready("Danke.")
        assert "Thank" in found.shown()


@pytest.mark.slow
def test_hostile_texts_typed_are_texts(chromium, tiny):
    with opened(chromium, tiny) as found:
        for text in HOSTILE:
            found.ready(text)
            assert found.page.input_value("#source") == text
            assert found.page.locator(".copy").text_content() == text
        found.harmless()


@pytest.mark.slow
def test_hostile_texts_in_the_address_are_texts(chromium, tiny):
    with opened(chromium, tiny) as found:
        for text in HOSTILE:
            found.page.evaluate("(link) => (location.hash = link)", f"#text={_quoted(text)}&section={_quoted(text)}")
            found.until(f"document.querySelector('#source').value === {json.dumps(text)}")
            assert "section" in found.page.get_by_role("status").inner_text()
        found.ready()
        found.harmless()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_hostile_texts_given_on_the_command_line_are_texts(chromium, tiny, tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(tiny.read_bytes())
    with opened(chromium, path) as found:
        for text in HOSTILE:
            assert run(["explain", "-o", str(path), "--", str(tiny.parent / "tiny"), text]) == 0
            found.page.goto(path.as_uri())
            found.ready()
            assert found.page.input_value("#source") == text
            found.harmless()


def _quoted(text):
    return quote(text, safe="")


def test_hostile_pieces_languages_and_names_are_texts(chromium, tmp_path):
    """A model whose every word, translation and language is hostile."""
    words = [text.replace(" ", "") for text in HOSTILE if len(text) < 60 and "\t" not in text]
    tokenizer = train([" ".join(words)] * 3, 100, "word")
    plain = tiny_bundle.make()
    model = replace(plain.model, vocab_size=tokenizer.vocab_size)
    draw = np.random.default_rng(2)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()}
    name = "<img src=x onerror=alert(1)>"
    made = replace(plain, model=model, weights=weights, source_tokenizer=tokenizer, target_tokenizer=tokenizer)
    made = replace(made, languages=("<b>x</b>", '"onload=alert(1)'), card="<script>alert(1)</script>")
    bundle.save(made, tmp_path / name)
    path = tmp_path / "<script>alert(1)<.html"
    assert run(["explain", str(tmp_path / name), words[0], "-o", str(path)]) == 0
    with opened(chromium, path) as found:
        for word in words[:12]:
            found.ready(word)
            assert found.shown()
        assert "<b>x</b>" in found.page.locator("h1").inner_text()
        found.page.get_by_role("link", name="The model").click()
        assert name in found.page.locator("dl").inner_text()
        found.page.locator("summary").click()
        assert "<script>" in found.page.locator("pre").inner_text()
        found.harmless()


def test_a_damaged_page_says_so(chromium, tiny, tmp_path):
    path = tmp_path / "damaged.html"
    html = tiny.read_text(encoding="utf-8")
    at = html.index('data-file="weights.int8.safetensors">') + 5000
    path.write_text(html[:at] + ("A" if html[at] != "A" else "B") + html[at + 1 :], encoding="utf-8")
    with opened(chromium, path) as found:
        alert = found.page.get_by_role("alert")
        alert.wait_for()
        assert "weights.int8.safetensors is damaged" in alert.inner_text()
        found.harmless()


def test_everything_is_in_the_address(chromium, tiny):
    with opened(chromium, tiny) as found:
        page = found.page
        found.ready("where is the cat? 50 % & 1+1=2 #x")
        page.get_by_label("Search").select_option("8")
        page.get_by_label("Language").select_option("de")
        page.get_by_label("Farben").select_option("dark")
        found.until("location.hash.includes('beam=8') && location.hash.includes('theme=dark')")
        link = page.evaluate("location.hash")
        shown = found.shown()
    with opened(chromium, tiny, link) as again:
        again.ready()
        page = again.page
        assert page.input_value("#source") == "where is the cat? 50 % & 1+1=2 #x"
        assert page.get_by_label("Suche").input_value() == "8"
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]") == [
            "de",
            "dark",
        ]
        assert again.shown() == shown
        page.get_by_role("link", name="Das Modell").click()
        again.until("document.querySelector('h1').innerText === 'Das Modell'")
        again.until("document.activeElement.tagName === 'MAIN'")
        page.go_back()
        assert page.input_value("#source") == "where is the cat? 50 % & 1+1=2 #x"
        again.harmless()


def test_a_link_that_is_not_understood_is_said(chromium, tiny):
    with opened(chromium, tiny, "#beam=0&layer=-1&nothing=1&text=%E0%A4&section=model") as found:
        assert found.page.locator("h1").inner_text() == "The model"
        said = found.page.get_by_role("status").inner_text()
        assert all(name in said for name in ("beam", "layer", "nothing", "text"))


def test_the_search_of_a_link_is_used(chromium, german):
    engine = Translator.load("de-en", device="cpu", precision="float32", threads=1)
    options = replace(engine.defaults, beam=None, temperature=1.5, seed=7, n_best=4)
    wanted = engine.translate(DE_EN, options)
    with opened(chromium, german, "#temperature=1.5&seed=7") as found:
        found.ready()
        assert found.shown() == wanted.text


@pytest.mark.parametrize("language", ["de-DE", "en-US"])
def test_the_interface_speaks_the_browser_s_language(chromium, tiny, language):
    with opened(chromium, tiny, locale=language) as found:
        found.ready("a cat")
        german = language == "de-DE"
        assert ("Übersetzen" in found.page.locator("nav").inner_text()) == german
        assert found.page.evaluate("document.documentElement.lang") == language[:2]
        assert found.page.locator("h1").inner_text().endswith("Deutsch" if german else "German")


def test_the_direction_of_writing_is_the_text_s_own(chromium, tiny):
    with opened(chromium, tiny) as found:
        for text, direction in (("שלום עולם", "rtl"), ("مرحبا", "rtl"), ("你好世界", "ltr"), ("the cat", "ltr")):
            found.ready(text)
            assert found.page.evaluate("getComputedStyle(document.querySelector('#source')).direction") == direction
            assert found.page.evaluate("getComputedStyle(document.querySelector('.copy')).direction") == direction
        found.ready("a\u202eb")
        assert "U+202E RLO" in found.page.locator(".box").first.inner_text()


# Every text that one sees, as the boxes of its lines; what lies on another or out of the window is told.
OVERLAPS = """() => {
  const wrong = [], lines = [];
  const HIDDEN = ".copy, .unseen, .skip, option, details:not([open]) > :not(summary)";
  const wide = document.scrollingElement.scrollWidth - innerWidth;
  if (wide > 0) wrong.push(`the page is ${wide} too wide`);
  const walker = document.createTreeWalker(document.querySelector("#page"), NodeFilter.SHOW_TEXT);
  const fields = [...document.querySelectorAll("#page :is(textarea, select)")]
    .map((one) => [one, [one.getBoundingClientRect()]]);
  const texts = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || parent.closest(HIDDEN)) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    texts.push([parent, [...range.getClientRects()]]);
  }
  const seen = (element, { left, right, top, bottom }) => { // what boxes that scroll let one see of it
    for (let one = element; one.id !== "page"; one = one.parentElement) {
      if (getComputedStyle(one).overflowX === "visible") continue;
      const box = one.getBoundingClientRect();
      [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
      [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
    }
    return { left, right, top, bottom, width: right - left, height: bottom - top };
  };
  for (const [element, rects] of [...fields, ...texts]) for (const rect of rects) {
    const box = seen(element, rect);
    if (box.width <= 0 || box.height <= 0) continue;
    const name = `${element.tagName}.${element.className} ${element.textContent.slice(0, 30)}`;
    if (box.left < -1 || box.right > innerWidth + 1) wrong.push(`${name} is outside`);
    lines.push([element, box, name]);
  }
  lines.forEach(([one, a, name], at) => lines.slice(at + 1).forEach(([other, b, second]) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const leading = Math.min(a.height, b.height) * 0.35; // the boxes of lines that follow each other may touch
    if (one !== other && across > 1.5 && down > leading) wrong.push(`${name} lies on ${second}`);
  }));
  return wrong;
}"""

LONG = DE_EN + " " + "Donaudampfschifffahrtsgesellschaftskapitän" * 4


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_nothing_lies_on_anything_at_any_width(chromium, german, width):
    for language in ("en", "de"):
        link = f"#lang={language}&text={_quoted(LONG)}&beam=1"
        with opened(chromium, german, link, viewport={"width": width, "height": 900}) as found:
            found.ready()
            assert found.page.evaluate(OVERLAPS) == []
            found.page.locator(SECTIONS).last.click()
            found.page.locator("summary").click()
            assert found.page.evaluate(OVERLAPS) == []
            found.page.evaluate("document.querySelector('h1').style.marginBottom = '-2rem'")
            assert found.page.evaluate(OVERLAPS) != []  # what is looked for is found


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_axe_finds_nothing_serious(chromium, german, scheme, width):
    window = {"width": width, "height": 900}
    with opened(chromium, german, color_scheme=scheme, viewport=window, bypass_csp=True) as found:
        found.ready()
        for section in range(found.page.locator(SECTIONS).count()):
            found.page.locator(SECTIONS).nth(section).click()
            found.settled()
            if section == 0:
                found.ready()
                found.page.locator("[role=option]").nth(3).hover()
            found.accessible()


def test_the_keyboard_reaches_everything(chromium, german):
    with opened(chromium, german) as found:
        found.ready()
        reached = set()
        for _ in range(40):
            found.page.keyboard.press("Tab")
            reached.add(found.page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        wanted = found.page.evaluate(
            "[...document.querySelectorAll('#page :is(a, button, select, textarea, [role=listbox])')]"
            ".map((one) => one.outerHTML.slice(0, 200))"
        )
        assert set(wanted) <= reached


def test_less_motion_is_no_motion(chromium, tiny):
    for motion, moves in (("reduce", False), ("no-preference", True)):
        with opened(chromium, tiny, reduced_motion=motion) as found:
            found.ready("a cat")
            lasting = found.page.evaluate(
                "[...document.querySelectorAll('#page *')]"
                ".some((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0)"
            )
            assert lasting == moves


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped.names())
def test_every_model_that_ships_has_a_page(chromium, name, tmp_path):
    path: Path = tmp_path / "page.html"
    assert run(["explain", name, "-o", str(path)]) == 0
    assert path.stat().st_size < 14e6
    with opened(chromium, path) as found:
        found.ready("Hallo!" if name.startswith("de") else "Hello!")
        assert found.shown()
        found.harmless()
