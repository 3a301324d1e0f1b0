#include "lattice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>

#include "keyed.h"

namespace dragoman {

namespace {

constexpr std::int32_t kFirstByte = 4, kFirstPiece = kFirstByte + 256;
constexpr double kUnknownPenalty = 10.0;

[[noreturn]] void refuse(const std::string& message) { throw std::invalid_argument(message); }

void spell(std::uint32_t point, std::vector<std::int32_t>& ids) {
  const auto byte = [&](std::uint32_t value) { ids.push_back(kFirstByte + static_cast<std::int32_t>(value)); };
  if (point == Lattice::kSpelledBlank) point = Lattice::kBlank;
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

// Where the next word begins: at the first U+2581 after the start, or at the end.
std::size_t word_end(std::span<const std::uint32_t> text, std::size_t start) {
  const auto found = std::find(text.begin() + static_cast<std::ptrdiff_t>(start) + 1, text.end(), Lattice::kBlank);
  return static_cast<std::size_t>(found - text.begin());
}

}  // namespace

void check_strings(const Strings& strings, const char* name) {
  const auto [points, offsets] = strings;
  if (offsets.empty() || offsets[0] != 0) refuse(std::string(name) + ": offsets start at 0");
  for (std::size_t i = 1; i < offsets.size(); ++i)
    if (offsets[i] < offsets[i - 1])
      refuse(std::string(name) + ": offset " + std::to_string(i) + " is less than the one before it");
  if (static_cast<std::size_t>(offsets.back()) != points.size())
    refuse(std::string(name) + ": the last offset is the number of code points, " + std::to_string(points.size()));
  if (points.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
    refuse(std::string(name) + ": " + std::to_string(points.size()) + " code points are too many at once");
}

Trie::Trie(const Strings& pieces) {
  check_strings(pieces, "pieces");
  std::vector<std::size_t> order(pieces.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return std::ranges::lexicographical_compare(pieces[one], pieces[other]);
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (pieces[order[i]].empty()) refuse("piece " + std::to_string(order[i]) + " is empty");
    if (i > 0 && std::ranges::equal(pieces[order[i]], pieces[order[i - 1]]))
      refuse("piece " + std::to_string(order[i]) + " repeats piece " + std::to_string(order[i - 1]));
  }

  // A node stands for the run [first, last) of sorted pieces that share their first `depth` letters.
  struct Run {
    std::size_t node, first, last, depth;
  };
  nodes_.push_back({0, kNone, 0, 0});
  std::vector<Run> waiting{{0, 0, order.size(), 0}};
  for (std::size_t next = 0; next < waiting.size(); ++next) {
    auto [node, first, last, depth] = waiting[next];
    if (first < last && pieces[order[first]].size() == depth)
      nodes_[node].piece = static_cast<std::int32_t>(order[first++]);
    nodes_[node].first = static_cast<std::uint32_t>(nodes_.size());
    while (first < last) {
      const std::uint32_t letter = pieces[order[first]][depth];
      std::size_t end = first;
      while (end < last && pieces[order[end]][depth] == letter) ++end;
      waiting.push_back({nodes_.size(), first, end, depth + 1});
      nodes_.push_back({letter, kNone, 0, 0});
      first = end;
    }
    nodes_[node].last = static_cast<std::uint32_t>(nodes_.size());
  }
}

// 0, the root, where there is none.
std::size_t Trie::child(std::size_t node, std::uint32_t letter) const {
  const auto first = nodes_.begin() + nodes_[node].first, last = nodes_.begin() + nodes_[node].last;
  const auto found = std::lower_bound(first, last, letter,
                                      [](const Node& one, std::uint32_t wanted) { return one.letter < wanted; });
  return found == last || found->letter != letter ? 0 : static_cast<std::size_t>(found - nodes_.begin());
}

Lattice::Lattice(const Strings& pieces, std::span<const double> scores)
    : trie_(pieces), scores_(scores.begin(), scores.end()), unknown_(0.0) {
  if (scores.size() != pieces.size())
    refuse(std::to_string(scores.size()) + " scores for " + std::to_string(pieces.size()) + " pieces; give one each");
  for (const double score : scores) {
    if (!std::isfinite(score)) refuse("a score is no finite number");
    unknown_ = std::min(unknown_, score);
  }
  unknown_ -= kUnknownPenalty;
}

std::vector<Edge> Lattice::edges(std::span<const std::uint32_t> text) const {
  std::vector<Edge> found;
  for (std::size_t start = 0; start < text.size(); ++start) {
    const auto add = [&](std::size_t length, std::int32_t piece) {
      found.push_back({static_cast<std::int32_t>(start), static_cast<std::int32_t>(start + length), piece});
    };
    bool single = false;
    trie_.match(text.subspan(start), [&](std::size_t length, std::int32_t piece) {
      single |= length == 1;
      add(length, piece);
    });
    if (!single) add(1, Trie::kNone);
  }
  std::sort(found.begin(), found.end(), [](const Edge& one, const Edge& other) {
    return one.end != other.end ? one.end < other.end : one.start > other.start;
  });
  return found;
}

SampledTexts Lattice::sample_many(const Strings& texts, std::span<const std::int64_t> keys, double alpha) const {
  check_strings(texts, "texts");
  if (keys.size() != texts.size())
    refuse(std::to_string(keys.size()) + " keys for " + std::to_string(texts.size()) + " texts; give one each");
  if (!(alpha >= 0.0 && std::isfinite(alpha)))  // so written that NaN is refused too
    refuse("alpha is " + std::to_string(alpha) + "; write a number from 0");

  SampledTexts sampled;
  sampled.ids.reserve(texts.points.size());
  sampled.offsets.push_back(0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto text = texts[i];
    const std::uint64_t text_key = mix(static_cast<std::uint64_t>(keys[i]));
    std::uint64_t word = 0;
    for (std::size_t start = 0; start < text.size(); ++word) {
      const std::size_t end = word_end(text, start);
      sample_word(text.subspan(start, end - start), chain(text_key, word), alpha, sampled.ids);
      start = end;
    }
    sampled.offsets.push_back(static_cast<std::int64_t>(sampled.ids.size()));
  }
  return sampled;
}

void Lattice::sample_word(std::span<const std::uint32_t> word, std::uint64_t key, double alpha,
                          std::vector<std::int32_t>& ids) const {
  const std::vector<Edge> all = edges(word);
  std::vector<double> forward(word.size() + 1, -std::numeric_limits<double>::infinity());
  std::vector<std::size_t> begins(word.size() + 2, 0);  // edges that end at e are [begins[e], begins[e + 1])
  const auto weight = [&](const Edge& edge) {
    return forward[static_cast<std::size_t>(edge.start)] +
           alpha * (edge.piece == Trie::kNone ? unknown_ : scores_[static_cast<std::size_t>(edge.piece)]);
  };
  forward[0] = 0.0;
  std::size_t at = 0;
  for (std::size_t end = 1; end <= word.size(); ++end) {
    begins[end] = at;
    double most = -std::numeric_limits<double>::infinity();
    for (; at < all.size() && static_cast<std::size_t>(all[at].end) == end; ++at) most = std::max(most, weight(all[at]));
    double sum = 0.0;
    for (std::size_t i = begins[end]; i < at; ++i) sum += std::exp(weight(all[i]) - most);
    forward[end] = most + std::log(sum);
    begins[end + 1] = at;
  }

  std::vector<Edge> path;
  for (std::size_t end = word.size(); end > 0; end = static_cast<std::size_t>(path.back().start)) {
    const double u = uniform(chain(key, path.size()));
    double sum = 0.0;
    std::size_t chosen = begins[end + 1] - 1;  // where rounding leaves the sum below u, the last
    for (std::size_t i = begins[end]; i < begins[end + 1]; ++i) {
      sum += std::exp(weight(all[i]) - forward[end]);
      if (sum > u) {
        chosen = i;
        break;
      }
    }
    path.push_back(all[chosen]);
  }
  for (auto edge = path.rbegin(); edge != path.rend(); ++edge) {
    if (edge->piece == Trie::kNone)
      spell(word[static_cast<std::size_t>(edge->start)], ids);
    else
      ids.push_back(kFirstPiece + edge->piece);
  }
}

}  // namespace dragoman
