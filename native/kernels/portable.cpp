// Plain C++ for every machine: a register is four numbers, which any compiler can put into one.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "kernels.h"
#include "tables.h"

namespace dragoman::portable {
namespace {

inline float widened(std::uint16_t half) {
  const std::uint32_t bits = std::uint32_t{half} << 16;
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

struct Twin;

struct Numbers {
  static constexpr int width = 4;
  float v[4];

  template <class Lane>
  static Numbers each(Lane lane) {
    Numbers made;
    for (int i = 0; i < width; ++i) made.v[i] = lane(i);
    return made;
  }
  static Numbers all(float x) {
    return each([x](int) { return x; });
  }
  static Numbers load(const float* x) {
    return each([x](int i) { return x[i]; });
  }
  static Numbers load_part(const float* x, int count, float fill) {
    return each([=](int i) { return i < count ? x[i] : fill; });
  }
  static Numbers load_halves(const std::byte* x) { return load_halves_part(x, width); }
  static Numbers load_halves_part(const std::byte* x, int count) {
    std::uint16_t halves[width] = {};
    std::memcpy(halves, x, 2 * static_cast<std::size_t>(count));
    return each([&](int i) { return widened(halves[i]); });
  }
  void store(float* x) const { std::memcpy(x, v, sizeof v); }
  void store_part(float* x, int count) const { std::copy_n(v, count, x); }

  static Numbers fused(Numbers a, Numbers b, Numbers c) {
    return each([&](int i) { return a.v[i] * b.v[i] + c.v[i]; });
  }
  static Numbers fused_less(Numbers a, Numbers b, Numbers c) {
    return each([&](int i) { return a.v[i] * b.v[i] - c.v[i]; });
  }
  static Numbers higher(Numbers a, Numbers b) {
    return each([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
  }
  static Numbers lower(Numbers a, Numbers b) {
    return each([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
  }
  static Numbers nearest(Numbers a) {
    return each([&](int i) { return std::nearbyint(a.v[i]); });
  }
  static Numbers scaled(Numbers a, Numbers n) {
    return each([&](int i) { return std::isnan(n.v[i]) ? n.v[i] : std::ldexp(a.v[i], static_cast<int>(n.v[i])); });
  }
  static unsigned above(Numbers a, Numbers b) {
    unsigned bits = 0;
    for (int i = 0; i < width; ++i) bits |= static_cast<unsigned>(a.v[i] > b.v[i]) << i;
    return bits;
  }
  float sum() const { return (v[0] + v[2]) + (v[1] + v[3]); }
  float highest() const { return std::max(std::max(v[0], v[1]), std::max(v[2], v[3])); }
  static Numbers sums(const Numbers (&x)[4], int) {
    return each([&](int i) { return x[i].sum(); });
  }
  // Numbers at even and at odd places.
  static Twin load_twin_halves(const std::byte* x);
  static Twin apart(Numbers front, Numbers back);
  static Twin together(Twin apart);

  friend Numbers operator+(Numbers a, Numbers b) {
    return each([&](int i) { return a.v[i] + b.v[i]; });
  }
  friend Numbers operator-(Numbers a, Numbers b) {
    return each([&](int i) { return a.v[i] - b.v[i]; });
  }
  friend Numbers operator*(Numbers a, Numbers b) {
    return each([&](int i) { return a.v[i] * b.v[i]; });
  }
  friend Numbers operator/(Numbers a, Numbers b) {
    return each([&](int i) { return a.v[i] / b.v[i]; });
  }
};

struct Twin {
  Numbers first, second;
};

inline Twin Numbers::load_twin_halves(const std::byte* x) {
  return apart(load_halves(x), load_halves(x + 2 * width));
}

inline Twin Numbers::apart(Numbers front, Numbers back) {
  const auto from = [&](int i) { return i < width ? front.v[i] : back.v[i - width]; };
  return {each([&](int i) { return from(2 * i); }), each([&](int i) { return from(2 * i + 1); })};
}

inline Twin Numbers::together(Twin apart) {
  const auto from = [&](int i) { return (i % 2 == 0 ? apart.first : apart.second).v[i / 2]; };
  return {each(from), each([&](int i) { return from(width + i); })};
}

#include "rows.h"

#include "attention.h"

#include "products.h"

#include "halves.h"

void prepare_int8(const float* x, int inputs, std::byte* row, std::int64_t bytes, float* scale) {
  const float largest = largest_size(x, inputs), inverse = largest > 0 ? 127.0f / largest : 0.0f;
  *scale = largest / 127.0f;
  for (int i = 0; i < inputs; ++i) {
    const float step = inverse > 0 ? std::clamp(std::nearbyint(x[i] * inverse), -127.0f, 127.0f) : 0.0f;
    row[i] = static_cast<std::byte>(static_cast<std::int8_t>(step));
  }
  std::memset(row + inputs, 0, static_cast<std::size_t>(bytes - inputs));
}

struct DotFloat {
  using Sum = Numbers;
  using Part = Numbers;
  using Given = float;
  static Sum zero() { return Numbers::all(0); }
  static Part weights(const std::byte* at) {
    Part part;
    std::memcpy(part.v, at, sizeof part.v);
    return part;
  }
  static Given given(const std::byte* at) {
    float x;
    std::memcpy(&x, at, sizeof x);
    return x;
  }
  static void step(Sum& sum, Given given, const Part& part) { sum = Numbers::fused(Numbers::all(given), part, sum); }
  using Columns = Numbers;  // the bias
  static Columns columns(const Packed& matrix, int column) { return Numbers::load(matrix.bias + column); }
  static Numbers numbers(const Sum& sum, Columns bias, const float*, int) { return sum + bias; }
};

struct DotBfloat16 {
  using Sum = Numbers;
  struct Part {
    std::uint16_t halves[2 * Numbers::width];
  };
  struct Given {
    std::uint16_t halves[2];
  };
  static Sum zero() { return Numbers::all(0); }
  static Part weights(const std::byte* at) {
    Part part;
    std::memcpy(part.halves, at, sizeof part.halves);
    return part;
  }
  static Given given(const std::byte* at) {
    Given given;
    std::memcpy(given.halves, at, sizeof given.halves);
    return given;
  }
  static void step(Sum& sum, const Given& given, const Part& part) {
    const float first = widened(given.halves[0]), second = widened(given.halves[1]);
    for (int i = 0; i < Numbers::width; ++i) {
      sum.v[i] += first * widened(part.halves[2 * i]);
      sum.v[i] += second * widened(part.halves[2 * i + 1]);
    }
  }
  using Columns = Numbers;  // the bias
  static Columns columns(const Packed& matrix, int column) { return Numbers::load(matrix.bias + column); }
  static Numbers numbers(const Sum& sum, Columns bias, const float*, int) { return sum + bias; }
};

struct DotInt8 {
  struct Sum {
    std::int32_t v[Numbers::width];
  };
  struct Part {
    std::int8_t v[4 * Numbers::width];
  };
  struct Given {
    std::int8_t v[4];
  };
  static Sum zero() { return {}; }
  static Part weights(const std::byte* at) {
    Part part;
    std::memcpy(part.v, at, sizeof part.v);
    return part;
  }
  static Given given(const std::byte* at) {
    Given given;
    std::memcpy(given.v, at, sizeof given.v);
    return given;
  }
  static void step(Sum& sum, const Given& given, const Part& part) {
    for (int i = 0; i < Numbers::width; ++i)
      for (int k = 0; k < 4; ++k) sum.v[i] += std::int32_t{given.v[k]} * std::int32_t{part.v[4 * i + k]};
  }
  struct Columns {
    Numbers scale, bias;
  };
  static Columns columns(const Packed& matrix, int column) {
    return {Numbers::load(matrix.scale + column), Numbers::load(matrix.bias + column)};
  }
  static Numbers numbers(const Sum& sum, const Columns& columns, const float* x_scale, int row) {
    const Numbers whole = Numbers::each([&](int i) { return static_cast<float>(sum.v[i]); });
    return Numbers::fused(whole, columns.scale * Numbers::all(x_scale[row]), columns.bias);
  }
};

constexpr int kRegisters = 2;  // of columns in a tile, and so in a stripe

}  // namespace

const Kernels& table() {
  static const Kernels kernels = {
      .stripe = kRegisters * Numbers::width,
      .prepare = {prepare_float, prepare_bfloat16, prepare_int8},
      .multiply = {multiply<DotFloat, 4, kRegisters>, multiply<DotBfloat16, 2, kRegisters>, multiply<DotInt8, 2, kRegisters>},
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

}  // namespace dragoman::portable
