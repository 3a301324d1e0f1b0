#include "cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>

#include <cstdint>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace dragoman {

#if defined(__x86_64__)

namespace {

struct Leaf {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

// A leaf that this CPU does not know reads as zeros: none of its features.
Leaf leaf(unsigned number, unsigned part = 0) {
  Leaf found;
  __get_cpuid_count(number, part, &found.eax, &found.ebx, &found.ecx, &found.edx);
  return found;
}

bool bit(unsigned word, int index) { return (word >> index) & 1u; }

// XCR0: the register files that the operating system saves when it switches tasks.
std::uint64_t saved_registers() {
  std::uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<std::uint64_t>(high) << 32 | low;
}

}  // namespace

std::vector<std::string> instruction_sets() {
  constexpr std::uint64_t kAvx = 0x6;        // XMM and YMM
  constexpr std::uint64_t kAvx512 = 0xe6;    // the same, mask registers, both parts of ZMM
  constexpr std::uint64_t kTiles = 0x60000;  // tile configuration and tile data
  const Leaf basic = leaf(1), extended = leaf(7);
  const Leaf newer = extended.eax >= 1 ? leaf(7, 1) : Leaf{};  // eax of leaf 7: its highest part
  const std::uint64_t saved = bit(basic.ecx, 27) ? saved_registers() : 0;
  const bool avx = (saved & kAvx) == kAvx && bit(basic.ecx, 28);
  const bool avx512 = avx && (saved & kAvx512) == kAvx512 && bit(extended.ebx, 16);
  const bool tiles = (saved & kTiles) == kTiles && bit(extended.edx, 24);

  std::vector<std::string> names;
  const auto offer = [&names](const char* name, bool offered) {
    if (offered) names.emplace_back(name);
  };
  offer("sse4.2", bit(basic.ecx, 20));
  offer("avx2", avx && bit(extended.ebx, 5));
  offer("fma", avx && bit(basic.ecx, 12));
  offer("avx512f", avx512);
  offer("avx512bw", avx512 && bit(extended.ebx, 30));
  offer("avx512dq", avx512 && bit(extended.ebx, 17));
  offer("avx512vl", avx512 && bit(extended.ebx, 31));
  offer("avx512_vnni", avx512 && bit(extended.ecx, 11));
  offer("avx512_bf16", avx512 && bit(newer.eax, 5));
  offer("avx_vnni", avx && bit(newer.eax, 4));
  offer("amx_int8", tiles && bit(extended.edx, 25));
  offer("amx_bf16", tiles && bit(extended.edx, 22));
  return names;
}

#elif defined(__aarch64__) && defined(__linux__)

std::vector<std::string> instruction_sets() {
  // Bits of the kernel's asm/hwcap.h, spelled out because old headers lack the newer ones.
  constexpr unsigned long kAsimd = 1ul << 1, kAsimdDotProduct = 1ul << 20;  // AT_HWCAP
  constexpr unsigned long kInt8Matrix = 1ul << 13, kBfloat16 = 1ul << 14;   // AT_HWCAP2
  const unsigned long first = getauxval(AT_HWCAP), second = getauxval(AT_HWCAP2);

  std::vector<std::string> names;
  if (first & kAsimd) names.emplace_back("neon");
  if (first & kAsimdDotProduct) names.emplace_back("dotprod");
  if (second & kInt8Matrix) names.emplace_back("i8mm");
  if (second & kBfloat16) names.emplace_back("bf16");
  return names;
}

#else

std::vector<std::string> instruction_sets() { return {}; }

#endif

}  // namespace dragoman
