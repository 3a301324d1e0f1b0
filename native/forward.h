// The forward pass: rows of the encoder, rows of the decoder, and their logits.
//
// A row is one position of one sentence. Rows of any sentences stand together in a pass and none is padding;
// where a row looks is said by pointers to the rows of its own sentence, so nothing is copied or moved when
// hypotheses change places. All functions are run by every member of a team (`me`), and end with a meeting.
//
// Shapes.  M rows, D model width, E width of all keys and values of a row, V target pieces.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "memory.h"
#include "model.h"
#include "profile.h"
#include "team.h"

namespace dragoman {

// A source position: its piece, its place, and the rows of its sentence in the pass.
struct SourceRow {
  std::int32_t id = 0;
  int position = 0;
  int first = 0, count = 0;  // its sentence is rows [first, first + count)
  std::byte* memory = nullptr;  // [decoder layers, 2 E]: where the decoder's keys and values over it go
};

// A target position: the piece read there and what it may look at.
struct TargetRow {
  std::int32_t id = 0;
  int position = 0;
  std::byte* cache = nullptr;  // [decoder layers, 2 E]: where its own keys and values go; or its cells, [decoder layers, D]
  const std::byte* const* earlier = nullptr;  // caches of the positions up to and with its own, position + 1 of them
  const std::byte* const* memory = nullptr;   // of its source
  int memory_rows = 0;
  float* cross_weights = nullptr;  // [decoder layers, N, memory_rows] where they are wanted
};

class Forward {
 public:
  Forward(const Model& model, const Kernels& kernels, Team& team);

  // Bytes of the keys and values of a source position, in all decoder layers: float32, or bfloat16 where the products
  // are no float32 either, for attention reads as many bytes of them as products read of weights.
  std::int64_t memory_bytes() const {
    return std::int64_t{halves() ? 4 : 8} * model_.shape().decoder_layers * model_.shape().key_width();
  }
  // The same of a target position; or its cells, float32, which only the next position reads.
  std::int64_t cache_bytes() const { return recurrent() ? cell_at(model_.shape().decoder_layers) : memory_bytes(); }
  bool recurrent() const { return model_.shape().cell == Cell::ssru; }

  // Must be called by one member before a pass of so many rows, of which none stands or looks beyond `length`.
  void want(int rows, int length);
  // The encoder over whole sentences; every row's keys and values for the decoder go where it says. Its outputs
  // stay in `hidden` until the next pass.
  void encode(int me, std::span<const SourceRow> rows);
  // The decoder up to its last norm; the result is `hidden`, which `project` and `finite` read.
  void decode(int me, std::span<const TargetRow> rows);
  // Appends x [M, D] after every layer of the passes to come to `into`; null ends it.
  void record(std::vector<float>* into) { record_ = into; }
  // Measures the passes to come; null ends it.
  void measure(Profile* into) { profile_ = into; }
  void tick(int me, Operator what, double operations = 0, double bytes = 0) const {
    if (profile_ != nullptr && me == 0) profile_->tick(what, operations, bytes);
  }
  const float* hidden(int row) const { return x_.data() + std::int64_t{row} * model_.shape().width; }
  bool finite(int row) const;

  // Prepares the hidden rows for `logits`.
  void prepare_output(int me, int rows);
  // The logits [M, columns] of the pieces of some panels, for all rows; no meeting, each member its own panels.
  void logits(int me, int rows, int first_panel, int last_panel, float* out, std::int64_t stride) const;
  // The same of another matrix, for some of the rows; `out` begins with its first column.
  void logits(int me, int rows, const Packed& matrix, int first_row, int count, int first_panel, int last_panel, float* out,
              std::int64_t stride) const;

 private:
  static constexpr int kMemoryPanels = 8;

  void extend_positions(int length);
  void norm(const Norm& norm, const float* x, float* y) const;
  struct Prepared {
    std::byte* rows;
    float* scales;
  };
  // Where the rows of a product stand: in one place for all, or few of them in a place of each member's.
  Prepared prepared(int me, int rows) const;
  bool each_its_own(int rows) const;
  // Prepares the rows of x, normed before where `before` is given.
  void prepare(int me, int rows, const float* x, int width, const Norm* before);
  void multiply(int me, int rows, const Matrix& matrix, float* out, std::int64_t stride, After after, bool add);
  void tick(int me, Operator what, int rows, const Matrix& matrix) const {
    tick(me, what, 2.0 * rows * matrix.inputs() * matrix.outputs(), static_cast<double>(matrix.bytes()));
  }
  // y = x W + b, with x normed before if it is pre-norm.
  void linear(int me, int rows, const Norm* before, const float* x, const Matrix& matrix, float* y,
              std::int64_t stride, Operator what = Operator::projections, After after = After::nothing);
  // x = x + in W + b, with what the norm's place asks for afterwards.
  void add_to(int me, int rows, const float* in, const Matrix& matrix, const Norm& own,
              Operator what = Operator::projections);
  void after_sum(int me, int rows, const Norm& own);
  void feed_forward(int me, int rows, const FeedForward& layer);
  void remember(int me, std::span<const SourceRow> rows);
  const Norm* before(const Norm& norm) const { return model_.shape().norm == NormPlace::pre ? &norm : nullptr; }
  Attention attention(int me) const;
  template <class Say>
  void by_heads(int me, int rows, Say say);
  template <class Rows, class Keys>
  void tick_attention(int me, const Rows& rows, Keys keys) const;
  void self_attention(int me, std::span<const TargetRow> rows, int index);
  void recurrence(int me, std::span<const TargetRow> rows, int index);
  std::int64_t cell_at(int layer) const { return std::int64_t{4} * layer * model_.shape().width; }  // bytes
  void cross_attention(int me, std::span<const TargetRow> rows, int index);
  void add_position(const std::vector<float>& stored, int position, float* x) const;
  void turn(float* query_and_key, int position) const;  // rotary positions
  void keep_record(int me, int rows);
  void last_norm(int me, int rows, const Norm& last);
  bool halves() const { return model_.precision() != Precision::float32; }
  void store(const float* x, int count, std::int64_t at, std::byte* row) const;
  const float* slopes() const { return model_.shape().positions == Positions::alibi ? slopes_.data() : nullptr; }
  float* at(const Buffer<float>& rows, int row) const { return rows.data() + std::int64_t{row} * model_.shape().width; }

  const Model& model_;
  const Kernels& kernels_;
  Team& team_;
  int room_ = 0, length_ = 0;
  std::vector<float>* record_ = nullptr;
  Profile* profile_ = nullptr;
  Buffer<float> x_, wide_, seen_, normed_, scores_;  // [M, D]; [M, 3 D]; [M, D]; a row, and scores, for each member
  Buffer<float> hidden_, gate_;                      // [M, F]
  Buffer<float> memory_;                             // [M, 512] of a member
  std::int64_t row_bytes_ = 0;  // of the widest prepared row
  Buffer<std::byte> prepared_;
  Buffer<float> prepared_scale_;
  std::vector<float> sinusoids_, turns_, slopes_;
  std::vector<const std::byte*> sources_;  // rows of `wide_` in an encoder pass
};

}  // namespace dragoman
