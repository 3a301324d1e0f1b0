"""The memory of a run, foreseen: copies against real ones, activations against autograd, a run against its peak."""

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.architecture import PRESETS, parameter_count, preset
from dragoman.data.batching import Shape
from dragoman.errors import ConfigError
from dragoman.model.transformer import Transformer
from dragoman.train import memory
from dragoman.train.average import WeightAverage
from dragoman.train.memory import Memory, copies, fitting, foresee, kept, refuse_large, refuse_unfit
from dragoman.train.optimizer import make_optimizer
from dragoman.train.options import TrainOptions
from model_configs import PLAIN, model_configs
from tiny_runs import make_bench
from trained_model import environment

SMALL = Shape(4, 9, 8, 30, 28)


def bytes_of(tensors) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@given(model_configs(), st.sampled_from(["muon", "adamw"]))
@settings(max_examples=20)
def test_copies_of_the_weights_are_those_that_training_makes(config, kind):
    options = TrainOptions(steps=1, optimizer=kind)
    model = Transformer(config)
    optimizer = make_optimizer(model, options, 1e-3)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    found = copies(config, options)
    moments = [m for state in optimizer.state.values() for key, m in state.items() if key != "step"]
    assert found["moments"] == bytes_of(moments)
    assert found["weights"] == 2 * bytes_of(model.parameters())
    assert found["gradients"] == bytes_of(p.grad for p in model.parameters())
    assert found["average"] == bytes_of(WeightAverage(model).sums.values())


@given(model_configs(), st.integers(3, 5), st.integers(1, 7), st.integers(2, 7))
@settings(max_examples=25)
def test_a_batch_keeps_a_multiple_of_what_a_row_keeps(config, rows, source, target):
    model = Transformer(config)
    whole = memory._kept(model, rows, source, target, False)
    assert kept(model, Shape(rows, source, target, 0, 0), False) == pytest.approx(whole, rel=0.02)


@given(model_configs(), st.booleans())
@settings(max_examples=25)
def test_short_rows_say_what_long_ones_keep(config, low_precision):
    model = Transformer(replace(config, max_positions=40))
    shape = Shape(2, 31, 23, 0, 0)
    found = memory._bound(model, 2, shape, low_precision)
    assert found == pytest.approx(memory._kept(model, 2, 31, 23, low_precision), rel=0.02)


def test_one_row_that_no_machine_holds_is_not_tried():
    model = Transformer(replace(PLAIN, d_model=2048, heads=1024, max_positions=100_000))
    shape = Shape(3, 90_000, 90_000, 0, 0)
    assert kept(model, shape, False) > 3 * 1024 * 90_000**2


def test_what_grows_with_what():
    model = Transformer(PLAIN)
    options = TrainOptions(steps=1)

    def step(shape: Shape, **changes) -> int:
        return foresee(model, replace(options, **changes), [shape], SMALL, False).step

    assert step(SMALL._replace(rows=400)) > 50 * kept(model, SMALL, False)
    assert step(SMALL, accumulate=2) >= step(SMALL)
    wide = foresee(model, options, [SMALL], SMALL._replace(target=800), False)
    assert wide.validation > foresee(model, options, [SMALL], SMALL, False).validation


def test_kernels_are_kept_for_bfloat16_alone_and_not_without_end():
    model, options = Transformer(PLAIN), TrainOptions(steps=1)
    many = [SMALL._replace(rows=rows) for rows in range(1, 200)]
    assert foresee(model, options, many, SMALL, False).kernels == 0
    one, all_of_them = (foresee(model, options, b, SMALL, True).kernels for b in (many[:1], many))
    assert 0 < one < all_of_them == memory.KERNELS * memory.KERNEL


def test_the_worst_moment_decides():
    found = Memory(
        so_far=5, program=1, weights=2, optimizer=3, kernels=4, step=7, validation=6, saving=8, there=25
    )  # fmt: skip
    assert found.steady == 10 and found.peak == 25 and found.fits
    assert replace(found, so_far=26).peak == 26 and not replace(found, there=24).fits


def test_what_the_process_may_hold_is_at_least_what_it_holds():
    assert 0 < memory.resident() <= memory.highest() and memory.resident() <= memory.allowed()


