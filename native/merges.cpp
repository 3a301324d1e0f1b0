#include "merges.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

#include "keyed.h"

namespace dragoman {

namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kNoPair = std::numeric_limits<std::uint64_t>::max();  // ids are never negative

std::uint64_t pair_of(std::int32_t left, std::int32_t right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
         static_cast<std::uint32_t>(right);
}

template <class Number>
std::string at(const char* name, std::size_t index, Number value) {
  return std::string(name) + "[" + std::to_string(index) + "] is " + std::to_string(value);
}

[[noreturn]] void refuse(const std::string& message) { throw std::invalid_argument(message); }

void check_ids(std::span<const std::int32_t> ids, const char* name) {
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < 0) refuse(at(name, i, ids[i]) + "; ids are 0 or more");
}

void check_dropout(double dropout) {
  if (!(dropout >= 0.0 && dropout <= 1.0))  // so written that NaN is refused too
    refuse("dropout is " + std::to_string(dropout) + "; write a number from 0 to 1");
}

void check_text(const Symbols& text) {
  const auto [ids, starts] = text;
  if (ids.size() >= kNone / 2) refuse("a text has " + std::to_string(ids.size()) + " symbols; split it");
  check_ids(ids, "ids");
  if (starts.empty()) {
    if (!ids.empty()) refuse("word_starts is empty for a text that is not; its first entry is 0");
    return;
  }
  if (starts[0] != 0) refuse(at("word_starts", 0, starts[0]) + "; the first word starts at 0");
  for (std::size_t i = 1; i < starts.size(); ++i)
    if (starts[i] <= starts[i - 1])
      refuse(at("word_starts", i, starts[i]) + ", not after the one before it; starts rise");
  if (static_cast<std::size_t>(starts.back()) >= ids.size())
    refuse(at("word_starts", starts.size() - 1, starts.back()) + "; the text has " +
           std::to_string(ids.size()) + " symbols");
}

// n + 1 offsets, from 0 to size, never falling.
void check_offsets(std::span<const std::int64_t> offsets, std::size_t count, std::size_t size,
                   const char* name) {
  if (offsets.size() != count + 1)
    refuse(std::string(name) + " has " + std::to_string(offsets.size()) + " entries for " +
           std::to_string(count) + " keys; it has one more than keys");
  if (offsets[0] != 0) refuse(at(name, 0, offsets[0]) + "; offsets start at 0");
  for (std::size_t i = 1; i < offsets.size(); ++i)
    if (offsets[i] < offsets[i - 1])
      refuse(at(name, i, offsets[i]) + ", less than the one before it; offsets never fall");
  if (static_cast<std::size_t>(offsets.back()) != size)
    refuse(at(name, count, offsets.back()) + "; the last offset is the number of entries, " +
           std::to_string(size));
}

template <class Number>
std::span<const Number> between(std::span<const Number> all, std::int64_t start, std::int64_t stop) {
  return all.subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(stop - start));
}

}  // namespace

// The word in work: a list linked both ways over its initial positions, and the candidate merges in a heap.
// Kept from word to word, so that memory is asked for only by a word longer than all before it.
struct Merges::Word {
  std::vector<std::int32_t> id;
  std::vector<std::uint32_t> previous, next;  // kNone at the ends
  std::vector<std::uint32_t> rank;            // of the pair that begins here; kNone: no merge
  std::vector<std::uint64_t> candidates;      // rank << 32 | position: the order in which merges are tried
  std::vector<std::uint64_t> dropped;         // candidates passed over in this step

  void start(std::span<const std::int32_t> ids) {
    const auto count = static_cast<std::uint32_t>(ids.size());
    id.assign(ids.begin(), ids.end());
    previous.resize(count);
    next.resize(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      previous[i] = i == 0 ? kNone : i - 1;
      next[i] = i + 1 == count ? kNone : i + 1;
    }
    rank.assign(count, kNone);
    candidates.clear();
    dropped.clear();
  }

  void push(std::uint64_t candidate) {
    candidates.push_back(candidate);
    std::push_heap(candidates.begin(), candidates.end(), std::greater<>());
  }

  std::uint64_t pop() {
    std::pop_heap(candidates.begin(), candidates.end(), std::greater<>());
    const std::uint64_t best = candidates.back();
    candidates.pop_back();
    return best;
  }

  // Where to merge in this step, or kNone when no candidate is left or all were passed over. A candidate
  // whose pair has changed since it was pushed is forgotten; the pair that stands there now has one of its
  // own.
  std::uint32_t choose(std::uint64_t step_key, double dropout) {
    while (!candidates.empty()) {
      const std::uint64_t best = pop();
      const auto position = static_cast<std::uint32_t>(best);
      if (rank[position] != best >> 32) continue;
      if (dropout > 0.0 && uniform(chain(step_key, position)) < dropout) {
        dropped.push_back(best);
        continue;
      }
      for (const std::uint64_t candidate : dropped) push(candidate);
      dropped.clear();
      return position;
    }
    return kNone;
  }
};

