"""What -o may name: nothing that is read is replaced, nothing is left half-written, and open streams are written to."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tiny_bundle
from dragoman import bundle
from dragoman.cli import run
from trained_model import command, environment, pairs


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a corpus, a tokenizer, a SentencePiece model, a model and a loop of links."""
    monkeypatch.chdir(tmp_path)
    for at, name in enumerate(("a.en", "a.de")):
        Path(name).write_text("".join(f"{pair[at]}\n" for pair in pairs()), encoding="utf-8")
    bundle.save(tiny_bundle.make(), Path("m"))
    tokenizer = tiny_bundle.tokenizer()
    tokenizer.save("t.json")
    tokenizer.save_sentencepiece("t.model")
    Path("loop").symlink_to("loop")


def content() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def bash(words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["bash", "-c", words], env=environment(), capture_output=True, check=False)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run what must be refused in one line and change nothing; return that line."""
    before = content()
    capsys.readouterr()
    assert run([*arguments]) == 2
    said = capsys.readouterr()
    assert content() == before
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize(
    "arguments",
    [
        "tokenizer compare --source a.en -o a.en",
        "tokenizer compare --source a.en --target a.de -o ./a.de",
        "tokenizer compare --source a.en t.json -o t.json",
        "tokenizer export t.json -o t.json",
        "tokenizer export m -o m/card.md",
        "tokenizer import t.model -o t.model",
        "translate m a.en -o a.en",
        "data clean --source a.en --target a.de -o a.en b.de",
        "data restore --source a.en --target a.de --removed t.json -o t.json b.de",
    ],
)
def test_what_is_read_is_never_replaced(arguments, capsys):
    assert "would replace" in refused(capsys, *arguments.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("data clean --source a.en --target a.de -o b.en b.removed.jsonl", "the list of removed pairs goes there"),
        ("data clean --source a.en --target a.de -o . b.de", ".: a folder; name a file after -o"),
        ("data clean --source a.en --target a.de -o loop b.de", "loop: would replace|loop.*cannot be written"),
        ("data clean --source a.en --target a.de -o b.en loop", "cannot be written"),
        ("data restore --source a.en --target a.de --removed t.json -o loop b.de", "cannot be written"),
        ("tokenizer train loop -o b.json", "loop: cannot be read: Too many levels of symbolic links"),
        ("tokenizer train a.en -o loop", "loop: cannot be written"),
        ("tokenizer export t.json -o loop", "loop: cannot be written"),
        ("data clean --source a.en --target a.de -o /dev/stdout b.de", "/dev/stdout: not a regular file"),
    ],
)
def test_a_place_that_cannot_be_is_refused_in_one_line(arguments, words, capsys):
    assert re.search(words, refused(capsys, *arguments.split()))


def test_a_file_beside_the_one_that_is_written_stays(capsys):
    Path("x.model.partial").write_bytes(b"mine")
    assert run(["tokenizer", "export", "t.json", "-o", "x.model"]) == 0
    assert Path("x.model.partial").read_bytes() == b"mine"
    assert Path("x.model").read_bytes() == Path("t.model").read_bytes()


@pytest.mark.parametrize("out", ["/dev/stdout", "/dev/fd/1", "/dev/fd/3", "/proc/self/fd/3"])
def test_what_is_open_already_is_written_to_and_not_replaced(out):
    """As by `-o /dev/stdout >> log`: the lines that stand in the log stay."""
    Path("log").write_text("before\n")
    words = shlex.join(command("tokenizer", "compare", "--source", "a.en", "t.json", "-o", out))
    done = bash(f"{words} >> log 3>> log")
    assert done.returncode == 0, done.stderr
    said = Path("log").read_text(encoding="utf-8")
    assert said.startswith("before\n") and "<!DOCTYPE html>" in said and "pieces a word" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_leaves_nothing(number):
    os.mkfifo("wait")  # which is opened for reading when there is a writer
    before = set(os.listdir())
    code = (
        "import dragoman.text.comparison as c; c.compare = lambda *_: open('wait'); "
        "from dragoman.cli import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "tokenizer", "compare", "--source", "a.en", "t.json", "-o", "page.html"],
        env=environment(), stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )  # fmt: skip
    while set(os.listdir()) == before:  # until the page is begun
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == 128 + number and said.strip() == b""
    assert set(os.listdir()) == before


def test_a_pipe_of_the_shell_is_written_to():
    words = shlex.join(command("tokenizer", "compare", "--source", "a.en", "t.json", "-o"))
    done = bash(f"{words} >(cat > page.html); wait $!")
    assert done.returncode == 0, done.stderr
    assert Path("page.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
