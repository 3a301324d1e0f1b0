"""Who asks a server, or reads a record, learns of a translation what the model in the page says of it."""

import base64
import json
import zlib
from dataclasses import replace

import pytest

import tiny_bundle
from dragoman import bundle as bundles
from dragoman.compress.quantize import quantized
from dragoman.engine.model import Engine
from dragoman.explain import page as pages
from dragoman.explain.record import TRACE, record
from dragoman.explain.remote import known, translated
from dragoman.explain.trace_json import from_json
from dragoman.serve.limits import Limits
from dragoman.serve.service import Service
from dragoman.translator import Translator
from hostile_texts import HOSTILE
from served import Client, serving
from test_web_trace import compare

TEXTS = [
    "the cat sat on the mat",
    "WHERE IS THE CAT?",
    "é🙂 日本 ▁ the",
    " a  dog ",
    "",
    "مرحبا the cat",
    *HOSTILE[:10],
]
DECODE = {"beam": 3, "max_length": 12, "capitals": "lower"}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model that has int8 weights alone, as a page has it, so that all compute with the same numbers."""
    made = replace(tiny_bundle.make(joint=False), decode=DECODE)
    folder = tmp_path_factory.mktemp("model") / "m"
    bundles.save(replace(made, int8=quantized(made.model, made.weights), master=None), folder)
    return bundles.load(folder)


@pytest.fixture(scope="module")
def living(model):
    """The model in the page, as the page holds it."""
    files = {name: base64.b64encode(data).decode() for name, data in pages.files(model).items()}
    return {"kind": "file", "files": files, "step": model.alignment_step}


@pytest.fixture(scope="module")
def client(model):
    engine = Engine(model.model, model.weights, "float32", threads=1)  # as exact as the page
    with serving(Service(Translator(model, engine), lambda: model)) as found:
        yield found


def served(client: Client, model, travels=True):
    address = f"http://127.0.0.1:{client.port}/#text=x"
    more = {"known": known(model, pieces=True), "step": model.alignment_step, "travels": travels}
    return {"kind": "server", "address": address, **more}


def recorded(model, text):
    files = {name: base64.b64encode(data).decode() for name, data in record(model, text).items()}
    return {"kind": "record", "files": files, "known": known(model, pieces=False)}


def same(found, wanted):
    """Two translations as the page shows them, but for how long they took and for rounding."""
    assert found["text"] == wanted["text"] and found["pieces"] == wanted["pieces"]
    assert len(found["ways"]) == len(wanted["ways"])
    for one, other in zip(found["ways"], wanted["ways"], strict=True):
        assert (one["text"], one["pieces"], one["finished"]) == (other["text"], other["pieces"], other["finished"])
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-5)
        assert one["score"] == pytest.approx(other["score"], abs=1e-4)
        rows = zip(one["alignment"] or (), other["alignment"] or (), strict=False)  # without an end one has a row more
        assert all(row == pytest.approx(its, abs=2e-4) for row, its in rows)
        assert bool(one["alignment"]) == bool(other["alignment"])


def test_all_of_them_know_the_model(page, model, living, client):
    wanted = page.ask("held", held=living, asks=[])["known"]
    assert page.ask("held", held=served(client, model), asks=[])["known"] == wanted
    recorded_known = page.ask("held", held=recorded(model, "the cat"), asks=[])["known"]
    assert recorded_known == wanted | {"pieces": [[], []]}


@pytest.mark.parametrize("options", [{"n_best": 3}, {"beam": 1}, {"temperature": 1.2, "seed": 5, "n_best": 4}])
def test_a_server_s_translation_is_the_page_s_own(page, model, living, client, options):
    asks = [{"text": text, "options": options} for text in TEXTS]
    wanted = page.ask("held", held=living, asks=asks)["answers"]
    found = page.ask("held", held=served(client, model), asks=asks)["answers"]
    for text, one, other in zip(TEXTS, found, wanted, strict=True):
        same(one, other)
        assert one["spans"] == other["spans"], text
        assert [way["spans"] for way in one["ways"]] == [way["spans"] for way in other["ways"]], text


def test_parts_of_a_text_in_capitals_are_found(page, living):
    (found,) = page.ask("held", held=living, asks=[{"text": TEXTS[1], "options": {}}])["answers"]
    parts = [TEXTS[1][span["start"] : span["end"]] for span in found["spans"]]
    assert len(parts) > 3 and "".join(parts).replace(" ", "") == TEXTS[1].replace(" ", "")
    assert found["ways"][0]["spans"]


def test_a_server_s_trace_is_the_page_s_own(page, model, living, client):
    asks = [{"ask": "trace", "asked": {"text": "the cat", "options": {"top": 3, "decode": {"beam": 2}}}}]
    (wanted,) = page.ask("held", held=living, asks=asks)["answers"]
    (found,) = page.ask("held", held=served(client, model), asks=asks)["answers"]
    one, other = from_json(found), from_json(wanted)
    for table in (one, other):  # tensors come packed, with three digits
        table["encoder"] = table["decoder"] = table["memory"] = None
    compare(one, other)


def test_what_a_server_refuses_is_said_in_its_words(page, model, client):
    asks = [
        {"text": "a b " * 3000, "options": {}},
        {"text": "x" * 30_000, "options": {}},
        {"text": "the cat", "options": {"beam": 99}},
        {"ask": "trace", "asked": {"text": " ", "options": {}}},
        {"text": "the cat", "options": {}},
    ]
    *refused, last = page.ask("held", held=served(client, model), asks=asks)["answers"]
    for answer, word in zip(refused, ("pieces", "exceeds text limit", "at most 16", "blank"), strict=True):
        assert word in answer["error"]
    assert last["ways"]
    nobody = served(Client(1), model)
    (answer,) = page.ask("held", held=nobody, asks=asks[-1:])["answers"]
    assert "dragoman serve" in answer["error"]


def test_a_busy_server_is_asked_again(page, model):
    service = Service(Translator(model, Engine(model.model, model.weights, threads=1)), lambda: model)
    calls = []

    class Busy(Service):
        def translated(self, *asked):
            calls.append(asked)
            return service.translated(*asked)

    with serving(Busy(service.translator, lambda: model), Limits(waiting=0)) as client:
        (answer,) = page.ask("held", held=served(client, model), asks=[{"text": "x", "options": {}}])["answers"]
        assert "too many requests" in answer["error"] and not calls


def test_a_record_is_the_page_s_own_translation_and_trace(page, model, living):
    for text in TEXTS[:3]:
        ask = {"text": text, "options": {"n_best": 3}}
        trace = {"ask": "trace", "asked": {"text": text, "options": {"logits": True, "decode": {"n_best": 3}}}}
        wanted = page.ask("held", held=living, asks=[ask, trace])["answers"]
        found = page.ask("held", held=recorded(model, text), asks=[ask, trace])["answers"]
        same(found[0], wanted[0])
        one, other = from_json(found[1]), from_json(wanted[1])
        assert one["steps"][0]["logits"].shape == other["steps"][0]["logits"].shape
        for table in (one, other):
            table["encoder"] = table["decoder"] = table["memory"] = None
            for step in table["steps"]:
                step["logits"] = None
        compare(one, other)


def test_a_record_answers_for_nothing_else(page, model):
    held = recorded(model, "the cat")
    asks = [
        {"text": "the dog", "options": {}},
        {"text": "the cat", "options": {"beam": 8}},
        {"text": "the cat", "options": {"temperature": 1}},
        {"text": "the cat", "options": {}, "to": "fr"},
        {"ask": "trace", "asked": {"text": "the dog", "options": {}}},
        {"ask": "trace", "asked": {"text": "the cat", "options": {"target": "die Katze"}}},
    ]
    for answer in page.ask("held", held=held, asks=asks)["answers"]:
        assert "dragoman serve" in answer["error"]
    number = {"text": "the cat", "options": {}, "number": "memory:0,0"}
    for holder in (held, served(Client(1), model, travels=False)):
        (answer,) = page.ask("held", held=holder, asks=[{"ask": "sum", "asked": number}])["answers"]
        assert "not in the page" in answer["error"]
    for options in ({}, {"n_best": 2}, {"beam": 3}, {"temperature": None}):
        assert page.ask("held", held=held, asks=[{"text": "the cat", "options": options}])["answers"][0]["ways"]
    assert page.ask("held", held=held, asks=[{"text": "the cat", "options": {}, "to": "de"}])["answers"][0]["ways"]


def test_a_damaged_record_is_said(page, model):
    held = recorded(model, "the cat")
    cut = base64.b64decode(held["files"][TRACE])[:-40]
    held["files"][TRACE] = base64.b64encode(cut).decode()
    asks = [{"ask": "trace", "asked": {"text": "the cat", "options": {}}}, {"text": "the cat", "options": {}}]
    trace, translation = page.ask("held", held=held, asks=asks)["answers"]
    assert trace["error"] and translation["ways"]
    del held["files"][TRACE]
    assert "no record" in page.ask("held", held=held, asks=[])["error"]


def test_a_translation_as_json_says_what_each_piece_spells(model):
    translator = Translator(model, Engine(model.model, model.weights, threads=1))
    for text in TEXTS:
        found = json.loads(json.dumps(translated(translator, text, translator.defaults, None)))
        spelled = b"".join(piece.encode("latin-1") for piece in found["spelled"]).decode()
        assert spelled in (text, f" {text}") or not text.strip()
        best = found["ways"][0]
        assert b"".join(piece.encode("latin-1") for piece in best["spelled"]).decode().lstrip() == best["text"].lstrip()


def test_a_record_is_deflate(model):
    made = record(model, "the cat")
    assert from_json(zlib.decompress(made[TRACE]).decode())["text"] == "the cat"
