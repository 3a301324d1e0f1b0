"""What a server answers: the same as the translator, in LibreTranslate's words, and a sentence for everything else."""

import dataclasses
import json
from dataclasses import replace
from urllib.parse import urlencode

import hypothesis
import pytest
from hypothesis import strategies as st

import tiny_bundle
from dragoman.explain import page as pages
from dragoman.explain.remote import translated
from dragoman.explain.trace import TraceOptions, trace
from dragoman.explain.trace_json import to_json
from dragoman.options import DecodeOptions
from dragoman.serve.languages import Languages
from dragoman.text.languages import name_of
from hostile_texts import HOSTILE
from served import service_of, serving

TEXTS = ["the cat sat on the mat", "where is the dog?", "a black cat ran"]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def bundle():
    return replace(tiny_bundle.make(), decode={"beam": 3, "max_length": 12})


@pytest.fixture(scope="module")
def service(bundle):
    return service_of(bundle)


@pytest.fixture(scope="module")
def client(service):
    with serving(service) as found:
        yield found


def test_a_text_is_translated_as_the_translator_does(client, service):
    for text in TEXTS:
        assert client.translate(q=text) == {"translatedText": service.translator.translate(text).text}


def test_a_list_gives_a_list_in_its_order(client, service):
    wanted = [found.text for found in service.translator.translate(TEXTS)]
    assert client.translate(q=TEXTS) == {"translatedText": wanted}
    assert client.translate(q=TEXTS[:1]) == {"translatedText": wanted[:1]}
    assert client.translate(q=[]) == {"translatedText": []}


def test_json_form_and_address_are_the_same_request(client):
    fields = {"q": "the cat & the dog = 1?\nwhere", "source": "en", "target": "de", "alternatives": "2"}
    wanted = client.translate(**fields)
    form = urlencode(fields).encode()
    assert client.ask("POST", "/translate", form, FORM).json == wanted
    assert client.ask("POST", f"/translate?{form.decode()}").json == wanted
    assert client.ask("POST", "/translate?q=the+dog&source=en", form, f"{FORM}; charset=UTF-8").json == wanted
    crlf = urlencode(fields | {"q": fields["q"].replace("\n", "\r\n")}).encode()
    assert client.ask("POST", "/translate", crlf, FORM).json == wanted


def test_alternatives_are_the_other_hypotheses(client, service):
    options = DecodeOptions(beam=6, n_best=6, max_length=12)
    own = service.translator.translate(TEXTS[0], options).hypotheses
    found = client.translate(q=TEXTS[0], alternatives=5)
    assert found["translatedText"] == own[0].text
    assert found["alternatives"] == [one for one in dict.fromkeys(one.text for one in own) if one != own[0].text]
    for many in ([TEXTS[0], ""], ["🙂"]):
        several = client.translate(q=many, alternatives=3)
        assert len(several["alternatives"]) == len(several["translatedText"]) == len(many)
        for best, others in zip(several["translatedText"], several["alternatives"], strict=True):
            assert best not in others and "" not in others and len(set(others)) == len(others) <= 3
    assert "alternatives" not in client.translate(q=TEXTS[0], alternatives=0)


def test_lines_and_blanks_stay_where_they_are(client, service):
    one, two = (found.text for found in service.translator.translate(TEXTS[:2]))
    text = f"  {TEXTS[0]}\n\n\t{TEXTS[1]} \r\n🙂 …\r{TEXTS[0]}\n"
    assert client.translate(q=text)["translatedText"] == f"  {one}\n\n\t{two} \r\n🙂 …\r{one}\n"
    for text in ("", " ", "\n", "👩‍👩‍👧‍👦 🏳️‍🌈", "?!"):
        assert client.translate(q=text)["translatedText"] == text


def test_the_source_language_may_be_left_to_the_server(client):
    assert client.translate(q="the cat", source="auto")["detectedLanguage"] == {"confidence": 0.0, "language": "en"}
    several = client.translate(q=["a", "b"], source="auto")["detectedLanguage"]
    assert several == [{"confidence": 0.0, "language": "en"}] * 2
    assert "detectedLanguage" not in client.translate(q="the cat")


