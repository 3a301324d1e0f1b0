"""Reading pairs gives back every line whatever it holds; the report counts what brute force counts."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman.data.corpus import Pair, PairFiles, check, read_lines, read_pairs, usable
from dragoman.data.lines import BINARY_HEAD, MAX_LINE_BYTES, lines, look
from dragoman.errors import DataError

in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
LINE_ENDS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"  # to str.splitlines; not to us
line = st.text(
    st.one_of(st.sampled_from(LINE_ENDS + " \t▁"), st.characters(exclude_categories=("Cs",))), max_size=20
).filter(lambda text: "\n" not in text and "\0" not in text)
SQUEEZE = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


@in_one_folder
@given(texts=st.lists(line, min_size=2), suffix=st.sampled_from(list(SQUEEZE)), newline=st.booleans())
def test_lines_come_back_as_they_were_written(texts: list[str], suffix: str, newline: bool, tmp_path: Path) -> None:
    texts = ["first", *texts, "last"]
    path = tmp_path / f"text{suffix}"
    path.write_bytes(SQUEEZE[suffix]("\n".join(texts).encode() + b"\n" * newline))
    if all(text.endswith("\r") for text in texts[:-1]):
        texts = [text.removesuffix("\r") for text in texts]
    assert list(read_lines(path)) == texts


@in_one_folder
@given(pairs=st.lists(st.tuples(line, line), min_size=1))
def test_all_forms_hold_the_same_pairs(pairs: list[tuple[str, str]], tmp_path: Path) -> None:
    pairs = [("first", "erste"), *pairs]
    source, target, objects = tmp_path / "a", tmp_path / "b", tmp_path / "c.jsonl"
    source.write_bytes("".join(f"{pair[0]}\n" for pair in pairs).encode())
    target.write_bytes("".join(f"{pair[1]}\n" for pair in pairs).encode())
    objects.write_text("".join(json.dumps({"source": s, "target": t}) + "\n" for s, t in pairs))
    expected = [Pair(number, *pair) for number, pair in enumerate(pairs, start=1)]
    assert list(read_pairs(PairFiles(source, target))) == expected
    assert list(read_pairs(PairFiles(objects))) == expected
    if not any("\t" in s + t for s, t in pairs):
        table = tmp_path / "d.tsv.gz"
        table.write_bytes(gzip.compress("".join(f"{s}\t{t}\n" for s, t in pairs).encode()))
        assert list(read_pairs(PairFiles(table))) == expected


@in_one_folder
@given(pairs=st.lists(st.tuples(st.sampled_from(["", " ", "a", "b", "abcd"]), st.sampled_from("aAB"))))
def test_the_report_counts_what_brute_force_counts(pairs: list[tuple[str, str]], tmp_path: Path) -> None:
    pairs = [("x", "X"), ("y", "Y"), ("z", "Z"), *pairs, *((f"{n}", f"{n}!") for n in range(len(pairs)))]
    table = tmp_path / "pairs.tsv"
    table.write_text("".join(f"{s}\t{t}\n" for s, t in pairs))
    report = check(PairFiles(table), max_characters=3)
    good = [(s, t) for s, t in pairs if s.strip() and len(s) <= 3]
    counts = {fault.what: fault.count for fault in report.faults}
    expected = {
        "an empty side": sum(not s.strip() for s, _ in pairs),
        "a side of more than 3 characters": sum(len(s) > 3 for s, _ in pairs),
        "identical sides": sum(s == t for s, t in good),
        "an earlier duplicate": len(good) - len(set(good)),
    }
    assert counts == {what: count for what, count in expected.items() if count}
    assert (report.pairs, report.usable) == (len(pairs), len(good))
    assert good == [(p.source, p.target) for p in read_pairs(PairFiles(table)) if usable(p, 3)]


@pytest.mark.parametrize("size", [10, 11])
def test_a_side_as_long_as_allowed_is_usable(size: int) -> None:
    assert usable(Pair(1, "s" * size, "t"), 10) is (size == 10)
    assert usable(Pair(1, "s", "t" * size), 10) is (size == 10)


def test_a_file_of_lines_without_a_carriage_return_is_looked_at_only_at_its_start(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"line\n" * BINARY_HEAD + b"\xff\n")
    file = look(path)  # never reaches the bad byte
    assert not file.crlf
    with pytest.raises(DataError, match=f":{BINARY_HEAD + 1}: not UTF-8"):
        list(lines(file))


def test_one_lone_newline_among_ten_thousand_keeps_every_carriage_return(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"a\r\n" * 10_000 + b"b\n")
    assert list(read_lines(path)) == ["a\r"] * 10_000 + ["b"]
    path.write_bytes(b"a\r\n" * 10_000)
    assert list(read_lines(path)) == ["a"] * 10_000


def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    squeeze = zstandard.ZstdCompressor().compressobj()
    bomb = b"".join(squeeze.compress(bytes([120]) * (1 << 20)) for _ in range((MAX_LINE_BYTES >> 20) + 1))
    path = tmp_path / "bomb.zst"
    path.write_bytes(bomb + squeeze.flush())
    assert path.stat().st_size < 20_000
    with pytest.raises(DataError, match=r"bomb\.zst:1: over 67,108,864 bytes in a line"):
        list(read_lines(path))


@pytest.mark.timeout(30)
def test_a_line_of_ten_million_characters_is_named_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wide = "𝄞" * 10_000_000  # 4 bytes a character in the file and in memory
    (tmp_path / "train.en").write_text(f"one\n{wide}\nthree\n", encoding="utf-8")
    (tmp_path / "train.de").write_bytes(b"eins\nzwei\ndrei\n")
    program = """
import re
from pathlib import Path
from dragoman.data.corpus import PairFiles, check
print(check(PairFiles(Path("train.en"), Path("train.de"))).lines()[1])
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""  # not ru_maxrss, which a program that was started takes over from the one that started it
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    line, kilobytes = run.stdout.splitlines()
    assert line == "1 pair with a side of more than 10,000 characters, not used: train.en:2 (10,000,000)"
    assert int(kilobytes) < 1_000_000


@pytest.mark.timeout(30)
def test_a_file_without_newlines_is_refused_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open(tmp_path / "train.en", "wb") as file:
        for _ in range(70):
            file.write(b"x" * (1 << 20))
    (tmp_path / "train.de").write_bytes(b"eins\n")
    expected = "train.en:1: over 67,108,864 bytes in a line; write a sentence a line"
    with pytest.raises(DataError) as caught:
        check(PairFiles(Path("train.en"), Path("train.de")))
    assert str(caught.value) == expected


@pytest.mark.parametrize("name", ["pairs.tsv", "pairs.jsonl.gz"])
def test_a_file_of_both_sides_beside_another_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=rf"{name}: holds both sides of its pairs, by its name; leave .*b\.de out"):
        PairFiles(tmp_path / name, tmp_path / "b.de")
