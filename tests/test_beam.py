"""Beam and greedy search find what they promise, and a batch changes nothing."""

import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
from dragoman.decode.beam import highest  # noqa: E402  (only where torch is)
from dragoman.decode.search import search  # noqa: E402
from dragoman.errors import RequestError  # noqa: E402
from dragoman.options import EOS, DecodeOptions  # noqa: E402
from toy_models import (  # noqa: E402
    LONGEST,
    Markov,
    assert_equal,
    hypothesis,
    in_order,
    next_log_probabilities,
    rows_of_log_probabilities,
    tiny_transformer,
)

SOURCES = [[4, 5, 6, EOS], [6, EOS], [5, 5, 4, 4, 6, 5, EOS], [4, EOS], [6, 4, 4, EOS]]
PENALTIES = [("paper", 0.6), ("paper", 2.0), ("average", 0.6), ("none", 0.6)]


def models(seed: int, vocab_size: int = 7):
    return [Markov(seed, vocab_size), tiny_transformer(seed, vocab_size)]


def all_sequences(model, source, options, vocab_size):
    """Every hypothesis there is, with its probability: breadth first, no beam."""
    found, open_ends = [], [((), ())]
    for length in range(1, options.max_length + 1):
        longer = []
        rows = rows_of_log_probabilities(model, source, [ids for ids, _ in open_ends])
        for (ids, logps), row in zip(open_ends, rows, strict=True):
            longer += [((*ids, i), (*logps, row[i])) for i in range(EOS, vocab_size)]
        found += [hypothesis(options, *way) for way in longer if way[0][-1] == EOS and length >= options.min_length]
        open_ends = [way for way in longer if way[0][-1] != EOS]
    return found + [hypothesis(options, *way) for way in open_ends]


def plain_beam(model, source, options, vocab_size, prefix=()):
    """The same beam for one sentence, written without tensors, and never stopping early."""
    beam, found = [((), ())], []
    for length in range(1, options.max_length + 1):
        ways = []
        rows = rows_of_log_probabilities(model, source, [ids for ids, _ in beam])
        for rank, ((ids, logps), row) in enumerate(zip(beam, rows, strict=True)):
            allowed = prefix[length - 1 : length] or range(EOS + (length < options.min_length), vocab_size)
            ways += [(-math.fsum([*logps, row[i]]), rank, i, (*ids, i), (*logps, row[i])) for i in allowed]
        ways = [way[3:] for way in sorted(ways)[: 2 * options.width]]
        found += [hypothesis(options, *way) for way in ways[: options.width] if way[0][-1] == EOS]
        beam = [way for way in ways if way[0][-1] != EOS][: options.width]
    return in_order(found + [hypothesis(options, *way) for way in beam])[: options.n_best]


@pytest.mark.parametrize(("penalty", "alpha"), PENALTIES)
@pytest.mark.parametrize("n_best", [1, 3])
@pytest.mark.parametrize("model", models(3), ids=["markov", "transformer"])
def test_a_beam_as_wide_as_the_space_finds_the_best_of_all(model, n_best, penalty, alpha):
    options = DecodeOptions(beam=100, n_best=n_best, penalty=penalty, alpha=alpha, max_length=4)
    found = search(model, SOURCES, options, LONGEST)
    for source, hypotheses in zip(SOURCES, found, strict=True):
        assert_equal(hypotheses, in_order(all_sequences(model, source, options, 7))[:n_best])


def test_a_beam_wider_than_the_space_gives_all_there_is():
    model, options = Markov(1, 6), DecodeOptions(beam=60, n_best=60, max_length=4, min_length=3)
    ((*found,),) = search(model, SOURCES[:1], options, LONGEST)
    wanted = in_order(all_sequences(model, SOURCES[0], options, 6))
    assert len(wanted) == 4 + 8 + 16
    assert_equal(found, wanted)


@pytest.mark.parametrize("seed", range(12))
def test_the_stop_is_exact_and_the_beam_is_the_plain_one(seed):
    """Long limits, so that a stop that comes too early loses a longer and better hypothesis."""
    penalty, alpha = PENALTIES[seed % 4]
    model = Markov(seed, 7, spread=4.0) if seed % 3 else tiny_transformer(seed, 7)
    n_best = 1 + seed % 3
    options = DecodeOptions(beam=3, n_best=n_best, penalty=penalty, alpha=alpha, max_length=12, min_length=1 + seed % 2)
    for source, found in zip(SOURCES, search(model, SOURCES, options, LONGEST), strict=True):
        assert_equal(found, plain_beam(model, source, options, 7))


def test_the_search_ends_when_nothing_can_win_any_more():
    """`</s>` is certain after two pieces: the model must not be asked for the other thousand."""

    class Sure(Markov):
        def _step(self, id_R, state):
            logits_RV = super()._step(id_R, state)
            self.steps = getattr(self, "steps", 0) + 1
            logits_RV[:, EOS] += 40 if self.steps > 2 else -40
            return logits_RV

    model = Sure(1, 9)
    ((found,),) = search(model, SOURCES[:1], DecodeOptions(beam=2, max_length=1000), 2000)
    assert (len(found.ids), model.steps) == (3, 3)


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_ties_go_to_the_lowest_id(levels):
    model = Markov(5, 30, levels=levels)
    options = DecodeOptions(beam=4, n_best=4, max_length=5)
    for source, found in zip(SOURCES, search(model, SOURCES, options, LONGEST), strict=True):
        assert_equal(found, plain_beam(model, source, options, 30))
    ((greedy,),) = search(Markov(5, 30, levels=1), SOURCES[:1], DecodeOptions(beam=1), LONGEST)
    assert greedy.ids == (EOS,)


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 40, 41])
def test_the_highest_are_those_of_a_stable_sort(count):
    x_RV = torch.randint(0, 4, (60, 40)).float()
    x_RV[30:].masked_fill_(torch.rand(30, 40) < 0.2, -torch.inf)
    x_RV[40] = -torch.inf
    top_RC, id_RC = highest(x_RV, count)
    wanted_RC = x_RV.sort(dim=1, descending=True, stable=True).indices[:, :count].sort(dim=1).values
    certain = x_RV.gather(1, wanted_RC).min(1).values > -torch.inf  # which of the impossible come is no matter
    assert certain.any() and torch.equal(id_RC[certain], wanted_RC[certain])
    assert torch.equal(top_RC, x_RV.gather(1, id_RC)) and bool((id_RC.diff(dim=1) > 0).all())


