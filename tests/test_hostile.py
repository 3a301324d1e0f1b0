"""What a hostile user does: damaged caches, unfit validation text, closed streams, escapes, numbers beyond all use."""

import errno
import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import tiny_bundle
from dragoman import bundle
from dragoman.cli import run
from dragoman.data.corpus import PairFiles, check
from dragoman.data.store import SIDES, PairStore, prepare
from dragoman.errors import CheckpointError
from trained_model import SHORT, SIZES, command, environment, write_corpus


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    capsys.readouterr()
    assert run([*map(str, arguments)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return said


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    bundle.save(tiny_bundle.make(), tmp_path / "m")
    return tmp_path / "m"


@pytest.mark.parametrize("name", ["source.ids", "target.text", "source.text.offsets", "lines"])
def test_a_cache_with_other_bytes_of_the_same_number_is_made_again(tmp_path, monkeypatch, name):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    write_corpus(tmp_path)
    files = PairFiles(tmp_path / "train.en", tmp_path / "train.de")
    tokenizer = tiny_bundle.tokenizer()

    def content() -> list[object]:
        store: PairStore = prepare(files, tokenizer, tokenizer, check(files), 100)
        every = range(len(store))
        ids = [[row.tolist() for row in store.ids(side, every)] for side in SIDES]
        return [ids, [store.texts(side, every) for side in SIDES], store.places(every)]

    first = content()
    (folder,) = (tmp_path / "dragoman" / "pairs").iterdir()
    damaged = bytearray((folder / name).read_bytes())
    damaged[len(damaged) // 2] ^= 0x40
    (folder / name).write_bytes(damaged)
    assert content() == first
    assert bytes(damaged) != (folder / name).read_bytes()


def test_validation_pairs_that_are_too_long_are_named_and_all_of_them_are_refused_early(tmp_path, capsys):
    corpus = write_corpus(tmp_path)
    long = "a very long sentence " * 200
    (tmp_path / "v.en").write_text(f"the cat sees it.\n{long}\n")
    (tmp_path / "v.de").write_text(f"die Katze sieht es.\n{long}x\n")
    valid = ["--valid-source", str(tmp_path / "v.en"), "--valid-target", str(tmp_path / "v.de")]
    assert run(["train", *corpus, *valid, "--out", str(tmp_path / "m"), *SIZES, *SHORT]) == 0
    assert f"1 pair with a side of more than 256 pieces, not used: {tmp_path / 'v.en'}:2" in capsys.readouterr().err
    for name in ("v.en", "v.de"):
        (tmp_path / name).write_text(f"{long}{name}\n")
    said = refused(capsys, "train", *corpus, *valid, "--out", tmp_path / "n", *SIZES, *SHORT)
    assert "no pair to validate on is left" in said and not (tmp_path / "n").exists()


def test_changed_validation_text_is_noticed_when_a_run_goes_on(tmp_path, capsys):
    corpus = write_corpus(tmp_path)
    for name in ("v.en", "v.de"):
        shutil.copy(tmp_path / f"train.{name[2:]}", tmp_path / name)
    valid = ["--valid-source", str(tmp_path / "v.en"), "--valid-target", str(tmp_path / "v.de")]
    arguments = ["train", *corpus, *valid, "--out", str(tmp_path / "m"), *SIZES, *SHORT]
    assert run(arguments) == 0 and run(arguments) == 0
    (tmp_path / "v.en").write_text((tmp_path / "v.en").read_text().replace("cat", "cow"))
    assert "the text or the validation text has changed" in refused(capsys, *arguments)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_stdin_is_read_as_a_file_is(saved, tmp_path, capsys, monkeypatch, end):
    data = f"\ufeffthe cat{end}a dog{end}".encode()
    (tmp_path / "in.txt").write_bytes(data)
    said = []
    for given in ([], [str(tmp_path / "in.txt")]):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert run(["tokenizer", "inspect", str(saved), *given]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a\0b\n")))
    assert "a NUL at byte 2" in refused(capsys, "translate", saved)


@pytest.mark.parametrize(("closing", "status"), [("<&-", 2), (">&-", 2), ("2>&-", 0), ("2>/dev/full", 0)])
def test_a_closed_or_full_stream_is_no_traceback_and_no_note_among_the_results(saved, closing, status):
    words = " ".join(f"'{part}'" for part in command("translate", saved, "--max-length", "2"))
    done = subprocess.run(
        ["bash", "-c", f"printf 'the cat\\n' | {words} {closing}"], capture_output=True, env=environment(), check=False
    )
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert done.stdout.count(b"\n") == (status == 0) and b"stopped at" not in done.stdout


def test_escapes_in_a_model_reach_no_terminal(tmp_path, capsys):
    deep: dict[str, object] = {}
    for _ in range(40):
        deep = {"in": deep}
    hostile = replace(tiny_bundle.make(), languages=("\x1b[31mX", "de"), provenance={"\x1b[2J": "\x07", "deep": deep})
    bundle.save(hostile, tmp_path / "m")
    assert run(["info", str(tmp_path / "m")]) == 0
    assert not {"\x1b", "\x07"} & set(capsys.readouterr().out)


def test_what_is_read_is_not_replaced(saved, tmp_path, capsys):
    corpus = write_corpus(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    source, reference = corpus[1], corpus[3]
    for out in (source, reference, saved / "weights.safetensors"):
        said = refused(capsys, "evaluate", saved, "--source", source, "--reference", reference, "-o", out)
        assert "would replace" in said
    assert "would replace" in refused(capsys, "tokenizer", "train", source, "-o", source)
    assert "would replace" in refused(capsys, "translate", saved, source, "-o", saved / "card.md")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "setting",
    ["train.rate=1e300", f"train.steps=1{'0' * 320}", "train.minutes=1e300", 'data.valid_source="a\\u0000b"'],
)
def test_numbers_beyond_all_use_and_paths_with_nul_are_refused_before_anything_is_made(tmp_path, capsys, setting):
    arguments = [*write_corpus(tmp_path), "--out", tmp_path / "m", *SIZES, "--set", setting]
    assert setting.partition("=")[0] in refused(capsys, "train", *arguments)
    assert not (tmp_path / "m").exists()


def test_a_recipe_nested_too_deep_is_one_line(tmp_path, capsys):
    (tmp_path / "r.toml").write_text("a=" + "[" * 100_000)
    assert "nested too deep" in refused(capsys, "train", tmp_path / "r.toml", "--out", tmp_path / "m")


def test_samples_and_temperatures_have_bounds(saved, tmp_path, capsys):
    assert "1 to 1000" in refused(capsys, "translate", saved, "--temperature", "1", "--n-best", "1000000")
    assert "a number from 1e-06" in refused(capsys, "translate", saved, "--temperature", "1e-320")


def test_a_disk_too_small_for_the_lock_leaves_nothing(tmp_path, capsys, monkeypatch):
    from dragoman.cli.run_folder import RunFolder

    def full(_: RunFolder) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(RunFolder, "_locked", full)
    said = refused(capsys, "train", *write_corpus(tmp_path), "--out", tmp_path / "new" / "m", *SIZES, *SHORT)
    assert "cannot be written: No space left on device" in said and not (tmp_path / "new").exists()


def test_a_disk_too_small_for_the_model_leaves_nothing(tmp_path, monkeypatch):
    from dragoman.cli import run_folder

    def full(*_: object) -> None:
        raise CheckpointError("no space left on the device")

    monkeypatch.setattr(run_folder, "save", full)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert run(["train", *write_corpus(tmp_path), "--out", str(tmp_path / "new" / "m"), *SIZES, *SHORT]) == 2
    assert not (tmp_path / "new").exists()
