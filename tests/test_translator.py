"""`Translator`: a list in, a list out, and no answer depends on what else is asked."""

import math
import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tiny_bundle
from dragoman import DecodeOptions, RequestError, Translator
from dragoman.bundle import load, save
from dragoman.engine.model import Engine
from dragoman.errors import CheckpointError, DataError
from dragoman.text.casing import lowered
from trained_model import model, pairs, trained

__all__ = ["model", "trained"]

SOURCES = [source for source, _ in pairs()[:7]]
UNEVEN = [SOURCES[0], "", "the dog " * 60, "it", "  ", SOURCES[1], "Łódź 🙂 ‮abc", SOURCES[0]]


@pytest.fixture(scope="module", params=["cpu", "torch"])
def translator(trained, request) -> Translator:
    return Translator.load(trained / "m", device=request.param)


def answers(translations) -> list[tuple[str, float]]:
    return [(found.text, pytest.approx(found.score, abs=1e-4)) for found in translations]


def test_a_text_gives_a_translation_and_a_list_gives_a_list(translator):
    one = translator.translate(SOURCES[0])
    (same,) = translator.translate(SOURCES[:1])
    assert one.text == same.text == dict(pairs())[SOURCES[0]]
    assert (one.source, one.text, one.score) == (SOURCES[0], one.hypotheses[0].text, one.hypotheses[0].score)
    assert translator.translate([]) == []


@pytest.mark.parametrize(
    "options",
    [
        None,
        DecodeOptions(beam=1),
        DecodeOptions(beam=3, n_best=3),
        DecodeOptions(beam=2, penalty="average"),
    ],
    ids=["default", "greedy", "3-best", "average"],
)
def test_a_batch_gives_what_each_gives_alone(translator, options):
    together = translator.translate(UNEVEN, options)
    alone = [translator.translate(text, options) for text in UNEVEN]
    assert answers(together) == answers(alone)
    assert [found.source for found in together] == UNEVEN
    for found, other in zip(together, alone, strict=True):
        assert [h.text for h in found.hypotheses] == [h.text for h in other.hypotheses]


def test_order_and_neighbours_change_nothing(translator):
    forward = translator.translate(SOURCES)
    backward = translator.translate(SOURCES[::-1])
    assert answers(forward) == answers(backward[::-1])


def test_samples_depend_on_the_seed_and_the_place_alone(translator):
    options = DecodeOptions(temperature=1.5, seed=4)
    first, again = translator.translate(SOURCES, options), translator.translate(SOURCES, options)
    assert [found.text for found in first] == [found.text for found in again]
    longer = translator.translate([*SOURCES, "the dog " * 60], options)
    assert [found.text for found in longer[:-1]] == [found.text for found in first]
    other = translator.translate(SOURCES, DecodeOptions(temperature=1.5, seed=5))
    assert [found.text for found in first] != [found.text for found in other]


@pytest.mark.parametrize("text", ["", " ", "\t\u2003", "\r"])
def test_a_blank_text_is_its_own_translation(translator, text):
    found = translator.translate(text, DecodeOptions(beam=2, n_best=2))
    assert (found.text, found.score, found.warnings) == (text, 0.0, ())


def test_a_translation_is_one_line_of_valid_text(translator):
    wild = DecodeOptions(temperature=5.0, max_length=30)
    for found in translator.translate(SOURCES * 4, wild):
        assert "\n" not in found.text and "\ufffd" not in found.text
        assert all(unicodedata.category(letter) != "Cs" for letter in found.text)


def test_streaming_gives_the_same_and_checks_everything_first(translator):
    assert answers(translator.stream(SOURCES)) == answers(translator.translate(SOURCES))
    never = DecodeOptions(split="never")
    with pytest.raises(RequestError, match=r"^text 2 has .* split it into sentences, one a line$"):
        next(translator.stream([SOURCES[0], "a " * 5000], never))
    with pytest.raises(RequestError, match=r"^book:7 has "):
        next(translator.stream([SOURCES[0], "a " * 5000], never, where=lambda index: f"book:{index + 6}"))
    with pytest.raises(DataError, match="half of a surrogate pair"):
        next(translator.stream([SOURCES[0], "a\ud800"]))