@pytest.mark.parametrize("model", models(4, 11), ids=["markov", "transformer"])
def test_greedy_is_the_argmax_of_every_step(model):
    options = DecodeOptions(beam=1, max_length=15, min_length=2)
    for source, (found,) in zip(SOURCES, search(model, SOURCES, options, LONGEST), strict=True):
        ids, logps = [], []
        while len(ids) < 15 and ids[-1:] != [EOS]:
            row = next_log_probabilities(model, source, ids)
            ids.append(max(range(EOS + (len(ids) < 1), 11), key=row.__getitem__))
            logps.append(row[ids[-1]])
        assert_equal((found,), [hypothesis(options, ids, logps)])


@pytest.mark.parametrize("model", models(6, 11), ids=["markov", "transformer"])
@pytest.mark.parametrize("beam", [1, 3])
def test_a_batch_changes_nothing(model, beam):
    options = DecodeOptions(beam=beam, n_best=beam, min_length=3)  # limits follow the sources: each has its own
    prefixes = [[], [7, 8], [9], [10, 10, 4], []]
    together = search(model, SOURCES, options, LONGEST, prefixes=prefixes)
    assert len({len(hypotheses[0].ids) for hypotheses in together}) > 1
    for source, prefix, hypotheses in zip(SOURCES, prefixes, together, strict=True):
        (alone,) = search(model, [source], options, LONGEST, prefixes=[prefix])
        assert_equal(hypotheses, alone)
    turned = search(model, SOURCES[::-1], options, LONGEST, prefixes=prefixes[::-1])
    for one, other in zip(together, turned[::-1], strict=True):
        assert_equal(one, other)


@pytest.mark.parametrize("beam", [1, 4])
def test_lengths_are_kept(beam):
    options = DecodeOptions(beam=beam, min_length=6, max_length=8)
    for (found,) in search(Markov(2, 6), SOURCES, options, LONGEST):
        assert 6 <= len(found.ids) <= 8
        assert found.finished == (found.ids[-1] == EOS) and EOS not in found.ids[:-1]
    endless = DecodeOptions(beam=beam, min_length=LONGEST)
    assert [len(h.ids) for (h,) in search(Markov(2, 6), SOURCES, endless, LONGEST)] == [LONGEST] * len(SOURCES)


def test_the_default_limit_is_twice_the_source_and_twenty():
    class Endless(Markov):
        def _step(self, id_R, state):
            logits_RV = super()._step(id_R, state)
            logits_RV[:, EOS] = -1000
            return logits_RV

    for beam in (1, 2):
        options = DecodeOptions(beam=beam)
        found = search(Endless(1, 9), SOURCES, options, 100)
        assert [(len(h.ids), h.finished) for (h,) in found] == [(2 * len(s) + 20, False) for s in SOURCES]
        assert [len(h.ids) for (h,) in search(Endless(1, 9), SOURCES, options, 21)] == [21] * len(SOURCES)


def test_the_finished_come_first_then_the_best_and_none_twice():
    options = DecodeOptions(beam=6, n_best=6, max_length=3)
    both = 0
    for hypotheses in search(Markov(8, 8), SOURCES, options, LONGEST):
        assert len({h.ids for h in hypotheses}) == 6
        assert list(hypotheses) == in_order(hypotheses)
        assert all(h.score == options.score(h.log_probability, len(h.ids)) for h in hypotheses)
        both += len({h.finished for h in hypotheses}) == 2
    assert both


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("model", models(9, 11), ids=["markov", "transformer"])
def test_a_prefix_is_kept_and_counts(model, beam):
    options = DecodeOptions(beam=beam, n_best=beam, max_length=7, min_length=4)
    prefixes = [[10, 4, 9], [5], [], [6, 6, 6, 6, 6, 6], [4, 4]]
    together = search(model, SOURCES, options, LONGEST, prefixes=prefixes)
    for source, prefix, found in zip(SOURCES, prefixes, together, strict=True):
        for h in found:
            assert list(h.ids[: len(prefix)]) == prefix
            rows = [next_log_probabilities(model, source, h.ids[:t])[piece] for t, piece in enumerate(h.ids)]
            assert h.log_probability == pytest.approx(math.fsum(rows), abs=1e-5)
        if beam > 1:
            assert_equal(found, plain_beam(model, source, options, 11, prefix))


def test_what_cannot_be_is_refused_with_words():
    model, options = Markov(1, 9), DecodeOptions(max_length=5)
    for prefix in ([4, 4, 4, 4, 4], [EOS], [0]):
        with pytest.raises(RequestError, match="prefix"):
            search(model, SOURCES[:1], options, LONGEST, prefixes=[prefix])
    with pytest.raises(RequestError, match="min_length"):
        search(model, SOURCES[:1], replace(options, max_length=None, min_length=50), LONGEST)
    with pytest.raises(RequestError, match="no pieces"):
        search(model, [[4, EOS], []], options, LONGEST)
    assert search(model, [], options, LONGEST) == []
