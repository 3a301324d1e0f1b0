// A Transformer's weights as the engine uses them, in the order in which they are used.
//
// Shapes.  D model width, N heads and G key heads of width H, F feed-forward width, V pieces.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "matrix.h"

namespace dragoman {

enum class NormPlace { pre, post, none };
enum class NormKind { layer, rms };
enum class Activation { relu, gelu, swiglu, silu };
enum class Positions { sinusoidal, stored, rotary, alibi, none };
enum class Tie { all, target, none };
enum class Cell { attention, ssru };  // what a decoder layer has for the pieces before

// What `ModelConfig` says, as far as the forward pass needs it.
struct Shape {
  int source_pieces = 0, target_pieces = 0;
  int width = 0, heads = 0, key_heads = 0, feed_forward = 0;
  int encoder_layers = 0, decoder_layers = 0, max_positions = 0;
  NormPlace norm = NormPlace::pre;
  NormKind norm_kind = NormKind::layer;
  float epsilon = 1e-5f;
  Activation activation = Activation::relu;
  Positions positions = Positions::sinusoidal;
  Tie tie = Tie::all;
  Cell cell = Cell::attention;
  bool biases = true, residual = true, scale_scores = true, scale_embeddings = true;

  int head_width() const { return width / heads; }
  int key_width() const { return key_heads * head_width(); }  // of the keys of all heads
};

struct Norm {
  std::vector<float> weight, bias;
};

struct FeedForward {
  Norm norm;
  Matrix up, gate, down;  // gate: swiglu alone
};

struct EncoderLayer {
  Norm norm;
  Matrix query_key_value, out;
  FeedForward feed_forward;
};

struct DecoderLayer {
  Norm norm, cross_norm;
  Matrix query_key_value, out;  // of self-attention
  Matrix given_forget;          // of a cell, in their place
  Matrix cross_query, cross_out;
  FeedForward feed_forward;
};

// Finds a stored tensor; throws std::invalid_argument where there is none of this name.
using Find = std::function<Tensor(const std::string& name)>;

class Model {
 public:
  Model(const Shape& shape, const Find& find, Precision precision, int stripe);

  const Shape& shape() const { return shape_; }
  Precision precision() const { return precision_; }
  const std::vector<EncoderLayer>& encoder() const { return encoder_; }
  const std::vector<DecoderLayer>& decoder() const { return decoder_; }
  const Norm& encoder_norm() const { return encoder_norm_; }
  const Norm& decoder_norm() const { return decoder_norm_; }
  const Matrix& memory() const { return memory_; }  // D to keys and values of every decoder layer's cross-attention
  const Matrix& output() const { return tied_output() ? target_table() : output_; }

  // The embedding [D] of a piece without its position.
  void embed_source(std::int32_t id, float* out) const { embed(source_table(), id, out); }
  void embed_target(std::int32_t id, float* out) const { embed(target_table(), id, out); }
  // The stored position tables [max_positions, D], where there are such.
  const std::vector<float>& encoder_positions() const { return encoder_positions_; }
  const std::vector<float>& decoder_positions() const { return decoder_positions_; }
  std::size_t bytes() const;  // of all matrices

 private:
  bool tied_output() const { return shape_.tie != Tie::none; }
  const Matrix& source_table() const { return shape_.tie == Tie::all ? table_ : source_table_; }
  const Matrix& target_table() const { return table_; }
  void embed(const Matrix& table, std::int32_t id, float* out) const;

  Shape shape_;
  Precision precision_;
  Arena arena_;  // of the matrices
  std::vector<EncoderLayer> encoder_;
  std::vector<DecoderLayer> decoder_;
  Norm encoder_norm_, decoder_norm_;
  Matrix memory_, table_, source_table_, output_;
  std::vector<float> encoder_positions_, decoder_positions_;
};

}  // namespace dragoman