def test_codes_are_found_in_every_spelling():
    languages = Languages((("pt-BR", "zh"), ("pt-BR", "en"), ("en", "zh")))
    for source, target in (("pb", "zh-Hans"), ("PT_br", "zh"), ("pt-br", "ZH_HANS")):
        assert languages.chosen(source, target) == ("pt-BR", "zh")
    assert languages.chosen("auto", "en") == ("pt-BR", "en")
    assert languages.listed() == [
        {"code": "pt-BR", "name": "Portuguese (Brazil)", "targets": ["zh", "en"]},
        {"code": "en", "name": "English", "targets": ["zh"]},
        {"code": "zh", "name": "Chinese", "targets": []},
    ]
    assert name_of("tlh") == "tlh"


def test_a_model_that_does_not_say_its_languages_can_be_asked(bundle):
    unknown = service_of(replace(bundle, languages=None))
    with serving(unknown) as client:
        assert client.ask("GET", "/languages").json == [{"code": "und", "name": "Undetermined", "targets": ["und"]}]
        found = client.translate(q="the cat", source="auto", target="und")
        assert found["translatedText"] == unknown.translator.translate("the cat").text


def test_a_model_of_several_directions_is_told_the_target(bundle):
    directions = (("en", "de"), ("en", "fr"), ("de", "en"))
    model = replace(bundle.model, vocab_size=bundle.model.vocab_size + 3)
    grown = {
        name: tiny_bundle.np.concatenate([value, value[:3]]) if len(value) == bundle.model.vocab_size else value
        for name, value in bundle.weights.items()
    }
    several = service_of(replace(bundle, model=model, weights=grown, directions=directions))
    with serving(several) as client:
        for source, target in directions:
            found = client.translate(q="the cat", source=source, target=target)
            assert found["translatedText"] == several.translator.translate("the cat", to=target).text
        refusal = client.ask("POST", "/translate", {"q": "x", "source": "de", "target": "fr"})
        words = "French (fr) is not available as a target language from German (de)"
        assert (refusal.status, refusal.json) == (400, {"error": words})


