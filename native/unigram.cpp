#include "unigram.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

namespace dragoman {

namespace {

constexpr std::size_t kLongest = 16;       // letters of a piece
constexpr std::size_t kSeeds = 500'000;    // pieces to begin with
constexpr double kLeastExpected = 0.5;     // occurrences below which a piece goes
constexpr double kKept = 0.75, kSpare = 1.1;  // kept in a round; how many more than wanted the last round leaves
constexpr int kRounds = 2;                 // of expectation maximization before pieces go
constexpr double kImpossible = -std::numeric_limits<double>::infinity();

[[noreturn]] void refuse(const std::string& message) { throw std::invalid_argument(message); }

using Letters = std::span<const std::uint32_t>;

struct Piece {
  Letters letters;  // a part of some word
  double score;     // occurrences x length of a seed, then a log-probability
};

bool before(Letters one, Letters other) { return std::ranges::lexicographical_compare(one, other); }

// The derivative of the logarithm of the gamma function, for x > 0 (Abramowitz and Stegun 1964, 6.3.18).
double digamma(double x) {
  double result = 0.0;
  for (; x < 7.0; ++x) result -= 1.0 / x;
  const double half = 1.0 / ((x - 0.5) * (x - 0.5));
  return result + std::log(x - 0.5) + half * (1.0 / 24.0 - half * (7.0 / 960.0 - half * 31.0 / 8064.0));
}

// Some words with their counts, and what the learner knows of the pieces.
class Learner {
 public:
  Learner(const Strings& words, std::span<const std::int64_t> counts) : words_(words), counts_(counts) { seed(); }

  std::size_t letters() const { return letters_; }

  Unigram learn(std::size_t size) {
    const auto spare = std::max(size, static_cast<std::size_t>(kSpare * static_cast<double>(size)));
    while (true) {
      for (int round = 0; round < kRounds; ++round) improve();
      if (pieces_.size() <= spare) break;
      prune(std::max(spare, static_cast<std::size_t>(kKept * static_cast<double>(pieces_.size()))));
    }
    return best(size);
  }

 private:
  static bool single(const Piece& piece) { return piece.letters.size() == 1; }

  void seed() {
    struct Suffix {
      Letters letters;  // its first kLongest letters
      std::int64_t count;
    };
    std::vector<Suffix> suffixes;
    suffixes.reserve(words_.points.size());
    for (std::size_t i = 0; i < words_.size(); ++i)
      for (std::size_t start = 0; start < words_[i].size(); ++start) {
        const Letters rest = words_[i].subspan(start);
        suffixes.push_back({rest.first(std::min(rest.size(), kLongest)), counts_[i]});
      }
    std::sort(suffixes.begin(), suffixes.end(),
              [](const Suffix& one, const Suffix& other) { return before(one.letters, other.letters); });

    // A substring is a prefix of a run of suffixes. `open` holds, for the suffix in hand, its prefixes that are
    // a whole suffix or at which a run of suffixes parted; occurrences of a longer one count for the shorter.
    struct Open {
      Letters letters;
      std::int64_t count;
    };
    std::vector<Open> open;
    std::vector<Piece> seeds;
    const auto close = [&](std::size_t shared) {
      while (!open.empty() && open.back().letters.size() > shared) {
        const auto [letters, count] = open.back();
        open.pop_back();
        if (letters.size() == 1 || count >= 2)
          seeds.push_back({letters, static_cast<double>(count) * static_cast<double>(letters.size())});
        if (shared > 0 && (open.empty() || open.back().letters.size() < shared)) open.push_back({letters.first(shared), 0});
        if (!open.empty()) open.back().count += count;
      }
    };
    for (std::size_t i = 0; i < suffixes.size(); ++i) {
      const Letters own = suffixes[i].letters;
      std::size_t shared = 0;
      if (i > 0) {
        const Letters last = suffixes[i - 1].letters;
        const std::size_t most = std::min(own.size(), last.size());
        while (shared < most && own[shared] == last[shared]) ++shared;
      }
      close(shared);
      if (open.empty()) open.push_back({own.first(1), 0});
      if (open.back().letters.size() < own.size()) open.push_back({own, 0});
      open.back().count += suffixes[i].count;
    }
    close(0);

    std::sort(seeds.begin(), seeds.end(), [](const Piece& one, const Piece& other) {
      if (single(one) != single(other)) return single(one);
      return one.score != other.score ? one.score > other.score : before(one.letters, other.letters);
    });
    letters_ = static_cast<std::size_t>(std::count_if(seeds.begin(), seeds.end(), single));
    seeds.resize(std::min(seeds.size(), letters_ + kSeeds));
    double sum = 0.0;
    for (const Piece& piece : seeds) sum += piece.score;
    for (Piece& piece : seeds) piece.score = std::log(piece.score / sum);
    pieces_ = std::move(seeds);
  }

