"""The trace that the page makes, in TypeScript, is the trace that Python makes, field by field."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dragoman import bundle as bundles
from dragoman import shipped
from dragoman.explain.trace import TraceOptions, Tracer, trace
from dragoman.explain.trace_json import from_json, to_json
from dragoman.options import DecodeOptions
from dragoman.text.spelling import RESERVED
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import ALGORITHMS, train
from dragoman.text.unigram import Unigram
from model_configs import EVERY, random_weights
from odd_texts import corpus, knots, odd_texts
from page import WEB
from test_trace import GIVEN, SEARCHES
from traced_models import TEXT, traced_model

TOLERANCE = 1e-4  # times the largest number of a tensor, where that is above 1
SIZES = {"bpe": 500, "byte_bpe": 500, "unigram": 500, "wordpiece": 300, "character": 320, "word": 110}


def asked(page, bundle, folder, options, changes=None):
    """The page's trace of the text, read by Python."""
    bundles.save(bundle, folder, plain=True)
    more = {} if changes is None else {"changes": changes}
    answer = page.ask("trace", folder=str(folder), text=TEXT, options=options, **more)
    assert isinstance(answer, str), answer
    return from_json(answer)


def compare(given, wanted, where="trace"):
    """The same structure, the same words and whole numbers, and numbers that differ by rounding alone."""
    if isinstance(wanted, np.ndarray):
        assert given.shape == wanted.shape, where
        finite = np.isfinite(wanted)
        assert_array_equal(np.isfinite(given), finite, err_msg=where)
        bound = TOLERANCE * max(1, np.abs(wanted[finite]).max(initial=0))
        assert_allclose(given[finite], wanted[finite], rtol=0, atol=bound, err_msg=where)
    elif isinstance(wanted, dict):
        assert given.keys() == wanted.keys(), where
        for name, value in wanted.items():
            compare(given[name], value, f"{where}.{name}")
    elif isinstance(wanted, list):
        assert len(given) == len(wanted), where
        for at, value in enumerate(wanted):
            compare(given[at], value, f"{where}[{at}]")
    elif isinstance(wanted, float):
        assert given == pytest.approx(wanted, abs=TOLERANCE), where
    else:
        assert given == wanted, where


@pytest.mark.parametrize("name", EVERY)
def test_every_variant_is_traced_as_in_python(page, tmp_path, name):
    bundle = traced_model(name, 3)
    given = asked(page, bundle, tmp_path / "m", {"target": GIVEN, "top": 4, "logits": True})
    compare(given, Tracer(bundle).trace(TEXT, TraceOptions(target=GIVEN, top=4, logits=True)))


def test_a_model_that_ships_is_traced_as_in_python(page):
    folder = str(shipped.MODELS / "en-de")
    answer = page.ask("trace", folder=folder, text="The old woman is reading a book.", options={})
    compare(from_json(answer), trace("en-de", "The old woman is reading a book."))


def test_a_model_of_several_directions_is_traced_as_in_python(page, tmp_path):
    plain = traced_model("default")
    config = replace(plain.model, vocab_size=plain.model.vocab_size + 3)
    directions = (("en", "de"), ("de", "en"), ("en", "fr"))
    bundle = replace(plain, model=config, weights=random_weights(config, 2, np.float32), directions=directions)
    for to in ("de", "en", "fr"):
        wanted = Tracer(bundle).trace(TEXT, TraceOptions(to=to))
        compare(asked(page, bundle, tmp_path / "m", {"to": to}), wanted)
        assert wanted["model"]["languages"][1] == to
        assert wanted["source"]["pieces"][-1]["piece"] == f"<to {to}>"


def test_a_model_that_reads_no_end_is_traced_as_in_python(page, tmp_path):
    bundle = replace(traced_model("default", 3), source_ended=False)
    wanted = Tracer(bundle).trace(TEXT)
    assert "</s>" not in [piece["piece"] for piece in wanted["source"]["pieces"]]
    compare(asked(page, bundle, tmp_path / "m", {}), wanted)


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("name", ["default", "paper", "modern", "tie_none", "ssru"])
def test_every_search_is_traced_as_in_python(page, tmp_path, name, search):
    bundle = traced_model(name, 6)
    options = {**bundle.decode, **SEARCHES[search]}
    given = asked(page, bundle, tmp_path / "m", {"decode": SEARCHES[search], "top": 3})
    compare(given, Tracer(bundle).trace(TEXT, TraceOptions(decode=DecodeOptions(**options), top=3)))


@pytest.mark.parametrize("name", ["default", "paper", "grouped_rotary"])
def test_a_head_that_is_off_is_off_in_both(page, tmp_path, name):
    bundle = traced_model(name, 3)
    part, width = "decoder.layers.0.cross_attention.seen", bundle.model.head_width

    def off(told, value):
        if told != part:
            return None
        changed = value.copy()
        changed[..., width : 2 * width] = 0
        return changed

    options = TraceOptions(target=GIVEN)
    wanted = Tracer(bundle).trace(TEXT, options, off)
    change = {part: {"first": width, "end": 2 * width, "value": 0}}
    compare(asked(page, bundle, tmp_path / "m", {"target": GIVEN}, change), wanted)
    plain = Tracer(bundle).trace(TEXT, options)
    assert plain["search"]["hypotheses"][0]["score"] != pytest.approx(wanted["search"]["hypotheses"][0]["score"])


