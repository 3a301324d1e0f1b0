// AVX-512 with its dot products of bytes (VNNI) and of bfloat16: 16 numbers a register, 32 registers.
#include <immintrin.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "avx512.h"
#include "kernels.h"
#include "tables.h"

namespace dragoman::avx512 {
namespace {

#include "rows.h"

#include "attention.h"

#include "products.h"

void halve(const float* x, int count, std::byte* halves) {
  each_part(count, [&](int at, auto load) {
    const __m256i made = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(load(x, 0).v));
    const int left = count - at;
    _mm256_mask_storeu_epi16(halves + 2 * at, static_cast<__mmask16>(left < 16 ? (1u << left) - 1 : 0xffffu), made);
  });
}

void prepare_bfloat16(const float* x, int inputs, std::byte* row, std::int64_t bytes, float*) {
  halve(x, inputs, row);
  std::memset(row + 2 * inputs, 0, static_cast<std::size_t>(bytes - 2 * inputs));
}

// Bytes as the unsigned x + 128 that vpdpbusd takes; the matrix has a correction for the 128.
void prepare_int8(const float* x, int inputs, std::byte* row, std::int64_t bytes, float* scale) {
  const float largest = largest_size(x, inputs);
  *scale = largest / 127.0f;
  const Numbers inverse = Numbers::all(largest > 0 ? 127.0f / largest : 0.0f);
  each_part(inputs, [&](int at, auto load) {
    const __m512i whole = _mm512_cvtps_epi32((load(x, 0) * inverse).v);
    const __m128i eight = _mm_xor_si128(_mm512_cvtsepi32_epi8(whole), _mm_set1_epi8(-128));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(row + at), eight);
  });
  const std::int64_t filled = (inputs + 15) / 16 * 16;
  std::memset(row + filled, 0, static_cast<std::size_t>(bytes - filled));
}

#include "dots_avx512.h"

constexpr int kRegisters = 4;  // of columns in a tile, and so in a stripe

}  // namespace

const Kernels& table() {
  static const Kernels kernels = {
      .stripe = kRegisters * Numbers::width,
      .prepare = {prepare_float, prepare_bfloat16, prepare_int8},
      .multiply = {multiply<DotFloat, 6, kRegisters>, multiply<DotBfloat16, 6, kRegisters>, multiply<DotInt8, 6, kRegisters>},
      .layer_norm = layer_norm,
      .rms_norm = rms_norm,
      .gelu = gelu,
      .silu = silu,
      .silu_times = silu_times,
      .recur = recur,
      .rotate = rotate,
      .halve = halve,
      .attend = attend,
      .scan = scan,
  };
  return kernels;
}

}  // namespace dragoman::avx512
