"""`dragoman translate` and `dragoman score` as filters: one line in, one line out, results on stdout alone."""

import gzip
import io
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

import tiny_bundle
from dragoman import bundle
from dragoman.cli import run
from trained_model import command, dragoman, environment, model, pairs, trained

__all__ = ["model", "trained"]

SOURCES = [source for source, _ in pairs()[:6]]
ODD = "the dog\u2028sees\x0bwater."  # str.splitlines would cut it in three
INPUT = f"{SOURCES[0]}\n\n  \n{ODD}\n{SOURCES[1]}\r\n{SOURCES[2]}"  # the last line without its end


def say(monkeypatch: pytest.MonkeyPatch, text: str | bytes) -> None:
    """Put a text on stdin."""
    data = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def translate(capsys, *arguments: str) -> str:
    capsys.readouterr()
    assert run(["translate", *arguments]) == 0
    return capsys.readouterr().out


def test_it_has_learned_its_pairs(model, trained, capsys):
    out = translate(capsys, model, str(trained / "train.en")).split("\n")[:-1]
    right = [found == target for found, (_, target) in zip(out, pairs(), strict=True)]
    assert sum(right) > 80  # so what the tests below compare is not noise


def test_one_line_in_is_one_line_out_as_a_process(model):
    done = dragoman("translate", model, stdin=INPUT.encode())
    assert done.returncode == 0
    lines = done.stdout.decode().split("\n")
    assert len(lines) == 7 and lines[-1] == ""
    assert lines[1:3] == ["", "  "]
    assert all(lines[at].strip() for at in (0, 3, 4, 5))
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("text", "count"), [("\n", 1), ("\r\n", 1), ("\r", 1), ("a", 1), ("\n\n\n", 3), ("it\n\n", 2)])
def test_blank_lines_count(model, capsys, monkeypatch, text, count):
    say(monkeypatch, text)
    assert translate(capsys, model).count("\n") == count


def test_order_is_kept_whatever_the_lengths(model, capsys, monkeypatch):
    alone = []
    for source in SOURCES:
        say(monkeypatch, source)
        alone.append(translate(capsys, model))
    say(monkeypatch, "\n".join(SOURCES))
    assert translate(capsys, model) == "".join(alone)
    say(monkeypatch, "\n".join(reversed(SOURCES)))
    assert translate(capsys, model) == "".join(reversed(alone))


def test_files_are_read_one_after_the_other(model, tmp_path, capsys, monkeypatch):
    say(monkeypatch, "\n".join(SOURCES))
    expected = translate(capsys, model)
    (tmp_path / "one.txt").write_text("\n".join(SOURCES[:2]), encoding="utf-8")
    with gzip.open(tmp_path / "two.gz", "wb") as file:
        file.write("\n".join(SOURCES[2:]).encode())
    say(monkeypatch, "not read")
    assert translate(capsys, model, str(tmp_path / "one.txt"), str(tmp_path / "two.gz")) == expected


def test_a_json_line_holds_all_that_is_known(model, capsys, monkeypatch):
    say(monkeypatch, f"{SOURCES[0]}\n\n{ODD}\n")
    lines = translate(capsys, model, "--json", "--n-best", "2").split("\n")[:-1]
    first, blank, odd = (json.loads(line) for line in lines)
    names = {"source", "text", "score", "source_pieces", "hypotheses", "segments", "warnings"}
    assert set(first) == set(blank) == set(odd) == names
    assert [first["source"], blank["source"], odd["source"]] == [SOURCES[0], "", ODD]
    assert first["source_pieces"][-1] == "</s>"
    best, other = first["hypotheses"]
    assert (best["text"], best["score"]) == (first["text"], first["score"]) and best["score"] >= other["score"]
    assert sum(best["token_log_probabilities"]) == pytest.approx(best["log_probability"], abs=1e-4)
    assert len(best["pieces"]) == len(best["token_log_probabilities"]) and best["finished"] is True
    assert best["alignment"], "the model has heads that align"
    for source, target in best["alignment"]:
        assert 0 <= source < len(first["source_pieces"]) and 0 <= target < len(best["pieces"])
    assert (blank["text"], len(blank["hypotheses"])) == ("", 1)
    (segment,) = first["segments"]
    assert segment["source"] == [0, len(SOURCES[0])] and segment["target"] == [0, len(first["text"])]


