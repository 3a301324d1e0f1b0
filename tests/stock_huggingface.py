"""Folders of stock Marian and Pegasus models with random weights, as that library and SentencePiece write them."""

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from dragoman.bundle import Bundle
from dragoman.errors import CheckpointError
from dragoman.interchange import importing
from dragoman.interchange.importing import Given
from odd_texts import corpus

MARIAN = {
    "relu": {"activation_function": "relu", "scale_embedding": True},
    "gelu": {"activation_function": "gelu", "d_model": 24, "encoder_attention_heads": 3, "decoder_attention_heads": 3},
    "swish": {"activation_function": "swish", "scale_embedding": True, "encoder_layers": 3, "decoder_layers": 1},
    "separate": {"share_encoder_decoder_embeddings": False, "tie_word_embeddings": False, "scale_embedding": True},
    "separate_tied": {"share_encoder_decoder_embeddings": False, "activation_function": "relu"},
    "untied": {"tie_word_embeddings": False, "activation_function": "swish", "scale_embedding": True},
}
PEGASUS = {
    "pegasus": {"activation_function": "relu", "scale_embedding": True},
    "pegasus_untied": {"activation_function": "gelu", "tie_word_embeddings": False},
    "pegasus_swish": {"activation_function": "swish", "scale_embedding": True, "d_model": 48},
}
SIZES = {
    "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48, "decoder_ffn_dim": 40 + 8, "max_position_embeddings": 64,
}  # fmt: skip
LINES = corpus()[:294]  # those that make sense
MARKS = ["</s>", "<unk>"]
OFFSET = 12  # of Pegasus' pieces before the SentencePiece model, 103 in the wild


def trained(size, texts, **options) -> bytes:
    """A SentencePiece model, unigram as in the wild."""
    import sentencepiece

    made = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=made,
        vocab_size=size,
        hard_vocab_limit=False,
        minloglevel=2,
        **options,
    )
    return made.getvalue()


def pieces_of(proto) -> list[str]:
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_proto=proto)
    return [model.id_to_piece(index) for index in range(model.get_piece_size())]


def randomized(model, strength):
    """Give every weight, bias and norm numbers of which each shows; `strength` of what the layers say."""
    import torch

    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, value in (*model.named_parameters(), *model.named_buffers()):
            if "embed_positions" in name:
                continue
            noise = torch.randn(value.shape, generator=generator)
            if "norm" in name and name.endswith("weight"):
                value.copy_(1 + 0.2 * noise)
            elif value.dim() == 2 and "final_logits_bias" not in name:
                value.copy_(noise / value.shape[1] ** 0.5 * (strength if "layers" in name else 1))
            else:
                value.copy_(0.3 * noise)
    return model.eval()


def marian(folder: Path, name: str, strength=1, **generation):
    """Write a folder; return the model, and the pieces of source and target by its ids."""
    import transformers

    spms = [trained(120, LINES[:200]), trained(140, LINES[100:])]
    lists = [[piece for piece in pieces_of(spm) if not piece.startswith("<")] for spm in spms]
    separate = MARIAN[name].get("share_encoder_decoder_embeddings") is False
    shared = list(dict.fromkeys([*lists[0], *lists[1]]))
    # In the wild padding is the last piece; that library wants it to be one of both sides.
    lists = [[*MARKS, "<pad>", *pieces] for pieces in lists] if separate else [MARKS + shared + ["<pad>"]] * 2
    source, target = map(len, lists)
    padding = lists[0].index("<pad>")
    settings = SIZES | MARIAN[name] | {
        "vocab_size": source, "decoder_vocab_size": target, "pad_token_id": padding, "eos_token_id": 0,
        "decoder_start_token_id": padding, "forced_eos_token_id": None,
    }  # fmt: skip
    config = transformers.MarianConfig(**settings)
    model = randomized(transformers.MarianMTModel(config), strength)
    _generation(model, generation)
    model.save_pretrained(folder)
    for file, spm in zip(("source.spm", "target.spm"), spms, strict=True):
        (folder / file).write_bytes(spm)
    for file, pieces in zip(("vocab.json", "target_vocab.json")[: 1 + separate], lists, strict=False):
        (folder / file).write_text(json.dumps({piece: index for index, piece in enumerate(pieces)}))
    described = {"source_lang": "en", "target_lang": "de", "separate_vocabs": separate, "model_max_length": 64}
    (folder / "tokenizer_config.json").write_text(json.dumps(described | {"tokenizer_class": "MarianTokenizer"}))
    return model, *lists


def pegasus(folder: Path, name: str, strength=1, **generation):
    """Write a folder; return the model, and its pieces twice."""
    import transformers

    control = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
    spm = trained(160, LINES, **control)
    pieces = ["<pad>", "</s>", "<mask_1>", "<mask_2>", *(f"<unk_{n}>" for n in range(2, OFFSET)), *pieces_of(spm)[2:]]
    settings = SIZES | PEGASUS[name] | {"vocab_size": len(pieces), "forced_eos_token_id": None}
    model = randomized(transformers.PegasusForConditionalGeneration(transformers.PegasusConfig(**settings)), strength)
    _generation(model, generation)
    model.save_pretrained(folder)
    (folder / "spiece.model").write_bytes(spm)
    (folder / "tokenizer_config.json").write_text(json.dumps({"offset": OFFSET}))
    return model, pieces, pieces


def _generation(model, settings):
    for name, value in ({"max_length": 64} | settings).items():
        setattr(model.generation_config, name, value)


@dataclass
class Case:
    """A folder, the model that was saved into it, and what came of it."""

    folder: Path
    model: object
    sources: list[str]  # pieces by the foreign ids
    targets: list[str]

    @cached_property
    def made(self) -> Bundle:
        return importing.read(Given(path=self.folder))

    def ours(self, ids, side="target"):
        """Ids of ours for foreign ones."""
        tokenizer = getattr(self.made, f"{side}_tokenizer")
        place = {tokenizer.piece(index): index for index in range(tokenizer.vocab_size)}
        return [place[getattr(self, f"{side}s")[index]] for index in ids]

    def source_ids(self, count, longest=14):
        draw = np.random.default_rng(count)
        real = [index for index, piece in enumerate(self.sources) if not piece.startswith("<")]
        end = self.sources.index("</s>")
        return [[*draw.choice(real, length).tolist(), end] for length in draw.integers(1, longest, count)]


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Get a case by its name and strength; each is made once."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    made = {}

    def case(name, strength=1):
        if (name, strength) not in made:
            folder = tmp_path_factory.mktemp(name)
            write = marian if name in MARIAN else pegasus
            made[name, strength] = Case(folder, *write(folder, name, strength))
        return made[name, strength]

    return case


@pytest.fixture
def folder(cases, tmp_path):
    """A copy of a folder, to be damaged."""
    shutil.copytree(cases("relu").folder, tmp_path / "model")
    return tmp_path / "model"


def change(path, **fields):
    """Set fields of a JSON table, or take them out by None."""
    table = json.loads(path.read_text()) if path.exists() else {}
    table |= fields
    path.write_text(json.dumps({name: value for name, value in table.items() if value is not ...}))


def refused(folder, words, error=CheckpointError, **given):
    with pytest.raises(error, match=words) as caught:
        importing.read(Given(path=folder, **given))
    assert "\n" not in str(caught.value)
