// `Numbers` of AVX-512: sixteen float32.
#pragma once

#include <immintrin.h>

#include <cstddef>

namespace dragoman::avx512 {
namespace {

struct Twin;

struct Numbers {
  static constexpr int width = 16;
  __m512 v;

  static Numbers all(float x) { return {_mm512_set1_ps(x)}; }
  static Numbers load(const float* x) { return {_mm512_loadu_ps(x)}; }
  static Numbers load_part(const float* x, int count, float fill) {
    return {_mm512_mask_loadu_ps(_mm512_set1_ps(fill), first(count), x)};
  }
  static Numbers load_halves(const std::byte* x) {
    return widened(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)));
  }
  static Numbers load_halves_part(const std::byte* x, int count) {
    return widened(_mm256_maskz_loadu_epi16(first(count), x));
  }
  void store(float* x) const { _mm512_storeu_ps(x, v); }
  void store_part(float* x, int count) const { _mm512_mask_storeu_ps(x, first(count), v); }

  static Numbers fused(Numbers a, Numbers b, Numbers c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
  static Numbers fused_less(Numbers a, Numbers b, Numbers c) { return {_mm512_fmsub_ps(a.v, b.v, c.v)}; }
  static Numbers higher(Numbers a, Numbers b) { return {_mm512_max_ps(a.v, b.v)}; }
  static Numbers lower(Numbers a, Numbers b) { return {_mm512_min_ps(a.v, b.v)}; }
  static Numbers nearest(Numbers a) {
    return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  static Numbers scaled(Numbers a, Numbers n) { return {_mm512_scalef_ps(a.v, n.v)}; }
  static unsigned above(Numbers a, Numbers b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ); }

  float sum() const {
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  float highest() const { return _mm512_reduce_max_ps(v); }

  // Numbers at even and at odd places.
  static Twin load_twin_halves(const std::byte* x);
  static Twin apart(Numbers front, Numbers back);
  static Twin together(Twin apart);

  // Lane i is the sum of register i, below `count` rounded up to four; the others are 0. Each step adds neighbours, pairs,
  // and then the four quarters.
  static Numbers sums(const Numbers (&x)[16], int count) {
    __m512 fours[4] = {};
    for (int i = 0; 4 * i < count; ++i) {
      const __m512 low = _mm512_add_ps(_mm512_unpacklo_ps(x[4 * i].v, x[4 * i + 1].v),
                                       _mm512_unpackhi_ps(x[4 * i].v, x[4 * i + 1].v));
      const __m512 high = _mm512_add_ps(_mm512_unpacklo_ps(x[4 * i + 2].v, x[4 * i + 3].v),
                                        _mm512_unpackhi_ps(x[4 * i + 2].v, x[4 * i + 3].v));
      fours[i] = _mm512_add_ps(_mm512_shuffle_ps(low, high, 0x44), _mm512_shuffle_ps(low, high, 0xee));
    }
    const __m512 front = halves(fours[0], fours[1]), back = halves(fours[2], fours[3]);
    return {halves(front, back)};
  }

  friend Numbers operator+(Numbers a, Numbers b) { return {_mm512_add_ps(a.v, b.v)}; }
  friend Numbers operator-(Numbers a, Numbers b) { return {_mm512_sub_ps(a.v, b.v)}; }
  friend Numbers operator*(Numbers a, Numbers b) { return {_mm512_mul_ps(a.v, b.v)}; }
  friend Numbers operator/(Numbers a, Numbers b) { return {_mm512_div_ps(a.v, b.v)}; }

 private:
  static Numbers widened(__m256i halves) {
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16))};
  }
  static __mmask16 first(int count) { return static_cast<__mmask16>((1u << count) - 1); }
  // Quarters 0 + 1 and 2 + 3 of a, then those of b.
  static __m512 halves(__m512 a, __m512 b) {
    return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
  }
};

struct Twin {
  Numbers first, second;
};

inline Twin Numbers::load_twin_halves(const std::byte* x) {
  const __m512i both = _mm512_loadu_si512(x);
  return {{_mm512_castsi512_ps(_mm512_slli_epi32(both, 16))},
          {_mm512_castsi512_ps(_mm512_and_si512(both, _mm512_set1_epi32(static_cast<int>(0xffff0000u))))}};
}

inline Twin Numbers::apart(Numbers front, Numbers back) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
  return {{_mm512_permutex2var_ps(front.v, even, back.v)}, {_mm512_permutex2var_ps(front.v, odd, back.v)}};
}

inline Twin Numbers::together(Twin apart) {
  const __m512i front = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i back = _mm512_add_epi32(front, _mm512_set1_epi32(8));
  return {{_mm512_permutex2var_ps(apart.first.v, front, apart.second.v)},
          {_mm512_permutex2var_ps(apart.first.v, back, apart.second.v)}};
}

}  // namespace
}  // namespace dragoman::avx512