def test_a_line_in_segments_names_them(model, capsys, monkeypatch):
    line = f"  {SOURCES[0]}  {SOURCES[1]} {SOURCES[2]}\t"
    say(monkeypatch, line)
    (found,) = map(json.loads, translate(capsys, model, "--json", "--split", "always").split("\n")[:-1])
    source = [line[slice(*part["source"])] for part in found["segments"]]
    target = [found["text"][slice(*part["target"])] for part in found["segments"]]
    assert source == ["  ", SOURCES[0], "  ", SOURCES[1], " ", SOURCES[2], "\t"] and "".join(target) == found["text"]
    assert [part["score"] is None for part in found["segments"]] == [True, False] * 3 + [True]
    say(monkeypatch, "\n".join(SOURCES[:3]))
    alone = translate(capsys, model).split("\n")[:-1]
    assert target == ["  ", alone[0], "  ", alone[1], " ", alone[2], "\t"]
    say(monkeypatch, line)
    assert translate(capsys, model, "--split", "always") == f"{found['text']}\n"


def test_n_best_lines_have_number_score_and_text(model, capsys, monkeypatch):
    say(monkeypatch, "\n".join(SOURCES[:2]))
    lines = [line.split("\t") for line in translate(capsys, model, "--beam", "3", "--n-best", "3").split("\n")[:-1]]
    assert [line[0] for line in lines] == ["1", "1", "1", "2", "2", "2"]
    scores = [float(line[1]) for line in lines[:3]]
    assert scores == sorted(scores, reverse=True) and len({line[2] for line in lines[:3]}) == 3


def test_sampling_obeys_its_flags(model, capsys, monkeypatch):
    def drawn(*arguments: str) -> str:
        say(monkeypatch, "\n".join(SOURCES))
        return translate(capsys, model, *arguments)

    greedy = drawn("--beam", "1")
    assert drawn("--temperature", "2", "--seed", "1") == drawn("--temperature", "2", "--seed", "1")
    assert drawn("--temperature", "2", "--seed", "1") != drawn("--temperature", "2", "--seed", "2")
    assert drawn("--top-k", "1") == drawn("--top-p", "0.000001") == drawn("--temperature", "0.001") == greedy
    assert len(drawn("--temperature", "1", "--n-best", "2").split("\n")) == 2 * len(SOURCES) + 1


def test_lengths_obey_their_flags(model, capsys, monkeypatch):
    say(monkeypatch, SOURCES[0])
    # greedy: a beam finds an ending even here
    short = json.loads(translate(capsys, model, "--json", "--beam", "1", "--max-length", "2"))
    assert len(short["hypotheses"][0]["pieces"]) == 2 and short["warnings"]
    say(monkeypatch, SOURCES[0])
    long = json.loads(translate(capsys, model, "--json", "--min-length", "40"))
    assert len(long["hypotheses"][0]["pieces"]) >= 40


def test_a_translation_that_found_no_end_is_named_on_stderr_alone(model, capsys, monkeypatch):
    say(monkeypatch, f"\n{SOURCES[0]}\n")
    assert run(["translate", model, "--beam", "1", "--max-length", "2"]) == 0
    found = capsys.readouterr()
    assert found.err.startswith("stdin:2: stopped at 2 pieces") and found.err.count("\n") == 1
    assert "stopped" not in found.out


def test_many_warnings_end_in_a_count(model, capsys, monkeypatch):
    say(monkeypatch, f"{SOURCES[0]}\n" * 30)
    assert run(["translate", model, "--beam", "1", "--max-length", "2"]) == 0
    *lines, last = capsys.readouterr().err.splitlines()
    assert (
        len(lines) == 20
        and lines[-1].startswith("stdin:20: stopped")
        and last.startswith("10 more lines have warnings")
    )


