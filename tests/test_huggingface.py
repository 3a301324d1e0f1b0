"""A model in stock classes of Hugging Face's library: the same logits, searches, ids and texts."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from itertools import compress

import numpy as np
import pytest

import tiny_bundle
from dragoman.architecture import Experiment
from dragoman.bundle import Bundle, load, save
from dragoman.cli import run
from dragoman.engine.model import Engine
from dragoman.errors import RequestError
from dragoman.grammar import newlines, utf8
from dragoman.interchange import huggingface, huggingface_names
from dragoman.interchange.huggingface import export, length_penalty
from dragoman.options import DecodeOptions
from dragoman.reference.transformer import Transformer
from dragoman.text.training import ALGORITHMS, train
from dragoman.translator import Translator
from model_configs import random_weights
from odd_texts import BLANK, corpus, odd_texts
from trained_model import pairs, trained

__all__ = ["trained"]

CLOSE = 1e-5  # times the largest logit, or 1
LIMIT = 40  # pieces of a translation
CHANGES = {
    "marian": {"norm": "post"},
    "marian_gelu_target": {"norm": "post", "activation": "gelu", "tie": "target"},
    "marian_silu_none": {"norm": "post", "activation": "silu", "tie": "none", "positions": "table"},
    "pegasus": {"norm": "pre"},
    "pegasus_gelu": {"norm": "pre", "activation": "gelu", "experiment": Experiment(scale_embeddings=False)},
    "pegasus_silu": {"norm": "pre", "activation": "silu", "positions": "learned", "d_model": 48, "heads": 3},
}


@pytest.fixture(scope="module")
def theirs():
    """Their library, quiet and without a network."""
    pytest.importorskip("torch")
    library = pytest.importorskip("transformers")
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()
    return library


def bundle_of(joint=True, seed=3, strength=1, **changes) -> Bundle:
    """A model whose translations differ and end, and hold no bytes: their search does not keep to whole characters."""
    plain = tiny_bundle.make(joint=joint)
    shape = {"d_model": 32, "feed_forward": 48, "encoder_layers": 2, "max_positions": 64, "norm": "post"}
    model = replace(plain.model, **(shape | changes))
    weights = {name: tensor.astype(np.float32) for name, tensor in random_weights(model, seed).items()}
    for name, tensor in weights.items():
        if tensor.ndim == 2 and "layers" in name:
            tensor *= strength  # of what the layers say, beside the piece that came last
    weights["output.bias"][4:260] = -1e4
    bundle = replace(
        plain, model=model, weights=weights, decode={"penalty": "none", "max_length": LIMIT}, usual_pieces=12
    )
    weights["output.bias"][3] += end_bias(bundle)
    return bundle


def end_bias(bundle) -> float:
    """What makes `</s>` the most likely piece at one of twenty steps."""
    engine, gaps = Engine(bundle.model, bundle.weights), []
    for source in sources_of(bundle, 20, seed=9):
        ids = [index for index in searched(bundle, [source], 1)[0] if index != 3]
        found = engine.logits(source, [2, *ids])[:, 3:]
        gaps += (found[:, 1:].max(1) - found[:, 0]).tolist()
    return float(np.quantile(gaps, 0.05))


def loaded(theirs, folder):
    """Their model of a folder, of which nothing was missing and nothing left over."""
    model, report = theirs.AutoModelForSeq2SeqLM.from_pretrained(
        folder, output_loading_info=True, local_files_only=True
    )
    assert not any(report.values()), report
    return model.eval()


def logits(model, source, target):
    import torch

    with torch.no_grad():
        given = {"input_ids": torch.tensor([source]), "decoder_input_ids": torch.tensor([target])}
        return model(**given).logits[0].numpy()


def far(ours, other):
    """The largest difference of logits, by the largest of them; those of about -1e4 are not looked at."""
    kept = ours > -1e3
    assert (kept == (other > -1e3)).all()
    return np.abs(ours - other)[kept].max() / max(1, np.abs(ours[kept]).max())


def generated(model, sources, padding=0, end=3, **options):
    """What `generate` gives for sources of ids, from its start to the first `</s>`: more of them may be its padding."""
    import torch

    width = max(map(len, sources))
    ids = torch.tensor([source + [padding] * (width - len(source)) for source in sources])
    found = model.generate(input_ids=ids, attention_mask=(ids != padding).long(), **options)
    return [row[1 : row.index(end, 1) + 1 if end in row[1:] else None] for row in found.tolist()]


def sources_of(bundle, count, seed=1):
    draw = np.random.default_rng(seed)
    lengths = draw.integers(1, 24, count)
    return [[*draw.integers(260, bundle.model.vocab_size, length).tolist(), 3] for length in lengths]


def searched(bundle, sources, beam, watch=None):
    grammar = utf8(bundle.target_spelling, newlines(bundle.target_spelling))
    options = DecodeOptions(beam=beam, penalty="none", max_length=LIMIT)
    found = Engine(bundle.model, bundle.weights).search(sources, options, LIMIT, grammar, watch=watch)
    return [list(hypotheses[0].ids) for hypotheses in found]


def check_logits(theirs, bundle, folder):
    export(bundle, folder)
    model = loaded(theirs, folder)
    target = [2, *np.random.default_rng(0).integers(4, bundle.model.target_vocabulary, 20).tolist()]
    engine, reference = Engine(bundle.model, bundle.weights), Transformer(bundle.model, bundle.weights)
    for source in sources_of(bundle, 5):
        other = logits(model, source, target)
        assert far(engine.logits(source, target), other) < CLOSE
        real = np.ones((1, len(source)), dtype=bool)
        assert far(reference.forward(np.array([source]), real, np.array([target]))[0], other) < CLOSE


def check_searches(theirs, bundle, folder, count):
    export(bundle, folder)
    model, sources = loaded(theirs, folder), sources_of(bundle, count)
    compare(model, bundle, sources)
    # Without an end every beam is compared to its last piece.
    endless = {name: tensor.copy() for name, tensor in bundle.weights.items()}
    endless["output.bias"][3] = model.final_logits_bias[0, 3] = -1e4
    compare(model, replace(bundle, weights=endless), sources, all_of_them=True)


def compare(model, bundle, sources, all_of_them=False):
    """Greedy and beam-4 translations are the same; where the limit cuts some and not others they rank otherwise."""
    for beam in (1, 4):
        ours = searched(bundle, sources, beam)
        found = generated(model, sources, num_beams=beam, max_new_tokens=LIMIT)
        kept = [all_of_them or one[-1] == 3 or other[-1] != 3 for one, other in zip(found, ours, strict=True)]
        assert sum(kept) >= 0.4 * len(kept)
        assert_same(bundle, beam, compress(zip(found, ours, sources, strict=True), kept))


def assert_same(bundle, beam, rows):
    """Every two translations are one; but that library adds in float32, and ways of equal scores may change places."""
    different = [row for row in rows if row[0] != row[1]]
    assert len(different) <= 2
    for other, _, source in different:
        assert missed_by(bundle, source, beam, other) < 2e-5


def missed_by(bundle, source, beam, ids):
    """How far below the last of the beam another search's way was, where ours left it."""
    steps = []
    searched(bundle, [source], beam, watch=lambda sentence, step, ways: steps.append(ways))
    rows = [[]]
    for ways in steps:
        total = {(*rows[way.row], way.piece): way.total for way in ways}
        kept = [(*rows[way.row], way.piece) for way in ways if way.fate == "kept"]
        way = tuple(ids[: len(kept[0])])
        if way not in kept:
            return min(total[one] for one in kept) - total.get(way, -np.inf)
        rows = kept
    return np.inf


