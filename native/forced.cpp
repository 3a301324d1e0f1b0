#include "forced.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dragoman {

void Forced::run(std::span<const std::int32_t> source, std::span<const std::int32_t> ids,
                 std::span<const std::int32_t> named, Wanted wanted) {
  const Shape& shape = model_.shape();
  const int rows = static_cast<int>(ids.size()), keys = static_cast<int>(source.size());
  const std::int64_t width = forward_.memory_bytes(), own = forward_.cache_bytes();
  const Buffer<std::byte> memory(static_cast<std::size_t>(keys * width));
  const Buffer<std::byte> cache(static_cast<std::size_t>(rows * own));
  const std::int64_t row_weights = wanted.weights ? std::int64_t{shape.decoder_layers} * shape.heads * keys : 0;
  std::vector<float> by_row(static_cast<std::size_t>(rows * row_weights));

  std::vector<SourceRow> sources;
  std::vector<const std::byte*> memory_rows, earlier;
  for (int i = 0; i < keys; ++i) {
    memory_rows.push_back(memory.data() + i * width);
    sources.push_back({source[static_cast<std::size_t>(i)], i, 0, keys, memory.data() + i * width});
  }
  std::vector<TargetRow> targets(static_cast<std::size_t>(rows));
  std::vector<Ask> asks(targets.size());
  for (int i = 0; i < rows; ++i) earlier.push_back(cache.data() + i * own);
  for (int i = 0; i < rows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    TargetRow& target = targets[at];
    target.id = ids[at];
    target.position = i;
    target.cache = cache.data() + i * own;
    target.earlier = earlier.data();
    target.memory = memory_rows.data();
    target.memory_rows = keys;
    if (wanted.weights) target.cross_weights = by_row.data() + i * row_weights;
    if (!named.empty()) asks[at].named = named[at];
  }
  forward_.want(std::max(rows, keys), std::max(rows, keys));
  output_.want(rows, 0, wanted.logits);
  layers.clear();
  forward_.record(wanted.layers ? &layers : nullptr);
  team_.run([&](int me) {
    forward_.encode(me, sources);
    forward_.decode(me, targets);
    if (wanted.logits || !named.empty()) output_.scan(me, asks);
  });

  log_probabilities.clear();
  if (!named.empty())
    for (int i = 0; i < rows; ++i)
      log_probabilities.push_back(log_probability(i));
  if (wanted.logits) {
    const auto pieces = static_cast<std::size_t>(model_.output().outputs());
    logits.resize(static_cast<std::size_t>(rows) * pieces);
    for (int i = 0; i < rows; ++i) std::copy_n(output_.logits(i), pieces, logits.data() + static_cast<std::size_t>(i) * pieces);
  }
  weights.resize(by_row.size());
  const int maps = shape.decoder_layers * shape.heads;
  for (int map = 0; wanted.weights && map < maps; ++map)
    for (int i = 0; i < rows; ++i)
      std::copy_n(by_row.data() + i * row_weights + std::int64_t{map} * keys, keys,
                  weights.data() + (std::int64_t{map} * rows + i) * keys);
}

// NaN where numbers of the pass overflow; rounding may leave a little more than 0.
float Forced::log_probability(int row) const {
  const auto found = static_cast<float>(double{output_.named(row)} - output_.log_sum(row));
  if (!forward_.finite(row) || !std::isfinite(found)) return std::numeric_limits<float>::quiet_NaN();
  return std::min(0.0f, found);
}

}  // namespace dragoman
