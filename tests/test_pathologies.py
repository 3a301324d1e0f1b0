"""Each pathology is found in a tokenizer made to have it, and not in one made not to."""

import json
from pathlib import Path

import numpy as np
import pytest

from dragoman.options import BOS, EOS, FIRST_PIECE, PAD
from dragoman.text.pathologies import PATHOLOGIES, diagnose, examine
from dragoman.text.probes import NEVER_IN_UTF8
from dragoman.text.symptoms import Patient, cost
from dragoman.text.training import train
from foreign_tokenizers import LETTER, WORD, Foreign
from odd_texts import corpus

BY_NAME = {pathology.name: pathology for pathology in PATHOLOGIES}
LINES = ["the old captain sees the newer tower", "a dog sleeps near the mat"] * 30

# name: a tokenizer that has the pathology, one that has not, and the lines that both are tried on
CASES = {
    "digits": (Foreign(r"\d?[02468]|(?s:.)"), Foreign(LETTER), ()),
    "digits-whole": (Foreign(r"[1-4]+|(?s:.)"), Foreign(r"\d+|(?s:.)"), ()),
    "digits-unknown": (Foreign(WORD, unknown=r"\d+"), Foreign(WORD), ()),
    "capitals": (Foreign(r"[a-z]+|(?s:.)"), Foreign(WORD), LINES),
    "inverted": (Foreign(r"[A-Z]?[a-z]+|(?s:.)"), Foreign(LETTER), LINES),
    "inverted-unknown": (Foreign(WORD, unknown="[a-z][A-Z]+"), Foreign(WORD), LINES),
    "blanks": (Foreign(r"\w+ (?! )|(?s:.)"), Foreign(WORD), LINES),
    "blanks-lost": (Foreign(WORD, change=lambda text: " ".join(text.split())), Foreign(LETTER), ()),
    "opening": (Foreign(r"\s?\w+"), Foreign(WORD), LINES),
    "scripts": (Foreign(spelled="foreign"), Foreign(LETTER), ()),
    "scripts-unknown": (Foreign(unknown=r"[^\u0000-\u024f]+"), Foreign(WORD), ()),
    "emoji": (Foreign(spelled="foreign"), Foreign(r"\w+|[^\w\s]+|\s"), ()),
    "indentation": (Foreign(WORD), Foreign(r"\s+|\S+"), ()),
    "indentation-lost": (Foreign(r"\S+|\s", change=str.strip), Foreign(r"\s+|\S+"), ()),
    "structure": (Foreign(r"\w+|[:\s-]+|\W"), Foreign(r"\W+|\w+"), ()),
    "unreachable": (Foreign(WORD, extra=("two words", "more words")), Foreign(WORD, extra=("one",)), ()),
    "spelling": (Foreign(r"\s?\w+"), Foreign(LETTER), LINES),
    "spelling-unknown": (Foreign(r"\s?\w+", unknown=r"\s?\w{5,}"), Foreign(LETTER), LINES),
    "controls": (Foreign(obeyed={"</s>": EOS, "<pad>": PAD}), Foreign(LETTER), ()),
    "controls-foreign": (Foreign(obeyed={"[MASK]": None}), Foreign(LETTER), ()),
    "controls-renamed": (Foreign(obeyed={"<bos>": BOS}), Foreign(LETTER), ()),
    "round_trip": (Foreign(change=str.lower), Foreign(LETTER), ["Capitals"] * 60),
    "round_trip-unknown": (Foreign(WORD, unknown="[^a-z ]+"), Foreign(WORD), LINES),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_found_where_it_is_and_only_there(case):
    sick, sound, lines = CASES[case]
    pathology = BY_NAME[case.partition("-")[0]]
    found, none = (diagnose(pathology, Patient(tokenizer, lines)) for tokenizer in (sick, sound))
    assert (found.verdict, none.verdict) == ("poor", "good"), (found.measured, none.measured)
    assert found.value > found.fair >= found.good >= none.value
    assert found.example and found.pieces and found.measured and found.advice


def test_every_pathology_has_a_case():
    assert {case.partition("-")[0] for case in CASES} | {"never_seen", "untrained"} == set(BY_NAME)


def test_pieces_that_the_text_does_not_hold():
    pathology, text = BY_NAME["never_seen"], ["one two three"] * 100
    sick = Foreign(r"\w+|\s", extra=("one", "two", "three", " ", "never", "ever"))
    sound = Foreign(r"\w+|\s", extra=("one", "two", "three", " "))
    found, none = (diagnose(pathology, Patient(tokenizer, text)) for tokenizer in (sick, sound))
    assert (found.verdict, found.value, found.pieces) == ("poor", 2 / 6, ("never", "ever"))
    assert (none.verdict, none.value) == ("good", 0)
    too_little = diagnose(pathology, Patient(sick, text[:5]))
    assert (too_little.verdict, too_little.value) == ("not measured", None) and "FILE" in too_little.measured


def test_embeddings_that_were_never_trained():
    pathology, tokenizer = BY_NAME["untrained"], Foreign(extra=[f"piece{number}" for number in range(40)])
    norms = np.full(tokenizer.vocab_size, 3.0)
    norms[list(NEVER_IN_UTF8)] = np.linspace(0.9, 1.1, len(NEVER_IN_UTF8))
    assert diagnose(pathology, Patient(tokenizer, norms=norms)).value == 0
    norms[FIRST_PIECE + 7 : FIRST_PIECE + 17] = 1.0
    found = diagnose(pathology, Patient(tokenizer, norms=norms))
    assert (found.verdict, found.value) == ("poor", 10 / 40) and "piece10" in found.pieces
    norms[FIRST_PIECE:] = 1.0  # as after no training at all: nothing to tell apart
    assert diagnose(pathology, Patient(tokenizer, norms=norms)).verdict == "not measured"
    assert diagnose(pathology, Patient(tokenizer)).verdict == "not measured"


def test_the_bytes_that_no_text_holds():
    possible = {byte for point in range(0x110000) if not 0xD800 <= point < 0xE000 for byte in chr(point).encode()}
    assert {index - FIRST_PIECE + 256 for index in NEVER_IN_UTF8} == set(range(256)) - possible


def test_an_unknown_piece_costs_its_bytes():
    tokenizer = Foreign(WORD, unknown="日本")
    assert cost("a 日本", tokenizer.encode("a 日本")) == 2 + 6


def test_our_own_tokenizer_obeys_nothing_and_loses_nothing():
    tokenizer = train(corpus(), 500)
    found = {finding.name: finding for finding in examine(tokenizer, corpus())}
    for name in ("controls", "round_trip", "blanks"):
        assert found[name].verdict == "good", found[name].measured


def test_the_json_of_a_finding_is_plain_and_its_names_are_these():
    (found, *_) = examine(train(corpus(), 500))
    assert json.loads(json.dumps(found.as_json())).keys() == {
        *("name", "title", "why", "verdict", "value", "good", "fair", "bounds"),
        *("measured", "example", "pieces", "advice"),
    }


def test_the_documented_bounds_are_those_of_the_code():
    rows = {}
    for line in (Path(__file__).parent.parent / "docs" / "laboratory.md").read_text(encoding="utf-8").split("\n"):
        cells = [cell.strip() for cell in line.split("|")]
        for name in cells[1].split(", ") if len(cells) > 5 else []:
            rows[name] = cells[3:5]
    for pathology in PATHOLOGIES:
        written = [float(cell.removesuffix(" %")) / (100 if "%" in cell else 1) for cell in rows[pathology.name]]
        assert written == pytest.approx([pathology.good, pathology.fair]), pathology.name
