"""SentencePiece .model files, written and read: the same ids as the sentencepiece library, or refused by name."""

import io
from pathlib import Path

import pytest
import sentencepiece

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
    ("settings", "named"),
    [
        ({"model_type": "unigram"}, "trainer_spec.model_type is unigram, and bpe is wanted"),
        ({"model_type": "char", "vocab_size": 320}, "trainer_spec.model_type is char"),
        ({"byte_fallback": False}, "trainer_spec.byte_fallback is 0"),
        ({"normalization_rule_name": "nmt_nfkc"}, "normalizer_spec.name is nmt_nfkc, and identity is wanted"),
        ({"remove_extra_whitespaces": True}, "normalizer_spec.remove_extra_whitespaces is 1"),
        ({"add_dummy_prefix": False}, "normalizer_spec.add_dummy_prefix is 0"),
        ({"pad_id": -1, "unk_id": 0, "bos_id": 1, "eos_id": 2}, "trainer_spec.unk_id is 0, and 1 is wanted"),
        ({"user_defined_symbols": ["<tag>"]}, "the ids 0 to 259 are not"),
        ({"treat_whitespace_as_suffix": True}, "trainer_spec.treat_whitespace_as_suffix is 1"),
        ({"split_by_whitespace": False, "vocab_size": 600}, "holds a blank"),
    ],
)
def test_what_is_not_exact_is_refused_by_name(tmp_path, settings, named):
    with pytest.raises(CheckpointError) as caught:
        Tokenizer.load_sentencepiece(theirs(tmp_path / "x.model", **settings))
    assert named in str(caught.value) and "x.model: " in str(caught.value)


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
        assert all(
            tokenizer.decode(ids) == text for text, ids in zip(TEXTS[:5], tokenizer.encode_ids(TEXTS[:5]), strict=True)
        )
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


@pytest.mark.real_data("sentencepiece-wmtende")
def test_a_unigram_model_of_wmt_is_refused_by_its_type(shared: Path):
    with pytest.raises(CheckpointError, match=r"trainer_spec\.model_type is unigram, and bpe is wanted"):
        Tokenizer.load_sentencepiece(shared / "sentencepiece-wmtende" / "wmtende.model")
