"""Nothing in the package runs code that it read from a file, and no poisoned model gets any to run."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src"

MODULES = {
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "code",
    "codeop",
}
BUILTINS = {"eval", "exec", "compile", "__import__"}
CALLS = {
    "torch.load", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "yaml.load_all", "os.system", "os.popen",
    "numpy.load", "np.load", "subprocess.getoutput", "subprocess.getstatusoutput",
    "runpy.run_path", "runpy.run_module", "builtins.eval", "builtins.exec",
}  # fmt: skip


def dotted(node):
    """Return the name of a call such as `torch.load`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def complaints(code, name):
    """Return what in some code could run what a file says."""
    found = []
    for node in ast.walk(ast.parse(code)):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call):
            called = dotted(node.func)
            shell = any(
                keyword.arg == "shell"
                and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
                for keyword in node.keywords
            )
            if called in BUILTINS | CALLS or shell:
                found.append(f"{name}:{node.lineno}: {called}")
        found += [f"{name}:{node.lineno}: {m}" for m in modules if m.split(".")[0] in MODULES or m in CALLS]
    return found


def test_the_package_runs_no_code_from_files():
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 20
    assert [complaint for path in files for complaint in complaints(path.read_text(), path.relative_to(SOURCE))] == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "import os, cloudpickle as c",
        "from pickle import loads",
        "def f():\n    from torch import load",
        "torch.load(path, weights_only=True)",
        "x = np.load(path)",
        "eval(text)",
        "exec(open('configurator.py').read())",
        "__import__(name)",
        "yaml.load(text)",
        "os.system('ls')",
        "subprocess.run(command, shell=True)",
        "subprocess.run(command, shell=wanted)",
    ],
)
def test_a_planted_danger_is_found(code):
    assert complaints(code, "x.py")


@pytest.mark.parametrize(
    "code",
    [
        "model.eval()",
        "re.compile('a')",
        "json.load(file)",
        "subprocess.run(c, shell=False)",
        "from dragoman.bundle import load",
    ],
)
def test_harmless_code_is_not_complained_of(code):
    assert complaints(code, "x.py") == []


# A hook cannot be taken out again, so it lives in a process of its own, which first loads what it needs.
POISONED = """
import hashlib, json, sys
from pathlib import Path
import numpy as np
from dragoman.architecture import ModelConfig, parameters
from dragoman.bundle import Bundle, load, save, verify
from dragoman.errors import CheckpointError
from dragoman.text.training import train

folder = Path(sys.argv[1])
tokenizer = train(["the cat sat on the mat and looked at the quick brown fox jumping over it"], 300)
model = ModelConfig(vocab_size=300, d_model=4, encoder_layers=1, decoder_layers=1, heads=1, feed_forward=4)
weights = {name: np.ones(shape, np.float32) for name, shape in parameters(model).items()}
save(Bundle(model=model, weights=weights, source_tokenizer=tokenizer, target_tokenizer=tokenizer), folder)
load(folder)
assert verify(folder) == []
pickles = [  # run when unpickled: protocol 0 and 2, and as a Python file, a template, YAML
    b"cos\\nsystem\\n(S'touch ran'\\ntR.", b"\\x80\\x02cos\\nsystem\\nX\\x09\\0\\0\\0touch ran\\x85R.",
    b"PK\\x03\\x04archive/data.pkl", b"import os; os.system('touch ran')",
    b"!!python/object/apply:os.system ['touch ran']", b'{"__reduce__": "os.system", "auto_map": "evil.A"}',
]
poisons = pickles + [(len(p) + pad).to_bytes(8, "little") + p + b" " * pad for p in pickles for pad in (0, 2)]
whole = {path.name: path.read_bytes() for path in folder.iterdir()}
refused = 0
forbidden = ("exec", "compile", "os.system", "os.exec", "os.fork", "os.posix_spawn", "subprocess.", "socket.",
             "pickle.", "marshal.", "ctypes.", "import")
seen = []
sys.addaudithook(lambda event, arguments: event.startswith(forbidden) and seen.append((event, arguments)))
for name in whole:
    for poison in poisons:
        (folder / name).write_bytes(poison)
        if name != "manifest.json":
            manifest = json.loads(whole["manifest.json"])
            manifest["files"][name] |= {"size": len(poison), "sha256": hashlib.sha256(poison).hexdigest()}
            (folder / "manifest.json").write_text(json.dumps(manifest))
        try:
            load(folder)
        except CheckpointError:
            refused += 1
        for other, data in whole.items():
            (folder / other).write_bytes(data)
print(refused, len(poisons) * 4, seen)
"""


def test_poisoned_models_run_nothing(tmp_path):
    code = [sys.executable, "-c", POISONED, str(tmp_path / "model")]
    done = subprocess.run(code, capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == ""
    refused, least, seen = done.stdout.split(" ", 2)
    assert int(refused) >= int(least) > 50  # a card may say anything, so its poisons that are text are read
    assert seen == "[]\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]
