"""One model, several directions: the tag decides the language, and nothing else can spell or produce one."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dragoman import bundle
from dragoman.architecture import parameters
from dragoman.cli import run
from dragoman.directions import common_source, end_of, tags, targets
from dragoman.errors import CheckpointError, RequestError
from dragoman.options import EOS, DecodeOptions
from dragoman.translator import Translator
from tiny_bundle import make

THREE = (("en", "de"), ("de", "en"), ("en", "fr"))


def test_a_tag_is_an_id_behind_the_pieces():
    assert targets(THREE) == tags(THREE) == ("de", "en", "fr")
    assert [end_of(THREE, target, 500) for target in ("de", "en", "fr")] == [500, 501, 502]
    assert common_source(THREE) is None and common_source(THREE[::2]) == "en"


@pytest.mark.parametrize("directions", [(), THREE[:1], (("de", "en"), ("fr", "en"))])
def test_one_target_needs_no_tag(directions):
    assert tags(directions) == ()
    assert end_of(directions, None, 500) == EOS
    for target in targets(directions):
        assert end_of(directions, target, 500) == EOS


@pytest.mark.parametrize(
    ("directions", "target", "said"),
    [
        (THREE, None, "this model translates into de, en, fr; say which: --to de"),
        (THREE, "es", "--to es: this model does not translate into that; allowed: de, en, fr"),
        (THREE[:1], "en", "--to en: this model does not translate into that; allowed: de"),
        ((), "de", "--to de: this model does not say which languages it is for; leave --to out"),
    ],
)
def test_a_language_that_is_not_the_models_is_named(directions, target, said):
    with pytest.raises(RequestError) as found:
        end_of(directions, target, 500)
    assert str(found.value) == said


def tagged(joint: bool) -> bundle.Bundle:
    """A bundle of three directions with random weights."""
    plain = make(joint=joint)
    more = plain.model.vocab_size + 3
    model = replace(plain.model, vocab_size=more)
    draw = np.random.default_rng(3)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()}
    return replace(plain, model=model, weights=weights, languages=("en", "de"), directions=THREE)


@pytest.mark.parametrize("joint", [True, False])
def test_a_bundle_keeps_its_directions_and_never_produces_a_tag(tmp_path, joint):
    bundle.save(tagged(joint), tmp_path / "m")
    translator = Translator.load(tmp_path / "m", device="cpu")
    assert translator.bundle.translates == THREE
    pieces = translator.bundle.source_tokenizer.vocab_size
    for number, target in enumerate(("de", "en", "fr")):
        assert translator.source_ids(["a cat"], to=target)[0][-1] == pieces + number
        drawn = translator.translate(
            ["a cat"] * 20, DecodeOptions(temperature=30.0, n_best=5, max_length=12), to=target
        )
        ids = {index for found in drawn for one in found.hypotheses for index in one.ids}
        assert max(ids) < translator.bundle.target_tokenizer.vocab_size
        assert drawn[0].source_pieces[-1] == f"<to {target}>"
    assert EOS not in translator.source_ids(["a cat </s>"], to="de")[0]
    with pytest.raises(RequestError, match="say which: --to de"):
        translator.translate("a cat")
    with pytest.raises(RequestError, match="say which"):
        translator.score(["a"], ["b"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"directions": THREE[:2]}, "pieces, the model has"),
        ({"directions": (*THREE, THREE[0])}, "several different pairs"),
        ({"directions": (("en", "de"), ("", "en"), ("en", "fr"))}, "several different pairs"),
        ({"directions": THREE[:1]}, "several different pairs"),
        ({"languages": ("de", "en")}, "languages the first"),
        ({"languages": None}, "languages the first"),
        ({"directions": ()}, "pieces, the model has"),
    ],
)
def test_directions_that_do_not_fit_the_model_are_refused(tmp_path, change, said):
    with pytest.raises(CheckpointError, match=said):
        bundle.save(replace(tagged(True), **change), tmp_path / "m")
    assert not (tmp_path / "m").exists()


WORDS = ("red", "blue", "green", "old", "new", "big", "small", "warm")
GERMAN = ("rot", "blau", "grün", "alt", "neu", "groß", "klein", "warm")
FRENCH = ("rouge", "bleu", "vert", "vieux", "neuf", "grand", "petit", "chaud")


def phrases(words: tuple[str, ...], numbers: range) -> list[str]:
    return [f"{words[n % 8]} {words[n // 8 % 8]}" for n in numbers]


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def learned(tmp_path_factory) -> Path:
    """A folder with m, trained from English into German and French and from German into English."""
    folder = tmp_path_factory.mktemp("directions")
    sides = {"en": WORDS, "de": GERMAN, "fr": FRENCH}
    for code, words in sides.items():
        write(folder / f"train.{code}", phrases(words, range(64)) * 2)
    corpora = [
        f'{{source = "{folder}/train.{one}", target = "{folder}/train.{two}", languages = ["{one}", "{two}"]}}'
        for one, two in (("de", "en"), ("en", "fr"))
    ]
    recipe = f"""
