"""The section on softmax and temperature in a real browser: its numbers are the model's, and what it draws is drawn."""

import json
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import pytest

import tiny_bundle
from browser import opened
from dragoman import TraceOptions, bundle, trace
from dragoman.cli import run
from dragoman.translator import Translator
from hostile_texts import HOSTILE
from test_page import OVERLAPS

TEXT = "Die alte Frau liest ein Buch, weil es regnet."
SHOWN = "document.querySelector('[data-step]')"


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    path = tmp_path_factory.mktemp("german") / "page.html"
    assert run(["explain", "de-en", TEXT, "-o", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def traced():
    """The numbers of the model for the sentence, with all logits; four translations are sought."""
    own = Translator.load("de-en", device="cpu").defaults
    return trace("de-en", TEXT, TraceOptions(decode=replace(own, n_best=4), logits=True))


def bars(found):
    """The rows of the distribution: piece and the text of its probability; the others together come last."""
    return found.page.evaluate(
        "[...document.querySelectorAll('.bars tbody tr')].map((row) =>"
        " [row.querySelector('th').textContent, row.querySelector('.bar').style.getPropertyValue('--share') * 1])"
    )


def softmax(logits, temperature):
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum()


def test_the_bars_are_the_model_s_numbers(chromium, german, traced):
    step = traced["steps"][8]
    wanted = [(one["piece"].replace("▁", "␣"), one["probability"]) for one in step["top"] if one["allowed"]]
    with opened(chromium, german, "#section=softmax&step=8") as found:
        found.until(SHOWN)
        given = bars(found)
        assert [piece for piece, _ in given[:6]] == [piece for piece, _ in wanted[:6]]
        assert [p for _, p in given[:6]] == pytest.approx([p for _, p in wanted[:6]], rel=0.02)
        assert sum(p for _, p in given) == pytest.approx(1)
        assert found.page.get_by_role("radio", checked=True).first.inner_text() == "␣it"
        found.harmless()
    logits = np.sort(np.asarray(step["logits"]))[::-1]
    with opened(chromium, german, "#section=softmax&step=8&draw=t2.5_k3") as found:
        found.until(SHOWN)
        assert [p for _, p in bars(found)[:4]] == pytest.approx([*softmax(logits[:3], 2.5), 0], rel=0.02)
        assert "top-k: 3 stay" in found.page.locator(".bars tbody tr").nth(2).inner_text()
    with opened(chromium, german, "#section=softmax&step=9&draw=p0.9") as found:
        found.until(SHOWN)
        p = np.sort(softmax(np.asarray(traced["steps"][9]["logits"]), 1))[::-1]
        stay = int(np.sum(np.cumsum(p) - p < 0.9))
        assert f"top-p: {stay} stay" in found.page.locator(".bars tbody tr").nth(stay - 1).inner_text()
        assert [share > 0 for _, share in bars(found)[:-1]] == [True] * stay + [False] * (12 - stay)


def test_what_is_drawn_is_what_the_search_samples(chromium, german):
    engine = Translator.load("de-en", device="cpu", precision="float32", threads=1)
    with opened(chromium, german, "#section=softmax&draw=t3_s1") as found:
        found.until(SHOWN)
        for seed in range(1, 6):
            options = replace(engine.defaults, beam=None, temperature=3.0, seed=seed)
            piece = engine.translate(TEXT, options).hypotheses[0].pieces[0]
            assert found.page.locator(".below .name").inner_text() == piece.replace("▁", "␣")
            found.page.get_by_role("button", name="Draw again").first.click()
        found.until("location.hash.includes('draw=t3_s6')")


def test_sliders_and_steps_work_with_the_keyboard_and_stand_in_the_link(chromium, german):
    with opened(chromium, german, "#section=softmax") as found:
        found.until(SHOWN)
        page = found.page
        before = bars(found)
        page.get_by_role("slider", name="Temperature").focus()
        for _ in range(12):
            page.keyboard.press("ArrowRight")
        assert bars(found)[0][1] < before[0][1]
        page.get_by_role("slider", name="Top-k").focus()
        page.keyboard.press("Home")
        assert bars(found)[0][1] == 1
        page.get_by_role("radio", checked=True).first.focus()
        page.keyboard.press("End")
        found.until("location.hash.includes('draw=t2.3_k1') && location.hash.includes('step=12')")
        link, shown = page.evaluate("location.hash"), bars(found)
    with opened(chromium, german, link) as again:
        again.until(SHOWN)
        assert bars(again) == shown
        again.page.get_by_role("button", name="As the model has it").click()
        assert again.page.get_by_role("slider", name="Temperature").input_value() == "0"


def test_the_tree_is_the_search(chromium, german, traced):
    """Ways, fates and scores are those of the trace, whose search is the engine's."""
    search = traced["search"]
    fates = {"kept": "alive", "finished": "finished", "pruned": "given up"}
    wanted = [
        f"step {step + 1}, place {rank + 1}: {way['piece'].replace('▁', '␣')}, {fates[way['fate']]}"
        for step, looked in enumerate(search["steps"])
        for rank, way in enumerate(looked["ways"])
    ]
    with opened(chromium, german, "#section=softmax&lang=en") as found:
        found.until("document.querySelector('.tree')")
        page = found.page
        given = page.evaluate(
            "[...document.querySelectorAll('.node')].map((one) => one.querySelector('.unseen').textContent)"
        )
        assert given == wanted
        scores = [float(score.replace("−", "-")) for score in page.locator("td.score").all_inner_texts()]
        assert scores == pytest.approx([one["score"] for one in search["hypotheses"]], abs=0.006)
        assert page.locator(".cards .text").nth(1).inner_text() == traced["translation"]
        page.get_by_role("listbox", name="What the beam saw").focus()
        page.keyboard.press("ArrowLeft")
        pieces = search["hypotheses"][0]["pieces"]
        assert page.locator("p.way").inner_text() == "".join(pieces[:-1]).replace("▁", "␣")
        assert "Alive: among the best 4" in page.locator(".said").inner_text()
        page.get_by_role("slider", name="Beam").focus()
        page.keyboard.press("Home")
        found.until("document.querySelectorAll('.tree .node').length && location.hash.includes('beam=2')")
        found.until("![...document.querySelectorAll('.tree .node')].some((one) => one.textContent.includes('place 5'))")
        found.harmless()


def test_nothing_is_computed_when_nothing_changes(chromium, german):
    with opened(chromium, german, "#section=softmax") as found:
        found.until("document.querySelector('.tree') && document.querySelector('[aria-busy=false]')")
        busy = "document.querySelector('[data-step]').ariaBusy === 'true'"
        found.page.wait_for_timeout(400)
        for _ in range(20):
            assert not found.page.evaluate(busy)
            found.page.wait_for_timeout(25)
        found.page.fill("#sentence", "Danke.")
        found.until(busy)


def test_hostile_texts_are_texts_here_too(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    made = replace(tiny_bundle.make(joint=False), decode={"beam": 2, "max_length": 4})
    bundle.save(made, folder / "tiny")
    assert run(["explain", str(folder / "tiny"), "-o", str(folder / "page.html")]) == 0
    with opened(chromium, folder / "page.html", "#section=softmax&text=a") as found:
        found.until(SHOWN)
        for text in HOSTILE[::6]:
            found.page.evaluate(
                "(link) => (location.hash = link)",
                f"#section=softmax&draw={quote(text, safe='')}&text={quote(text, safe='')}",
            )
            found.until(f"document.querySelector('#sentence').value === {json.dumps(text)}")
        found.page.wait_for_timeout(500)
        found.harmless()


VIEWS = {
    "softmax": "section=softmax&step=9&draw=t1.2_k6_p0.9&depth=formula",
    "surgery": "section=surgery&surgery=head.e1s.2_mask.d0c.0.2-1-4.3-1-4_piece.2.417_shuffle.3_prefix.281",
}
READY = {
    "softmax": "document.querySelector('.tree')",
    "surgery": "document.querySelector('[data-operated]')?.dataset.operated",
}


@pytest.mark.slow
@pytest.mark.parametrize("section", VIEWS)
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light"), (2560, "dark")])
def test_nothing_lies_on_anything_and_axe_finds_nothing_serious(chromium, german, section, width, scheme):
    """In softmax and in surgery; the tree scrolls in a box of its own."""
    window = {"width": width, "height": 900}
    link = f"#{VIEWS[section]}&lang=en"
    with opened(chromium, german, link, viewport=window, color_scheme=scheme, bypass_csp=True) as found:
        for language in ("en", "de"):
            found.page.evaluate("(link) => (location.hash = link)", f"{VIEWS[section]}&lang={language}")
            found.until(f"document.documentElement.lang === '{language}' && !!({READY[section]})")
            assert found.page.evaluate(OVERLAPS.replace(".copy,", ".copy, .tree,")) == []
            found.accessible()
