// AVX2 with fused multiply-add: 8 numbers a register, 16 registers.
#include <immintrin.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "kernels.h"
#include "tables.h"

namespace dragoman::avx2 {
namespace {

struct Twin;

struct Numbers {
  static constexpr int width = 8;
  __m256 v;

  static Numbers all(float x) { return {_mm256_set1_ps(x)}; }
  static Numbers load(const float* x) { return {_mm256_loadu_ps(x)}; }
  static Numbers load_part(const float* x, int count, float fill) {
    const __m256i lanes = first(count);
    return {_mm256_blendv_ps(_mm256_set1_ps(fill), _mm256_maskload_ps(x, lanes), _mm256_castsi256_ps(lanes))};
  }
  static Numbers load_halves(const std::byte* x) {
    return widened(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x)));
  }
  static Numbers load_halves_part(const std::byte* x, int count) {
    alignas(16) std::byte halves[16] = {};
    std::memcpy(halves, x, 2 * static_cast<std::size_t>(count));
    return widened(_mm_load_si128(reinterpret_cast<const __m128i*>(halves)));
  }
  void store(float* x) const { _mm256_storeu_ps(x, v); }
  void store_part(float* x, int count) const { _mm256_maskstore_ps(x, first(count), v); }

  static Numbers fused(Numbers a, Numbers b, Numbers c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
  static Numbers fused_less(Numbers a, Numbers b, Numbers c) { return {_mm256_fmsub_ps(a.v, b.v, c.v)}; }
  static Numbers higher(Numbers a, Numbers b) { return {_mm256_max_ps(a.v, b.v)}; }
  static Numbers lower(Numbers a, Numbers b) { return {_mm256_min_ps(a.v, b.v)}; }
  static Numbers nearest(Numbers a) {
    return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  static Numbers scaled(Numbers a, Numbers n) {
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n.v), _mm256_set1_epi32(127));
    return {_mm256_mul_ps(a.v, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)))};
  }
  static unsigned above(Numbers a, Numbers b) {
    return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)));
  }

  float sum() const {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  float highest() const {
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
  }

  // Numbers at even and at odd places.
  static Twin load_twin_halves(const std::byte* x);
  static Twin apart(Numbers front, Numbers back);
  static Twin together(Twin apart);

  // Lane i is the sum of register i; those from `count` on are 0.
  static Numbers sums(const Numbers (&x)[8], int) {
    const __m256 front = _mm256_hadd_ps(_mm256_hadd_ps(x[0].v, x[1].v), _mm256_hadd_ps(x[2].v, x[3].v));
    const __m256 back = _mm256_hadd_ps(_mm256_hadd_ps(x[4].v, x[5].v), _mm256_hadd_ps(x[6].v, x[7].v));
    return {_mm256_add_ps(_mm256_permute2f128_ps(front, back, 0x20), _mm256_permute2f128_ps(front, back, 0x31))};
  }

  friend Numbers operator+(Numbers a, Numbers b) { return {_mm256_add_ps(a.v, b.v)}; }
  friend Numbers operator-(Numbers a, Numbers b) { return {_mm256_sub_ps(a.v, b.v)}; }
  friend Numbers operator*(Numbers a, Numbers b) { return {_mm256_mul_ps(a.v, b.v)}; }
  friend Numbers operator/(Numbers a, Numbers b) { return {_mm256_div_ps(a.v, b.v)}; }

 private:
  static Numbers widened(__m128i halves) {
    return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16))};
  }
  static __m256i first(int count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
};

struct Twin {
  Numbers first, second;
};

inline Twin Numbers::load_twin_halves(const std::byte* x) {
  const __m256i both = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
  return {{_mm256_castsi256_ps(_mm256_slli_epi32(both, 16))},
          {_mm256_castsi256_ps(_mm256_and_si256(both, _mm256_set1_epi32(static_cast<int>(0xffff0000u))))}};
}

inline Twin Numbers::apart(Numbers front, Numbers back) {
  const auto in_order = [](__m256 x) {
    return Numbers{_mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(x), 0xd8))};
  };
  return {in_order(_mm256_shuffle_ps(front.v, back.v, 0x88)), in_order(_mm256_shuffle_ps(front.v, back.v, 0xdd))};
}

inline Twin Numbers::together(Twin apart) {
  const __m256 low = _mm256_unpacklo_ps(apart.first.v, apart.second.v);
  const __m256 high = _mm256_unpackhi_ps(apart.first.v, apart.second.v);
  return {{_mm256_permute2f128_ps(low, high, 0x20)}, {_mm256_permute2f128_ps(low, high, 0x31)}};
}

