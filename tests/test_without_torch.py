"""The package in an environment of its own that has no torch: what is installed, how large, and what it does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from served import Client

REPOSITORY = Path(__file__).resolve().parent.parent
MOST = 60e6  # bytes of wheels
MOST_SERVED = 80e6  # with those of the extra [serve]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def ran(*arguments: str | Path, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program outside this repository and this interpreter's packages."""
    return subprocess.run(
        [str(argument) for argument in arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        check=False,
    )


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    """A folder with the wheel of this repository and those of everything that it needs."""
    folder = tmp_path_factory.mktemp("wheels")
    made = ran(sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", folder, REPOSITORY)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def environment(wheels, tmp_path_factory) -> Path:
    """The folder of the programs of a fresh environment, installed from the wheels alone."""
    folder = tmp_path_factory.mktemp("environment")
    assert ran(sys.executable, "-m", "venv", folder).returncode == 0
    done = ran(
        folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheels, "dragoman"
    )
    assert done.returncode == 0, done.stderr
    return folder / "bin"


def test_the_wheels_are_small_and_hold_no_torch(wheels):
    sizes = {path.name: path.stat().st_size for path in wheels.glob("*.whl")}
    assert sum(sizes.values()) <= MOST, sizes
    assert any(name.startswith("dragoman-") for name in sizes)
    assert not any(name.startswith(("torch-", "nvidia", "sacrebleu-")) for name in sizes)


def test_it_translates_and_scores_at_once(environment, tmp_path):
    assert ran(environment / "python", "-c", "import torch").returncode == 1
    dragoman = environment / "dragoman"
    found = ran(dragoman, "translate", "en-de", stdin="How are you?\nThank you.\n", cwd=tmp_path)
    assert (found.returncode, found.stderr) == (0, "") and len(found.stdout.splitlines()) == 2
    assert "Danke" in found.stdout
    (tmp_path / "en").write_text("How are you?\nThank you.\n")
    (tmp_path / "de").write_text(found.stdout)
    (tmp_path / "wrong").write_text("Das Haus.\nDas Haus.\n")
    likely, unlikely = (
        list(
            map(float, ran(dragoman, "score", "en-de", "--source", "en", "--target", name, cwd=tmp_path).stdout.split())
        )
        for name in ("de", "wrong")
    )
    assert len(likely) == 2 and all(one > other for one, other in zip(likely, unlikely, strict=True))


def test_it_has_the_page(environment, tmp_path):
    from page import missing

    found = ran(environment / "dragoman", "explain", "de-en", "Hallo!", "-o", "page.html", cwd=tmp_path)
    if missing():  # this repository has none either, for want of Node
        assert found.returncode == 2 and "has no page" in found.stderr
        return
    assert found.returncode == 0, found.stderr
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("data-file=") == 5


def test_it_serves(wheels, environment, tmp_path):
    """The extra [serve] is small, brings no torch, and is all that a server needs; without it one line says so."""
    dragoman = environment / "dragoman"
    found = ran(dragoman, "serve", "en-de", "--port", "0", cwd=tmp_path)
    assert found.returncode == 2 and "dragoman[serve]" in found.stderr and found.stderr.count("\n") == 1
    folder = tmp_path / "wheels"
    (own,) = wheels.glob("dragoman-*.whl")
    made = ran(sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", folder, f"{own}[serve]")
    assert made.returncode == 0, made.stderr
    sizes = {path.name: path.stat().st_size for path in folder.glob("*.whl")}
    assert sum(sizes.values()) <= MOST_SERVED, sizes
    assert not any(name.startswith(("torch-", "nvidia")) for name in sizes)
    install = ("-m", "pip", "install", "--quiet", "--no-index", "--find-links", folder, "dragoman[serve]")
    assert ran(environment / "python", *install).returncode == 0
    with subprocess.Popen(
        [dragoman, "serve", "en-de", "--port", "0"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        port = re.search(r":(\d+)/;", process.stderr.readline())
        assert port is not None
        client = Client(int(port.group(1)))
        assert "Danke" in client.translate(q="Thank you.")["translatedText"]
        assert client.ask("GET", "/").status in (200, 404)  # 404 where this repository has no page
        process.terminate()
        assert process.wait(20) == 0


def test_what_needs_torch_says_what_to_install(environment, tmp_path):
    for name in ("en", "de"):
        (tmp_path / name).write_text("a\n" * 20)
    found = ran(environment / "dragoman", "train", "--source", "en", "--target", "de", "--out", "m", cwd=tmp_path)
    assert found.returncode == 2 and "dragoman[train]" in found.stderr and found.stderr.count("\n") == 1
    assert not (tmp_path / "m").exists()
