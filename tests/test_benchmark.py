"""Measurements of a machine on their way into a page: what `bench --json` wrote is taken, all else is refused."""

import json

import pytest

from dragoman import bundle
from dragoman.cli import run
from dragoman.errors import RequestError
from dragoman.explain import benchmark
from hostile_texts import HOSTILE
from test_explain import blocks, built, refusal
from tiny_bundle import make

__all__ = ["built"]


@pytest.fixture
def model(tmp_path):
    bundle.save(make(), tmp_path / "m")
    return tmp_path / "m"


def test_the_example_can_be_read_and_is_in_a_page(model, tmp_path):
    example = benchmark.example()
    assert example["model"] == "de-en" and example["processor"] and len(example["cases"]) >= 4
    assert run(["explain", str(model), "-o", str(tmp_path / "page.html")]) == 0
    assert blocks((tmp_path / "page.html").read_text())[0]["bench"] == {"own": False} | example


def test_what_bench_writes_is_in_the_page(model, tmp_path, capsys):
    assert run(["bench", str(model), "--threads", "1", "--json"]) == 0
    path = tmp_path / "mine.json"
    path.write_text(capsys.readouterr().out)
    assert run(["explain", str(model), "--bench", str(path), "-o", str(tmp_path / "page.html")]) == 0
    found = blocks((tmp_path / "page.html").read_text())[0]["bench"]
    wanted = json.loads(path.read_text())
    assert wanted.pop("peak_memory_bytes") > 0
    assert found == {"own": True} | wanted


def test_hostile_names_are_texts(model, tmp_path):
    path = tmp_path / "mine.json"
    for text in HOSTILE:
        table = benchmark.example() | {"processor": text, "model": text}
        table["cases"][0] |= {"name": text}
        path.write_text(json.dumps(table))
        assert benchmark.read(path) == table


CHANGES = {
    "no processor": lambda table: table.pop("processor"),
    "a number for a name": lambda table: table.update(model=3),
    "unknown": lambda table: table.update(more=1),
    "no cases": lambda table: table.update(cases=[]),
    "many cases": lambda table: table.update(cases=table["cases"] * 40),
    "no peak": lambda table: table.update(peak_bytes=0.0),
    "negative": lambda table: table.update(peak_operations=-1.0),
    "infinite": lambda table: table["cases"][0].update(middle=float("inf")),
    "nan": lambda table: table["cases"][0]["operators"][0].update(bytes=float("nan")),
    "text for a number": lambda table: table["cases"][0].update(threads="2"),
    "huge": lambda table: table.update(load_seconds=10**400),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_bench_did_not_write_is_refused(change, tmp_path):
    table = benchmark.example()
    change(table)
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(table))
    with pytest.raises(RequestError, match="not what dragoman bench --json writes"):
        benchmark.read(path)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b" " * 2_000_000, b'{"a":1,"a":1}'])
def test_what_is_no_table_is_refused_in_a_line(data, model, tmp_path, capsys):
    path = tmp_path / "mine.json"
    path.write_bytes(data)
    assert "mine.json" in refusal(capsys, model, "--bench", path, "-o", tmp_path / "page.html")
    assert "nowhere" in refusal(capsys, model, "--bench", tmp_path / "nowhere", "-o", tmp_path / "page.html")
    assert "would replace" in refusal(capsys, model, "--bench", path, "-o", path)
    assert not (tmp_path / "page.html").exists()
