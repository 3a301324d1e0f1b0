// A weight matrix in the engine: packed into panels once, at load, in the precision that it is used in.
//
// Shapes.  N outputs (rows of the stored tensor), K inputs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "memory.h"

namespace dragoman {

// A stored tensor: float32, or int8 with a scale for each row.
struct Tensor {
  const float* floats = nullptr;
  const std::int8_t* bytes = nullptr;
  const float* scales = nullptr;
  std::int64_t rows = 0, columns = 0;  // a vector has one row
  std::shared_ptr<const void> owner;   // of the numbers, where this keeps them alive
  bool given = false;                  // whether nobody reads the numbers again, so that memory may go as they are read
};

// What `Matrix` is made of: tensors of as many inputs, their outputs one after the other.
struct Part {
  Tensor weight;
  Tensor bias;  // of no columns where there is none
};

// A fixed W [N, K] with its bias. In int8 a row of W is round(W / s) with s = largest |W| of the row / 127.
class Matrix {
 public:
  Matrix() = default;
  // Its numbers lie in the arena, in stripes of so many columns. Throws std::invalid_argument where a weight is stored as
  // int8 and another precision is asked for.
  Matrix(std::vector<Part> parts, Precision precision, int stripe, Arena& arena);

  const Packed& packed() const { return packed_; }
  int inputs() const { return packed_.inputs; }
  int outputs() const { return packed_.outputs; }
  std::size_t bytes() const { return panels_.size(); }

  // Row n of W times a factor, out of the panels.
  void row(int n, float factor, float* out) const;

 private:
  void prepare(const Tensor& tensor, std::int64_t row, int n, std::byte* numbers);
  void pack(const std::byte* rows, int panel);

  Packed packed_;
  std::span<std::byte> panels_;
  std::span<float> bias_, scale_;
  std::span<std::int32_t> correction_;
};

}  // namespace dragoman
