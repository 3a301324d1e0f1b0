// One piece drawn from a distribution that options may sharpen, by a keyed number: `decode/sample.py` in C++.
#pragma once

#include <cstdint>

namespace dragoman {

struct SearchOptions;

// The number in [0, 1) of a sample's key at a step (`randomness.uniform`).
double draw_number(std::int64_t key, int step);

// The piece at which the summed probabilities of the pieces, in the order of their ids, exceed u. What `mask`
// forbids leaves first, and `never`; then come temperature, top_k and top_p.
std::int32_t draw(const float* logits, const float* mask, int pieces, std::int32_t never, const SearchOptions& options,
                  double u);

}  // namespace dragoman
