"""Stored pairs are the corpus tokenized, whatever happens to the cache; a million take little memory."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dragoman.data import store as store_module
from dragoman.data.corpus import CorpusReport, PairFiles, check, read_pairs, usable
from dragoman.data.store import SIDES, PairStore, prepare
from dragoman.errors import DataError
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train

TEXTS = [f"{adjective} {noun}" for adjective in ("good", "old", "new") for noun in ("house", "day", "👩‍👩‍👧 ▁x\u2028y")]
SOURCE = ["", "a much longer line than all of the others here", "x" * 200, *TEXTS]
TARGET = ["leer", "kurz", "zu lang", *(f"{text} über" for text in TEXTS)]

Row = tuple[str, str, list[int], list[int], str]  # source, target, ids of both, file:line


@pytest.fixture(scope="module")
def tokenizers() -> tuple[Tokenizer, Tokenizer]:
    return train(SOURCE, 320), train(TARGET, 310)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PairFiles:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = PairFiles(Path("train.en"), Path("train.de"))
    files.source.write_bytes("".join(f"{text}\n" for text in SOURCE).encode())
    Path("train.de").write_bytes("".join(f"{text}\n" for text in TARGET).encode())
    return files


@pytest.fixture
def report(files: PairFiles) -> CorpusReport:
    return check(files, max_characters=100)


def content(store: PairStore) -> list[Row]:
    every = range(len(store))
    columns = [store.texts(side, every) for side in SIDES]
    ids = [[row.tolist() for row in store.ids(side, every)] for side in SIDES]
    return list(zip(*columns, *ids, store.places(every), strict=True))


def expected(files: PairFiles, tokenizers: tuple[Tokenizer, Tokenizer], max_pieces: int) -> list[Row]:
    rows = []
    for pair in read_pairs(files):
        source, target = (
            list(tokenizers[0].encode(pair.source).ids),
            list(tokenizers[1].encode(pair.target).ids),
        )
        if usable(pair, 100) and max(len(source), len(target)) <= max_pieces:
            rows.append((pair.source, pair.target, source, target, f"train.en:{pair.line}"))
    return rows


def folders(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "dragoman" / "pairs").iterdir())


@pytest.mark.parametrize("max_pieces", [1000, 30])
@pytest.mark.parametrize("chunk", [{}, {"CHUNK_PAIRS": 3}, {"CHUNK_CHARACTERS": 20}], ids=str)
def test_the_store_holds_every_usable_pair_as_it_stands_in_the_files(
    files: PairFiles, report: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer], max_pieces: int,
    chunk: dict[str, int], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name, value in chunk.items():
        monkeypatch.setattr(store_module, name, value)
    store = prepare(files, *tokenizers, report, max_pieces)
    rows = expected(files, tokenizers, max_pieces)
    assert content(store) == rows
    for side, at in (("source", 2), ("target", 3)):
        assert store.lengths(side).tolist() == [len(row[at]) for row in rows]
    for number in reversed(range(len(store))):
        source, target, source_ids, target_ids, place = rows[number]
        assert [store.texts(side, [number]) for side in SIDES] == [[source], [target]]
        assert [store.ids(side, [number])[0].tolist() for side in SIDES] == [source_ids, target_ids]
        assert store.places([number]) == [place]


def test_a_pair_with_too_many_pieces_is_named_and_not_cut(
    files: PairFiles, report: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer]
) -> None:
    whole = prepare(files, *tokenizers, report, 1000)
    assert (whole.notes, whole.note, whole.too_long) == ((), None, None)
    size = int(whole.lengths("source").max())
    assert whole.lengths("source").tolist().count(size) == 1
    exact = prepare(files, *tokenizers, report, size)
    assert len(exact) == len(whole)
    store = prepare(files, *tokenizers, report, size - 1)
    words = f"1 pair with a side of more than {size - 1} pieces, not used: train.en:2 ({size})"
    assert store.notes == (words,)
    assert len(store) == len(whole) - 1
    with pytest.raises(DataError, match=r"no pair is left: 10 pairs .* raise train\.max_pieces$"):
        prepare(files, *tokenizers, report, 1)


def test_a_large_vocabulary_is_stored_in_wider_numbers(
    files: PairFiles, report: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer]
) -> None:
    class Wide:
        """A tokenizer of 70,000 ids: the other one's, moved up."""

        vocab_size, fingerprint = 70_000, "wide"

        def encode_ids(self, texts: list[str]) -> list[list[int]]:
            return [[index + 69_000 for index in row] for row in tokenizers[0].encode_ids(texts)]

    store = prepare(files, Wide(), tokenizers[1], report, 1000)  # type: ignore[arg-type]
    assert [row.dtype for side in SIDES for row in store.ids(side, [0])] == [np.uint32, np.uint16]
    rows = expected(files, tokenizers, 1000)
    assert [(row - 69_000).tolist() for row in store.ids("source", range(len(store)))] == [row[2] for row in rows]


