"""The help of every command explains every option, and asking for it is quick: no torch, no NumPy."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from dragoman import __version__
from dragoman.cli import app, run

COMMAND = typer.main.get_command(app)


def commands(command: Any = COMMAND, name: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that name it."""
    yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*name, word))


ALL = list(commands())
TOKENIZER = ("tokenizer train", "tokenizer inspect", "tokenizer doctor", "tokenizer compare")


def test_every_command_of_the_design_is_there():
    names = {" ".join(name) for name, _ in ALL}
    wanted = {"train", "plan", "translate", "evaluate", "score", "info", "verify", "explain", "serve", *TOKENIZER}
    wanted |= {"data inspect", "data clean", "data restore"}
    assert wanted <= names


@pytest.mark.parametrize(("name", "command"), ALL, ids=[" ".join(name) or "dragoman" for name, _ in ALL])
def test_help_explains_every_option(name, command, capsys):
    assert run([*name, "--help"]) == 0
    found = capsys.readouterr()
    words = " ".join(found.out.split())
    assert found.err == "" and words.startswith(" ".join(("Usage: dragoman", *name)))
    assert command.help and command.help.split("\n")[0].endswith(".")
    for parameter in command.params:
        explanation = getattr(parameter, "help", None)
        assert explanation and len(explanation) > 5 and explanation.endswith("."), parameter.name
        assert explanation.split()[0] in words and all(option in words for option in parameter.opts if option[0] == "-")
    assert all(len(line) <= 80 for line in found.out.split("\n"))


@pytest.mark.parametrize(("name", "command"), ALL, ids=[" ".join(name) or "dragoman" for name, _ in ALL])
def test_the_list_of_commands_is_not_cut_short(name, command, capsys):
    assert run([*name, "--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2]
    assert "..." not in listed


def test_nothing_asked_is_help(capsys):
    assert run([]) == 0
    alone = capsys.readouterr().out
    assert run(["-h"]) == 0
    assert capsys.readouterr().out == alone and "translate" in alone


def test_the_version_is_a_result(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr() == (f"{__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["--version"], ["translate"]])
def test_asking_loads_nothing_heavy(arguments):
    program = f"""
import sys
from dragoman.cli import run
run({arguments!r})
print(*sorted({{name.split(".")[0] for name in sys.modules}} & {{"torch", "numpy", "sacrebleu", "tokenizers"}}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[-2] == ""


@pytest.mark.parametrize(
    "arguments",
    [["info", "nope"], ["tokenizer", "inspect", "nope"], ["tokenizer", "doctor", "nope"], ["verify", "nope"]],
)
def test_what_needs_no_torch_loads_none(arguments):
    program = f"""
import sys
from dragoman.cli import run
assert run({arguments!r}) in (1, 2)
print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
