"""Every picture of the page can be copied: as an SVG that needs nothing of the page, and as a PNG of twice its size."""

import io
import struct
import zlib
from dataclasses import replace
from urllib.parse import quote
from xml.etree import ElementTree

import numpy as np
import pytest

import tiny_bundle
from browser import opened
from dragoman import bundle
from dragoman.architecture import parameters
from dragoman.cli import run
from dragoman.text.training import train
from hostile_texts import HOSTILE
from test_page_film import filmed
from traced_models import traced_model

TEXT = "the black cat"
PLACES = {  # of a section, the pictures in it
    "section=journey&station=positions": {"model", "position-wave"},
    "section=journey&station=encoder-self-scores": {"model", "scores"},
    "section=journey&station=encoder-self-heads": {"model", "heads"},
    "section=journey&station=decoder-cross-alignment": {"model", "alignment"},
    "section=softmax": {"next-piece", "simplex", "beam"},
    "section=deeper&look=lens": {"layers"},
    "section=deeper&look=heads": {"attention"},
    "section=deeper&look=map": {"pieces"},
    "section=surgery": {"attention"},
    "section=laboratory&moment=3": {"tokenizer"},
    "section=laboratory&tokenizer=unigram": {"tokenizer"},
    "section=cost": {"growth", "patterns", "roofline"},
}
FILM = {"attention", "loss", "layers", "film-map"}
SHAPES = {"svg", "title", "rect", "line", "path", "polyline", "circle", "text", "image", "g"}
SVG = "{http://www.w3.org/2000/svg}"
REFUSE = "navigator.clipboard.write = () => Promise.reject(new Error('not allowed')); null"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy")
    made = replace(tiny_bundle.make(), decode={"beam": 2, "max_length": 5})
    bundle.save(made, folder / "m")
    assert run(["explain", str(folder / "m"), TEXT, "-o", str(folder / "page.html")]) == 0
    return folder / "page.html"


def shown(found, link, pictures):
    found.page.evaluate("(link) => (location.hash = link)", f"#lang=en&{link}")
    found.until(f"document.querySelectorAll('[data-copy]').length === {len(pictures)}")
    found.settled()


def copied(found, name, kind):
    """What a button gives as a file where the clipboard refuses; some are below each other, so it is pressed by key."""
    group = found.page.locator(f"[data-copy={name}]")
    with found.page.expect_download() as download:
        group.get_by_role("button", name=kind).press("Enter")
        found.until(f"document.querySelector('[data-copy={name}] [aria-live]').textContent !== ''")
        assert "Saved" in group.inner_text()
    assert download.value.suggested_filename == f"{name}.{kind.lower()}"
    return download.value.path().read_bytes()


def parsed(svg):
    """The tree of a picture, in which nothing is but shapes, text and pixels."""
    root = ElementTree.fromstring(svg)
    width, height = (int(root.get(side)) for side in ("width", "height"))
    assert root.tag == f"{SVG}svg" and width > 0 and height > 0
    for one in root.iter():
        assert one.tag.removeprefix(SVG) in SHAPES
        for name, value in one.attrib.items():
            assert not name.lower().startswith("on") and name not in ("style", "class", "id")
            assert "var(" not in value and "url(" not in value
            assert not name.endswith("href") or value.startswith("data:image/png;base64,")
    assert root.find(f"{SVG}rect").get("fill").startswith("#")
    return root, (width, height)


def pixels(png):
    """The colours of a PNG of 8 bits a channel, [H, W, C]; the reader of the few that a canvas writes."""
    file, data = io.BytesIO(png), b""
    assert file.read(8) == b"\x89PNG\r\n\x1a\n"
    while True:
        length, kind = struct.unpack(">I4s", file.read(8))
        body = file.read(length)
        file.read(4)
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            data += body
        elif kind == b"IEND":
            break
    channels = {2: 3, 6: 4}[colour]
    assert depth == 8
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + channels * width)
    return lines, (width, height)


def check_pictures(chromium, path, places):
    """Hold every picture of a page against what a copy has to be."""
    with opened(chromium, path) as found:
        found.page.evaluate(REFUSE)
        for link, pictures in places.items():
            shown(found, link, pictures)
            names = found.page.locator("[data-copy]").evaluate_all("all => all.map((one) => one.dataset.copy)")
            assert sorted(names) == sorted(pictures)
            for name in pictures:
                if name == "model" and "positions" not in link:
                    continue  # which stands beside every station
                root, (width, height) = parsed(copied(found, name, "SVG"))
                assert len(list(root.iter())) > 4
                lines, size = pixels(copied(found, name, "PNG"))
                assert size == (2 * width, 2 * height)
                assert len(np.unique(lines[:, 1:], axis=0)) > 5  # no two lines of a blank picture differ
        found.harmless()


