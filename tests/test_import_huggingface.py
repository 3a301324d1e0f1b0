"""Models of Hugging Face's library come in: the same logits, searches, ids and texts; and nothing that is damaged."""

import json
import re
from dataclasses import replace
from itertools import compress

import numpy as np
import pytest

from dragoman import bundle
from dragoman.cli import run
from dragoman.engine.model import Engine
from dragoman.interchange import importing
from dragoman.interchange.huggingface import export
from dragoman.interchange.importing import Given
from dragoman.reference.transformer import Transformer
from test_huggingface import CHANGES, CLOSE, LIMIT, assert_same, bundle_of, far, generated, logits, searched

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("sentencepiece")
import stock_huggingface as stock
from stock_huggingface import cases, change, folder, refused

__all__ = ["cases", "folder"]

NAMES = [*stock.MARIAN, *stock.PEGASUS]


@pytest.mark.parametrize("name", NAMES)
def test_logits_are_theirs(name, cases):
    case = cases(name)
    model, weights = case.made.model, case.made.weights
    engine, reference = Engine(model, weights), Transformer(model, weights)
    places = case.ours(range(len(case.targets)))
    start = case.model.generation_config.decoder_start_token_id
    target = np.random.default_rng(0).integers(0, len(case.targets), 12).tolist()
    for source in case.source_ids(4):
        other = logits(case.model, source, [start, *target])
        read, said = case.ours(source, "source"), [2, *case.ours(target)]
        assert far(engine.logits(read, said)[:, places], other) < CLOSE
        real = np.ones((1, len(read)), dtype=bool)
        assert far(reference.forward(np.array([read]), real, np.array([said]))[0][:, places], other) < CLOSE


def check_searches(case, count):
    """Greedy and beam-4 of the same rule; where the limit cuts some and not others they rank otherwise."""
    import torch

    made, sources = case.made, case.source_ids(count)
    end = case.targets.index("</s>")
    never = [index for index, piece in enumerate(case.targets) if piece in ("<pad>", "<unk>")]
    for endless in (False, True):
        weights = {name: tensor.copy() for name, tensor in made.weights.items()}
        bias = case.model.final_logits_bias
        before = bias[0, end].item()
        with torch.no_grad():
            bias[0, end] = -1e4 if endless else before
        weights["output.bias"][3] = bias[0, end]
        own = replace(made, weights=weights)
        for beam in (1, 4):
            read = [case.ours(source, "source") for source in sources]
            ours = searched(own, read, beam)
            asked = {"num_beams": beam, "max_new_tokens": LIMIT, "length_penalty": 0.0, "early_stopping": "never"}
            padding = case.model.generation_config.pad_token_id
            found = generated(case.model, sources, padding, end, suppress_tokens=never, **asked)
            theirs = [case.ours(row) for row in found]
            kept = [endless or one[-1] == 3 or other[-1] != 3 for one, other in zip(theirs, ours, strict=True)]
            assert sum(kept) >= 0.4 * count
            assert_same(own, beam, compress(zip(theirs, ours, read, strict=True), kept))
        with torch.no_grad():
            bias[0, end] = before


@pytest.mark.parametrize("name", ["relu", "separate", "pegasus_untied"])
def test_searches_are_theirs(name, cases):
    check_searches(cases(name, 2), 8)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_searches_of_many_sentences_are_theirs(name, cases):
    check_searches(cases(name, 2), 200)


@pytest.mark.filterwarnings("ignore:Recommended:UserWarning")
@pytest.mark.parametrize("name", ["relu", "separate"])
def test_texts_are_cut_and_joined_as_there(name, cases):
    import transformers

    case = cases(name)
    theirs = transformers.MarianTokenizer.from_pretrained(case.folder)
    lines = [line for line in stock.LINES if "<" not in line]  # where that library obeys
    texts = [*lines[::10], "An unknown letter: λ.", "10,000 </ s>"]
    for text, ids in zip(texts, case.made.source_tokenizer.encode_ids(texts), strict=True):
        assert [*ids, 3] == case.ours(theirs(text).input_ids, "source")
    for text in lines[5::40]:
        ids = theirs(text_target=text).input_ids
        assert case.made.target_tokenizer.decode(case.ours(ids)[:-1]) == text


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("ended", [True, False])
def test_what_was_exported_comes_back_bit_for_bit(name, ended, tmp_path):
    given = replace(bundle_of(**CHANGES[name]), source_ended=ended)
    check_round_trip(given, tmp_path)


