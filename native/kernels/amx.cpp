// AMX: products of tiles of 16 rows by 64 bytes in one instruction, 2,048 operations a cycle; all else is AVX-512's.
//
// Four tiles of sums, one of inputs, three of weights: 16 rows by the 64 columns of a panel, which is four tiles of
// 16 groups by 16 columns side by side.
#include <immintrin.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "avx512.h"
#include "kernels.h"
#include "tables.h"

namespace dragoman::avx512 {
namespace {

#include "products.h"

#include "dots_avx512.h"

constexpr int kTileRows = 16, kTileGroups = 16, kTileColumns = 16;
constexpr std::int64_t kPanelRow = kPanel * kGroup;  // bytes from one group of a panel to the next
// Up to so many rows the dot products of AVX-512 are as fast, and exactly equal in int8.
constexpr int kFewRows = 8;

struct alignas(64) Shape {
  std::uint8_t palette = 1, start = 0, reserved[14] = {};
  std::uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// A product of a tile of inputs with one of weights, added to a tile of sums. A macro, for the instructions are
// written with the numbers of their tiles, and GCC's intrinsics take these as text.
#define ADD_PRODUCT(sums, inputs, weights)        \
  if constexpr (std::is_same_v<Dot, DotInt8>)     \
    _tile_dpbusd(sums, inputs, weights);          \
  else                                            \
    _tile_dpbf16ps(sums, inputs, weights)

template <class Dot>
inline void finish_tile(const Product& p, const std::byte* sums, int first_row, int rows, int column) {
  if (column >= p.matrix->outputs) return;
  const typename Dot::Columns columns = Dot::columns(*p.matrix, column);
  const Finish finish(p, column);
  const float* x_scale = p.x_scale;
  for (int row = 0; row < rows; ++row) {
    typename Dot::Sum sum;
    std::memcpy(&sum, sums + row * 64, 64);
    finish(first_row + row, Dot::numbers(sum, columns, x_scale, first_row + row));
  }
}

// Up to 16 rows by all columns of the panel. What the next product needs of the weights comes nearer meanwhile:
// loads of tiles wait for their lines one after the other, and no prefetcher sees them coming.
template <class Dot>
void tile(const Product& p, int row, int rows, const std::byte* panel, int column, const std::byte* coming) {
  const std::int64_t stride = p.matrix->row_bytes();
  const std::byte* x = p.x + row * stride;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int group = 0; group < p.matrix->groups; group += kTileGroups) {
    const std::byte* weights = panel + group * kPanelRow;
    if (coming != nullptr)
      for (int line = 0; line < kTileGroups * kPanelRow; line += kLine)
        _mm_prefetch(reinterpret_cast<const char*>(coming + group * kPanelRow + line), _MM_HINT_T0);
    _tile_loadd(4, x + group * kGroup, stride);
    _tile_loadd(5, weights, kPanelRow);
    ADD_PRODUCT(0, 4, 5);
    _tile_loadd(6, weights + 64, kPanelRow);
    ADD_PRODUCT(1, 4, 6);
    _tile_loadd(7, weights + 128, kPanelRow);
    ADD_PRODUCT(2, 4, 7);
    _tile_loadd(5, weights + 192, kPanelRow);
    ADD_PRODUCT(3, 4, 5);
  }
  alignas(64) std::byte sums[4][kTileRows * 64];
  _tile_stored(0, sums[0], 64);
  _tile_stored(1, sums[1], 64);
  _tile_stored(2, sums[2], 64);
  _tile_stored(3, sums[3], 64);
  for (int part = 0; part < 4; ++part) finish_tile<Dot>(p, sums[part], row, rows, column + part * kTileColumns);
}

#undef ADD_PRODUCT

template <class Dot>
void multiply_tiles(const Product& p) {
  static const Shape shape;
  _tile_loadconfig(&shape);
  const int blocks = (p.rows + kTileRows - 1) / kTileRows;
  for (int panel = p.first_panel; panel < p.last_panel; ++panel) {
    const std::byte* weights = p.matrix->panels + panel * p.matrix->panel_bytes();
    const std::byte* coming = panel + 1 < p.last_panel ? weights + p.matrix->panel_bytes() : nullptr;
    for (int block = 0; block < blocks; ++block)
      tile<Dot>(p, block * kTileRows, std::min(kTileRows, p.rows - block * kTileRows), weights, panel * kPanel,
                block == 0 ? coming : nullptr);
  }
  _tile_release();
}

void multiply_int8(const Product& p) {
  if (p.rows <= kFewRows)
    table().multiply[static_cast<int>(Precision::int8)](p);
  else
    multiply_tiles<DotInt8>(p);
}

}  // namespace
}  // namespace dragoman::avx512

namespace dragoman::amx {

bool permitted() {
#if defined(__linux__)
  constexpr long request = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA: once for a process
  static const bool granted = syscall(SYS_arch_prctl, request, tile_data) == 0;
  return granted;
#else
  return false;
#endif
}

const Kernels& table() {
  static const Kernels kernels = [] {
    Kernels made = avx512::table();
    made.multiply[static_cast<int>(Precision::bfloat16)] = avx512::multiply_tiles<avx512::DotBfloat16>;
    made.multiply[static_cast<int>(Precision::int8)] = avx512::multiply_int8;
    return made;
  }();
  return kernels;
}

}  // namespace dragoman::amx
