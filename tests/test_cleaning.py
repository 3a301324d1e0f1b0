"""Planted faults are found and sound pairs are not; cleaning and restoring gives back the same bytes."""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import CHECKOUT, shared_data
from dragoman.cli import run
from dragoman.data.cleaning import NAMES, CleanOptions, inspect
from dragoman.data.corpus import PairFiles
from dragoman.data.numbers import disagreement
from dragoman.data.phrasebook import pairs as phrasebook_pairs
from dragoman.data.removal import join, split
from dragoman.data.tongues import stranger
from dragoman.errors import ConfigError, DataError

sys.path.insert(0, str(CHECKOUT / "benchmarks"))

import cleaning
from planted_faults import KINDS, base, foreign, plant

STRANGERS = [
    "Il fait beau aujourd'hui, n'est-ce pas ?",
    "Je ne sais pas ce que vous voulez dire.",
    "Esta es la casa de mi abuela, pero ella no vive aquí.",
    "Não sei o que dizer sobre isso, é muito estranho.",
    "Non è facile capire che cosa vuole dire con questo.",
]


@pytest.fixture(scope="module")
def phrasebook(tmp_path_factory: pytest.TempPathFactory) -> tuple[PairFiles, PairFiles, cleaning.Planted]:
    planted = plant(base("phrasebook", Path(), 0)[:9_000], STRANGERS, seed=3)
    folder = tmp_path_factory.mktemp("planted")
    return cleaning.write(folder, "train", planted.pairs), cleaning.write(folder, "test", planted.test), planted


@pytest.mark.slow
def test_planted_faults_are_found_and_little_else(phrasebook) -> None:
    train, test, planted = phrasebook
    found = inspect(train, CleanOptions(), test)
    for kind, count, _, _, recall, precision in cleaning.judge(found, planted):
        assert count >= 30 and recall >= 0.95 and precision >= 0.95, (kind, count, recall, precision)
    assert [abs(one.first - at - 1) <= 3 for one, at in zip(found.stretches, planted.drift_at, strict=True)] == [
        True
    ] * 3
    for finding in found.findings:
        assert 1 <= len(finding.examples) <= 3
        for shown in finding.examples:
            assert (shown.source, shown.target) == planted.pairs[shown.line - 1]
            assert finding.name in found.found_by(shown.line - 1)


@pytest.mark.slow
@pytest.mark.real_data("tatoeba-en-de", "multi30k", "tatoeba-en-fr", "ntrex128", "bible-en-es")
@pytest.mark.parametrize("name", ["tatoeba-en-de/de", "multi30k/de"])
def test_planted_faults_are_found_in_real_text(name: str, tmp_path: Path) -> None:
    planted = plant(base(name, shared_data(), 1), foreign(shared_data(), ("de",)), seed=4)
    found = inspect(
        cleaning.write(tmp_path, "train", planted.pairs), CleanOptions(), cleaning.write(tmp_path, "test", planted.test)
    )
    for kind, _, _, _, recall, precision in cleaning.judge(found, planted):
        assert recall >= 0.95 and precision >= 0.95, (kind, recall, precision)


