"""A trace is written and read again: rounded or packed, strictly, and of this version alone."""

import json

import numpy as np
import pytest

from dragoman.errors import DataError
from dragoman.explain.trace import TraceOptions, trace
from dragoman.explain.trace_json import from_json, to_json
from test_trace import GIVEN, same
from traced_models import TEXT, traced_model


def test_json_and_back():
    found = trace(traced_model("default"), TEXT, TraceOptions(logits=True))
    text = to_json(found)
    assert "NaN" not in text and "Infinity" not in text
    same(found, from_json(text), 6e-4)
    same(found, from_json(to_json(found, digits=9)))
    packed = to_json(found, packed=True)
    same(found, from_json(packed), 6e-4)
    assert len(packed) < len(text)
    assert to_json(from_json(text)) == text  # rounded once, it is rounded for good
    for number in json.loads(text)["memory"]["values"]:
        assert number == float(f"{number:.4g}")


def test_numbers_beyond_half_precision_stay_numbers():
    found = trace(traced_model("default"), TEXT, TraceOptions(target=GIVEN))
    found["memory"] = found["memory"] * np.float32(1e6)
    same(found["memory"], from_json(to_json(found, packed=True))["memory"], 6e-4)
    found["memory"][0, 0] = np.nan
    with pytest.raises(DataError, match="not finite"):
        to_json(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"format": NaN}', "NaN is not JSON"),
        ("[]", "its format is not dragoman-trace"),
        ('{"format": "dragoman-trace", "version": 1}', "a trace of version 1; version 2 is read here"),
        ('{"format": "dragoman-trace", "version": true}', "a trace of version True"),
        ('{"format": "dragoman-trace"}', "a trace of version None"),
        ('{"format": "dragoman-trace", "version": 2, "memory": {"shape": [2], "values": [1]}}', "damaged"),
        ('{"format": "dragoman-trace", "version": 2, "memory": {"shape": [1], "values": "AA"}}', "damaged"),
        ('{"format": "dragoman-trace", "version": 2, "memory": {"shape": [1], "values": [{}]}}', "damaged"),
    ],
)
def test_what_is_no_trace_of_this_version_is_refused_in_words(text, words):
    with pytest.raises(DataError) as caught:
        from_json(text)
    assert words in str(caught.value) and "\n" not in str(caught.value)
