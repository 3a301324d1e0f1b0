"""Every pair once an epoch, in the budget, nearly without padding, in an order that is a pure function."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dragoman.data import batching
from dragoman.data.augmentation import Augmentation, AugmentOptions
from dragoman.data.batching import Batch, BatchPlan, pad
from dragoman.data.corpus import PairFiles, check, read_pairs
from dragoman.data.mixture import Mixture, single
from dragoman.data.store import SIDES, PairStore, prepare
from dragoman.errors import ConfigError
from dragoman.options import BOS, EOS, PAD
from dragoman.randomness import Randomness
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train

Make = Callable[..., BatchPlan]
WORDS = [f"{a}{b}{c}" for a in ("be", "ru", "mo") for b in "lnst" for c in ("a", "ing", "er")]


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return train([text for word in WORDS for text in (word, word[::-1])], 300)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> PairStore:
    """300 pairs of 1 to 12 words, a target of about its source's length."""
    random = np.random.default_rng(1)
    folder = tmp_path_factory.mktemp("corpus")
    rows = [random.integers(len(WORDS), size=n) for n in random.integers(1, 13, 300)]
    text = "".join(
        " ".join(WORDS[w] for w in row) + "\t" + " ".join(WORDS[w][::-1] for w in row[: random.integers(1, 13)]) + "\n"
        for row in rows
    )
    (folder / "pairs.tsv").write_text(text)
    files = PairFiles(folder / "pairs.tsv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        return prepare(files, tokenizer, tokenizer, check(files), 60)


@pytest.fixture
def make(store: PairStore, tokenizer: Tokenizer) -> Make:
    def plan(budget: int = 200, seed: int = 1, dropout: float = 0.0, held_out: Iterable[int] = ()) -> BatchPlan:
        return BatchPlan(single(store), budget, Randomness(seed), dropout, (tokenizer, tokenizer), tuple(held_out))

    return plan


def numbers(batches: Iterable[Batch]) -> list[list[int]]:
    return [batch.samples.tolist() for batch in batches]


def digest(batches: Iterable[Batch]) -> str:
    sha256 = hashlib.sha256()
    for batch in batches:
        for array in (batch.samples, batch.source_BS, batch.target_BT):
            sha256.update(repr(array.tolist()).encode())
    return sha256.hexdigest()


def padding(batches: Iterable[Batch]) -> float:
    pairs = [(batch.tokens, batch.source_BS.size + batch.target_BT.size) for batch in batches]
    return 1 - sum(real for real, _ in pairs) / sum(room for _, room in pairs)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@settings(max_examples=15)
@given(
    budget=st.integers(62, 2000),
    seed=st.integers(0, 2**31),
    epoch=st.integers(0, 9),
    window=st.integers(1, 400),
)
def test_every_pair_once_an_epoch_whole_and_within_the_budget(
    store: PairStore, tokenizer: Tokenizer, dropout: float, budget: int, seed: int, epoch: int, window: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batching, "WINDOW", window)
        plan = BatchPlan(single(store), budget, Randomness(seed), dropout, (tokenizer, tokenizer))
        batches = list(plan.epoch(epoch))
    assert sorted(chain(*numbers(batches))) == list(range(len(store)))
    for batch in batches:
        assert batch.epoch == epoch
        assert batch.source_BS.dtype == batch.target_BT.dtype == batch.samples.dtype == np.int64
        assert len(batch.samples) * max(batch.source_BS.shape[1], batch.target_BT.shape[1]) <= budget
        assert batch.tokens == np.count_nonzero(batch.source_BS != PAD) + np.count_nonzero(batch.target_BT != PAD)
        sources, targets = store.texts("source", batch.samples), store.texts("target", batch.samples)
        for text, ids in zip(sources, batch.source_BS.tolist(), strict=True):
            assert tokenizer.decode(ids) == text
            assert ids.index(EOS) == len([i for i in ids if i != PAD]) - 1
        for text, ids in zip(targets, batch.target_BT.tolist(), strict=True):
            assert tokenizer.decode(ids) == text
            assert ids[0] == BOS and ids.index(EOS) == len([i for i in ids if i != PAD]) - 1


def test_without_dropout_a_batch_holds_the_stored_ids(store: PairStore, make: Make) -> None:
    for batch in make().epoch(0):
        for sample, source, target in zip(batch.samples, batch.source_BS, batch.target_BT, strict=True):
            assert source[source != PAD].tolist() == [*store.ids("source", [sample])[0], EOS]
            assert target[target != PAD].tolist() == [BOS, *store.ids("target", [sample])[0], EOS]


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_changed_pairs_are_in_the_batches_and_their_partners_are_never_held_out(
    store: PairStore, tokenizer: Tokenizer, dropout: float
) -> None:
    held_out = range(0, 300, 3)
    secret = {store.texts("source", [sample])[0] for sample in held_out}
    options = AugmentOptions(joined=0.5, stops=0.2, lower=0.2)
    augmentation = Augmentation(options, Randomness(1), ())
    plan = BatchPlan(single(store), 90, Randomness(1), dropout, (tokenizer, tokenizer), tuple(held_out), augmentation)
    plain = joined = 0
    for batch in plan.epoch(3):
        assert len(batch.samples) * max(batch.source_BS.shape[1], batch.target_BT.shape[1]) <= 90
        for sample, source, target in zip(batch.samples, batch.source_BS, batch.target_BT, strict=True):
            before = [store.texts(side, [sample])[0] for side in SIDES]
            after = [tokenizer.decode(row.tolist()) for row in (source, target)]
            assert all(new.startswith(old) for new, old in zip(after, before, strict=True))
            assert (after[0] == before[0]) == (after[1] == before[1])  # both sides or none
            plain += after == before
            joined += after != before
            rest = after[0].removeprefix(before[0]).strip()
            assert rest not in secret
    assert plain + joined == 200 and joined > 40  # some would be longer than the store allows, and stay as they are


def test_merge_dropout_cuts_each_epoch_differently_but_never_beyond_the_room(
    store: PairStore, tokenizer: Tokenizer, make: Make
) -> None:
    budget = 2 + int(max(store.lengths("source").max(), store.lengths("target").max()))  # no room for more pieces

    def cuts(epoch: int) -> dict[int, tuple[list[int], list[int]]]:
        return {
            int(sample): (source[source != PAD].tolist(), target[target != PAD].tolist())
            for batch in make(budget=budget, dropout=0.5).epoch(epoch)
            for sample, source, target in zip(batch.samples, batch.source_BS, batch.target_BT, strict=True)
        }

    first, second = cuts(0), cuts(1)
    assert sum(first[sample] != second[sample] for sample in first) > 200
    keys = Randomness(1).keys("merge-dropout.target", 0, np.arange(len(store)))
    free = tokenizer.dropout_ids(store.texts("target", range(len(store))), keys, 0.5)
    kept = 0
    for sample, row in enumerate(free):
        plain = store.ids("target", [sample])[0].tolist()
        fits = len(row) <= budget - 2
        kept += not fits
        assert first[sample][1] == [BOS, *(row.tolist() if fits else plain), EOS]
    assert 0 < kept < len(store) / 2


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_a_start_gives_the_rest_of_the_epoch(make: Make, monkeypatch: pytest.MonkeyPatch, dropout: float) -> None:
    monkeypatch.setattr(batching, "WINDOW", 90)  # four windows
    plan = make(dropout=dropout)
    whole = list(plan.epoch(2))
    for start in [*range(0, len(whole), 7), len(whole) - 1, len(whole), len(whole) + 3]:
        assert digest(plan.epoch(2, start=start)) == digest(whole[start:])


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_shapes_are_those_of_the_batches(make: Make, monkeypatch: pytest.MonkeyPatch, dropout: float) -> None:
    monkeypatch.setattr(batching, "WINDOW", 70)
    plan = make(dropout=dropout, held_out=range(9))
    shapes = [shape for window in plan.shapes(1) for shape in window]
    batches = list(plan.epoch(1))
    assert sorted((s.rows, s.source, s.target, s.tokens) for s in shapes) == sorted(
        (*b.source_BS.shape, b.target_BT.shape[1], b.tokens) for b in batches
    )
    assert sum(s.places for s in shapes) == sum(b.source_BS.size + b.target_BT.size for b in batches)
    assert sum(s.source_tokens for s in shapes) == sum(int((b.source_BS != PAD).sum()) for b in batches)
    assert sum(s.rows for s in shapes) == plan.trained == len(plan.store) - 9


def test_epochs_and_seeds_differ_in_pairs_and_in_order(make: Make) -> None:
    epochs = [numbers(make().epoch(epoch)) for epoch in (0, 1)] + [numbers(make(seed=2).epoch(0))]
    for one, other in ((0, 1), (0, 2)):
        assert epochs[one] != epochs[other]
        assert {tuple(sorted(batch)) for batch in epochs[one]} != {tuple(sorted(batch)) for batch in epochs[other]}


def test_batches_do_not_come_sorted_by_length(make: Make) -> None:
    widths = [max(batch.source_BS.shape[1], batch.target_BT.shape[1]) for batch in make().epoch(0)]
    rises = np.mean(np.diff(widths) > 0)
    assert 0.25 < rises < 0.75


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_the_order_is_the_same_in_another_process(store: PairStore, tokenizer: Tokenizer, make: Make,
                                                   dropout: float, tmp_path: Path) -> None:  # fmt: skip
    tokenizer.save(tmp_path / "tokenizer.json")
    program = """
import random, sys
import numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_batching import BatchPlan, PairFiles, Randomness, Tokenizer, check, digest, prepare, single
np.random.seed(int(sys.argv[2])); random.seed(int(sys.argv[2]))
tokenizer = Tokenizer.load(sys.argv[3])
files = PairFiles(Path(sys.argv[4]))
store = prepare(files, tokenizer, tokenizer, check(files), 60)
plan = BatchPlan(single(store), 200, Randomness(1), float(sys.argv[5]), (tokenizer, tokenizer))
next(plan.epoch(0)); list(plan.epoch(7))
print(digest(plan.epoch(3)))
"""
    arguments = [str(tmp_path / "tokenizer.json"), str(store.files.source), str(dropout)]
    for seed in ("1", "77"):
        run = subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent), seed, *arguments],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "XDG_CACHE_HOME": str(tmp_path)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert run.stdout.strip() == digest(make(dropout=dropout).epoch(3))


