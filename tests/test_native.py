"""The compiled module: it is there, and it reads the processor as the operating system does."""

import platform
import re
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from dragoman._native import Merges
from dragoman.engine.cpu import instruction_sets

# Our names and those of /proc/cpuinfo.
X86 = {
    "sse4.2": "sse4_2",
    "avx2": "avx2",
    "fma": "fma",
    "avx512f": "avx512f",
    "avx512bw": "avx512bw",
    "avx512dq": "avx512dq",
    "avx512vl": "avx512vl",
    "avx512_vnni": "avx512_vnni",
    "avx512_bf16": "avx512_bf16",
    "avx_vnni": "avx_vnni",
    "amx_int8": "amx_int8",
    "amx_bf16": "amx_bf16",
}
ARM = {"neon": "asimd", "dotprod": "asimddp", "i8mm": "i8mm", "bf16": "bf16"}
NAMES = {"x86_64": X86, "aarch64": ARM}.get(platform.machine(), {})


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="/proc/cpuinfo is the outside truth, and absent")
def test_the_instruction_sets_are_those_that_the_operating_system_lists():
    listed = re.search(r"^(?:flags|Features)\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    assert listed is not None
    flags = set(listed[1].split())
    assert instruction_sets() == tuple(name for name, flag in NAMES.items() if flag in flags)


def test_instruction_sets_are_a_tuple_of_known_names():
    assert isinstance(instruction_sets(), tuple)
    assert set(instruction_sets()) <= set(NAMES)


def test_other_threads_run_while_merges_are_applied():
    merges = Merges(np.array([[1, 1], [2, 2]], np.int32), np.array([2, 3], np.int32))
    ids, starts = np.ones(2_000_000, np.int32), np.zeros(1, np.int32)
    span = []

    def merge() -> None:
        span.append(time.perf_counter())
        merges.apply(ids, starts, 0, 0.0)
        span.append(time.perf_counter())

    worker = threading.Thread(target=merge)
    worker.start()
    moments = []  # at which this thread ran
    while worker.is_alive():
        moments.append(time.perf_counter())
    worker.join()
    start, stop = span
    # The middle half: around its ends this thread may run even if the merging holds the interpreter's lock.
    quarter = (stop - start) / 4
    assert any(start + quarter < moment < stop - quarter for moment in moments)
