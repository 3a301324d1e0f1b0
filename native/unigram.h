// Learning a unigram vocabulary from counted words (Kudo 2018, section 3.2), the same on every machine.
//
// 1. Seeds: every letter, and the substrings of 2 to 16 letters that occur at least twice, the best by
//    occurrences x length (found in the sorted suffixes of all words).
// 2. Expectation maximization: how often a piece is expected in all cuts of all words gives its score; pieces
//    expected less than half a time go. As SentencePiece does, a score is digamma(expected) minus digamma of
//    their sum, which takes a little more from the rare ones.
// 3. The pieces without which the likelihood of the best cuts falls least go, a quarter at a time; letters stay.
// 2 and 3 repeat until little more than the wanted number is left, and the best of those are kept.
//
// Words are taken in the order given and by one thread, so sums are always rounded alike.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lattice.h"

namespace dragoman {

struct Unigram {
  std::vector<std::uint32_t> points;  // the pieces end to end, the most likely first
  std::vector<std::int64_t> offsets;
  std::vector<double> scores;  // log-probabilities
};

// At most `size` pieces, all letters of the words among them; fewer where the words give no more. Throws
// std::invalid_argument for counts below 1 and for a size below the number of letters.
Unigram learn_unigram(const Strings& words, std::span<const std::int64_t> counts, std::int64_t size);

}  // namespace dragoman
