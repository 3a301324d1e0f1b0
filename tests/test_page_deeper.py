"""The section that looks deeper, in a real browser: lenses, heads and the map say what the model's numbers say."""

import json
from dataclasses import replace

import numpy as np
import pytest

import tiny_bundle
from browser import opened
from dragoman import TraceOptions, bundle, trace
from dragoman.architecture import parameters
from dragoman.cli import run
from dragoman.text.training import train
from hostile_texts import HOSTILE
from test_page import OVERLAPS

TEXT = "Die alte Frau liest ein Buch, weil es regnet."
DONE = "document.querySelector('main [aria-busy]')?.ariaBusy === 'false'"
MAPPED = "document.querySelectorAll('aside ol li').length > 0"


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    path = tmp_path_factory.mktemp("german") / "page.html"
    assert run(["explain", "de-en", TEXT, "-o", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def traced():
    return trace("de-en", TEXT, TraceOptions())


def shown(piece):
    return piece.replace("▁", "␣")


def rows(found):
    """The body of the table, cell by cell."""
    return found.page.evaluate(
        "[...document.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
    )


def percent(text):
    return float(text.strip("<> %")) / 100


def test_the_lens_ends_in_what_the_model_says(chromium, german, traced):
    with opened(chromium, german, "#section=deeper&step=3&layer=2&depth=numbers") as found:
        page = found.page
        found.until(DONE)
        given = rows(found)
        assert [row[0] for row in given] == ["<s>", *(shown(step["chosen"]["piece"]) for step in traced["steps"][:-1])]
        for row, step in zip(given, traced["steps"], strict=True):
            piece, value = row[4].split("\n")
            best = step["top"][0]
            assert piece == shown(best["piece"]) and percent(value) == pytest.approx(best["probability"], rel=0.06)
            assert row[5] == shown(step["chosen"]["piece"])
        assert page.locator("aside h2").inner_text() == "␣woman, after layer 2"
        page.locator("[aria-selected=true]").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        assert page.locator("aside h2").inner_text() == "␣is, after layer 3"
        assert page.evaluate("document.activeElement.dataset.cell") == "4-3"
        best = traced["steps"][4]["top"]
        given = page.locator("aside ol li").all_inner_texts()
        assert [one.split("\n")[0] for one in given[:3]] == [shown(one["piece"]) for one in best[:3]]
        found.until("location.hash.includes('step=4') && location.hash.includes('layer=3')")
        found.harmless()


def test_the_encoder_s_rows_begin_as_their_embeddings(chromium, german, traced):
    with opened(chromium, german, "#section=deeper&part=encoder&depth=numbers") as found:
        found.until(DONE)
        pieces = [shown(piece["piece"]) for piece in traced["source"]["pieces"]]
        assert [row[0] for row in rows(found)] == pieces
        assert [row[1] for row in rows(found)] == [f"{piece}\n1.00" for piece in pieces]
        model = bundle.load("de-en")
        table = model.weights["source_embedding.weight"]
        at = np.asarray(traced["encoder"]["output"])
        own = table[[piece["id"] for piece in traced["source"]["pieces"]]]
        cosines = (at * own).sum(1) / np.linalg.norm(at, axis=1) / np.linalg.norm(own, axis=1)
        for row, cosine in zip(rows(found), cosines, strict=True):
            piece, value = row[4].split("\n")
            assert (piece == row[0]) and float(value.split()[0]) == pytest.approx(cosine, abs=0.006)


def test_heads_have_the_shares_that_the_trace_has(chromium, german, traced):
    with opened(chromium, german, "#section=deeper&look=heads&part=encoder&depth=numbers") as found:
        page = found.page
        found.until(DONE)
        names = page.locator("thead th").all_inner_texts()
        before, bits = names.index("before"), names.index("pieces looked at")
        for row in rows(found):
            layer, head = (int(word) - 1 for word in row[0].replace(",", "").split()[1::2])
            weights = np.asarray(traced["encoder"]["layers"][layer]["self_attention"]["weights"])[head]
            share = np.trace(weights, offset=-1) / len(weights)
            assert percent(row[before]) == pytest.approx(share, rel=0.06, abs=1e-4)
            entropy = -(weights * np.log2(np.maximum(weights, 1e-30))).sum(1).mean()
            assert float(row[bits]) == pytest.approx(2**entropy, abs=0.06)
        kinds = [row[1] for row in rows(found)]
        assert kinds == sorted(kinds, key=kinds.index) and "the piece before" in kinds  # the same stand together
        page.get_by_role("button", name="Layer 3, head 2").click()
        assert "the piece before" in page.locator("aside h2").inner_text()
        page.get_by_role("listbox").focus()
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        assert page.locator(".detail").inner_text().startswith("␣Frau looks at ␣alte")
        found.until("location.hash.includes('layer=2') && location.hash.includes('head=1')")
        page.get_by_text("Decoder, on the text").click()
        assert "the word it writes next" in page.locator("tbody").inner_text()
        found.harmless()


def test_a_piece_is_found_and_has_the_neighbours_of_its_angles(chromium, german):
    model = bundle.load("de-en")
    table = model.weights["target_embedding.weight"]
    table = table / np.linalg.norm(table, axis=1, keepdims=True)
    names = json.loads(model.target_tokenizer.to_json())["model"]["vocab"]
    pieces = {id: piece for piece, id in names.items()}
    cosines = table @ table[names["▁woman"]]
    wanted = [pieces[id] for id in np.argsort(-cosines)[1:13]]
    with opened(chromium, german, "#section=deeper&look=map") as found:
        page = found.page
        found.until(MAPPED)
        page.get_by_label("Search a piece").fill("woman")
        page.get_by_label("Search a piece").press("Enter")
        found.until(f"location.hash.includes('piece={names['▁woman']}')")
        found.until("document.querySelector('aside h2').innerText === '␣woman'")
        found.until(MAPPED)
        given = [one.split("\n") for one in page.locator("aside ol li").all_inner_texts()]
        assert [piece for piece, _ in given] == [shown(piece) for piece in wanted]
        assert [float(value) for _, value in given] == pytest.approx(np.sort(-cosines)[1:13] * -1, abs=0.006)
        page.get_by_role("listbox").focus()
        page.keyboard.press("ArrowRight")
        found.until("document.querySelector('aside h2').innerText !== '␣woman'")
        assert page.locator("div[role=option]").inner_text() == page.locator("aside h2").inner_text()
        page.locator("aside ol button").first.click()
        found.until(MAPPED)
        box = page.locator("canvas").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        said = page.locator(".buttons span").inner_text()
        assert said and "Point to" not in said
        page.mouse.down()
        page.mouse.move(box["x"] + 60, box["y"] + 40, steps=4)
        page.mouse.up()
        assert page.get_by_role("button", name="Whole map").is_enabled()
        found.harmless()


def test_what_is_typed_is_looked_into(chromium, german):
    with opened(chromium, german, "#section=deeper") as found:
        found.until(DONE)
        page = found.page
        page.fill("#sentence", "Der Hund schläft.")
        found.until("document.querySelector('.translation').innerText.includes('dog')")
        page.fill("#sentence", " ")
        assert "Write a sentence" in page.locator("main").inner_text()
        page.fill("#sentence", "und " * 1100)
        found.until("document.querySelector('main .note') !== null")
        assert "pieces" in page.locator("main .note").inner_text()
        page.fill("#sentence", "שלום 日本語")
        found.until("document.querySelector('main .note') === null")
        found.until(DONE)
        found.harmless()


def test_hostile_texts_and_their_pieces_are_texts(chromium, tmp_path):
    """A model whose pieces are cut from hostile texts, in all three views."""
    tokenizer = train(list(HOSTILE) * 3, 700)
    plain = tiny_bundle.make()
    model = replace(plain.model, vocab_size=tokenizer.vocab_size)
    draw = np.random.default_rng(2)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()}
    made = replace(plain, model=model, weights=weights, source_tokenizer=tokenizer, target_tokenizer=tokenizer)
    bundle.save(replace(made, decode={"max_length": 8}), tmp_path / "m")
    assert run(["explain", str(tmp_path / "m"), "x", "-o", str(tmp_path / "page.html")]) == 0
    with opened(chromium, tmp_path / "page.html", "#section=deeper&part=encoder") as found:
        page = found.page
        for text in HOSTILE[::6]:
            page.fill("#sentence", text)
            asked = json.dumps(text)
            found.until(f"document.querySelector('#sentence').value === {asked}")
            for look in ("What heads", "What layers"):
                page.get_by_role("link", name=look).click()
                found.until(DONE)
        page.fill("#sentence", "<img src=x onerror=alert(1)>")
        found.until("document.querySelector('tbody').innerText.includes('onerror')")
        page.get_by_role("link", name="Map of").click()
        found.until(MAPPED)
        page.get_by_label("Search a piece").fill("<")
        assert "<" in page.locator(".matches").inner_text()
        found.harmless()


def looks(found, more=""):
    """Go through the views of the section, in one page."""
    for look in (
        "look=lens",
        "look=lens&part=encoder&depth=numbers",
        "look=heads&part=encoder&depth=numbers",
        "look=heads&part=cross&depth=formula",
        "look=map",
    ):
        found.page.evaluate("(hash) => (location.hash = hash)", f"#section=deeper&{look}{more}")
        found.page.wait_for_timeout(50)
        found.until(MAPPED if look == "look=map" else DONE)
        found.until("document.getAnimations().length === 0")  # what was old has faded in again
        yield look


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_nothing_lies_on_anything(chromium, german, width):
    with opened(chromium, german, "#section=deeper", viewport={"width": width, "height": 900}) as found:
        for language in ("en", "de"):
            for look in looks(found, f"&lang={language}"):
                assert found.page.evaluate(OVERLAPS) == [], look


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_here(chromium, german, scheme):
    with opened(chromium, german, "#section=deeper", color_scheme=scheme, bypass_csp=True) as found:
        for _ in looks(found):
            found.accessible()
