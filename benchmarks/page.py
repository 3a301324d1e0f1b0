"""How fast the page of a model is in Chromium: first picture, reading the model, translating, frames while dragging.

    python benchmarks/page.py [MODEL] [--text TEXT] [--repeats 5]

The file is opened from the disk, the network off, in a window of its own each time. First picture: First Contentful
Paint from the start of the navigation. Ready: the first translation is there. Translation: from the last letter of a
sentence of ten words, typed at once, to its translation, the page's own short wait for more letters included. Frames:
the mouse is moved for two seconds over a slider, a map or a matrix, sixty times a second, and the time between frames
is taken as the browser tells it; a screen of sixty frames a second has 16.7 ms. Prints Markdown. Needs dragoman[dev]
and Debian's chromium; let nothing else run.
"""

import argparse
import gzip
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from dragoman.cli import run
from dragoman.explain.page import SKELETON

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
import browser

PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
TRANSLATED = "document.querySelector('main').dataset.answered === document.querySelector('#source').value"
FRAMES = """() => { window.frames_seen = []; let last = performance.now();
  const look = (now) => { frames_seen.push(now - last); last = now; requestAnimationFrame(look); };
  requestAnimationFrame(look); }"""
LONG = """Gestern Nachmittag ging die alte Frau mit ihren beiden Kindern zu dem kleinen Bahnhof am Fluss, weil sie den
Zug sehen wollten, der aus dem Norden kommt, aber es regnete so stark, dass niemand etwas sehen konnte, und nachdem sie
eine Stunde gewartet hatten, gingen sie nach Hause zurück und tranken in der Küche eine Tasse Tee, bevor der Vater von
der Arbeit kam und nach dem Essen fragte."""
DRAGGED = {  # what is dragged over, by the place in the page
    "slider of the temperature": ("section=softmax", "input[type=range] >> nth=0"),
    "map of all pieces": ("section=deeper&look=map", "main canvas, main svg.drawing"),
    "matrix of attention": ("section=deeper&look=heads", "main table, main svg.drawing"),
    "length on the curve of costs": ("section=cost", "input[type=range] >> nth=0"),
}


def main() -> None:
    """Make the page, open it, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="de-en")
    parser.add_argument("--text", default="Die alte Frau liest ein Buch, weil es heute regnet.")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    skeleton = len(gzip.compress(SKELETON.read_bytes(), 9))
    with tempfile.TemporaryDirectory() as scratch, browser.running() as chromium:
        path = Path(scratch) / "page.html"
        if run(["explain", given.model, given.text, "-o", str(path)]) != 0:
            raise SystemExit(1)
        size = path.stat().st_size
        print(f"{skeleton / 1e3:,.0f} kB without a model (gzip -9), {size / 1e6:.1f} MB with {given.model}", end="\n\n")
        print("| | median | least | most |\n|---|---:|---:|---:|")
        for name, times in timed(chromium, path, given.text, given.repeats).items():
            least, middle, most = min(times), statistics.median(times), max(times)
            print(f"| {name} | {middle / 1e3:.2f} s | {least / 1e3:.2f} | {most / 1e3:.2f} |")
        print("\n| dragged over | frames a second | longest frame | frames above 20 ms |\n|---|---:|---:|---:|")
        for name, (link, place) in DRAGGED.items():
            frames = dragged(chromium, path, link, place)
            late = sum(frame > 20 for frame in frames) / len(frames)
            print(f"| {name} | {1e3 / statistics.fmean(frames):.1f} | {max(frames):.0f} ms | {100 * late:.1f} % |")


def timed(chromium: Any, path: Path, text: str, repeats: int) -> dict[str, list[float]]:
    """Return times in ms by what was timed."""
    found: dict[str, list[float]] = {"first picture": [], "ready": [], "ten words": [], "sixty words": []}
    for _ in range(repeats):
        with browser.opened(chromium, path) as page:
            page.until(TRANSLATED)
            found["ready"].append(page.page.evaluate("performance.now()"))
            found["first picture"].append(page.page.evaluate(PAINT))
            for name, words in (("ten words", f"{text[:-1]} noch."), ("sixty words", " ".join(LONG.split()))):
                began = page.page.evaluate("performance.now()")
                page.page.fill("#source", words)
                page.until(TRANSLATED)
                found[name].append(page.page.evaluate("performance.now()") - began)
    return found


def dragged(chromium: Any, path: Path, link: str, place: str) -> list[float]:
    """Return the ms between frames while the mouse is held down and moved."""
    with browser.opened(chromium, path, f"#{link}") as opened:
        page = opened.page
        element = page.locator(place).first
        element.wait_for()
        opened.settled()
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        assert box is not None
        x, y = box["x"], box["y"] + box["height"] / 2
        page.mouse.move(x + box["width"] / 2, y)
        page.mouse.down()
        page.evaluate(FRAMES)
        for step in range(120):
            page.mouse.move(x + box["width"] * (0.5 + 0.4 * ((step % 60) / 30 - 1)), y + (step % 7) - 3)
            page.wait_for_timeout(1)
        page.mouse.up()
        frames: list[float] = page.evaluate("frames_seen")
    return frames[2:]


if __name__ == "__main__":
    main()
