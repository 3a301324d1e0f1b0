"""A bundle small enough to be damaged a thousand times, and ways to damage it."""

import json
from functools import cache
from hashlib import sha256

import numpy as np
import pytest

from dragoman.architecture import ModelConfig, parameters
from dragoman.bundle import Bundle, load, verify
from dragoman.errors import CheckpointError
from dragoman.text.training import train

LINES = [
    "the cat sat on the mat",
    "a dog ran after the black cat",
    "where is the nearest station, please?",
] * 3
DEUTSCH = [
    "die Katze saß auf der Matte",
    "ein Hund lief der schwarzen Katze nach",
    "wo ist der nächste Bahnhof?",
] * 3


@cache
def tokenizer():
    return train(LINES, 300)


@cache
def other_tokenizer():
    return train(DEUTSCH, 310)


def make(seed=1, joint=True):
    """A bundle of random weights, about 2,000 of them."""
    source, target = tokenizer(), tokenizer() if joint else other_tokenizer()
    model = ModelConfig(
        vocab_size=source.vocab_size,
        target_vocab_size=None if joint else target.vocab_size,
        tie="all" if joint else "none",
        d_model=4,
        encoder_layers=1,
        decoder_layers=2,
        heads=2,
        feed_forward=4,
    )
    draw = np.random.default_rng(seed)
    return Bundle(
        model=model,
        weights={name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()},
        source_tokenizer=source,
        target_tokenizer=target,
        languages=("en", "de"),
        decode={"beam": 3, "penalty": "average"},
        alignment_heads=((1, 0), (0, 1)),
        provenance={"seed": seed, "command": "dragoman train", "scores": {"BLEU": 38.5}, "by": "Ünal 🙂"},
        card="# A model\n\nGut für Übungen. 🙂\n",
    )


def forge(folder, name, data):
    """Put `data` in place of a file of the bundle, with the right size and checksum in the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / manifest["files"][name]["path"]).write_bytes(data)
    manifest["files"][name] |= {"size": len(data), "sha256": sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def the_fault(folder):
    """Load what must not load, and return what is said; `verify` must say so too."""
    with pytest.raises(CheckpointError) as caught:
        load(folder)
    message = str(caught.value)
    assert str(folder) in message and "\n" not in message and len(message) < 2000
    assert verify(folder)
    return message


def put(path, value):
    """Return a change of a JSON table: set what `path` leads to, or take it away with `...`."""

    def change(table):
        *ways, last = path.split("/")
        for way in ways:
            table = table[way]
        if value is ...:
            del table[last]
        else:
            table[last] = value

    return change
