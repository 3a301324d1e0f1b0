// Which instruction sets this machine offers, asked of the CPU and of the operating system.
#pragma once

#include <string>
#include <vector>

namespace dragoman {

// Names in the order of their age; a set counts only when the operating system keeps its registers.
// x86-64: sse4.2 avx2 fma avx512f avx512bw avx512dq avx512vl avx512_vnni avx512_bf16 avx_vnni amx_int8
// amx_bf16 aarch64 on Linux: neon dotprod i8mm bf16.   Elsewhere the list is empty: only portable code is
// run. AMX on Linux must still be requested once by each process before its first tile.
std::vector<std::string> instruction_sets();

}  // namespace dragoman
