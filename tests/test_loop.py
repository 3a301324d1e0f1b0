"""The loop: gradients by tokens whatever the splitting, bad steps left out, the best kept, an end for each reason."""

import itertools
import json
import math
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from dragoman.errors import ConfigError
from dragoman.explain.snapshots import snapshots
from dragoman.options import PAD

torch = pytest.importorskip("torch")
from safetensors.torch import load_file  # noqa: E402  (only where torch is)

from dragoman.train import loop as loops  # noqa: E402
from dragoman.train.progress import Validation  # noqa: E402
from dragoman.train.schedule import factor, filmed  # noqa: E402
from tiny_runs import CONFIG, Listener, journal, make_bench, same_bits, weights_of  # noqa: E402

STILL = replace(CONFIG, dropout=0.0, attention_dropout=0.0)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return make_bench(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(autouse=True)
def every_step_in_the_journal(monkeypatch):
    monkeypatch.setattr(loops, "LOG_EVERY", 1)


def first_gradients(loop):
    """The gradients of the first step, as the optimizer gets them, of a model in float64."""
    loop.model.double()
    found = {}

    def listen(*_):
        if not found:
            found.update({name: value.grad.clone() for name, value in loop.model.named_parameters()})

    loop.optimizer.register_step_pre_hook(listen)
    loop.run()
    return found


@pytest.mark.parametrize("config", [STILL, CONFIG], ids=["still", "with_dropout"])
def test_a_step_of_many_batches_equals_one_of_all_pairs(bench, tmp_path, config):
    """One epoch, in one batch or in many of different sizes: the same gradient, divided by the same pieces."""
    settings = {"steps": 1, "merge_dropout": 0.0, "clip": 1e9, "average": 0.0}
    small = sum(1 for _ in bench.loop(tmp_path / "0", **settings).plan.epoch(0))
    assert small > 3
    whole = first_gradients(bench.loop(tmp_path / "1", config=config, batch_tokens=100_000, accumulate=1, **settings))
    split = first_gradients(bench.loop(tmp_path / "2", config=config, accumulate=small, **settings))
    assert whole.keys() == split.keys() and len(whole) > 20
    for name, value in whole.items():
        torch.testing.assert_close(split[name], value, rtol=1e-9, atol=1e-12)
    one, other = (journal(tmp_path / run)[0] for run in "12")
    assert one["loss"] == other["loss"] and one["tokens"] == other["tokens"]


def test_the_loss_is_torchs_own_a_real_piece(bench, tmp_path):
    loop = bench.loop(tmp_path, config=STILL, steps=1, accumulate=2, label_smoothing=0.2, merge_dropout=0.0)
    total, count, tokens = 0.0, 0, 0
    batches = [batch for batch, _ in zip(loop.plan.epoch(0), range(2), strict=False)]
    with torch.no_grad():
        for batch in batches:
            source_BS, target_BT = torch.from_numpy(batch.source_BS), torch.from_numpy(batch.target_BT)
            logits_BTV = loop.model.forward(source_BS, source_BS != PAD, target_BT[:, :-1])
            labels = target_BT[:, 1:].flatten()
            total += float(
                torch.nn.functional.cross_entropy(
                    logits_BTV.flatten(0, 1), labels, ignore_index=PAD, reduction="sum", label_smoothing=0.2
                )
            )
            count += int((labels != PAD).sum())
            tokens += int((source_BS != PAD).sum() + (target_BT != PAD).sum())
    loop.run()
    (event, _) = journal(tmp_path)
    assert event["loss"] == pytest.approx(total / count, abs=1e-5) and event["tokens"] == tokens


def test_gradients_are_clipped_and_the_rate_follows_the_schedule(bench, tmp_path):
    loop = bench.loop(tmp_path, steps=9, clip=0.01, rate=0.02, warmup=3)
    norms, rates = [], []

    def listen(optimizer, *_):
        norms.append(torch.cat([p.grad.flatten() for p in loop.model.parameters()]).norm().item())
        rates.append([group["lr"] for group in optimizer.param_groups])

    loop.optimizer.register_step_pre_hook(listen)
    loop.run()
    assert norms == pytest.approx([0.01] * 9, rel=1e-3)
    wanted = [0.02 * factor("linear", step, 9, 3) for step in range(1, 10)]
    assert rates == [[rate, rate] for rate in wanted]
    assert [event["rate"] for event in journal(tmp_path) if event["kind"] == "step"] == wanted


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_only_linear_weights_decay(bench, tmp_path, optimizer):
    """With a gradient of nothing, decay alone moves a weight."""
    loop = bench.loop(tmp_path, steps=1, weight_decay=0.5, warmup=0, optimizer=optimizer)
    before = weights_of(loop.model)
    for value in loop.model.parameters():
        value.register_hook(torch.zeros_like)
    loop.run()
    for name, value in weights_of(loop.model).items():
        decays = value.dim() == 2 and "embedding" not in name
        assert torch.equal(value, before[name]) != decays, name


def poison(loop, steps, value=math.nan):
    """Let the gradient of one weight be no finite number at these steps; return the weights after every step."""
    seen = {}

    def spoil(gradient):
        step = loop.progress.step + 1
        seen[step - 1] = weights_of(loop.model)
        return gradient * value if step in steps else gradient

    loop.model.encoder.layers[0].feed_forward.up.weight.register_hook(spoil)
    return seen


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_step_that_is_not_finite_is_left_out_and_counted(bench, tmp_path, value):
    listener = Listener()
    loop = bench.loop(tmp_path, listener, steps=8, accumulate=1)
    seen = poison(loop, {3, 4, 6}, value)
    assert loop.run() == "finished"
    assert [same_bits(seen[step - 1], seen[step]) for step in range(1, 8)] == [
        step in {3, 4, 6} for step in range(1, 8)
    ]
    assert listener.kind("skipped") == [3, 4, 6]
    assert (loop.progress.skipped, loop.progress.skipped_in_a_row) == (3, 0)
    assert all(torch.isfinite(weight).all() for weight in weights_of(loop.model).values())
    skipped = [event for event in journal(tmp_path) if event["kind"] == "skipped"]
    assert all(event["samples"] for event in skipped)
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    for line in lines:  # strictly JSON
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} in the journal"))


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_a_step_that_is_left_out_leaves_the_moments_too(bench, tmp_path, optimizer):
    """The steps after it move as if it had never been: counts and moments do not know of it."""
    loop = bench.loop(tmp_path, steps=3, accumulate=1, optimizer=optimizer)
    poison(loop, {2})
    loop.run()
    states = list(loop.optimizer.state.values())
    assert len(states) == len(list(loop.model.parameters()))
    assert {state["step"].item() for state in states if "step" in state} == {2.0}
    assert all(torch.isfinite(moment).all() for state in states for moment in state.values())


