"""Scores are sacrebleu's to the last digit, with its signatures."""

import json
import random
import subprocess
import sys

import pytest
import sacrebleu

from dragoman.errors import DataError
from dragoman.evaluate.quality import chrf, score

REFERENCES = [
    "Der Hund schläft auf dem alten Sofa.",
    "Wo ist der nächste Bahnhof?",
    "Heute ist es kälter, als ich dachte.",
    "Wir haben um halb neun gefrühstückt.",
]


def translations(kind):
    draw = random.Random(3)
    if kind == "equal":
        return list(REFERENCES)
    if kind == "empty":
        return [""] * len(REFERENCES)
    if kind == "cased":
        return [reference.lower() for reference in REFERENCES]
    if kind == "tokenized":
        return [reference.replace(".", " .") for reference in REFERENCES]
    return [" ".join(draw.sample(reference.split(), len(reference.split()) - 1)) for reference in REFERENCES]


@pytest.mark.parametrize("kind", ["equal", "empty", "cased", "tokenized", "shuffled"])
def test_scores_are_sacrebleus(kind):
    hypotheses = translations(kind)
    quality = score(hypotheses, REFERENCES)
    assert quality.bleu.value == sacrebleu.corpus_bleu(hypotheses, [REFERENCES], force=True).score
    assert quality.chrf.value == sacrebleu.corpus_chrf(hypotheses, [REFERENCES], word_order=2).score
    assert quality.ter.value == sacrebleu.corpus_ter(hypotheses, [REFERENCES]).score
    assert chrf(hypotheses, REFERENCES) == quality.chrf.value
    assert (quality.exact_match == 1) is (kind == "equal")


def test_signatures_are_complete():
    quality = score(REFERENCES, REFERENCES)
    version = f"version:{sacrebleu.__version__}"
    assert quality.bleu.signature == f"nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|{version}"
    assert quality.chrf.signature == f"nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|{version}"
    assert quality.ter.signature == f"nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|{version}"


def test_the_share_of_exact_matches_is_exact():
    hypotheses = [REFERENCES[0], REFERENCES[1] + " ", REFERENCES[2].upper(), REFERENCES[3]]
    assert score(hypotheses, REFERENCES).exact_match == 0.5


def test_both_forms_show_values_and_signatures():
    quality = score(translations("shuffled"), REFERENCES)
    told = json.loads(json.dumps(quality.as_json()))
    lines = quality.as_table().splitlines()
    assert [line.split("  ")[0] for line in lines] == ["BLEU", "chrF2++", "TER", "exact match"]
    for name, line in zip(("bleu", "chrf", "ter"), lines, strict=False):
        assert told[name]["value"] == getattr(quality, name).value
        assert f"{told[name]['value']:.2f}" in line and line.endswith(told[name]["signature"])
    assert told["sentences"] == 4 and "4 sentences" in lines[3]


@pytest.mark.parametrize("compute", [score, chrf])
def test_counts_must_be_equal_and_not_zero(compute):
    with pytest.raises(DataError, match="3 translations against 4 references"):
        compute(REFERENCES[:3], REFERENCES)
    with pytest.raises(DataError, match="no sentences"):
        compute([], [])


def test_without_sacrebleu_it_says_what_to_install():
    code = """
import sys
sys.modules["sacrebleu"] = None
from dragoman.errors import ConfigError
try:
    import dragoman.evaluate.quality
except ConfigError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "evaluate needs sacrebleu; install with pip install 'dragoman[evaluate]'\n"
