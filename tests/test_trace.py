"""A trace is what the schema says, holds together number by number, and is what torch and the engine compute."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dragoman
from dragoman import bundle as bundles
from dragoman.architecture import parameters
from dragoman.engine.model import Engine
from dragoman.errors import DataError, RequestError
from dragoman.explain import trace as tracing
from dragoman.explain.trace import TraceOptions, Tracer, trace
from dragoman.explain.trace_json import to_json
from dragoman.explain.trace_size import numbers
from dragoman.grammar import newlines, utf8
from dragoman.options import BOS, EOS, DecodeOptions
from dragoman.text.training import ALGORITHMS, train
from dragoman.translator import Translator
from model_configs import EVERY
from odd_texts import corpus, odd_texts
from traced_models import TEXT, traced_model

SCHEMA = json.loads((Path(tracing.__file__).parent / "trace.schema.json").read_text(encoding="utf-8"))
GIVEN = "die Katze ▁ saß"
SEARCHES = {
    "beam": {},
    "greedy": {"beam": 1, "n_best": 1},
    "samples": {"beam": None, "temperature": 1.5, "n_best": 3},
    "average": {"penalty": "average"},
    "ends late": {"min_length": 6},
}


def layers(found):
    return [*found["encoder"]["layers"], *found["decoder"]["layers"]]


def attentions(found):
    return [layer[kind] for layer in layers(found) for kind in ("self_attention", "cross_attention") if layer.get(kind)]


@pytest.mark.parametrize("name", EVERY)
def test_every_variant_is_what_the_schema_says(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    found = trace(traced_model(name), TEXT, TraceOptions(target=GIVEN, top=3, logits=True))
    jsonschema.validate(json.loads(to_json(found, packed=True)), SCHEMA)
    if name in ("default", "modern"):  # number by number, which takes its time
        jsonschema.validate(json.loads(to_json(found)), SCHEMA)


def tensors(value):
    if isinstance(value, np.ndarray):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [tensor for one in inner for tensor in tensors(one)]


@pytest.mark.parametrize("name", EVERY)
def test_the_size_of_a_trace_is_known_before(name):
    model = traced_model(name)
    for target, logits in ((None, False), (GIVEN, True)):
        found = trace(model, TEXT, TraceOptions(target=target, logits=logits))
        size = sum(tensor.size for tensor in tensors(found))
        pieces = [len(found[side]["pieces"]) for side in ("source", "target")]
        assert numbers(model.model, *pieces, logits) == size
        if target:
            Tracer(model).trace(TEXT, TraceOptions(target=target, logits=True), most=size)
            with pytest.raises(RequestError, match=f"would hold {size:,} numbers"):
                Tracer(model).trace(TEXT, TraceOptions(target=target, logits=True), most=size - 1)


def test_every_field_is_described_and_wanted():
    for name, table in {"Trace": SCHEMA, **SCHEMA["$defs"]}.items():
        assert table["description"] and table["additionalProperties"] is False, name
        assert table["required"] == list(table["properties"]), name
        assert all(field.get("description") for field in table["properties"].values()), name


@pytest.mark.parametrize("name", EVERY)
def test_the_numbers_hold_together(name):
    bundle = traced_model(name)
    config = bundle.model
    found = trace(bundle, TEXT, TraceOptions(target=GIVEN))
    for side in ("encoder", "decoder"):
        embedding = found[side]["embedding"]
        added = 0 if embedding["positions"] is None else embedding["positions"]
        assert_allclose(embedding["sum"], embedding["rows"] * embedding["scale"] + added, atol=1e-5)
        assert embedding["places"] == list(range(len(embedding["rows"])))
        before = embedding["sum"]
        for layer in found[side]["layers"]:
            assert_array_equal(layer["input"], before)
            for kind in ("self_attention", "recurrence", "cross_attention", "feed_forward"):
                if (part := layer.get(kind)) is None:
                    continue
                base = before if config.experiment.residual else 0
                assert_allclose(part["residual_after"], base + part["output"], atol=1e-5)
                assert (part["norm_before"] is None) == (config.norm != "pre")
                before = part["residual_after"] if part["norm_after"] is None else part["norm_after"]
        assert_array_equal(found[side]["output"], before)
    for part in attentions(found):
        scores, weights = part["scores"], part["weights"]
        sees = np.isfinite(scores)
        assert_array_equal(scores[sees], part["scores_before_mask"][sees])
        assert np.isfinite(part["scores_before_mask"]).all() and not weights[~sees].any()
        assert_allclose(weights.sum(-1), 1, atol=1e-6)
        share = config.heads // config.kv_heads
        assert_allclose(
            part["contexts"], np.einsum("nlk,knh->lnh", weights, part["value"].repeat(share, axis=1)), atol=1e-5
        )
        query = part["query"] if part["query_turned"] is None else part["query_turned"]
        key = part["key"] if part["key_turned"] is None else part["key_turned"]
        wanted = np.einsum("lnh,knh->nlk", query, key.repeat(share, axis=1)) * part["scale"]
        if part["slopes"] is not None:
            distance = np.abs(np.subtract.outer(np.arange(len(query)), np.arange(len(key))))
            wanted -= np.multiply.outer(part["slopes"], distance)
        assert_allclose(part["scores_before_mask"], wanted, atol=1e-4)
    for layer in found["decoder"]["layers"]:
        assert (layer["self_attention"] is None) == (layer["recurrence"] is not None) == (config.decoder_cell == "ssru")
        if own := layer["self_attention"]:
            assert_array_equal(np.isfinite(own["scores"][0]), np.tri(len(found["steps"]), dtype=bool))
        if cell := layer["recurrence"]:
            before = np.concatenate([np.zeros_like(cell["state"][:1]), cell["state"][:-1]])
            wanted = cell["forget"] * before + (1 - cell["forget"]) * cell["input"]
            assert_allclose(cell["state"], wanted, atol=1e-5)
            assert_array_equal(cell["output"], np.maximum(cell["state"], 0))


def test_the_memory_is_the_norm_of_the_encoder_s_output_or_that_itself():
    for name in ("default", "paper"):
        found = trace(traced_model(name), TEXT, TraceOptions(target=GIVEN))
        assert (name == "paper") == np.array_equal(found["memory"], found["encoder"]["output"])
        assert (found["decoder"]["norm"] is None) == (name == "paper")


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("name", ["default", "paper", "modern", "tie_none", "ssru"])
def test_tokens_and_scores_are_the_engine_s(name, search):
    bundle = traced_model(name, 5, **SEARCHES[search])
    found = trace(bundle, TEXT)
    wanted = Translator(bundle, Engine(bundle.model, bundle.weights, threads=1)).translate(TEXT)
    assert found["translation"] == wanted.text
    assert [piece["piece"] for piece in found["source"]["pieces"]] == list(wanted.source_pieces)
    assert [piece["piece"] for piece in found["target"]["pieces"]] == list(wanted.pieces)
    assert [one["text"] for one in found["search"]["hypotheses"]] == [one.text for one in wanted.hypotheses]
    best, steps = found["search"]["hypotheses"][found["search"]["traced"]], found["steps"]
    assert best["score"] == wanted.score and best["ids"] == list(wanted.hypotheses[0].ids)
    chosen = [step["chosen"] for step in steps]
    assert [one["id"] for one in chosen] == best["ids"]
    assert_allclose([one["log_probability"] for one in chosen], best["log_probabilities"], atol=1e-4)
    total = math.fsum(one["log_probability"] for one in chosen)
    assert total / best["divisor"] == pytest.approx(best["score"], abs=1e-4)
    engine = Engine(bundle.model, bundle.weights, threads=1)
    source = [piece["id"] for piece in found["source"]["pieces"]]
    logits = engine.logits(source, [BOS, *best["ids"][:-1]])
    assert_allclose([one["logit"] for one in chosen], logits[np.arange(len(chosen)), best["ids"]], atol=1e-4)
    encoder, decoder = engine.layers(source, [BOS, *best["ids"][:-1]])
    ends = [found[side]["layers"][1]["input"] for side in ("encoder", "decoder")]
    assert_allclose(ends[0], encoder[0], atol=1e-4)
    assert_allclose(ends[1], decoder[0], atol=1e-4)


def test_the_beams_are_those_that_the_search_looked_at():
    bundle = traced_model("default", 5)
    found = trace(bundle, TEXT)["search"]
    told, spelling = [], bundle.target_spelling
    engine, options = Engine(bundle.model, bundle.weights, threads=1), DecodeOptions(**bundle.decode)
    source = Translator(bundle, engine).source_ids([TEXT])
    engine.search(source, options, 62, utf8(spelling, newlines(spelling)), watch=lambda *ways: told.append(ways[2]))
    assert len(found["steps"]) == len(told)
    rows = [[]]
    for length, (step, ways) in enumerate(zip(found["steps"], told, strict=True), 1):
        assert step["divisor"] == options.divisor(length)
        assert [(way["row"], way["id"], way["total"], way["fate"]) for way in step["ways"]] == [
            (way.row, way.piece, way.total, way.fate) for way in ways
        ]
        ended = [way for way in step["ways"] if way["fate"] == "finished"]
        for way in ended:  # what is finished is ranked by its total over the divisor
            same = [one for one in found["hypotheses"] if one["ids"] == [*rows[way["row"]], EOS]]
            assert all(one["score"] == pytest.approx(way["total"] / step["divisor"], abs=1e-5) for one in same)
        rows = [[*rows[way["row"]], way["id"]] for way in step["ways"] if way["fate"] == "kept"]


def test_the_likeliest_pieces_come_first_and_probabilities_sum_to_one():
    bundle = traced_model("default")
    found = trace(bundle, TEXT, TraceOptions(top=300, logits=True))
    spelling = bundle.target_spelling
    allowed_V = utf8(spelling, newlines(spelling)).allowed_QV[0]
    for number, step in enumerate(found["steps"]):
        top = step["top"]
        assert [one["logit"] for one in top] == sorted((one["logit"] for one in top), reverse=True)
        assert math.fsum(one["probability"] for one in top) == pytest.approx(1)
        assert step["chosen"] in top
        assert_allclose(step["logits"][[one["id"] for one in top]], [one["logit"] for one in top])
        assert step["log_sum_exp"] == pytest.approx(math.log(np.exp(step["logits"].astype(float)).sum()))
        if number == 0:
            assert [one["allowed"] for one in top] == allowed_V[[one["id"] for one in top]].tolist()
    steps = trace(traced_model("default", min_length=3), TEXT, TraceOptions(top=300))["steps"]
    ends = [one["allowed"] for step in steps for one in step["top"] if one["id"] == EOS]
    assert ends[:2] == [False, False] and ends[2]


@pytest.mark.parametrize("name", EVERY)
def test_it_is_what_torch_computes(name):
    torch = pytest.importorskip("torch")
    from dragoman.model.initialization import from_numpy
    from dragoman.model.recording import recording
    from dragoman.model.transformer import Transformer

    bundle = traced_model(name, 2)
    found = trace(bundle, TEXT, TraceOptions(target=GIVEN, logits=True))
    model = Transformer(bundle.model).eval()
    from_numpy(model, bundle.weights)
    source, target = ([piece["id"] for piece in found[side]["pieces"]] for side in ("source", "target"))
    outputs = {}
    for part, module in model.named_modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_hook(lambda _m, _i, out, part=part: outputs.__setitem__(part, out[0].detach()))
    real = torch.ones(1, len(source), dtype=torch.bool)
    with torch.inference_mode(), recording(model) as record:
        logits = model(torch.tensor([source]), real, torch.tensor([[BOS, *target[:-1]]]))

    def check(given, wanted):
        wanted = wanted.numpy()
        assert_allclose(given.reshape(wanted.shape), wanted, rtol=0, atol=1e-4 * max(1, np.abs(wanted).max()))

    for step, row in zip(found["steps"], logits[0], strict=True):
        check(step["logits"], row)
    for side in ("encoder", "decoder"):
        check(found[side]["embedding"]["sum"], record[f"{side}.embedded"][0][0])
        for index, layer in enumerate(found[side]["layers"]):
            part = f"{side}.layers.{index}"
            if cell := layer.get("recurrence"):
                check(cell["input"], outputs[f"{part}.recurrence.input"])
                check(cell["forget"], torch.sigmoid(outputs[f"{part}.recurrence.forget"]))
            for kind in ("self_attention", "cross_attention"):
                if layer.get(kind):
                    check(layer[kind]["weights"], record[f"{part}.{kind}.weights"][0][0])
                    check(layer[kind]["output"], outputs[f"{part}.{kind}.out"])
            check(layer["feed_forward"]["output"], outputs[f"{part}.feed_forward.down"])
            after = layer["feed_forward"]["norm_after"]
            after = layer["feed_forward"]["residual_after"] if after is None else after
            check(after, record[f"{part}.output"][0][0])


@pytest.mark.parametrize("family", ALGORITHMS)
def test_pieces_stand_where_they_stand_in_every_family(family):
    sizes = {"bpe": 300, "byte_bpe": 300, "unigram": 320, "wordpiece": 200, "character": 320, "word": 110}
    tokenizer = train(corpus(), sizes[family], family)
    bundle = traced_model("default")
    config = replace(bundle.model, vocab_size=tokenizer.vocab_size)
    draw = np.random.default_rng(1)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(config).items()}
    tracer = Tracer(
        replace(bundle, model=config, weights=weights, source_tokenizer=tokenizer, target_tokenizer=tokenizer)
    )
    texts = [text for text in odd_texts(40, seed=2) if text.strip() and len(text) < 40]
    for text in [*texts[:12], "The cat's ▁ 🙂 <0x0A>"]:
        found = tracer.trace(text, TraceOptions(top=1))
        encoding = tokenizer.encode(text)
        *pieces, end = found["source"]["pieces"]
        assert [(one["id"], one["piece"]) for one in pieces] == list(zip(encoding.ids, encoding.pieces, strict=True))
        assert [(one["start"], one["end"]) for one in pieces] == list(encoding.offsets)
        assert all(one["text"] == text[one["start"] : one["end"]] for one in pieces)
        assert end == {"id": EOS, "piece": "</s>", "text": "", "start": None, "end": None}
        target = found["target"]
        shown = [one for one in target["pieces"] if one["start"] is not None]
        assert all(one["text"] == found["translation"][one["start"] : one["end"]] for one in shown)
        if tokenizer.lossless:  # every character of the translation belongs to a piece
            places = {place for one in shown for place in range(one["start"], one["end"])}
            assert places == set(range(len(found["translation"])))
        assert target["history"] is None
        assert (found["source"]["history"] is None) == (family in ("wordpiece", "character", "word"))
        if found["source"]["history"] and found["source"]["history"]["kind"] == "merges":
            steps = found["source"]["history"]["steps"]
            assert steps == [] or steps[-1]["pieces"] == list(encoding.pieces)


def same(one, other, tolerance=None):
    """Whether two traces are the same, tensors to a tolerance."""
    if isinstance(one, np.ndarray):
        assert one.shape == other.shape and one.dtype == other.dtype == np.float32
        finite = np.isfinite(one)
        assert_array_equal(finite, np.isfinite(other))
        if tolerance is None:
            return assert_array_equal(one, other)
        return assert_allclose(one[finite], other[finite], rtol=tolerance, atol=1e-7)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        return [same(inner, other[name], tolerance) for name, inner in one.items()]
    if isinstance(one, list):
        return [same(*both, tolerance) for both in zip(one, other, strict=True)]
    assert one == other


def test_what_cannot_be_traced_is_refused_in_words():
    tracer = Tracer(traced_model("default"))
    for text, options, words in (
        (" \t", TraceOptions(), "the text is blank"),
        ("cat " * 100, TraceOptions(), "the text has"),
        ("cat", TraceOptions(target="cat " * 100), "the target has"),
        ("cat", TraceOptions(to="fr"), "--to fr"),
        ("cat", TraceOptions(decode=DecodeOptions(shortlist=True)), "a trace looks at all pieces"),
    ):
        with pytest.raises(RequestError, match=words):
            tracer.trace(text, options)
    with pytest.raises(RequestError, match="top=0"):
        TraceOptions(top=0)
    with pytest.raises(RequestError, match="give the target too"):
        tracer.trace("cat", change=lambda name, value: None)
    with pytest.raises(DataError, match="surrogate"):
        tracer.trace("\ud83d")


@pytest.mark.parametrize("target", [None, GIVEN])
def test_numbers_that_overflow_are_refused_in_words(target):
    bundle = traced_model("norm_none")
    large = {name: tensor * np.float32(1e30) for name, tensor in bundle.weights.items()}
    with pytest.raises(RequestError, match="the model's numbers overflow"):
        trace(replace(bundle, weights=large), TEXT, TraceOptions(target=target))


def test_a_change_shows_in_all_that_comes_after_it():
    tracer = Tracer(traced_model("default"))
    name, options = "decoder.layers.1.cross_attention", TraceOptions(target=GIVEN)

    def off(told, value):
        return 0 * value if told == f"{name}.seen" else None

    plain, changed = tracer.trace(TEXT, options), tracer.trace(TEXT, options, off)
    same(plain["encoder"], changed["encoder"])
    assert not changed["decoder"]["layers"][1]["cross_attention"]["contexts"].any()
    assert plain["steps"][0]["chosen"]["logit"] != changed["steps"][0]["chosen"]["logit"]


def test_a_model_that_ships_is_traced_by_its_name_and_without_torch():
    program = (
        "import sys; from dragoman import TraceOptions, trace\n"
        "found = trace('en-de', 'How are you?', TraceOptions(top=2))\n"
        "assert found['translation'] == 'Wie geht es dir?', found['translation']\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert dragoman.trace is trace


def test_the_example_of_the_documentation_runs(tmp_path, monkeypatch, capsys):
    """With a model of the same shape; its assertions are those of the document."""
    document = Path(__file__).resolve().parent.parent / "docs" / "trace.md"
    example = document.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    bundles.save(traced_model("default"), tmp_path / "pocket", plain=True)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(document), "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) > 3