@pytest.mark.parametrize("name", ["default", "grouped_rotary"])
def test_the_page_searches_with_the_change_too(page, tmp_path, name):
    """The search's log-probabilities are those of the changed model, which the one pass over what it found has."""
    bundle = traced_model(name, 9)
    change = {"decoder.layers.1.feed_forward.down": {"first": 0, "end": 8, "value": 0}}
    plain, changed = asked(page, bundle, tmp_path / "m", {}), asked(page, bundle, tmp_path / "m", {}, change)
    for found in (plain, changed):
        chosen = [step["chosen"]["log_probability"] for step in found["steps"]]
        assert_allclose(found["search"]["hypotheses"][0]["log_probabilities"], chosen, atol=1e-5)
    first, other = (found["search"]["steps"][0]["ways"][0] for found in (plain, changed))
    assert first["total"] != pytest.approx(other["total"], abs=1e-3)


def check_found(page, tokenizer, texts):
    """The page says where pieces stand and how they came to be as Python does."""
    given = page.ask("tokenizer", json=tokenizer.to_json(), texts=texts, ids=[], historyOf=texts)
    for text, offsets, history in zip(texts, given["offsets"], given["histories"], strict=True):
        assert offsets == [list(span) for span in tokenizer.encode(text).offsets], text
        if tokenizer.kind in ("wordpiece", "character", "word"):
            assert history is None
            continue
        wanted = tokenizer.history(text)
        if tokenizer.kind == "unigram":
            both = (("candidates", wanted.candidates), ("best", wanted.best))
            names = ("piece", "start", "end", "log_probability")
        else:
            both, names = (("steps", wanted),), ("rank", "word", "left", "right", "pieces")
        for name, rows in both:
            assert [[one[own] for own in names] for one in history[name]] == [
                [list(value) if isinstance(value := getattr(row, own), tuple) else value for own in names]
                for row in rows
            ], text


@pytest.mark.parametrize("family", ALGORITHMS)
def test_pieces_are_found_as_in_python(page, family):
    texts = [
        *(*odd_texts(400, seed=3), *corpus()[:40], *knots(100, "es t<▁l")),
        *("", " ", "▁", "<▁<", "'s", "l'été's", "中文 a"),
        *(" ".join(odd_texts(9, seed)) for seed in range(8)),
    ]
    check_found(page, train(corpus(), SIZES[family], family), texts)


def test_a_letter_that_is_no_piece_may_end_one(page):
    tokenizer = Tokenizer(Unigram((*RESERVED, "▁", "e", "es", "st"), (-1.0, -2.0, -3.0, -2.5)))
    check_found(page, tokenizer, knots(200, "est "))


@pytest.mark.parametrize("packed", [False, True])
def test_what_python_writes_the_page_reads(page, packed):
    found = Tracer(traced_model("default")).trace(TEXT, TraceOptions(logits=True))
    text = to_json(found, packed=packed)
    again = from_json(page.ask("trace again", json=text))
    compare(again, from_json(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ('{"format": NaN}', "no JSON"),
        ("[]", "its format is not dragoman-trace"),
        ('{"format": "dragoman-trace", "version": 1}', "a trace of version 1; version 2 is read here"),
        ('{"format": "dragoman-trace"}', "a trace of version undefined"),
        ('{"format": "dragoman-trace", "version": 2, "memory": {"shape": [2], "values": [1]}}', "damaged"),
        ('{"format": "dragoman-trace", "version": 2, "memory": {"shape": [-1], "values": []}}', "damaged"),
        ('{"format": "dragoman-trace", "version": 2, "memory": {"shape": [1], "values": "!"}}', "damaged"),
        ('{"format": "dragoman-trace", "version": 2, "memory": {"shape": [1], "values": [{}]}}', "damaged"),
    ],
)
def test_what_is_no_trace_of_this_version_is_refused_in_words(page, text, words):
    answer = page.ask("trace again", json=text)
    assert answer["kind"] == "Error" and words in answer["error"]


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (" \t", {}, "the text is blank"),
        ("cat " * 100, {}, "the text has"),
        ("cat", {"target": "cat " * 100}, "the translation has"),
        ("cat", {"top": 0}, "top=0"),
        ("cat", {"to": "fr"}, "does not translate into fr"),
    ],
)
def test_what_cannot_be_traced_is_refused_in_words(page, tmp_path, text, options, words):
    bundles.save(traced_model("default"), tmp_path / "m", plain=True)
    answer = page.ask("trace", folder=str(tmp_path / "m"), text=text, options=options)
    assert answer["kind"] == "Error" and words in answer["error"]


def test_the_types_are_those_of_the_schema():
    """Else `python web/write_trace_types.py > web/src/model/trace_types.ts` is due."""
    written = subprocess.check_output([sys.executable, str(WEB / "write_trace_types.py")], encoding="utf-8")
    assert written == (WEB / "src/model/trace_types.ts").read_text(encoding="utf-8")