@pytest.mark.parametrize("dropped", [("source", 4), ("target", 3_000)])
def test_a_dropped_line_is_named(dropped: tuple[str, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    side, line = dropped
    pairs = base("phrasebook", Path(), 0)[:5_000]
    files = cleaning.write(tmp_path, "train", pairs)
    path = files.source if side == "source" else files.target
    assert path is not None
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[line]
    path.write_bytes(b"".join(lines))
    (stretch,) = inspect(files, CleanOptions(only=("drift",))).stretches
    assert abs(stretch.first - line) <= 3 and stretch.last >= 4_999
    assert stretch.shift == (1 if side == "source" else -1)
    out = ["-o", str(tmp_path / "a"), str(tmp_path / "b")]
    assert run(["data", "clean", "--source", str(files.source), "--target", str(files.target), *out]) == 2
    assert "stands 1 line" in capsys.readouterr().err and not (tmp_path / "a").exists()


in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
line = st.text(st.sampled_from("ab \u00e4\u2028\r\t😀"), max_size=6)
SQUEEZE = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


@in_one_folder
@given(
    pairs=st.lists(st.tuples(line, line, st.booleans()), min_size=1, max_size=8),
    ends=st.tuples(st.sampled_from(["\n", "\r\n"]), st.sampled_from(["\n", "\r\n"])),
    last=st.booleans(),
    bom=st.booleans(),
)
def test_splitting_and_joining_gives_the_same_bytes(pairs, ends, last: bool, bom: bool, tmp_path: Path) -> None:
    files = PairFiles(tmp_path / "a", tmp_path / "b")
    whole = []
    for place, path in enumerate(files.paths):
        text = ends[place].join(["x", *(pair[place] for pair in pairs), "end"]) + ends[place] * last
        whole.append(("\ufeff" * bom + text).encode())
        path.write_bytes(whole[-1])
    removed = np.array([pairs[0][2], *(pair[2] for pair in pairs), pairs[-1][2]])
    kept, listing = [tmp_path / "c", tmp_path / "d"], tmp_path / "list"
    with open(kept[0], "wb") as one, open(kept[1], "wb") as other, open(listing, "wb") as file:
        split(files, removed, lambda index: ["length"], [one, other], file)
    assert sum(len(path.read_bytes().split(b"\n")) for path in kept) <= sum(len(text.split(b"\n")) for text in whole)
    out = [tmp_path / "e", tmp_path / "f"]
    with open(out[0], "wb") as one, open(out[1], "wb") as other:
        assert join(kept, listing, [one, other]) == len(removed)
    assert [path.read_bytes() for path in out] == whole


@pytest.mark.parametrize("suffix", [".tsv", ".jsonl.gz", ".tsv.zst"])
def test_clean_and_restore_one_file(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("Hello there, Tom.", "Hallo, Tom."), ("Nothing", ""), ("It costs 3 euros.", "Es kostet 4 Euro.")]
    if "tsv" in suffix:
        text = "".join(f"{source}\t{target}\n" for source, target in rows)
    else:
        text = "".join(json.dumps({"target": t, "id": 7, "source": s}) + " \n" for s, t in rows)
    given_, out, again = (tmp_path / f"{name}{suffix}" for name in ("in", "out", "again"))
    end = given_.suffix if given_.suffix in SQUEEZE else ""
    given_.write_bytes(SQUEEZE[end](text.encode()))
    assert run(["data", "clean", "--source", str(given_), "-o", str(out)]) == 0
    listing = [json.loads(row) for row in (tmp_path / "out.removed.jsonl").read_text().splitlines()]
    assert [(row["line"], row["filters"]) for row in listing[1:]] == [(2, ["length"]), (3, ["numbers"])]
    assert run(["data", "restore", "--source", str(out), "-o", str(again)]) == 0
    unpack = {
        "": bytes,
        ".gz": gzip.decompress,
        ".zst": lambda raw: zstandard.ZstdDecompressor().decompressobj().decompress(raw),
    }
    assert unpack[end](again.read_bytes()).decode() == text
    assert "kept" in capsys.readouterr().err
    out.write_bytes(SQUEEZE[end](b"Something else\tEtwas anderes\n"))
    assert run(["data", "restore", "--source", str(out), "-o", str(tmp_path / f"no{suffix}")]) == 2
    assert "not what was kept" in capsys.readouterr().err and not (tmp_path / f"no{suffix}").exists()


def test_the_pairs_removed_from_another_corpus_are_not_lost(tmp_path, monkeypatch, capsys):
    """Texts of one name but for the suffix have one list."""
    monkeypatch.chdir(tmp_path)
    for language, text in (("en", "Hello there, Tom.\n"), ("de", "Hallo, Tom.\n"), ("fr", "Salut, Tom.\n")):
        (tmp_path / f"train.{language}").write_text(text + "\n")
    first = ["data", "clean", "--source", "train.en", "--target", "train.de", "-o", "c.en", "c.de"]
    assert run(first) == 0 and run(first) == 0  # as often as one likes
    listing = (tmp_path / "c.removed.jsonl").read_bytes()
    assert run(["data", "clean", "--source", "train.fr", "--target", "train.en", "-o", "c.fr", "c.en"]) == 2
    assert "removed from another corpus are there" in capsys.readouterr().err
    assert (tmp_path / "c.removed.jsonl").read_bytes() == listing and not (tmp_path / "c.fr").exists()


@pytest.mark.parametrize(
    ("line", "edit", "said"),
    [
        (0, {"pairs": None}, "not a list of removed pairs"),
        (0, {"pairs": 10**15}, "not what was kept"),
        (0, {"sha256": "ab"}, "not a list of removed pairs"),
        (0, {"sha256": []}, "of a corpus of 0 files"),
        (1, {"line": "2"}, "removed.jsonl:2: not a removed pair of 1 files"),
        (1, {"raw": "x"}, "removed.jsonl:2: not a removed pair"),
        (1, {"raw": ["a", "b"]}, "removed.jsonl:2: not a removed pair"),
        (1, {"raw": [3]}, "removed.jsonl:2: not the raw lines"),
        (1, {"raw": ["\ud800"]}, "removed.jsonl:2: not the raw lines"),
        (1, {"raw": ["changed\n"]}, "not what was kept"),
    ],
)
def test_a_list_that_was_changed_by_hand_is_refused_in_words(line, edit, said, tmp_path, capsys):
    corpus, kept = tmp_path / "corpus.tsv", tmp_path / "kept.tsv"
    corpus.write_text("a good pair\tein gutes Paar\n\tnothing\nanother one\tnoch eins\n")
    assert run(["data", "clean", "--source", str(corpus), "-o", str(kept), "--only", "length"]) == 0
    listing = tmp_path / "kept.removed.jsonl"
    rows = [json.loads(row) for row in listing.read_text().splitlines()]
    rows[line] |= edit
    listing.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    capsys.readouterr()
    assert run(["data", "restore", "--source", str(kept), "-o", str(tmp_path / "again.tsv")]) == 2
    assert said in capsys.readouterr().err and not (tmp_path / "again.tsv").exists()


def test_only_and_skip_and_settings_say_what_is_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "a.tsv"
    table.write_text("Hello you there\tHallo du da\nIt costs 3 euros.\tEs kostet 4 Euro.\nNothing\t\n")
    inspect_ = ["data", "inspect", "--json", "--source", str(table)]
    counts = []
    for extra in ([], ["--only", "length"], ["--skip", "length,numbers"], ["--set", "clean.max_words=2"]):
        assert run([*inspect_, *extra]) == 0
        counts.append(json.loads(capsys.readouterr().out)["removed"])
    assert counts == [2, 1, 0, 3]
    assert run([*inspect_[:2], *inspect_[3:]]) == 0
    assert "a.tsv:3: target has no word" in capsys.readouterr().out


def test_what_cannot_be_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="did you mean language"):
        CleanOptions(only=("langauge",))
    with pytest.raises(ConfigError, match="copy_share"):
        CleanOptions(copy_share=1.5)
    table = tmp_path / "a.tsv"
    table.write_text("")
    with pytest.raises(DataError, match="no lines"):
        inspect(PairFiles(table), CleanOptions())
    table.write_text("a\tb\n")
    for arguments, words in (
        (["-o", str(table)], "would replace a file that is read"),
        (["-o", str(tmp_path / "b.tsv"), str(tmp_path / "c.tsv")], "1 to read and 2 to write"),
        (["-o", str(tmp_path / "b.tsv"), "--only", "leakage"], "without a test set"),
    ):
        assert run(["data", "clean", "--source", str(table), *arguments]) == 2
        assert words in capsys.readouterr().err
    assert table.read_text() == "a\tb\n" and sorted(path.name for path in tmp_path.iterdir()) == ["a.tsv"]


def test_examples_are_of_lines_that_both_files_have(tmp_path: Path) -> None:
    for side, count in (("en", 60), ("de", 50)):
        (tmp_path / side).write_text("".join(f"Line number {number} of the {side} side.\n" for number in range(count)))
    found = inspect(PairFiles(tmp_path / "en", tmp_path / "de"), CleanOptions())
    assert found.pairs == 50 and found.lines == (60, 50)
    assert all(example.line <= 50 for finding in found.findings for example in finding.examples)
    length = next(finding for finding in found.findings if finding.name == "length")
    assert (length.count, length.examples) == (0, ())


def test_a_third_language_is_named_even_where_the_other_side_explains_it_better(tmp_path: Path) -> None:
    pairs = [[pair.source, pair.target] for pair in phrasebook_pairs("train", 1_500, seed=3)]
    foreign_texts = {41: "Ik weet niet wat ik moet doen met het huis dat zij heeft.", 42: STRANGERS[1]}
    for line, text in foreign_texts.items():
        pairs[line - 1][1] = text
    for place, side in enumerate(("en", "de")):
        (tmp_path / side).write_text("".join(f"{pair[place]}\n" for pair in pairs))
    found = inspect(PairFiles(tmp_path / "en", tmp_path / "de"), CleanOptions(only=("language",)))
    said = {example.line: example.words for example in found.findings[0].examples}
    assert "reads like Dutch" in said[41] and "reads like French" in said[42]


@pytest.mark.parametrize(
    ("text", "own", "found"),
    [
        (
            "Los vecinos de mi hermano dicen que le esperan más tarde.",
            "French",
            "Spanish",
        ),  # French has de, que, le too
        ("Bist du morgen zu Hause?", "English", "German"),
        ("Non siamo ancora stati nel museo di Torino.", "French", "Italian"),
        ("Je ne veux ni le vin ni la bière.", "French", None),
        ("Er will die Antwort nicht wissen.", "German", None),
        ("Schröder, Hannover", "English", None),
    ],
)
def test_common_words_tell_a_third_language(text: str, own: str, found: str | None) -> None:
    assert stranger(text, own, frozenset()) == found


def test_every_filter_has_a_planted_fault() -> None:
    assert set(KINDS) == set(NAMES)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Let's start at 2:30.", "Commençons à 14 h 30."),
        ("I was with Tom from 8:30 to 2:30.", "J'étais avec Tom de 8h30 à 14h30."),
        ("He won't be here until 1:00.", "Il ne sera pas là avant 13 heures."),
        ("She phoned at 10:00 p.m.", "Sie rief um 22 Uhr an."),
        ("She will be back at five.", "Elle sera de retour à 17h."),
        ("I am 18 years old.", "J'ai dix-huit ans."),
        ("There were 215 votes.", "Il y eut deux-cent-quinze voix."),
        ("In the year 2012", "Im Jahre zweitausendundzwölf"),
        ("a 17th century church", "une église du XVIIe siècle"),
        ("songs of the 1970s", "des chansons des années soixante-dix"),
        ("I'm free on February 27th.", "Ich habe am 27.2. Zeit."),
        ("They attacked on December 7, 1941.", "Sie griffen am 7.12.1941 an."),
    ],
)
def test_a_number_may_be_written_in_many_ways(source: str, target: str) -> None:
    assert disagreement(source, target) is None and disagreement(target, source) is None


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("It began in 1830.", "Es begann 1930."),
        ("We met at 2:30.", "Wir trafen uns um 15:30."),
        ("He has 17 cats.", "Er hat 19 Katzen."),
        ("There were 215 votes.", "Es waren viele Stimmen."),
        ("on February 27th", "am 28.2."),
        ("a 17th century church", "une église du XVIe siècle"),
        ("It costs 57 euros.", "Es kostet 75 Euro."),
    ],
)
def test_another_number_is_another(source: str, target: str) -> None:
    assert disagreement(source, target) and disagreement(target, source)
