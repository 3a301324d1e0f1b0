// The dot products of AVX-512 for `products.h`; included where that is.

inline __m512i four_bytes(const std::byte* x) {
  int four;
  std::memcpy(&four, x, sizeof four);
  return _mm512_set1_epi32(four);
}

struct DotFloat {
  using Sum = __m512;
  using Part = __m512;
  using Given = __m512;
  static Sum zero() { return _mm512_setzero_ps(); }
  static Part weights(const std::byte* at) { return _mm512_load_ps(at); }
  static Given given(const std::byte* at) { return _mm512_castsi512_ps(four_bytes(at)); }
  static void step(Sum& sum, Given given, Part part) {
    asm("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(given), "v"(part));
  }
  using Columns = Numbers;  // the bias
  static Columns columns(const Packed& matrix, int column) { return Numbers::load(matrix.bias + column); }
  static Numbers numbers(Sum sum, Columns bias, const float*, int) { return Numbers{sum} + bias; }
};

// Written as assembly: GCC 12 keeps the sums of the intrinsics on the stack.
struct DotBfloat16 {
  using Sum = __m512;
  using Part = __m512i;
  using Given = __m512i;
  static Sum zero() { return _mm512_setzero_ps(); }
  static Part weights(const std::byte* at) { return _mm512_load_si512(at); }
  static Given given(const std::byte* at) { return four_bytes(at); }
  static void step(Sum& sum, Given given, Part part) {
    asm("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(given), "v"(part));
  }
  using Columns = Numbers;  // the bias
  static Columns columns(const Packed& matrix, int column) { return Numbers::load(matrix.bias + column); }
  static Numbers numbers(Sum sum, Columns bias, const float*, int) { return Numbers{sum} + bias; }
};

struct DotInt8 {
  using Sum = __m512i;
  using Part = __m512i;
  using Given = __m512i;
  static Sum zero() { return _mm512_setzero_si512(); }
  static Part weights(const std::byte* at) { return _mm512_load_si512(at); }
  static Given given(const std::byte* at) { return four_bytes(at); }
  static void step(Sum& sum, Given given, Part part) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(given), "v"(part));
  }
  struct Columns {
    __m512i correction;
    Numbers scale, bias;
  };
  static Columns columns(const Packed& matrix, int column) {
    return {_mm512_load_si512(matrix.correction + column), Numbers::load(matrix.scale + column),
            Numbers::load(matrix.bias + column)};
  }
  static Numbers numbers(Sum sum, const Columns& columns, const float* x_scale, int row) {
    const Numbers whole{_mm512_cvtepi32_ps(_mm512_sub_epi32(sum, columns.correction))};
    return Numbers::fused(whole, columns.scale * Numbers::all(x_scale[row]), columns.bias);
  }
};
