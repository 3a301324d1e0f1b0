"""What a bundle's files may say: anything else is refused in words, though its checksum be right."""

import json
import os

import numpy as np
import pytest

from dragoman.bundle import load, save
from dragoman.errors import CheckpointError
from tiny_bundle import forge, make, put, the_fault


@pytest.fixture
def folder(tmp_path):
    save(make(), tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("model/vocab_size", 2**40), "model.vocab_size"),
        (put("model/encoder_layers", 10**6), "model.encoder_layers"),
        (put("model/heads", 3), "does not split"),
        (put("model/d_model", -4), "model.d_model"),
        (put("model/d_model", 8), "shape"),
        (put("model/d_model", "4"), "a whole number is wanted"),
        (put("model/d_modle", 4), "did you mean model.d_model"),
        (put("model/vocab_size", ...), "model.vocab_size is not given"),
        (put("model/vocab_size", 301), "300 pieces, the model has 301"),
        (put("model/dropout", 1e400), "config.json"),
        (put("model/decoder_layers", 3), "no tensor decoder.layers.2"),
        (put("model/decoder_layers", 1), "alignment head"),
        (put("model", []), "model=[]"),
        (put("decode", None), "decode=None"),
        (put("decode/beams", 3), "did you mean decode.beam"),
        (put("decode/temperature", 0.0), "temperature=0"),
        (put("languages", ["en"]), "2 values are wanted"),
        (put("languages", ["en", ""]), "two codes are wanted"),
        (put("languages", ["en", "\ud800"]), "not valid JSON"),
        (put("tokenizers", ["unigram"]), "of kind bpe, config.json says unigram"),
        (put("tokenizers", []), "one (joint) or two"),
        (put("tokenizers", ["bpe", "bpe"]), "names tokenizer.json"),
        (put("alignment_heads", [[0]]), "2 values are wanted"),
        (put("alignment_heads", [[0, 2]]), "heads 0 to 1 are allowed"),
        (put("alignment_heads", [[0, "1"]]), "a whole number is wanted"),
        (put("alignment_step", "reading"), "alignment_step"),
        (put("provenance", 1), "provenance=1"),
        (put("provenance", ...), "exactly"),
        (put("code", "x"), "exactly"),
        (put("usual_pieces", 0), "usual_pieces=0"),
        (put("usual_pieces", "many"), "usual_pieces='many': a whole number is wanted"),
    ],
)  # fmt: skip
def test_a_wrong_config_is_refused(folder, change, said):
    document = json.loads((folder / "config.json").read_text())
    change(document)
    forge(folder, "config.json", json.dumps(document).replace("Infinity", "1e400").encode())
    assert said in the_fault(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"[" * 100_000, id="deep-list"),
        pytest.param(b'{"a":' * 100_000, id="deep-table"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe", id="no-utf8"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'"x"', id="text"),
        pytest.param(b'{"a": NaN}', id="nan"),
        pytest.param(b'{"a": 1, "a": 1}', id="twice"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="huge-number"),
        pytest.param(b'{"' + b"\\n" * 10_000 + b'": 1}', id="long-name"),
    ],
)
def test_strange_json_is_refused(folder, name, data):
    forge(folder, name, data)
    assert name in the_fault(folder)


def tensors(folder):
    """Return the header of the weights and the bytes after it."""
    data = (folder / "weights.safetensors").read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:start]), data[start:]


def with_header(header, body):
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + body


BIAS = "output.bias"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put(f"{BIAS}/dtype", "BF16"), "'BF16'; F32 is wanted here"),
        (put(f"{BIAS}/dtype", "F16"), "'F16'; F32 is wanted here"),
        (put(f"{BIAS}/dtype", ["F32"]), "F32 is wanted"),
        (put(f"{BIAS}/shape", [1, 300]), "shape"),
        (put(f"{BIAS}/shape", [300.0]), "shape"),
        (put(f"{BIAS}/shape", [2**62]), "shape"),
        (put(f"{BIAS}/data_offsets", [0, 1200]), "overlaps"),
        (put(f"{BIAS}/data_offsets", [-1200, 0]), "overlaps"),
        (put(f"{BIAS}/data_offsets", [10**15, 10**15 + 1200]), "leaves a hole"),
        (put(f"{BIAS}/data_offsets", [0, 4]), "1200 bytes are wanted"),
        (put(f"{BIAS}/data_offsets", "ab"), "1200 bytes are wanted"),
        (put(f"{BIAS}/data_offsets", [False, 1200]), "1200 bytes are wanted"),
        (put(f"{BIAS}/more", 1), "nothing else"),
        (put(BIAS, []), "nothing else"),
        (put(BIAS, ...), "no tensor output.bias"),
        (put("spare", {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}), "tensor 'spare' is not of"),
        (put("__metadata__", 3), "no table"),
    ],
)  # fmt: skip
def test_wrong_tensors_are_refused(folder, change, said):
    header, body = tensors(folder)
    change(header)
    forge(folder, "weights.safetensors", with_header(header, body))
    message = the_fault(folder)
    assert said in message and "weights.safetensors" in message


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda data: data[:4], "impossible length"),
        (lambda data: (2**63).to_bytes(8, "little") + data[8:], "impossible length"),
        (lambda data: bytes(8) + data[8:], "impossible length"),
        (lambda data: bytes([data[0] ^ 1]) + data[1:], "impossible length"),  # odd places
        (lambda data: data[:8] + b"[" * (len(data) - 8), "weights.safetensors"),
        (lambda data: data + bytes(4), "bytes of tensors"),
        (lambda data: data[:-4], "bytes of tensors"),
        (lambda data: data + bytes(1 << 20), "are possible here"),
        (lambda data: data[:-4] + np.float32(np.nan).tobytes(), "not finite"),
        (lambda data: data[:-4] + np.float32(-np.inf).tobytes(), "not finite"),
    ],
)  # fmt: skip
def test_a_wrong_weights_file_is_refused(folder, edit, said):
    forge(folder, "weights.safetensors", edit((folder / "weights.safetensors").read_bytes()))
    assert said in the_fault(folder)


def test_a_huge_file_is_refused_before_memory_is_taken(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in (
        "weights.safetensors",
        "card.md",
        "tokenizer.json",
        "config.json",
    ):  # the last to be read first
        os.truncate(folder / name, 1 << 40)  # a hole: no room on disk
        manifest["files"][name]["size"] = 1 << 40
        (folder / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(CheckpointError, match=f"{name}: {1 << 40} bytes, at most"):
            load(folder)  # not `the_fault`: to name every damaged file, `verify` sums the whole hole


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "weights.safetensors"])
def test_random_changes_give_our_error_or_a_bundle(folder, name):
    draw = np.random.default_rng(7)
    whole = (folder / name).read_bytes()
    end = len(whole) if name != "weights.safetensors" else 8 + int.from_bytes(whole[:8], "little")
    refused = 0
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(draw.integers(1, 4)):
            at = int(draw.integers(end))
            data[at : at + int(draw.integers(3))] = draw.choice(
                [b"", b"0", b"9", b'"', b"-", b"}", b"e", b"[", b"\xff"]
            )
        forge(folder, name, bytes(data))
        try:
            load(folder)
        except CheckpointError:
            refused += 1
    assert refused > 50
