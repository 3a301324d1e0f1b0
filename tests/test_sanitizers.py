"""The C++ half under the address, undefined-behaviour and thread sanitizers: built anew, its own tests run in it."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import under_ci

ROOT = Path(__file__).resolve().parent.parent

# Runs pytest with the module at argv[1] in the place of the installed one.
PROGRAM = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("dragoman._native", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
sys.modules["dragoman._native"] = module
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[2:]]))
"""
ENGINE = ["tests/test_engine.py", "-k", "variant and (default or modern) or widths or torch_gives and paper or forced"]
THREADS = ["tests/test_engine.py", "-k", "neighbours and beam and int8 and not portable"]  # threads know no precision
OTHERS = ["tests/test_native.py", "tests/test_merge_dropout.py", "tests/test_unigram.py"]


def built(sanitizers: str, folder: Path) -> Path:
    """Return the module, compiled with these sanitizers."""
    nanobind = subprocess.check_output([sys.executable, "-m", "nanobind", "--cmake_dir"], text=True).strip()
    cmake = shutil.which("cmake", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert cmake is not None
    options = [
        f"-DDRAGOMAN_SANITIZE={sanitizers}",
        f"-Dnanobind_DIR={nanobind}",
        f"-DPython_EXECUTABLE={sys.executable}",
    ]
    subprocess.run([cmake, "-S", str(ROOT), "-B", str(folder), *options], check=True, capture_output=True)
    subprocess.run([cmake, "--build", str(folder), "-j2", "--target", "_native"], check=True, capture_output=True)
    (module,) = folder.glob("_native*.so")
    return module


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="preloads Linux's sanitizers")
@pytest.mark.parametrize(
    ("sanitizers", "library", "tests"),
    [
        pytest.param("address,undefined", "libasan.so", [ENGINE, OTHERS], id="address-undefined"),
        pytest.param("thread", "libtsan.so", [THREADS], id="thread"),
    ],
)
def test_the_sanitizers_find_nothing(sanitizers, library, tests, tmp_path):
    compiler = os.environ.get("CXX", "g++")
    # The sanitizer finds what throws exceptions only where the C++ library is there before it looks.
    names = (library, "libstdc++.so.6")
    runtimes = [subprocess.check_output([compiler, f"-print-file-name={n}"], text=True).strip() for n in names]
    if not Path(runtimes[0]).is_absolute():
        (pytest.fail if under_ci() else pytest.skip)(f"{compiler} has no {library}")
    module, log = built(sanitizers, tmp_path / "build"), tmp_path / "log"
    environment = os.environ | {
        "LD_PRELOAD": " ".join(runtimes),
        "ASAN_OPTIONS": f"detect_leaks=0:log_path={log}",  # Python itself leaks
        "UBSAN_OPTIONS": f"log_path={log}",
        "TSAN_OPTIONS": f"report_signal_unsafe=0:log_path={log}",  # pytest would swallow what stands on stderr
        "OMP_NUM_THREADS": "1",
    }
    for chosen in tests:
        done = subprocess.run(
            ["setarch", "-R", sys.executable, "-c", PROGRAM, str(module), *chosen],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = "".join(path.read_text() for path in tmp_path.glob("log*"))
        assert done.returncode == 0 and said == "", (done.stdout + done.stderr + said)[-6000:]
        assert " passed" in done.stdout