@pytest.mark.parametrize("name", CHANGES)
def test_logits_and_searches_are_ours(name, theirs, tmp_path):
    check_logits(theirs, bundle_of(**CHANGES[name]), tmp_path / "hf")
    check_searches(theirs, bundle_of(strength=2, **CHANGES[name]), tmp_path / "strong", 8)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_searches_of_many_sentences_are_ours(name, theirs, tmp_path):
    check_searches(theirs, bundle_of(seed=5, strength=2, **CHANGES[name]), tmp_path / "hf", 200)


@pytest.mark.slow
def test_a_trained_model_gives_the_same_texts_there(theirs, trained, tmp_path):
    bundle = replace(load(trained / "m"), decode={"penalty": "average", "max_length": LIMIT})
    save(bundle, tmp_path / "m")
    export(bundle, tmp_path / "hf")
    model, tokenizer = loaded(theirs, tmp_path / "hf"), theirs.AutoTokenizer.from_pretrained(tmp_path / "hf")
    sources = [source for source, _ in pairs()]
    given = tokenizer(sources, padding=True, return_tensors="pt", return_token_type_ids=False)
    texts = tokenizer.batch_decode(model.generate(**given), skip_special_tokens=True)
    assert texts == [found.text for found in Translator.load(tmp_path / "m").translate(sources)]
    assert len(set(texts)) > 20


