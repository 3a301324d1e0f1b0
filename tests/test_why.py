"""The experiments of docs/why.md: their parts mean what the page says, and the command makes plots and tables."""

import json
import re
import shutil
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from dragoman.architecture import Experiment, ModelConfig, parameter_count

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "benchmarks"))

import why  # noqa: E402
import why_experiments  # noqa: E402
import why_laboratory  # noqa: E402
import why_plots  # noqa: E402

PAGE = CHECKOUT / "docs" / "why.md"
SMALL = ["--pairs", "200", "--held-out", "4", "--vocabulary", "400", "--steps", "2", "--threads", "1"]
BASE = ModelConfig(vocab_size=2000, d_model=64, encoder_layers=3, decoder_layers=3, heads=4, feed_forward=256)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("laboratory")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield why_laboratory.Laboratory(why_laboratory.make_corpus(folder, 200, 4, 400))


@pytest.fixture
def same_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("vocab_size", [400, 2000])
def test_equal_parameters_are_equal_within_3_percent(vocab_size):
    base = replace(BASE, vocab_size=vocab_size)
    wanted = parameter_count(why_experiments.layers(base, 6))
    widths = []
    for count in why_experiments.DEPTHS:
        found = why_experiments.of_size(why_experiments.layers(base, count), wanted)
        assert abs(parameter_count(found) / wanted - 1) <= 0.03
        assert found.encoder_layers == found.decoder_layers == count
        assert 2 * found.d_model <= found.feed_forward <= 8 * found.d_model  # no freak
        widths.append(found.d_model)
    assert all(shallow >= deep for shallow, deep in pairwise(widths))
    assert found == why_experiments.layers(base, 6)  # six layers are themselves: one run serves both


def test_layer_gradients_are_those_of_the_whole_gradient(lab):
    """Layers, embedding and last norms together hold the norm of all gradients."""
    model = lab.untrained(replace(lab.base, norm="post"))
    found = why_experiments.layer_gradients(model, lab.batch())
    assert len(found["encoder"]) == len(found["decoder"]) == 3
    rest = [p.grad.norm() ** 2 for name, p in model.named_parameters() if ".layers." not in name]
    whole = sum(p.grad.norm() ** 2 for p in model.parameters())
    layers = sum(norm**2 for side in found.values() for norm in side)
    assert layers + float(sum(rest)) == pytest.approx(float(whole), rel=1e-3)


def test_a_deep_decoder_without_residuals_has_no_gradient_below(lab):
    gradients = {}
    for kept in (True, False):
        config = replace(why_experiments.layers(lab.base, 6), experiment=Experiment(residual=kept))
        gradients[kept] = why_experiments.layer_gradients(lab.untrained(config), lab.batch())["decoder"]
    assert min(gradients[True]) > 0.05 * max(gradients[True])
    assert min(gradients[False]) < 1e-6 * max(gradients[False])


def test_unscaled_attention_is_sharper_and_more_so_in_wide_heads(lab):
    found = {
        (width, scaled): why_experiments.first_attention(lab, width, scaled)
        for width in (8, 128)
        for scaled in (True, False)
    }
    for measure in ("entropy", "gradient"):
        assert all(0 <= values[measure] <= 1 for values in found.values())
        assert found[8, True][measure] == pytest.approx(found[128, True][measure], abs=0.05)
        assert found[8, True][measure] > found[8, False][measure] > found[128, False][measure] + 0.1


def test_shuffling_keeps_the_words_and_changes_their_order():
    for words in (["a", "b"], ["the", "man", "sees", "the", "dog."], ["b", "a", "a"]):
        mixed = why_experiments.shuffled(words)
        assert sorted(mixed) == sorted(words) and mixed != words
        assert mixed == why_experiments.shuffled(words)
    assert why_experiments.shuffled(["a", "a"]) == ["a", "a"]


def test_words_are_tokenized_alone_as_in_their_sentence(lab):
    """What makes a shuffled sentence a permutation of pieces."""
    for source, _ in lab.corpus.combinations:
        alone = [index for ids in lab.corpus.tokenizer.encode_ids(source.split(" ")) for index in ids]
        assert alone == lab.corpus.tokenizer.encode_ids([source])[0]


@pytest.mark.parametrize("kind", why_experiments.POSITIONS)
def test_shuffled_words_give_a_shuffled_memory_without_positions_alone(lab, kind):
    model = lab.untrained(replace(lab.base, positions=kind))
    if kind == "learned":  # they begin too small to tell
        torch.nn.init.normal_(model.encoder.positions.weight)
    sources = [source for source, _ in lab.corpus.combinations]
    difference = why_experiments.memory_difference(lab, model, sources)
    assert difference < 1e-5 if kind == "none" else difference > 1e-2


def test_a_run_is_repeatable_and_made_once(lab):
    config = replace(lab.base, d_model=16, feed_forward=16, encoder_layers=1, decoder_layers=1)
    first = lab.train(config, 4)
    assert lab.train(config, 4) is first
    assert lab.train(config, 4, rate=1e-2) is first  # what dragoman takes for this width
    other = why_laboratory.Laboratory(lab.corpus).train(config, 4)
    assert other is not first and other.curve == first.curve
    few = lab.train(config, 4, first=20)
    assert few.curve != first.curve
    assert [point["step"] for point in first.curve] == [1, 2, 3, 4]


