"""What a search tells of its steps: the same from the engine and from torch, and enough to follow it."""

from collections import defaultdict

import pytest

from dragoman.decode.runner import TorchRunner
from dragoman.engine.model import Engine
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, DecodeOptions
from model_configs import VARIANTS, random_weights

SEARCHES = {
    "greedy": DecodeOptions(beam=1),
    "beam": DecodeOptions(beam=3, n_best=2),
    "ends late": DecodeOptions(beam=2, min_length=4),
    "cut": DecodeOptions(beam=3, max_length=3),
    "samples": DecodeOptions(temperature=1.5, n_best=3, seed=4),
}
SOURCES = [[5, 6, EOS], [EOS], [9, 8, 7, 6, 5, 4, EOS]]
LONGEST = 14


def runners(name, seed):
    """The engine and torch with the same random model."""
    config = VARIANTS[name]
    weights = random_weights(config, seed)
    network = Transformer(config)
    from_numpy(network, weights)
    return Engine(config, weights, threads=2), TorchRunner(network)


def watched(runner, sources, options):
    """The hypotheses, and of each sentence the ways of each step."""
    told = defaultdict(list)

    def watch(sentence, step, ways):
        assert step == len(told[sentence])
        told[sentence].append(ways)

    return runner.search(sources, options, LONGEST, watch=watch), told


@pytest.mark.parametrize("options", SEARCHES.values(), ids=SEARCHES)
@pytest.mark.parametrize("name", ["default", "modern"])
def test_engine_and_torch_tell_the_same(name, options):
    for seed in range(3):
        (found, ours), (expected, theirs) = (watched(runner, SOURCES, options) for runner in runners(name, seed))
        assert [[h.ids for h in own] for own in found] == [[h.ids for h in own] for own in expected]
        assert set(ours) == set(theirs) == set(range(len(SOURCES)))
        for sentence, steps in ours.items():
            assert len(steps) == len(theirs[sentence])
            for one, other in zip(steps, theirs[sentence], strict=True):
                assert [way.total for way in one] == pytest.approx([way.total for way in other], abs=1e-4)
                assert [(w.row, w.piece, w.fate) for w in one if w.fate != "pruned"] == [
                    (w.row, w.piece, w.fate) for w in other if w.fate != "pruned"
                ]


@pytest.mark.parametrize("options", SEARCHES.values(), ids=SEARCHES)
def test_what_is_told_leads_to_the_hypotheses(options):
    for runner in runners("default", 5):
        found, told = watched(runner, SOURCES, options)
        assert found == runner.search(SOURCES, options, LONGEST)  # watching changes nothing
        for sentence, own in enumerate(found):
            rows, ended = {0: ((), 0.0)}, {}
            for step, ways in enumerate(told[sentence]):
                kept = {}
                for way in ways:
                    before, total = rows[0 if step == 0 else way.row]
                    assert way.total == pytest.approx(total + way.log_probability, abs=1e-5)
                    if way.fate == "finished":
                        assert way.piece == EOS
                        ended[(*before, EOS)] = way.total
                    elif way.fate == "kept":
                        kept[way.row if options.sampling else len(kept)] = ((*before, way.piece), way.total)
                rows = kept
                if not options.sampling:
                    totals = [way.total for way in ways]
                    assert totals == sorted(totals, reverse=True) and len(ways) <= 2 * options.width
            for hypothesis in own:
                ways = ended if hypothesis.finished else dict(rows.values())
                assert ways[hypothesis.ids] == pytest.approx(hypothesis.log_probability, abs=1e-5)


def test_what_a_watcher_raises_ends_the_search():
    for runner in runners("default", 1):
        seen = []

        def watch(sentence, step, ways, seen=seen):
            seen.append(step)
            if step == 2:
                raise LookupError("enough")

        with pytest.raises(LookupError, match="enough"):
            runner.search(SOURCES, DecodeOptions(beam=2, min_length=6), LONGEST, watch=watch)
        assert max(seen) == 2
        assert len(runner.search(SOURCES, DecodeOptions(beam=2), LONGEST)) == 3  # it is none the worse


def test_many_sentences_are_told_by_the_thread_that_asks():
    engine, _ = runners("default", 2)
    many = SOURCES * 40
    found, told = watched(engine, many, SEARCHES["beam"])
    assert len(told) == len(many) and found == engine.search(many, SEARCHES["beam"], LONGEST)