def test_the_cache_is_private_and_used_again(
    files: PairFiles, report: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer], tmp_path: Path
) -> None:
    first = content(prepare(files, *tokenizers, report, 1000))
    (folder,) = folders(tmp_path)
    for private in (folder, folder.parent, folder.parent.parent):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    assert content(prepare(files, *tokenizers, report, 1000)) == first
    assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before


def test_another_text_tokenizer_or_limit_is_another_entry(
    files: PairFiles, report: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer], tmp_path: Path
) -> None:
    source, target = tokenizers
    prepare(files, source, target, report, 1000)
    prepare(files, target, source, report, 1000)
    prepare(files, source, source, report, 1000)
    prepare(files, source, target, check(files, max_characters=1000), 1000)
    files.source.write_bytes(files.source.read_bytes().replace(b"good", b"Good"))
    prepare(files, source, target, check(files, max_characters=100), 1000)
    assert len(folders(tmp_path)) == 5


@pytest.mark.parametrize("name", ["source.ids", "target.text.offsets", "lines", "header.json"])
@pytest.mark.parametrize("damage", ["cut", "missing", "longer", "a folder"])
def test_a_damaged_cache_is_made_anew(
    name: str, damage: str, files: PairFiles, report: CorpusReport,
    tokenizers: tuple[Tokenizer, Tokenizer], tmp_path: Path,
) -> None:  # fmt: skip
    first = content(prepare(files, *tokenizers, report, 1000))
    (folder,) = folders(tmp_path)
    path, data = folder / name, (folder / name).read_bytes()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(data[:-1] if damage == "cut" else data + b"\0")
    assert content(prepare(files, *tokenizers, report, 1000)) == first
    assert folders(tmp_path) == [folder]
    assert (folder / name).read_bytes() == data


def test_a_header_with_another_number_in_it_is_noticed(
    files: PairFiles, report: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer], tmp_path: Path
) -> None:
    prepare(files, *tokenizers, report, 1000)
    (folder,) = folders(tmp_path)
    whole = (folder / "header.json").read_text()
    (folder / "header.json").write_text(whole.replace("uint16", "uint32"))
    with pytest.raises(DataError, match="damaged tokenized pairs; delete the folder"):
        PairStore(folder, files, 1000)
    prepare(files, *tokenizers, report, 1000)
    assert (folder / "header.json").read_text() == whole


def test_a_killed_run_leaves_nothing_that_is_used(
    files: PairFiles, report: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer], tmp_path: Path
) -> None:
    for name, tokenizer in zip(("a.json", "b.json"), tokenizers, strict=True):
        tokenizer.save(name)
    program = """
import os, signal, sys
from pathlib import Path
from dragoman.data import store
from dragoman.data.corpus import PairFiles, check
from dragoman.text.tokenizer import Tokenizer
steps = iter(range(int(sys.argv[1])))
sync = store.sync
def last(path):  # every file is written by now, in part synced, not yet in its place
    if next(steps, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
    sync(path)
store.sync = last
files = PairFiles(Path("train.en"), Path("train.de"))
store.prepare(files, Tokenizer.load("a.json"), Tokenizer.load("b.json"), check(files, 100), 1000)
"""
    for steps in (0, 5, 10):
        run = subprocess.run([sys.executable, "-c", program, str(steps)])
        assert run.returncode == -signal.SIGKILL
    left = folders(tmp_path)
    assert len(left) == 3 and all(path.name.endswith(".tmp") for path in left)
    os.utime(left[0], (0, 0))
    assert content(prepare(files, *tokenizers, report, 1000)) == expected(files, tokenizers, 1000)
    assert {path for path in folders(tmp_path) if path.name.endswith(".tmp")} == set(left[1:])  # perhaps at work