def test_pairs_that_are_held_out_are_in_no_batch(store: PairStore, make: Make) -> None:
    held_out = [0, 7, 299]
    batches = list(make(held_out=held_out).epoch(0))
    assert sorted(chain(*numbers(batches))) == [n for n in range(len(store)) if n not in held_out]
    with pytest.raises(ConfigError, match="all 300 pairs are held out"):
        make(held_out=range(300))


def test_a_pair_beyond_the_budget_is_named_with_the_setting_to_change(store: PairStore, make: Make) -> None:
    longest = np.maximum(store.lengths("source") + 1, store.lengths("target") + 2)
    worst, need = int(longest.argmax()), int(longest.max())
    make(budget=need)
    with pytest.raises(ConfigError) as caught:
        make(budget=need - 1)
    assert str(caught.value) == (
        f"train.batch_tokens={need - 1} has no room for the pair at {store.files.source}:{worst + 1}; "
        f"write train.batch_tokens={need} or more, or train.max_pieces={need - 3} to leave it out"
    )


@pytest.mark.parametrize("dropout", [-0.1, 1.0])
def test_a_dropout_that_cannot_be(make: Make, dropout: float) -> None:
    with pytest.raises(ConfigError, match=rf"train\.merge_dropout={dropout}: from 0 to below 1"):
        make(dropout=dropout)


