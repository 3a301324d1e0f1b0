"""`dragoman train --from`: what is taken from a model, what a recipe may not say of it, and how a run goes on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tiny_bundle
from dragoman import bundle
from dragoman.architecture import parameters
from dragoman.bundle import Bundle
from dragoman.cli import run
from dragoman.cli.recipe import read
from dragoman.cli.training_data import plan_batches
from dragoman.cli.tuning import BARRED, seems_swapped, tuned
from dragoman.compress.quantize import quantized
from dragoman.data.corpus import PairFiles, check
from dragoman.errors import ConfigError
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, PAD, SPECIALS
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.tokens import Tokens
from dragoman.weights import digest
from trained_model import write_corpus

STEPS = ("--set", "train.validate_every=2", "--set", "train.precision=float32")


@pytest.fixture(autouse=True)
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments that name a corpus and a folder with a model, in which the test runs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    bundle.save(tiny_bundle.make(), "origin")
    write_corpus(tmp_path)
    return ["--source", "train.en", "--target", "train.de"]


def train(corpus: list[str], *more: str, steps: int = 4, out: str = "tuned") -> int:
    return run(["train", *corpus, "--from", "origin", "--out", out, "--steps", str(steps), *STEPS, *more])


def begun(settings: tuple[str, ...] = (), origin: Bundle | None = None) -> tuple[Bundle, list[str]]:
    """What a run begins with, and what it says."""
    if origin is not None:
        bundle.save(origin, "origin")
    flags = {"data": {"source": "train.en", "target": "train.de"}, "model": {"from": "origin"}, "train": {"steps": 4}}
    recipe, notes = read(None, list(settings), flags), list[str]()
    return tuned(recipe, (check(PairFiles(Path("train.en"), Path("train.de"))),), "float32", notes.append), notes


def same(one: Bundle, other: Bundle) -> bool:
    return all(np.array_equal(one.weights[name], other.weights[name]) for name in other.weights)


def test_a_run_begins_with_the_model_and_changes_it(corpus, capsys):
    origin, (first, notes) = bundle.load("origin"), begun()
    assert same(first, origin) and first.model == origin.model and notes == []
    assert train(corpus) == 0
    after = bundle.load("tuned")
    assert after.source_tokenizer.to_json() == origin.source_tokenizer.to_json()
    assert after.languages == ("en", "de") and after.decode == origin.decode and not same(after, origin)
    assert np.abs(after.weights["embedding.weight"] - origin.weights["embedding.weight"]).max() < 0.1


def test_the_card_and_the_provenance_say_what_it_came_from(corpus, capsys):
    assert train(corpus) == 0
    origin, after = bundle.load("origin"), bundle.load("tuned")
    told = after.provenance["from"]
    assert told["sha256"] == digest(origin.model, origin.weights) and told["provenance"] == origin.provenance
    assert "Trained on from `origin`" in after.card and "> Gut für Übungen. 🙂" in after.card
    assert "`train.en`" in after.card
    capsys.readouterr()
    assert run(["info", "tuned"]) == 0
    assert "# A model ..." in (shown := capsys.readouterr().out) and "\ufffd" not in shown


def test_the_settings_of_a_tuning_are_small_and_can_be_given(corpus):
    flags = {"data": {"source": "train.en"}, "model": {"from": "origin"}}
    few = read(None, [], flags).train
    many = read(None, [], flags | {"model": {}}).train
    assert few.rate == pytest.approx(0.1 * many.peak_rate(4)) and few.warmup == 50
    given = read(None, ["train.rate=0.5", "train.warmup=7", "model.dropout=0.3"], flags)
    assert given.train.rate == 0.5 and given.train.warmup == 7 and given.model_config(300, 300).dropout == 0.3


@pytest.mark.parametrize(
    "setting",
    ["model.d_model=8", "model.preset=tiny", "model.norm=post", "tokenizer.vocab_size=400", "tokenizer.algorithm=word",
     "tokenizer.joint=false", "model.experiment={residual=false}"],
)  # fmt: skip
def test_a_setting_that_contradicts_the_model_is_refused_by_name(corpus, capsys, setting):
    assert train(corpus, "--set", setting) == 2
    said = capsys.readouterr().err
    assert setting.partition("=")[0] in said and "model.from=origin" in said and not Path("tuned").exists()


def test_a_setting_that_the_model_has_may_be_repeated():
    first, _ = begun(("model.d_model=4", "tokenizer.vocab_size=300", "model.experiment={residual=true}"))
    assert first.model.d_model == 4


def test_the_same_command_goes_on_bit_for_bit(corpus, monkeypatch, capsys):
    from dragoman.train import loop

    assert train(corpus, steps=6, out="whole") == 0
    step = loop.Loop._step

    def stopping(self, batches):
        if self.progress.step == 3:
            raise KeyboardInterrupt
        step(self, batches)

    with monkeypatch.context() as patch:  # killed after a model was kept, before anything else was saved
        patch.setattr(loop.Loop, "_step", stopping)
        assert train(corpus, steps=6) == 130
    assert not same(bundle.load("tuned"), bundle.load("origin"))
    assert train(corpus, steps=6) == 0
    assert same(bundle.load("tuned"), bundle.load("whole"))


def test_a_run_does_not_go_on_from_a_model_that_has_changed(corpus, monkeypatch, capsys):
    from dragoman.train import loop

    with monkeypatch.context() as patch:
        patch.setattr(loop.Loop, "_step", lambda self, batches: (_ for _ in ()).throw(KeyboardInterrupt))
        assert train(corpus) == 130
    bundle.save(tiny_bundle.make(seed=2), "origin")
    assert train(corpus) == 2 and "have changed" in capsys.readouterr().err


def test_int8_weights_alone_are_trained_on_as_what_they_stand_for():
    made = tiny_bundle.make()
    first, notes = begun(origin=replace(made, int8=quantized(made.model, made.weights), master=None))
    assert same(first, bundle.load("origin")) and first.int8 is None and "int8" in notes[0]


def test_barred_pieces_do_not_make_the_loss_of_smoothed_labels_huge():
    made = tiny_bundle.make()
    made.weights["output.bias"][:2] = -1e9
    first, notes = begun(origin=made)
    assert first.weights["output.bias"].min() == BARRED and "2 pieces" in notes[0]


def test_a_model_whose_sources_have_no_end_is_trained_without_one(corpus, capsys):
    first, _ = begun(origin=replace(tiny_bundle.make(), source_ended=False))
    flags = {"data": {"source": "train.en", "target": "train.de"}, "model": {"from": "origin"}}
    reports = (check(PairFiles(Path("train.en"), Path("train.de"))),)
    plan, store, _ = plan_batches(read(None, [], flags), reports, (None,), first, lambda note: None)
    batch = next(plan.epoch(0))
    for row, own in zip(batch.source_BS, store.ids("source", batch.samples), strict=True):
        assert [index for index in row.tolist() if index != PAD] == own.tolist()
    assert train(corpus) == 0 and not bundle.load("tuned").source_ended
    assert train(corpus, "--set", "train.guided_alignment=0.1", out="guided") == 2
    assert "train.guided_alignment" in capsys.readouterr().err


def test_a_model_with_a_list_of_tokens_and_stored_positions_is_trained_on(corpus):
    """As imports have them: another family, few positions that are a part of the weights, recurrent cells."""
    letters = sorted(set(Path("train.en").read_text() + Path("train.de").read_text()) - {"\n"})
    tokenizer = Tokenizer(Tokens((*SPECIALS, *letters), "characters"))
    made = tiny_bundle.make()
    size = tokenizer.vocab_size
    model = replace(made.model, vocab_size=size, positions="table", max_positions=50, decoder_cell="ssru")
    draw = np.random.default_rng(3)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()}
    sides = {"source_tokenizer": tokenizer, "target_tokenizer": tokenizer}
    bundle.save(replace(made, model=model, weights=weights, **sides, alignment_heads=()), "origin")
    assert train(corpus) == 0
    after = bundle.load("tuned")
    assert after.model.max_positions == 50 and after.provenance["recipe"]["train"]["max_pieces"] == 48
    assert not np.array_equal(after.weights["encoder.positions.weight"], weights["encoder.positions.weight"])


def test_another_direction_becomes_the_only_one_and_several_are_refused():
    first, _ = begun(('data.languages=["nl","de"]',))
    assert first.translates == (("nl", "de"),)
    more = '[{source="train.de",target="train.en",languages=["de","en"]}]'
    with pytest.raises(ConfigError, match="no tag"):
        begun(('data.languages=["en","de"]', f"data.more={more}"))


def test_old_text_is_mixed_in_by_its_share(corpus, capsys):
    Path("old.tsv").write_text("".join(f"{at} old words\t{at} Wörter\n" for at in range(60)), encoding="utf-8")
    old = '{source="old.tsv"'
    assert train(corpus, "--set", f"data.more=[{old},share=0.3}}]", steps=2) == 0
    assert bundle.load("tuned").provenance["recipe"]["data"]["more"][0]["share"] == 0.3
    assert train(corpus, "--set", f"data.more=[{old},share=0.3,weight=2}}]", out="other") == 2
    assert "data.more.share=0.3" in capsys.readouterr().err


PAIRS = [
    ("Where is the train station?", "Wo ist der Bahnhof?"),
    ("I have no time today.", "Ich habe heute keine Zeit."),
]


def test_sides_that_the_model_knows_the_other_way_round_are_noticed():
    first = bundle.load("en-de")
    model = Transformer(first.model)
    from_numpy(model, first.weights)
    forth = [(source, target, EOS) for source, target in PAIRS]
    back = [(target, source, EOS) for source, target in PAIRS]
    assert not seems_swapped(model, first, forth) and seems_swapped(model, first, back)
    assert not seems_swapped(model, first, [("a " * 5000, "b", EOS)])  # nothing fits, nothing is said


def test_swapped_sides_are_said_before_the_first_step(corpus, capsys, tmp_path):
    for side, texts in zip(("en", "de"), zip(*PAIRS, strict=True), strict=True):
        (tmp_path / f"few.{side}").write_text("\n".join(texts * 20) + "\n")
    files = ["--source", "few.de", "--target", "few.en", "--valid-source", "few.de", "--valid-target", "few.en"]
    assert run(["train", *files, "--from", "en-de", "--out", "tuned", "--steps", "1", *STEPS]) == 0
    assert "are the sides swapped?" in capsys.readouterr().err
