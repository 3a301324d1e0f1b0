// x Wᵀ + b over the packed panels, written once over a dot product of four bytes.
//
// Included by one source for each instruction set, after its `Numbers`. A `Dot` offers: Sum, the register of sums;
// Part, of weights; given(four bytes in every lane), weights(load), step(sums, given, weights); Columns, what
// belongs to some columns and is loaded once for all rows; and numbers(sum, columns, x_scale, row), which gives y.
// A sum runs over the inputs from the first to the last in one lane, so every size of tile gives the same numbers.

// Puts registers of some columns into their rows of c. It holds copies, for a store could change what it points at.
class Finish {
 public:
  Finish(const Product& p, int column)
      : c_(p.c + column),
        stride_(p.c_stride),
        left_(p.matrix->outputs - column),
        relu_(p.after == After::relu),
        add_(p.add) {}

  void operator()(int row, Numbers y) const {
    if (relu_) y = Numbers::higher(Numbers::all(0), y);
    float* c = c_ + row * stride_;
    if (left_ >= Numbers::width) {
      if (add_) y = Numbers::load(c) + y;
      y.store(c);
    } else if (left_ > 0) {
      if (add_) y = Numbers::load_part(c, left_, 0) + y;
      y.store_part(c, left_);
    }
  }

 private:
  float* c_;
  std::int64_t stride_;
  int left_;
  bool relu_, add_;
};

// M rows and some registers of columns over all inputs, then what comes after.
template <class Dot, int M, int registers>
inline void tile(const Product& p, const std::byte* x, int row, const std::byte* stripe, int column) {
  typename Dot::Sum sums[M][registers];
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
    for (int j = 0; j < registers; ++j) sums[m][j] = Dot::zero();
  const std::int64_t stride = p.matrix->row_bytes();
  constexpr int step = registers * Numbers::width * kGroup;
  for (int group = 0; group < p.matrix->groups; ++group) {
    typename Dot::Part parts[registers];
#pragma GCC unroll 4
    for (int j = 0; j < registers; ++j)
      parts[j] = Dot::weights(stripe + std::int64_t{group} * step + j * Numbers::width * kGroup);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
      const typename Dot::Given given = Dot::given(x + m * stride + group * kGroup);
#pragma GCC unroll 4
      for (int j = 0; j < registers; ++j) Dot::step(sums[m][j], given, parts[j]);
    }
  }
#pragma GCC unroll 4
  for (int j = 0; j < registers; ++j) {
    const typename Dot::Columns columns = Dot::columns(*p.matrix, column + j * Numbers::width);
    const Finish finish(p, column + j * Numbers::width);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) finish(row + m, Dot::numbers(sums[m][j], columns, p.x_scale, row + m));
  }
}

template <class Dot, int registers, int M>
inline void tiles(const Product& p, int rows, const std::byte* x, int row, const std::byte* stripe, int column) {
  if constexpr (M > 0) {
    if (rows == M)
      tile<Dot, M, registers>(p, x, row, stripe, column);
    else
      tiles<Dot, registers, M - 1>(p, rows, x, row, stripe, column);
  }
}

// `most` rows and `registers` registers make the tile that fills the register file; the registers, a stripe.
template <class Dot, int most, int registers>
void multiply(const Product& p) {
  const int blocks = (p.rows + most - 1) / most;
  constexpr int columns = registers * Numbers::width;
  for (int panel = p.first_panel; panel < p.last_panel; ++panel)
    for (int part = 0; part < kPanel; part += columns) {
      const std::byte* weights = p.matrix->panels + p.matrix->column(std::int64_t{panel} * kPanel + part);
      for (int block = 0; block < blocks; ++block) {  // of nearly equal height
        const int row = block * p.rows / blocks, end = (block + 1) * p.rows / blocks;
        tiles<Dot, registers, most>(p, end - row, p.x + row * p.matrix->row_bytes(), row, weights,
                                    panel * kPanel + part);
      }
    }
}