Q = {"q": "the cat", "source": "en", "target": "de"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param(Q | {"q": None}, "Invalid request: missing q parameter", id="no-q"),
        pytest.param({"q": "x", "target": "de"}, "Invalid request: missing source parameter", id="no-source"),
        pytest.param({"q": "x", "source": "en"}, "Invalid request: missing target parameter", id="no-target"),
        pytest.param(Q | {"source": "zz"}, "zz is not supported", id="source"),
        pytest.param(Q | {"target": "zz"}, "zz is not supported", id="target"),
        pytest.param(Q | {"target": "auto"}, "auto is not supported", id="into-auto"),
        pytest.param(Q | {"target": "\ud800"}, "? is not supported", id="surrogate-target"),
        pytest.param(Q | {"source": "x\n" * 999}, "x x x", id="long-source"),
        pytest.param(Q | {"q": 7}, "q is neither", id="number"),
        pytest.param(Q | {"q": {"a": 1}}, "q is neither", id="object"),
        pytest.param(Q | {"q": ["a", None]}, "q is neither", id="null-inside"),
        pytest.param(Q | {"q": [["a"]]}, "q is neither", id="list-inside"),
        pytest.param(Q | {"q": "a\ud800"}, "surrogate", id="surrogate"),
        pytest.param(Q | {"q": ["a", "\ud800"]}, "text 2", id="surrogate-alone"),
        pytest.param(Q | {"source": 1}, "source must be a text", id="source-number"),
        pytest.param(Q | {"target": ["de"]}, "target must be a text", id="target-list"),
        pytest.param(Q | {"format": "html"}, "format html", id="html"),
        pytest.param(Q | {"format": ["text"]}, "format ['text']", id="format-list"),
        pytest.param(Q | {"alternatives": 6}, "from 0 to 5", id="many"),
        pytest.param(Q | {"alternatives": -1}, "from 0 to 5", id="negative"),
        pytest.param(Q | {"alternatives": True}, "from 0 to 5", id="true"),
        pytest.param(Q | {"alternatives": 1.5}, "from 0 to 5", id="half"),
        pytest.param(Q | {"alternatives": "two"}, "from 0 to 5", id="word"),
        pytest.param(Q | {"alternatives": "²"}, "from 0 to 5", id="superscript"),
        pytest.param(Q | {"alternatives": 10**400}, "from 0 to 5", id="huge"),
        pytest.param(Q | {"alternatives": "9" * 5000}, "from 0 to 5", id="huge-text"),
        pytest.param(Q | {"q": ["a"] * 65}, "65 texts exceed the limit of 64", id="texts"),
        pytest.param(Q | {"q": "a" * 20_001}, "request (20001) exceeds text limit (20000)", id="long"),
        pytest.param(Q | {"q": ["a" * 500] * 41}, "request (20500) exceeds text limit (20000)", id="long-together"),
    ],
)
def test_what_cannot_be_is_a_sentence(client, fields, words):
    found = client.ask("POST", "/translate", fields)
    assert found.status == 400
    assert list(found.json) == ["error"] and words in found.json["error"] and len(found.json["error"]) < 300


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param(b"", "application/json", 400, id="empty"),
        pytest.param(b"{", "application/json", 400, id="cut"),
        pytest.param(b"[]", "application/json", 400, id="list"),
        pytest.param(b"null", "application/json", 400, id="null"),
        pytest.param(b"\xff\xfe", "application/json", 400, id="no-utf-8"),
        pytest.param(b'{"q": NaN}', "application/json", 400, id="nan"),
        pytest.param(b'{"q": 1e400, "source": "en", "target": "de"}', "application/json", 400, id="1e400"),
        pytest.param(b'{"q": ' + b"9" * 9000 + b"}", "application/json", 400, id="digits"),
        pytest.param(b"[" * 100_000, "application/json", 400, id="deep"),
        pytest.param(b'{"a":' * 100_000, "application/json", 400, id="deep-objects"),
        pytest.param(b"q=%FF&source=en&target=de", FORM, 400, id="form-no-utf-8"),
        pytest.param(b"q=\xff", FORM, 400, id="form-bytes"),
        pytest.param(b"&".join([b"a=1"] * 100_000), FORM, 400, id="fields"),
        pytest.param(b'{"q": "x"}', FORM, 400, id="json-as-form"),
        pytest.param(b"x", "multipart/form-data; boundary=x", 415, id="multipart"),
        pytest.param(b'{"q": "x"}', "text/plain", 415, id="text"),
        pytest.param(b"<q/>", "application/xml\x80", 415, id="odd-type"),
        pytest.param(b'{"q": "x"}', "application/json; charset=utf-16", 415, id="charset"),
        pytest.param(b'{"q": "x"}', "", 415, id="no-type"),
        pytest.param(b'{"q": "x", "q": "y", "source": "en", "target": "de"}', "application/json", 400, id="twice"),
        pytest.param(b"q=x&q=y&source=en&target=de", FORM, 400, id="form-twice"),
    ],
)
def test_an_odd_body_is_refused_in_words(client, body, content_type, status):
    found = client.ask("POST", "/translate", body, content_type)
    assert found.status == status and found.json["error"]
    assert client.ask("GET", "/health").json == {"status": "ok"}


def test_odd_texts_are_texts(client, service):
    for text in [*HOSTILE, "a\0b", "\0", "</s><s>", "<0x41>", "\ufeffx", "x" * 5000, "é" * 3000]:
        assert client.translate(q=text)["translatedText"] == service.translate([text], "de")[0].text


