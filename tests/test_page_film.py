"""The training film in a real browser: it shows its frames, moves by hand and by itself, and keeps still if asked."""

import json

import pytest

from browser import opened
from dragoman.cli import run
from dragoman.explain import page as pages
from hostile_texts import HOSTILE
from test_page import OVERLAPS
from tiny_film import LAST, TEXT, make

SHOWN = "document.querySelector('svg.drawing') !== null"


def filmed(folder, text=TEXT, steps=(1, 2, 4, 8)):
    make(folder / "m", steps)
    assert run(["explain", str(folder / "m"), text, "-o", str(folder / "page.html")]) == 0
    html = (folder / "page.html").read_text(encoding="utf-8")
    _, _, rest = html.partition('<script type="application/json" id="film">')
    return folder / "page.html", json.loads(rest.partition("</script>")[0])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A page with a film of five frames, and the film."""
    return filmed(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """The same with forty frames."""
    return filmed(tmp_path_factory.mktemp("long"), steps=range(1, 40))


def drawn(found):
    """What the map's canvas shows, as one number."""
    return found.page.evaluate(
        "[...document.querySelectorAll('canvas')].map((one) => one.toDataURL()).join().split('')"
        ".reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) | 0, 7)"
    )


def test_each_frame_shows_its_step(chromium, tiny):
    path, film = tiny
    with opened(chromium, path, "#section=film") as found:
        page = found.page
        found.until(SHOWN)
        slider = page.get_by_label("Time in the training")
        slider.focus()
        pictures = set()
        for at, frame in enumerate(film["frames"]):
            assert slider.get_attribute("aria-valuetext") == f"Step {frame['step']} of {LAST}"
            shown = page.locator(".now").text_content()
            assert (frame["translation"] or "It writes nothing.") in shown
            best = page.locator("tbody tr").first.locator("td").nth(0).inner_text().split("\n")[0]
            assert best and len(page.locator("tbody tr").all()) == len(film["written"])
            pictures.add(drawn(found))
            if at + 1 < len(film["frames"]):
                page.keyboard.press("ArrowRight")
        assert len(pictures) == len(film["frames"])
        assert page.locator(".new").count() == 0  # the last frame says what the model says
        found.until(f"location.hash.includes('frame={len(film['frames']) - 1}')")
        page.get_by_role("listbox").focus()
        page.keyboard.press("ArrowDown")
        second = film["pieces"][film["written"][1]].replace("▁", "␣")
        assert page.locator(".detail").inner_text().startswith(f"{second} looks at")
        found.harmless()
    with opened(chromium, path, "#section=film&frame=2") as found:
        found.until(SHOWN)
        assert "Step 4 of" in found.page.locator(".reel").inner_text()
        assert found.page.get_by_role("img", name="Loss over the steps").count() == 1


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_it_plays_to_its_end_and_stops_where_one_wants(chromium, long, motion):
    path, film = long
    with opened(chromium, path, "#section=film", reduced_motion=motion) as found:
        page = found.page
        found.until(SHOWN)
        slider = page.get_by_label("Time in the training")
        page.get_by_role("button", name="Play").click()
        found.until("document.querySelector('input[type=range]').value === '1'")
        between = set()
        for _ in range(6):
            between.add((slider.input_value(), drawn(found)))
            page.wait_for_timeout(40)
        frames = {frame for frame, _ in between}
        assert (len(between) > len(frames)) == (motion == "no-preference")  # pieces move between frames, or jump
        page.get_by_role("button", name="Pause").click()
        held = slider.input_value()
        page.wait_for_timeout(900)
        assert slider.input_value() == held
        slider.fill(str(len(film["frames"]) - 3))
        page.get_by_role("button", name="Play").click()
        found.until(f"document.querySelector('input[type=range]').value === '{len(film['frames']) - 1}'")
        page.get_by_role("button", name="Play").wait_for()  # it has stopped
        found.harmless()


def test_without_a_film_there_is_no_such_section(chromium, tmp_path):
    make(tmp_path / "m")
    assert run(["explain", str(tmp_path / "m"), "-o", str(tmp_path / "page.html")]) == 0
    with opened(chromium, tmp_path / "page.html", "#section=film") as found:
        found.page.locator("nav").wait_for()
        assert "film" not in found.page.locator("nav").inner_text()
        assert "section" in found.page.get_by_role("status").inner_text()


def test_a_page_with_a_record_has_its_film_and_says_what_it_has_not(chromium, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "MOST_BYTES", 100)  # so that the model is too large to travel
    path, film = filmed(tmp_path)
    with opened(chromium, path, "#section=film&frame=4") as found:
        found.until(SHOWN)
        assert (film["translation"] or "It writes nothing.") in found.page.locator(".now").text_content()
        for look in ("lens", "heads", "map"):
            found.page.evaluate("(hash) => (location.hash = hash)", f"#section=deeper&look={look}")
            found.until("document.querySelectorAll('main .note').length === 2")
            assert "which is not in the page" in found.page.locator("main .note").last.inner_text()
        found.harmless()


@pytest.mark.slow
def test_a_hostile_sentence_is_a_sentence(chromium, tmp_path):
    for number, text in enumerate(HOSTILE[::9]):
        path, film = filmed(tmp_path / str(number), text)
        with opened(chromium, path, "#section=film&frame=3") as found:
            found.until(SHOWN)
            assert found.page.locator(".translation p").first.text_content() == film["text"]
            found.harmless()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_nothing_lies_on_anything(chromium, tiny, width):
    with opened(chromium, tiny[0], "#section=film&frame=2", viewport={"width": width, "height": 900}) as found:
        for language in ("en", "de"):
            found.page.evaluate("(hash) => (location.hash = hash)", f"#section=film&frame=2&lang={language}")
            found.until(SHOWN)
            assert found.page.evaluate(OVERLAPS) == []


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_here(chromium, tiny, scheme):
    with opened(chromium, tiny[0], "#section=film&frame=2", color_scheme=scheme, bypass_csp=True) as found:
        found.until(SHOWN)
        found.accessible()
