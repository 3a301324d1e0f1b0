#include "matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace dragoman {

namespace {

constexpr int kSize[kPrecisions] = {4, 2, 1};  // bytes of a number

constexpr int kGiven = 4096;  // rows after which memory is given back

int size_of(Precision precision) { return kSize[static_cast<int>(precision)]; }

// Rounded to the nearest, ties to even; what is no number stays none.
std::uint16_t to_bfloat16(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  if (std::isnan(x)) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

float from_bfloat16(std::uint16_t half) {
  const std::uint32_t bits = std::uint32_t{half} << 16;
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// Gives back the memory of the first `rows` rows of a tensor that is given up: whole pages that hold nothing else.
void give_back(const Tensor& tensor, std::int64_t rows) {
#if defined(__linux__)
  if (!tensor.given) return;
  static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const bool small = tensor.bytes != nullptr;
  const void* numbers = small ? static_cast<const void*>(tensor.bytes) : tensor.floats;
  const auto begin = reinterpret_cast<std::uintptr_t>(numbers);
  const auto size = static_cast<std::uintptr_t>(rows * tensor.columns) * (small ? sizeof(std::int8_t) : sizeof(float));
  const std::uintptr_t first = (begin + page - 1) / page * page, last = (begin + size) / page * page;
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
#endif
}

}  // namespace

Matrix::Matrix(std::vector<Part> parts, Precision precision, int stripe, Arena& arena) {
  packed_.precision = precision;
  packed_.stripe = stripe;
  packed_.inputs = static_cast<int>(parts.front().weight.columns);
  for (const Part& part : parts) packed_.outputs += static_cast<int>(part.weight.rows);
  const int row = packed_.inputs * size_of(precision);
  packed_.groups = (row + kLine - 1) / kLine * kLine / kGroup;
  const std::size_t padded = static_cast<std::size_t>(packed_.panel_count()) * kPanel;
  panels_ = arena.take<std::byte>(static_cast<std::size_t>(packed_.panel_count() * packed_.panel_bytes()));
  bias_ = arena.take<float>(padded);
  std::ranges::fill(bias_, 0.0f);
  if (precision == Precision::int8) {
    scale_ = arena.take<float>(padded);
    std::ranges::fill(scale_, 0.0f);
    correction_ = arena.take<std::int32_t>(padded);
    std::ranges::fill(correction_, 0);
  }
  packed_.panels = panels_.data();
  packed_.bias = bias_.data();
  packed_.scale = scale_.data();
  packed_.correction = correction_.data();

  std::vector<std::byte> rows(static_cast<std::size_t>(kPanel * packed_.row_bytes()));  // of a panel
  int n = 0;
  for (Part& part : parts) {
    if (part.weight.bytes != nullptr && precision != Precision::int8)
      throw std::invalid_argument("the weights are stored as int8; only the precision int8 can use them");
    if (part.bias.columns > 0) std::copy_n(part.bias.floats, part.bias.columns, bias_.data() + n);
    for (std::int64_t at = 0; at < part.weight.rows; ++at, ++n) {
      if (n > 0 && n % kPanel == 0) pack(rows.data(), n / kPanel - 1);
      if (at > 0 && at % kGiven == 0) give_back(part.weight, at);
      prepare(part.weight, at, n, rows.data() + n % kPanel * packed_.row_bytes());
    }
    give_back(part.weight, part.weight.rows);  // the allocator may keep what is only freed
    part = {};  // it may be the last to hold its numbers
  }
  std::memset(rows.data() + ((n - 1) % kPanel + 1) * packed_.row_bytes(), 0,
              static_cast<std::size_t>((kPanel - 1 - (n - 1) % kPanel) * packed_.row_bytes()));
  pack(rows.data(), (n - 1) / kPanel);
}

// Writes a row of a tensor as the numbers of this precision, and its scale. What lies behind them stays as it is: 0.
void Matrix::prepare(const Tensor& tensor, std::int64_t row, int n, std::byte* numbers) {
  const std::int64_t from = row * tensor.columns;
  const int inputs = packed_.inputs;
  if (packed_.precision == Precision::float32)
    std::memcpy(numbers, tensor.floats + from, static_cast<std::size_t>(inputs) * sizeof(float));
  if (packed_.precision == Precision::bfloat16) {
    for (int k = 0; k < inputs; ++k) {
      const std::uint16_t half = to_bfloat16(tensor.floats[from + k]);
      std::memcpy(numbers + k * 2, &half, sizeof half);
    }
  }
  if (packed_.precision != Precision::int8) return;

  auto* steps = reinterpret_cast<std::int8_t*>(numbers);
  if (tensor.bytes != nullptr) {
    scale_[static_cast<std::size_t>(n)] = tensor.scales[row];
    std::memcpy(steps, tensor.bytes + from, static_cast<std::size_t>(inputs));
  } else {
    float largest = 0;
    for (int k = 0; k < inputs; ++k) {
      const float size = std::abs(tensor.floats[from + k]);
      if (!(size <= largest)) largest = std::isfinite(size) ? size : std::numeric_limits<float>::quiet_NaN();
      if (std::isnan(largest)) break;  // no number comes of this row, and none is made up
    }
    if (largest < 1e-36f) largest = 0;  // its inverse would be no number
    scale_[static_cast<std::size_t>(n)] = largest / 127.0f;
    const float inverse = largest > 0 ? 127.0f / largest : 0.0f;
    for (int k = 0; k < inputs; ++k)
      steps[k] = inverse > 0 ? static_cast<std::int8_t>(std::nearbyint(tensor.floats[from + k] * inverse)) : 0;
  }
  std::int32_t sum = 0;
  for (int k = 0; k < inputs; ++k) sum += steps[k];
  correction_[static_cast<std::size_t>(n)] = 128 * sum;
}

// Lays the rows of a stripe beside each other: group by group, and in each group column by column.
void Matrix::pack(const std::byte* rows, int panel) {
  std::byte* to = panels_.data() + panel * packed_.panel_bytes();
  for (int first = 0; first < kPanel; first += packed_.stripe)
    for (int group = 0; group < packed_.groups; ++group)
      for (int column = first; column < first + packed_.stripe; ++column, to += kGroup)
        std::memcpy(to, rows + column * packed_.row_bytes() + group * kGroup, kGroup);
}

void Matrix::row(int n, float factor, float* out) const {
  const std::byte* column = panels_.data() + packed_.column(n);
  const std::int64_t step = packed_.step();
  const int inputs = packed_.inputs;
  if (packed_.precision == Precision::float32) {
    for (int k = 0; k < inputs; ++k) {
      float number;
      std::memcpy(&number, column + k * step, sizeof number);
      out[k] = number * factor;
    }
  } else if (packed_.precision == Precision::bfloat16) {
    for (int k = 0; k < inputs; ++k) {
      std::uint16_t number;
      std::memcpy(&number, column + k / 2 * step + k % 2 * 2, sizeof number);
      out[k] = from_bfloat16(number) * factor;
    }
  } else {
    const float worth = scale_[static_cast<std::size_t>(n)] * factor;
    for (int k = 0; k < inputs; ++k)
      out[k] = static_cast<float>(static_cast<std::int8_t>(column[k / 4 * step + k % 4])) * worth;
  }
}

}  // namespace dragoman
