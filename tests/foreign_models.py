"""SentencePiece models that the sentencepiece library trains here, of all its kinds, and what it says of them."""

import io
from functools import cache

import sentencepiece

from dragoman.options import SPECIALS
from odd_texts import BLANK, corpus, knots, odd_texts

TEXTS = odd_texts(6000, seed=21) + knots(1500, "aest ", 2) + knots(1000, "th ", 3) + knots(1000, "0123,. ", 4)
TEXTS += (
    knots(300, "a", 5) + corpus() + [f"{BLANK} {BLANK}", "a\u0301 ａ\u0301 ﬁ①　㌀x\u200d ", "<tag>ie", "</s> <tag2>"]
)

IDENTITY = {"normalization_rule_name": "identity"}
MODELS = {
    "bpe": ("tokenizers", {"model_type": "bpe", **IDENTITY}),
    "bpe bytes": ("tokenizers", {"model_type": "bpe", "byte_fallback": True, **IDENTITY}),
    "bpe no prefix": ("tokenizers", {"model_type": "bpe", "add_dummy_prefix": False, **IDENTITY}),
    "bpe all blanks": ("tokenizers", {"model_type": "bpe", "remove_extra_whitespaces": False, **IDENTITY}),
    "bpe phrases": ("tokenizers", {"model_type": "bpe", "split_by_whitespace": False, **IDENTITY}),
    "char": ("tokenizers", {"model_type": "char", **IDENTITY}),
    "char bytes": ("tokenizers", {"model_type": "char", "byte_fallback": True, **IDENTITY}),
    "bpe suffix": ("sentencepiece", {"model_type": "bpe", "treat_whitespace_as_suffix": True, **IDENTITY}),
    "bpe symbols": ("sentencepiece", {"model_type": "bpe", "user_defined_symbols": ["<tag>", "ie"], **IDENTITY}),
    "bpe nfkc": ("sentencepiece", {"model_type": "bpe"}),
    "char small": ("sentencepiece", {"model_type": "char", "normalization_rule_name": "nmt_nfkc_cf"}),
    "unigram identity": ("sentencepiece", {"model_type": "unigram", **IDENTITY}),
    "unigram nfkc": ("sentencepiece", {"model_type": "unigram", "user_defined_symbols": ["<tag>", "ie"]}),
    "unigram bytes": (
        "sentencepiece",
        {"model_type": "unigram", "byte_fallback": True, "normalization_rule_name": "nfkc_cf", "vocab_size": 400},
    ),
    "unigram plain": (
        "sentencepiece",
        {"model_type": "unigram", "add_dummy_prefix": False, "remove_extra_whitespaces": False},
    ),
    "unigram suffix": ("sentencepiece", {"model_type": "unigram", "treat_whitespace_as_suffix": True}),
    "word": ("sentencepiece", {"model_type": "word", "control_symbols": ["<tag2>"]}),
    "word identity": ("sentencepiece", {"model_type": "word", "add_dummy_prefix": False, **IDENTITY}),
}  # fmt: skip


def trained(lines=None, **settings):
    """Return the content of a .model that the sentencepiece library trains."""
    lines = corpus() if lines is None else lines
    lines = [line for line in lines if line.strip() and not {"\0", "\n", "\r", BLANK} & set(line)] * 3
    writer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=writer, character_coverage=0.98, hard_vocab_limit=False,
        minloglevel=2, num_threads=1, **{"vocab_size": 430, **settings},
    )  # fmt: skip
    return writer.getvalue()


def processor(proto):
    return sentencepiece.SentencePieceProcessor(model_proto=proto, num_threads=1)


def own_pieces(theirs):
    """What `pieces` is by default, as the library tells it."""
    ids = range(theirs.get_piece_size())
    return [*SPECIALS, *(theirs.id_to_piece(i) for i in ids if not theirs.is_control(i) and not theirs.is_unknown(i))]


@cache
def proto(name):
    """Return the content of one of the MODELS."""
    return trained(**MODELS[name][1])
