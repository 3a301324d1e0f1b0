// The engine without Python: reads a model, a source and a target as words on stdin, writes logits and a search.
//
//   19 numbers of the shape, in the order of `Shape` below
//   tensors: count, then for each its name, rows, columns and numbers
//   source: count and ids; target: count and ids, <s> first
//
// For each precision: "logits", its name and the numbers [T, V]; "search", its name and the ids that a beam of 3 finds.
#include <cstdint>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine.h"

namespace {

using namespace dragoman;

template <class Number>
Number next() {
  std::string word;  // as words, for a stream reads no hexadecimal floats
  if (!(std::cin >> word)) throw std::runtime_error("the input ends early");
  return static_cast<Number>(std::stod(word));
}

Shape shape() {
  Shape shape;
  for (int* number : {&shape.source_pieces, &shape.target_pieces, &shape.width, &shape.heads, &shape.key_heads,
                      &shape.feed_forward, &shape.encoder_layers, &shape.decoder_layers, &shape.max_positions})
    *number = next<int>();
  shape.norm = static_cast<NormPlace>(next<int>());
  shape.norm_kind = static_cast<NormKind>(next<int>());
  shape.epsilon = next<float>();
  shape.activation = static_cast<Activation>(next<int>());
  shape.positions = static_cast<Positions>(next<int>());
  shape.tie = static_cast<Tie>(next<int>());
  for (bool* flag : {&shape.biases, &shape.residual, &shape.scale_scores, &shape.scale_embeddings})
    *flag = next<int>() != 0;
  return shape;
}

struct Stored {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> numbers;
};

std::map<std::string, Stored> tensors() {
  std::map<std::string, Stored> found;
  for (int count = next<int>(); count > 0; --count) {
    std::string name;
    std::cin >> name;
    Stored& stored = found[name];
    stored.rows = next<std::int64_t>();
    stored.columns = next<std::int64_t>();
    for (std::int64_t i = 0; i < stored.rows * stored.columns; ++i) stored.numbers.push_back(next<float>());
  }
  return found;
}

std::vector<std::int32_t> ids() {
  std::vector<std::int32_t> found(static_cast<std::size_t>(next<int>()));
  for (std::int32_t& id : found) id = next<std::int32_t>();
  return found;
}

}  // namespace

int main(int, char** arguments) {
  const Shape form = shape();
  const std::map<std::string, Stored> stored = tensors();
  const std::vector<std::int32_t> source = ids(), target = ids();
  const Find find = [&](const std::string& name) {
    const Stored& one = stored.at(name);
    Tensor tensor;
    tensor.floats = one.numbers.data();
    tensor.rows = one.rows;
    tensor.columns = one.columns;
    return tensor;
  };
  std::vector<std::uint8_t> allowed(static_cast<std::size_t>(form.target_pieces), 1);
  for (int special = 0; special <= kBegin; ++special) allowed[static_cast<std::size_t>(special)] = 0;
  const std::vector<std::uint8_t> whole(allowed.size(), kWhole);
  const Grammar grammar(allowed, whole, form.target_pieces);
  const std::map<std::string, Precision> precisions = {
      {"float32", Precision::float32}, {"bf16", Precision::bfloat16}, {"int8", Precision::int8}};
  for (const auto& [name, precision] : precisions) {
    const Engine engine(form, find, precision, arguments[1]);
    std::cout << "logits " << name;
    for (const float logit : engine.logits({source, target}, 2)) std::cout << ' ' << std::hexfloat << logit;
    SearchOptions options;
    options.width = 3;
    const Job job{source, {}, 12, {}};
    std::cout << "\nsearch " << name;
    const auto found = engine.search({&job, 1}, options, grammar, 2, [] {});
    for (const std::int32_t id : found.front().front().ids) std::cout << ' ' << std::dec << id;
    std::cout << '\n';
  }
}
