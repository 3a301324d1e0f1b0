"""The pocket model: a corpus that can be learned whole, and a model that has learned it, small enough for a slide."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dragoman import bundle
from dragoman.translator import Translator

ROOT = Path(__file__).resolve().parent.parent
PAIRS = [line.split("\t") for line in (ROOT / "recipes" / "pocket.tsv").read_text(encoding="utf-8").splitlines()]
SENTENCE = "the dog sees a book"


def test_every_sentence_has_one_translation_word_by_word():
    assert len(PAIRS) == 64 == len({source for source, _ in PAIRS}) == len({target for _, target in PAIRS})
    assert SENTENCE in dict(PAIRS)
    partners = {}
    for source, target in PAIRS:
        (_, subject, verb, _, thing), (_, *others) = source.split(), target.split()
        for word, other in zip((subject, verb, thing), (others[0], others[1], others[3]), strict=True):
            assert partners.setdefault(word, other) == other


@pytest.mark.slow
def test_it_learns_them_all_in_seconds(tmp_path):
    command = [sys.executable, "-m", "dragoman", "train", "recipes/pocket.toml", "--out", str(tmp_path / "pocket")]
    one_core = os.environ | {"OMP_NUM_THREADS": "1"}  # as `make demo` has it: so small a model gains nothing from more
    subprocess.run(command, cwd=ROOT, env=one_core, check=True)
    found = bundle.describe(tmp_path / "pocket")
    assert found["parameters"] < 2000 and found["model"]["d_model"] == 8
    translator = Translator.load(tmp_path / "pocket", device="cpu", threads=1)
    translations = [one.text for one in translator.translate([source for source, _ in PAIRS])]
    assert translations == [target for _, target in PAIRS]
    links = {target: source for source, target in translator.translate(SENTENCE).alignment.links}
    assert links == {word: word for word in range(5)}
