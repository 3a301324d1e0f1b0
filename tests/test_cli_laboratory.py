"""`dragoman tokenizer inspect`, `doctor` and `compare`: results on stdout, for people and for machines."""

import json
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from dragoman.bundle import save
from dragoman.cli import run
from dragoman.cli.compare_tokenizers import around_difference
from dragoman.cli.doctor import load_with_norms
from dragoman.cli.pieces import coloured, history_as_json, told, visible
from dragoman.cli.tables import print_advice, print_table
from dragoman.shipped import locate
from dragoman.text.history import Candidate, Candidates
from dragoman.text.pathologies import PATHOLOGIES
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import ALGORITHMS, train
from odd_texts import corpus
from tiny_bundle import make
from trained_model import write_corpus

PAIR = ("--source", "train.en", "--target", "train.de")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_corpus(tmp_path)
    train(corpus(), 500).save("t.json")


def out_of(capsys, *arguments):
    capsys.readouterr()
    assert run([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_inspect_shows_places_and_steps(capsys):
    Path("text").write_text("the cät\n", encoding="utf-8")
    found = Tokenizer.load("t.json").encode("the cät")
    shown = out_of(capsys, "tokenizer", "inspect", "t.json", "text", "--offsets").split()
    assert shown == [
        f"{piece}/{index}@{start}-{end}"
        for piece, index, (start, end) in zip(found.pieces, found.ids, found.offsets, strict=True)
    ]
    told = out_of(capsys, "tokenizer", "inspect", "t.json", "text", "--history").split("\n")[:-1]
    steps = Tokenizer.load("t.json").history("the cät")
    assert len(told) == len(steps) + 1 and told[-2].split()[2:] == list(found.pieces)
    shown = out_of(capsys, "tokenizer", "inspect", "t.json", "text", "--history", "--json")
    record = json.loads(shown)
    assert record["history"][0] == json.loads(json.dumps(asdict(steps[0])))
    assert record["history"][-1]["pieces"] == record["pieces"]


def test_candidates_are_told_with_the_best_path_marked():
    low, lowest, est = Candidate("▁low", 0, 3, -2.0), Candidate("▁lowest", 0, 6, -9.0), Candidate("est", 3, 6, -1.5)
    history = Candidates((low, lowest, est), (low, est))
    assert [line.split()[0] for line in told(history)] == ["*", "0-6", "*", "best"]
    assert told(history)[-1] == "best path -3.50: ▁low est"
    assert history_as_json(history)["best"][1]["log_probability"] == -1.5


def on_a_terminal(show):
    file = StringIO()
    show(Console(force_terminal=True, color_system="truecolor", width=100, file=file, highlight=False))
    return file.getvalue()


def test_on_a_terminal_neighbours_have_other_colours():
    found = Tokenizer.load("t.json").encode("the cat 凸")
    shown = on_a_terminal(lambda console: console.print(coloured(found, True)))
    assert "\x1b[30;48;2;168;209;255m▁the\x1b[0m \x1b[30;48;2;255;217;160m▁cat\x1b[0m" in shown
    assert "<0xE5>" in shown and f"{found.ids[0]}@0-3" in shown
    assert visible(" a\x1b[31m") == "▁a\ufffd[31m"


def test_tables_on_a_terminal_and_in_a_pipe(capsys):
    rows = [("日本", "1"), ("b", "1,000")]
    print_table(("name", "count"), rows)
    assert capsys.readouterr().out == "name  count\n日本      1\nb     1,000\n"
    shown = on_a_terminal(lambda console: print_table(("name", "count"), rows, console))
    assert shown.split() == ["name", "count", "日本", "1", "b", "1,000"] or "日本" in shown
    advice = [("poor", "a", ["found \x1b", "do"]), ("good", "other", ["fine"])]
    print_advice(advice)
    assert capsys.readouterr().out == "poor  a      found \ufffd\n             do\ngood  other  fine\n"
    assert "found \ufffd" in on_a_terminal(lambda console: print_advice(advice, console))


def test_the_doctor_speaks_of_every_pathology(capsys):
    names = [pathology.name for pathology in PATHOLOGIES]
    shown = out_of(capsys, "tokenizer", "doctor", "t.json")
    heads = [line.split() for line in shown.split("\n") if line and not line.startswith(" ")]
    assert [head[2] if head[:2] == ["not", "measured"] else head[1] for head in heads] == names
    record = json.loads(out_of(capsys, "tokenizer", "doctor", "t.json", "--json"))
    assert [finding["name"] for finding in record["findings"]] == names
    assert record["measures"] is None and record["tokenizer"]["vocab_size"] == 500
    measured = json.loads(out_of(capsys, "tokenizer", "doctor", "t.json", "train.en", "train.de", "--json"))
    assert measured["measures"]["lines"] == 200
    assert out_of(capsys, "tokenizer", "doctor", "t.json", "train.en").startswith("measure")


@pytest.mark.parametrize("joint", [True, False])
def test_of_a_model_the_embeddings_are_looked_at(joint, capsys):
    bundle = make(joint=joint)
    save(bundle, Path("model"))
    for target in (False, True):
        tokenizer, norms, had = load_with_norms(Path("model"), target)
        assert not any(name.startswith("augment.") for name in had)
        assert ("this is the source's" in capsys.readouterr().err) == (not joint and not target)
        side = bundle.target_tokenizer if target else bundle.source_tokenizer
        assert tokenizer.fingerprint == side.fingerprint and norms.shape == (side.vocab_size,)
        assert out_of(capsys, "tokenizer", "doctor", "model", *(["--target"] if target else []))
    assert load_with_norms(Path("t.json"), False)[1] is None


def test_a_model_is_not_advised_what_it_was_trained_with(capsys):
    advice = "Train with --set augment.swapped=0.1"
    assert advice in out_of(capsys, "tokenizer", "doctor", str(locate("en-de") / "source.tokenizer.json"))
    shown = out_of(capsys, "tokenizer", "doctor", "en-de")
    assert advice not in shown and "was trained with augment.swapped against it" in shown
    assert "decode.capitals and augment.lower against it" in shown and "--set decode.capitals" not in shown
    bundle = make()
    save(replace(bundle, provenance=bundle.provenance | {"recipe": {"augment": ["odd"]}}), Path("model"))
    assert out_of(capsys, "tokenizer", "doctor", "model")


def test_compare_learns_every_family_and_writes_a_page(capsys):
    shown = out_of(capsys, "tokenizer", "compare", *PAIR, "--vocab-size", "300", "-o", "page.html")
    named = shown.split("\n")[0].split()
    assert named and set(named) <= set(ALGORITHMS)
    for words in ("pieces a word", "source", "target", "lines/s encoded", "Rényi efficiency"):
        assert words in shown
    assert Path("page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_compare_takes_tokenizers_that_are_there(capsys):
    Tokenizer.load("t.json").save("u.json")
    record = json.loads(out_of(capsys, "tokenizer", "compare", "t.json", "u.json", "--source", "train.en", "--json"))
    assert [entry["name"] for entry in record["entries"]] == ["t", "u"] and record["sides"] == ["text"]
    lines = [
        "\t".join(pair)
        for pair in zip(*(Path(f"train.{end}").read_text().splitlines() for end in ("en", "de")), strict=True)
    ]
    Path("both.tsv").write_text("\n".join(lines) + "\n")
    record = json.loads(out_of(capsys, "tokenizer", "compare", "t.json", "--source", "both.tsv", "--json"))
    assert record["sides"] == ["source", "target"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("compare t.json --source train.en --vocab-size 300", "--vocab-size 300 with tokenizers that are learned"),
        ("compare t.json t.json --source train.en", "t.json is given twice; name each tokenizer once"),
        ("compare --source few -o page.html", "2 lines are too few"),
        ("compare --source train.en --target few -o page.html", "each line must have its translation"),
        ("compare --source train.en --vocab-size 1", "tokenizer.vocab_size=1: allowed are 300"),
        ("compare --source nope", "nope: cannot be read"),
        ("compare t.json --source train.en -o .", ".: a folder; name a file after -o"),
        ("doctor t.json nope", "nope: cannot be read"),
        ("doctor train.en", "no tokenizer.json"),
        ("doctor t.json empty", "the text to measure a tokenizer on is empty"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(arguments, words, capsys):
    Path("few").write_text("one\ntwo\n")
    Path("empty").write_text("\n\n")
    before = sorted(Path().iterdir())
    assert run(["tokenizer", *arguments.split()]) == 2
    found = capsys.readouterr()
    assert found.out == "" and words in found.err and found.err.count("\n") == 1
    assert sorted(Path().iterdir()) == before


def test_a_text_that_does_not_come_back_is_shown_where_it_differs():
    text = "x" * 100 + "Äpfel" + "y" * 100
    before, after = around_difference(text, text.replace("Ä", "A"))
    assert before == "... " + "x" * 20 + "Äpfel" + "y" * 35
    assert after == before.replace("Ä", "A")
    assert around_difference("Hello", "hello") == ("Hello", "hello")
    assert around_difference("cut here", "cut") == ("cut here", "cut")
