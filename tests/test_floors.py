"""The rooms of the package and the floors that they stand on: a file imports from its own room or from below.

`violations` reads sources as text and imports nothing; each rule is seen to catch a planted violation.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parent.parent / "src"

# Rooms from the ground up. A name in MODULES is one file, every other a folder.
FLOORS = (
    ("_native",),
    ("errors", "config", "randomness", "shipped", "strict_json"),
    (
        "architecture",
        "patterns",
        "options",
        "grammar",
        "directions",
        "manifest",
        "weights",
        "adapter",
        "shortlist",
        "settings",
        "text",
    ),
    ("data", "bundle"),
    ("reference", "model", "engine"),
    ("decode", "compress", "train"),
    ("translator",),
    ("documents", "evaluate", "explain", "interchange"),
    ("serve",),
    ("cli",),
    ("", "__main__"),  # the package's own __init__ and __main__
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# Small files that others of their floor may build on, as long as no circle comes of it.
SHARED_ON_THEIR_FLOOR = {*FLOORS[1], *FLOORS[2]} - {"text", "adapter"}
TORCH_ROOMS = {"model", "decode", "train"}
ABOVE_TORCH = {"cli"}  # may use them; a test below holds that starting the command loads no torch
LAZY_ROOMS = {"cli", "translator", "", "__main__"}  # may import inside functions, torch too


@dataclass(frozen=True)
class Import:
    module: str  # as written: the part after `import`, or between `from` and `import`
    names: tuple[str, ...]  # empty for `import module`
    line: int
    in_function: bool
    for_types: bool  # under `if TYPE_CHECKING:`
    renamed: bool
    level: int  # dots of a relative import


def imports(source: str) -> Iterator[Import]:
    """Every import statement of a source, wherever it stands."""

    def walk(node: ast.AST, in_function: bool, for_types: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            place = (getattr(child, "lineno", 0), in_function, for_types)
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, (), *place, renamed=alias.asname is not None, level=0)
            elif isinstance(child, ast.ImportFrom):
                names = tuple(alias.name for alias in child.names)
                yield Import(child.module or "", names, *place, renamed=False, level=child.level)
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                yield from walk(child, True, for_types)
            else:
                guard = isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
                yield from walk(child, in_function, for_types or guard)

    yield from walk(ast.parse(source), False, False)


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def targets(found: Import, modules: Mapping[str, str]) -> set[str]:
    """The modules that an import reads: `from dragoman.text import casing` reads dragoman.text.casing."""
    if found.module.split(".")[0] != "dragoman":
        return set()
    inside = {f"{found.module}.{name}" for name in found.names}
    return (inside & modules.keys()) or ({found.module} - {"dragoman"})


def complaint(module: str, found: Import) -> str | None:
    """What is wrong with one import of one module, if anything."""
    room, top = room_of(module), found.module.split(".")[0]
    if found.level:
        return "relative import; write `from dragoman.room import name`"
    if found.in_function and room not in LAZY_ROOMS:
        return "import inside a function; only cli/ and translator.py may put one off"
    put_off = room in LAZY_ROOMS and (found.in_function or found.for_types)
    if top == "torch" and room not in TORCH_ROOMS | ABOVE_TORCH and not put_off:
        return "imports torch; only model/, decode/, train/ and what wires them do"
    if top != "dragoman":
        return None
    if not found.names:
        return f"`import {found.module}`; write `from dragoman.room import name`"
    if found.module == "dragoman":  # the version, or rooms by their names
        others = sorted(set(found.names) - {"__version__"})
        return next(filter(None, (descent(room, other, put_off) for other in others)), None)
    return descent(room, room_of(found.module), put_off)


def descent(room: str, other: str, put_off: bool) -> str | None:
    """What is wrong with one room importing another, if anything."""
    if other not in FLOOR:
        return f"{other} stands on no floor; give it one in tests/test_floors.py and in the design"
    if other in TORCH_ROOMS and room not in TORCH_ROOMS | ABOVE_TORCH and not put_off:
        return f"imports {other}, and torch with it; import it inside the function that needs it"
    if other == room or FLOOR[other] < FLOOR[room]:
        return None
    if FLOOR[other] == FLOOR[room] and other in SHARED_ON_THEIR_FLOOR:
        return None
    return f"{room or '__init__'} (floor {FLOOR[room]}) imports {other} (floor {FLOOR[other]})"


def circles(edges: Mapping[str, set[str]]) -> Iterator[str]:
    """Each circle of modules importing one another, once, as `a -> b -> a`."""
    finished: set[str] = set()

    def visit(module: str, way: list[str]) -> Iterator[str]:
        if module in way:
            yield " -> ".join([*way[way.index(module) :], module])
        elif module not in finished:
            for target in sorted(edges.get(module, ())):
                yield from visit(target, [*way, module])
            finished.add(module)

    for module in sorted(edges):
        yield from visit(module, [])


def violations(modules: Mapping[str, str]) -> list[str]:
    """All that is wrong in a package given as module name -> source."""
    found, edges = [], {}
    for module, source in modules.items():
        if room_of(module) not in FLOOR:
            found.append(f"{module}: stands on no floor; give it one in tests/test_floors.py and in the design")
            continue
        try:
            statements = list(imports(source))
        except SyntaxError as error:
            found.append(f"{module}:{error.lineno}: not Python as this version reads it: {error.msg}")
            continue
        for statement in statements:
            if wrong := complaint(module, statement):
                found.append(f"{module}:{statement.line}: {wrong}")
        edges[module] = {target for statement in statements for target in targets(statement, modules)}
    return found + [f"circle: {circle}" for circle in circles(edges)]


def package() -> dict[str, str]:
    modules = {}
    for path in sorted((SOURCES / "dragoman").rglob("*.py")):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = path.read_text(encoding="utf-8")
    return modules


def test_every_import_goes_down():
    modules = package()
    assert "dragoman.errors" in modules and "dragoman.engine.cpu" in modules
    assert violations(modules) == []


@pytest.mark.parametrize(
    ("module", "source", "words"),
    [
        pytest.param("dragoman.text.casing", "from dragoman.data.corpus import read", "(floor 3)", id="upwards"),
        pytest.param("dragoman.errors", "from dragoman.cli import main", "(floor 9)", id="far-up"),
        pytest.param("dragoman.bundle", "from dragoman.data.corpus import read", "imports data", id="sideways"),
        pytest.param("dragoman.reference.layers", "from dragoman.engine import cpu", "engine", id="sideways-rooms"),
        pytest.param("dragoman.options", "from dragoman.text.casing import lower", "imports text", id="module-to-room"),
        pytest.param("dragoman.serve.app", "if TYPE_CHECKING:\n  from dragoman.cli import main", "cli", id="for-types"),
        pytest.param("dragoman.serve.app", "try:\n  from dragoman.cli import main\nfinally: 0", "cli", id="in-try"),
        pytest.param("dragoman.cli.train", "from dragoman.cellar import wine", "no floor", id="imports-unknown"),
        pytest.param("dragoman.cellar.wine", "", "no floor", id="unknown"),
        pytest.param("dragoman.cellar", "x = 1", "no floor", id="unknown-file"),
        pytest.param("dragoman.text.casing", "def f(:", "not Python", id="not-python"),
        pytest.param("dragoman.text.casing", "from . import tokenizer", "relative", id="relative"),
        pytest.param("dragoman.text.casing", "from ..errors import DataError", "relative", id="relative-up"),
        pytest.param("dragoman.cli.train", "import dragoman.train.loop as loop", "write `from", id="import-as"),
        pytest.param("dragoman.cli.train", "import dragoman.train.loop", "write `from", id="import-module"),
        pytest.param("dragoman.cli.train", "import dragoman", "write `from", id="import-package"),
        pytest.param("dragoman.cli.train", "from dragoman import Translator", "no floor", id="from-package"),
        pytest.param("dragoman.manifest", "from dragoman import bundle", "imports bundle", id="file-by-name"),
        pytest.param("dragoman.data.corpus", "from dragoman import config, cli", "imports cli", id="by-name"),
        pytest.param("dragoman.data.corpus", "import torch", "imports torch", id="torch"),
        pytest.param("dragoman.patterns", "from torch.nn import functional", "imports torch", id="from-torch"),
        pytest.param("dragoman.data.corpus", "if TYPE_CHECKING:\n  import torch", "imports torch", id="torch-types"),
        pytest.param("dragoman.bundle", "import torch", "imports torch", id="torch-in-bundle"),
        pytest.param("dragoman.documents.po", "from dragoman.decode.beam import x", "torch with it", id="torch-room"),
        pytest.param("dragoman.data.corpus", "def f():\n  import gzip", "inside a function", id="in-function"),
        pytest.param("dragoman.model.layers", "class A:\n def f(self):\n  import torch", "inside", id="in-method"),
    ],
)
def test_a_planted_violation_is_found(module, source, words):
    assert [found for found in violations({module: source}) if words in found]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("dragoman.text.tokenizer", "from dragoman.text import casing", id="own-room"),
        pytest.param("dragoman.text.tokenizer", "from dragoman.options import PAD", id="options-on-its-floor"),
        pytest.param("dragoman.text.tokenizer", "from dragoman._native import Merges", id="native"),
        pytest.param("dragoman.architecture", "from dragoman.patterns import Full", id="patterns-on-its-floor"),
        pytest.param("dragoman.decode.beam", "import torch\nfrom dragoman.model.state import State", id="torch-rooms"),
        pytest.param("dragoman.translator", "from dragoman import __version__, bundle", id="file-by-name"),
        pytest.param("dragoman.translator", "def f():\n  from dragoman.decode.beam import x", id="put-off"),
        pytest.param("dragoman.cli.train", "def f():\n  import torch", id="torch-put-off"),
        pytest.param("dragoman", "if TYPE_CHECKING:\n  from dragoman.cli import main", id="surface"),
        pytest.param("dragoman.data.corpus", "import gzip\nimport torchless", id="others"),
    ],
)
def test_what_is_allowed_is_not_complained_of(module, source):
    assert violations({module: source}) == []


def test_a_circle_is_found_once_and_named():
    modules = {
        "dragoman.model.layers": "from dragoman.model.attention import weights",
        "dragoman.model.attention": "from dragoman.model import state",
        "dragoman.model.state": "from dragoman.model.layers import Layer",
    }
    (found,) = violations(modules)
    assert found.count("->") == 3 and all(module in found for module in modules)
    modules["dragoman.model.state"] = ""
    assert violations(modules) == []
    modules = {
        "dragoman.architecture": "from dragoman import patterns",
        "dragoman.patterns": "from dragoman.architecture import ModelConfig",
    }
    assert violations(modules) == ["circle: dragoman.architecture -> dragoman.patterns -> dragoman.architecture"]


@pytest.mark.parametrize("module", ["dragoman", "dragoman.cli"])
def test_importing_brings_no_torch_starts_no_thread_and_prints_nothing(module):
    program = (
        f"import sys, threading, {module}\n"
        "loaded = {name.split('.')[0] for name in sys.modules} & {'torch', 'matplotlib', 'sacrebleu'}\n"
        "sys.exit(f'{loaded} {threading.active_count()}' if loaded or threading.active_count() > 1 else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
