"""The phrasebook: hand-written gold pairs, splits that keep their promises, links, files."""

import errno
from collections import defaultdict
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dragoman.data import phrasebook_fixed as fixed
from dragoman.data import phrasebook_frames as frames
from dragoman.data.phrasebook import (
    LONGEST_TRAINING,
    PhrasePair,
    _clean,
    _text,
    held_out_combinations,
    pairs,
    words,
    write,
)
from dragoman.data.phrasebook_lexicon import FULL
from dragoman.data.phrasebook_phrases import Draft
from dragoman.data.phrasebook_words import Words
from dragoman.errors import DataError
from phrasebook_gold import EXPRESSIONS, LAST, NEGATIONS, QUESTIONS, STATEMENTS, build


def spoken(english_words: Words, german_words: Words) -> tuple[str, str]:
    return " ".join(word.text for word in english_words), " ".join(word.text for word in german_words)


def capital(text: str, mark: str) -> str:
    return text[0].upper() + text[1:] + mark


@pytest.mark.parametrize(("source", "target", "given"), STATEMENTS, ids=[row[0] for row in STATEMENTS])
def test_statements_have_the_verb_second(source: str, target: str, given: tuple[str, ...]) -> None:
    said = build(*given)
    written = spoken(said.english_statement(), said.german_statement())
    assert tuple(capital(text, ".") for text in written) == (source, target)


@pytest.mark.parametrize(("source", "target", "given"), NEGATIONS, ids=[row[0] for row in NEGATIONS])
def test_nicht_finds_its_place(source: str, target: str, given: tuple[str, ...]) -> None:
    said = build(*given, negated=True)
    written = spoken(said.english_statement(), said.german_statement())
    assert tuple(capital(text, ".") for text in written) == (source, target)


@pytest.mark.parametrize(("source", "target", "given"), QUESTIONS, ids=[row[0] for row in QUESTIONS])
def test_questions_have_the_verb_first(source: str, target: str, given: tuple[str, ...]) -> None:
    said = build(*given)
    written = spoken(said.english_question(), said.german_question())
    assert tuple(capital(text, "?") for text in written) == (source, target)


@pytest.mark.parametrize(("source", "target", "given"), LAST, ids=[row[0] for row in LAST])
def test_subordinate_clauses_have_the_verb_last(source: str, target: str, given: tuple[str, ...]) -> None:
    said = build(*given)
    assert spoken(said.english_statement(), said.german_last()) == (source, target)


@pytest.mark.parametrize(("frame", "source", "target"), EXPRESSIONS, ids=[row[1] for row in EXPRESSIONS])
def test_fixed_expressions(frame: Callable[[Draft], frames.Sides], source: str, target: str) -> None:
    random = Random(1)
    written = (frame(Draft(random)) for _ in range(20_000))
    found = ((_text(_clean(sides[0])), _text(_clean(sides[1]))) for sides in written)
    assert next(german for english, german in found if english == source) == target


def test_it_takes_the_gender_of_its_noun() -> None:
    random = Random(2)
    seen = set()
    for _ in range(300):
        english, german = (_text(_clean(side)) for side in fixed.anaphora(Draft(random)))
        article, noun = german.split()[:2]
        assert ", but it is" in english
        if article in ("Der", "Die", "Das"):
            assert f", aber { {'Der': 'er', 'Die': 'sie', 'Das': 'es'}[article] } ist" in german, (
                noun,
                german,
            )
            seen.add(article)
    assert seen == {"Der", "Die", "Das"}


@pytest.fixture(scope="module", params=["core", "full"])
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def training(size: str) -> list[PhrasePair]:
    return list(pairs("train", {"core": 15_000, "full": 25_000}[size], size=size))


@pytest.fixture(scope="module")
def samples(training: list[PhrasePair], size: str) -> dict[str, list[PhrasePair]]:
    return {"train": training} | {
        split: list(pairs(split, 300, size=size)) for split in ("valid", "test_combinations", "test_longer")
    }


def test_one_seed_one_phrasebook() -> None:
    assert list(pairs("train", 200, seed=5)) == list(pairs("train", 200, seed=5))
    assert list(pairs("train", 100, seed=5)) == list(islice(pairs("train", 200, seed=5), 100))
    assert list(pairs("train", 200, seed=5)) != list(pairs("train", 200, seed=6))


