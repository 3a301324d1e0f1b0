"""The package on processors that this machine is not: emulators without AVX-512 and without AVX2 translate as it does.

A processor that lacks an instruction stops the whole program at it, which no test on a newer one can show.
"""

import json
import os
import platform
import shutil
import subprocess
import sys

import pytest

from dragoman.engine.cpu import kernel_names

EMULATOR = "qemu-x86_64"
PROGRAM = """
import json
from dragoman import Translator
from dragoman.engine.cpu import kernel_names
found = Translator.load("en-de").translate(["A dog sleeps.", "Where is the train station?"])
print(json.dumps([kernel_names(), [translation.text for translation in found]]))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the program is not one for x86-64"),
    pytest.mark.skipif(shutil.which(EMULATOR) is None, reason="needs Debian's qemu-user"),
]


def said(*emulator: str, isa: str | None = None):
    """What PROGRAM prints, run by an emulator or here, with the kernels that are asked for."""
    environment = {name: value for name, value in os.environ.items() if name != "DRAGOMAN_ISA"}
    if isa is not None:
        environment["DRAGOMAN_ISA"] = isa
    command = [*emulator, sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"exit status {done.returncode}: {done.stderr[-500:]}"
    return json.loads(done.stdout)


@pytest.mark.parametrize(("processor", "names"), [("Nehalem", ["portable"]), ("Haswell", ["avx2", "portable"])])
def test_an_older_processor_translates_with_what_it_has(processor, names):
    found, translations = said(EMULATOR, "-cpu", processor)
    assert found == names
    if names[0] in kernel_names():
        assert translations == said(isa=names[0])[1]
