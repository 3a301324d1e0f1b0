"""The corpora that people really have: each ends with an exact report or one exact line of refusal."""

import gzip
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard

from dragoman.data.corpus import PairFiles, check, read_pairs, usable
from dragoman.errors import DataError

EN, DE = Path("train.en"), Path("train.de")
TWO = PairFiles(EN, DE)


@dataclass(frozen=True)
class Good:
    """Files that work: the report after its first line, and every pair with its line."""

    name: str
    files: dict[str, bytes]
    pairs: list[tuple[int, str, str]]
    report: list[str]
    paths: PairFiles = TWO


@dataclass(frozen=True)
class Bad:
    """Files that do not work, and all that is said about them."""

    name: str
    files: dict[str, bytes]
    message: str
    paths: PairFiles = TWO


def inside(character: str) -> Good:
    """Return a corpus with `character` inside a line of each side, where `str.splitlines` would cut."""
    source = [f"one{character}two", "three", "four"]
    target = ["eins zwei", f"dr{character}ei", "vier"]
    return Good(
        f"U+{ord(character):04X} inside a line",
        {"train.en": "\n".join(source).encode() + b"\n", "train.de": "\n".join(target).encode() + b"\n"},
        [(line, *pair) for line, pair in enumerate(zip(source, target, strict=True), start=1)],
        [],
    )


HEAD = b"a line of text that is longer than nothing\n" * 200  # beyond the first 8,000 bytes
HEAD_DE = b"eine Zeile Text\n" * 200
SMALL = {"train.en": b"one\ntwo\n", "train.de": b"eins\nzwei\n"}
SMALL_PAIRS = [(1, "one", "eins"), (2, "two", "zwei")]
MANY = "\n".join(f"sentence number {n} of a text" for n in range(2000)).encode() + b"\n"

