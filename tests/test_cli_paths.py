"""Names of files that a user can give: too long, not UTF-8, with controls; each is used or refused in one line."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from dragoman.cli import run
from dragoman.cli.files import shown
from trained_model import command, environment, write_corpus

LONG = "x" * 300
DATA = ("--source", "train.en", "--target", "train.de")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a corpus and a tokenizer."""
    monkeypatch.chdir(tmp_path)
    write_corpus(tmp_path)
    assert run(["tokenizer", "train", "train.en", "-o", "t.json", "--algorithm", "word"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        f"tokenizer inspect {LONG} train.en",
        f"tokenizer doctor {LONG}",
        f"tokenizer compare --source train.en {LONG}",
        f"tokenizer export {LONG} -o out",
        f"tokenizer train train.en -o {LONG}",
        f"data clean --source {LONG} --target train.de -o out out2",
        f"data clean --source train.en --target train.de -o out {LONG}",
        f"data restore --source train.en --target train.de --removed {LONG} -o out out2",
        f"phrasebook {LONG} --pairs 5 --size core",
        f"evaluate {LONG} --source train.en --reference train.de",
        f"verify {LONG}",
        f"info {LONG}",
    ],
)
def test_a_name_too_long_is_one_line(arguments, capsys):
    before = set(os.listdir())
    capsys.readouterr()
    assert run(arguments.split()) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "File name too long" in said
    assert set(os.listdir()) == before


def test_a_name_that_is_no_utf8_is_a_name(capsys):
    name = os.fsdecode(b"caf\xe9")
    Path("train.en").rename(f"{name}.en")
    Path("t.json").rename(f"{name}.json")
    assert run(["data", "clean", "--source", f"{name}.en", "--target", "train.de", "-o", "k.en", "k.de"]) == 0
    assert run(["data", "restore", "--source", "k.en", "--target", "k.de", "-o", "again.en", "again.de"]) == 0
    assert Path("again.en").read_bytes() == Path(f"{name}.en").read_bytes()
    assert run(["tokenizer", "compare", "--source", f"{name}.en", f"{name}.json", "-o", "page.html"]) == 0
    assert "caf\ufffd" in Path("page.html").read_text(encoding="utf-8")


def test_controls_in_a_name_reach_no_terminal(capsys):
    name = "a\x1b[31mb\nc"
    Path("train.en").rename(name)
    assert run(["data", "inspect", "--source", name, "--target", "train.de"]) == 0
    assert run(["data", "clean", "--source", name, "--target", "train.de", "-o", f"{name}1", f"{name}2"]) == 0
    assert run(["tokenizer", "train", name, "-o", f"{name}3", "--algorithm", "word"]) == 0
    said = capsys.readouterr()
    assert shown(name) in said.out and shown(name) in said.err
    assert "\x1b" not in said.out + said.err and "b\nc" not in said.out + said.err


def test_a_setting_nested_too_deep_is_one_line(capsys):
    capsys.readouterr()
    assert run(["data", "inspect", *DATA, "--set", f"clean.max_words={'[' * 50_000}"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("dragoman: clean.max_words=[[[") and said.endswith("in quotes\n")
    assert "not TOML (nested too deep)" in said and said.count("\n") == 1 and len(said) < 400


def test_work_that_is_done_does_not_fail_for_want_of_a_listener():

    words = shlex.join(command("tokenizer", "train", "train.en", "-o", "u.json", "--algorithm", "word"))
    done = subprocess.run(["bash", "-c", f"{words} 2>/dev/full"], env=environment(), check=False)
    assert done.returncode == 0 and Path("u.json").read_bytes() == Path("t.json").read_bytes()
