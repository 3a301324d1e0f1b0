"""Pages of models as other programs have them: no `</s>` behind a source, cells in the decoder, foreign tokenizers."""

from dataclasses import replace

import numpy as np
import pytest

from browser import opened
from dragoman import bundle
from dragoman.cli import run
from dragoman.text.tokenizer import Tokenizer
from foreign_models import proto
from model_configs import random_weights
from test_page_journey import journey
from test_page_tour import claimed, said
from traced_models import traced_model

TEXT = "the black cat"
SECTIONS = ("translate", "journey", "softmax", "surgery", "deeper", "laboratory", "cost", "model")


@pytest.fixture(scope="module")
def student():
    """A model whose decoder has cells, and which reads no end."""
    return replace(traced_model("ssru", beam=2, n_best=1, max_length=5), source_ended=False)


def page(model, folder):
    bundle.save(model, folder / "m", plain=True)
    assert run(["explain", str(folder / "m"), TEXT, "-o", str(folder / "page.html")]) == 0
    return folder / "page.html"


def walked(found, path):
    """Open every section, and end at none that says something broke."""
    for section in SECTIONS:
        found.page.goto(f"{path.as_uri()}#section={section}&attention=decoder&part=decoder")
        found.settled()
        assert found.page.locator("h1").count() == 1, section
    found.harmless()


@pytest.mark.slow
def test_a_student_is_alive_in_its_page(chromium, student, tmp_path):
    path = page(student, tmp_path)
    with journey(chromium, path, "&station=decoder-cell-state&depth=numbers&layer=1&step=2") as found:
        boxes = [one.strip() for one in found.page.locator(".map a").all_text_contents()]
        assert "Recurrent cell" in boxes and "Masked attention" not in boxes
        found.page.locator("[role=toolbar][aria-label^='= state'] button").nth(3).click()
        panel = found.page.locator(".panel")
        panel.locator(".total .number").wait_for()
        assert "The state before, as far as it stays" in panel.inner_text()
        panel.locator(".link").first.click()
        found.until("document.querySelector('.panel').textContent.includes('σ')")
        walked(found, path)
        found.page.goto(f"{path.as_uri()}#section=surgery")
        found.settled()
        assert "its own words" not in found.page.locator("select").first.inner_text()
        assert found.page.locator("ol .end").count() == 0  # every piece of the source can be another
        found.page.get_by_role("button", name="decoder blind to its own words").click()
        found.settled()
        assert "Decoder, layer 2, carries one state: off" in found.page.locator("main").inner_text()
        found.harmless()


@pytest.mark.slow
def test_one_with_a_foreign_tokenizer_is_recorded_in_its_page(chromium, student, tmp_path):
    own = Tokenizer.from_foreign_sentencepiece(proto("unigram nfkc"))
    model = replace(student.model, vocab_size=own.vocab_size)
    weights = random_weights(model, 2, np.float32)
    foreign = replace(student, model=model, weights=weights, source_tokenizer=own, target_tokenizer=own)
    path = page(foreign, tmp_path)
    with opened(chromium, path, "#lang=en&tour=10") as found:
        claimed(found, 10)
        assert "needs no mask" in said(found) and "carries 8 numbers" in said(found)
        walked(found, path)
        assert "cut as another program cuts it" in found.page.locator("#recorded").inner_text()
