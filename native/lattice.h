// All the ways to cut a word into pieces of a unigram vocabulary (Kudo 2018), and one drawn by a key.
//
// A word's lattice has an edge for every piece that stands at a place of it, and for a letter that is no
// piece one edge of its own, whose score is the lowest of all pieces minus 10 (as SentencePiece and the
// tokenizers library have it). A cut is a path; its probability is proportional to exp(alpha x the sum of its
// scores), so alpha 0 makes all cuts equal and a large alpha leaves the best one. It is drawn by forward
// filtering and backward sampling: with f(0) = 0 and f(e) = log sum exp(f(s) + alpha x score) over the edges
// from s to e, the last edge of a word of n letters is taken with probability exp(f(s) + alpha x score - f(n)),
// then the edge before it, and so on.
//
// The draws, by the numbers of `keyed.h`:  h = mix(key);  h = chain(h, word);  u = uniform(chain(h, step))
// word: index of the word in its text; step: pieces drawn in this word so far. The edges that end at a place
// are tried from the shortest on, and the first at which their summed probabilities exceed u is taken.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

// Strings over code points, laid end to end: string i is points[offsets[i]:offsets[i + 1]].
struct Strings {
  std::span<const std::uint32_t> points;
  std::span<const std::int64_t> offsets;

  std::size_t size() const { return offsets.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t i) const {
    return points.subspan(static_cast<std::size_t>(offsets[i]),
                          static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
  }
};

// Throws std::invalid_argument unless the offsets begin at 0, never fall and end at the number of points.
void check_strings(const Strings& strings, const char* name);

// The pieces by their letters. The children of a node stand side by side, sorted by letter.
class Trie {
 public:
  static constexpr std::int32_t kNone = -1;

  explicit Trie(const Strings& pieces);

  // Call found(length, piece) for every piece that `letters` begins with, the shortest first.
  template <class Found>
  void match(std::span<const std::uint32_t> letters, Found found) const {
    std::size_t node = 0;
    for (std::size_t length = 1; length <= letters.size(); ++length) {
      node = child(node, letters[length - 1]);
      if (node == 0) return;
      if (nodes_[node].piece != kNone) found(length, nodes_[node].piece);
    }
  }

 private:
  struct Node {
    std::uint32_t letter;
    std::int32_t piece;
    std::uint32_t first, last;  // children [first, last)
  };
  std::size_t child(std::size_t node, std::uint32_t letter) const;

  std::vector<Node> nodes_;
};

struct Edge {
  std::int32_t start, end;  // letters [start, end) of the text
  std::int32_t piece;       // kNone: a letter that is no piece
};

struct SampledTexts {
  std::vector<std::int32_t> ids;
  std::vector<std::int64_t> offsets;
};

// A vocabulary with scores. Piece i has the id 260 + i, byte b the id 4 + b; a letter that is no piece is
// spelled as its UTF-8, as is kSpelledBlank, which stands for a U+2581 that is no blank. A word begins at each
// U+2581. All functions are const, and throw std::invalid_argument for what they cannot take.
class Lattice {
 public:
  static constexpr std::uint32_t kBlank = 0x2581, kSpelledBlank = 0x110000;

  Lattice(const Strings& pieces, std::span<const double> scores);

  // Every edge of a text, by its end and then from the shortest on.
  std::vector<Edge> edges(std::span<const std::uint32_t> text) const;

  // A cut of every text, drawn by its key.
  SampledTexts sample_many(const Strings& texts, std::span<const std::int64_t> keys, double alpha) const;

  double unknown_score() const { return unknown_; }

 private:
  void sample_word(std::span<const std::uint32_t> word, std::uint64_t key, double alpha,
                   std::vector<std::int32_t>& ids) const;

  Trie trie_;
  std::vector<double> scores_;
  double unknown_;
};

}  // namespace dragoman