#include "rows.h"

#include "attention.h"

#include "products.h"

#include "halves.h"

void prepare_int8(const float* x, int inputs, std::byte* row, std::int64_t bytes, float* scale) {
  const float largest = largest_size(x, inputs);
  *scale = largest / 127.0f;
  const Numbers inverse = Numbers::all(largest > 0 ? 127.0f / largest : 0.0f);
  each_part(inputs, [&](int at, auto load) {
    const __m256i whole = _mm256_cvtps_epi32((load(x, 0) * inverse).v);
    const __m128i halves = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(row + at), _mm_packs_epi16(halves, halves));
  });
  const std::int64_t filled = (inputs + 7) / 8 * 8;
  std::memset(row + filled, 0, static_cast<std::size_t>(bytes - filled));
}

inline __m256i four_bytes(const std::byte* x) {
  int four;
  std::memcpy(&four, x, sizeof four);
  return _mm256_set1_epi32(four);
}

inline __m256i eight_columns(const std::byte* x) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(x)); }

struct DotFloat {
  using Sum = __m256;
  using Part = __m256;
  using Given = __m256;
  static Sum zero() { return _mm256_setzero_ps(); }
  static Part weights(const std::byte* at) { return _mm256_castsi256_ps(eight_columns(at)); }
  static Given given(const std::byte* at) { return _mm256_castsi256_ps(four_bytes(at)); }
  static void step(Sum& sum, Given given, Part part) { sum = _mm256_fmadd_ps(given, part, sum); }
  using Columns = Numbers;  // the bias
  static Columns columns(const Packed& matrix, int column) { return Numbers::load(matrix.bias + column); }
  static Numbers numbers(Sum sum, Columns bias, const float*, int) { return Numbers{sum} + bias; }
};

// Two bfloat16 of a lane, the first in its low half, as the float32 that they are the upper halves of.
struct DotBfloat16 {
  struct Pair {
    __m256 first, second;
  };
  using Sum = __m256;
  using Part = Pair;
  using Given = Pair;
  static Pair pair(__m256i x) {
    return {_mm256_castsi256_ps(_mm256_slli_epi32(x, 16)),
            _mm256_castsi256_ps(_mm256_and_si256(x, _mm256_set1_epi32(static_cast<int>(0xffff0000u))))};
  }
  static Sum zero() { return _mm256_setzero_ps(); }
  static Part weights(const std::byte* at) { return pair(eight_columns(at)); }
  static Given given(const std::byte* at) { return pair(four_bytes(at)); }
  static void step(Sum& sum, const Given& given, const Part& part) {
    sum = _mm256_fmadd_ps(given.second, part.second, _mm256_fmadd_ps(given.first, part.first, sum));
  }
  using Columns = Numbers;  // the bias
  static Columns columns(const Packed& matrix, int column) { return Numbers::load(matrix.bias + column); }
  static Numbers numbers(Sum sum, Columns bias, const float*, int) { return Numbers{sum} + bias; }
};

// vpmaddubsw wants one side unsigned: |x| (w with x's sign) = x w. Two such products stay below 2^15, for
// neither side holds -128, so nothing saturates and the sums are exact.
struct DotInt8 {
  using Sum = __m256i;
  using Part = __m256i;
  using Given = __m256i;
  static Sum zero() { return _mm256_setzero_si256(); }
  static Part weights(const std::byte* at) { return eight_columns(at); }
  static Given given(const std::byte* at) { return four_bytes(at); }
  static void step(Sum& sum, Given given, Part part) {
    const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(given), _mm256_sign_epi8(part, given));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  struct Columns {
    Numbers scale, bias;
  };
  static Columns columns(const Packed& matrix, int column) {
    return {Numbers::load(matrix.scale + column), Numbers::load(matrix.bias + column)};
  }
  static Numbers numbers(Sum sum, const Columns& columns, const float* x_scale, int row) {
    return Numbers::fused(Numbers{_mm256_cvtepi32_ps(sum)}, columns.scale * Numbers::all(x_scale[row]), columns.bias);
  }
};

constexpr int kRegisters = 2;  // of columns in a tile, and so in a stripe

}  // namespace

const Kernels& table() {
  static const Kernels kernels = {
      .stripe = kRegisters * Numbers::width,
      .prepare = {prepare_float, prepare_bfloat16, prepare_int8},
      .multiply = {multiply<DotFloat, 4, kRegisters>, multiply<DotBfloat16, 3, kRegisters>, multiply<DotInt8, 4, kRegisters>},
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

}  // namespace dragoman::avx2
