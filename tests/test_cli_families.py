"""Every family of tokenizers through the command line: train, translate, evaluate, info, inspect."""

import json

import pytest

from dragoman.cli import run
from dragoman.text.training import ALGORITHMS
from trained_model import write_corpus

STEPS = ("--steps", "3", "--set", "train.validate_every=3", "--preset", "pocket")


@pytest.mark.slow
@pytest.mark.parametrize("family", ALGORITHMS)
def test_a_model_of_every_family_is_trained_and_used(family, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model, files = str(tmp_path / "m"), write_corpus(tmp_path)
    variation = {"unigram": ["--set", "train.sampling_alpha=0.2"], "byte_bpe": ["--set", "train.merge_dropout=0.1"]}
    chosen = ["--set", f"tokenizer.algorithm={family}", *variation.get(family, [])]
    assert run(["train", *files, "--out", model, *STEPS, *chosen]) == 0
    capsys.readouterr()
    assert run(["translate", model, str(tmp_path / "train.en")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 100
    texts = ["--source", str(tmp_path / "train.en"), "--reference", str(tmp_path / "train.de")]
    assert run(["evaluate", model, *texts, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)
    assert run(["info", model]) == 0 and run(["verify", model]) == 0
    assert family in capsys.readouterr().out
    assert run(["tokenizer", "inspect", model, str(tmp_path / "train.en"), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(len(row["ids"]) == len(row["pieces"]) == len(row["offsets"]) > 0 for row in found)


@pytest.mark.parametrize("family", ALGORITHMS)
def test_the_command_learns_each(family, tmp_path, capsys):
    write_corpus(tmp_path)
    out = tmp_path / "t.json"
    assert run(["tokenizer", "train", str(tmp_path / "train.en"), "-o", str(out), "--algorithm", family]) == 0
    said = capsys.readouterr().err
    assert family in said and ("lossy" in said) == (family in ("word", "wordpiece"))
    assert out.is_file()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            "tokenizer.algorithm=word train.merge_dropout=0.1",
            "train.merge_dropout=0.1 with tokenizer.algorithm=word, which has no merges to leave out; bpe and byte_bpe",
        ),
        ("tokenizer.algorithm=unigram train.merge_dropout=0.1", "write train.sampling_alpha=0.2 instead"),
        ("train.sampling_alpha=0.2", "train.sampling_alpha=0.2 with tokenizer.algorithm=bpe"),
        ("tokenizer.algorithm=unigram train.sampling_alpha=-1", "train.sampling_alpha=-1"),
        ("tokenizer.algorithm=unigramm", "did you mean unigram?"),
    ],
)
def test_what_a_family_has_not_is_refused_by_name(settings, said, tmp_path, capsys):
    files = write_corpus(tmp_path)
    chosen = [word for setting in settings.split() for word in ("--set", setting)]
    assert run(["train", *files, "--out", str(tmp_path / "m"), *STEPS, *chosen]) == 2
    assert said in capsys.readouterr().err and not (tmp_path / "m" / "manifest.json").exists()