@pytest.mark.parametrize("home", [None, "", "here"])
def test_a_home_that_says_nothing_is_that_of_the_system(home: str | None, files, report, tokenizers, monkeypatch):
    known = Path("home").absolute()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME") if home is None else monkeypatch.setenv("HOME", home)
    monkeypatch.setattr("pwd.getpwuid", lambda user: SimpleNamespace(pw_dir=str(known)))
    prepare(files, *tokenizers, report, 1000)
    assert list((known / ".cache" / "dragoman" / "pairs").iterdir()) and not Path("here").exists()


@pytest.mark.parametrize("reason", ["not a folder", "somebody else's"])
def test_without_a_cache_folder_the_pairs_live_as_long_as_the_store(
    reason: str, files: PairFiles, report: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    if reason == "not a folder":
        (tmp_path / "cache").write_text("")
    elif os.geteuid() == 0:
        (tmp_path / "cache" / "dragoman").mkdir(parents=True)
        os.chown(tmp_path / "cache" / "dragoman", 65534, 65534)
    else:
        pytest.skip("only root can give a folder away")
    store = prepare(files, *tokenizers, report, 1000)
    (private,) = (tmp_path / "temporary").iterdir()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert store.note and f"{tmp_path / 'cache' / 'dragoman'}: cannot be written (" in store.note
    assert f"the tokenized pairs are in {private} for this run only; " in store.note
    assert content(store) == expected(files, tokenizers, 1000)
    del store
    assert not private.exists()
    with pytest.raises(DataError, match="no pair is left"):
        prepare(files, *tokenizers, report, 1)
    assert not list((tmp_path / "temporary").iterdir())


def test_a_full_disk_is_an_error_with_words_and_leaves_nothing(
    files: PairFiles, tokenizers: tuple[Tokenizer, Tokenizer], tmp_path: Path
) -> None:
    for name, tokenizer in zip(("a.json", "b.json"), tokenizers, strict=True):
        tokenizer.save(name)
    program = """
import resource
from pathlib import Path
from dragoman.data.corpus import PairFiles, check
from dragoman.data.store import prepare
from dragoman.errors import DataError
from dragoman.text.tokenizer import Tokenizer
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
files = PairFiles(Path("train.en"), Path("train.de"))
try:
    prepare(files, Tokenizer.load("a.json"), Tokenizer.load("b.json"), check(files, 100), 1000)
except DataError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "cannot be written: File too large; tokenized pairs take" in run.stdout
    assert folders(tmp_path) == []


def test_files_that_change_after_the_check_are_refused(
    files: PairFiles, report: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer], tmp_path: Path
) -> None:
    for path in files.paths:
        path.write_bytes(path.read_bytes() + b"one more\n")
    with pytest.raises(DataError, match=r"changed while they were read \(10 usable pairs, then 11\)"):
        prepare(files, *tokenizers, report, 1000)
    assert folders(tmp_path) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measures memory as Linux tells it")
def test_ten_million_pairs_would_fit_in_a_gigabyte(request: pytest.FixtureRequest) -> None:
    script = request.config.rootpath / "benchmarks" / "corpus_memory.py"
    measured = {}
    for pairs in (100_000, 400_000):
        command = [sys.executable, str(script), "--pairs", str(pairs), "--merge-dropout", "0.1"]
        measured[pairs] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        assert measured[pairs]["seen"] == pairs
        assert measured[pairs]["growth"] <= 0.05
    for step, small in measured[100_000]["own"].items():
        large = measured[400_000]["own"][step]
        each = max(0, large - small) / 300_000
        assert large + each * 9_600_000 < 1e9, step
