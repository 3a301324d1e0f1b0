"""The page whose model is not in it: one that a server gave, and one that holds a record."""

import json
from dataclasses import replace

import pytest

import tiny_bundle
from browser import opened
from dragoman import bundle
from dragoman.cli import run
from dragoman.explain import page as pages
from hostile_texts import HOSTILE
from served import service_of, serving
from test_page import OVERLAPS

TEXT = "the cat sat on the mat"


@pytest.fixture(scope="module")
def model():
    return replace(tiny_bundle.make(joint=False), decode={"beam": 3, "max_length": 12}, card="# <b>card</b>")


@pytest.fixture(scope="module")
def service(model):
    return service_of(model)


@pytest.fixture(scope="module")
def address(chromium, model, service):
    with serving(service, page=pages.served_page(model, "m")) as client:
        yield f"http://127.0.0.1:{client.port}/"


@pytest.fixture(scope="module")
def recorded(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    bundle.save(model, folder / "large")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "MOST_BYTES", pages.int8_bytes(model.model) - 1)
        assert run(["explain", str(folder / "large"), TEXT, "-o", str(folder / "page.html")]) == 0
    return folder / "page.html"


def test_what_one_types_is_translated_by_the_server(chromium, address, service):
    with opened(chromium, address) as found:
        for text in (TEXT, "WHERE IS THE CAT?", "", *HOSTILE[::6]):
            found.ready(text)
            wanted = service.translated(text, replace(service.translator.defaults, n_best=3), None)
            assert found.shown() == wanted["ways"][0]["text"]
            assert found.page.input_value("#source") == text
        found.ready(TEXT)
        found.page.locator("[role=listbox]").focus()
        found.page.keyboard.press("Home")
        assert "% sure" in found.page.locator(".detail").inner_text()
        assert "the server" in found.page.locator("footer").inner_text()
        found.page.get_by_role("link", name="The model").click()
        assert "not in this page" in found.page.locator("dl").inner_text()
        found.harmless()


def test_a_server_s_refusal_and_its_end_are_said(chromium, model, service):
    with serving(service, page=pages.served_page(model, "m")) as client:
        address = f"http://127.0.0.1:{client.port}/"
        with opened(chromium, address) as found:
            found.ready("a b " * 2000)
            assert "pieces" in found.page.locator(".refused").inner_text()
            found.ready(TEXT)
            assert found.shown()
            client_gone = found
            client_gone.said.clear()  # a refusal of the server is an error in the console
            client_gone.page.context.set_offline(True)
            found.ready("the dog")
            assert "dragoman serve" in found.page.locator(".refused").inner_text()


def test_another_site_cannot_show_the_page_in_a_frame(chromium, address):
    with opened(chromium, address) as found:
        headers = found.page.request.get(address).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "connect-src 'self'" in headers["content-security-policy"]


def test_a_record_is_shown_and_says_what_it_is(chromium, recorded, service):
    with opened(chromium, recorded) as found:
        found.ready()
        page = found.page
        assert found.shown() == service.translator.translate(TEXT).text
        assert page.locator("ol li").count() == 3
        box = page.locator("#source")
        assert box.input_value() == TEXT and box.get_attribute("readonly") is not None
        box.focus()
        page.keyboard.type("x")
        assert box.input_value() == TEXT
        assert page.get_by_label("Search").is_disabled()
        assert "dragoman serve large" in page.locator("#recorded").inner_text()
        page.locator("[role=listbox]").focus()
        page.keyboard.press("Home")
        assert "looks at" in page.locator(".detail").inner_text()
        found.harmless()


def test_what_was_not_recorded_is_said_with_the_way_back(chromium, recorded, service):
    with opened(chromium, recorded, "#text=another&beam=8&lang=de") as found:
        found.ready()
        assert "the record of one translation" in found.page.locator(".refused").inner_text()
        found.page.get_by_role("button", name="Das Aufgezeichnete zeigen").click()
        found.until(f"document.querySelector('#source').value === {json.dumps(TEXT)}")
        found.ready()
        assert found.shown() == service.translator.translate(TEXT).text
        found.harmless()


def test_the_journey_is_walked_on_a_server_and_in_a_record(chromium, address, recorded):
    link = f"#section=journey&text={TEXT.replace(' ', '%20')}&station=positions&depth=numbers&word=1"
    for path in (address, recorded):
        with opened(chromium, path, link) as found:
            found.until(f"document.querySelector('[data-traced]')?.dataset.traced === {TEXT!r}")
            found.page.locator("article .hint").wait_for()
            hint = "Click on any number" if path == address else "not in this page"
            assert hint in found.page.locator("article .hint").inner_text()
            found.page.locator("article .sum button").last.click()
            panel = found.page.locator(".panel")
            if path == address:  # what the sum comes from is asked of the model, which is fetched for that
                panel.locator(".total .number").wait_for()
            else:
                found.until("document.querySelector('.panel').textContent.includes('not in the page')")
                assert found.page.locator("label.sentence input").get_attribute("readonly") is not None
            found.harmless()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_nothing_lies_on_anything(chromium, recorded, address, width):
    for path in (recorded, address):
        for language in ("en", "de"):
            window = {"width": width, "height": 900}
            with opened(chromium, path, f"#lang={language}", viewport=window) as found:
                found.ready()
                assert found.page.evaluate(OVERLAPS) == []


@pytest.mark.slow
def test_axe_finds_nothing_serious(chromium, recorded):
    for scheme in ("light", "dark"):
        with opened(chromium, recorded, color_scheme=scheme, bypass_csp=True) as found:
            found.ready()
            found.accessible()