[data]
source = "{folder}/train.en"
target = "{folder}/train.de"
languages = ["en", "de"]
more = [{", ".join(corpora)}]
[tokenizer]
algorithm = "word"
[model]
preset = "pocket"
d_model = 32
feed_forward = 64
[train]
steps = 260
validate_every = 130
rate = 0.02
warmup = 20
batch_tokens = 400
"""
    (folder / "recipe.toml").write_text(recipe)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        assert run(["train", str(folder / "recipe.toml"), "--out", str(folder / "m")]) == 0
    return folder


def asked(capsys, *arguments) -> str:
    capsys.readouterr()
    assert run([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_one_model_learns_three_directions(learned, capsys):
    for source, target, words in (("en", "de", GERMAN), ("en", "fr", FRENCH), ("de", "en", WORDS)):
        found = asked(capsys, "translate", learned / "m", learned / f"train.{source}", "--to", target)
        wanted = phrases(words, range(64)) * 2
        right = sum(one == two for one, two in zip(found.splitlines(), wanted, strict=True))
        assert right >= 0.95 * len(wanted), (source, target, right)


def test_evaluate_and_score_take_the_language(learned, capsys):
    files = ("--source", learned / "train.en", "--reference", learned / "train.fr")
    assert json.loads(asked(capsys, "evaluate", learned / "m", *files, "--to", "fr", "--json"))["exact_match"] > 0.9
    likely, unlikely = (
        [
            float(line)
            for line in asked(
                capsys, "score", learned / "m", "--source", learned / "train.en", "--target", learned / "train.fr",
                "--to", target,
            ).splitlines()
        ]
        for target in ("fr", "de")
    )  # fmt: skip
    assert np.mean(likely) > np.mean(unlikely) + 1


def test_what_the_model_says_of_itself(learned, capsys):
    assert "en-de de-en en-fr" in asked(capsys, "info", learned / "m")
    assert (learned / "m" / "card.md").read_text().startswith("# en to de, de to en, en to fr\n")


def test_a_forgotten_language_is_asked_for_in_a_line(learned, capsys):
    assert run(["translate", str(learned / "m"), str(learned / "train.en")]) == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("translates into de, en, fr; say which: --to de")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('languages = ["en", ""]', "write two codes"),
        ('valid_target = "x"', "without its source"),
    ],
)
def test_a_further_corpus_is_checked(tmp_path, capsys, table, said):
    write(tmp_path / "a", ["b"] * 40)
    recipe = (
        f'[data]\nsource = "{tmp_path}/a"\ntarget = "{tmp_path}/a"\nmore = [{{source = "{tmp_path}/a", {table}}}]\n'
    )
    write(tmp_path / "recipe.toml", [recipe])
    assert run(["train", str(tmp_path / "recipe.toml"), "--out", str(tmp_path / "m"), "--steps", "3"]) == 2
    assert said in capsys.readouterr().err