def test_ten_in_a_row_stop_the_run_with_words_also_over_a_stop(bench, tmp_path):
    loop = bench.loop(tmp_path / "one", steps=40, rate=0.03)
    poison(loop, set(range(5, 50)))
    with pytest.raises(ConfigError, match=r"10 steps in a row .*\(step 14\); lower the rate, such as .*=1\.0e-02"):
        loop.run()
    loop = bench.loop(tmp_path / "two", Listener(stop_after=9), steps=40)
    poison(loop, set(range(5, 50)))
    assert loop.run() == "interrupted"
    loop = bench.loop(tmp_path / "two", steps=40)
    poison(loop, set(range(5, 50)))
    with pytest.raises(ConfigError, match="step 14"):
        loop.run()


def test_the_best_is_kept_and_nothing_else(bench, tmp_path):
    nan = math.nan
    listener = Listener(qualities=iter([nan, 3, 1, 3, 4, nan, 1, 5]))
    loop = bench.loop(tmp_path, listener, steps=16, validate_every=2)
    assert loop.run() == "finished"
    assert [step for step, _ in listener.kept] == [4, 10, 16]
    assert listener.kind("validation") == list(range(2, 17, 2))
    found = [event for event in journal(tmp_path) if event["kind"] == "validation"]
    assert [event["best_step"] for event in found] == [0, 4, 4, 4, 10, 10, 10, 16]
    assert found[0]["loss"] is None


