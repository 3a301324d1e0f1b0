"""Training a part of a model: frozen tensors keep their bits, and an adapter is all that LoRA changes."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

import tiny_bundle
from dragoman import adapter, bundle
from dragoman.adapter import Adapter, LowRank
from dragoman.architecture import parameters
from dragoman.cli import run
from dragoman.errors import CheckpointError, ConfigError
from dragoman.interchange.importing import recognized
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.train.freezing import choose_trained, low_rank_of
from dragoman.train.options import TrainOptions
from dragoman.weights import digest
from trained_model import write_corpus

LORA = ("--set", "train.lora_rank=2")


@pytest.fixture(autouse=True)
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A corpus and a folder with a model, in which the test runs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    bundle.save(tiny_bundle.make(), "origin")
    write_corpus(tmp_path)


def train(*more: str, out: str = "tuned", steps: int = 6) -> int:
    text = ("--source", "train.en", "--target", "train.de", "--from", "origin", "--steps", str(steps), "--out", out)
    return run(["train", *text, "--set", "train.validate_every=3", "--set", "train.average=0.5", *more])


def changed(folder: str = "tuned") -> set[str]:
    """The tensors that are not those of the model that training began with."""
    before, after = bundle.load("origin").weights, bundle.load(folder).weights
    return {name for name in before if not np.array_equal(before[name], after[name])}


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_frozen_tensors_keep_their_bits(optimizer):
    patterns = '["encoder.*", "embedding*"]'
    assert train("--set", f"train.freeze={patterns}", "--set", f"train.optimizer={optimizer}") == 0
    names = set(parameters(bundle.load("origin").model))
    frozen = {name for name in names if name.startswith(("encoder.", "embedding"))}
    # decoder keys' biases have no gradient: all scores of a query move by one number
    still = {name for name in names if name.endswith("key.bias")}
    assert frozen and names - frozen - still <= changed() <= names - frozen


def test_only_biases_can_be_trained():
    """So that one of the two optimizers has nothing to do."""
    assert train("--set", 'train.freeze=["*weight"]') == 0
    assert changed() and all(name.endswith("bias") for name in changed())


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('train.freeze=["encodr.*"]', "did you mean encoder.*"),
        ('train.freeze=["*"]', "nothing is left"),
        ("train.lora_rank=0", "whole number"),
        ("train.lora_rank=1000000000", "a rank of 1 to "),
        ("train.lora_alpha=0", "number above 0"),
        ("train.lora_alpha=32", "is for train.lora_rank"),
        ("train.freeze=[" + '"*", ' * 500 + '"*"]', "nothing is left"),
        ('train.lora_targets=["quary"]', "did you mean query"),
    ],
)
def test_what_names_nothing_is_refused(setting, said, capsys):
    assert train("--set", setting, *(LORA if "targets" in setting else ())) == 2
    assert setting.partition("=")[0] in (told := capsys.readouterr().err) and said in told and len(told) < 500
    assert not Path("tuned").exists()


def test_low_rank_wants_a_model_and_leaves_no_room_for_freezing(capsys):
    text = ("--source", "train.en", "--target", "train.de", "--out", "new", "--steps", "2")
    assert run(["train", *text, *LORA]) == 2 and "--from" in capsys.readouterr().err
    with pytest.raises(ConfigError, match=r"leave train\.freeze out"):
        TrainOptions(lora_rank=2, freeze=("encoder.*",))


def test_the_adapter_is_all_that_changes_and_merging_it_gives_the_model():
    assert train(*LORA) == 0
    assert changed() == {
        f"{layer}.{kind}.weight"
        for layer in ("encoder.layers.0.self_attention", *decoder_attentions())
        for kind in ("query", "value")
    }
    assert run(["merge", "origin", "tuned/training/adapter.safetensors", "merged"]) == 0
    tuned, merged = bundle.load("tuned"), bundle.load("merged")
    logits = [logits_of(found.model, found.weights) for found in (tuned, merged)]
    assert torch.allclose(*logits, rtol=0, atol=1e-5)
    assert not torch.allclose(logits[0], logits_of(tuned.model, bundle.load("origin").weights), rtol=0, atol=1e-4)
    assert merged.card == tuned.card and merged.provenance == tuned.provenance


def decoder_attentions() -> list[str]:
    return [f"decoder.layers.{at}.{kind}" for at in range(2) for kind in ("self_attention", "cross_attention")]


def logits_of(config, weights, adapt=None):
    """The logits of some rows."""
    model = Transformer(config)
    from_numpy(model, weights)
    if adapt is not None:
        adapt(model)
    draw = torch.Generator().manual_seed(0)
    source, target = (torch.randint(4, 300, (3, 7), generator=draw) for _ in range(2))
    with torch.no_grad():
        return model(source, torch.ones_like(source, dtype=torch.bool), target)


def test_a_model_with_its_matrices_is_the_merged_model():
    made = tiny_bundle.make()
    kept = {}

    def adapt(model):
        choose_trained(model, TrainOptions(lora_rank=3, lora_targets=("query", "decoder.*.up", "down")))
        with torch.no_grad():
            for name, value in model.named_parameters():
                if value.requires_grad:
                    value.normal_(generator=torch.Generator().manual_seed(len(name)))
        kept.update(low_rank_of(model))

    before = logits_of(made.model, made.weights)
    beside = logits_of(made.model, made.weights, adapt)
    merged = Adapter(digest(made.model, made.weights), kept, {}).merged(made.model, made.weights)
    assert torch.allclose(beside, logits_of(made.model, merged), rtol=0, atol=1e-5 * float(beside.abs().max()))
    assert not torch.allclose(beside, before, atol=1e-3)
    assert "encoder.layers.0.feed_forward.up.weight" not in kept and "decoder.layers.1.feed_forward.up.weight" in kept


def test_it_begins_as_the_model_that_it_is_for():
    made = tiny_bundle.make()
    adapt = lambda model: choose_trained(model, TrainOptions(lora_rank=2))  # noqa: E731
    assert torch.equal(logits_of(made.model, made.weights), logits_of(made.model, made.weights, adapt))


def test_a_run_with_low_rank_goes_on_bit_for_bit(monkeypatch):
    from dragoman.train import loop

    assert train(*LORA, out="whole") == 0
    with monkeypatch.context() as patch:
        patch.setattr(loop.Loop, "_time_to_validate", lambda self: (self.progress.step == 4 and self.save()) or False)
        patch.setattr(loop, "SAVE_SECONDS", 1e9)
        step = loop.Loop._step
        patch.setattr(
            loop.Loop,
            "_step",
            lambda self, batches: step(self, batches) if self.progress.step < 5 else (_ for _ in ()).throw(OSError(28)),
        )
        with pytest.raises(OSError, match="28"):
            train(*LORA)
    assert train(*LORA) == 0
    adapters = [(Path(folder) / "training" / "adapter.safetensors").read_bytes() for folder in ("whole", "tuned")]
    assert changed("whole") and all(
        np.array_equal(bundle.load("whole").weights[name], bundle.load("tuned").weights[name])
        for name in changed("whole")
    )
    assert len(adapters[0]) == len(adapters[1])


def test_an_adapter_for_another_model_is_refused_by_its_hash(capsys):
    made = tiny_bundle.make()
    draw = np.random.default_rng(0)
    down, up = (draw.normal(size=shape).astype(np.float32) for shape in ((2, 4), (4, 2)))
    name = "encoder.layers.0.self_attention.query.weight"
    found = Adapter(digest(made.model, made.weights), {name: LowRank(down, up, 2.0)}, {"from": {"model": "de-en"}})
    Path("adapter.safetensors").write_bytes(found.encode())
    merged = adapter.load(Path("adapter.safetensors")).merged(made.model, made.weights)
    assert np.allclose(merged[name], made.weights[name] + 2 * up @ down, atol=1e-6)
    bundle.save(tiny_bundle.make(seed=2), "other")
    assert run(["merge", "other", "adapter.safetensors", "out"]) == 2
    said = capsys.readouterr().err
    assert "is for de-en" in said and found.base[:12] in said and not Path("out").exists()
    huge = {name: LowRank(down * np.float32(1e20), up * np.float32(1e18), 1e9)}
    with pytest.raises(CheckpointError, match="is not finite; restore its file"):
        Adapter(found.base, huge, {}).merged(made.model, made.weights)
    with pytest.raises(CheckpointError, match="do not fit"):
        Adapter(found.base, {"output.bias": found.matrices[name]}, {}).merged(made.model, made.weights)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: b"\xff" * 100,
        lambda data: data.replace(b"dragoman adapter 1", b"dragoman adapter 9"),
        lambda data: data.replace(b'"scales":"{', b'"scales":"['),
        lambda data: data.replace(b"query.weight.up", b"query.weight.pu"),
        lambda data: data[:-4] + b"\x00\x00\xc0\x7f",
        lambda data: data.replace(b": 1.0}", b": NaN}"),
        lambda data: data.replace(b": 1.0}", b":true}"),
    ],
    ids=["empty", "short", "noise", "version", "json", "name", "nan", "scale", "kind"],
)
def test_a_damaged_adapter_is_an_error_of_one_line(damage):
    name = "encoder.layers.0.self_attention.query.weight"
    numbers = np.ones((2, 4), np.float32)
    data = Adapter("0" * 64, {name: LowRank(numbers, numbers.T.copy(), 1.0)}, {}).encode()
    path = Path("adapter.safetensors")
    path.write_bytes(data)
    assert json.loads(json.dumps(adapter.load(path).provenance)) == {}
    path.write_bytes(damage(data))
    with pytest.raises(CheckpointError, match=r"adapter\.safetensors"):
        adapter.load(path)


@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "model.bin")
    with pytest.raises(CheckpointError, match="not a file"):
        adapter.load(tmp_path / "model.bin")
    assert recognized(tmp_path) == "ctranslate2"