Merges::Merges(std::span<const std::int32_t> pairs, std::span<const std::int32_t> joined)
    : joined_(joined.begin(), joined.end()) {
  if (pairs.size() != 2 * joined.size())
    refuse("pairs has " + std::to_string(pairs.size() / 2) + " rows and joined " +
           std::to_string(joined.size()) + "; write one joined id a pair");
  if (joined.size() >= kNone / 4) refuse(std::to_string(joined.size()) + " merges are too many");
  check_ids(pairs, "pairs");
  check_ids(joined, "joined");

  slots_.assign(std::bit_ceil(2 * joined.size() + 1), Slot{kNoPair, kNone});
  const std::size_t last = slots_.size() - 1;
  for (std::size_t merge = 0; merge < joined.size(); ++merge) {
    const std::uint64_t pair = pair_of(pairs[2 * merge], pairs[2 * merge + 1]);
    std::size_t slot = mix(pair) & last;
    for (; slots_[slot].pair != kNoPair; slot = (slot + 1) & last)
      if (slots_[slot].pair == pair)
        refuse("pairs[" + std::to_string(merge) + "] repeats pairs[" + std::to_string(slots_[slot].rank) +
               "]; a pair has one rank");
    slots_[slot] = {pair, static_cast<std::uint32_t>(merge)};
  }
}

std::vector<std::int32_t> Merges::apply(const Symbols& text, std::int64_t key, double dropout) const {
  check_dropout(dropout);
  check_text(text);
  Word word;
  std::vector<std::int32_t> merged;
  merged.reserve(text.ids.size());
  merge_text(text, key, dropout, word, merged);
  return merged;
}

MergedTexts Merges::apply_many(const ManySymbols& texts, double dropout) const {
  const std::size_t count = texts.keys.size();
  check_dropout(dropout);
  check_offsets(texts.text_starts, count, texts.ids.size(), "text_starts");
  check_offsets(texts.word_offsets, count, texts.word_starts.size(), "word_offsets");

  Word word;
  MergedTexts merged;
  merged.ids.reserve(texts.ids.size());
  merged.offsets.reserve(count + 1);
  merged.offsets.push_back(0);
  for (std::size_t i = 0; i < count; ++i) {
    const Symbols text{between(texts.ids, texts.text_starts[i], texts.text_starts[i + 1]),
                       between(texts.word_starts, texts.word_offsets[i], texts.word_offsets[i + 1])};
    try {
      check_text(text);
    } catch (const std::invalid_argument& error) {
      refuse("text " + std::to_string(i) + ": " + error.what());
    }
    merge_text(text, texts.keys[i], dropout, word, merged.ids);
    merged.offsets.push_back(static_cast<std::int64_t>(merged.ids.size()));
  }
  return merged;
}

std::uint32_t Merges::rank(std::int32_t left, std::int32_t right) const {
  const std::uint64_t pair = pair_of(left, right);
  const std::size_t last = slots_.size() - 1;
  std::size_t slot = mix(pair) & last;
  while (slots_[slot].pair != pair && slots_[slot].pair != kNoPair) slot = (slot + 1) & last;
  return slots_[slot].rank;  // an empty slot holds kNone
}

void Merges::merge_text(const Symbols& text, std::int64_t key, double dropout, Word& word,
                        std::vector<std::int32_t>& merged) const {
  const std::uint64_t text_key = mix(static_cast<std::uint64_t>(key));
  for (std::size_t i = 0; i < text.word_starts.size(); ++i) {
    const auto start = static_cast<std::size_t>(text.word_starts[i]);
    const auto stop =
        i + 1 < text.word_starts.size() ? static_cast<std::size_t>(text.word_starts[i + 1]) : text.ids.size();
    word.start(text.ids.subspan(start, stop - start));
    merge_word(word, chain(text_key, i), dropout);
    for (std::uint32_t at = 0; at != kNone; at = word.next[at]) merged.push_back(word.id[at]);
  }
}

void Merges::merge_word(Word& word, std::uint64_t word_key, double dropout) const {
  for (std::uint32_t position = 0; position < word.id.size(); ++position) propose(word, position);
  for (std::uint64_t step = 0;; ++step) {
    const std::uint32_t position = word.choose(chain(word_key, step), dropout);
    if (position == kNone) return;
    join(word, position);
  }
}

// Look at the pair that begins here and, if it can be merged, make it a candidate.
void Merges::propose(Word& word, std::uint32_t position) const {
  const std::uint32_t next = word.next[position];
  const std::uint32_t found = next == kNone ? kNone : rank(word.id[position], word.id[next]);
  word.rank[position] = found;
  if (found != kNone) word.push(static_cast<std::uint64_t>(found) << 32 | position);
}

void Merges::join(Word& word, std::uint32_t position) const {
  const std::uint32_t right = word.next[position];
  word.id[position] = joined_[word.rank[position]];
  word.next[position] = word.next[right];
  if (word.next[right] != kNone) word.previous[word.next[right]] = position;
  word.rank[right] = kNone;
  propose(word, position);
  if (word.previous[position] != kNone) propose(word, word.previous[position]);
}

}  // namespace dragoman