def test_of_models_that_translate_alike_the_newest_is_kept_and_many_small_steps_down_are_seen(bench, tmp_path):
    scores = iter([10, 30, 29.8, 29.4, 29.7, 31, 30.6, 30.4])

    class Translating(Listener):
        def validate(self, model):
            return replace(super().validate(model), loss=0.0, chrf=next(scores))

    listener = Translating()
    loop = bench.loop(tmp_path, listener, steps=16, validate_every=2)
    assert loop.run() == "finished"
    assert [step for step, _ in listener.kept] == [2, 4, 6, 10, 12, 14]
    assert (loop.progress.best, loop.progress.best_step, loop.progress.worse) == (31, 14, 2)


@pytest.mark.parametrize(
    ("steps", "every", "wanted"), [(7, 3, [3, 6, 7]), (6, 3, [3, 6]), (2, 9, [2]), (3, None, [1, 2, 3])]
)
def test_validations_come_now_and_then_and_at_the_end_once(bench, tmp_path, steps, every, wanted):
    listener = Listener()
    bench.loop(tmp_path, listener, steps=steps, validate_every=every).run()
    assert listener.kind("validation") == wanted
    again = Listener()
    assert bench.loop(tmp_path, again, steps=steps, validate_every=every).run() == "finished"
    assert again.events == []  # a finished run that is started again has nothing left to do


def test_patience_ends_a_run_for_good(bench, tmp_path):
    listener = Listener(qualities=iter([3, 1, 4, 2, 4, 4, 9, 9]))
    loop = bench.loop(tmp_path, listener, steps=16, validate_every=2, patience=3)
    assert loop.run() == "no better"
    assert listener.kind("validation") == [2, 4, 6, 8, 10, 12] and loop.progress.step == 12
    again = Listener(qualities=iter([9] * 9))
    assert bench.loop(tmp_path, again, steps=16, validate_every=2, patience=3).run() == "no better"
    assert again.events == []


def test_minutes_are_turned_into_steps_once(bench, tmp_path):
    settings = {"steps": None, "minutes": 0.02, "validate_every": 1}
    listener = Listener()
    loop = bench.loop(tmp_path / "whole", listener, **settings)
    assert loop.run() == "finished"
    (event,) = [event for event in listener.events if event["kind"] == "total"]
    assert loop.progress.total == event["total"] == loop.progress.step > event["step"] >= 6
    assert listener.kind("validation")[0] == event["step"] and listener.kind("validation")[-1] == event["total"]
    assert len(listener.kind("validation")) == len(set(listener.kind("validation")))
    assert 0 < loop.average.count <= math.ceil(0.5 * event["total"])

    first = Listener(stop_after=event["step"])
    loop = bench.loop(tmp_path / "stopped", first, **settings)
    while not first.kind("total"):  # this time another step may be the one
        first.stop_after += 1
        assert loop.run() == "interrupted"
    total = loop.progress.total
    loop = bench.loop(tmp_path / "stopped", Listener(), **settings)
    assert loop.progress.total == total
    assert loop.run() == "finished" and loop.progress.step == total


@dataclass
class Clock:
    """A time that moves when it is told to, and a little when it is asked for."""

    now: float = 0.0

    def monotonic(self) -> float:
        self.now += 1e-3
        return self.now


