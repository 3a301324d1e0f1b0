"""Parse trees of the phrasebook: balanced, spelling the sentence, with the labels of the Penn Treebank."""

import re

import pytest

from dragoman.data.phrasebook import PhrasePair, pairs, words
from dragoman.data.phrasebook_words import Word, bracketed, grouped, led, opened, tree, within

LABELS = frozenset(
    [
        "S",
        "SBAR",
        "SBARQ",
        "SQ",
        "NP",
        "NP-TMP",
        "VP",
        "PP",
        "ADJP",
        "ADVP",
        "PRT",
        "INTJ",
        "WHNP",
        "WHPP",
        "WHADVP",
        "WHADJP",
    ]
)
_TAGS = "CC CD DT EX IN JJ JJR JJS MD NN NNS NNP PRP PRP$ RB RBR RBS RP TO UH VB VBD VBG VBN VBP VBZ WDT WP WP$ WRB"
TAGS = frozenset([*_TAGS.split(), ",", "."])
ROOTS = {"S", "SQ", "SBARQ", "NP", "INTJ"}
LEAF = re.compile(r"\((\S+) (\S+)\)(?= |$)")


@pytest.fixture(scope="module", params=["core", "full"])
def chosen(request: pytest.FixtureRequest) -> list[PhrasePair]:
    return [
        pair
        for split, count in (("train", 1_500), ("test_longer", 200), ("test_combinations", 200))
        for pair in pairs(split, count, seed=3, size=request.param)
    ]


def test_leaves_spell_the_sentence(chosen: list[PhrasePair]) -> None:
    for pair in chosen:
        assert [word for _, word in LEAF.findall(pair.tree)] == [pair.source[a:b] for a, b in words(pair.source)]


def test_brackets_balance_and_every_tree_is_a_sentence(chosen: list[PhrasePair]) -> None:
    for pair in chosen:
        stack: list[str] = []
        roots = []
        for item in LEAF.sub("leaf", pair.tree).split(" "):
            if item.startswith("("):
                roots += [] if stack else [item[1:]]
                stack.append(item[1:])
            elif item.startswith(")"):
                assert stack.pop() == item[1:], pair.tree
            else:
                assert item == "leaf" and stack, pair.tree
        assert not stack and set(roots) <= ROOTS, pair.tree
        assert len(roots) == (2 if pair.frame == "joined" else 1), pair.tree


def test_labels_are_those_of_the_treebank(chosen: list[PhrasePair]) -> None:
    for pair in chosen:
        assert {tag for tag, _ in LEAF.findall(pair.tree)} <= TAGS, pair.tree
        assert set(re.findall(r"\((\S+)(?= )", LEAF.sub("", pair.tree))) <= LABELS, pair.tree


def test_a_verb_phrase_begins_with_a_verb_or_with_to(chosen: list[PhrasePair]) -> None:
    for pair in chosen:
        for clause in re.findall(r"\(VP (\S+ ?\S*)", pair.tree):
            assert re.match(r"\((VB|MD|TO)", clause), pair.tree


def test_a_worked_example() -> None:
    text = "(S (NP the old/JJ woman/NN) (VP is (VP reading/VBG (NP a book/NN))) .)"
    words_ = bracketed(text)
    assert tree(words_, "The old woman is reading a book.") == (
        "(S (NP (DT The) (JJ old) (NN woman) )NP "
        "(VP (VBZ is) (VP (VBG reading) (NP (DT a) (NN book) )NP )VP )VP (. .) )S"
    )


def test_joining_lists_keeps_the_constituents() -> None:
    one, two = grouped("NP", [Word("she")]), grouped("VP", [Word("sings", (), "VBZ")])
    whole = grouped("S", one + two)
    because = grouped("SBAR", [Word("because"), *whole])
    assert opened(whole) == one + two
    inside = tree(within(whole, because, 2), "she sings because she sings")
    sings = "(S (NP (PRP she) )NP (VP (VBZ sings) )VP )S"
    assert inside == f"(S (NP (PRP she) )NP (VP (VBZ sings) (SBAR (IN because) {sings} )SBAR )VP )S"
    today = grouped("ADVP", [Word("today")])
    assert tree(led(today, whole), "today she sings").startswith("(S (ADVP (RB today) )ADVP (NP")
