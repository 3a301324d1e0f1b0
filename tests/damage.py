"""Damage of every kind to the files of a foreign model: it is read or refused in our words, and that is all."""

import json
import shutil
import time

import numpy as np

from dragoman import bundle
from dragoman.errors import CheckpointError, RequestError
from dragoman.interchange import importing
from dragoman.interchange.importing import Given

HEADERS = 4000  # bytes at the beginning of a file, which most of the damage goes to
VALUES = (
    None, True, -1, 0, 1, 2, 1 << 31, 1 << 70, 1e308, 0.5, "", "../../etc/passwd", "/etc/passwd", "x" * 5000, "\0", [],
    {}, [[[]]], [-1], ["a"], {"content": "../x"}, "\udc80", "gelu_new", 10**400,
)  # fmt: skip


def damaged(draw, data, path):
    """Bytes of a file with some of them changed, cut off, repeated or with a field of another value."""
    if path.suffix == ".json" and draw.random() < 0.7:
        table = json.loads(data)
        if isinstance(table, list):
            table[int(draw.integers(len(table)))] = VALUES[draw.integers(len(VALUES))]
            return json.dumps(table).encode()
        for _ in range(int(draw.integers(1, 4))):
            name = str(draw.choice(list(table)))
            table[name] = VALUES[draw.integers(len(VALUES))]
        return json.dumps(table).encode()
    data, kind = bytearray(data), draw.integers(5)
    at = int(draw.integers(len(data)))
    front = int(draw.integers(min(len(data), HEADERS)))
    if kind == 0:
        data[front] = int(draw.integers(256))
    elif kind == 1:
        del data[at:]
    elif kind == 2:
        data[at:at] = data[front : front + 40]
    elif kind == 3:
        data[at : at + 8] = bytes(draw.integers(0, 256, 8).tolist())
    else:
        data[front : front + 8] = int(VALUES_OF_BYTES[draw.integers(len(VALUES_OF_BYTES))]).to_bytes(8, "little")
    return bytes(data)


VALUES_OF_BYTES = (0, 1, (1 << 31) - 1, 1 << 31, (1 << 63) - 1, (1 << 64) - 1)  # lengths and counts that lie


def check_mutations(source, tmp_path, count, seed=7, form=None, **given):
    """Whatever is done to a folder, it is read or refused in our words; nothing is written anywhere.

    Prints how many were read and refused, and the longest time.
    """
    draw = np.random.default_rng(seed)
    folder = tmp_path / "model"
    shutil.copytree(source, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    paths = [path for path in files if path.suffix != ".md"]
    before = {path: path.read_bytes() for path in paths}
    read = refused = 0
    longest = 0.0
    for _ in range(count):
        path = paths[draw.integers(len(paths))]
        path.write_bytes(damaged(draw, before[path], path))
        began = time.perf_counter()
        try:
            made = importing.read(Given(path=folder, **given), form)
            bundle.save(made, tmp_path / "made")
            read += 1
        except (CheckpointError, RequestError) as error:
            assert "\n" not in str(error) and len(str(error)) < 2000
            refused += 1
        longest = max(longest, time.perf_counter() - began)
        shutil.rmtree(tmp_path / "made", ignore_errors=True)
        path.write_bytes(before[path])
        assert sorted(each for each in tmp_path.rglob("*") if each.is_file()) == files
    print(f"{count:,} mutations: {read:,} read, {refused:,} refused, {longest:.2f} s at most")
    assert read and refused