@pytest.mark.slow
@pytest.mark.parametrize("ended", [0.0, 1.0])
def test_minutes_are_kept_whether_or_not_the_first_translations_run_to_their_longest(
    ended, bench, tmp_path, monkeypatch
):
    clock = Clock()
    monkeypatch.setattr(loops, "time", clock)
    validated = []

    class Slow(Listener):
        def watch(self, event):
            clock.now += event["kind"] == "step"
            super().watch(event)

        def validate(self, model):
            clock.now += 10 if ended == 1 or not validated else 5  # later translations come to their end
            validated.append(self.step)
            return Validation(loss=1.0, ended=ended)

    loop = bench.loop(tmp_path, Slow(), steps=None, minutes=10, validate_every=None)
    assert loop.run() == "finished"
    assert 570 < clock.now < 610
    every = -(-loop.progress.total // loops.VALIDATIONS)
    assert all(2 * (later - one) >= every for one, later in pairwise(validated[:-1]))


def test_a_run_without_a_length_is_refused_with_words(bench, tmp_path):
    with pytest.raises(ConfigError, match="write --minutes 30 or --steps 5000"):
        bench.loop(tmp_path, steps=None).run()


def test_snapshots_are_the_validated_weights_at_doubling_validations(bench, tmp_path):
    listener = Listener(qualities=iter(range(100)))
    bench.loop(tmp_path, listener, steps=10, validate_every=1, snapshots=3).run()
    files = sorted(path.name for path in (tmp_path / "snapshots").iterdir())
    assert files == [f"step-{step:08d}.safetensors" for step in (1, 2, 4)]
    kept = dict(listener.kept)
    for step, file in zip((1, 2, 4), files, strict=True):
        found = load_file(tmp_path / "snapshots" / file)
        assert same_bits(found, {name: value.half() for name, value in kept[step].items()})


def test_a_film_has_the_weights_of_steps_two_for_every_doubling(bench, tmp_path):
    class Looking(Listener):
        def watch(self, event):
            super().watch(event)
            if event["kind"] == "step":
                self.seen[event["step"]] = {name: value.half() for name, value in weights_of(loop.model).items()}

    listener = Looking()
    listener.seen = {}
    loop = bench.loop(tmp_path / "training", listener, steps=12, film=True, snapshots=0)
    loop.run()
    found = snapshots(tmp_path)
    assert [one.step for one in found] == [1, 2, 3, 4, 6, 8, 11]
    for one in found:
        assert same_bits(load_file(one.path), listener.seen[one.step])
        read = {name: torch.from_numpy(tensor) for name, tensor in one.weights(loop.model.config).items()}
        assert same_bits(read, {name: value.float() for name, value in listener.seen[one.step].items()})


def test_the_steps_of_a_film_lie_evenly_on_a_scale_that_doubles():
    steps = [step for step in range(1, 2**16 + 1) if filmed(step)]
    assert len(steps) == 2 * 16  # 1, and from then on two for every doubling, of which 1.4 is 1 again
    assert all(a < b <= 2 * a for a, b in itertools.pairwise(steps))
    assert {2**power for power in range(17)} <= set(steps)


def test_low_precision_learns_nearly_the_same(bench, tmp_path):
    found = []
    for low in (False, True):
        listener = Listener()
        loop = bench.loop(tmp_path / str(low), listener, low_precision=low, steps=6)
        loop.run()
        found.append([event["loss"] for event in listener.events if event["kind"] == "step"])
        assert {value.dtype for value in weights_of(loop.model).values()} == {torch.float32}
    assert found[0] != found[1] and found[0] == pytest.approx(found[1], rel=0.02)


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(bench, tmp_path):
    loops_ = [bench.loop(tmp_path / str(n), seed=seed, steps=6) for n, seed in enumerate((1, 1, 2))]
    torch.manual_seed(5)
    assert {loop.run() for loop in loops_} == {"finished"}
    one, same, other = (weights_of(loop.model) for loop in loops_)
    assert same_bits(one, same) and not same_bits(one, other)
    assert journal(tmp_path / "0") == journal(tmp_path / "1")