@pytest.mark.parametrize("penalty", [{}, {"alpha": 1.3}, {"penalty": "average", "beam": 2}])
def test_the_search_comes_back_though_theirs_has_another_penalty(penalty, tmp_path):
    """Theirs has a power of the length in its place, which is refused where it stands without ours."""
    check_round_trip(replace(bundle_of(), decode={"beam": 4, **penalty}), tmp_path)


@pytest.mark.parametrize("tie", ["target", "none"])
def test_two_vocabularies_come_back_bit_for_bit(tie, tmp_path):
    check_round_trip(bundle_of(joint=False, tie=tie), tmp_path)


def check_round_trip(given, tmp_path):
    export(given, tmp_path / "hf")
    back = importing.read(Given(path=tmp_path / "hf"))
    assert list(back.weights) == list(given.weights)
    for name, tensor in given.weights.items():
        assert back.weights[name].tobytes() == tensor.tobytes(), name
    for name in (
        "model", "languages", "decode", "alignment_heads", "alignment_step", "usual_pieces", "source_ended",
    ):  # fmt: skip
        assert getattr(back, name) == getattr(given, name), name
    for side in ("source_tokenizer", "target_tokenizer"):
        assert getattr(back, side).to_json() == getattr(given, side).to_json()
    assert (back.target_tokenizer is back.source_tokenizer) == (given.target_tokenizer is given.source_tokenizer)


@pytest.mark.filterwarnings("ignore:Recommended:UserWarning")
@pytest.mark.parametrize("name", ["relu", "separate", "pegasus"])
def test_what_came_from_there_goes_back(name, cases, tmp_path):
    """Two SentencePiece models are a MarianTokenizer again: bits, ids, texts and translations are what they were."""
    import transformers

    case = cases(name)
    check_round_trip(replace(case.made, languages=("en", "fr")), tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "hf")
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "hf")
    before = transformers.AutoTokenizer.from_pretrained(case.folder)
    assert type(tokenizer) is transformers.MarianTokenizer
    lines = [line for line in stock.LINES if "<" not in line][::20]
    for text, ids in zip(lines, case.made.source_tokenizer.encode_ids(lines), strict=True):
        assert tokenizer(text).input_ids == [*ids, 3]
        asked = {"num_beams": 1, "max_new_tokens": LIMIT}
        never = [before.pad_token_id, before.unk_token_id]
        theirs = case.model.generate(**before(text, return_tensors="pt"), suppress_tokens=never, **asked)
        again = model.generate(**tokenizer(text, return_tensors="pt"), **asked)
        assert again[0, 1:].tolist() == case.ours(theirs[0, 1:].tolist())
        if name != "pegasus":  # whose own tokenizer hides pieces such as <unk_4>, which are text to the other
            texts = [by.decode(row[0], skip_special_tokens=True) for by, row in ((tokenizer, again), (before, theirs))]
            assert texts[0] == texts[1]


def test_the_command_makes_a_model_that_translates(cases, tmp_path, capsys):
    case = cases("relu")
    assert run(["import", str(case.folder), str(tmp_path / "m"), "--languages", "en-fr"]) == 0
    found = bundle.load(tmp_path / "m")
    assert found.languages == ("en", "fr") and found.source_ended and found.decode["beam"] == 1
    assert all((found.weights[name] == tensor).all() for name, tensor in case.made.weights.items())
    (tmp_path / "x").write_text("the cat sees the mat.\n")
    assert run(["translate", str(tmp_path / "m"), str(tmp_path / "x"), "--max-length", "9"]) == 0
    for languages in ("en", "en-", "en-fr-de", "e n-fr", "en-f\nr"):
        assert run(["import", str(case.folder), str(tmp_path / "y"), "--languages", languages]) == 2
        assert "two codes of letters" in capsys.readouterr().err
    assert run(["import", str(case.folder), str(tmp_path / "y"), "--tokenizer", "blanks"]) == 2
    assert "--tokenizer blanks: this model brings its tokenizer" in capsys.readouterr().err


def test_settings_of_generate_become_ours(folder):
    settings = {"num_beams": 6, "length_penalty": 0.0, "max_length": 41, "min_length": 3, "early_stopping": True}
    change(folder / "generation_config.json", forced_eos_token_id=0, **settings)
    found = importing.read(Given(path=folder))
    assert found.decode == {"beam": 6, "penalty": "none", "max_length": 40, "min_length": 3}
    change(folder / "generation_config.json", num_beams=1, do_sample=True, temperature=0.5, top_k=9, top_p=1.0)
    found = importing.read(Given(path=folder))
    assert (found.decode["temperature"], found.decode["top_k"]) == (0.5, 9) and "beam" not in found.decode


