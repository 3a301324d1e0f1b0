"""The engine on another processor: compiled for aarch64, run by an emulator, the same numbers."""

import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from dragoman.engine.model import Engine
from dragoman.options import DecodeOptions
from dragoman.reference.transformer import Transformer
from model_configs import EVERY, random_weights

ROOT = Path(__file__).resolve().parent.parent
COMPILER, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"
NUMBERS = (
    "vocab_size", "target_vocabulary", "d_model", "heads", "kv_heads", "feed_forward", "encoder_layers",
    "decoder_layers", "max_positions",
)  # fmt: skip
CHOICES = {
    "norm": ("pre", "post", "none"),
    "norm_kind": ("layer", "rms"),
    "activation": ("relu", "gelu", "swiglu", "silu"),
    "positions": ("sinusoidal", "learned", "rotary", "alibi", "none"),
    "tie": ("all", "target", "none"),
}
SOURCE, TARGET = [5, 6, 7, 4, 3], [2, 6, 5, 4]
TOLERANCES = {"float32": 1e-4, "bf16": 0.1, "int8": 0.3}  # as in test_engine.py

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(platform.machine() == "aarch64", reason="this is one; the other tests say all"),
    pytest.mark.skipif(
        shutil.which(COMPILER) is None or shutil.which(EMULATOR) is None,
        reason="needs Debian's g++-aarch64-linux-gnu and qemu-user",
    ),
]


@pytest.fixture(scope="module")
def driver(tmp_path_factory) -> Path:
    """tests/native/driver.cpp and the engine, compiled for aarch64."""
    program = tmp_path_factory.mktemp("aarch64") / "driver"
    sources = [path for path in (ROOT / "native").glob("*.cpp") if "binding" not in path.name]
    kernels = [ROOT / "native" / "kernels" / name for name in ("choice.cpp", "portable.cpp")]
    # Without contraction its sums round as this machine's do, so that searches of rounded numbers agree too.
    options = ["-std=c++20", "-O2", "-ffp-contract=off", "-static", "-pthread", "-I", ROOT / "native", "-o", program]
    subprocess.run([COMPILER, *options, ROOT / "tests/native/driver.cpp", *sources, *kernels], check=True)
    return program


def words(config, weights) -> str:
    """The model and the two texts as the driver reads them."""
    choices = {name: values.index(getattr(config, name)) for name, values in CHOICES.items()}
    flags = (config.experiment.residual, config.experiment.scale_scores, config.experiment.scale_embeddings)
    lines = [" ".join(str(getattr(config, name)) for name in NUMBERS)]
    lines.append(f"{choices['norm']} {choices['norm_kind']} {float(config.norm_epsilon).hex()} {choices['activation']}")
    lines.append(
        f"{choices['positions']} {choices['tie']} {int(config.biases)} " + " ".join(str(int(f)) for f in flags)
    )
    lines.append(str(len(weights)))
    for name, tensor in weights.items():
        rows, columns = tensor.shape if tensor.ndim == 2 else (1, len(tensor))
        lines.append(f"{name} {rows} {columns} " + " ".join(float(number).hex() for number in tensor.ravel()))
    return "\n".join([*lines, *(" ".join(map(str, (len(ids), *ids))) for ids in (SOURCE, TARGET))]) + "\n"


@pytest.mark.parametrize("name", ["default", "paper", "modern", "tie_none", "silu"])
def test_it_computes_what_the_reference_says_and_finds_what_this_machine_finds(driver, name):
    config = EVERY[name]
    weights = random_weights(config, 4)
    made = subprocess.run(
        [EMULATOR, driver, "portable"], input=words(config, weights), capture_output=True, text=True, check=True
    )
    model = Transformer(config, weights)
    expected = model.forward(np.array([SOURCE]), np.ones((1, len(SOURCE)), bool), np.array([TARGET]))[0]
    lines = {tuple(line.split()[:2]): line.split()[2:] for line in made.stdout.splitlines()}
    assert len(lines) == 6
    for precision, tolerance in TOLERANCES.items():
        logits = np.array([float.fromhex(word) for word in lines["logits", precision]]).reshape(expected.shape)
        assert np.abs(logits - expected).max() <= tolerance * max(1.0, np.abs(expected).max())
        engine = Engine(config, weights, precision, "portable")
        found = engine.search([SOURCE], DecodeOptions(beam=3, max_length=12), config.max_positions - 1)[0][0]
        assert [int(word) for word in lines["search", precision]] == list(found.ids)
