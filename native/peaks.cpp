#include "peaks.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "matrix.h"
#include "memory.h"
#include "team.h"

namespace dragoman {

namespace {

constexpr int kRows = 96, kInputs = 512, kOutputs = 256;
constexpr int kProducts = 400, kTimes = 5;
constexpr std::size_t kBytes = std::size_t{128} << 20;  // more than any cache

// The shortest of some times that a team takes for work(me).
template <class Work>
double shortest(int threads, Work work) {
  double best = 1e9;
  for (int time = 0; time < kTimes; ++time) {
    std::chrono::steady_clock::time_point begin;
    Team team(threads);
    team.run([&](int me) {
      team.meet(me);  // all are there
      if (me == 0) begin = std::chrono::steady_clock::now();
      work(me);
      team.meet(me);
    });
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

}  // namespace

Peaks measure_peaks(const Kernels& kernels, Precision precision, int threads) {
  std::vector<float> numbers(static_cast<std::size_t>(kInputs) * kOutputs);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i * 2654435761u % 255) - 127.0f;
  Tensor tensor;
  tensor.floats = numbers.data();
  tensor.rows = kOutputs;
  tensor.columns = kInputs;
  const auto at = static_cast<int>(precision);
  Arena arena;
  const Matrix matrix({{tensor, {}}}, precision, kernels.stripe, arena);
  const std::int64_t row_bytes = matrix.packed().row_bytes();
  struct Own {
    Buffer<std::byte> x;
    Buffer<float> scales, out;
  };
  std::vector<Own> owns;
  for (int me = 0; me < threads; ++me) {
    Own own{Buffer<std::byte>(static_cast<std::size_t>(kRows * row_bytes)), Buffer<float>(kRows),
            Buffer<float>(static_cast<std::size_t>(kRows) * kOutputs)};
    for (int row = 0; row < kRows; ++row)
      kernels.prepare[at](numbers.data() + row * kInputs, kInputs, own.x.data() + row * row_bytes, row_bytes,
                          own.scales.data() + row);
    owns.push_back(std::move(own));
  }
  Peaks peaks;
  const double products = shortest(threads, [&](int me) {
    const Own& own = owns[static_cast<std::size_t>(me)];
    Product product;
    product.matrix = &matrix.packed();
    product.x = own.x.data();
    product.x_scale = own.scales.data();
    product.rows = kRows;
    product.c = own.out.data();
    product.c_stride = kOutputs;
    product.last_panel = matrix.packed().panel_count();
    for (int i = 0; i < kProducts; ++i) kernels.multiply[at](product);
  });
  peaks.operations = 2.0 * kRows * kInputs * kOutputs * kProducts * threads / products;

  const Buffer<std::uint64_t> memory(kBytes / sizeof(std::uint64_t));
  std::ranges::fill(memory.span(), 1u);
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(threads) * 8);  // a cache line apart
  const double reading = shortest(threads, [&](int me) {
    const std::size_t share = memory.size() / static_cast<std::size_t>(threads);
    const std::uint64_t* from = memory.data() + share * static_cast<std::size_t>(me);
    std::uint64_t some[8] = {};
    for (std::size_t i = 0; i + 8 <= share; i += 8)
      for (std::size_t k = 0; k < 8; ++k) some[k] += from[i + k];
    for (const std::uint64_t sum : some) sums[static_cast<std::size_t>(me) * 8] += sum;
  });
  peaks.bytes = static_cast<double>(kBytes) / reading;
  return peaks;
}

}  // namespace dragoman