def test_what_is_not_known_is_left_alone(client):
    wanted = client.translate(q="the cat")
    assert client.translate(q="the cat", api_key="", frills=[1], secret="x", format="text") == wanted
    plain = b'{"q": "the cat", "source": "en", "target": "de"}'
    for charset in ("; charset=utf-8", ';charset="UTF-8"', "; v=1"):
        assert client.ask("POST", "/translate", plain, f"application/json{charset}").json == wanted
    twice = client.ask("POST", "/translate", b'{"q": "a dog", "q": "the cat", "source": "en", "target": "de"}')
    assert (twice.status, twice.json) == (
        400,
        {"error": "Invalid request: the body cannot be read as JSON: 'q' stands there twice"},
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["en", "de"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["q", "source", "target", "alternatives", "format", "text", "to", "top", "decode", "packed"])


@hypothesis.settings(max_examples=150)
@hypothesis.given(st.dictionaries(NAMES, VALUES, max_size=6), st.sampled_from(["/translate", "/v1/trace"]))
def test_no_fields_bring_the_server_down(client, fields, path):
    found = client.ask("POST", path, Q | fields if path == "/translate" else {"text": "the cat"} | fields)
    assert found.status in (200, 400)
    assert found.status == 200 or found.json["error"]


def test_a_trace_is_the_trace(client, bundle):
    found = client.ask("POST", "/v1/trace", {"text": "the cat", "top": 3, "decode": {"beam": 2}})
    options = TraceOptions(top=3, decode=DecodeOptions(beam=2, max_length=12))
    assert json.loads(found.body) == json.loads(to_json(trace(bundle, "the cat", options)))
    packed = client.ask("POST", "/v1/trace", {"text": "the cat", "target": "die Katze", "packed": True}).json
    assert isinstance(packed["memory"]["values"], str) and packed["translation"] == "die Katze"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({}, "missing text", id="nothing"),
        pytest.param({"text": " "}, "blank", id="blank"),
        pytest.param({"text": "the cat", "topp": 1}, "did you mean top?", id="unknown"),
        pytest.param({"text": 1}, "text must be a text", id="number"),
        pytest.param({"text": "the cat", "top": 0}, "top=0", id="top"),
        pytest.param({"text": "the cat", "logits": 1}, "logits must be true or false", id="flag"),
        pytest.param({"text": "the cat", "decode": {"bem": 1}}, "decode.beam", id="option"),
        pytest.param({"text": "the cat", "decode": {"beam": 17}}, "beam=17", id="wide"),
        pytest.param({"text": "the cat", "decode": {"min_length": 10**30}}, "min_length", id="longest"),
        pytest.param({"text": "the cat", "to": "fr"}, "fr", id="to"),
        pytest.param({"text": "\ud800"}, "surrogate", id="surrogate"),
        pytest.param({"text": "the cat " * 400}, "numbers", id="long"),
        pytest.param({"text": "the cat " * 2000}, "pieces", id="beyond-the-model"),
    ],
)
def test_a_trace_that_cannot_be_is_a_sentence(client, fields, words):
    found = client.ask("POST", "/v1/trace", fields)
    assert found.status == 400 and words in found.json["error"]


HUGE = st.sampled_from([10**30, -(10**30), 2**31, 2**63, 1e308, 1e-308, 0, -1, True, None, "4", 2.5])
OPTIONS = st.sampled_from([field.name for field in dataclasses.fields(DecodeOptions)])


@hypothesis.settings(max_examples=150)
@hypothesis.given(st.dictionaries(OPTIONS, HUGE | st.integers(1, 5), min_size=1, max_size=3))
def test_no_options_bring_the_server_down(client, decode):
    found = client.ask("POST", "/v1/trace", {"text": "the cat", "decode": decode})
    assert found.status in (200, 400), (decode, found.body)


def test_the_page_is_told_what_each_piece_spells(client, service):
    found = client.ask("POST", "/v1/translate", {"text": TEXTS[0], "decode": {"n_best": 2}}).json
    options = replace(service.translator.defaults, n_best=2)
    assert found == json.loads(json.dumps(translated(service.translator, TEXTS[0], options, None)))
    assert len(found["ways"]) == 2 and len(found["ways"][0]["alignment"][0]) == len(found["pieces"])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({}, "missing text", id="nothing"),
        pytest.param({"text": "x", "q": "x"}, "no field q", id="unknown"),
        pytest.param({"text": "x", "decode": {"n_best": 17, "beam": 17}}, "at most 16", id="wide"),
        pytest.param({"text": "x", "to": "fr"}, "fr", id="to"),
        pytest.param({"text": "a b " * 2000}, "pieces", id="long"),
        pytest.param({"text": "x" * 20_001}, "exceeds text limit", id="longer"),
    ],
)
def test_what_the_page_cannot_be_told_is_a_sentence(client, fields, words):
    found = client.ask("POST", "/v1/translate", fields)
    assert found.status == 400 and words in found.json["error"]


def test_the_page_may_have_the_model_where_it_is_small_enough(client, bundle, monkeypatch):
    files = pages.files(bundle)
    assert len(files) == 4
    for name, data in files.items():
        found = client.ask("GET", f"/v1/model/{name}")
        assert (found.status, found.body) == (200, data)
        assert b"dragoman train" not in found.body  # where it came from stays at home
    for name in ("card.md", "..%2f..%2fetc%2fpasswd", "%00", "weights.safetensors"):
        assert client.ask("GET", f"/v1/model/{name}").status == 404
    monkeypatch.setattr(pages, "MOST_BYTES", 100)
    with serving(service_of(bundle)) as other:
        found = other.ask("GET", "/v1/model/manifest.json")
        assert found.status == 404 and "cannot be in a page" in found.json["error"]
