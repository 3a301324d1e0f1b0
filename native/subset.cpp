#include "subset.h"

#include <cstring>

namespace dragoman {

namespace {

// The numbers of some columns, zeros behind them up to the end of their panel.
template <class Number>
void gather(const Number* from, std::span<const std::int32_t> ids, std::size_t padded, Buffer<Number>& to) {
  to.want(padded);
  std::fill_n(to.data(), padded, Number{0});
  if (from == nullptr) return;
  for (std::size_t i = 0; i < ids.size(); ++i) to[i] = from[ids[i]];
}

}  // namespace

Subset::Subset(const Packed& whole, std::span<const std::int32_t> ids) : packed_(whole), ids_(ids.begin(), ids.end()) {
  packed_.outputs = static_cast<int>(ids_.size());
  const std::size_t padded = static_cast<std::size_t>(packed_.panel_count()) * kPanel;
  panels_.want(static_cast<std::size_t>(packed_.panel_count() * packed_.panel_bytes()));
  if (padded > ids_.size())  // what the last panel has no columns for
    std::memset(panels_.data() + (packed_.panel_count() - 1) * packed_.panel_bytes(), 0,
                static_cast<std::size_t>(packed_.panel_bytes()));
  const std::int64_t step = packed_.step();
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const std::byte* from = whole.panels + packed_.column(ids_[i]);
    std::byte* to = panels_.data() + packed_.column(static_cast<std::int64_t>(i));
    for (int group = 0; group < packed_.groups; ++group, from += step, to += step) std::memcpy(to, from, kGroup);
  }
  gather(whole.bias, ids_, padded, bias_);
  gather(whole.scale, ids_, padded, scale_);
  gather(whole.correction, ids_, padded, correction_);
  packed_.panels = panels_.data();
  packed_.bias = bias_.data();
  packed_.scale = scale_.data();
  packed_.correction = correction_.data();
}

}  // namespace dragoman
