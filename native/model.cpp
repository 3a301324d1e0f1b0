#include "model.h"

#include <cmath>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace dragoman {

namespace {

// Names of parts of a model, and the tensors behind them.
class Reader {
 public:
  Reader(const Shape& shape, const Find& find, Precision precision, int stripe, Arena& arena)
      : shape_(shape), find_(find), precision_(precision), stripe_(stripe), arena_(arena) {}

  Part part(const std::string& name) const {
    return {find_(name + ".weight"), shape_.biases ? find_(name + ".bias") : Tensor{}};
  }
  Matrix matrix(const std::string& name) const { return Matrix({part(name)}, precision_, stripe_, arena_); }
  Matrix joined(const std::string& name, const std::vector<std::string>& ends) const {
    std::vector<Part> parts;
    for (const std::string& end : ends) parts.push_back(part(name + end));
    return Matrix(std::move(parts), precision_, stripe_, arena_);
  }
  std::vector<float> vector(const std::string& name) const {
    const Tensor tensor = find_(name);
    return {tensor.floats, tensor.floats + tensor.rows * tensor.columns};
  }
  Norm norm(const std::string& name) const {
    if (shape_.norm == NormPlace::none) return {};
    Norm norm{vector(name + ".weight"), {}};
    if (shape_.norm_kind == NormKind::layer) norm.bias = vector(name + ".bias");
    return norm;
  }
  FeedForward feed_forward(const std::string& layer) const {
    const std::string name = layer + ".feed_forward";
    FeedForward made;
    made.norm = norm(layer + ".feed_forward_norm");
    made.up = matrix(name + ".up");
    if (shape_.activation == Activation::swiglu) made.gate = matrix(name + ".gate");
    made.down = matrix(name + ".down");
    return made;
  }

 private:
  const Shape& shape_;
  const Find& find_;
  Precision precision_;
  int stripe_;
  Arena& arena_;
};

const std::vector<std::string> kQueryKeyValue = {".query", ".key", ".value"};

}  // namespace

Model::Model(const Shape& shape, const Find& find, Precision precision, int stripe)
    : shape_(shape), precision_(precision) {
  const Reader reader(shape_, find, precision, stripe, arena_);
  // The largest first, while nothing else is packed: what it was made of is gone before the rest comes.
  const Tensor bias = shape_.biases ? find("output.bias") : Tensor{};
  const std::string table = shape_.tie == Tie::all ? "embedding.weight" : "target_embedding.weight";
  table_ = Matrix({{find(table), tied_output() ? bias : Tensor{}}}, precision, stripe, arena_);
  if (shape_.tie != Tie::all) source_table_ = Matrix({{find("source_embedding.weight"), {}}}, precision, stripe, arena_);
  if (!tied_output()) output_ = Matrix({{find("output.weight"), bias}}, precision, stripe, arena_);
  for (int i = 0; i < shape_.encoder_layers; ++i) {
    const std::string layer = "encoder.layers." + std::to_string(i);
    EncoderLayer made;
    made.norm = reader.norm(layer + ".self_attention_norm");
    made.query_key_value = reader.joined(layer + ".self_attention", kQueryKeyValue);
    made.out = reader.matrix(layer + ".self_attention.out");
    made.feed_forward = reader.feed_forward(layer);
    encoder_.push_back(std::move(made));
  }
  std::vector<Part> memory;
  for (int i = 0; i < shape_.decoder_layers; ++i) {
    const std::string layer = "decoder.layers." + std::to_string(i);
    DecoderLayer made;
    if (shape_.cell == Cell::ssru) {
      made.norm = reader.norm(layer + ".recurrence_norm");
      std::vector<Part> parts = {{find(layer + ".recurrence.input.weight"), {}}, reader.part(layer + ".recurrence.forget")};
      made.given_forget = Matrix(std::move(parts), precision, stripe, arena_);
    } else {
      made.norm = reader.norm(layer + ".self_attention_norm");
      made.query_key_value = reader.joined(layer + ".self_attention", kQueryKeyValue);
      made.out = reader.matrix(layer + ".self_attention.out");
    }
    made.cross_norm = reader.norm(layer + ".cross_attention_norm");
    made.cross_query = reader.matrix(layer + ".cross_attention.query");
    made.cross_out = reader.matrix(layer + ".cross_attention.out");
    made.feed_forward = reader.feed_forward(layer);
    decoder_.push_back(std::move(made));
    memory.push_back(reader.part(layer + ".cross_attention.key"));
    memory.push_back(reader.part(layer + ".cross_attention.value"));
  }
  memory_ = Matrix(std::move(memory), precision, stripe, arena_);
  if (shape_.norm == NormPlace::pre) {
    encoder_norm_ = reader.norm("encoder.norm");
    decoder_norm_ = reader.norm("decoder.norm");
  }
  if (shape_.positions == Positions::stored) {
    encoder_positions_ = reader.vector("encoder.positions.weight");
    decoder_positions_ = reader.vector("decoder.positions.weight");
  }
#if defined(__GLIBC__)
  malloc_trim(0);  // what the weights were made of may lie in holes between them
#endif
}

void Model::embed(const Matrix& table, std::int32_t id, float* out) const {
  table.row(id, shape_.scale_embeddings ? std::sqrt(static_cast<float>(shape_.width)) : 1.0f, out);
}

std::size_t Model::bytes() const {
  std::size_t sum = memory_.bytes() + table_.bytes() + source_table_.bytes() + output_.bytes();
  const auto feed_forward_bytes = [](const FeedForward& f) {
    return f.up.bytes() + f.gate.bytes() + f.down.bytes();
  };
  for (const EncoderLayer& layer : encoder_)
    sum += layer.query_key_value.bytes() + layer.out.bytes() + feed_forward_bytes(layer.feed_forward);
  for (const DecoderLayer& layer : decoder_)
    sum += layer.query_key_value.bytes() + layer.out.bytes() + layer.given_forget.bytes() + layer.cross_query.bytes() +
           layer.cross_out.bytes() + feed_forward_bytes(layer.feed_forward);
  return sum;
}

}  // namespace dragoman
