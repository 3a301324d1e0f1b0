// The search for one sentence's translation, step by step: beam, greedy, samples. The semantics are those of
// `decode/` in Python; `decode/beam.py` has the pictures.
//
// Shapes.  W hypotheses side by side, V target pieces, Q states of the grammar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/kernels.h"

namespace dragoman {

inline constexpr std::int32_t kBegin = 2, kEnd = 3;  // <s> and </s>
inline constexpr std::uint8_t kWhole = 0;            // the grammar's state in which a text may end

// Which pieces may follow in a state, and which state comes then (`decode/constraint.py`).
class Grammar {
 public:
  Grammar(std::span<const std::uint8_t> allowed, std::span<const std::uint8_t> next, int pieces);

  const float* mask(std::uint8_t state) const { return masks_.data() + std::size_t{state} * static_cast<std::size_t>(pieces_); }
  bool allows(std::uint8_t state, std::int32_t id) const { return mask(state)[id] == 0; }
  std::uint8_t next(std::uint8_t state, std::int32_t id) const {
    return next_[std::size_t{state} * static_cast<std::size_t>(pieces_) + static_cast<std::size_t>(id)];
  }
  int pieces() const { return pieces_; }

 private:
  int pieces_;
  std::vector<float> masks_;  // [Q, V] 0 or -inf
  std::vector<std::uint8_t> next_;
};

enum class Penalty { paper, average, none };

struct SearchOptions {
  int width = 1, n_best = 1, min_length = 1;
  Penalty penalty = Penalty::paper;
  double alpha = 0.6;
  bool sampling = false;
  bool watched = false;  // whether a search keeps the ways of its last step
  double temperature = 1;
  int top_k = 0;     // 0: all
  double top_p = 1;

  double score(double log_probability, int length) const;
};

// One sentence to search. Lengths count pieces of the target, prefix and </s> included.
struct Job {
  std::span<const std::int32_t> source, prefix;
  int limit = 0;
  std::span<const std::int64_t> keys;  // of the samples
  std::span<const std::int32_t> pieces;  // the only ones that it may produce, in rising order; none: all
};

// A way of going on that a step looked at, and what became of it.
enum class Fate : std::uint8_t { kept, finished, pruned };
struct Way {
  int row;  // that it goes on from: its place among those kept by the step before, or the number of its sample
  std::int32_t id;
  float log_probability;  // of the piece
  double sum;             // of all pieces, this one too
  Fate fate;
};

struct Found {
  std::vector<std::int32_t> ids;
  std::vector<float> log_probabilities;
  double score = 0;
  bool finished = false;
};

// A way that is still open.
struct Row {
  std::vector<std::int32_t> ids;
  std::vector<float> log_probabilities;
  std::vector<const std::byte*> cache;  // of each position so far
  double log_probability = 0;
  std::uint8_t state = kWhole;
  int whole = 0;   // pieces after which the text was last whole
  int number = 0;  // of its sample
};

// What a step found out about a row: candidates without what its mask forbids, highest first.
struct Step {
  const Candidates* best = nullptr;
  double log_sum = 0;
  float named = 0;                // the logit of the piece that the prefix forces
  const float* logits = nullptr;  // [V], for samples alone
};

class Search {
 public:
  Search(const Job& job, const SearchOptions& options, const Grammar& grammar)
      : job_(job), options_(options), grammar_(grammar), rows_(1) {}
  virtual ~Search() = default;

  int step() const { return step_; }
  std::vector<Row>& rows() { return rows_; }
  std::int32_t forced() const;  // the piece that must come next, or -1
  const float* mask(const Row& row) const { return grammar_.mask(row.state); }

  // Takes what a step found out about every row and goes on; says whether the search is over.
  bool take(std::span<const Step> steps);
  // What the last step looked at, best first; of samples, in their order.
  const std::vector<Way>& ways() const { return ways_; }
  // Best first: the finished, then the highest score, then the lowest ids.
  std::vector<Found> results() { return std::move(pool_); }

 protected:
  virtual bool choose(std::span<const Step> steps) = 0;
  bool may_end() const { return step_ + 1 >= options_.min_length; }
  Row longer(const Row& row, std::int32_t id, float log_probability) const;
  Found found(const Row& row) const;
  void put(Found found, int most);

  const Job job_;
  const SearchOptions& options_;
  const Grammar& grammar_;
  std::vector<Row> rows_;
  std::vector<Found> pool_;
  std::vector<Way> ways_;
  int step_ = 0;
};

// Candidates that a search of these options needs of each row.
int candidates(const SearchOptions& options);
std::unique_ptr<Search> search(const Job& job, const SearchOptions& options, const Grammar& grammar);

}  // namespace dragoman