@pytest.mark.slow
def test_pairs_are_distinct_and_english_determines_german(samples: dict[str, list[PhrasePair]]) -> None:
    every = [pair for chosen in samples.values() for pair in chosen]
    for chosen in samples.values():
        assert len({pair.source for pair in chosen}) == len(chosen)
    german = defaultdict(set)
    for pair in every:
        for source, target in zip(sentences(pair.source), sentences(pair.target), strict=True):
            german[source].add(target)
    assert [source for source, targets in german.items() if len(targets) > 1] == []


def sentences(text: str) -> list[str]:
    """The one or two sentences of a line; a title (Mr Weber) has no period here."""
    spans = words(text)
    ends = [end for start, end in spans if text[start:end] in (".", "?", "!")]
    return [text[start:end].strip() for start, end in pairwise([0, *ends])]


def test_splits_share_no_sentence_whatever_the_seeds(samples: dict[str, list[PhrasePair]], size: str) -> None:
    tests = {p.source for split in ("test_combinations", "test_longer") for p in samples[split]}
    valid = {s for p in samples["valid"] for s in sentences(p.source)}
    for seed in (1, 2):
        seen = {s for p in pairs("train", 2_000, seed, size) for s in sentences(p.source)}
        assert seen.isdisjoint(tests) and seen.isdisjoint(valid)


def test_training_sees_no_held_out_combination_and_every_test_sentence_has_one(
    samples: dict[str, list[PhrasePair]], size: str
) -> None:
    forbidden = held_out_combinations(size)
    for split in ("train", "valid", "test_longer"):
        assert all(pair.combinations.isdisjoint(forbidden) for pair in samples[split])
    assert all(pair.combinations & forbidden for pair in samples["test_combinations"])


def test_parts_of_held_out_combinations_are_trained_with_other_partners(training: list[PhrasePair], size: str) -> None:
    others: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    partners: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for pair in training:
        for frame, lemma, case in pair.combinations:
            others[lemma, case].add(frame)
            partners[frame, case].add(lemma)
    forbidden = held_out_combinations(size)
    used = {combination for pair in training for combination in pair.combinations}
    assert 0.02 < len(forbidden) / len(used) < 0.06
    for frame, lemma, case in forbidden:
        assert len(others[lemma, case]) >= 1, (frame, lemma, case)
        assert len(partners[frame, case]) >= 3, (frame, lemma, case)


def test_longer_sentences_are_longer_than_any_of_training(samples: dict[str, list[PhrasePair]]) -> None:
    single = max(len(words(sentence)) for pair in samples["train"] for sentence in sentences(pair.source))
    assert single <= LONGEST_TRAINING
    lengths = {len(words(pair.source)) for pair in samples["test_longer"]}
    assert min(lengths) > single
    lines = [len(words(pair.source)) for pair in samples["train"]]
    assert 0.10 <= sum(pair.frame == "joined" for pair in samples["train"]) / len(lines) <= 0.16
    assert max(lines) >= max(lengths) - 2


def test_at_least_forty_frames(training: list[PhrasePair]) -> None:
    assert len({pair.frame for pair in training}) >= 40
    assert len({lemma for pair in training for _, lemma, _ in pair.combinations}) >= 300


def test_links_are_in_range_and_every_content_word_is_linked(samples: dict[str, list[PhrasePair]]) -> None:
    for chosen in samples.values():
        for pair in chosen:
            source = [pair.source[start:end] for start, end in words(pair.source)]
            target = [pair.target[start:end] for start, end in words(pair.target)]
            assert all(0 <= i < len(source) and 0 <= j < len(target) for i, j in pair.links)
            assert {word for j, word in enumerate(target) if j not in {b for _, b in pair.links}} <= {
                ",",
                "an",
            }
            assert {word for i, word in enumerate(source) if i not in {a for a, _ in pair.links}} <= {
                "a",
                "an",
                "of",
                "to",
            }


def test_links_join_what_means_the_same(training: list[PhrasePair]) -> None:
    for noun in ("key", "boy", "city", "newspaper"):
        entry = FULL.by_lemma[noun]
        for pair in training:
            source = [pair.source[start:end] for start, end in words(pair.source)]
            if source.count(noun) != 1:
                continue
            target = [pair.target[start:end] for start, end in words(pair.target)]
            joined = {target[j] for i, j in pair.links if source[i] == noun}
            forms = {entry.german, entry.german_plural} if "weak" in entry.classes else {entry.german}
            assert len(joined) == 1 and joined <= forms