@given(st.lists(st.lists(st.integers(1, 99), max_size=6), max_size=5))
def test_padded_rows_come_back(rows: list[list[int]]) -> None:
    ids_BS, real_BS = pad(rows)
    assert ids_BS.shape == real_BS.shape == (len(rows), max(map(len, rows), default=0))
    assert (ids_BS.dtype, real_BS.dtype) == (np.int64, np.bool_)
    assert [ids[real].tolist() for ids, real in zip(ids_BS, real_BS, strict=True)] == rows
    assert all((np.diff(real.astype(int)) <= 0).all() for real in real_BS)
    assert (ids_BS[~real_BS] == PAD).all()


def caption_lengths(count: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Lengths such as image captions have: 14 words or so, the target within a fifth of the source."""
    random = np.random.default_rng(1)
    source = np.clip(np.exp(random.normal(2.65, 0.32, count)), 3, 60)
    target = np.clip(source * np.exp(random.normal(0.03, 0.18, count)), 2, 80)
    return source.round().astype(np.int32), target.round().astype(np.int32)


@pytest.mark.parametrize("budget", [1024, 2048, 4096])
def test_padding_stays_below_five_percent(budget: int) -> None:
    source, target = caption_lengths(29_000)
    groups = batching._groups(source, target, budget)
    room = sum(len(group) * int(source[group].max() + target[group].max()) for group in groups)
    assert 1 - (source.sum() + target.sum()) / room < 0.05


@pytest.mark.real_data("multi30k")
def test_padding_stays_below_five_percent_on_real_text(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    files = PairFiles(shared / "multi30k" / "train.en.gz", shared / "multi30k" / "train.de.gz")
    report = check(files)
    assert (report.pairs, report.usable) == (29_000, 29_000)
    texts = [text for pair in read_pairs(files) if pair.line % 10 == 0 for text in pair[1:]]
    tokenizer = train(texts, 4000)
    store = prepare(files, tokenizer, tokenizer, report, 256)
    for dropout, budget in ((0.0, 2048), (0.0, 4096), (0.1, 2048)):
        plan = BatchPlan(single(store), budget, Randomness(1), dropout, (tokenizer, tokenizer))
        batches = list(plan.epoch(0))
        assert sum(len(batch.samples) for batch in batches) == 29_000
        assert padding(batches) < 0.05


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> PairStore:
    """90 pairs, each text with a number, which none of the first corpus has."""
    folder = tmp_path_factory.mktemp("second")
    (folder / "pairs.tsv").write_text("".join(f"{WORDS[n % 7]} {n}\t{n} {WORDS[n % 5]}\n" for n in range(90)))
    files = PairFiles(folder / "pairs.tsv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        return prepare(files, tokenizer, tokenizer, check(files), 60)


def test_a_mixture_is_its_corpora_one_after_the_other(store: PairStore, second: PairStore) -> None:
    mixture = Mixture((store, second), (1.0, 1.0))
    assert len(mixture) == 390 and list(mixture.corpora()) == [(0, 300), (300, 390)]
    numbers = [389, 5, 300, 299, 5 + 390, 389 + 2 * 390]  # the last two are further copies
    for side in SIDES:
        first = store.texts(side, [5, 299])
        other = second.texts(side, [89, 0])
        assert mixture.texts(side, numbers) == [other[0], first[0], other[1], first[1], first[0], other[0]]
        ids = [row.tolist() for row in mixture.ids(side, numbers)]
        assert ids[0] == second.ids(side, [89])[0].tolist() == ids[5] and ids[1] == store.ids(side, [5])[0].tolist()
        assert mixture.lengths(side)[[389, 5]].tolist() == [len(ids[0]), len(ids[1])]
    assert mixture.places([300]) == second.places([0])


@pytest.mark.parametrize("weight", [0.25, 0.7, 1.0, 2.0, 2.5])
def test_a_weight_is_how_often_a_pair_comes_and_no_pair_gets_ahead(
    store: PairStore, second: PairStore, weight: float
) -> None:
    mixture = Mixture((store, second), (1.0, weight))
    total = np.zeros(390)
    for epoch in range(12):
        numbers = mixture.epoch(epoch, Randomness(1))
        assert len(set(numbers.tolist())) == len(numbers)  # a copy has a number of its own
        counts = np.bincount(numbers % 390, minlength=390)
        assert (counts[:300] == 1).all()
        assert abs(counts[300:].sum() - 90 * weight) <= 40
        total += counts
        assert (np.abs(total[300:] - weight * (epoch + 1)) <= 1 + 1e-9).all()
    assert np.array_equal(mixture.epoch(3, Randomness(1)), mixture.epoch(3, Randomness(1)))


def test_a_mixture_in_batches_and_joined_pairs_stay_in_their_corpus(
    store: PairStore, second: PairStore, tokenizer: Tokenizer
) -> None:
    mixture = Mixture((store, second), (0.5, 3.0))
    augmentation = Augmentation(AugmentOptions(joined=0.5), Randomness(1), ())
    plan = BatchPlan(mixture, 200, Randomness(1), 0.0, (tokenizer, tokenizer), (301,), augmentation)
    batches = list(plan.epoch(2))
    seen = np.concatenate([batch.samples for batch in batches])
    assert sorted(seen) == sorted(n for n in mixture.epoch(2, Randomness(1)) if n % 390 != 301)
    joined = 0
    for batch in batches:
        for sample, row in zip(batch.samples, batch.source_BS, strict=True):
            own = mixture.texts("source", [sample])[0]
            rest = tokenizer.decode(row.tolist()).removeprefix(own).split()
            if rest:
                assert any(word.isdigit() for word in rest) == (sample % 390 >= 300)
                joined += 1
    assert joined > 50
    assert [batch.samples.tolist() for batch in plan.epoch(2, start=3)] == [b.samples.tolist() for b in batches[3:]]


@pytest.mark.parametrize("weight", [0.0, -1.0, 101.0, float("nan"), float("inf")])
def test_a_weight_that_cannot_be_is_refused(store: PairStore, weight: float) -> None:
    with pytest.raises(ConfigError, match=r"data\.weight=.* up to 100"):
        Mixture((store,), (weight,))
