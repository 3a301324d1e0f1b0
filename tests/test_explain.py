"""`dragoman explain`: what is in the file, that nothing in it can break out, and what is refused."""

import base64
import hashlib
import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from runpy import run_path

import pytest

import tiny_bundle
from browser import SKELETON
from conftest import under_ci
from dragoman import bundle
from dragoman.cli import run
from dragoman.errors import ConfigError
from dragoman.explain import page as pages
from dragoman.explain.laboratory import FAMILIES, Named, laboratory
from dragoman.explain.record import TRACE, TRANSLATED
from dragoman.options import SPECIALS
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.tokens import Tokens
from dragoman.text.training import ALGORITHMS, train
from hostile_texts import HOSTILE
from odd_texts import corpus

WEB = Path(__file__).resolve().parent.parent / "web"


@pytest.fixture(autouse=True)
def built():
    if not SKELETON.exists():
        reason = "the page is not built; make install builds it where it has Node"
        pytest.fail(reason, pytrace=False) if under_ci() else pytest.skip(reason)


@pytest.fixture
def model(tmp_path):
    bundle.save(tiny_bundle.make(joint=False), tmp_path / "m")
    return tmp_path / "m"


class Elements(HTMLParser):
    """The elements of a page with their attributes and texts, as a browser cuts them."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.found = []
        self._open = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), ""))
        self._open = True

    def handle_endtag(self, tag):
        self._open = False

    def handle_data(self, data):
        if self._open:
            tag, attrs, text = self.found[-1]
            self.found[-1] = (tag, attrs, text + data)

    def texts(self, tag):
        return [text for name, _, text in self.found if name == tag]


def blocks(html):
    """The data in a page: facts, and the bytes of each file."""
    found = Elements(html).found
    facts = [text for tag, attrs, text in found if tag == "script" and attrs.get("id") == "facts"]
    files = {attrs["data-file"]: text for tag, attrs, text in found if "data-file" in attrs}
    (only,) = facts
    return json.loads(only), {name: base64.b64decode(text.strip()) for name, text in files.items()}


def test_the_model_in_the_page_is_the_model(model, tmp_path):
    out = tmp_path / "page.html"
    assert run(["explain", str(model), "the cat", "-o", str(out)]) == 0
    facts, files = blocks(out.read_text(encoding="utf-8"))
    assert facts["name"] == "m" and facts["text"] == "the cat"
    taken = tmp_path / "taken"
    taken.mkdir()
    for name, data in files.items():
        (taken / name).write_bytes(data)
    (taken / bundle.CARD).write_bytes(b"")
    ours, theirs = bundle.load(taken), bundle.load(model)
    assert ours.model == theirs.model and ours.languages == theirs.languages and ours.int8 is not None
    for name, weights in theirs.weights.items():
        assert abs(ours.weights[name] - weights).max() <= abs(weights).max() / 127
    assert ours.source_tokenizer.to_json() == theirs.source_tokenizer.to_json()
    assert facts["card"] == theirs.card and facts["bytes"] == len(files[bundle.INT8])


def test_where_the_model_came_from_stays_at_home(model):
    whole = bundle.load(model)
    secret = replace(whole, provenance={"recipe": {"data": {"source": "/home/anna/private.en"}}, "machine": "anna-pc"})
    html = pages.page(secret, "m")
    facts, files = blocks(html)
    assert b"anna" not in b"".join(files.values()) and "anna" not in json.dumps(facts)
    attributed = replace(whole, provenance={"recipe": {"data": {"attribution": "CC BY, <b>Anna</b>"}}})
    assert blocks(pages.page(attributed, "m"))[0]["licence"] == "CC BY, <b>Anna</b>"


def test_nothing_but_the_one_script_and_the_one_style_can_run(model):
    html = pages.page(bundle.load(model), "m", "".join(HOSTILE)[:500])
    elements = Elements(html)
    (policy,) = [attrs["content"] for tag, attrs, _ in elements.found if attrs.get("http-equiv")]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'" and "unsafe" not in policy and "http" not in policy
    scripts = [text for tag, attrs, text in elements.found if tag == "script" and not attrs]
    for kind, texts in (("script", scripts), ("style", elements.texts("style"))):
        (text,) = texts
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{digest}'"
    assert rules["base-uri"] == rules["form-action"] == "'none'"


def test_whatever_the_texts_the_page_has_the_same_elements(model):
    whole = bundle.load(model)
    plain = [tag for tag, _, _ in Elements(pages.page(whole, "m", "the cat")).found]
    for text in HOSTILE:
        hostile = replace(whole, card=text, provenance={"recipe": {"data": {"attribution": text}}})
        html = pages.page(hostile, text, text)
        elements = Elements(html)
        assert [tag for tag, _, _ in elements.found] == plain
        facts, _ = blocks(html)
        assert facts["text"] == facts["name"] == facts["card"] == facts["licence"] == text
        assert elements.texts("title") == [f"{text} · dragoman"]


def refusal(capsys, *arguments):
    capsys.readouterr()
    assert run(["explain", *map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def test_what_cannot_be_is_one_line_and_leaves_what_is_there(model, tmp_path, capsys, monkeypatch):
    out = tmp_path / "page.html"
    out.write_text("mine")
    assert "the text has" in refusal(capsys, model, "a b " * 2000, "-o", out)
    assert "surrogate" in refusal(capsys, model, "\ud800", "-o", out)
    assert "nowhere" in refusal(capsys, tmp_path / "nowhere", "-o", out)
    assert "would replace" in refusal(capsys, model, "-o", model / "manifest.json")
    assert "a folder; name a file" in refusal(capsys, tmp_path / "nowhere", "-o", tmp_path)  # before anything is read
    monkeypatch.setattr(pages, "MOST_BYTES", 1000)
    assert "a page holds at most" in refusal(capsys, model, "-o", out)
    assert "give a TEXT" in refusal(capsys, model, " ", "-o", out)
    monkeypatch.setattr(pages, "MOST_RECORD", 1000)
    assert "give a shorter text" in refusal(capsys, model, "the cat", "-o", out)
    monkeypatch.setattr(pages, "SKELETON", tmp_path / "none.html")
    assert "make install" in refusal(capsys, model, "-o", out)
    assert out.read_text() == "mine" and sorted(path.name for path in tmp_path.iterdir()) == ["m", "page.html"]


def test_a_model_that_is_too_large_is_not_in_the_page_but_a_record_is(model, tmp_path, capsys, monkeypatch):
    size = pages.int8_bytes(bundle.load(model).model)
    for most, named in ((size, ""), (size - 1, "dragoman serve")):
        monkeypatch.setattr(pages, "MOST_BYTES", most)
        assert run(["explain", str(model), "the cat", "-o", str(tmp_path / "page.html")]) == 0
        assert named in capsys.readouterr().err
        facts, files = blocks((tmp_path / "page.html").read_text(encoding="utf-8"))
        if named:
            assert facts["held"] == "record" and set(files) == {TRANSLATED, TRACE}
            assert facts["known"]["decode"]["beam"] == 3 and not facts["travels"]
            assert json.loads(zlib.decompress(files[TRANSLATED]))["text"] == "the cat"
        else:
            assert facts["held"] == "file" and facts["known"] is None and bundle.INT8 in files


def test_the_page_of_a_server_may_ask_that_server_and_no_other_page_may_ask(model):
    whole = bundle.load(model)
    html = pages.served_page(whole, "m")
    facts, files = blocks(html)
    assert (facts["held"], facts["travels"], files) == ("server", True, {})
    policies = {
        name: dict(rule.split(" ", 1) for rule in policy.split("; "))
        for name, page in (("server", html), ("file", pages.page(whole, "m")))
        for policy in [attrs["content"] for _, attrs, _ in Elements(page).found if attrs.get("http-equiv")]
    }
    assert policies["server"] == policies["file"] | {"connect-src": "'self'"}


def test_without_a_file_the_page_goes_to_stdout_but_not_to_a_terminal(model, capsys, monkeypatch):
    assert run(["explain", str(model)]) == 0
    assert capsys.readouterr().out == pages.page(bundle.load(model), "m")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "-o page.html" in refusal(capsys, model)


def test_a_tokenizer_that_a_page_does_not_read_is_named_and_left_out(model):
    tokens = Tokenizer(Tokens((*SPECIALS, "a", "b"), "characters"))
    whole = replace(bundle.load(model), source_tokenizer=tokens)
    found = laboratory(whole)
    assert found["unread"] == ["tokens"]
    assert [one["name"] for one in found["tokenizers"]] == ["target", *ALGORITHMS]
    with pytest.raises(ConfigError, match="mine: of the kind tokens, a laboratory reads bpe, "):
        laboratory(whole, [Named("mine", "file", tokens)])


def test_the_families_that_come_with_the_program_are_those_that_the_phrasebook_gives():
    """Else `python web/write_families.py > src/dragoman/explain/families.json` is due."""
    program = run_path(str(WEB / "write_families.py"))
    assert program["families"]() == FAMILIES.read_text(encoding="utf-8")


def test_tokenizers_that_cannot_be_put_in_are_refused(model, tmp_path, capsys):
    short, bpe = tmp_path / "short", tmp_path / "bpe.json"
    short.write_text("a\n", encoding="utf-8")
    text = tmp_path / "text"
    text.write_text("\n".join(corpus()), encoding="utf-8")
    train(corpus(), 400).save(bpe)
    out = tmp_path / "page.html"
    for arguments, words in (
        (["--corpus", short], "1 lines to learn bpe from: "),
        (["--tokenizers", text], "tokenizer.json"),
        (["--tokenizers", bpe, "--tokenizers", bpe], "is given twice"),
        (["--tokenizers", bpe, "--corpus", text], "two tokenizers of the page would be called bpe"),
        (["--tokenizers", bpe, "-o", bpe], "bpe.json"),
    ):
        assert words in refusal(capsys, model, "-o", out, *arguments)
        assert not out.exists()


def test_the_page_without_a_model_is_small():
    import gzip

    assert len(gzip.compress(SKELETON.read_bytes(), 9)) <= 250_000


# What turns text into markup or a program. `trustedTypes` in main.ts stops it once more, where a browser has that.
FORBIDDEN = re.compile(
    r"\{@html|innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|DOMParser|createContextualFragment|srcdoc"
    r"|\beval\(|new Function|\bimport\(|\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|style=[\"{]"
)


def test_no_text_can_become_markup_and_nothing_is_fetched():
    sources = [path for path in (WEB / "src").rglob("*") if path.suffix in (".ts", ".svelte", ".html")]
    sources = [path for path in sources if not path.name.endswith(".test.ts")]  # which no page holds
    assert len(sources) > 40
    for path in sources:
        text = path.read_text(encoding="utf-8")
        if path.name == "server.ts":  # the one that asks, where a page's policy lets it
            assert text.count("fetch(") == 1
            text = text.replace("fetch(", "")
        found = FORBIDDEN.search(text)
        assert not found, f"{path}: {found.group()}"


@pytest.mark.parametrize("planted", ["{@html text}", "box.innerHTML = text", 'style="color: red"', "fetch(address)"])
def test_a_planted_way_is_found(planted):
    assert FORBIDDEN.search(f"<p>{planted}</p>")
