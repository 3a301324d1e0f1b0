"""What a format cannot express is refused by the name of the option, and nothing is written."""

from dataclasses import replace

import numpy as np
import pytest

import tiny_bundle
from dragoman import bundle
from dragoman.architecture import parameters
from dragoman.cli import run

FORMATS = {"ctranslate2": "out", "onnx": "out", "huggingface": "out", "argos": "out.argosmodel"}


@pytest.mark.parametrize("form", FORMATS)
def test_a_decoder_of_cells_goes_nowhere(tmp_path, capsys, form):
    made = tiny_bundle.make()
    model = replace(made.model, decoder_cell="ssru")
    draw = np.random.default_rng(1)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(model).items()}
    bundle.save(replace(made, model=model, weights=weights), tmp_path / "m")
    before = sorted(path.name for path in tmp_path.iterdir())
    assert run(["export", str(tmp_path / "m"), str(tmp_path / FORMATS[form]), "--to", form]) == 2
    assert "model.decoder_cell=ssru" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == before
