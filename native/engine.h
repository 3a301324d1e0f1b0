// The engine: a model and the kernels of this machine, and what can be asked of them.
//
// Every call may be made from any thread, and makes its own workspace. The long ones call `between` from the
// calling thread now and then; what that throws, such as an interrupt, ends them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/kernels.h"
#include "model.h"
#include "peaks.h"
#include "search.h"
#include "worker.h"

namespace dragoman {

// A source and its target, both with </s>.
struct Pair {
  std::span<const std::int32_t> source, target;
};

class Engine {
 public:
  Engine(const Shape& shape, const Find& find, Precision precision, const std::string& kernels)
      : kernels_(dragoman::kernels(kernels)), model_(shape, find, precision, kernels_.stripe) {}

  const Model& model() const { return model_; }

  // Up to `n_best` hypotheses of every job. A few sentences share all threads, many get one each, unless
  // somebody watches.
  std::vector<std::vector<Found>> search(std::span<const Job> jobs, const SearchOptions& options,
                                         const Grammar& grammar, int threads, const Between& between,
                                         const Watch& watch = {}, Profile* profile = nullptr) const;

  // What the machine gives to this model's kernels at best.
  Peaks peaks(int threads) const { return measure_peaks(kernels_, model_.precision(), threads); }

  // log P of every piece of every target, given its source and the pieces before it; NaN where numbers overflow.
  std::vector<std::vector<float>> score(std::span<const Pair> pairs, int threads, const Between& between) const;

  // The logits [T, V] after every piece of `target` (which begins with <s>).
  std::vector<float> logits(const Pair& pair, int threads) const;

  // The rows [encoder layers, S, D] and then [decoder layers, T, D] after every layer, `target` with <s>.
  std::vector<float> layers(const Pair& pair, int threads) const;

  // The cross-attention [decoder layers, N, T + 1, S] of every decoder position of a target read after <s>.
  std::vector<float> cross_attention(const Pair& pair, int threads) const;

 private:
  const Kernels& kernels_;
  Model model_;
  mutable CacheShelf shelf_;
};

}  // namespace dragoman