def test_a_text_as_long_as_the_model_is_taken_and_a_longer_one_refused(tmp_path):
    bundle = tiny_bundle.make()
    save(bundle, tmp_path / "m")
    small = Translator(*within(bundle, 16))
    for count in range(1, 40):
        text = "x" * count
        pieces = len(small.bundle.source_tokenizer.encode(text).ids)
        if pieces <= 14:
            found = small.translate(text, DecodeOptions(beam=2))
            assert len(found.hypotheses[0].ids) <= 15 and found.alignment.weights.shape[1] == pieces + 1
            assert len(small.score([text], [text])) == len(small.align([text], [text])) == 1
        else:
            for act in (
                lambda text: small.translate(text, DecodeOptions(split="never")),
                lambda text: small.score(["x"], [text]),
                lambda text: small.align([text], ["x"]),
            ):
                with pytest.raises(RequestError, match=f"has {pieces} pieces, this model takes at most 14;"):
                    act(text)
    assert pieces > 14


def within(bundle, positions):
    """A bundle and its model with room for so many positions."""
    shorter = replace(bundle, model=replace(bundle.model, max_positions=positions))
    return shorter, Engine(shorter.model, shorter.weights)


def test_scores_sum_up_and_know_right_from_wrong(translator):
    sources, targets = zip(*pairs()[:20], strict=True)
    right = translator.score(sources, targets)
    for found, target in zip(right, targets, strict=True):
        assert found.text == target and found.pieces[-1] == "</s>"
        assert found.log_probability == pytest.approx(math.fsum(found.token_log_probabilities))
        assert found.score == pytest.approx(found.log_probability / len(found.ids))
    wrong = translator.score(sources, targets[::-1])
    assert np.mean([found.score for found in right]) > np.mean([found.score for found in wrong]) + 0.5
    alone = [translator.score([source], [target])[0] for source, target in zip(sources, targets, strict=True)]
    assert [found.score for found in alone] == pytest.approx([found.score for found in right], abs=1e-4)
    with pytest.raises(DataError, match="2 sources and 1 targets; give as many of both"):
        translator.score(["a", "b"], ["c"])
    assert translator.score([], []) == []


def test_the_score_of_a_search_is_the_score_of_its_text(translator):
    options = DecodeOptions(beam=4, penalty="average")
    for found in translator.translate(SOURCES, options):
        (again,) = translator.score([found.source], [found.text])
        assert found.score == pytest.approx(again.score, abs=1e-4)


def test_alignment_has_a_row_a_target_piece_and_a_column_a_source_piece(translator):
    for found in translator.translate(SOURCES):
        weights = found.alignment.weights
        assert weights.shape == (len(found.hypotheses[0].ids), len(found.source_pieces))
        np.testing.assert_allclose(weights.sum(1), 1, atol=1e-4)
        (same,) = translator.align([found.source], [found.text])
        np.testing.assert_allclose(same.weights, weights, atol=1e-4)


def test_without_heads_there_is_no_alignment(tmp_path):
    save(replace(tiny_bundle.make(), alignment_heads=()), tmp_path / "m")
    translator = Translator.load(tmp_path / "m")
    assert translator.translate("the cat").alignment is None
    with pytest.raises(RequestError):
        translator.align(["the cat"], ["die Katze"])


def test_two_vocabularies_are_kept_apart(tmp_path):
    bundle = tiny_bundle.make(joint=False)
    save(bundle, tmp_path / "m")
    found = Translator.load(tmp_path / "m").translate("the cat sat", DecodeOptions(beam=2))
    assert bundle.source_tokenizer.decode(bundle.source_tokenizer.encode("the cat sat").ids) == "the cat sat"
    assert found.text == bundle.target_tokenizer.decode(found.hypotheses[0].ids)
    assert found.source_pieces[:-1] == bundle.source_tokenizer.encode("the cat sat").pieces


def test_the_bundle_s_options_are_the_default(tmp_path):
    save(tiny_bundle.make(), tmp_path / "m")  # beam 3, average
    translator = Translator.load(str(tmp_path / "m"))
    assert translator.defaults == DecodeOptions(beam=3, penalty="average")
    explicit = translator.translate("the cat", DecodeOptions(beam=3, penalty="average"))
    assert translator.translate("the cat").hypotheses == explicit.hypotheses


