#include "forward.h"

#include <algorithm>
#include <cmath>

namespace dragoman {

namespace {

constexpr int kRowsOfTile = 16;  // prepared rows are read in tiles of so many
constexpr int kRowsBehind = 32;  // that may be read behind the last, whatever stands there
// So many rows every member of a team prepares for itself: that takes less than a meeting.
constexpr int kFewRows = 8;

int rounded(int count, int step) { return (count + step - 1) / step * step; }

}  // namespace

Forward::Forward(const Model& model, const Kernels& kernels, Team& team)
    : model_(model), kernels_(kernels), team_(team) {
  const Shape& shape = model.shape();
  for (int head = 0; head < shape.heads; ++head)  // Press et al. 2022, section 3
    slopes_.push_back(std::exp2(-8.0f * static_cast<float>(head + 1) / static_cast<float>(shape.heads)));
}

void Forward::want(int rows, int length) {
  const Shape& shape = model_.shape();
  extend_positions(length);
  if (length > length_) {
    length_ = std::max(kScores, rounded(length + length / 4, 16));
    scores_.want(static_cast<std::size_t>(length_) * static_cast<std::size_t>(team_.size()));
  }
  if (rows <= room_) return;
  room_ = rounded(rows, kRowsOfTile);
  const auto cells = [&](int width) { return static_cast<std::size_t>(room_) * static_cast<std::size_t>(width); };
  x_.want(cells(shape.width));
  seen_.want(cells(shape.width));
  wide_.want(cells(shape.width + std::max(shape.width, 2 * shape.key_width())));
  hidden_.want(cells(shape.feed_forward));
  if (shape.activation == Activation::swiglu) gate_.want(cells(shape.feed_forward));
  memory_.want(cells(kMemoryPanels * kPanel * team_.size()));
  const int prepared_rows = std::max(room_, kRowsOfTile * team_.size()) + kRowsBehind;
  row_bytes_ = 4 * std::int64_t{rounded(std::max(shape.width, shape.feed_forward), kLine)};
  prepared_.want(static_cast<std::size_t>(prepared_rows * row_bytes_));
  prepared_scale_.want(static_cast<std::size_t>(prepared_rows));
  normed_.want(static_cast<std::size_t>(team_.size()) * static_cast<std::size_t>(rounded(shape.width, kLine)));
}

// Tables for the positions below `length`: sinusoids (Vaswani et al. 2017, section 3.5) or rotary turns.
void Forward::extend_positions(int length) {
  const Shape& shape = model_.shape();
  const bool rotary = shape.positions == Positions::rotary;
  if (!rotary && shape.positions != Positions::sinusoidal) return;
  const int width = rotary ? shape.head_width() : shape.width;
  std::vector<float>& table = rotary ? turns_ : sinusoids_;
  const int known = static_cast<int>(table.size() / static_cast<std::size_t>(width));
  for (int position = known; position < length; ++position)
    for (int i = 0; i < width; i += 2) {
      const double angle = position * std::pow(10000.0, -static_cast<double>(i) / width);
      const auto sin = static_cast<float>(std::sin(angle)), cos = static_cast<float>(std::cos(angle));
      table.push_back(rotary ? cos : sin);
      table.push_back(rotary ? sin : cos);
    }
}

void Forward::norm(const Norm& norm, const float* x, float* y) const {
  const Shape& shape = model_.shape();
  if (shape.norm_kind == NormKind::rms)
    kernels_.rms_norm(x, norm.weight.data(), shape.epsilon, shape.width, y);
  else
    kernels_.layer_norm(x, norm.weight.data(), norm.bias.data(), shape.epsilon, shape.width, y);
}

void Forward::prepare(int me, int rows, const float* x, int width, const Norm* before) {
  const auto precision = static_cast<int>(model_.precision());
  const int size[kPrecisions] = {4, 2, 1};
  const std::int64_t bytes = rounded(width * size[precision], kLine);
  float* normed = normed_.data() + std::int64_t{me} * rounded(model_.shape().width, kLine);
  const bool own = each_its_own(rows);
  const Share mine = own ? Share{0, rows} : team_.share(rows, me);
  const Prepared to = prepared(me, rows);
  for (int row = mine.first; row < mine.last; ++row) {
    const float* from = x + std::int64_t{row} * width;
    if (before != nullptr) {
      norm(*before, from, normed);
      from = normed;
    }
    kernels_.prepare[precision](from, width, to.rows + row * bytes, bytes, to.scales + row);
  }
  if (!own) team_.meet(me);
}

bool Forward::each_its_own(int rows) const { return team_.active() > 1 && rows <= kFewRows; }

Forward::Prepared Forward::prepared(int me, int rows) const {
  const int first = each_its_own(rows) ? me * kRowsOfTile : 0;
  return {prepared_.data() + first * row_bytes_, prepared_scale_.data() + first};
}

void Forward::multiply(int me, int rows, const Matrix& matrix, float* out, std::int64_t stride, After after,
                       bool add) {
  const Share mine = team_.share(matrix.packed().panel_count(), me);
  Product product;
  product.matrix = &matrix.packed();
  product.x = prepared(me, rows).rows;
  product.x_scale = prepared(me, rows).scales;
  product.rows = rows;
  product.c = out;
  product.c_stride = stride;
  product.after = after;
  product.add = add;
  product.first_panel = mine.first;
  product.last_panel = mine.last;
  kernels_.multiply[static_cast<int>(model_.precision())](product);
}

void Forward::linear(int me, int rows, const Norm* before, const float* x, const Matrix& matrix, float* y,
                     std::int64_t stride, Operator what, After after) {
  prepare(me, rows, x, matrix.inputs(), before);
  tick(me, Operator::prepare);
  multiply(me, rows, matrix, y, stride, after, false);
  team_.meet(me);
  tick(me, what, rows, matrix);
}

void Forward::add_to(int me, int rows, const float* in, const Matrix& matrix, const Norm& own, Operator what) {
  const Shape& shape = model_.shape();
  prepare(me, rows, in, matrix.inputs(), nullptr);
  tick(me, Operator::prepare);
  multiply(me, rows, matrix, x_.data(), shape.width, After::nothing, shape.residual);
  team_.meet(me);
  tick(me, what, rows, matrix);
  after_sum(me, rows, own);
}

void Forward::after_sum(int me, int rows, const Norm& own) {
  if (model_.shape().norm != NormPlace::post) return;
  const Share mine = team_.share(rows, me);
  for (int row = mine.first; row < mine.last; ++row) norm(own, at(x_, row), at(x_, row));
  team_.meet(me);
}

void Forward::feed_forward(int me, int rows, const FeedForward& layer) {
  const Shape& shape = model_.shape();
  const int width = shape.feed_forward;
  const After after = shape.activation == Activation::relu ? After::relu : After::nothing;
  linear(me, rows, before(layer.norm), x_.data(), layer.up, hidden_.data(), width, Operator::feed_forward, after);
  if (shape.activation == Activation::swiglu) {  // the input is still prepared
    multiply(me, rows, layer.gate, gate_.data(), width, After::nothing, false);
    team_.meet(me);
    tick(me, Operator::feed_forward, rows, layer.gate);
  }
  if (shape.activation != Activation::relu) {
    const Share mine = team_.share(rows, me);
    for (int row = mine.first; row < mine.last; ++row) {
      float* up = hidden_.data() + std::int64_t{row} * width;
      if (shape.activation == Activation::gelu)
        kernels_.gelu(up, width);
      else if (shape.activation == Activation::silu)
        kernels_.silu(up, width);
      else
        kernels_.silu_times(gate_.data() + std::int64_t{row} * width, up, width, up);
    }
    team_.meet(me);
  }
  add_to(me, rows, hidden_.data(), layer.down, layer.norm, Operator::feed_forward);
}

Attention Forward::attention(int me) const {
  const Shape& shape = model_.shape();
  Attention a;
  a.heads = shape.heads;
  a.key_heads = shape.key_heads;
  a.width = shape.head_width();
  a.scale = shape.scale_scores ? 1.0f / std::sqrt(static_cast<float>(a.width)) : 1.0f;
  a.scores = scores_.data() + std::int64_t{me} * length_;
  return a;
}

// Adds what tells position from position, where that is a table.
void Forward::add_position(const std::vector<float>& stored, int position, float* x) const {
  const Shape& shape = model_.shape();
  if (shape.positions != Positions::sinusoidal && shape.positions != Positions::stored) return;
  const std::vector<float>& table = shape.positions == Positions::stored ? stored : sinusoids_;
  const float* row = table.data() + std::int64_t{position} * shape.width;
  for (int i = 0; i < shape.width; ++i) x[i] += row[i];
}

void Forward::turn(float* query_and_key, int position) const {
  const Shape& shape = model_.shape();
  if (shape.positions != Positions::rotary) return;
  const int width = shape.head_width();
  kernels_.rotate(query_and_key, turns_.data() + std::int64_t{position} * width, shape.heads + shape.key_heads, width);
}

// Puts numbers into a row of keys and values, from the number `at` on.
void Forward::store(const float* x, int count, std::int64_t at, std::byte* row) const {
  if (halves())
    kernels_.halve(x, count, row + 2 * at);
  else
    std::copy_n(x, count, reinterpret_cast<float*>(row) + at);
}

// All wait until x is copied: behind the last layer the others would go on to change it.
void Forward::keep_record(int me, int rows) {
  if (record_ == nullptr) return;
  if (me == 0) record_->insert(record_->end(), x_.data(), at(x_, rows));
  team_.meet(me);
}

void Forward::last_norm(int me, int rows, const Norm& last) {
  if (model_.shape().norm != NormPlace::pre) return;
  const Share mine = team_.share(rows, me);
  for (int row = mine.first; row < mine.last; ++row) norm(last, at(x_, row), at(x_, row));
  team_.meet(me);
}

bool Forward::finite(int row) const {
  const float* x = hidden(row);
  return std::all_of(x, x + model_.shape().width, [](float number) { return std::isfinite(number); });
}

void Forward::prepare_output(int me, int rows) { prepare(me, rows, x_.data(), model_.shape().width, nullptr); }

void Forward::logits(int me, int rows, int first_panel, int last_panel, float* out, std::int64_t stride) const {
  Product product;
  product.matrix = &model_.output().packed();
  product.x = prepared(me, rows).rows;
  product.x_scale = prepared(me, rows).scales;
  product.rows = rows;
  product.c = out - std::int64_t{first_panel} * kPanel;
  product.c_stride = stride;
  product.first_panel = first_panel;
  product.last_panel = last_panel;
  kernels_.multiply[static_cast<int>(model_.precision())](product);
}

void Forward::logits(int me, int rows, const Packed& matrix, int first_row, int count, int first_panel, int last_panel,
                     float* out, std::int64_t stride) const {
  Product product;
  product.matrix = &matrix;
  product.x = prepared(me, rows).rows + first_row * matrix.row_bytes();
  product.x_scale = prepared(me, rows).scales + first_row;
  product.rows = count;
  product.c = out;
  product.c_stride = stride;
  product.first_panel = first_panel;
  product.last_panel = last_panel;
  kernels_.multiply[static_cast<int>(model_.precision())](product);
}

}  // namespace dragoman
