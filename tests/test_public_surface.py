"""What `from dragoman import ...` gives, and what importing the package does not do."""

import subprocess
import sys
from importlib import import_module

import pytest

import dragoman

PUBLIC = [
    "CheckpointError",
    "ConfigError",
    "DataError",
    "DecodeOptions",
    "DragomanError",
    "Hypothesis",
    "RequestError",
    "Tokenizer",
    "TraceOptions",
    "Translation",
    "Translator",
    "trace",
]


def test_the_names_are_these():
    assert sorted(dragoman.__all__) == PUBLIC
    assert sorted(dir(dragoman)) == sorted([*PUBLIC, "__version__"])


@pytest.mark.parametrize("name", PUBLIC)
def test_every_name_loads_and_is_documented(name):
    value = getattr(dragoman, name)
    assert value.__name__ == name and value.__doc__
    assert getattr(import_module(value.__module__), name) is value
    for method in (value for word, value in vars(value).items() if callable(value) and not word.startswith("_")):
        assert method.__doc__, method


def test_every_error_is_a_dragoman_error():
    for name in PUBLIC:
        if name.endswith("Error"):
            assert issubclass(getattr(dragoman, name), dragoman.DragomanError)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'dragoman' has no attribute 'Translater'"):
        dragoman.Translater  # noqa: B018
    with pytest.raises(ImportError):
        from dragoman import Transformer  # noqa: F401


def test_importing_loads_nothing_prints_nothing_and_starts_no_thread():
    program = """
import sys, threading
before = set(sys.modules)
import dragoman
new = {name.split(".")[0] for name in set(sys.modules) - before}
assert dragoman.__version__ and dir(dragoman)
assert threading.active_count() == 1
assert not new & {"torch", "numpy", "tokenizers", "safetensors", "typer", "rich", "sacrebleu"}, new
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == done.stderr == b""


def test_the_tokenizer_and_the_options_need_no_torch():
    program = """
import sys
from dragoman import DecodeOptions, Hypothesis, Tokenizer, Translation
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