def test_weights_that_cannot_be_trained_are_refused_with_a_preset_that_can():
    with pytest.raises(ConfigError, match=r"GB are free here: choose a smaller --preset, such as \w+") as error:
        refuse_large(replace(preset("big", 8000), d_model=16384, encoder_layers=900), TrainOptions(steps=1))
    named = str(error.value).split("such as ")[1].split(",")[0]
    refuse_large(preset(named, 8000), TrainOptions(steps=1))
    for name in PRESETS:
        if parameter_count(preset(name, 8000)) <= parameter_count(preset(named, 8000)):
            refuse_large(preset(name, 8000), TrainOptions(steps=1))


@given(st.integers(1, 3000), st.integers(1, 64), st.integers(1, 3000))
def test_a_batch_that_will_not_fit_is_refused_with_the_largest_half_that_does(room, longest, batch_tokens):
    def taken(tokens: int) -> Memory:
        assert tokens >= longest or tokens == batch_tokens
        return Memory(
            so_far=0, program=0, weights=0, optimizer=0, kernels=0, step=tokens, validation=0, saving=0, there=room
        )  # fmt: skip

    halves = [batch_tokens // 2**n for n in range(1, 12) if batch_tokens // 2**n >= longest]
    wanted = next((tokens for tokens in halves if tokens <= room), None)
    options = TrainOptions(steps=1, batch_tokens=batch_tokens, accumulate=3)
    if batch_tokens <= room:
        assert fitting(options, taken, longest).peak == batch_tokens
    elif wanted is None:
        with pytest.raises(ConfigError, match="no smaller batch fits: choose a smaller --preset"):
            fitting(options, taken, longest)
    else:
        accumulate = 3 * 2 ** (1 + halves.index(wanted))
        words = f"write --set train.batch_tokens={wanted} --set train.accumulate={accumulate},"
        with pytest.raises(ConfigError, match=words):
            fitting(options, taken, longest)


def test_a_run_is_foreseen_from_its_own_batches(tmp_path):
    loop = make_bench(tmp_path).loop(tmp_path / "run")
    options = TrainOptions(steps=1, batch_tokens=2000)
    small, large = (
        refuse_unfit(loop.model, replace(loop.plan, batch_tokens=n), replace(options, batch_tokens=n), SMALL, False)
        for n in (100, 2000)
    )
    assert small.fits and large.fits and small.step <= large.step


# Three runs that hold different things: many activations, many weights, a wide vocabulary that validates at length.
RUNS = {
    "activations": ("--preset", "tiny", "--set", "train.batch_tokens=8192", "--set", "tokenizer.vocab_size=1000"),
    "weights": (
        "--preset", "base", "--set", "train.batch_tokens=512", "--set", "tokenizer.vocab_size=1000",
        "--set", "model.encoder_layers=3", "--set", "model.decoder_layers=3",
    ),
    "vocabulary": ("--preset", "tiny", "--set", "train.batch_tokens=2048", "--set", "tokenizer.vocab_size=16000"),
}  # fmt: skip
MEASURE = """
import sys
from dragoman.cli import run
from dragoman.train import memory
assert run(sys.argv[1:]) == 0
print(memory.highest(), file=sys.stderr)
"""


def measured(*arguments: str, cache: Path) -> tuple[str, int]:
    """Run a command line in a process of its own; return what it said and the most that it held."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *arguments],
        env=environment(XDG_CACHE_HOME=str(cache)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout, int(done.stderr.split()[-1])


@pytest.mark.slow
@pytest.mark.real_data("multi30k")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", RUNS)
def test_a_run_holds_what_its_plan_said(name, shared, tmp_path):
    arguments = []
    for side, language in (("source", "en"), ("target", "de")):
        for use, file, lines in (("", "train", 6000), ("valid-", "val", 20)):
            path = tmp_path / f"{file}.{language}"
            with gzip.open(shared / "multi30k" / f"{file}.{language}.gz", "rt", encoding="utf-8") as text:
                path.write_text("".join(islice(text, lines)), encoding="utf-8")
            arguments.append(f"--{use}{side}={path}")
    arguments += [*RUNS[name], "--steps=4", "--set", "train.precision=float32", "--set", "train.validate_every=4"]
    said, _ = measured("plan", *arguments, "--json", cache=tmp_path / "cache")
    _, held = measured("train", *arguments, "--out", str(tmp_path / "m"), cache=tmp_path / "cache")
    plan = json.loads(said)["memory"]
    assert held > plan["parts"]["so_far"]  # it is the run that is measured, not what went before
    assert plan["needed"] == pytest.approx(held, rel=0.15)
    assert plan["foreseen"] == pytest.approx(held, rel=0.30)