def test_two_vocabularies_have_a_tokenizer_each(theirs, tmp_path):
    bundle = bundle_of(joint=False, tie="none")
    check_logits(theirs, bundle, tmp_path / "hf")
    source = theirs.AutoTokenizer.from_pretrained(tmp_path / "hf")
    target = theirs.AutoTokenizer.from_pretrained(tmp_path / "hf" / "target")
    assert source("the cat").input_ids == [*bundle.source_tokenizer.encode("the cat").ids, 3]
    ids = bundle.target_tokenizer.encode("die Katze").ids
    assert target.decode([2, *ids, 3, 0], skip_special_tokens=True) == "die Katze"


def test_without_the_other_order_of_the_model_dimension_it_is_another_model(theirs, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface, "halves", np.arange)
    bundle = bundle_of()
    export(bundle, tmp_path / "hf")
    model, source, target = loaded(theirs, tmp_path / "hf"), [270, 271, 3], [2, 280, 290]
    assert far(Engine(bundle.model, bundle.weights).logits(source, target), logits(model, source, target)) > 0.01


def test_the_two_orders_undo_each_other():
    order, back = huggingface_names.halves(10), huggingface_names.pairs(10)
    assert order.tolist() == [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    assert order[back].tolist() == back[order].tolist() == list(range(10))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_tokenizer_gives_the_same_ids_and_texts_there(algorithm, theirs, tmp_path):
    size = {"wordpiece": 300, "character": 320, "word": 110}.get(algorithm, 500)
    tokenizer = train(corpus(), size, algorithm)
    bundle = bundle_of()
    model = replace(bundle.model, vocab_size=tokenizer.vocab_size, target_vocab_size=None)
    weights = {name: tensor.astype(np.float32) for name, tensor in random_weights(model, 1).items()}
    whole = {"model": model, "weights": weights, "source_tokenizer": tokenizer, "target_tokenizer": tokenizer}
    export(replace(bundle, **whole), tmp_path / "hf")
    other = theirs.AutoTokenizer.from_pretrained(tmp_path / "hf", local_files_only=True)
    # A blank's own letter is spelled as bytes with us, and is a blank there.
    texts = [text for text in [*odd_texts(2000, seed=7), *corpus()] if BLANK not in text]
    ids = tokenizer.encode_ids(texts)
    assert other(texts, return_token_type_ids=False).input_ids == [[*row, 3] for row in ids]
    for row in ids:
        found = other.decode([2, *row, 3, 0], skip_special_tokens=True)
        assert found == tokenizer.decode([index for index in row if index > 3])


def test_the_example_of_the_card_gives_our_translation(theirs, tmp_path, monkeypatch, capsys):
    bundle = bundle_of()
    export(bundle, tmp_path / "a b")
    written = (tmp_path / "a b" / "README.md").read_text()
    assert written.startswith('---\nlibrary_name: "transformers"\n') and 'language: ["en", "de"]' in written
    assert bundle.card in written
    program = re.search("```python\n(.*?)```", written, re.S).group(1).replace("...", "the black cat")
    monkeypatch.chdir(tmp_path)
    exec(program, {})
    ids = searched(bundle, [[*bundle.source_tokenizer.encode("the black cat").ids, 3]], 4)[0]
    assert capsys.readouterr().out.strip() == repr([bundle.target_tokenizer.decode(ids)])


def test_the_files_say_what_their_search_can(tmp_path):
    bundle = replace(bundle_of(), decode={"beam": 3, "min_length": 3, "max_length": 1000})
    export(bundle, tmp_path / "hf")
    names = {path.name for path in (tmp_path / "hf").iterdir()}
    assert names == {
        "config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
        "README.md",
    }  # fmt: skip
    search = json.loads((tmp_path / "hf" / "generation_config.json").read_text())
    assert (search["num_beams"], search["min_new_tokens"], search["max_new_tokens"]) == (3, 2, 63)
    assert search["length_penalty"] == pytest.approx(0.48) and search["early_stopping"] == "never"
    assert search["suppress_tokens"] == [0, 1, 2, 4 + 10]  # the last is a newline
    sampled = huggingface.generation(replace(bundle, decode={"temperature": 0.7, "top_p": 0.9}))
    assert sampled["do_sample"] and sampled["num_beams"] == 1 and sampled["top_k"] == 0 and sampled["top_p"] == 0.9


def test_the_length_penalty_is_theirs_or_rises_as_ours_at_usual_lengths():
    assert length_penalty(DecodeOptions(penalty="none")) == 0
    assert length_penalty(DecodeOptions(penalty="average")) == 1
    options = DecodeOptions(alpha=0.9)
    slope = (np.log(options.divisor(22)) - np.log(options.divisor(18))) / (np.log(22) - np.log(18))
    assert length_penalty(options) == pytest.approx(slope, abs=0.01)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"norm": "none"}, "model.norm=none"),
        ({"norm_kind": "rms"}, "model.norm_kind=rms"),
        ({"norm_epsilon": 1e-6}, "model.norm_epsilon=1e-06"),
        ({"activation": "swiglu"}, "model.activation=swiglu"),
        ({"positions": "rotary"}, "model.positions=rotary"),
        ({"positions": "alibi"}, "model.positions=alibi"),
        ({"positions": "none"}, "model.positions=none"),
        ({"key_value_heads": 1}, "model.key_value_heads=1"),
        ({"biases": False}, "model.biases=false"),
        ({"decoder_cell": "ssru"}, "model.decoder_cell=ssru"),
        ({"norm": "pre", "tie": "none"}, "model.tie=none with model.norm=pre"),
        ({"experiment": Experiment(residual=False)}, "model.experiment"),
    ],
)
def test_what_cannot_be_said_there_is_refused(changes, words, tmp_path):
    plain = bundle_of()
    bundle = replace(plain, model=replace(plain.model, **changes))
    with pytest.raises(RequestError, match=f"cannot take this model: {words}"):
        export(bundle, tmp_path / "hf")
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_several_languages_is_refused(tmp_path):
    with pytest.raises(RequestError, match="directions"):
        export(replace(bundle_of(), directions=(("en", "de"), ("en", "fr"))), tmp_path / "hf")


def test_the_command_needs_no_torch_and_replaces_nothing(tmp_path, capsys):
    save(tiny_bundle.make(), tmp_path / "m")
    program = (
        "import sys; sys.modules['torch'] = sys.modules['transformers'] = None; from dragoman.cli import main; main()"
    )
    words = ["export", str(tmp_path / "m"), str(tmp_path / "hf"), "--to", "huggingface"]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 0 and "AutoModelForSeq2SeqLM" in done.stderr, done.stderr
    assert run(words) == 2 and "exists; name a new folder" in capsys.readouterr().err
    assert run([*words, "--quantization", "int8"]) == 2 and "huggingface has none" in capsys.readouterr().err
    assert run(["export", str(tmp_path / "m"), str(tmp_path / "x"), "--to", "bart"]) == 2
    assert "allowed: ctranslate2, huggingface" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hf", "m"]


def test_the_card_of_a_folder_whose_name_is_no_utf_8_is_text(tmp_path):
    folder = tmp_path / "a\udcff"
    export(bundle_of(), folder)
    assert "a?" in (folder / "README.md").read_text(encoding="utf-8")