def test_capitals_marks_and_blanks(samples: dict[str, list[PhrasePair]]) -> None:
    for chosen in samples.values():
        for pair in chosen:
            for text in (pair.source, pair.target):
                assert text[0].isupper() and text[-1] in ".?!"
                assert "  " not in text and " ," not in text and ",," not in text and " ." not in text
            assert pair.source.count("?") == pair.target.count("?")


def test_words_are_runs_of_letters_and_numbers_with_inner_marks() -> None:
    text = "It's 7:30, 4.50 or twenty-one (ja)."
    assert [text[a:b] for a, b in words(text)] == [
        "It's",
        "7:30",
        ",",
        "4.50",
        "or",
        "twenty-one",
        "(",
        "ja",
        ")",
        ".",
    ]
    assert words("  ") == []


def test_files_are_lines_of_the_pairs(tmp_path: Path) -> None:
    write(tmp_path / "book", train=50, held_out=20, seed=3)
    expected = {
        f"{split}.{side}" for split in ("train", "valid", "test_combinations", "test_longer") for side in ("en", "de")
    }
    expected |= {path.replace(".en", ".tree") for path in expected if path.endswith(".en")}
    expected |= {"test_combinations.align", "test_longer.align"}
    assert {path.name for path in (tmp_path / "book").iterdir()} == expected
    for split, count in (("train", 50), ("test_longer", 20)):
        chosen = list(pairs(split, count, 3))
        assert (tmp_path / "book" / f"{split}.en").read_bytes() == "".join(p.source + "\n" for p in chosen).encode()
        assert (tmp_path / "book" / f"{split}.de").read_bytes() == "".join(p.target + "\n" for p in chosen).encode()
    lines = (tmp_path / "book" / "test_longer.align").read_text(encoding="utf-8").splitlines()
    parsed = [tuple(tuple(map(int, link.split("-"))) for link in line.split()) for line in lines]
    assert parsed == [pair.links for pair in pairs("test_longer", 20, 3)]


def test_an_unknown_split_names_the_allowed_ones() -> None:
    with pytest.raises(DataError, match=r"'tests'.*train"):
        pairs("tests", 1)
    with pytest.raises(DataError, match="did you mean valid"):
        pairs("vlaid", 1)


@pytest.mark.parametrize("count", [-1, 10_000_000])
def test_an_impossible_count_says_what_can_be_given(count: int) -> None:
    with pytest.raises(DataError, match=rf"{count} .*from 0 to 300000"):
        pairs("train", count)
    assert list(pairs("train", 0)) == []


def test_an_unknown_size_names_the_allowed_ones() -> None:
    with pytest.raises(DataError, match=r"no size 'cor'.*did you mean core"):
        pairs("train", 1, size="cor")


@pytest.mark.slow
def test_a_hundred_and_fifty_thousand_distinct_pairs() -> None:
    assert len({pair.source for pair in pairs("train", 150_000, size="core")}) == 150_000  # `full` has more to say


def test_files_of_others_stay_and_the_same_files_are_no_trouble(tmp_path):
    write(tmp_path / "book", train=50, held_out=20, seed=3)
    (tmp_path / "book" / "valid.de").unlink()  # as after an interruption
    write(tmp_path / "book", train=50, held_out=20, seed=3)
    assert (tmp_path / "book" / "valid.de").exists()
    before = {path.name: path.read_bytes() for path in (tmp_path / "book").iterdir()}
    with pytest.raises(DataError, match=r"train\.en: is there already and holds something else; choose another"):
        write(tmp_path / "book", train=60, held_out=20, seed=4)
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "book").iterdir()}


def test_a_disk_that_fills_leaves_nothing(tmp_path, monkeypatch):
    write_text, count = Path.write_text, 0

    def full(path: Path, *arguments: Any, **options: Any) -> int:
        nonlocal count
        count += 1
        if count == 5:
            write_text(path, "half")
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write_text(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "new" / "book", train=50, held_out=20, seed=3)
    assert list(tmp_path.iterdir()) == []
