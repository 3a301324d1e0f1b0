"""A text of any length is translated; its segments are what each sentence gives alone, and nothing is cut."""

from dataclasses import replace

import numpy as np
import pytest

import tiny_bundle
from dragoman import DecodeOptions, RequestError, Translator
from dragoman.bundle import load, save
from dragoman.cli import run
from test_translator import answers, within
from trained_model import model, pairs, trained

__all__ = ["model", "trained"]

SOURCES = [source for source, _ in pairs()[:5]]
LONG = "  " + "  ".join(SOURCES * 3) + "\t"
GREEDY = DecodeOptions(beam=1)


@pytest.fixture(scope="module")
def translator(trained) -> Translator:
    return Translator.load(trained / "m", device="cpu")


def check(found):
    """Spans cover both sides, and the numbers of the whole are those of its segments."""
    assert "".join(found.source[slice(*part.source)] for part in found.segments) == found.source
    assert "".join(found.text[slice(*part.target)] for part in found.segments) == found.text
    own = [part.hypothesis for part in found.segments if part.hypothesis is not None]
    for part in found.segments:
        source, target = found.source[slice(*part.source)], found.text[slice(*part.target)]
        assert (source if part.hypothesis is None else part.hypothesis.text) == target
    best = found.hypotheses[0]
    assert best.ids == tuple(piece for one in own for piece in one.ids)
    assert len(best.pieces) == len(best.token_log_probabilities) == len(best.ids)
    assert found.score == pytest.approx(sum(one.score for one in own) / len(own))


def test_training_tells_what_is_usual(trained, translator):
    lengths = sorted(len(ids) for ids in translator.bundle.source_tokenizer.encode_ids([s for s, _ in pairs()]))
    assert lengths[-6] <= translator.bundle.usual_pieces <= lengths[-1]


@pytest.mark.parametrize("options", [None, GREEDY, DecodeOptions(beam=3, penalty="average")])
def test_a_long_text_is_translated_sentence_by_sentence(translator, options):
    found = translator.translate(LONG, options)
    check(found)
    alone = [translator.translate(source, options) for source in SOURCES] * 3
    spoken = [part.hypothesis for part in found.segments if part.hypothesis is not None]
    assert [one.text for one in spoken] == [one.text for one in alone]
    assert [one.score for one in spoken] == pytest.approx([one.score for one in alone], abs=1e-4)
    assert found.text == "  " + "  ".join(one.text for one in alone) + "\t" and found.warnings == ()
    weights, row, column = found.alignment.weights, 0, 0
    assert weights.shape == (len(found.pieces), len(found.source_pieces))
    for one in alone:
        table = one.alignment.weights
        np.testing.assert_allclose(weights[row : row + len(table), column : column + table.shape[1]], table, atol=1e-4)
        row, column = row + len(table), column + table.shape[1]
    expected = [link for link in found.alignment.links if link[1] < len(alone[0].pieces)]
    assert tuple(expected) == alone[0].alignment.links


def test_neighbours_and_order_change_nothing(translator):
    texts = [SOURCES[0], LONG, "", SOURCES[1], "x" * 3000, f"{SOURCES[2]} {LONG}"]
    together = translator.translate(texts, GREEDY)
    assert answers(together) == answers([translator.translate(text, GREEDY) for text in texts])
    assert answers(translator.translate(texts[::-1], GREEDY)) == answers(together[::-1])
    assert [found.source for found in together] == texts
    for found in together:
        if found.source:
            check(found)


def test_a_window_that_ends_within_a_text_changes_nothing(translator, monkeypatch):
    texts = [SOURCES[0], LONG, " ", LONG, SOURCES[1]]
    expected = answers(translator.translate(texts, GREEDY))
    for size in (1, 2, 7):
        monkeypatch.setattr("dragoman.translator.WINDOW", size)
        assert answers(translator.stream(texts, GREEDY)) == expected