def test_the_second_rate_of_the_norms_is_the_default_of_the_base(lab):
    """So that pre-norm at that rate is the run of `depth`."""
    config = replace(lab.base, encoder_layers=1, decoder_layers=1)
    assert lab.train(config, 1) is lab.train(config, 1, why_experiments.RATES[1])


def test_a_model_that_cannot_decide_loses_the_logarithm_of_the_vocabulary(lab):
    model = lab.untrained(lab.base)
    for parameter in (model.embedding.weight, model.output.bias):
        torch.nn.init.zeros_(parameter)
    even = torch.tensor(float(lab.base.vocab_size)).log().item()
    assert lab.loss(model, lab.corpus.valid) == pytest.approx(even, abs=1e-4)


def test_exact_match_counts_whole_translations(lab):
    model = lab.untrained(lab.base)
    sources = [source for source, _ in lab.corpus.valid]
    outputs = lab.translate(model, sources)
    right = list(zip(sources, outputs, strict=True))
    assert lab.exact(model, right) == 100.0
    right[0] = (sources[0], outputs[0] + ".")
    assert lab.exact(model, right) == 75.0


@pytest.mark.slow
def test_the_command_makes_data_plots_and_tables(tmp_path, monkeypatch, capsys, same_threads):
    """Every experiment, with few layers and fewer steps; a second call draws the same from what is saved."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # the command sets it; this takes it back
    for name, value in (("DEPTHS", (1, 2)), ("DEEP", 2), ("WIDE", 32), ("HEAD_WIDTHS", (8, 32))):
        monkeypatch.setattr(why_experiments, name, value)
    page = tmp_path / "why.md"
    shutil.copy(PAGE, page)
    out = tmp_path / "why"
    why.main(["--out", str(out), *SMALL])
    files = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(files) == {f"{name}.{kind}" for name in why_experiments.EXPERIMENTS for kind in ("json", "svg")}
    text = page.read_text(encoding="utf-8")
    for name in why_experiments.EXPERIMENTS:
        saved = json.loads(files[f"{name}.json"])
        assert saved["steps"] == 2 and saved["seed"] and saved["machine"]["torch"]
        assert files[f"{name}.svg"].lstrip().startswith(b"<?xml") and b"<dc:date>" not in files[f"{name}.svg"]
        lines = re.search(rf"<!-- table: {name} -->\n(.*?)<!-- end: {name} -->", text, re.DOTALL)[1].splitlines()
        rows = [line for line in lines if line.startswith("|")]
        assert len(rows) == 2 + len(saved["result"]["runs"])
        assert len({row.count("|") for row in rows}) == 1
    capsys.readouterr()
    why.main(["--out", str(out), "--only", "depth", "--only", "scaling", *SMALL])
    assert {path.name: path.read_bytes() for path in out.iterdir()} == files
    assert page.read_text(encoding="utf-8") == text
    assert "parameters" not in capsys.readouterr().out  # nothing was trained


def test_a_run_that_diverges_is_a_result(lab, monkeypatch):
    monkeypatch.setattr(why_laboratory, "VALIDATIONS", 20)
    run = lab.train(replace(lab.base, norm="none"), 20, rate=1e30)
    assert run.diverged and run.valid_loss is None
    assert why_experiments._facts(lab, run)["exact"] is None


def test_diverged_runs_are_drawn_and_said(tmp_path):
    lost = {"loss": None, "exact": None, "curve": [{"step": 1, "valid": None, "train": None}], "diverged": True}
    gradients = [{"norm": "none", "encoder": [1e9, 0.0], "decoder": [0.0, 0.0]}]
    data = {"gradients": gradients, "runs": [{"norm": "none", "rate": rate} | lost for rate in (0.1, 0.2)]}
    why_plots.draw("norm", data, tmp_path / "norm.svg")
    assert why_plots.table("norm", data)[2:] == [
        "| no norm | 0.1 | diverged | diverged |",
        "| no norm | 0.2 | diverged | diverged |",
    ]


@pytest.mark.parametrize("text", ["nothing", "<!-- end: depth --><!-- table: depth -->", "<!-- table: depth -->"])
def test_a_page_without_its_place_is_refused(tmp_path, text):
    page = tmp_path / "why.md"
    page.write_text(text)
    with pytest.raises(ValueError, match="table: depth"):
        why.fill(page, "depth", ["| x |"])
    assert page.read_text() == text


def test_the_page_has_a_place_for_every_experiment():
    text = PAGE.read_text(encoding="utf-8")
    for name in why_experiments.EXPERIMENTS:
        marks = (f"table: {name} -->", f"end: {name} -->", f"(why/{name}.svg)", f"--only {name} --again`")
        assert [text.count(mark) for mark in marks] == [1, 1, 1, 1]
