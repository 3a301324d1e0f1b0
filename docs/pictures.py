"""Pictures of the page for the documents: `python docs/pictures.py` writes them anew into docs/pictures/.

It takes the model de-en, Chromium and playwright (extra `dev`), Pillow (extra `plots`), and no network.
"""

import io
import shutil
import tempfile
from pathlib import Path

from dragoman.cli import run

PICTURES = Path(__file__).parent / "pictures"
TEXT = "Die Frau liest ein Buch, weil sie müde ist."
HAIR = "Er%20l%C3%A4sst%20sich%20die%20Haare%20schneiden."
WINDOW = (1280, 800)
COLOURS = 256
QUIET = 1500  # ms without work after which a section shows what it was asked for

# The place of each picture, what must be there, and what it begins with.
PLACES = {
    "translate": ("section=translate", "[role=option]", None),
    "tour": ("tour=5", ".tour[data-claimed='5']", None),
    "alignment": ("tour=8", ".tour[data-claimed='8']", None),
    "beam": (f"section=softmax&text={HAIR}", ".tree", "h2:has(+ p + .cards)"),
    "layers": ("section=deeper&theme=dark", "[role=grid]", ".looks"),
    "cost": ("section=cost&length=1024", "svg.drawing", "h2:has(+ p + figure)"),
}


def main() -> None:
    """Write all pictures."""
    from playwright.sync_api import sync_playwright

    PICTURES.mkdir(exist_ok=True)
    width, height = WINDOW
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        path = Path(folder) / "page.html"
        if run(["explain", "de-en", TEXT, "-o", str(path)]):
            raise SystemExit(1)
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, (link, ready, first) in PLACES.items():
            view = {"width": width, "height": height}
            page = browser.new_page(viewport=view, locale="en-GB", color_scheme="light", reduced_motion="reduce")
            page.goto(f"{path.as_uri()}#lang=en&{link}")
            page.wait_for_selector(ready)
            page.wait_for_timeout(QUIET)
            page.wait_for_function("!document.querySelector('main [aria-busy=true]')")
            if first:
                page.locator(first).first.evaluate("(one) => scrollBy(0, one.getBoundingClientRect().top - 16)")
            (PICTURES / f"{name}.png").write_bytes(quantized(page.screenshot(animations="disabled")))
            page.close()
        browser.close()


def quantized(png: bytes) -> bytes:
    """Return a picture with few colours, a quarter as large."""
    from PIL import Image

    small = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    main()