@pytest.mark.parametrize("split", ["auto", "always", "never"])
def test_one_sentence_gives_exactly_what_it_gave(translator, split):
    for source in (*SOURCES, f" {SOURCES[0]}  "):
        found = translator.translate(source, DecodeOptions(split=split))
        (segment,) = found.segments
        assert found.hypotheses == translator.translate(source, DecodeOptions(split="never")).hypotheses
        assert not found.hypotheses[0].segments
        assert (segment.source, segment.target) == ((0, len(source)), (0, len(found.text)))
        assert segment.hypothesis is found.hypotheses[0]


def test_n_best_wholes_are_all_different_and_sorted(translator):
    found = translator.translate(LONG, DecodeOptions(beam=3, n_best=3))
    assert len({one.ids for one in found.hypotheses}) == 3
    assert [one.score for one in found.hypotheses] == sorted((one.score for one in found.hypotheses), reverse=True)
    assert found.text == translator.translate(LONG, DecodeOptions(beam=3)).text


def test_samples_of_segments_differ_and_come_again(translator):
    text = " ".join([SOURCES[0]] * 6)
    options = DecodeOptions(temperature=2.0, split="always", n_best=2)
    found = translator.translate(text, options)
    assert found.hypotheses == translator.translate(text, options).hypotheses
    once = translator.translate(text, replace(options, n_best=1))
    assert len({part.hypothesis.text for part in once.segments if part.hypothesis}) > 1


def test_what_is_too_long_is_divided_and_said(tmp_path):
    small = Translator(*within(tiny_bundle.make(), 16))
    for text, words in (
        ("the cat, " * 20, "divided at clause marks"),
        ("the cat sat " * 20, "divided between words"),
        ("x" * 200, "divided within words"),
    ):
        found = small.translate(text, DecodeOptions(beam=1))
        check(found)
        assert any(words in warning for warning in found.warnings)
        with pytest.raises(RequestError, match="this model takes at most 14;"):
            small.translate(text, DecodeOptions(split="never"))
    cut = small.translate("the cat sat on the mat. " * 3, DecodeOptions(beam=1, max_length=2))
    assert [note for note in cut.warnings if "segments stopped without an end, the first is segment 1" in note]


def test_a_bundle_knows_what_is_usual_or_does_not(tmp_path):
    for usual in (None, 7):
        folder = tmp_path / str(usual)
        save(replace(tiny_bundle.make(), usual_pieces=usual), folder, plain=True)
        assert load(folder).usual_pieces == usual
        found = Translator.load(folder).translate("the cat. the dog sat.", GREEDY)
        assert len(found.segments) == (3 if usual else 1)
        assert ("usual_pieces" in (folder / "config.json").read_text(encoding="utf-8")) == bool(usual)


def test_too_large_an_alignment_is_left_out_and_said(translator, monkeypatch):
    monkeypatch.setattr("dragoman.translator.MOST_WEIGHTS", 100)
    found, short = translator.translate([LONG, SOURCES[0]], GREEDY)
    assert found.alignment is None and "too many to keep an alignment" in found.warnings[-1]
    assert short.alignment is not None and short.warnings == ()


@pytest.mark.parametrize("length", [10_000, pytest.param(40_000, marks=pytest.mark.slow)])
def test_every_length_is_taken(translator, length):
    for text in ("x" * length, (LONG * length)[:length]):
        found = translator.translate(text, DecodeOptions(beam=1, max_length=4))
        check(found)


def test_the_commands_take_long_lines(model, tmp_path, capsys):
    long = [" ".join(SOURCES * 40), "x" * 5000, SOURCES[0]]
    (tmp_path / "long.en").write_text("".join(f"{line}\n" for line in long), encoding="utf-8")
    assert run(["translate", model, str(tmp_path / "long.en"), "--beam", "1"]) == 0
    found = capsys.readouterr()
    assert found.out.count("\n") == 3
    assert "long.en:2: a sentence too long for the model was divided within words" in found.err
    arguments = ["--source", str(tmp_path / "long.en"), "--reference", str(tmp_path / "long.en"), "--beam", "1"]
    assert run(["evaluate", model, *arguments, "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").read_text(encoding="utf-8") == found.out
