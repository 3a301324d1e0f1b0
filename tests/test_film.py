"""The film of a training: frames say what the models of their steps say, on one map, in bounds."""

import json
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from safetensors.numpy import save_file

from dragoman import TraceOptions, bundle
from dragoman.architecture import parameters
from dragoman.cli import run
from dragoman.errors import CheckpointError
from dragoman.explain import film as films
from dragoman.explain.film import film
from dragoman.explain.snapshots import snapshots
from dragoman.explain.trace import Tracer
from test_explain import Elements, blocks, built
from tiny_film import LAST, TEXT, half, make

__all__ = ["built"]


def unpacked(text, kind, *shape):
    return np.frombuffer(b64decode(text), kind).reshape(shape)


def read(text):
    """A film with its frames unpacked."""
    found = json.loads(text)
    target, layers = len(found["written"]), found["layers"] + 1
    for frame in found["frames"]:
        frame["alignment"] = unpacked(frame["alignment"], "u1", target - 1, -1) / 255
        for name, shape in (("best", (layers, target, found["top"])), ("chances", (layers, target, found["top"]))):
            frame[name] = unpacked(frame[name], "<u2", *shape)
        frame["own"] = unpacked(frame["own"], "<u2", layers, target) / 65535
        frame["map"] = unpacked(frame["map"], "<i2", len(found["map"]), 2) / 32767
    return found


def test_frames_come_in_order_and_end_with_the_model(tmp_path):
    model, _ = make(tmp_path / "m")
    found = read(film(model, tmp_path / "m", TEXT))
    assert [frame["step"] for frame in found["frames"]] == [1, 2, 4, 8, LAST]  # 100 is behind the best
    assert found["frames"][-1]["translation"] == found["translation"]
    assert found["text"] == TEXT and found["kept"] == 5
    steps, losses, seconds = zip(*found["loss"]["training"], strict=True)
    assert (steps[0], losses[0], seconds[0], steps[-1]) == (1, 8, 0.5, 100)
    assert found["loss"]["validation"] == [[32, 3.5, 20.0], [LAST, 3.0, None], [100, 3.1, 30.0]]


@pytest.mark.parametrize("step", ["receiving", "writing"])
@pytest.mark.parametrize("heads", [((1, 0), (0, 1)), ()])
def test_a_frame_says_what_the_model_of_its_step_says(tmp_path, step, heads):
    model, others = make(tmp_path / "m", alignment_step=step, alignment_heads=heads)
    found = read(film(model, tmp_path / "m", TEXT))
    for frame, own in zip(found["frames"], [*others[:4], model], strict=True):
        assert frame["translation"] == Tracer(own).trace(TEXT)["translation"]
        forced = Tracer(own).trace(TEXT, TraceOptions(target=found["translation"], top=found["top"]))
        assert found["source"] == [piece["piece"] for piece in forced["source"]["pieces"]]
        cross = [layer["cross_attention"]["weights"] for layer in forced["decoder"]["layers"]]
        mean = np.mean([cross[layer][head] for layer, head in heads or ((1, 0), (1, 1))], axis=0)
        assert_allclose(frame["alignment"], mean[1:] if step == "receiving" else mean[:-1], atol=0.51 / 255)
        for at, wanted in enumerate(forced["steps"]):
            assert [found["pieces"][piece] for piece in frame["best"][-1, at]] == [
                one["piece"] for one in wanted["top"]
            ]
            chances = [one["probability"] for one in wanted["top"]]
            assert_allclose(frame["chances"][-1, at] / 65535, chances, atol=1e-5)
            assert frame["own"][-1, at] == pytest.approx(wanted["chosen"]["probability"], abs=1e-5)
            assert found["pieces"][found["written"][at]] == wanted["chosen"]["piece"]


def test_what_was_kept_of_the_model_itself_is_the_same_frame(tmp_path):
    model, _ = make(tmp_path / "m", steps=())
    tensors = {name: tensor.astype(np.float16) for name, tensor in model.weights.items()}
    save_file(tensors, tmp_path / "m" / "training" / "snapshots" / "step-00000009.safetensors")
    first, last = json.loads(film(model, tmp_path / "m", TEXT))["frames"]
    assert first | {"step": LAST} == last


