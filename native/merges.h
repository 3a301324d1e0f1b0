// Byte-pair merging of ids, with merge-dropout that is a pure function of a key.
//
// A text comes as the ids of its smallest symbols, cut into words; a merge never crosses the start of a word.
// Without dropout a word is merged as always: the pair of lowest rank first, the leftmost among equals.
// With dropout p (Provilkov et al. 2020, "BPE-Dropout", section 3) each candidate merge of each step is
// passed over with probability p, for this step only, and the best of those left is made; a word in which a
// step passes over every candidate is done. So p = 1 leaves the smallest symbols.
//
// The draws come from no stream, so neither threads nor the order of texts change them:
//   mix(z):   z += 0x9E3779B97F4A7C15;  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
//             z = (z ^ z >> 27) * 0x94D049BB133111EB;  z ^ z >> 31            (splitmix64, modulo 2^64)
//   h = mix(key);  h = mix(h ^ mix(word));  h = mix(h ^ mix(step));  h = mix(h ^ mix(position))
//   passed over when (h >> 11) / 2^53 < p
// word: index of the word in its text; step: merges made in this word so far; position: index, among the
// initial symbols of the word, of the first symbol of the pair.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

// One text: its initial ids and the indexes in them at which a word begins.
struct Symbols {
  std::span<const std::int32_t> ids;
  std::span<const std::int32_t> word_starts;
};

// Several texts, end to end. Text i is ids[text_starts[i]:text_starts[i + 1]] with the words
// word_starts[word_offsets[i]:word_offsets[i + 1]], counted from the start of the text.
struct ManySymbols {
  std::span<const std::int32_t> ids;
  std::span<const std::int64_t> text_starts;
  std::span<const std::int32_t> word_starts;
  std::span<const std::int64_t> word_offsets;
  std::span<const std::int64_t> keys;
};

struct MergedTexts {
  std::vector<std::int32_t> ids;
  std::vector<std::int64_t> offsets;
};

// The rank of a pair is its index. All functions throw std::invalid_argument for what they cannot take, are
// const, and may be called from several threads at once.
class Merges {
 public:
  // pairs: left and right id of each merge, flat; joined: the id that each makes.
  Merges(std::span<const std::int32_t> pairs, std::span<const std::int32_t> joined);

  std::vector<std::int32_t> apply(const Symbols& text, std::int64_t key, double dropout) const;
  MergedTexts apply_many(const ManySymbols& texts, double dropout) const;

 private:
  struct Word;

  std::uint32_t rank(std::int32_t left, std::int32_t right) const;
  void merge_text(const Symbols& text, std::int64_t key, double dropout, Word& word,
                  std::vector<std::int32_t>& merged) const;
  void merge_word(Word& word, std::uint64_t word_key, double dropout) const;
  void propose(Word& word, std::uint32_t position) const;
  void join(Word& word, std::uint32_t position) const;

  struct Slot {
    std::uint64_t pair;
    std::uint32_t rank;
  };
  std::vector<Slot> slots_;  // an open-addressed table, at most half full, a power of two long
  std::vector<std::int32_t> joined_;
};

}  // namespace dragoman
