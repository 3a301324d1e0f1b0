#include "output.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dragoman {

Output::Output(const Model& model, const Kernels& kernels, Forward& forward, Team& team)
    : model_(model),
      kernels_(kernels),
      forward_(forward),
      team_(team),
      pieces_(model.output().outputs()),
      blocks_((pieces_ + kBlock - 1) / kBlock) {}

void Output::want(int rows, int candidates, bool all, int subset) {
  rows_ = rows;
  all_ = all;
  const auto count = static_cast<std::size_t>(rows);
  stride_ = all ? std::int64_t{blocks_} * kBlock : kBlock;
  if (subset > 0) {
    all = true;  // one place for all members
    stride_ = (subset + kPanel - 1) / kPanel * kPanel;
    masks_.want(static_cast<std::size_t>(stride_ * team_.size()));
  }
  logits_.want(count * static_cast<std::size_t>(stride_) * static_cast<std::size_t>(all ? 1 : team_.size()));
  if (candidates != candidates_) found_.clear();
  candidates_ = candidates;
  found_.resize(static_cast<std::size_t>(team_.size()));
  for (auto& found : found_)
    if (found.size() < count) found.resize(count, Candidates(candidates));
  sums_.resize(std::max(sums_.size(), count * static_cast<std::size_t>(blocks_)));
  log_sum_.resize(std::max(log_sum_.size(), count));
  named_.resize(std::max(named_.size(), count));
}

void Output::scan(int me, std::span<const Ask> asks) {
  forward_.prepare_output(me, rows_);
  forward_.tick(me, Operator::prepare);
  for (Candidates& found : found_[static_cast<std::size_t>(me)]) found.count = 0;
  if (!asks.empty() && asks.front().subset != nullptr) {
    scan_subsets(me, asks);
    return;
  }
  const Share blocks = team_.share(blocks_, me);
  for (int block = blocks.first; block < blocks.last; ++block) scan_block(me, block, asks);
  team_.meet(me);
  const Matrix& matrix = model_.output();
  forward_.tick(me, Operator::output, 2.0 * rows_ * matrix.inputs() * matrix.outputs(),
                static_cast<double>(matrix.bytes()));
  const Share mine = team_.share(rows_, me);
  for (int row = mine.first; row < mine.last; ++row) add_up(row);
  team_.meet(me);
  forward_.tick(me, Operator::best);
}

// The rows of a sentence stand side by side and have one subset.
void Output::scan_subsets(int me, std::span<const Ask> asks) {
  double operations = 0, bytes = 0;
  for (int first = 0, last; first < rows_; first = last) {
    const Subset& subset = *asks[static_cast<std::size_t>(first)].subset;
    for (last = first; last < rows_ && asks[static_cast<std::size_t>(last)].subset == &subset;) ++last;
    const Share panels = team_.share(subset.packed().panel_count(), me);
    forward_.logits(me, rows_, subset.packed(), first, last - first, panels.first, panels.last,
                    logits_.data() + first * stride_, stride_);
    operations += 2.0 * (last - first) * subset.packed().inputs * subset.packed().outputs;
    bytes += static_cast<double>(subset.packed().panel_count() * subset.packed().panel_bytes());
  }
  team_.meet(me);
  forward_.tick(me, Operator::output, operations, bytes);
  const Share mine = team_.share(rows_, me);
  for (int row = mine.first; row < mine.last; ++row)
    scan_subset(asks[static_cast<std::size_t>(row)], row, masks_.data() + me * stride_);
  team_.meet(me);
  forward_.tick(me, Operator::best);
}

void Output::scan_subset(const Ask& ask, int row, float* mask) {
  const auto at = static_cast<std::size_t>(row);
  const std::span<const std::int32_t> ids = ask.subset->ids();
  const float* logits = logits_.data() + row * stride_;
  if (ask.mask != nullptr)
    for (std::size_t i = 0; i < ids.size(); ++i) mask[i] = ask.mask[ids[i]];
  Candidates* best = candidates_ > 0 ? &found_.front()[at] : nullptr;
  const Exponentials sum = kernels_.scan(logits, ask.mask == nullptr ? nullptr : mask, static_cast<int>(ids.size()), 0, best);
  log_sum_[at] = double{sum.highest} + std::log(double{sum.sum});
  for (int i = 0; best != nullptr && i < best->count; ++i) {
    std::int32_t& id = best->id[static_cast<std::size_t>(i)];
    id = ids[static_cast<std::size_t>(id)];
  }
  const int place = ask.named < 0 ? -1 : ask.subset->place(ask.named);
  named_[at] = place < 0 ? -std::numeric_limits<float>::infinity() : logits[place];
}

void Output::scan_block(int me, int block, std::span<const Ask> asks) {
  const int first = block * kBlock, count = std::min(kBlock, pieces_ - first);
  float* out = all_ ? logits_.data() + first : logits_.data() + std::int64_t{me} * rows_ * stride_;
  forward_.logits(me, rows_, block * kBlockPanels, (first + count + kPanel - 1) / kPanel, out, stride_);
  forward_.tick(me, Operator::output);
  for (int row = 0; row < rows_; ++row) {
    const auto at = static_cast<std::size_t>(row);
    const float* logits = out + row * stride_;
    const Ask& ask = asks[at];
    sums_[at * static_cast<std::size_t>(blocks_) + static_cast<std::size_t>(block)] =
        kernels_.scan(logits, ask.mask == nullptr ? nullptr : ask.mask + first, count, first,
                      candidates_ > 0 ? &found_[static_cast<std::size_t>(me)][at] : nullptr);
    if (ask.named >= first && ask.named < first + count) named_[at] = logits[ask.named - first];
  }
  forward_.tick(me, Operator::best);
}

void Output::add_up(int row) {
  const auto at = static_cast<std::size_t>(row), blocks = static_cast<std::size_t>(blocks_);
  const std::span<const Exponentials> sums(sums_.data() + at * blocks, blocks);
  float highest = sums.front().highest;
  for (const Exponentials& block : sums) highest = std::max(highest, block.highest);
  double sum = 0;
  for (const Exponentials& block : sums) sum += double{block.sum} * std::exp(double{block.highest} - double{highest});
  log_sum_[at] = double{highest} + std::log(sum);
  for (std::size_t member = 1; member < static_cast<std::size_t>(team_.active()); ++member)  // in the order of their pieces
    for (int i = 0; i < found_[member][at].count; ++i)
      found_.front()[at].offer(found_[member][at].value[static_cast<std::size_t>(i)],
                               found_[member][at].id[static_cast<std::size_t>(i)]);
}

}  // namespace dragoman
