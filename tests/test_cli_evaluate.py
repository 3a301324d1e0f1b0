"""`dragoman evaluate`, `info`, `verify`, `tokenizer` and `phrasebook` on a model that knows its pairs."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from dragoman.bundle import load, verify
from dragoman.cli import run
from dragoman.evaluate.quality import score as quality
from dragoman.text.tokenizer import Tokenizer
from trained_model import model, pairs, trained

__all__ = ["model", "trained"]


def out_of(capsys, *arguments: str | Path, status: int = 0) -> str:
    """Run a command that says nothing on stderr; return its stdout."""
    capsys.readouterr()
    assert run([str(argument) for argument in arguments]) == status
    found = capsys.readouterr()
    assert found.err == ""
    return found.out


@pytest.fixture
def test_set(trained: Path) -> list[str]:
    return ["--source", str(trained / "train.en"), "--reference", str(trained / "train.de")]


def test_scores_are_sacrebleu_s_of_the_translations_written(model, test_set, tmp_path, capsys):
    found = json.loads(out_of(capsys, "evaluate", model, *test_set, "--json", "-o", tmp_path / "out"))
    assert set(found) == {"bleu", "chrf", "ter", "exact_match", "sentences", "alignment_error_rate"}
    written = (tmp_path / "out").read_bytes().decode().split("\n")[:-1]
    references = [target for _, target in pairs()]
    assert found == quality(written, references).as_json() | {"alignment_error_rate": None}
    assert found["exact_match"] == sum(map(str.__eq__, written, references)) / 100 > 0.8
    assert "tok:13a" in found["bleu"]["signature"] and "nw:2" in found["chrf"]["signature"]
    assert out_of(capsys, "translate", model, test_set[1]).split("\n")[:-1] == written


def test_for_people_there_is_a_table(model, test_set, capsys):
    lines = out_of(capsys, "evaluate", model, *test_set).split("\n")
    assert [line.split()[0] for line in lines if line] == ["BLEU", "chrF2++", "TER", "exact"]
    assert "version:" in lines[0]


def test_scores_stand_on_the_card_once_for_each_setting(model, test_set, tmp_path, capsys):
    own = shutil.copytree(model, tmp_path / "own")
    before = load(own)
    for more in ([], ["--beam", "1"], []):
        assert run(["evaluate", str(own), *test_set, "--card", *more]) == 0
    after, out = load(own), capsys.readouterr().out
    assert after.card.startswith(before.card.rstrip()) and after.card.splitlines().count("## Scores") == 1
    assert [line for line in after.card.splitlines() if line.startswith("### ")] == [
        "### `train.en` to `train.de`, float32, greedy",
        "### `train.en` to `train.de`, float32, beam 4, length penalty paper 0.6",
    ]
    assert out.splitlines()[0].split()[1] in after.card and "tok:13a" in after.card
    assert verify(own) == [] and all(np.array_equal(after.weights[name], kept) for name, kept in before.weights.items())


def test_a_name_that_is_no_utf_8_is_text_on_the_card(model, test_set, tmp_path):
    own, source = shutil.copytree(model, tmp_path / "own"), tmp_path / "a\udcff"
    shutil.copy(test_set[1], source)
    assert run(["evaluate", str(own), test_set[0], str(source), *test_set[2:], "--card"]) == 0
    assert "### `a?` to `train.de`" in load(own).card


def test_a_card_is_not_written_while_a_model_is_trained(model, test_set, tmp_path, capsys):
    own = shutil.copytree(model, tmp_path / "own")
    state = json.loads((own / "training" / "run.json").read_bytes())
    (own / "training" / "run.json").write_text(json.dumps(state | {"ending": None}))
    assert run(["evaluate", str(own), *test_set, "--card"]) == 2
    assert "has not ended" in capsys.readouterr().err
    assert run(["evaluate", "en-de", *test_set, "--card"]) == 2
    assert "stays as it is" in capsys.readouterr().err


def test_evaluation_follows_the_beam(model, test_set, capsys, tmp_path):
    out_of(capsys, "evaluate", model, *test_set, "--beam", "1", "-o", tmp_path / "one")
    (tmp_path / "two").write_text(out_of(capsys, "translate", model, test_set[1], "--beam", "1"), encoding="utf-8")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_alignment_error_rate_is_of_the_chosen_heads(model, test_set, tmp_path, capsys):
    gold, wrong = tmp_path / "gold", tmp_path / "wrong"
    gold.write_text("0-0 1-1\n" * 100)
    wrong.write_text("0-2\n" * 100)
    rates = [
        json.loads(out_of(capsys, "evaluate", model, *test_set, "--json", "--alignment", path))["alignment_error_rate"]
        for path in (gold, wrong)
    ]
    assert 0 <= rates[0] <= 1 and 0 <= rates[1] <= 1 and rates[0] != rates[1]
    assert "alignment error" in out_of(capsys, "evaluate", model, *test_set, "--alignment", gold)


def test_info_tells_what_the_bundle_holds(model, capsys):
    found = json.loads(out_of(capsys, "info", model, "--json"))
    bundle = load(model)
    assert found["model"]["d_model"] == bundle.model.d_model == 16
    assert found["parameters"] == sum(tensor.size for tensor in bundle.weights.values())
    assert found["tokenizer"]["source_pieces"] == bundle.source_tokenizer.vocab_size == 300
    assert found["provenance"]["recipe"]["train"]["steps"] == 300
    assert found["alignment_heads"] == [list(head) for head in bundle.alignment_heads]
    assert found["shown_by"]["explain"].startswith("the model") and "page" in found["shown_by"]["serve"]
    text = out_of(capsys, "info", model)
    for name, value in (("d_model", "16"), ("source_pieces", "300"), ("validation_chrf", "")):
        assert any(line.split()[:1] == [name] and value in line for line in text.split("\n")), name


def test_verify_says_whole(model, capsys):
    assert out_of(capsys, "verify", model) == f"{model}: whole\n"


def test_a_tokenizer_is_trained_and_inspected(trained, tmp_path, capsys):
    out = tmp_path / "tokenizer.json"
    texts = [str(trained / "train.en"), str(trained / "train.de")]
    assert run(["tokenizer", "train", *texts, "-o", str(out), "--vocab-size", "310"]) == 0
    found = capsys.readouterr()
    assert found.out == "" and found.err == f"{out}: 310 pieces (bpe)\n"
    tokenizer = Tokenizer.load(out)
    assert tokenizer.vocab_size == 310
    text = tmp_path / "text"
    lines = ["the dog sees it.", "", "caf\u00e9 \u2028 \U0001f642", "\r"]
    text.write_bytes("\n".join(lines).encode() + b"\n")
    shown = out_of(capsys, "tokenizer", "inspect", out, text, "--json").split("\n")[:-1]
    records = [json.loads(line) for line in shown]
    assert [record["text"] for record in records] == lines
    for record in records:
        assert set(record) == {"text", "ids", "pieces", "offsets"}
        assert tokenizer.decode(record["ids"]) == record["text"]
        assert record["pieces"] == [tokenizer.piece(index) for index in record["ids"]]
    plain = out_of(capsys, "tokenizer", "inspect", out, text).split("\n")
    assert len(plain) == 5 and plain[0].split()[0] == f"{records[0]['pieces'][0]}/{records[0]['ids'][0]}"


def test_a_model_s_tokenizer_is_inspected_by_the_model_s_name(model, trained, capsys):
    of_the_file = out_of(capsys, "tokenizer", "inspect", f"{model}/tokenizer.json", trained / "train.en")
    assert out_of(capsys, "tokenizer", "inspect", model, trained / "train.en") == of_the_file
    assert out_of(capsys, "tokenizer", "inspect", model, trained / "train.en", "--target") == of_the_file


@pytest.mark.slow
def test_the_phrasebook_is_written_for_training(tmp_path, capsys):
    assert run(["phrasebook", str(tmp_path / "pb"), "--pairs", "40"]) == 0
    assert capsys.readouterr().out == ""
    names = {path.name: len(path.read_text(encoding="utf-8").split("\n")) - 1 for path in (tmp_path / "pb").iterdir()}
    assert names["train.en"] == names["train.de"] == names["train.tree"] == 40
    assert names["test_longer.en"] == names["test_longer.de"] == names["test_longer.align"] == 1000