  Trie trie() const {
    std::vector<std::uint32_t> points;
    std::vector<std::int64_t> offsets{0};
    for (const Piece& piece : pieces_) {
      points.insert(points.end(), piece.letters.begin(), piece.letters.end());
      offsets.push_back(static_cast<std::int64_t>(points.size()));
    }
    return Trie(Strings{points, offsets});
  }

  // One round of expectation maximization: forward and backward sums over the lattice of each word.
  void improve() {
    const Trie known = trie();
    std::vector<double> expected(pieces_.size(), 0.0), forward, backward;
    std::vector<Edge> edges;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const Letters word = words_[i];
      edges.clear();
      for (std::size_t start = 0; start < word.size(); ++start)
        known.match(word.subspan(start), [&](std::size_t length, std::int32_t piece) {
          edges.push_back({static_cast<std::int32_t>(start), static_cast<std::int32_t>(start + length), piece});
        });
      forward.assign(word.size() + 1, kImpossible);
      backward.assign(word.size() + 1, kImpossible);
      forward[0] = backward[word.size()] = 0.0;
      for (const Edge& edge : edges) add(forward[at(edge.end)], forward[at(edge.start)] + score(edge));
      for (auto edge = edges.rbegin(); edge != edges.rend(); ++edge)
        add(backward[at(edge->start)], backward[at(edge->end)] + score(*edge));
      const double count = static_cast<double>(counts_[i]), whole = forward[word.size()];
      for (const Edge& edge : edges)
        expected[at(edge.piece)] +=
            count * std::exp(forward[at(edge.start)] + score(edge) + backward[at(edge.end)] - whole);
    }

    std::vector<Piece> kept;
    double sum = 0.0;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const double times = single(pieces_[i]) ? std::max(expected[i], kLeastExpected) : expected[i];
      if (times < kLeastExpected) continue;
      kept.push_back({pieces_[i].letters, times});
      sum += times;
    }
    const double whole = digamma(sum);
    for (Piece& piece : kept) piece.score = digamma(piece.score) - whole;
    pieces_ = std::move(kept);
  }

  // Keep all letters, and of the other pieces those whose loss would cost most: `room` in all.
  void prune(std::size_t room) {
    const Trie known = trie();
    std::vector<double> used(pieces_.size(), 0.0);  // occurrences in the best cuts
    std::vector<std::int32_t> path;
    double sum = 0.0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      best_path(known, words_[i], Trie::kNone, path);
      for (const std::int32_t piece : path) used[at(piece)] += static_cast<double>(counts_[i]);
      sum += static_cast<double>(counts_[i]) * static_cast<double>(path.size());
    }

