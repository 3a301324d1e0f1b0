"""What this machine's processor can do, which decides the kernels that the engine runs."""

from dragoman._native import instruction_sets as offered
from dragoman._native import kernel_names as runnable


def instruction_sets() -> tuple[str, ...]:
    """Name the instruction sets that both the processor and the operating system offer.

    On x86-64, of `sse4.2 avx2 fma avx512f avx512bw avx512dq avx512vl avx512_vnni avx512_bf16 avx_vnni
    amx_int8 amx_bf16`; on aarch64 under Linux, of `neon dotprod i8mm bf16`; elsewhere none.
    """
    return tuple(offered())


def kernel_names() -> tuple[str, ...]:
    """Name the engine's kernels that this machine can run, of `amx avx512 avx2 portable`, the best first."""
    return tuple(runnable())