GOOD = [
    Good(
        "byte order mark",
        {"train.en": b"\xef\xbb\xbfone\ntwo\n", "train.de": b"eins\nzwei\n"},
        SMALL_PAIRS,
        ["train.en: a byte order mark at the start is left out"],
    ),
    Good(
        "CR LF on every line",
        {"train.en": b"one\r\ntwo\r\n", "train.de": b"eins\nzwei\n"},
        SMALL_PAIRS,
        ["train.en: every line ends in CR LF; the CR is left out"],
    ),
    Good(
        "byte order mark, CR LF, no last newline",
        {"train.en": b"\xef\xbb\xbfone\r\ntwo", "train.de": b"eins\nzwei"},
        SMALL_PAIRS,
        [
            "train.en: a byte order mark at the start is left out",
            "train.en: every line ends in CR LF; the CR is left out",
        ],
    ),
    Good(
        "CR LF on some lines stays text",
        {"train.en": b"one\r\ntwo\n", "train.de": b"eins\nzwei\r\n"},
        [(1, "one\r", "eins"), (2, "two", "zwei\r")],
        [],
    ),
    inside("\r"),
    inside("\u2028"),
    inside("\u0085"),
    inside("\x0b"),
    inside("\x1c"),
    Good(
        "NUL far into a text",
        {"train.en": HEAD + b"one\0\ntwo\n", "train.de": HEAD_DE + b"eins\nzwei\n"},
        [(n, HEAD.decode().split("\n")[0], "eine Zeile Text") for n in range(1, 201)]
        + [(201, "one\0", "eins"), (202, "two", "zwei")],
        [
            "1 pair with a NUL character, not used: train.en:201",
            "199 pairs with an earlier duplicate, used: train.en:2, train.en:3, train.en:4, ...",
        ],
    ),
    Good(
        "empty sides",
        {"train.en": b"one\n\n \t\nfour\n\n", "train.de": b"eins\nzwei\ndrei\n\n\n"},
        [(1, "one", "eins"), (2, "", "zwei"), (3, " \t", "drei"), (4, "four", ""), (5, "", "")],
        ["4 pairs with an empty side, not used: train.en:2, train.en:3, train.de:4, ..."],
    ),
    Good(
        "a line of 100,000 characters",
        {"train.en": b"one\n" + b"x" * 100_000 + b"\nthree\n", "train.de": b"eins\nzwei\ndrei\n"},
        [(1, "one", "eins"), (2, "x" * 100_000, "zwei"), (3, "three", "drei")],
        ["1 pair with a side of more than 10,000 characters, not used: train.en:2 (100,000)"],
    ),
    Good("one pair", {"train.en": b"one", "train.de": b"eins"}, [(1, "one", "eins")], []),
    Good(
        "duplicates only",
        {"train.en": b"one\n" * 5, "train.de": b"eins\n" * 5},
        [(n, "one", "eins") for n in range(1, 6)],
        ["4 pairs with an earlier duplicate, used: train.en:2, train.en:3, train.en:4, ..."],
    ),
    Good(
        "some identical sides",
        {"train.en": b"one\nBerlin\n1984\nfour\n", "train.de": b"eins\nBerlin\n1984\nvier\n"},
        [(1, "one", "eins"), (2, "Berlin", "Berlin"), (3, "1984", "1984"), (4, "four", "vier")],
        ["2 pairs with identical sides, used: train.en:2, train.en:3"],
    ),
    Good(
        "swapped sides",
        {"train.en": b"one\nzwei\n", "train.de": b"eins\ntwo\n"},
        [(1, "one", "eins"), (2, "zwei", "two")],
        [],
    ),
    Good(
        "gzip of two members",
        {"train.en.gz": gzip.compress(b"one\ntw") + gzip.compress(b"o\n"), "train.de": b"eins\nzwei\n"},
        SMALL_PAIRS,
        [],
        PairFiles(Path("train.en.gz"), DE),
    ),
    Good(
        "zstd of two frames and a skippable one",
        {
            "train.en.zst": zstandard.compress(b"one\ntw")
            + b"\x50\x2a\x4d\x18\x02\0\0\0ab"
            + zstandard.compress(b"o\n"),
            "train.de": b"eins\nzwei\n",
        },
        SMALL_PAIRS,
        [],
        PairFiles(Path("train.en.zst"), DE),
    ),
    Good(
        "tab-separated",
        {"pairs.tsv": b"one\teins\ntwo \t\n"},
        [(1, "one", "eins"), (2, "two ", "")],
        ["1 pair with an empty side, not used: pairs.tsv:2"],
        PairFiles(Path("pairs.tsv")),
    ),
    Good(
        "JSON lines, compressed",
        {"pairs.jsonl.zst": zstandard.compress(b'{"source": "o\\nne", "target": "ein\\u2028s", "id": 7}\n')},
        [(1, "o\nne", "ein\u2028s")],
        [],
        PairFiles(Path("pairs.jsonl.zst")),
    ),
]