def test_an_old_folder_has_them_in_its_config(folder):
    (folder / "generation_config.json").unlink()
    change(folder / "config.json", num_beams=5, max_length=31, bad_words_ids=[[66]], normalize_before=False)
    assert importing.read(Given(path=folder)).decode == {"beam": 5, "penalty": "average", "max_length": 30}


def test_what_is_never_given_leaves_its_probability_to_the_others_where_they_say_so(folder, cases):
    case = cases("relu")
    change(folder / "generation_config.json", bad_words_ids=[[66], [7]], renormalize_logits=True)
    bias = importing.read(Given(path=folder)).weights["output.bias"]
    own = case.ours([66, 7, 8])
    assert bias[own[:2]].tolist() == [-1e9, -1e9] and bias[own[2]] == case.made.weights["output.bias"][own[2]]
    change(folder / "generation_config.json", renormalize_logits=False)
    refused(folder, "is never given")


def test_scores_are_theirs_where_the_others_have_all_probability(folder, cases):
    import torch

    case = cases("relu", 1)
    change(folder / "generation_config.json", bad_words_ids=[[66]], renormalize_logits=True)
    made = importing.read(Given(path=folder))
    source = case.source_ids(1)[0]
    found = case.model.generate(
        torch.tensor([source]), bad_words_ids=[[66]], renormalize_logits=True, num_beams=4, length_penalty=0.0,
        output_scores=True, return_dict_in_generate=True, early_stopping="never", max_length=12,
    )  # fmt: skip
    ids = case.ours(found.sequences[0, 1:].tolist())
    ours = Engine(made.model, made.weights).score([case.ours(source, "source")], [ids])[0]
    assert sum(ours) == pytest.approx(found.sequences_scores.item(), abs=1e-4)


def test_a_table_of_positions_of_their_own_is_kept(folder, cases):
    from safetensors.numpy import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    table = np.random.default_rng(0).normal(size=(64, 32)).astype(np.float32)
    tensors["model.encoder.embed_positions.weight"] = table
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    made = importing.read(Given(path=folder))
    assert made.model.positions == "table"
    assert (made.weights["encoder.positions.weight"][:, 0::2] == table[:, :16]).all()
    assert (made.weights["encoder.positions.weight"][:, 1::2] == table[:, 16:]).all()