def test_a_model_that_has_learned_nothing_yet_is_named(tmp_path, capsys, monkeypatch):
    untrained = replace(tiny_bundle.make(), provenance={"recipe": {}})
    bundle.save(untrained, tmp_path / "m")
    bundle.save(replace(untrained, provenance={"recipe": {}, "trained": {}}), tmp_path / "trained")
    for name, words in (("m", "is untrained"), ("trained", "")):
        say(monkeypatch, "cat")
        assert run(["translate", str(tmp_path / name), "--max-length", "2"]) == 0
        told = capsys.readouterr().err
        assert ("is untrained" in told) == bool(words), told


def test_an_output_file_appears_whole_or_not_at_all(model, tmp_path, capsys, monkeypatch):
    say(monkeypatch, SOURCES[0])
    expected = translate(capsys, model)
    out = tmp_path / "out.txt"
    say(monkeypatch, SOURCES[0])
    assert translate(capsys, model, "-o", str(out)) == ""
    assert out.read_bytes().decode() == expected
    say(monkeypatch, b"fine\n\xff\n")
    assert run(["translate", model, "-o", str(out)]) == 2
    say(monkeypatch, "fine\n" + 5000 * "a ")
    assert run(["translate", model, "--split", "never", "-o", str(out)]) == 2
    assert out.read_bytes().decode() == expected and [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_an_output_file_may_be_a_link_but_never_the_input(model, tmp_path, capsys):
    text, link, loop = (tmp_path / name for name in ("text.txt", "link.txt", "loop.txt"))
    text.write_text(f"{SOURCES[0]}\n{SOURCES[1]}\n", encoding="utf-8")
    before = text.read_bytes()
    loop.symlink_to(text)
    for out in (text, loop):
        assert run(["translate", model, str(text), "-o", str(out)]) == 2
        assert "would replace what is read from" in capsys.readouterr().err
    assert text.read_bytes() == before
    link.symlink_to(tmp_path / "out.txt")
    assert translate(capsys, model, str(text), "-o", str(link)) == ""
    assert link.is_symlink() and (tmp_path / "out.txt").read_text(encoding="utf-8").count("\n") == 2


@pytest.mark.slow
def test_a_device_or_pipe_as_output_is_written_to_and_never_replaced(model, tmp_path):
    pipe = tmp_path / "pipe"
    subprocess.run(["mkfifo", str(pipe)], check=True)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        done = dragoman("translate", model, "-o", pipe, stdin=SOURCES[0].encode())
        assert reader.communicate(timeout=60)[0].count(b"\n") == 1
    assert (done.returncode, done.stderr) == (0, b"") and pipe.is_fifo()


@pytest.mark.parametrize("times", [pytest.param(1, marks=pytest.mark.slow), 20], ids=["at the end", "on the way"])
def test_a_reader_that_has_seen_enough_ends_it_silently(model, trained, times):
    reader, writer = os.pipe()
    os.close(reader)
    start = command("translate", model, "--beam", "1", *times * [trained / "train.en"])
    done = subprocess.run(start, stdout=writer, stderr=subprocess.PIPE, env=environment(), timeout=120, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
def test_nobody_listening_to_the_notes_changes_nothing(model):
    reader, writer = os.pipe()
    os.close(reader)
    start = command("translate", model, "--max-length", "2")
    text = "".join(f"{source}\n" for source in SOURCES).encode()
    done = subprocess.run(start, input=text, stdout=subprocess.PIPE, stderr=writer, env=environment(), check=False)
    os.close(writer)
    assert (done.returncode, done.stdout.count(b"\n")) == (0, len(SOURCES))


@pytest.mark.slow
def test_a_full_disk_behind_stdout_is_one_line(model):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command("translate", model),
            input=b"it",
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.decode() == "dragoman: cannot write: No space left on device; make room\n"


@pytest.mark.slow
def test_other_locales_homes_and_paths_change_nothing(trained, model, tmp_path):
    plain = dragoman("translate", model, stdin=INPUT.encode())
    odd = tmp_path / ("a long way " * 15) / "mit Umlaut äöü 🙂"
    odd.mkdir(parents=True)
    (odd / "m").symlink_to(trained / "m")
    for more in ({"LANG": "C", "LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        there = dragoman("translate", odd / "m", stdin=INPUT.encode(), HOME="/proc/nowhere", TZ="Asia/Tokyo", **more)
        assert (there.returncode, there.stdout) == (0, plain.stdout)


def test_score_gives_one_number_a_line(model, trained, tmp_path, capsys):
    (tmp_path / "wrong.de").write_text("".join(f"{target}\n" for _, target in reversed(pairs())), encoding="utf-8")
    means = []
    for target in (trained / "train.de", tmp_path / "wrong.de"):
        assert run(["score", model, "--source", str(trained / "train.en"), "--target", str(target)]) == 0
        found = capsys.readouterr()
        values = [float(line) for line in found.out.split("\n")[:-1]]
        assert len(values) == len(pairs()) and max(values) <= 0 and found.err == ""
        means.append(sum(values) / len(values))
    assert means[0] > means[1] + 0.5  # right translations are likelier


def test_score_as_json_sums_up(model, trained, capsys):
    arguments = ["--source", str(trained / "train.en"), "--target", str(trained / "train.de")]
    assert run(["score", model, *arguments, "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.split("\n")[:-1]]
    for record, (_, target) in zip(records, pairs(), strict=True):
        assert record["text"] == target and record["pieces"][-1] == "</s>"
        assert record["log_probability"] == pytest.approx(sum(record["token_log_probabilities"]), abs=1e-4)
        assert record["score"] == pytest.approx(record["log_probability"] / len(record["pieces"]), abs=1e-4)


def test_the_scores_of_a_translation_and_of_its_text_agree(model, tmp_path, capsys, monkeypatch):
    say(monkeypatch, "\n".join(SOURCES))
    translated = translate(capsys, model, "--json", "--penalty", "average")
    records = [json.loads(line) for line in translated.split("\n")[:-1]]
    (tmp_path / "s").write_text("\n".join(SOURCES), encoding="utf-8")
    (tmp_path / "t").write_text("\n".join(record["text"] for record in records), encoding="utf-8")
    assert run(["score", model, "--source", str(tmp_path / "s"), "--target", str(tmp_path / "t")]) == 0
    scores = [float(line) for line in capsys.readouterr().out.split()]
    assert scores == pytest.approx([record["score"] for record in records], abs=1e-4)


WITHOUT_TORCH = "import sys\nsys.modules['torch'] = None\nfrom dragoman.cli import main\nmain()"


def test_translating_and_scoring_need_no_torch(model, trained):
    given = SOURCES[0].encode()
    for arguments in (["translate", model], ["translate", model, "--json"]):
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_TORCH, *arguments], input=given, capture_output=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout == dragoman(*arguments, stdin=given).stdout
    pair = ["score", model, "--source", str(trained / "train.en"), "--target", str(trained / "train.de")]
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH, *pair], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == len(pairs())


@pytest.mark.parametrize("precision", ["int8", "bf16", "float32"])
def test_a_precision_can_be_chosen(model, precision):
    given = "".join(f"{source}\n" for source in SOURCES).encode()
    plain = dragoman("translate", model, stdin=given)
    chosen = dragoman("translate", model, "--precision", precision, stdin=given)
    assert (chosen.returncode, chosen.stderr) == (0, b"") and chosen.stdout == plain.stdout


def test_an_unknown_precision_is_refused(model):
    done = dragoman("translate", model, "--precision", "int4", stdin=b"the cat")
    assert done.returncode == 2 and b"precision='int4': allowed are int8, bf16, float32" in done.stderr
