"""The models that ship: whole, small, with their card, found by name wherever a model folder is wanted."""

import pytest

from dragoman import Tokenizer, Translator, bundle, shipped
from dragoman.cli import run
from dragoman.data.corpus import read_lines
from dragoman.errors import CheckpointError
from dragoman.evaluate.quality import score
from tiny_bundle import make

NAMES = ["de-en", "en-de"]
GREETINGS = {"en-de": ("Good morning!", "Guten Morgen!"), "de-en": ("Ich bin müde.", "I'm tired.")}
BLEU = {"en-de": 40, "de-en": 50}  # of the first 400 pairs of the test set, well below what docs/results.md reports


def test_there_are_two():
    assert shipped.names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_ships_is_whole_small_and_says_whose_its_text_is(name):
    assert bundle.verify(name) == []
    found = bundle.describe(name)
    assert found["bytes"] < 9e6 and found["languages"] == name.split("-")
    card = bundle.load(name).card
    assert "www.manythings.org/anki and tatoeba.org" in card and "CC BY 2.0" in card
    assert "## Scores" in card and "BLEU" in card and "int8" in card


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stands_for_a_folder_in_every_command(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text(f"{GREETINGS[name][0]}\n", encoding="utf-8")
    (tmp_path / "right").write_text(f"{GREETINGS[name][1]}\n", encoding="utf-8")
    assert run(["translate", name, "text"]) == 0
    assert capsys.readouterr().out == f"{GREETINGS[name][1]}\n"
    for command in (["info"], ["verify"], ["tokenizer", "inspect"]):
        assert run([*command, name, *(["text"] if command[0] == "tokenizer" else [])]) == 0
    assert run(["score", name, "--source", "text", "--target", "right"]) == 0
    assert not (tmp_path / name).exists()


def test_a_folder_of_that_name_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bundle.save(make(), "en-de")
    assert bundle.load("en-de").model == make().model != bundle.load(shipped.MODELS / "en-de").model
    assert bundle.describe("en-de")["bytes"] < 1e6


def test_what_does_not_ship_is_refused_and_the_names_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError, match=r"fr-de: no such folder; .*, or de-en, or en-de"):
        Translator.load("fr-de")
    with pytest.raises(CheckpointError, match="no such folder"):
        bundle.load("./nothing/en-de")


def test_the_tokenizers_of_both_sides():
    with pytest.raises(CheckpointError, match='side="source"'):
        Tokenizer.load("en-de")
    sides = [Tokenizer.load("en-de", side) for side in ("source", "target")]
    assert [side.decode(side.encode("Größe 5 🙂").ids) for side in sides] == ["Größe 5 🙂"] * 2
    assert len(sides[0].encode("the weather").ids) < len(sides[1].encode("the weather").ids)


@pytest.mark.slow
@pytest.mark.real_data("tatoeba-en-de")
@pytest.mark.parametrize("name", NAMES)
def test_they_translate_text_that_they_have_not_seen(name, shared):
    source, target = (
        list(read_lines(shared / "tatoeba-en-de" / f"test.{language}.gz"))[:400] for language in name.split("-")
    )
    found = [translation.text for translation in Translator.load(name).translate(source)]
    assert score(found, target).bleu.value > BLEU[name]
