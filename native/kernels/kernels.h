// What the engine asks of an instruction set: one table of functions for each, chosen once.
//
// A function computes every row by itself and in an order that depends on the row's own length alone. So a
// row's numbers are the same whatever stands beside it, and however threads share the work.
//
// Shapes.  M rows, K inputs and N outputs of a matrix, D model width, H head width, G heads of keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace dragoman {

enum class Precision { float32, bfloat16, int8 };
inline constexpr int kPrecisions = 3;

// Columns of a panel: four registers of sixteen numbers, so a tile of six rows fills 24 of the 32 of AVX-512.
inline constexpr int kPanel = 64;
// A row of inputs is cut into groups of four bytes, what one lane of a dot product takes, and padded to whole
// cache lines of them.
inline constexpr int kGroup = 4;
inline constexpr int kLine = 64;
// Scores of attention that some heads have together.
inline constexpr int kScores = 1024;

// W [N, K] of y = x Wᵀ + b, for one pass over memory: panels [N/64], each of stripes [64/S][groups][S columns][4 bytes].
// A stripe is what a tile reads at a time: as many columns as its registers hold. What pads N and K is zero.
struct Packed {
  Precision precision = Precision::float32;
  int stripe = kPanel;                      // S
  int inputs = 0, outputs = 0;
  int groups = 0;                           // of a row of inputs, padding included
  const std::byte* panels = nullptr;
  const float* bias = nullptr;              // [N], padded as the panels are
  const float* scale = nullptr;             // [N] int8: what one step of a weight is worth
  const std::int32_t* correction = nullptr; // [N] int8: 128 x the sum of a row of W, for inputs that are x + 128

  int panel_count() const { return (outputs + kPanel - 1) / kPanel; }
  std::int64_t panel_bytes() const { return std::int64_t{groups} * kPanel * kGroup; }
  std::int64_t row_bytes() const { return std::int64_t{groups} * kGroup; }  // of a prepared input
  std::int64_t step() const { return std::int64_t{stripe} * kGroup; }       // from a group of a column to the next
  // Where column n begins in the panels.
  std::int64_t column(std::int64_t n) const {
    return n / kPanel * panel_bytes() + n % kPanel / stripe * groups * step() + n % stripe * kGroup;
  }
};

enum class After { nothing, relu };

// c = [c +] after(x Wᵀ + b) for the columns of some panels. x was made by `prepare`; it has room for rows up to
// a multiple of 32, whatever stands there.
struct Product {
  const Packed* matrix = nullptr;
  const std::byte* x = nullptr;    // [M] rows of matrix->row_bytes()
  const float* x_scale = nullptr;  // [M] int8
  int rows = 0;
  float* c = nullptr;              // [M, N], rows c_stride apart; nothing is written beyond column N
  std::int64_t c_stride = 0;
  After after = After::nothing;
  bool add = false;
  int first_panel = 0, last_panel = 0;
};

// One row of queries looks at some keys, head by head. Every key row holds keys and values of all its heads, as
// float32 or as bfloat16.
struct Attention {
  const float* query = nullptr;            // [N H]
  const std::byte* const* rows = nullptr;  // of the keys
  bool halves = false;                     // bfloat16
  int keys = 0;
  std::int64_t key_at = 0, value_at = 0;   // number of a row at which the first head's keys and values begin
  int heads = 0, key_heads = 0, width = 0; // N, G and H
  float scale = 1;
  const float* slopes = nullptr;           // [N] ALiBi, or none
  int position = 0;                        // of the query, for ALiBi
  float* scores = nullptr;                 // scratch for `keys` numbers, rounded up to a multiple of 16; kScores at least
  float* out = nullptr;                    // [N H]
  float* weights = nullptr;                // [N, keys] where they are wanted
  int first_head = 0, last_head = 0;
};

// The highest numbers of a row and where they stand: highest first, of equal ones the lowest id.
struct Candidates {
  std::vector<float> value;
  std::vector<std::int32_t> id;
  int count = 0;

  explicit Candidates(int most) : value(static_cast<std::size_t>(most)), id(static_cast<std::size_t>(most)) {}
  int most() const { return static_cast<int>(value.size()); }
  float lowest() const {
    return count < most() ? -std::numeric_limits<float>::infinity() : value[static_cast<std::size_t>(count - 1)];
  }
  // Ids come in rising order.
  void offer(float number, std::int32_t where) {
    if (!(number > lowest())) return;
    int place = count < most() ? count++ : count - 1;
    for (; place > 0 && value[static_cast<std::size_t>(place - 1)] < number; --place) {
      value[static_cast<std::size_t>(place)] = value[static_cast<std::size_t>(place - 1)];
      id[static_cast<std::size_t>(place)] = id[static_cast<std::size_t>(place - 1)];
    }
    value[static_cast<std::size_t>(place)] = number;
    id[static_cast<std::size_t>(place)] = where;
  }
};

// log sum exp of some numbers as highest + log(sum).
struct Exponentials {
  float highest = -std::numeric_limits<float>::infinity();
  float sum = 0;  // of e^(x - highest)
};

struct Kernels {
  int stripe;  // columns of a stripe of the matrices that `multiply` takes
  // x [K] as `multiply` takes it, padded to `bytes`; scale: int8 alone.
  void (*prepare[kPrecisions])(const float* x, int inputs, std::byte* row, std::int64_t bytes, float* scale);
  void (*multiply[kPrecisions])(const Product& product);
  void (*layer_norm)(const float* x, const float* weight, const float* bias, float epsilon, int width, float* y);
  void (*rms_norm)(const float* x, const float* weight, float epsilon, int width, float* y);
  void (*gelu)(float* x, int count);
  void (*silu)(float* x, int count);
  void (*silu_times)(const float* gate, const float* up, int count, float* y);  // y = silu(gate) up
  void (*recur)(const float* given, const float* forget, const float* before, int count, bool add, float* cell, float* x);
  void (*rotate)(float* x, const float* turns, int heads, int width);  // turns [H/2] pairs cos, sin
  void (*halve)(const float* x, int count, std::byte* halves);  // to bfloat16, to the nearest, ties to even
  void (*attend)(const Attention& attention);
  // The sum of exponentials of x; x + mask is offered, with ids from first_id on, where `best` is not null. A mask of 0 and
  // -inf may be absent.
  Exponentials (*scan)(const float* x, const float* mask, int count, std::int32_t first_id, Candidates* best);
};

// The names that this machine can run, best first: of amx avx512 avx2 portable.
std::vector<std::string> kernel_names();
// Throws std::invalid_argument for a name that is none of them.
const Kernels& kernels(const std::string& name);

}  // namespace dragoman
