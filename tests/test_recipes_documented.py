"""docs/recipes.md names every setting that exists, and none that does not."""

import re
from pathlib import Path

import pytest

from dragoman.architecture import ModelConfig
from dragoman.cli.recipe import CorpusOptions, DataOptions, TokenizerOptions
from dragoman.config import setting_names
from dragoman.data.augmentation import AugmentOptions
from dragoman.options import DecodeOptions
from dragoman.train.options import TrainOptions

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "recipes.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `\[(\w+)\]`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
KINDS = {
    "data": DataOptions, "tokenizer": TokenizerOptions, "model": ModelConfig, "augment": AugmentOptions,
    "train": TrainOptions, "decode": DecodeOptions,
}  # fmt: skip
FROM_THE_TOKENIZER = {"vocab_size", "target_vocab_size"}


@pytest.mark.parametrize("table", KINDS)
def test_every_setting_of_a_table_stands_on_the_page(table):
    names = set(setting_names(KINDS[table])) - (FROM_THE_TOKENIZER if table == "model" else set())
    named = set(re.findall(r"`(\w+)`", SECTIONS[table]))
    assert names <= named


@pytest.mark.parametrize("table", KINDS)
def test_the_first_column_holds_settings_only(table):
    names = {*setting_names(KINDS[table]), *(["preset", "from"] if table == "model" else [])}
    rows = re.findall(r"^\| (`[^|]*) \|", SECTIONS[table], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} <= names


def test_the_settings_of_a_further_corpus():
    row = next(line for line in SECTIONS["data"].splitlines() if line.startswith("| `more`"))
    assert set(re.findall(r"`(\w+)`", row)) == {"more", *setting_names(CorpusOptions)}
