// bfloat16 where no instruction makes it; included after `Numbers` like `rows.h`.

// Rounded to the nearest, ties to even; what is no number stays none.
void halve(const float* x, int count, std::byte* halves) {
  for (int i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, x + i, sizeof bits);
    const bool none = (bits & 0x7fffffffu) > 0x7f800000u;
    const std::uint32_t rounded = none ? bits | 0x400000u : bits + 0x7fffu + ((bits >> 16) & 1u);
    const auto half = static_cast<std::uint16_t>(rounded >> 16);
    std::memcpy(halves + 2 * i, &half, sizeof half);
  }
}

void prepare_bfloat16(const float* x, int inputs, std::byte* row, std::int64_t bytes, float*) {
  halve(x, inputs, row);
  std::memset(row + 2 * inputs, 0, static_cast<std::size_t>(bytes - 2 * inputs));
}