@pytest.mark.slow
def test_every_picture_is_a_drawing_and_pixels_of_twice_its_size(chromium, path):
    check_pictures(chromium, path, PLACES)


def test_the_pictures_of_a_film_are_too(chromium, tmp_path):
    path, _ = filmed(tmp_path)
    check_pictures(chromium, path, {"section=film&frame=2": FILM})


@pytest.mark.parametrize("name", ["modern", "alibi"])
def test_places_of_other_kinds_are_pictures_too(chromium, tmp_path, name):
    bundle.save(traced_model(name), tmp_path / "m")
    assert run(["explain", str(tmp_path / "m"), TEXT, "-o", str(tmp_path / "page.html")]) == 0
    with opened(chromium, tmp_path / "page.html") as found:
        found.page.evaluate(REFUSE)
        shown(found, "section=journey&station=positions", {"model", "positions"})
        root, _ = parsed(copied(found, "positions", "SVG"))
        assert len(list(root.iter())) > 5


def test_a_picture_has_the_words_and_colours_of_the_page(chromium, path):
    for scheme in ("light", "dark"):
        with opened(chromium, path, color_scheme=scheme) as found:
            found.page.evaluate(REFUSE)
            shown(found, "section=journey&station=encoder-self-scores", {"model", "scores"})
            root, _ = parsed(copied(found, "scores", "SVG"))
            words = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
            for text in found.page.locator(".list :is(bdi, .percent)").all_inner_texts():
                assert text in words
            ground = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
            wanted = "#" + "".join(f"{int(one):02x}" for one in ground[4:-1].split(","))
            assert root.find(f"{SVG}rect").get("fill") == wanted
            assert root.find(f".//{SVG}text").get("font-family")
            assert root.find(f".//{SVG}image") is not None  # the canvas


def test_the_clipboard_gets_what_a_file_would(chromium, path):
    with opened(chromium, path, permissions=["clipboard-read", "clipboard-write"]) as found:
        shown(found, "section=cost", {"growth", "patterns", "roofline"})
        group = found.page.locator("[data-copy=growth]")
        group.get_by_role("button", name="SVG").press("Enter")
        found.until("document.querySelector('[data-copy=growth] [aria-live]').textContent === 'Copied'")
        svg = found.page.evaluate("navigator.clipboard.readText()")
        _, (width, height) = parsed(svg)
        group.get_by_role("button", name="PNG").press("Enter")  # which takes the word away at once
        found.until("document.querySelector('[data-copy=growth] [aria-live]').textContent === 'Copied'")
        read = """async () => {
            const [item] = await navigator.clipboard.read();
            const { width, height } = await createImageBitmap(await item.getType("image/png"));
            return [width, height];
        }"""
        assert found.page.evaluate(read) == [2 * width, 2 * height]
        found.harmless()


@pytest.mark.slow
def test_hostile_pieces_are_text_in_a_picture(chromium, tmp_path):
    words = [text.replace(" ", "") for text in HOSTILE if len(text) < 60 and "\t" not in text]
    tokenizer = train([" ".join(words)] * 3, 100, "word")
    plain = tiny_bundle.make()
    model = replace(plain.model, vocab_size=tokenizer.vocab_size)
    draw = np.random.default_rng(2)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()}
    plain = replace(plain, decode={"beam": 2, "max_length": 5})
    made = replace(plain, model=model, weights=weights, source_tokenizer=tokenizer, target_tokenizer=tokenizer)
    bundle.save(made, tmp_path / "m")
    text = " ".join(words[:14])
    assert run(["explain", str(tmp_path / "m"), "-o", str(tmp_path / "page.html"), "--", text]) == 0
    link = f"text={quote(text, safe='')}"
    with opened(chromium, tmp_path / "page.html") as found:
        found.page.evaluate(REFUSE)
        pictures = 0
        for place in ("section=journey&station=encoder-self-scores", "section=softmax", "section=deeper&look=heads"):
            shown(found, f"{place}&{link}", PLACES[place])
            for name in PLACES[place]:
                parsed(copied(found, name, "SVG"))
                lines, _ = pixels(copied(found, name, "PNG"))
                assert len(np.unique(lines[:, 1:], axis=0)) > 5
                pictures += 1
        assert pictures == 6
        found.harmless()
