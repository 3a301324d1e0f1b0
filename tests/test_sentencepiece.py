"""SentencePiece .model files of a bpe of ours, written and read: the same ids as the sentencepiece library."""

import io

import pytest
import sentencepiece

import tiny_bundle
from dragoman.bundle import save
from dragoman.cli import run
from dragoman.errors import CheckpointError, ConfigError
from dragoman.text.bpe import BytePairs
from dragoman.text.spelling import RESERVED
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train
from odd_texts import BLANK, corpus, knots, odd_texts

TEXTS = [text for text in odd_texts(5000, seed=11) if BLANK not in text] + corpus()[:200]
TEXTS += knots(2000, "aest ", seed=2) + knots(2000, "th ", seed=3)
EXACT = {
    "model_type": "bpe", "byte_fallback": True, "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False, "pad_id": 0, "unk_id": 1, "bos_id": 2, "eos_id": 3,
}  # fmt: skip


def theirs(path, **settings):
    """A model that the sentencepiece library trains."""
    lines = [line for line in corpus() if line.strip() and not {"\0", "\n", "\r", BLANK} & set(line)] * 3
    writer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=writer, character_coverage=1.0,
        minloglevel=2, num_threads=1, **{**EXACT, "vocab_size": 440, **settings},
    )  # fmt: skip
    path.write_bytes(writer.getvalue())
    return path


def test_written_by_us_and_read_by_sentencepiece(tmp_path):
    tokenizer = train(corpus(), 500)
    tokenizer.save_sentencepiece(tmp_path / "x.model")
    processor = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "x.model"))
    ids = tokenizer.encode_ids(TEXTS)
    assert processor.encode(TEXTS, num_threads=1) == ids
    assert processor.decode(ids) == TEXTS
    assert [path.name for path in tmp_path.iterdir()] == ["x.model"]


def test_written_by_sentencepiece_and_read_by_us(tmp_path):
    path = theirs(tmp_path / "x.model")
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    tokenizer = Tokenizer.load_sentencepiece(path)
    assert tokenizer.encode_ids(TEXTS) == processor.encode(TEXTS, num_threads=1)
    tokenizer.save_sentencepiece(tmp_path / "again.model")
    again = Tokenizer.load_sentencepiece(tmp_path / "again.model")
    assert again.to_json() == tokenizer.to_json()


@pytest.mark.parametrize(
    "settings",
    [
        {"model_type": "unigram"},
        {"model_type": "char", "vocab_size": 320},
        {"byte_fallback": False},
        {"normalization_rule_name": "nmt_nfkc"},
        {"remove_extra_whitespaces": True},
        {"add_dummy_prefix": False},
        {"pad_id": -1, "unk_id": 0, "bos_id": 1, "eos_id": 2},
        {"user_defined_symbols": ["<tag>"]},
        {"treat_whitespace_as_suffix": True},
        {"split_by_whitespace": False, "vocab_size": 600},
    ],
    ids=str,
)
def test_what_is_no_bpe_of_ours_is_read_as_what_it_is(tmp_path, settings):
    path = theirs(tmp_path / "x.model", **settings)
    tokenizer = Tokenizer.load_sentencepiece(path)
    assert (tokenizer.kind, tokenizer.lossless) == ("sentencepiece", False)
    assert tokenizer.to_sentencepiece() == path.read_bytes()


@pytest.mark.parametrize("family", ["byte_bpe", "unigram", "wordpiece", "character", "word"])
def test_only_bpe_is_written(tmp_path, family):
    size = {"word": 100, "character": 320, "wordpiece": 300}.get(family, 400)
    with pytest.raises(ConfigError, match=f"a {family} tokenizer cannot be written"):
        train(corpus(), size, family).save_sentencepiece(tmp_path / "x.model")
    assert list(tmp_path.iterdir()) == []


def test_merges_that_scores_cannot_say_are_refused(tmp_path):
    """SentencePiece joins a and bc to abc, though no merge lists that pair."""
    merges = (("b", "c"), ("a", "b"), ("ab", "c"))
    tokenizer = Tokenizer(BytePairs(pieces=(*RESERVED, "bc", "ab", "abc", BLANK, "a", "b", "c"), merges=merges))
    with pytest.raises(ConfigError, match=r"SentencePiece would cut 'abc.*' otherwise"):
        tokenizer.save_sentencepiece(tmp_path / "x.model")


def test_a_damaged_file_is_refused_or_read_whole(tmp_path):
    good = theirs(tmp_path / "x.model").read_bytes()
    for damaged in (b"", b"\xff" * 20, good[:-7], good[: len(good) // 2], b"\x0a\xff\xff\xff\xff\x7f"):
        (tmp_path / "y.model").write_bytes(damaged)
        with pytest.raises(CheckpointError, match=r"y\.model: "):
            Tokenizer.load_sentencepiece(tmp_path / "y.model")
    for at in range(0, len(good), 97):
        (tmp_path / "y.model").write_bytes(good[:at] + bytes([good[at] ^ 0x15]) + good[at + 1 :])
        try:
            tokenizer = Tokenizer.load_sentencepiece(tmp_path / "y.model")
        except CheckpointError:
            continue
        texts = [tokenizer.decode(ids) for ids in tokenizer.encode_ids(TEXTS[:5])]
        assert texts == TEXTS[:5] or not tokenizer.lossless
    with pytest.raises(CheckpointError, match="cannot be read"):
        Tokenizer.load_sentencepiece(tmp_path / "absent.model")


def test_the_commands(tmp_path, capsys):
    json, model, back = (str(tmp_path / name) for name in ("t.json", "t.model", "back.json"))
    tokenizer = train(corpus(), 400)
    tokenizer.save(json)
    assert run(["tokenizer", "export", json, "-o", model]) == 0
    assert run(["tokenizer", "import", model, "-o", back]) == 0
    assert "400 pieces (bpe)" in capsys.readouterr().err
    assert Tokenizer.load(back).encode_ids(TEXTS) == tokenizer.encode_ids(TEXTS)
    train(corpus(), 320, "character").save(json)
    assert run(["tokenizer", "export", json, "-o", model]) == 2
    assert "only bpe can" in capsys.readouterr().err
    assert run(["tokenizer", "import", json, "-o", back]) == 2
    assert "is no SentencePiece .model" in capsys.readouterr().err
    theirs(tmp_path / "t.model", model_type="unigram")
    assert run(["tokenizer", "import", model, "-o", back]) == 0
    assert "(sentencepiece, through sentencepiece)" in capsys.readouterr().err
    assert run(["tokenizer", "export", back, "-o", str(tmp_path / "again.model")]) == 0
    assert (tmp_path / "again.model").read_bytes() == (tmp_path / "t.model").read_bytes()


@pytest.mark.parametrize("joint", [True, False])
def test_the_tokenizers_of_a_model_are_written(tmp_path, joint):
    loaded = tiny_bundle.make(joint=joint)
    save(loaded, tmp_path / "m")
    assert run(["export", str(tmp_path / "m"), str(tmp_path / "sp"), "--to", "sentencepiece"]) == 0
    names = ["tokenizer.model"] if joint else ["source.model", "target.model"]
    assert sorted(path.name for path in (tmp_path / "sp").iterdir()) == names
    for name, side in zip(names, (loaded.source_tokenizer, loaded.target_tokenizer), strict=False):
        assert Tokenizer.load_sentencepiece(tmp_path / "sp" / name).to_json() == side.to_json()