def test_a_translation_cut_by_its_length_carries_a_warning(translator):
    found = translator.translate(SOURCES[0], DecodeOptions(beam=1, max_length=2))
    assert found.warnings == ("stopped at 2 pieces without an end",) and not found.hypotheses[0].finished
    assert translator.translate(SOURCES[0]).warnings == ()


def test_loading_names_what_is_missing(tmp_path):
    with pytest.raises(CheckpointError, match="no such folder"):
        Translator.load(tmp_path / "nope")


def test_loading_is_what_was_saved(model):
    first, again = Translator.load(model), Translator(load(model), Translator.load(model).runner)
    assert answers(first.translate(SOURCES)) == answers(again.translate(SOURCES))


@pytest.mark.parametrize("device", ["cpu", "torch"])
@pytest.mark.parametrize("options", [DecodeOptions(beam=1), DecodeOptions(beam=4), DecodeOptions(temperature=1.0)])
def test_weights_that_overflow_are_said_and_no_traceback(options, device, tmp_path):
    plain = tiny_bundle.make()
    weights = {name: np.full_like(tensor, 3e38) for name, tensor in plain.weights.items()}
    save(replace(plain, weights=weights), tmp_path / "m")
    loaded = Translator.load(tmp_path / "m", device=device)
    with pytest.raises(RequestError, match="the model's numbers overflow"):
        loaded.translate("the cat", options)
    with pytest.raises(RequestError, match="the model's numbers overflow"):
        loaded.score(["the cat"], ["die Katze"])


LOUD = ["THE OLD WOMAN IS READING A BOOK.", "HOW ARE YOU? I AM WELL. " * 12, "STRASSE ŁÓDŹ ΟΔΟΣ İZMIR"]
QUIET = ["The Old Woman", "USA", "U.S.A. U.S.", "123 - 456", "", "the DOG IS RUNNING AWAY"]


def test_capitals_are_read_as_small_letters_and_answered_in_capitals(translator):
    options = DecodeOptions(beam=2, n_best=2, capitals="lower")
    quiet = translator.translate([lowered(text) for text in LOUD], options)  # in one batch: it may round otherwise
    for text, found, small in zip(LOUD, translator.translate(LOUD, options), quiet, strict=True):
        assert found.source == text
        assert [one.text for one in found.hypotheses] == [one.text.upper() for one in small.hypotheses]
        assert [one.ids for one in found.hypotheses] == [one.ids for one in small.hypotheses]
        assert found.source_pieces == small.source_pieces
        assert "".join(text[slice(*part.source)] for part in found.segments) == text
        assert "".join(found.text[slice(*part.target)] for part in found.segments) == found.text
    for text in QUIET:
        assert answers([translator.translate(text, options)]) == answers(
            [translator.translate(text, replace(options, capitals="keep"))]
        )
    assert translator.translate(LOUD[0]).source_pieces != translator.translate(LOUD[0], options).source_pieces


@given(st.text())
def test_small_letters_have_the_length_of_the_capitals(text):
    assert len(lowered(text)) == len(text)
    assert lowered(lowered(text)) == lowered(text)


def test_what_capitals_may_be_is_said():
    with pytest.raises(RequestError, match="capitals='upper': allowed are keep, lower"):
        DecodeOptions(capitals="upper")


@pytest.mark.parametrize(
    ("text", "said"),
    [("我喜欢猫。", True), ("😀", True), ("It is a dog 🙂.", False), ("", False), ("Łódź is a city.", False)],
)
def test_letters_that_were_never_learned_are_said(text, said):
    warnings = Translator.load("en-de").translate(text).warnings
    assert any("never learned" in warning for warning in warnings) == said


@pytest.mark.parametrize("texts", [3, None, [b"bytes"], ["one", 2]])
def test_what_is_no_text_is_refused_in_words(texts):
    with pytest.raises(RequestError, match="a text or a list of texts is wanted"):
        Translator.load("en-de").translate(texts)