BAD = [
    Bad(
        "source longer",
        {"train.en": b"a\nb\nc\nd\n", "train.de": b"A\nB\n"},
        "train.en has 4 lines, train.de 2; each line must have its translation on the same line "
        "(train.de:3 is missing)",
    ),
    Bad(
        "target longer",
        {"train.en": b"a\nb\n", "train.de": b"A\nB\nC"},
        "train.en has 2 lines, train.de 3; each line must have its translation on the same line "
        "(train.en:3 is missing)",
    ),
    Bad(
        "bad UTF-8",
        {"train.en": b"one\ntwo\n", "train.de": b"eins\nzw\xe9i\n"},
        "train.de:2: not UTF-8: byte 0xE9 at byte 3 of the line, 8 of the text; save the file as UTF-8",
    ),
    Bad(
        "an encoded surrogate",
        {"train.en": b"\xef\xbb\xbfx\xed\xa0\x80\ntwo\n", "train.de": b"eins\nzwei\n"},
        "train.en:1: not UTF-8: byte 0xED at byte 5 of the line, 5 of the text; save the file as UTF-8",
    ),
    Bad(
        "binary",
        {"train.en": b"\x7fELF\x02\x01\x01\0\0\0", "train.de": b"eins\n"},
        "train.en:1: a NUL at byte 8: binary data; give UTF-8 text",
    ),
    Bad(
        "NUL near the start",
        {"train.en": b"one\nt\0wo\n", "train.de": b"eins\nzwei\n"},
        "train.en:2: a NUL at byte 6: binary data; give UTF-8 text",
    ),
    Bad(
        "UTF-16",
        {"train.en": "one\n".encode("utf-16"), "train.de": b"eins\n"},
        "train.en: UTF-16 text, not plain text; give UTF-8 text, plain or as .gz or .zst",
    ),
    Bad(
        "empty",
        {"train.en": b"", "train.de": b""},
        "train.en and train.de: no lines; give at least one pair of sentences",
    ),
    Bad(
        "one side empty",
        {"train.en": b"one\ntwo\n", "train.de": b""},
        "train.en has 2 lines, train.de 0; each line must have its translation on the same line "
        "(train.de:1 is missing)",
    ),
    Bad(
        "only empty lines",
        {"train.en": b"\n\n", "train.de": b"\n\n"},
        "train.en and train.de: no usable pair is left: 2 pairs with an empty side, not used: train.en:1, train.en:2",
    ),
    Bad(
        "identical sides",
        {"train.en": b"one\ntwo\nthree\n\n", "train.de": b"one\ntwo\ndrei\n\n"},
        "train.en and train.de: 2 of 3 usable pairs have identical sides (first: train.en:1); "
        "give a text and its translation",
    ),
    Bad(
        "the same file twice",
        SMALL,
        "train.en and sub/../train.en: the same file on both sides; give a text and its translation",
        PairFiles(EN, Path("sub/../train.en")),
    ),
    Bad(
        "gzip under another name",
        {"train.en": gzip.compress(b"one\n"), "train.de": b"eins\n"},
        "train.en: gzip data, not plain text; name it train.en.gz",
    ),
    Bad(
        "zstd under gzip's name",
        {"train.en.gz": zstandard.compress(b"one\n"), "train.de": b"eins\n"},
        "train.en.gz: named .gz but not gzip data; give it its right name",
        PairFiles(Path("train.en.gz"), DE),
    ),
    Bad(
        "plain text under zstd's name",
        {"train.en.zst": b"one\n", "train.de": b"eins\n"},
        "train.en.zst: named .zst but not zstd data; give it its right name",
        PairFiles(Path("train.en.zst"), DE),
    ),
    Bad(
        "a zip archive",
        {"train.en": b"PK\x03\x04\x14\0", "train.de": b"eins\n"},
        "train.en: a zip archive, not plain text; give UTF-8 text, plain or as .gz or .zst",
    ),
    Bad(
        "damaged gzip",
        {"train.en.gz": gzip.compress(b"one\n")[:-8] + b"\1\2\3\4\4\0\0\0", "train.de": b"eins\n"},
        "train.en.gz:2: damaged compressed data (CRC check failed 0x4030201 != 0xf817a89f); copy it again",
        PairFiles(Path("train.en.gz"), DE),
    ),
    Bad("missing", {"train.de": b"eins\n"}, "train.en: cannot be read: No such file or directory"),
    Bad(
        "two tabs",
        {"pairs.tsv": b"one\teins\ntwo\tzwei\tdos\n"},
        "pairs.tsv:2: 3 columns; write two, source and target, with one tab between",
        PairFiles(Path("pairs.tsv")),
    ),
    Bad(
        "a blank line among columns",
        {"pairs.tsv.gz": gzip.compress(b"one\teins\n\n")},
        "pairs.tsv.gz:2: 1 columns; write two, source and target, with one tab between",
        PairFiles(Path("pairs.tsv.gz")),
    ),
]
JSON = {
    b'{"source": "one"': "not JSON (Expecting ',' delimiter at character 17)",
    b'["one", "eins"]': "not a JSON object",
    b'{"source": "one"}': 'no text "target" in the object',
    b'{"source": 1, "target": "eins"}': 'no text "source" in the object',
    b"[" * 100_000: "not to be read as JSON (it is nested too deep)",
    b'{"source": "one", "target": "eins", "source": "two"}': "not to be read as JSON ('source' stands there twice)",
    b'{"source": "one", "target": "eins", "score": NaN}': "not to be read as JSON (NaN is not JSON)",
}


def write(folder: Path, files: dict[str, bytes]) -> None:
    (folder / "sub").mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        act()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # so that messages name files the way a user gave them


