"""`dragoman bench`: how fast a model is here, and where its time goes."""

import json
import os
import platform
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.files import note, read_texts
from dragoman.cli.translate import Model, Precision, Threads, load

if TYPE_CHECKING:
    from dragoman.engine.speed import Case, Speed

MILLION, BILLION = 1e6, 1e9


def bench(
    model: Model,
    text: Annotated[Path | None, typer.Option(help="Sentences to translate, one a line; made-up ones if none.")] = None,
    precision: Precision = None,
    threads: Threads = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
) -> None:
    """Measure how fast a model is on this machine.

    Sentences one by one and many at once, with one thread and with all; load time, memory, and the work of every
    operator beside what the machine gives at best.
    """
    from dragoman.evaluate.speed import measure

    texts = [] if text is None else [line for line in read_texts([text]).lines if line.strip()]
    began = time.perf_counter()
    translator = load(model, precision, threads, "cpu")
    loaded = time.perf_counter() - began
    note("measuring; let nothing else run")
    speed = measure(translator, loaded, texts)
    memory = _peak_memory()
    if as_json:
        named = {"model": os.path.basename(os.path.abspath(model)), "processor": _processor()}
        print(json.dumps(named | speed.as_json() | {"peak_memory_bytes": memory}))
    else:
        _print(speed, memory)


def _processor() -> str:
    """Return what the processor calls itself, and of how many of them a program here sees."""
    found = Path("/proc/cpuinfo")
    lines = found.read_text(errors="replace").splitlines() if found.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def _peak_memory() -> int:
    """Return the most bytes that this process ever had."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count what this process was before it became this program
        return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if "VmHWM" in line)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _print(speed: "Speed", memory: int) -> None:
    from dragoman.cli.tables import print_table

    print(
        f"{speed.precision}, {speed.kernels} kernels; loaded in {speed.load_seconds:.2f} s, weights "
        f"{speed.weight_bytes / MILLION:.1f} MB, this program {memory / MILLION:.0f} MB at most\n"
    )
    heads = ("", "threads", "sentences/s", "pieces/s", "ms a call", "95 % below")
    print_table(heads, [_row(case) for case in speed.cases])
    print(
        f"\nWhere the time goes. This machine gives {speed.peak_operations / BILLION:,.0f} billion operations and "
        f"{speed.peak_bytes / BILLION:.1f} GB a second at best."
    )
    for case in speed.cases:
        if case.threads == max(other.threads for other in speed.cases):
            print(f"\n{case.name}")
            print_table(("", "time", "Gop/s", "of peak", "GB/s", "of peak"), _operators(case, speed))


def _row(case: "Case") -> tuple[str, ...]:
    rates = (f"{case.sentences_a_second:,.1f}", f"{case.pieces_a_second:,.0f}")
    return (case.name, str(case.threads), *rates, f"{1000 * case.middle:.1f}", f"{1000 * case.slow:.1f}")


def _operators(case: "Case", speed: "Speed") -> list[tuple[str, ...]]:
    # Where each thread has sentences of its own, one of them was measured.
    among = case.threads if case.name.startswith("64") else 1
    rows: list[tuple[str, ...]] = []
    for operator in sorted(case.operators, key=lambda operator: -operator.share):
        operations, read = operator.operations * among, operator.bytes * among
        figures = (
            f"{operations / BILLION:,.0f}" if operations else "",
            f"{operations / speed.peak_operations:.0%}" if operations else "",
            f"{read / BILLION:,.1f}" if operations else "",
            f"{read / speed.peak_bytes:.0%}" if operations else "",
        )
        rows.append((operator.name, f"{operator.share:.0%}", *figures))
    return rows