def test_all_frames_are_on_one_map(tmp_path):
    """A place on it is linear in the embedding: what lies between two embeddings lies between their places."""
    model, _ = make(tmp_path / "m", steps=(1, 3))
    folder = tmp_path / "m" / "training" / "snapshots"
    name = "target_embedding.weight"
    first = model.weights | {name: 2 * model.weights[name][::-1].copy()}
    middle = model.weights | {name: (first[name] + model.weights[name]) / 2}
    for step, weights in ((1, first), (3, middle)):
        save_file(
            {one: tensor.astype(np.float32) for one, tensor in weights.items()}, folder / f"step-{step:08d}.safetensors"
        )
    maps = [frame["map"] for frame in read(film(model, tmp_path / "m", TEXT))["frames"]]
    assert_allclose(maps[1], (maps[0] + maps[2]) / 2, atol=1e-4)
    assert max(np.abs(one).max() for one in maps) == 1
    assert not np.allclose(maps[0], maps[2], atol=0.1)
    assert_allclose(maps[2].mean(0), 0, atol=1e-4)  # of the trained pieces
    assert not np.allclose(maps[0].mean(0), 0, atol=1e-2)


def test_a_film_stays_in_its_bounds(tmp_path, monkeypatch):
    steps = tuple(range(1, 51))
    model, _ = make(tmp_path / "m", steps=steps)
    whole = film(model, tmp_path / "m", TEXT)
    found = json.loads(whole)
    shown = [frame["step"] for frame in found["frames"]]
    assert len(shown) == films.MOST_FRAMES and shown[0] == 1 and shown[-2:] == [50, LAST] and found["kept"] == 51
    assert max(np.diff(shown[:-1])) == 2
    monkeypatch.setattr(films, "MOST_BYTES", len(whole) // 2)
    shorter = film(model, tmp_path / "m", TEXT)
    fewer = [frame["step"] for frame in json.loads(shorter)["frames"]]
    assert len(shorter) <= len(whole) // 2 and set(fewer) < set(shown) and fewer[0] == 1 and fewer[-1] == LAST


def test_without_snapshots_there_is_no_film(tmp_path):
    model, _ = make(tmp_path / "m", steps=())
    assert film(model, tmp_path / "m", TEXT) is None
    bundle.save(model, tmp_path / "other")
    assert snapshots(tmp_path / "other") == [] and film(model, tmp_path / "other", TEXT) is None


def test_the_journal_may_be_missing(tmp_path):
    model, _ = make(tmp_path / "m")
    (tmp_path / "m" / "training" / "metrics.jsonl").unlink()
    found = json.loads(film(model, tmp_path / "m", TEXT))
    assert [frame["step"] for frame in found["frames"]] == [1, 2, 4, 8, 100]  # the model is of the last known step
    assert found["loss"] == {"training": [], "validation": []}


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "damaged"),
        (lambda path: save_file({"x": np.zeros(3, np.float16)}, path), "no tensor"),
    ],
)
def test_a_damaged_snapshot_is_named(tmp_path, capsys, damage, words):
    make(tmp_path / "m")
    path = tmp_path / "m" / "training" / "snapshots" / "step-00000002.safetensors"
    damage(path)
    with pytest.raises(CheckpointError, match=words):
        film(bundle.load(tmp_path / "m"), tmp_path / "m", TEXT)
    assert run(["explain", str(tmp_path / "m"), TEXT, "-o", str(tmp_path / "p.html")]) == 2
    assert str(path) in capsys.readouterr().err and not (tmp_path / "p.html").exists()


@pytest.mark.parametrize(
    ("arguments", "has"), [((TEXT,), True), ((), False), ((" ",), False), ((TEXT, "--no-film"), False)]
)
def test_a_page_has_a_film_where_there_is_a_text_and_none_says_no(tmp_path, arguments, has):
    model, _ = make(tmp_path / "m")
    assert run(["explain", str(tmp_path / "m"), *arguments, "-o", str(tmp_path / "p.html")]) == 0
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    facts, _ = blocks(html)
    assert facts["film"] == has
    written = [text for tag, attrs, text in Elements(html).found if attrs.get("id") == "film"]
    assert written == ([film(model, tmp_path / "m", TEXT).replace("<", "\\u003c")] if has else [])


def test_a_model_of_several_languages_is_filmed_into_its_first(tmp_path):
    plain, _ = make(tmp_path / "m", steps=())
    config = replace(plain.model, vocab_size=plain.model.vocab_size + 2)  # a tag for each language
    draw = np.random.default_rng(4)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(config).items()}
    pairs = (("en", "de"), ("en", "fr"))
    model = replace(plain, model=config, weights=half(weights), languages=pairs[0], directions=pairs)
    save_file(
        {name: tensor.astype(np.float16) for name, tensor in model.weights.items()},
        tmp_path / "m" / "training" / "snapshots" / "step-00000003.safetensors",
    )
    found = json.loads(film(model, tmp_path / "m", TEXT))
    assert found["source"][-1] == "<to de>"
    assert found["translation"] == Tracer(model).trace(TEXT, TraceOptions(to="de"))["translation"]
