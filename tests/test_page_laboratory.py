"""The tokenizer laboratory in a real browser: any text is cut there as Python cuts it, step by step."""

import json
from urllib.parse import quote

import pytest

import tiny_bundle
from browser import opened
from dragoman import bundle
from dragoman.cli import run
from dragoman.explain import page as pages
from dragoman.explain.laboratory import shipped_families
from dragoman.text.byte_bpe import LETTERS
from dragoman.text.pathologies import examine
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import ALGORITHMS, train
from hostile_texts import HOSTILE
from odd_texts import corpus
from test_page import OVERLAPS

TEXT = "Die Großmutter liest 3 Bücher, weil es regnet 🙂."
SHOWN = "document.querySelector('.reel')"
ROWS = "[...document.querySelectorAll('.families [data-tokenizer]')]"


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    path = tmp_path_factory.mktemp("german") / "page.html"
    assert run(["explain", "de-en", TEXT, "-o", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A page with two given tokenizers and small ones that are learned from a text."""
    folder = tmp_path_factory.mktemp("tiny")
    bundle.save(tiny_bundle.make(joint=True), folder / "m")
    (folder / "text").write_text("\n".join(corpus()), encoding="utf-8")
    for name, kind in (("one", "bpe"), ("two", "unigram")):
        (folder / name).mkdir()
        train(corpus(), 400, kind).save(folder / name / "tokenizer.json")
    given = [f"--tokenizers={folder / name / 'tokenizer.json'}" for name in ("one", "two")]
    texts = ["--corpus", str(folder / "text"), "-o", str(folder / "page.html")]
    assert run(["explain", str(folder / "m"), *given, *texts]) == 0
    return folder


def seen(pieces, kind="bpe"):
    """Pieces as the page writes them: a blank as a box, a byte by its number."""
    return [_seen(piece, kind) for piece in pieces]


def _seen(piece, kind):
    if kind == "byte_bpe":
        spelled = bytes(LETTERS.index(letter) for letter in piece)
        try:
            return spelled.decode().replace(" ", "␣")
        except UnicodeDecodeError:
            return spelled.hex(" ").upper()
    byte = piece.startswith("<0x") and kind not in ("word", "wordpiece")
    return piece[3:5] if byte else piece.replace("▁", "␣")


def pieces(found):
    """The pieces of now: those that are not part of another, from the left to the right."""
    return found.page.evaluate(
        "[...document.querySelectorAll('.word')].flatMap((word) => [...word.querySelectorAll('.open')]"
        ".sort((one, other) => parseInt(one.style.gridColumn) - parseInt(other.style.gridColumn))"
        ".map((one) => one.textContent))"
    )


def rows(found):
    """The tokenizers of the page, each with its pieces of the text."""
    return dict(
        found.page.evaluate(
            f"{ROWS}.map((row) => [row.dataset.tokenizer,"
            " [...row.querySelectorAll('.pieces bdi')].map((one) => one.textContent)])"
        )
    )


def test_merges_are_made_one_by_one_as_in_python(chromium, german):
    tokenizer = Tokenizer.load("de-en", "source")
    steps = tokenizer.history(TEXT)
    with opened(chromium, german, "#section=laboratory") as found:
        found.until(SHOWN)
        assert pieces(found) == seen(tokenizer.encode(TEXT).pieces)
        found.page.get_by_label("Steps of the tokenizer").fill("0")
        for at, step in enumerate(steps, 1):
            found.page.get_by_role("button", name="One step on").click()
            found.until(f"document.querySelector('[data-moment]').dataset.moment === '{at}'")
            assert pieces(found) == seen(step.pieces)
            left, right, made = seen([step.left, step.right, step.left + step.right])
            told = found.page.locator(".step[data-moment]").inner_text()
            assert told.startswith(f"{left} + {right} → {made}, rule {step.rank + 1:,}.")
        assert found.page.get_by_role("button", name="One step on").is_disabled()
        found.until("!location.hash.includes('moment')")  # all steps are made, as at first
        found.harmless()


def test_the_lattice_is_python_s_and_its_best_way_the_cut(chromium, german):
    (unigram,) = (one.tokenizer for one in shipped_families() if one.name == "unigram")
    lattice = unigram.history(TEXT)
    with opened(chromium, german, "#section=laboratory&tokenizer=unigram") as found:
        found.until(SHOWN)
        edges = found.page.evaluate(
            "[...document.querySelectorAll('.edge')].map((one) => [one.querySelector('bdi').textContent,"
            " Number(one.querySelector('small').textContent.replace('−', '-')), one.classList.contains('on')])"
        )
        letters = iter("🙂")  # what is no piece is shown as it is written
        wanted = [(next(letters) if one.piece == "<unk>" else seen([one.piece])[0], one) for one in lattice.candidates]
        assert sorted(name for name, _, _ in edges) == sorted(name for name, _ in wanted)
        assert sorted(score for _, score, _ in edges) == pytest.approx(
            sorted(one.log_probability for _, one in wanted), abs=0.06
        )
        assert sum(on for _, _, on in edges) == len(lattice.best)
        slider = found.page.get_by_label("Steps of the tokenizer")
        assert int(slider.get_attribute("max")) == len(TEXT) + 1
        best = {seen([one.piece])[0] for one in lattice.best} | {"🙂"}
        assert {name for name, _, on in edges if on} <= best
        slider.fill("5")
        found.until("location.hash.includes('tokenizer=unigram&moment=5')")
        ways = found.page.evaluate("[...document.querySelectorAll('.on bdi')].map((one) => one.textContent)")
        assert sorted(ways) == sorted([*seen(unigram.encode("Die").pieces), "␣"])
        found.harmless()


def test_every_tokenizer_of_the_page_cuts_as_in_python(chromium, german):
    text = "Zwei  Katzen: 日本, </s>!"
    sides = {side: Tokenizer.load("de-en", side) for side in ("source", "target")}
    wanted = sides | {one.name: one.tokenizer for one in shipped_families()}
    assert set(wanted) == {"source", "target", *ALGORITHMS}
    with opened(chromium, german, f"#section=laboratory&text={quote(text)}") as found:
        found.until(SHOWN)
        cuts = {name: seen(one.encode(text).pieces, one.kind) for name, one in wanted.items()}
        assert rows(found) == cuts
        for name, tokenizer in wanted.items():
            row = found.page.locator(f"[data-tokenizer={name}]").first.inner_text()
            restored = tokenizer.decode(tokenizer.encode(text).ids)
            assert ("What comes back is" in row) == (restored != text)
            assert f"Pieces: {len(cuts[name])}\n" in row and f"{tokenizer.vocab_size:,}" in row
        for name in ("byte_bpe", "wordpiece", "character", "word"):
            found.page.locator(f"label:has([value={name}])").click()
            found.until(f"location.hash.includes('tokenizer={name}')")
            assert pieces(found) == cuts[name]
        found.harmless()


def test_other_tokenizers_can_be_put_in(chromium, tiny):
    text = "the cat sees a house"
    with opened(chromium, tiny / "page.html", f"#section=laboratory&text={text}&tokenizer=two/tokenizer") as found:
        found.until(SHOWN)
        shown = rows(found)
        assert list(shown) == ["model", "one/tokenizer", "two/tokenizer", *ALGORITHMS]
        for name, kind in (("one", "bpe"), ("two", "unigram")):
            assert shown[f"{name}/tokenizer"] == seen(train(corpus(), 400, kind).encode(text).pieces)
        assert found.page.get_by_role("radio", name="two/tokenizer").is_checked()
        assert str(tiny) not in found.page.content()
        found.harmless()


def test_a_page_without_the_model_has_its_tokenizer_all_the_same(chromium, tiny, monkeypatch):
    monkeypatch.setattr(pages, "MOST_BYTES", 100)  # so that it holds a record
    path = tiny / "record.html"
    assert run(["explain", str(tiny / "m"), "the cat", "-o", str(path)]) == 0
    with opened(chromium, path, "#section=laboratory") as found:
        found.until(f"{SHOWN} && !!document.querySelector('[data-weakness]')")
        assert pieces(found) == seen(Tokenizer.load(tiny / "m").encode("the cat").pieces)
        assert found.page.get_by_role("button", name="Into the box").count() == 0  # which cannot be written into
        found.harmless()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_it_plays_to_its_end_when_it_is_told_to(chromium, german, motion):
    link = "#section=laboratory&text=Haus"
    with opened(chromium, german, link, reduced_motion=motion) as found:
        found.until(SHOWN)
        moment = "document.querySelector('[data-moment]').dataset.moment"
        last = found.page.evaluate(moment)
        found.page.get_by_label("Steps of the tokenizer").fill("0")
        found.page.wait_for_timeout(900)
        assert found.page.evaluate(moment) == "0"  # nothing moves by itself
        found.page.get_by_role("button", name="Play").click()
        found.until(f"{moment} === '{last}'")
        found.page.get_by_role("button", name="Play").wait_for()  # it has stopped
        found.harmless()


def test_hostile_texts_are_cut_as_texts(chromium, tiny):
    tokenizer = Tokenizer.load(tiny / "m")
    with opened(chromium, tiny / "page.html", "#section=laboratory&text=a") as found:
        found.until(SHOWN)
        for number, text in enumerate(HOSTILE[::3]):
            name = ("", "unigram", "wordpiece", "word", "byte_bpe", text)[number % 6]
            link = f"#section=laboratory&text={quote(text, safe='')}&tokenizer={quote(name, safe='')}&moment=3"
            found.page.evaluate("(link) => (location.hash = link)", link)
            found.until(f"document.querySelector('#sentence').value === {json.dumps(text)}")
            count = len(tokenizer.encode(text).ids)
            shown = found.page.locator("[data-tokenizer=model]").first.inner_text()
            assert text == "" or f"Pieces: {count:,}\n" in shown
        found.harmless()


def test_weaknesses_are_measured_on_what_is_typed_and_their_examples_are_cut(chromium, german):
    text = "Die Großmutter liest, und Bücher lesen alle."
    own, other = (Tokenizer.load("de-en", side) for side in ("source", "target"))
    wanted = {one.name: one for one in examine(own, [text])}
    link = f"#section=laboratory&weakness=capitals&text={quote(text)}"
    with opened(chromium, german, link) as found:
        found.until(SHOWN)
        found.until(f"document.querySelector('[data-weakness]')?.dataset.measured === {json.dumps(text)}")
        verdicts = dict(
            found.page.evaluate(
                "[...document.querySelectorAll('label:has(small) input')]"
                ".map((one) => [one.value, one.parentElement.querySelector('small').textContent])"
            )
        )
        assert len(verdicts) == 11
        assert verdicts == {name: wanted[name].verdict for name in verdicts}
        assert {"good", "poor"} <= set(verdicts.values())  # what is well and what is ill is said
        loud = wanted["capitals"].example
        example = (next(word for word in text.lower().split() if word.strip(",.").upper() == loud).strip(",."), loud)
        box = found.page.locator("[data-weakness]")
        assert box.locator(".examples bdi").all_inner_texts() == [*example]
        for name, tokenizer in (("source", own), ("target", other)):
            row = box.locator(f"[data-tokenizer={name}]")
            (measured,) = [one for one in examine(tokenizer, [text]) if one.name == "capitals"]
            assert float(row.get_attribute("data-value")) == pytest.approx(measured.value)
            for at, cut in enumerate(example):
                shown = row.locator(".cut").nth(at).locator(".pieces bdi").all_inner_texts()
                assert shown == seen(tokenizer.encode(cut).pieces)
        assert "ill here" in box.locator(".verdict").inner_text()
        well = next(name for name in verdicts if verdicts[name] == "good")
        found.page.locator(f"label:has([value={well}])").click()
        found.until(f"location.hash.includes('weakness={well}')")
        assert "This model, source: not ill here." in box.locator(".verdict").inner_text()
        box.get_by_role("button", name="Into the box").last.click()
        assert found.page.input_value("#sentence") == box.locator(".examples bdi").last.text_content().replace("␣", "▁")
        found.harmless()


VIEWS = [
    (390, "dark", "lang=de&tokenizer=unigram&moment=20&weakness=scripts"),
    (1280, "light", "lang=en&tokenizer=wordpiece&moment=40&weakness=round_trip"),
    (2560, "dark", "lang=de&moment=5&weakness=structure"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme", "view"), VIEWS)
def test_nothing_lies_on_anything_and_axe_finds_nothing_serious(chromium, tiny, width, scheme, view):
    text = f"{TEXT} Donaudampfschifffahrtsgesellschaftskapitän 日本語"
    link = f"#section=laboratory&{view}&text={quote(text)}"
    window = {"width": width, "height": 900}
    path = tiny / "page.html"
    with opened(chromium, path, link, viewport=window, color_scheme=scheme, bypass_csp=True) as found:
        found.until(f"{SHOWN} && !!document.querySelector('[data-weakness]')")
        # what is hidden for now has its place all the same
        overlaps = OVERLAPS.replace(".copy,", ".copy, .hidden, .hidden *,")
        assert found.page.evaluate(overlaps) == []
        found.page.evaluate("document.querySelector('h1').style.marginBottom = '-2rem'")
        assert found.page.evaluate(overlaps) != []  # what is looked for is found
        found.page.evaluate("document.querySelector('h1').style.marginBottom = ''")
        found.accessible()
