"""A real browser, Debian's Chromium, that opens pages from the disk with the network off and notes what they do."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dragoman.explain.page import SKELETON
from page import WEB

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Keeps account of what a policy stopped, before any script of the page runs.
WATCH = """window.stopped = [];
addEventListener("securitypolicyviolation", (event) => stopped.push(event.violatedDirective + " " + event.sample));"""


def chromium() -> str | None:
    """The program: the browser without its windows where that is installed, which opens a page in half the time."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


def missing() -> str | None:
    """Why no page can be opened here, or None when one can."""
    if not SKELETON.exists():
        return "the page is not built; make install builds it where it has Node"
    if find_spec("playwright") is None:
        return "playwright is not installed; make install brings it"
    if chromium() is None:
        return "no chromium here; apt-get install chromium, or make test as root"
    return None


HARMFUL = """() => [...document.querySelectorAll("#page *")]
  .filter((one) => one.matches("script, img, iframe, object, embed, svg:not(.drawing), style, link, base, form, meta")
    || [...one.attributes].some(({ name, value }) => /^on/i.test(name)
      || (/^(href|src|action|formaction)$/i.test(name) && !value.startsWith("#"))))
  .map((one) => one.outerHTML)"""
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
STILL = "document.getAnimations().every((one) => one.playState !== 'running')"  # none of the page's runs without an end
ANSWERED = "document.querySelector('main').dataset.answered === document.querySelector('#source').value"


@contextmanager
def running() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page that is open, and all that must not happen there."""

    page: "Page"
    requests: list[str] = field(default_factory=list)  # all but the file itself
    said: list[str] = field(default_factory=list)  # errors and warnings of the console, and dialogs

    def ready(self, text: str | None = None) -> None:
        """Wait until the text in the box, or this one, is translated or refused."""
        if text is not None:
            self.page.fill("#source", text)
        self.until(ANSWERED)

    def settled(self) -> None:
        """Wait until a section that has just been chosen shows what it was asked for."""
        self.page.wait_for_timeout(400)  # what is asked a moment later
        self.until(f"!document.querySelector('main [aria-busy=true]') && {STILL}")

    def until(self, condition: str) -> None:
        """Wait for a condition; the page's policy lets nothing be evaluated in it but from here."""
        for asked in range(500):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(min(10 + asked, 60))  # to ask is work that the page then waits for
        raise AssertionError(f"not within half a minute: {condition}; {self.said}")

    def harmless(self) -> None:
        """Hold that nothing was fetched, run, said or stopped, and that no element is there that could."""
        assert (self.requests, self.said) == ([], [])
        assert self.page.evaluate("stopped") == []
        assert self.page.evaluate(HARMFUL) == []

    def accessible(self, within: str = "") -> None:
        """Hold that axe finds nothing serious once nothing fades any more. Open the page with `bypass_csp` for this."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        self.until(STILL)
        report = self.page.evaluate("(within) => axe.run(within || document)", within)
        serious = [one for one in report["violations"] if one["impact"] in ("serious", "critical")]
        assert serious == [], f"{self.page.url}: {json.dumps(serious, indent=1)[:4000]}"

    def shown(self) -> str:
        """The translation, as its pieces show it."""
        return str(self.page.evaluate("document.querySelector('[role=listbox]')?.textContent ?? ''"))


@contextmanager
def opened(browser: "Browser", path: Path | str, link: str = "", **context: Any) -> Iterator[Opened]:
    """Open a file in a window of its own, without a network; or the page of a server, which alone may be asked."""
    options = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}} | context
    window = browser.new_context(offline=isinstance(path, Path), **options)
    try:
        window.add_init_script(WATCH)
        found = Opened(window.new_page())
        address = path.as_uri() if isinstance(path, Path) else path

        def note(url: str) -> None:
            own = url.partition("#")[0] == address or url.startswith(("blob:null/", f"blob:{address}"))  # its worker
            if not own and not (address == path and url.startswith(f"{path}v1/")):
                found.requests.append(url[:200])

        found.page.on("request", lambda request: note(request.url))
        found.page.on("console", lambda message: found.said.append(message.text) if message.type != "log" else None)
        found.page.on("pageerror", lambda error: found.said.append(str(error)))
        found.page.on("dialog", lambda dialog: (found.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
        found.page.goto(address + link)
        yield found
    finally:
        window.close()
