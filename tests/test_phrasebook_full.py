"""The two sizes of the phrasebook: core stays what it was; full says its gold pairs and is one to one."""

from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise

import pytest

from dragoman.data.phrasebook import PhrasePair, held_out_combinations, pairs, words
from dragoman.data.phrasebook_frames import FULL_KINDS, Sides
from dragoman.data.phrasebook_lexicon import FULL
from dragoman.data.phrasebook_phrases import Draft
from phrasebook_gold_full import PAIRS
from phrasebook_guide import german_of

Frame = Callable[[Draft], Sides]


def test_core_writes_the_bytes_on_which_the_demo_s_figures_stand() -> None:
    digest = sha256()
    chosen = list(pairs("train", 2_000, size="core"))
    for texts in ([pair.source for pair in chosen], [pair.target for pair in chosen]):
        digest.update("".join(text + "\n" for text in texts).encode())
    assert digest.hexdigest() == "0d365f892f9c346ab42e709ba7dc39828965443636ed2a5247f78e5fa96c1723"


def agree(frame: Frame, source: str, target: str, *hints: str) -> None:
    assert german_of(frame, source, *hints) == target


@pytest.mark.parametrize("pair", PAIRS[::10], ids=[pair[1] for pair in PAIRS[::10]])
def test_every_tenth_gold_pair(pair: tuple[Frame, str, str]) -> None:
    agree(*pair)


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=[pair[1] for pair in PAIRS])
def test_gold_pairs(pair: tuple[Frame, str, str]) -> None:
    agree(*pair)


def sentences(text: str) -> list[str]:
    spans = words(text)
    ends = [end for start, end in spans if text[start:end] in (".", "?", "!")]
    return [text[start:end].strip() for start, end in pairwise([0, *ends])]


def translations(chosen: list[PhrasePair]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The German sentences of each English one, and the English sentences of each German one."""
    there, back = defaultdict(set), defaultdict(set)
    for pair in chosen:
        for source, target in zip(sentences(pair.source), sentences(pair.target), strict=True):
            there[source].add(target)
            back[target].add(source)
    return there, back


def ambiguous(table: dict[str, set[str]]) -> list[tuple[str, set[str]]]:
    return [(text, others) for text, others in table.items() if len(others) > 1]


def test_neither_language_is_ambiguous() -> None:
    for table in translations(list(pairs("train", 5_000, seed=4))):
        assert ambiguous(table) == []


def test_what_german_says_alike_is_told_apart_by_rule() -> None:
    """Plain sie is her, so them is sie beide or ihnen; plain ihr is her, so their is their own."""
    for pair in pairs("train", 4_000, seed=5):
        for source, target in zip(sentences(pair.source), sentences(pair.target), strict=True):
            if " them" in source:
                assert "sie beide" in target or "ihnen" in target, (source, target)
            assert ("their" in source) <= ("their own" in source), source


@pytest.mark.slow
def test_neither_language_is_ambiguous_in_fifty_thousand_pairs() -> None:
    chosen = [pair for split in ("test_combinations", "test_longer") for pair in pairs(split, 5_000, 1)]
    for table in translations(chosen + list(pairs("train", 40_000, 1))):
        assert ambiguous(table) == []


def test_full_says_what_core_does_not() -> None:
    chosen = list(pairs("train", 6_000))
    frames = {frame for pair in chosen for frame, _, _ in pair.combinations}
    kinds = {frame.rpartition("-")[0] for frame in frames}
    assert {"self", "mannered", "outdone", "since", "worth"} <= kinds & set(FULL_KINDS)
    assert {"polite", "plural", "superlative", "born", "ago", "purpose", "until"} <= frames
    relatives = ("accusative", "dative", "with", "whose-object", "on", "for", "that")
    assert {f"relative-{form}" for form in relatives} <= frames
    said = " ".join(pair.target for pair in chosen)
    for word in (", während ", ", bis ", ", deren ", ", dessen ", ", dem ", ", denen ", ", um ", "am besten"):
        assert word in said, word


def test_full_holds_out_its_own_combinations() -> None:
    forbidden = held_out_combinations("full")
    assert len(forbidden) > len(held_out_combinations("core"))
    lemmas = {lemma for _, lemma, _ in forbidden}
    new = {noun.lemma for noun in FULL.nouns("person", "animal", "thing", "wear")}
    assert lemmas & new
    for pair in pairs("test_combinations", 200, seed=9):
        assert pair.combinations & forbidden
