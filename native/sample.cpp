#include "sample.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "keyed.h"
#include "search.h"

namespace dragoman {

double draw_number(std::int64_t key, int step) {
  return uniform(mix(static_cast<std::uint64_t>(key) ^ mix(static_cast<std::uint64_t>(step))));
}

namespace {

void divide_by_sum(std::vector<double>& p) {
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& one : p) one /= sum;
}

// Sets to 0 what does not belong to the `top_k` likeliest, then what does not belong to those that make up
// `top_p`; of equally likely ones at the edge the lowest ids stay.
void keep_top(std::vector<double>& p, const std::vector<float>& logits, const SearchOptions& options) {
  std::vector<std::int32_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::int32_t a, std::int32_t b) {
    return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
  });
  const auto at = [&](std::size_t place) -> double& { return p[static_cast<std::size_t>(order[place])]; };
  if (options.top_k > 0) {
    for (auto place = static_cast<std::size_t>(options.top_k); place < p.size(); ++place) at(place) = 0;
    divide_by_sum(p);
  }
  if (options.top_p < 1) {
    double sum = 0;  // of those before, the likeliest always staying
    for (std::size_t place = 0; place < p.size(); ++place) {
      const double one = at(place);
      if (place > 0 && sum >= options.top_p) at(place) = 0;
      sum += one;
    }
    divide_by_sum(p);
  }
}

}  // namespace

std::int32_t draw(const float* logits, const float* mask, int pieces, std::int32_t never, const SearchOptions& options,
                  double u) {
  const auto count = static_cast<std::size_t>(pieces);
  std::vector<float> allowed(count);
  for (std::size_t i = 0; i < count; ++i) allowed[i] = logits[i] + mask[i];
  if (never >= 0) allowed[static_cast<std::size_t>(never)] = -std::numeric_limits<float>::infinity();
  const double highest = double{*std::ranges::max_element(allowed)};
  std::vector<double> p(count);
  for (std::size_t i = 0; i < count; ++i) p[i] = std::exp((double{allowed[i]} - highest) / options.temperature);
  divide_by_sum(p);
  if (options.top_k > 0 || options.top_p < 1) keep_top(p, allowed, options);

  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  double reached = 0;
  std::int32_t last = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (p[i] == 0) continue;
    reached += p[i];
    last = static_cast<std::int32_t>(i);
    if (reached / sum > u) return last;
  }
  return last;
}

}  // namespace dragoman
