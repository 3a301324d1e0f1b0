"""Damaged, lying and hostile folders of Hugging Face's library: refused in our words, and nothing in them is run."""

import json
import os
import zipfile

import pytest

from damage import check_mutations
from dragoman.errors import CheckpointError, RequestError
from dragoman.interchange import importing
from dragoman.interchange.huggingface import export
from dragoman.interchange.importing import Given
from stock_huggingface import cases, folder, refused
from test_huggingface import bundle_of

__all__ = ["cases", "folder"]

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("sentencepiece")


def test_a_pickle_is_read_only_when_trusted_and_never_run(folder, cases):
    import torch
    from safetensors.torch import load_file

    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    refused(folder, "there is no model.safetensors and no pytorch_model.bin")
    torch.save(state, folder / "pytorch_model.bin")
    refused(folder, "--trust-torch-file", RequestError)
    made = importing.read(Given(path=folder, trust_torch_file=True))
    for name, tensor in cases("relu").made.weights.items():
        assert (made.weights[name] == tensor).all(), name
    torch.save({**state, "extra": Runs(folder / "ran")}, folder / "pytorch_model.bin")
    refused(folder, "torch does not read its weights", trust_torch_file=True)
    assert not (folder / "ran").exists()
    torch.load(folder / "pytorch_model.bin", weights_only=False)  # the trap is one
    assert (folder / "ran").exists()


class Runs:
    """What makes a folder when it is unpickled as usual."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):

        return os.mkdir, (self.path,)


def test_other_torch_files_are_refused_before_torch_sees_them(folder, monkeypatch):
    import torch

    from dragoman.interchange import torch_file

    (folder / "model.safetensors").unlink()
    path = folder / "pytorch_model.bin"
    monkeypatch.setattr(torch_file.subprocess, "run", None)
    torch.save({"a": torch.zeros(3)}, path, _use_new_zipfile_serialization=False)
    refused(folder, "no file that torch.save writes since 2020", trust_torch_file=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data.pkl", bytes(1 << 20))
    refused(folder, "its parts are larger than itself", trust_torch_file=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data.pkl", b"a")
    refused(folder, "is compressed", trust_torch_file=True)


def test_a_header_that_lies_is_refused(folder):
    path = folder / "model.safetensors"
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header, numbers = json.loads(whole[8 : 8 + length]), whole[8 + length :]

    def write(change):
        table = json.loads(json.dumps(header))
        change(table)
        text = json.dumps(table).encode()
        path.write_bytes(len(text).to_bytes(8, "little") + text + numbers)

    name = "final_logits_bias"
    for change_it, words in (
        (lambda table: table[name].update(shape=[1, 1 << 40]), "its shape wants others"),
        (lambda table: table[name].update(shape=[-1, 67]), "where whole numbers are wanted"),
        (lambda table: table[name].update(dtype="I64"), "final_logits_bias is 'I64'"),
        (lambda table: table[name].update(data_offsets=[4, 4 + 4 * 67]), "overlaps another tensor|leaves a hole"),
        (lambda table: table[name].pop("shape"), "wants dtype, shape and data_offsets"),
        (lambda table: table.update(extra={"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}), "'extra' is not of"),
    ):
        write(change_it)
        refused(folder, words)
    path.write_bytes((1 << 62).to_bytes(8, "little") + whole[8:])
    refused(folder, "its header has an impossible length")
    path.write_bytes(whole[:-4])
    refused(folder, "bytes of tensors")
    path.write_bytes(whole[:-4] + b"\xff\xff\xff\x7f")
    refused(folder, "not finite")


def test_damaged_folders_are_read_or_refused(cases, tmp_path):
    check_mutations(cases("relu").folder, tmp_path, 150)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["separate", "pegasus", "ours"])
def test_many_damaged_folders_are_read_or_refused(name, cases, tmp_path, mutations):
    if name == "ours":
        export(bundle_of(joint=False, tie="none"), tmp_path / "ours")
    check_mutations(tmp_path / "ours" if name == "ours" else cases(name).folder, tmp_path / "x", mutations(300))


def test_files_that_are_none_are_refused(folder, tmp_path):

    for name in ("config.json", "model.safetensors", "vocab.json", "source.spm"):
        whole = (folder / name).read_bytes()
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(CheckpointError):
            importing.read(Given(path=folder))
        (folder / name).unlink()
        (folder / name).mkdir()
        with pytest.raises(CheckpointError):
            importing.read(Given(path=folder))
        (folder / name).rmdir()
        (folder / name).write_bytes(whole)
    assert importing.read(Given(path=folder))
