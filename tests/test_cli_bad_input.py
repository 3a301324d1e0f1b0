"""What a user can get wrong: exit status 2, one line on stderr that says what to write, and nothing left behind."""

import io
import json
import re
import shutil
from pathlib import Path

import pytest

import test_corpus_fixtures as corpora
from dragoman.cli import run
from trained_model import SHORT, SIZES, model, trained, write_corpus

__all__ = ["model", "trained"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a corpus, a recipe's place and a cache of its own, so that messages are short."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_corpus(tmp_path)


def paths() -> set[str]:
    return {str(path) for path in Path().rglob("*") if "cache" not in path.parts}


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run what must be refused; return the line that is said, without `dragoman: `."""
    before = paths()
    capsys.readouterr()
    assert run([str(argument) for argument in arguments]) == 2
    found = capsys.readouterr()
    assert paths() == before
    assert found.out == "" and found.err.count("\n") == 1 and found.err.endswith("\n")
    assert found.err.startswith("dragoman: ") and "Traceback" not in found.err
    return found.err[len("dragoman: ") : -1]


DATA = ("--source", "train.en", "--target", "train.de")
TRAIN = ("train", *DATA, "--out", "m", *SIZES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("trian", "No such command 'trian'. Did you mean 'train'? See dragoman --help"),
        ("tokenizer tarin", "No such command 'tarin'. Did you mean 'train'? See dragoman tokenizer --help"),
        ("tokenizer", "Missing command; see dragoman tokenizer --help"),
        ("--bogus", "No such option: --bogus; see dragoman --help"),
        ("train", "Missing option '--out' / '-o'; see dragoman train --help"),
        (
            "evaluate m --referense x",
            "No such option: --referense (Possible options: --reference); see dragoman evaluate --help",
        ),
        ("train --out m --steps many", "--steps many: Input should be a valid integer; see dragoman train --help"),
        ("train --out m --minutes=x", "--minutes x: Input should be a valid number; see dragoman train --help"),
        ("translate", "Missing argument 'MODEL'; see dragoman translate --help"),
        ("evaluate m", "Missing option '--source'; see dragoman evaluate --help"),
        ("train --out m", "no training text is given; write --source FILE --target FILE, or [data] in a recipe"),
    ],
)
def test_a_command_line_that_cannot_be(arguments, words, capsys):
    assert refusal(capsys, *arguments.split()) == words


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("--set model.hedas=2", "no setting model.hedas; did you mean model.heads?"),
        ("--set modle.heads=2", "--set modle.heads=2: no table modle; did you mean model?"),
        ("--set heads=2", "--set heads=2: write --set TABLE.NAME=VALUE, such as --set train.seed=2"),
        ("--set model.heads=two", "model.heads='two': a whole number is wanted"),
        ("--set model.heads=2.5", "model.heads=2.5: a whole number is wanted"),
        ("--set model.heads=true", "model.heads=True: a whole number is wanted"),
        ("--set train.rate=fast", "train.rate='fast': a number is wanted"),
        ("--set model.preset=5 --preset pockte", "no preset 'pockte'; did you mean pocket?"),
        ("--set model.norm=prae", "model.norm='prae' is not known; did you mean pre?"),
        ("--set model.d_model=10 --set model.heads=4", "does not split into heads=4; choose a multiple, such as 8"),
        ("--set model.encoder_layers=0", "model.encoder_layers=0: a whole number from 1 to 1000 is allowed"),
        ("--set model.d_model=60000 --set model.encoder_layers=99", "choose a smaller --preset"),
        ("--set model.dropout=nan", "model.dropout=nan: a number from 0"),
        ("--set model.max_positions=10", "write --set model.max_positions=258 or --set train.max_pieces=8"),
        ("--set model.vocab_size=500", "write --set tokenizer.vocab_size=8000"),
        ("--set tokenizer.vocab_size=99999", "is more than this text can give; the largest is "),
        ("--set tokenizer.vocab_size=7", "tokenizer.vocab_size=7: allowed are 300 to 1000000"),
        ("--set tokenizer.algorithm=bpee", "did you mean bpe?"),
        ("--set decode.beam=0", "beam=0: allowed are 1 (greedy) to 1000"),
        ("--set decode.beem=2", "no setting decode.beem; did you mean decode.beam?"),
        ("--set data.max_characters=0", "data.max_characters=0: a whole number from 1"),
        ("--set train.max_pieces=1", "raise train.max_pieces"),
        ("--set train.batch_tokens=1", "train.batch_tokens=1 has no room for the pair at train.en:"),
        (
            "--set data.weight=0.01",
            "data.weight=0.01: an epoch would hold 1.0 of 100 pairs, and at least 50 are wanted",
        ),
        ("--set data.more=[{source='x.tsv',weight=0}]", "data.more.weight=0.0: a number above 0 and up to 100"),
        ("--steps 0", "train.steps=0: a whole number from 1"),
        ("--steps 5 --minutes 1", "train.steps=5 and train.minutes=1.0: give one of the two"),
        ("--minutes nan", "train.minutes=nan: a number above 0, up to 1,000,000,000, is allowed"),
        ("--minutes -1", "train.minutes=-1.0: a number above 0, up to 1,000,000,000, is allowed"),
        ("--minutes inf", "train.minutes=inf: a number above 0, up to 1,000,000,000, is allowed"),
        ("--valid-target train.de", "data.valid_target=train.de without its source; write --valid-source FILE"),
        ("--valid-source train.en", "one file with both sides must be .tsv or .jsonl; or give a target file too"),
        ("--valid-source nope --valid-target train.de", "nope: cannot be read: No such file or directory"),
        ("--source nope", "nope: cannot be read: No such file or directory"),
        ("--source a\udcff", r"'a\udcff': no UTF-8, so no model could say that it is of it; rename the file"),
        ("nope.toml", "nope.toml: no such recipe; write the path of a .toml file"),
    ],
)
def test_a_training_that_cannot_be(settings, words, capsys):
    assert words in refusal(capsys, *TRAIN, *settings.split())


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (b"[modl]\nheads=2\n", "r.toml: no table [modl]; did you mean model?"),
        (b"heads=2\n", "r.toml: no table [heads]; allowed: model"),
        (b"[model\nheads=2\n", "r.toml: not valid TOML: Expected ']' at the end of a table declaration (at line 1"),
        (b"[[train]]\nsteps=1\n", "r.toml: train stands outside a table"),
        (b"[model]\npreset=5\n", "model.preset=5: text is wanted, such as tiny"),
        (b"[model]\npreset=['a']\n", "model.preset=['a']: text is wanted, such as tiny"),
        (b"[model]\nhedas=2\n", "no setting model.hedas; did you mean model.heads?"),
        (b"[data]\nlanguages=['', '']\n", """write two codes of letters, digits, _ and -, such as ["en", "de"]"""),
        (b"[data]\nlanguages=['de', '../x']\n", "data.languages=['de', '../x']: write two codes"),
        (b'[data]\nlanguages=["de", "e\\n"]\n', "data.languages=['de', 'e\\n']: write two codes"),
        (b"[train]\nsteps=1979-05-27\n", "a whole number is wanted"),
        (b"# \xff\n", "r.toml: not valid TOML: 'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_a_recipe_that_cannot_be(recipe, words, capsys):
    Path("r.toml").write_bytes(recipe)
    assert words in refusal(capsys, "train", "r.toml", *DATA, "--out", "m", "--set", "tokenizer.vocab_size=300")


@pytest.mark.parametrize("fixture", [*corpora.GOOD, *corpora.BAD], ids=lambda fixture: fixture.name)
def test_every_corpus_is_trained_on_or_refused_in_one_line(fixture, capsys):
    for path in Path().iterdir():
        path.unlink()
    corpora.write(Path(), fixture.files)
    before = paths()
    arguments = ["--source", str(fixture.paths.source)]
    if fixture.paths.target is not None:
        arguments += ["--target", str(fixture.paths.target)]
    status = run(["train", *arguments, "--out", "m", *SIZES, "--steps", "1"])
    found = capsys.readouterr()
    assert found.out == ""
    if isinstance(fixture, corpora.Bad):
        assert (status, found.err) == (2, f"dragoman: {fixture.message}\n")
    if status == 0:
        assert "is done: finished at step 1" in found.err
    else:  # too little text for a tokenizer or for validation is no fault of the file
        assert status == 2 and found.err.count("\n") == 1 and paths() == before


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("letters", "--out letters holds letter.txt already; choose a new folder"),
        ("train.en", "--out train.en: cannot be written: Not a directory; choose another folder"),
        ("train.en/m", "--out train.en/m: cannot be written: Not a directory; choose another folder"),
        ("/proc/m", "--out /proc/m: cannot be written: No such file or directory; choose another folder"),
        ("/dev/null", "--out /dev/null: cannot be written: Not a directory; choose another folder"),
        (".", "--out . holds "),
        ("x" * 300, "cannot be written: File name too long; choose another folder"),
    ],
)
def test_a_place_that_cannot_be(out, words, capsys):
    Path("letters/training").mkdir(parents=True)
    Path("letters/letter.txt").write_text("Dear Bob")
    assert words in refusal(capsys, *TRAIN, *SHORT, "--out", out)


def test_a_folder_of_another_run_is_left_alone(capsys):
    assert run([*TRAIN, *SHORT]) == 0
    said = refusal(capsys, *TRAIN, "--steps", "9")
    assert said.startswith("--out m was begun with train.steps 3, now it is 9; repeat the first command")
    for more in (["--preset", "tiny"], ["--set", "train.rate=0.1"], ["--set", "tokenizer.joint=false"]):
        assert "was begun with" in refusal(capsys, *TRAIN, *SHORT, *more)
    Path("train.de").write_text(Path("train.de").read_text(encoding="utf-8").replace("a", "o"), encoding="utf-8")
    said = refusal(capsys, *TRAIN, *SHORT)
    assert said == "train.en: the text or the validation text has changed since m was begun; choose a new --out"


def test_a_run_of_an_older_version_goes_on_with_the_defaults_of_newer_settings(capsys):
    assert run([*TRAIN, *SHORT]) == 0
    path = Path("m/training/run.json")
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["recipe"]["train"].pop("film") is False
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert run([*TRAIN, *SHORT]) == 0
    said = refusal(capsys, *TRAIN, *SHORT, "--set", "train.film=true")
    assert said.startswith("--out m was begun with train.film False, now it is True")


@pytest.mark.parametrize("data", [b"", b"[]", b"5", b"{", b"\xff", b'{"recipe": 5, "sha256": []}', b"[" * 50_000])
def test_a_damaged_run_is_named(data, capsys):
    assert run([*TRAIN, *SHORT]) == 0
    Path("m/training/run.json").write_bytes(data)
    expected = "m/training/run.json: damaged, so this run cannot go on; choose a new --out"
    assert refusal(capsys, *TRAIN, *SHORT) == expected


def say(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


LONG = b"a " * 50_000


@pytest.mark.parametrize(
    ("stdin", "words"),
    [
        (b"", "no text was given; write it on stdin, one a line, or name a FILE"),
        (b"fine\nb\xff\n", "stdin:2: not UTF-8: byte 0xFF at byte 2 of the line; convert the text to UTF-8"),
        (b"fine\n\n" + LONG, r"stdin:3 has \d+,\d+ pieces, this model takes at most 1,022; split it into .*"),
        (100_000 * b"x", r"stdin:1 has \d+,\d+ pieces, this model takes at most 1,022; split it into .*"),
    ],
)
def test_a_text_on_stdin_that_cannot_be(stdin, words, model, capsys, monkeypatch):
    say(monkeypatch, stdin)
    assert re.fullmatch(words, refusal(capsys, "translate", model, "--split", "never"))


def test_a_text_in_a_file_that_cannot_be(model, capsys):
    Path("long.en").write_bytes(b"fine\n" + LONG + b"\nfine\n")
    Path("bad.en").write_bytes(b"fine\nb\xff\n")
    Path("three.de").write_bytes(b"a\nb\nc\n")
    Path("two.de").write_bytes(b"a\nb\n")
    Path("empty").write_bytes(b"")
    long = "long.en:2 has 5"
    assert long in refusal(capsys, "translate", model, "three.de", "long.en", "--split", "never")
    assert "bad.en:2: not UTF-8" in refusal(capsys, "translate", model, "three.de", "bad.en")
    assert "no text was given" in refusal(capsys, "translate", model, "empty")
    assert "nope: cannot be read: No such" in refusal(capsys, "translate", model, "nope")
    assert ".: a folder; give a text file" in refusal(capsys, "translate", model, ".")
    uneven = "three.de has 3 lines, two.de has 2; give as many of both"
    for command, other in (("evaluate", "--reference"), ("score", "--target")):
        assert refusal(capsys, command, model, "--source", "three.de", other, "two.de") == uneven
        assert "no lines" in refusal(capsys, command, model, "--source", "empty", other, "empty")
    assert long in refusal(capsys, "score", model, "--source", "long.en", "--target", "three.de")
    assert long in refusal(capsys, "score", model, "--source", "three.de", "--target", "long.en")
    gold = (
        (b"0-0\n", "has 1 lines for 2 pairs"),
        (b"0-0\nx-1\n", "gold:2: 'x-1' is no"),
        (b"0-0\n7-0\n", "gold:2: no word"),
    )
    for data, words in gold:
        Path("gold").write_bytes(data)
        options = ("--source", "two.de", "--reference", "two.de", "--alignment", "gold")
        assert words in refusal(capsys, "evaluate", model, *options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--beam 0", "beam=0: allowed are 1 (greedy) to 1000"),
        ("--beam 10000", "beam=10000: allowed are 1 (greedy) to 1000"),
        ("--beam 2 --n-best 3", "n_best=3 is more than beam=2; raise beam to 3"),
        ("--n-best 0", "n_best=0: a whole number from 1 to 1000 is wanted"),
        ("--temperature 0", "temperature=0 is greedy search: leave temperature out and write beam=1"),
        ("--temperature nan", "temperature=nan: a number from 1e-06 is wanted"),
        ("--temperature 1 --beam 3", "choose one of the two"),
        ("--top-p 2", "top_p=2.0: a number above 0 and up to 1 is wanted"),
        ("--top-k 0", "top_k=0: a whole number from 1 is wanted"),
        ("--seed x", "--seed x: Input should be a valid integer"),
        ("--penalty papr", "decode.penalty='papr' is not known; did you mean paper?"),
        ("--seed 3", "--seed 3 without sampling; give --temperature, --top-k or --top-p too"),
        ("--alpha -1", "alpha=-1.0: a number from 0 to 10 is wanted"),
        ("--alpha 1 --penalty average", "--alpha 1.0 with penalty average, which has none"),
        ("--max-length 5 --min-length 6", "max_length=5 is below min_length=6; raise it"),
        ("--min-length 100000", "min_length=100000: the model can give"),
        ("--split sometimes", "decode.split='sometimes' is not known"),
        ("--threads 0", "--threads 0: a whole number from 1 to 512 is allowed"),
        ("--threads 100000", "--threads 100000: a whole number from 1 to 512 is allowed"),
        ("-o .", ".: a folder; name a file after -o"),
        ("-o nope/out", "nope/out: cannot be written: No such file or directory; choose another -o"),
        ("-o /proc/out", "/proc/out: cannot be written"),
        ("--bema 3", "No such option: --bema (Possible options: --beam"),
    ],
)
def test_options_that_cannot_be(options, words, model, capsys, monkeypatch):
    say(monkeypatch, b"fine\n")
    assert words in refusal(capsys, "translate", model, *options.split())


def test_places_for_a_tokenizer_or_phrasebook_that_cannot_be(capsys):
    assert "nope/t: cannot be written: No such" in refusal(capsys, "tokenizer", "train", "train.en", "-o", "nope/t")
    assert ".: a folder; name a file after -o" in refusal(capsys, "tokenizer", "train", "train.en", "-o", ".")
    said = refusal(capsys, "tokenizer", "train", "train.en", "-o", "t", "--vocab-size", "9999")
    assert "more than this text can give" in said
    assert "no tokenizer.json" in refusal(capsys, "tokenizer", "inspect", "train.en", "train.en")
    assert "train.en: a file; write the name of a folder" in refusal(capsys, "phrasebook", "train.en")
    assert "write a smaller count" in refusal(capsys, "phrasebook", "pb", "--pairs", "100000000")


PARTS = ("manifest.json", "config.json", "tokenizer.json", "weights.safetensors", "card.md")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("fault", ["empty", "half", "a byte less", "a flipped bit", "missing", "a folder"])
def test_a_damaged_model_is_refused_by_every_command(part, fault, model, capsys, monkeypatch):
    shutil.copytree(model, "m", ignore=shutil.ignore_patterns("training"))
    path = Path("m", part)
    data = path.read_bytes()
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    if fault in ("missing", "a folder"):
        path.unlink()
    if fault == "a folder":
        path.mkdir()
    damaged = {"empty": b"", "half": data[:middle], "a byte less": data[:-1], "a flipped bit": flipped}
    if fault in damaged:
        path.write_bytes(damaged[fault])
    say(monkeypatch, b"fine\n")
    for arguments in (["translate", "m"], ["score", "m", "--source", "train.en", "--target", "train.de"]):
        assert refusal(capsys, *arguments).startswith("m")
    assert run(["verify", "m"]) == 1
    found = capsys.readouterr()
    assert (part in found.out or part == "manifest.json") and found.err == ""  # whose sums it holds looks damaged


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nope", "nope: no such folder; write the path of a model folder"),
        ("train.en", "train.en: a file, but a model is a folder"),
        ("empty", "empty: no model here (it has no manifest.json); write the path of a model folder"),
    ],
)
def test_what_is_no_model_is_refused(name, words, capsys):
    Path("empty").mkdir()
    evaluate = ["evaluate", name, "--source", "train.en", "--reference", "train.de"]
    for arguments in (["translate", name], ["info", name], ["score", name, *DATA], evaluate):
        assert words in refusal(capsys, *arguments)
    if name != "empty":
        assert words in refusal(capsys, "verify", name)
