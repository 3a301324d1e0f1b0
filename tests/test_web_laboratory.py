"""The weaknesses that the page finds in a tokenizer are those that Python finds, in every family."""

import pytest

from dragoman import shipped
from dragoman.explain.laboratory import laboratory as laboratory_of
from dragoman.explain.laboratory import shipped_families
from dragoman.text.pathologies import PATHOLOGIES
from dragoman.text.symptoms import Patient
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import ALGORITHMS
from odd_texts import odd_texts
from tiny_bundle import make

TEXTS = [
    *("", "Die Großmutter liest 3 Bücher, weil es regnet 🙂.", "a", "ABC abc Straße ﬁnden, finden! İstanbul", " \t\n"),
    " ".join(str(number) for number in range(7, 4000, 150)),
    *odd_texts(6, seed=3),
]
KNOWN = {one.name: one.observe for one in PATHOLOGIES}


@pytest.mark.parametrize("name", [*ALGORITHMS, *shipped.names()])
def test_every_weakness_is_measured_as_in_python(page, name):
    families = {one.name: one.tokenizer for one in shipped_families()}
    tokenizer = families.get(name) or Tokenizer.load(name, "source")
    probes = laboratory_of(make())["probes"]
    given = page.ask("weaknesses", json=tokenizer.to_json(), texts=TEXTS, probes=probes)
    assert len(given[0]) == 11
    for text, observed in zip(TEXTS, given, strict=True):
        patient = Patient(tokenizer, (text,) if text else ())
        for weakness, observation in observed.items():
            assert observation["value"] == pytest.approx(KNOWN[weakness](patient).value), (weakness, text)
            assert 1 <= len(observation["texts"]) <= 2


def test_the_example_shows_what_is_bad(page):
    probes = laboratory_of(make())["probes"]
    for one in shipped_families():
        (observed,) = page.ask("weaknesses", json=one.tokenizer.to_json(), texts=["Die Katze schläft"], probes=probes)
        found = {name: KNOWN[name](Patient(one.tokenizer, ("Die Katze schläft",))) for name in observed}
        cut = {name: [one.tokenizer.encode(text) for text in seen["texts"]] for name, seen in observed.items()}
        if found["digits"].value:
            even, uneven = cut["digits"]
            assert even.offsets != uneven.offsets or 1 in uneven.ids
        if found["round_trip"].value:
            (text,) = observed["round_trip"]["texts"]
            assert one.tokenizer.decode(one.tokenizer.encode(text).ids) != text
        assert observed["capitals"]["texts"][1] == found["capitals"].example
        assert observed["blanks"]["texts"][1] == found["blanks"].example
        assert observed["spelling"]["texts"][0] == found["spelling"].example
        assert sorted(observed["spelling"]["texts"][0]) == sorted(observed["spelling"]["texts"][1])
