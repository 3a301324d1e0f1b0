// The two passes, layer by layer. Vaswani et al. 2017, figure 1; the variants are those of `reference/`.
#include <algorithm>

#include "forward.h"

namespace dragoman {

// Attends for this member's share of all heads of all rows; say(row, attention) tells where a row looks.
template <class Say>
void Forward::by_heads(int me, int rows, Say say) {
  const int heads = model_.shape().heads;
  const Share mine = team_.share(rows * heads, me);
  for (int place = mine.first; place < mine.last;) {
    const int row = place / heads, first = place % heads, last = std::min(heads, first + mine.last - place);
    Attention a = attention(me);
    a.out = at(seen_, row);
    a.first_head = first;
    a.last_head = last;
    say(row, a);
    kernels_.attend(a);
    place += last - first;
  }
  team_.meet(me);
}

// keys(row) tells how many a row looks at: twice two operations and 2 E numbers for each.
template <class Rows, class Keys>
void Forward::tick_attention(int me, const Rows& rows, Keys keys) const {
  if (profile_ == nullptr || me != 0) return;
  double seen = 0;
  for (const auto& row : rows) seen += keys(row);
  const Shape& shape = model_.shape();
  tick(me, Operator::attention, 4 * seen * shape.width, 2 * seen * shape.key_width() * (halves() ? 2 : 4));
}

void Forward::encode(int me, std::span<const SourceRow> rows) {
  const Shape& shape = model_.shape();
  const int count = static_cast<int>(rows.size()), width = shape.width, wide = width + 2 * shape.key_width();
  const Share mine = team_.share(count, me);
  for (int row = mine.first; row < mine.last; ++row) {
    const SourceRow& source = rows[static_cast<std::size_t>(row)];
    model_.embed_source(source.id, at(x_, row));
    add_position(model_.encoder_positions(), source.position, at(x_, row));
  }
  if (me == 0) {
    sources_.clear();
    for (int row = 0; row < count; ++row) sources_.push_back(reinterpret_cast<const std::byte*>(wide_.data() + std::int64_t{row} * wide));
  }
  team_.meet(me);
  tick(me, Operator::embed);

  for (const EncoderLayer& layer : model_.encoder()) {
    linear(me, count, before(layer.norm), x_.data(), layer.query_key_value, wide_.data(), wide);
    if (shape.positions == Positions::rotary) {
      for (int row = mine.first; row < mine.last; ++row)
        turn(wide_.data() + std::int64_t{row} * wide, rows[static_cast<std::size_t>(row)].position);
      team_.meet(me);
    }
    by_heads(me, count, [&](int row, Attention& a) {
      const SourceRow& source = rows[static_cast<std::size_t>(row)];
      a.query = wide_.data() + std::int64_t{row} * wide;
      a.rows = sources_.data() + source.first;
      a.keys = source.count;
      a.key_at = width;
      a.value_at = width + shape.key_width();
      a.slopes = slopes();
      a.position = source.position;
    });
    tick_attention(me, rows, [](const SourceRow& row) { return row.count; });
    add_to(me, count, seen_.data(), layer.out, layer.norm);
    feed_forward(me, count, layer.feed_forward);
    keep_record(me, count);
  }
  last_norm(me, count, model_.encoder_norm());
  prepare(me, count, x_.data(), width, nullptr);
  tick(me, Operator::prepare);
  remember(me, rows);
  tick(me, Operator::memory, count, model_.memory());
}

// The keys and values of all decoder layers over the memory, some panels at a time, and from there to their rows.
void Forward::remember(int me, std::span<const SourceRow> rows) {
  const Packed& matrix = model_.memory().packed();
  const int count = static_cast<int>(rows.size());
  const Share panels = team_.share(matrix.panel_count(), me);
  float* made = memory_.data() + std::int64_t{me} * room_ * kMemoryPanels * kPanel;
  for (int first = panels.first; first < panels.last; first += kMemoryPanels) {
    Product product;
    product.matrix = &matrix;
    product.x = prepared(me, count).rows;
    product.x_scale = prepared(me, count).scales;
    product.rows = count;
    product.c = made - std::int64_t{first} * kPanel;
    product.c_stride = kMemoryPanels * kPanel;
    product.first_panel = first;
    product.last_panel = std::min(panels.last, first + kMemoryPanels);
    kernels_.multiply[static_cast<int>(model_.precision())](product);
    const int columns = std::min(product.last_panel * kPanel, matrix.outputs) - first * kPanel;
    for (int row = 0; row < count; ++row)
      store(made + std::int64_t{row} * product.c_stride, columns, std::int64_t{first} * kPanel,
            rows[static_cast<std::size_t>(row)].memory);
  }
  team_.meet(me);
}

void Forward::decode(int me, std::span<const TargetRow> rows) {
  const int count = static_cast<int>(rows.size());
  const Share mine = team_.share(count, me);
  for (int row = mine.first; row < mine.last; ++row) {
    const TargetRow& target = rows[static_cast<std::size_t>(row)];
    model_.embed_target(target.id, at(x_, row));
    add_position(model_.decoder_positions(), target.position, at(x_, row));
  }
  team_.meet(me);
  tick(me, Operator::embed);
  for (int index = 0; index < model_.shape().decoder_layers; ++index) {
    if (recurrent())
      recurrence(me, rows, index);
    else
      self_attention(me, rows, index);
    cross_attention(me, rows, index);
    feed_forward(me, count, model_.decoder()[static_cast<std::size_t>(index)].feed_forward);
    keep_record(me, count);
  }
  last_norm(me, count, model_.decoder_norm());
}

void Forward::self_attention(int me, std::span<const TargetRow> rows, int index) {
  const Shape& shape = model_.shape();
  const DecoderLayer& layer = model_.decoder()[static_cast<std::size_t>(index)];
  const int count = static_cast<int>(rows.size()), width = shape.width, keys = shape.key_width();
  const int wide = width + 2 * keys;
  const std::int64_t key_at = std::int64_t{2} * index * keys;
  linear(me, count, before(layer.norm), x_.data(), layer.query_key_value, wide_.data(), wide);
  const Share mine = team_.share(count, me);
  for (int row = mine.first; row < mine.last; ++row) {
    const TargetRow& target = rows[static_cast<std::size_t>(row)];
    float* made = wide_.data() + std::int64_t{row} * wide;
    turn(made, target.position);
    store(made + width, 2 * keys, key_at, target.cache);
  }
  team_.meet(me);
  by_heads(me, count, [&](int row, Attention& a) {
    const TargetRow& target = rows[static_cast<std::size_t>(row)];
    a.query = wide_.data() + std::int64_t{row} * wide;
    a.rows = target.earlier;
    a.halves = halves();
    a.keys = target.position + 1;
    a.key_at = key_at;
    a.value_at = key_at + keys;
    a.slopes = slopes();
    a.position = target.position;
  });
  tick_attention(me, rows, [](const TargetRow& row) { return row.position + 1; });
  add_to(me, count, seen_.data(), layer.out, layer.norm);
}

// A row goes on from the cell of the position before, which may be of this pass: so the members share the columns.
void Forward::recurrence(int me, std::span<const TargetRow> rows, int index) {
  const Shape& shape = model_.shape();
  const DecoderLayer& layer = model_.decoder()[static_cast<std::size_t>(index)];
  const int count = static_cast<int>(rows.size()), width = shape.width;
  linear(me, count, before(layer.norm), x_.data(), layer.given_forget, wide_.data(), 2 * width);
  const Share mine = team_.share(width, me);
  const auto cell = [&](const std::byte* row) { return reinterpret_cast<const float*>(row + cell_at(index)) + mine.first; };
  for (int row = 0; row < count; ++row) {
    const TargetRow& target = rows[static_cast<std::size_t>(row)];
    const float* given = wide_.data() + std::int64_t{row} * 2 * width + mine.first;
    const float* last = target.position == 0 ? nullptr : cell(target.earlier[target.position - 1]);
    kernels_.recur(given, given + width, last, mine.last - mine.first, shape.residual, const_cast<float*>(cell(target.cache)),
                   at(x_, row) + mine.first);
  }
  team_.meet(me);
  tick(me, Operator::attention, 8.0 * count * width, 12.0 * count * width);
  after_sum(me, count, layer.norm);
}

void Forward::cross_attention(int me, std::span<const TargetRow> rows, int index) {
  const Shape& shape = model_.shape();
  const DecoderLayer& layer = model_.decoder()[static_cast<std::size_t>(index)];
  const int count = static_cast<int>(rows.size()), width = shape.width, keys = shape.key_width();
  const std::int64_t key_at = std::int64_t{2} * index * keys;
  linear(me, count, before(layer.cross_norm), x_.data(), layer.cross_query, wide_.data(), width);
  by_heads(me, count, [&](int row, Attention& a) {
    const TargetRow& target = rows[static_cast<std::size_t>(row)];
    a.query = wide_.data() + std::int64_t{row} * width;
    a.rows = target.memory;
    a.halves = halves();
    a.keys = target.memory_rows;
    a.key_at = key_at;
    a.value_at = key_at + keys;
    if (target.cross_weights != nullptr)
      a.weights = target.cross_weights + std::int64_t{index} * shape.heads * target.memory_rows;
  });
  tick_attention(me, rows, [](const TargetRow& row) { return row.memory_rows; });
  add_to(me, count, seen_.data(), layer.cross_out, layer.cross_norm);
}

}  // namespace dragoman