@pytest.mark.parametrize("good", GOOD, ids=lambda good: good.name)
def test_a_corpus_that_works(good: Good, tmp_path: Path) -> None:
    write(tmp_path, good.files)
    report = check(good.paths)
    pairs = list(read_pairs(good.paths))
    assert [tuple(pair) for pair in pairs] == good.pairs
    count = sum(usable(pair) for pair in pairs)
    word = "pair" if len(pairs) == 1 else "pairs"
    assert report.lines() == [f"{good.paths}: {len(pairs):,} {word}, {count:,} usable", *good.report]
    assert (report.pairs, report.usable) == (len(pairs), count)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_corpus_that_does_not_work(bad: Bad, tmp_path: Path) -> None:
    write(tmp_path, bad.files)
    assert refusal(lambda: check(bad.paths)) == bad.message


@pytest.mark.parametrize("line", JSON, ids=lambda line: line[:20].decode())
def test_json_that_does_not_work(line: bytes, tmp_path: Path) -> None:
    write(tmp_path, {"pairs.jsonl": b'{"source": "a", "target": "A"}\n' + line + b"\n"})
    message = refusal(lambda: check(PairFiles(Path("pairs.jsonl"))))
    assert message == f'pairs.jsonl:2: {JSON[line]}; write {{"source": "...", "target": "..."}}'


def test_half_a_surrogate_pair_in_json(tmp_path: Path) -> None:
    write(tmp_path, {"pairs.jsonl": b'{"source": "a\\ud83d", "target": "A"}\n'})
    message = refusal(lambda: check(PairFiles(Path("pairs.jsonl"))))
    assert message == 'pairs.jsonl:1: "source" holds half of a surrogate pair; write the whole pair'


@pytest.mark.parametrize(("suffix", "squeeze"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
@pytest.mark.parametrize("cut", [0.999, 0.5, 0.1])
def test_compressed_data_that_are_cut_short(
    suffix: str, squeeze: Callable[[bytes], bytes], cut: float, tmp_path: Path
) -> None:
    whole = squeeze(MANY)
    files = PairFiles(Path(f"train.en{suffix}"), DE)
    write(tmp_path, {f"train.en{suffix}": whole[: int(len(whole) * cut)], "train.de": MANY.upper()})
    name, line, words = refusal(lambda: check(files)).split(":")
    assert (name, words) == (f"train.en{suffix}", " the compressed data end too early; copy it again")
    assert 1 <= int(line) <= 2001
    (tmp_path / files.source).write_bytes(whole)
    assert check(files).pairs == 2000


def test_a_folder_and_a_fifo_are_refused_at_once(tmp_path: Path) -> None:
    write(tmp_path, SMALL)
    assert refusal(lambda: check(PairFiles(Path("sub"), DE))) == "sub: a folder; give a text file"
    os.mkfifo(tmp_path / "pipe")
    for special in ("pipe", "/dev/null"):
        expected = f"{special}: not a regular file; it is read more than once, so save it as one first"
        assert refusal(lambda path=special: check(PairFiles(EN, Path(path)))) == expected


def test_an_unreadable_file() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        source, target = Path(folder, "train.en"), Path(folder, "train.de")
        source.write_bytes(b"one\n")
        target.write_bytes(b"eins\n")
        target.chmod(0)
        me = os.geteuid()
        if me == 0:
            os.seteuid(65534)  # root may read everything
        try:
            message = refusal(lambda: check(PairFiles(source, target)))
        finally:
            os.seteuid(me)
        assert message == f"{target}: cannot be read: Permission denied"


def test_a_file_that_changed_has_another_hash(tmp_path: Path) -> None:
    write(tmp_path, SMALL)
    before = check(TWO).sha256
    (tmp_path / "train.de").write_bytes(b"eins\nZwei\n")
    after = check(TWO).sha256
    assert before[0] == after[0] and before[1] != after[1]


def test_one_file_must_say_how_it_holds_both_sides() -> None:
    message = refusal(lambda: PairFiles(Path("train.txt.gz")))
    assert message == "train.txt.gz: one file with both sides must be .tsv or .jsonl; or give a target file too"
