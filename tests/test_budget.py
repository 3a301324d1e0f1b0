"""A file is one noun of at most 400 lines, and no file is a drawer for the rest."""

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
ROOMS = ("src", "native", "tests", "benchmarks", "web/src", "web/tests")
SUFFIXES = {".py", ".cpp", ".h", ".ts", ".svelte"}
MOST_LINES = 400
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "core", "manager", "misc"}


def complaints(root: Path) -> list[str]:
    """Every file under `root` that is too long or named like a drawer."""
    found = []
    files = (path for room in ROOMS for path in sorted((root / room).rglob("*")))
    for path in files:
        if path.suffix not in SUFFIXES:
            continue
        name, lines = path.relative_to(root), len(path.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES:
            found.append(f"{name} has {lines} lines, at most {MOST_LINES} are allowed; find its second noun")
        if not DRAWERS.isdisjoint(part.removesuffix(path.suffix).strip("_").lower() for part in name.parts):
            found.append(f"{name} is named like a drawer; name it by what it holds")
    return found


def test_every_file_keeps_to_the_budget():
    assert complaints(CHECKOUT) == []


@pytest.mark.parametrize(
    ("name", "lines", "complaint"),
    [
        pytest.param("src/dragoman/text/tokenizer.py", 401, "401 lines", id="long-python"),
        pytest.param("native/gemm.cpp", 401, "401 lines", id="long-c++"),
        pytest.param("tests/test_all.py", 500, "500 lines", id="long-test"),
        pytest.param("src/dragoman/utils.py", 1, "drawer", id="drawer"),
        pytest.param("src/dragoman/common/text.py", 1, "drawer", id="drawer-folder"),
        pytest.param("native/core.h", 1, "drawer", id="drawer-header"),
    ],
)
def test_a_planted_file_is_found(tmp_path, name, lines, complaint):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("x = 1\n" * lines)
    (found,) = complaints(tmp_path)
    assert name in found and complaint in found


def test_what_is_allowed_is_not_complained_of(tmp_path):
    for name in ("src/dragoman/text/tokenizer.py", "native/attention.cpp", "tests/test_database.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n" * MOST_LINES)
    assert complaints(tmp_path) == []