@pytest.mark.parametrize(
    ("file", "fields", "words"),
    [
        ("config.json", {"model_type": "m2m_100"}, "model_type='m2m_100' is not read here: forced_bos_token_id"),
        ("config.json", {"model_type": "bart"}, "layernorm_embedding"),
        ("config.json", {"model_type": "gpt9"}, "known are marian, pegasus"),
        ("config.json", {"architectures": ["MarianForCausalLM"]}, "architectures="),
        ("config.json", {"activation_function": "gelu_new"}, "activation_function='gelu_new'"),
        ("config.json", {"normalize_before": True}, "normalize_before=True"),
        ("config.json", {"normalize_embedding": True}, "normalize_embedding=True"),
        ("config.json", {"a_new_field": 3}, "a_new_field=3 is not known here"),
        ("config.json", {"decoder_attention_heads": 2}, "decoder_attention_heads=2, encoder_attention_heads=4"),
        ("config.json", {"num_hidden_layers": 5}, "num_hidden_layers=5, but encoder_layers=2"),
        ("config.json", {"encoder_layers": 10**6}, "encoder_layers=1000000"),
        ("config.json", {"d_model": 33}, "d_model=33"),
        ("config.json", {"d_model": "32"}, "d_model='32': a whole number is wanted"),
        ("config.json", {"vocab_size": 1 << 40}, "vocab_size"),
        ("config.json", {"dropout": -1}, "dropout=-1"),
        ("config.json", {"encoder_layers": 3}, "there is no tensor model.encoder.layers.2"),
        ("config.json", {"encoder_layers": 1}, "model.encoder.layers.1.* is not of a MarianMTModel"),
        ("config.json", {"encoder_ffn_dim": 40, "decoder_ffn_dim": 40}, r"has the shape \[48"),
        ("config.json", {"eos_token_id": 1}, "eos_token_id=0, config.json has 1"),
        ("config.json", {"quantization_config": {"bits": 4}}, "quantization_config"),
        ("generation_config.json", {"forced_bos_token_id": 7}, "forced_bos_token_id=7"),
        ("generation_config.json", {"forced_eos_token_id": 7}, "forced_eos_token_id=7"),
        ("generation_config.json", {"no_repeat_ngram_size": 3}, "no_repeat_ngram_size=3"),
        ("generation_config.json", {"bad_words_ids": [[5, 6]]}, "bad_words_ids holds"),
        ("generation_config.json", {"suppress_tokens": [9]}, "is never given"),
        ("generation_config.json", {"suppress_tokens": [67]}, "the piece 67 is never given, but there are 67"),
        ("generation_config.json", {"bad_words_ids": [[-1]]}, "the piece -1 is never given"),
        ("generation_config.json", {"length_penalty": 0.6, "num_beams": 4}, "length_penalty=0.6"),
        ("generation_config.json", {"eos_token_id": [0, 5]}, "eos_token_id"),
        ("generation_config.json", {"num_beams": 0}, "beam=0"),
        ("generation_config.json", {"a_new_field": 3}, "a_new_field=3"),
        ("tokenizer_config.json", {"separate_vocabs": True}, "separate_vocabs=true"),
        ("tokenizer_config.json", {"do_lower_case": True}, "do_lower_case=True"),
        ("tokenizer_config.json", {"unk_token": 5}, "unk_token=5"),
        ("vocab.json", {"another": 67}, "68 pieces, the model has 67"),
        ("vocab.json", {"<pad>": 70}, "its ids are not 0, 1, 2"),
        ("vocab.json", {"<pad>": ..., ">>deu<<": 66}, ">>deu<<"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_by_file_and_field(file, fields, words, folder):
    change(folder / file, **fields)
    refused(folder, words)


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        ({"languages": ["de", "e\nn"]}, "dragoman.languages="),
        ({"languages": ["", "en"]}, "dragoman.languages="),
        ({"languages": ["de", "../../x"]}, "dragoman.languages="),
        ({"positions": "alibi2"}, "dragoman.positions='alibi2'"),
        ({"usual_pieces": 0}, "dragoman.usual_pieces=0"),
        ({"usual_pieces": 10**30}, "dragoman.usual_pieces="),
        ({"alignment_heads": [[0, 99]]}, "dragoman.alignment_heads holds [0, 99]"),
        ({"alignment_heads": [[-1, 0]]}, "dragoman.alignment_heads holds [-1, 0]"),
    ],
)
def test_what_cannot_be_in_our_own_table_is_refused_by_file_and_field(ours, words, tmp_path):
    export(bundle_of(), tmp_path / "theirs")
    path = tmp_path / "theirs" / "config.json"
    change(path, dragoman=json.loads(path.read_text())["dragoman"] | ours)
    refused(path.parent, re.escape(f"{path}: {words}"))


def test_places_where_no_model_can_be_made_are_refused_before_it_is_read(folder, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    for out, words in (
        (folder, "exists"),
        ("", "exists"),
        (tmp_path / "file" / "m" / "n", "is a file"),
    ):
        assert run(["import", str(folder), str(out)]) == 2
        said = capsys.readouterr().err
        assert words in said and said.count("\n") == 1


def test_a_flag_for_a_file_that_is_not_read_is_refused(folder, tmp_path, capsys):
    assert run(["import", str(folder), str(tmp_path / "m"), "--trust-torch-file"]) == 2
    assert "model.safetensors is read, and no file of torch; leave it out" in capsys.readouterr().err


def test_a_piece_that_has_a_use_of_its_own_here_is_refused(folder):
    table = json.loads((folder / "vocab.json").read_text())
    renamed = {"<s>" if index == 9 else piece: index for piece, index in table.items()}
    (folder / "vocab.json").write_text(json.dumps(renamed))
    refused(folder, "the piece '<s>' stands there twice, or has a use of its own here")


def test_half_precision_is_widened_exactly(folder, cases):
    import torch
    from safetensors.torch import load_file, save_file

    state = load_file(folder / "model.safetensors")
    for dtype in (torch.float16, torch.bfloat16):
        save_file({name: tensor.to(dtype) for name, tensor in state.items()}, folder / "model.safetensors")
        made = importing.read(Given(path=folder))
        wanted = state["model.encoder.layers.0.fc1.bias"].to(dtype).float().numpy()
        assert (made.weights["encoder.layers.0.feed_forward.up.bias"] == wanted).all()
