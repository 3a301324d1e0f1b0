"""The section on surgery in a real browser: what is operated on is seen, undone and linked."""

import json
from dataclasses import replace
from urllib.parse import quote

import pytest

import tiny_bundle
from browser import opened
from dragoman import bundle
from dragoman.cli import run
from dragoman.translator import Translator
from hostile_texts import HOSTILE

TEXT = "Die alte Frau liest ein Buch, weil es regnet."
SETTLED = "document.querySelector('[data-operated]')?.dataset.operated === "


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    path = tmp_path_factory.mktemp("german") / "page.html"
    assert run(["explain", "de-en", TEXT, "-o", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def engine():
    return Translator.load("de-en", device="cpu", precision="float32", threads=1)


def settled(found, surgery=""):
    """Wait until the page has the answer to these operations."""
    found.until(SETTLED + json.dumps(surgery))


def after(found):
    return found.page.get_by_role("region", name="Under the operation").locator(".text").inner_text().strip()


def marked(found, which):
    return found.page.get_by_role("region", name=which).locator(".new").all_inner_texts()


@pytest.mark.slow
def test_a_part_that_is_off_is_seen_undone_and_linked(chromium, german, engine):
    plain = engine.translate(TEXT).text
    with opened(chromium, german, "#section=surgery") as found:
        settled(found)
        page = found.page
        assert after(found) == plain and marked(found, "As it is") == []
        switch = page.get_by_role("switch", name="Decoder, layer 1, looks at its own words: Head 2")
        switch.focus()
        page.keyboard.press("Space")
        settled(found, "head.d0s.1")
        assert switch.get_attribute("aria-checked") == "false"
        page.get_by_role("button", name="no residuals").click()
        found.until("document.querySelector('[data-operated]')?.dataset.operated?.startsWith('residual.e0s_')")
        broken = after(found)
        assert broken != plain and marked(found, "Under the operation")
        found.until("location.hash.includes('residual.e0s')")
        link = page.evaluate("location.hash")
        page.get_by_role("button", name="Undo all").click()
        settled(found)
        assert after(found) == plain
        found.harmless()
    with opened(chromium, german, link) as again:
        again.until("document.querySelector('[data-operated]')?.dataset.operated?.startsWith('residual.e0s_')")
        assert after(again) == broken
    with opened(chromium, german, "#section=surgery&surgery=layer.e9") as odd:
        odd.until("document.querySelector('main').innerText.includes('this model has none')")
        odd.page.get_by_role("button", name="Undo: Encoder, layer 10 off").click()
        settled(odd)


def test_another_source_piece_is_another_text_and_places_can_be_shuffled(chromium, german, engine):
    with opened(chromium, german, "#section=surgery") as found:
        settled(found)
        page = found.page
        page.locator("ol").last.get_by_role("button", name="Buch").click()
        page.get_by_label("A piece that begins with").fill("zeitung")
        page.locator(".other li").get_by_role("button", name="␣Zeitung", exact=True).click()
        found.until("document.querySelector('[data-operated]')?.dataset.operated?.startsWith('piece.5.')")
        assert after(found) == engine.translate(TEXT.replace("Buch", "Zeitung")).text
        page.get_by_role("button", name="Shuffle the places").click()
        found.until("document.querySelector('[data-operated]')?.dataset.operated?.endsWith('shuffle.1')")
        places = [int(one) for one in page.locator(".place").all_inner_texts()]
        assert sorted(places) == list(range(1, len(places) + 1)) != places
        page.fill("#sentence", "Danke.")  # the piece is of the text before, the places are not
        settled(found, "shuffle.1")
        found.harmless()


def test_a_beginning_is_forced_by_choosing_what_else_could_have_come(chromium, german, engine):
    with opened(chromium, german, "#section=surgery") as found:
        settled(found)
        page = found.page
        page.locator("ol").first.get_by_role("button", name="␣reading").click()
        other = page.locator(".others button bdi").first.inner_text()
        page.locator(".others button").first.click()
        found.until("document.querySelector('[data-operated]')?.dataset.operated?.startsWith('prefix.')")
        pieces = [one.text_content().strip() for one in page.locator("ol").first.get_by_role("button").all()]
        assert pieces[4] == other and page.locator(".forced").count() == 5
        assert pieces[:4] == [one.replace("▁", "␣") for one in engine.translate(TEXT).pieces[:4]]
        page.get_by_role("button", name="Let it go on freely").click()
        settled(found)
        assert after(found) == engine.translate(TEXT).text


def test_attention_is_drawn_with_the_mouse_and_with_the_keyboard(chromium, german):
    with opened(chromium, german, "#section=surgery&attention=encoder&layer=0&head=1") as found:
        settled(found)
        page = found.page
        grid = page.get_by_role("application")
        grid.scroll_into_view_if_needed()
        box = grid.bounding_box()
        size = box["width"] / 12
        page.mouse.move(box["x"] + size * 2.5, box["y"] + size * 1.5)
        page.mouse.down()
        page.mouse.move(box["x"] + size * 4.5, box["y"] + size * 1.5)
        page.mouse.up()
        settled(found, "mask.e0s.1.1-2-4")
        page.mouse.move(box["x"] + size * 3.5, box["y"] + size * 1.5)
        found.until("document.querySelector('#cell').innerText.includes('hidden')")
        assert page.locator("#cell").inner_text() == "␣alte looks at ␣liest: 0%, hidden"
        page.mouse.move(0, 0)
        grid.focus()
        for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Space"):
            page.keyboard.press(key)
        settled(found, "mask.e0s.1.1-3-4")
        page.get_by_role("button", name="Look at all alike").click()
        settled(found, "mask.e0s.1.1-3-4_uniform.e0s.1")
        grid.focus()
        page.keyboard.press("Home")
        found.until(
            "document.querySelector('#cell').innerText.endsWith('looks at ␣Die: 10%')"
        )  # ten are left of twelve
        found.harmless()


def test_hostile_texts_are_texts_here_too(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    made = replace(tiny_bundle.make(joint=False), decode={"beam": 2, "max_length": 4})
    bundle.save(made, folder / "tiny")
    assert run(["explain", str(folder / "tiny"), "-o", str(folder / "page.html")]) == 0
    with opened(chromium, folder / "page.html", "#section=surgery&text=a") as found:
        settled(found)
        for text in HOSTILE[::6]:
            written = quote(text, safe="")
            found.page.evaluate(
                "(link) => (location.hash = link)", f"#section=surgery&surgery={written}&text={written}"
            )
            found.until(f"document.querySelector('#sentence').value === {json.dumps(text)}")
            assert "surgery" in found.page.get_by_role("status").inner_text()
        found.page.wait_for_timeout(500)
        found.harmless()
