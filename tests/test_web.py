"""The page's own tests, which are TypeScript, and its lock file."""

import json
import subprocess

from page import WEB, node


def test_the_page_s_own_tests_pass(page):
    program = [node(), str(WEB / "node_modules" / "vitest" / "vitest.mjs"), "run", "--no-color"]
    done = subprocess.run(program, cwd=WEB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]


def test_the_lock_file_names_no_registry():
    """So that everyone's own registry serves; the checksums say that it is the same package."""
    packages = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-"), name
