// A target that is already there, read in one pass: its probabilities, its logits, where it looks.
#pragma once

#include "engine.h"
#include "forward.h"
#include "output.h"

namespace dragoman {

// What is kept of a pass beside the log-probabilities.
struct Wanted {
  bool logits = false, weights = false, layers = false;
};

class Forced {
 public:
  Forced(const Model& model, const Kernels& kernels, int threads)
      : model_(model), team_(threads), forward_(model, kernels, team_), output_(model, kernels, forward_, team_) {}

  // The decoder reads `ids`; `named` are the pieces whose log-probabilities are wanted, one each, or none.
  void run(std::span<const std::int32_t> source, std::span<const std::int32_t> ids,
           std::span<const std::int32_t> named, Wanted wanted);

  std::vector<float> log_probabilities;  // [T]
  std::vector<float> logits;             // [T, V]
  std::vector<float> weights;            // [decoder layers, N, T, S]
  std::vector<float> layers;             // [encoder layers, S, D], then [decoder layers, T, D]

 private:
  float log_probability(int row) const;

  const Model& model_;
  Team team_;
  Forward forward_;
  Output output_;
};

}  // namespace dragoman
