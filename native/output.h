// What a search wants of a row's logits: the best pieces and the logarithm of the sum, without keeping them.
//
// The pieces are taken in blocks of 512. A block's highest logit and its sum of exponentials are kept, and all
// blocks are added up in their order, so neither threads nor other rows change a bit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "forward.h"
#include "subset.h"

namespace dragoman {

// What is asked of a row.
struct Ask {
  const float* mask = nullptr;  // [V] 0, or -inf for what it may not produce
  std::int32_t named = -1;      // a piece whose logit is wanted
  const Subset* subset = nullptr;  // the only pieces there are for it; all rows have one, or none has
};

class Output {
 public:
  Output(const Model& model, const Kernels& kernels, Forward& forward, Team& team);

  // Must be called by one member before `scan`. `all` keeps every logit; `subset` is the size of the largest.
  void want(int rows, int candidates, bool all, int subset = 0);
  // Reads the rows of `Forward::hidden`; run by every member, and ends with a meeting.
  void scan(int me, std::span<const Ask> asks);

  const Candidates& best(int row) const { return found_.front()[static_cast<std::size_t>(row)]; }
  double log_sum(int row) const { return log_sum_[static_cast<std::size_t>(row)]; }
  float named(int row) const { return named_[static_cast<std::size_t>(row)]; }
  const float* logits(int row) const { return logits_.data() + std::int64_t{row} * stride_; }

 private:
  static constexpr int kBlockPanels = 8;
  static constexpr int kBlock = kBlockPanels * kPanel;

  void scan_subsets(int me, std::span<const Ask> asks);
  void scan_subset(const Ask& ask, int row, float* mask);
  void scan_block(int me, int block, std::span<const Ask> asks);
  void add_up(int row);

  const Model& model_;
  const Kernels& kernels_;
  Forward& forward_;
  Team& team_;
  int pieces_, blocks_, rows_ = 0, candidates_ = 0;
  bool all_ = false;
  std::int64_t stride_ = 0;
  Buffer<float> logits_;  // [M, V] of all, [M, 512] of a member's block, or [M, N] of subsets
  Buffer<float> masks_;   // [N] of each member
  std::vector<std::vector<Candidates>> found_;  // of each member, of each row
  std::vector<Exponentials> sums_;              // [M, blocks]
  std::vector<double> log_sum_;
  std::vector<float> named_;
};

}  // namespace dragoman