    std::vector<std::pair<double, std::size_t>> losses;  // negative, so that sorting puts the greatest first
    std::vector<bool> stays(pieces_.size(), false);
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (single(pieces_[i])) {
        stays[i] = true;
        --room;
        continue;
      }
      if (used[i] == 0.0) continue;  // no best cut would change
      best_path(known, pieces_[i].letters, static_cast<std::int32_t>(i), path);
      // What its occurrences would be cut into instead, and how likely that would be then.
      const double sum_then = std::log(sum + used[i] * static_cast<double>(path.size() - 1));
      double likely_then = 0.0;
      for (const std::int32_t piece : path) likely_then += std::log(used[at(piece)] + used[i]) - sum_then;
      losses.emplace_back(-used[i] * (std::log(used[i]) - std::log(sum) - likely_then), i);
    }
    std::sort(losses.begin(), losses.end());
    if (losses.size() > room) losses.resize(room);
    for (const auto& [loss, piece] : losses) stays[piece] = true;

    std::vector<Piece> kept;
    for (std::size_t i = 0; i < pieces_.size(); ++i)
      if (stays[i]) kept.push_back(pieces_[i]);
    pieces_ = std::move(kept);
  }

  // The pieces of the most likely cut (Viterbi) that does without one piece.
  void best_path(const Trie& known, Letters word, std::int32_t without, std::vector<std::int32_t>& path) {
    score_.assign(word.size() + 1, kImpossible);
    last_.assign(word.size() + 1, Edge{0, 0, Trie::kNone});
    score_[0] = 0.0;
    for (std::size_t start = 0; start < word.size(); ++start)
      known.match(word.subspan(start), [&](std::size_t length, std::int32_t piece) {
        const double found = score_[start] + pieces_[at(piece)].score;
        if (piece == without || found <= score_[start + length]) return;
        score_[start + length] = found;
        last_[start + length] = {static_cast<std::int32_t>(start), static_cast<std::int32_t>(start + length), piece};
      });
    path.clear();
    for (std::size_t end = word.size(); end > 0; end = at(last_[end].start)) path.push_back(last_[end].piece);
  }

  Unigram best(std::size_t size) {
    std::vector<std::size_t> order(pieces_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto likelier = [&](std::size_t one, std::size_t other) {
      const Piece &a = pieces_[one], &b = pieces_[other];
      return a.score != b.score ? a.score > b.score : before(a.letters, b.letters);
    };
    const auto letters_first = [&](std::size_t one, std::size_t other) {
      const bool a = single(pieces_[one]), b = single(pieces_[other]);
      return a != b ? a : likelier(one, other);
    };
    std::sort(order.begin(), order.end(), letters_first);
    order.resize(std::min(order.size(), size));
    std::sort(order.begin(), order.end(), likelier);

    Unigram made;
    made.offsets.push_back(0);
    for (const std::size_t i : order) {
      made.points.insert(made.points.end(), pieces_[i].letters.begin(), pieces_[i].letters.end());
      made.offsets.push_back(static_cast<std::int64_t>(made.points.size()));
      made.scores.push_back(pieces_[i].score);
    }
    return made;
  }

  template <class Index>
  static std::size_t at(Index index) {
    return static_cast<std::size_t>(index);
  }
  double score(const Edge& edge) const { return pieces_[at(edge.piece)].score; }

  // sum = log(exp(sum) + exp(more))
  static void add(double& sum, double more) {
    const double most = std::max(sum, more), least = std::min(sum, more);
    if (most == kImpossible) return;
    sum = most - least > 50.0 ? most : most + std::log1p(std::exp(least - most));
  }

  Strings words_;
  std::span<const std::int64_t> counts_;
  std::vector<Piece> pieces_;
  std::size_t letters_ = 0;
  std::vector<double> score_;  // of best_path, kept from word to word
  std::vector<Edge> last_;
};

}  // namespace

Unigram learn_unigram(const Strings& words, std::span<const std::int64_t> counts, std::int64_t size) {
  check_strings(words, "words");
  if (counts.size() != words.size())
    refuse(std::to_string(counts.size()) + " counts for " + std::to_string(words.size()) + " words; give one each");
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] < 1) refuse("word " + std::to_string(i) + " occurs " + std::to_string(counts[i]) + " times");
  Learner learner(words, counts);
  if (size < static_cast<std::int64_t>(learner.letters()))
    refuse("size is " + std::to_string(size) + ", less than the " + std::to_string(learner.letters()) + " letters");
  return learner.learn(static_cast<std::size_t>(size));
}

}  // namespace dragoman
