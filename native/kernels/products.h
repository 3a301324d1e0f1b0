// x Wᵀ + b over the packed panels, written once over a dot product of four bytes.
//
// Included by one source for each instruction set, after its `Numbers`. A `Dot` offers: Sum, the register of sums;
// Part, of weights; given(four bytes in every lane), weights(load), step(sums, given, weights) and
// numbers(sum, column, product, row), which gives y without its bias. A sum runs over the inputs from the
// first to the last in one lane, so every size of tile gives the same numbers.

// Adds the bias and puts a register of columns into its row of c.
inline void finish(const Product& p, int row, int column, Numbers y) {
  const int left = p.matrix->outputs - column;
  if (left <= 0) return;
  y = y + Numbers::load(p.matrix->bias + column);
  if (p.after == After::relu) y = Numbers::higher(Numbers::all(0), y);
  float* c = p.c + row * p.c_stride + column;
  if (left >= Numbers::width) {
    if (p.add) y = Numbers::load(c) + y;
    y.store(c);
  } else {
    if (p.add) y = Numbers::load_part(c, left, 0) + y;
    y.store_part(c, left);
  }
}

// M rows and some registers of columns over all inputs, then what comes after.
template <class Dot, int M, int registers>
inline void tile(const Product& p, const std::byte* x, int row, const std::byte* panel, int column) {
  typename Dot::Sum sums[M][registers];
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
    for (int j = 0; j < registers; ++j) sums[m][j] = Dot::zero();
  const std::int64_t stride = p.matrix->row_bytes();
  for (int group = 0; group < p.matrix->groups; ++group) {
    typename Dot::Part parts[registers];
#pragma GCC unroll 4
    for (int j = 0; j < registers; ++j)
      parts[j] = Dot::weights(panel + std::int64_t{group} * kPanel * kGroup + j * Numbers::width * kGroup);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
      const typename Dot::Given given = Dot::given(x + m * stride + group * kGroup);
#pragma GCC unroll 4
      for (int j = 0; j < registers; ++j) Dot::step(sums[m][j], given, parts[j]);
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
    for (int j = 0; j < registers; ++j)
      finish(p, row + m, column + j * Numbers::width, Dot::numbers(sums[m][j], column + j * Numbers::width, p, row + m));
}

template <class Dot, int registers, int M>
inline void tiles(const Product& p, int rows, const std::byte* x, int row, const std::byte* panel, int column) {
  if constexpr (M > 0) {
    if (rows == M)
      tile<Dot, M, registers>(p, x, row, panel, column);
    else
      tiles<Dot, registers, M - 1>(p, rows, x, row, panel, column);
  }
}

// `most` rows and `registers` registers make the tile that fills the register file.
template <class Dot, int most, int registers>
void multiply(const Product& p) {
  const int blocks = (p.rows + most - 1) / most;
  constexpr int columns = registers * Numbers::width;
  for (int panel = p.first_panel; panel < p.last_panel; ++panel)
    for (int part = 0; part < kPanel; part += columns) {
      const std::byte* weights = p.matrix->panels + panel * p.matrix->panel_bytes() + part * kGroup;
      for (int block = 0; block < blocks; ++block) {  // of nearly equal height
        const int row = block * p.rows / blocks, end = (block + 1) * p.rows / blocks;
        tiles<Dot, registers, most>(p, end - row, p.x + row * p.matrix->row_bytes(), row, weights,
                                    panel * kPanel + part);
      }
    }
}
