// Everything but the products, written once over `Numbers`, the register of an instruction set.
//
// Included by one source for each set, after its `Numbers`, inside its own namespace: the same lines compiled
// for other registers. A sum runs over lanes first and then across them, in a fixed order.
//
// `Numbers` offers: width; load, load_part (a fill beyond the end), load_halves and load_halves_part (bfloat16),
// store, store_part, all (one number in all lanes), + - * / on two, fused (a b + c), fused_less (a b - c), higher, lower, nearest,
// scaled (a 2^n), sum and highest across lanes, sums (of `width` registers, one each), above (a bit for each lane that is
// higher); and a `Twin` of two registers that hold twice `width` numbers, those at even places in the first and those at odd
// ones in the second: load_twin_halves, apart and together, which change two plain registers into a twin and back. Of two
// numbers of which one is NaN, higher and lower give the second.
//
// What overflows stays infinite or NaN to the end of a pass, where a search sees it: no answer is made of such numbers.

// Of numbers that are 0 at most, where `negative`.
template <bool negative>
inline Numbers exponential(Numbers x) {
  // 2^(n + f) = e^x with |f| <= 1/2; the polynomial of 2^f is 1e-7 of it off at most (least squares, reweighted).
  if constexpr (!negative) x = Numbers::lower(Numbers::all(88.0f), x);
  x = Numbers::higher(Numbers::all(-87.0f), x);  // NaN stays NaN
  const Numbers turns = Numbers::all(1.44269504088896341f), n = Numbers::nearest(x * turns);
  const Numbers f = Numbers::fused_less(x, turns, n);
  Numbers p = Numbers::all(1.326472731307149e-3f);
  for (const float factor : {9.671512991189957e-3f, 5.550733581185341e-2f, 2.402224242687225e-1f, 6.931470036506653e-1f, 1.0f})
    p = Numbers::fused(p, f, Numbers::all(factor));
  return Numbers::scaled(p, n);
}

// Calls step(offset, load) over a row, where load reads a row at that offset and fills up with `fill`.
template <class Step>
void each_part(int count, Step step) {
  int at = 0;
  for (; at + Numbers::width <= count; at += Numbers::width)
    step(at, [at](const float* row, float) { return Numbers::load(row + at); });
  if (at < count)
    step(at, [at, count](const float* row, float fill) { return Numbers::load_part(row + at, count - at, fill); });
}

inline void put(float* row, int at, int count, Numbers x) {
  if (at + Numbers::width <= count)
    x.store(row + at);
  else
    x.store_part(row + at, count - at);
}

// Adds up part(offset, load) over a row with two registers, so that one addition need not wait for the other.
template <class Part>
float summed(int count, Part part) {
  Numbers even = Numbers::all(0), odd = Numbers::all(0);
  int at = 0;
  for (; at + 2 * Numbers::width <= count; at += 2 * Numbers::width) {
    even = even + part(at, [at](const float* row, float) { return Numbers::load(row + at); });
    odd = odd + part(at, [at](const float* row, float) { return Numbers::load(row + at + Numbers::width); });
  }
  for (; at < count; at += Numbers::width)
    even = even + part(at, [=](const float* row, float fill) {
             return Numbers::load_part(row + at, std::min(count - at, Numbers::width), fill);
           });
  return (even + odd).sum();
}

// 1 / sqrt(mean of squares + epsilon); NaN where the squares overflow, not 0.
inline float inverse_size(float squares, int width, float epsilon) {
  return 1.0f / std::sqrt(squares / static_cast<float>(width) + epsilon) + 0.0f * squares;
}

// (x - mean) / sqrt(variance + epsilon) weight + bias (Ba et al. 2016).
void layer_norm(const float* x, const float* weight, const float* bias, float epsilon, int width, float* y) {
  const float mean = summed(width, [&](int, auto load) { return load(x, 0); }) / static_cast<float>(width);
  const Numbers middle = Numbers::all(mean);
  const float squares = summed(width, [&](int, auto load) {
    const Numbers off = load(x, mean) - middle;
    return off * off;
  });
  const Numbers inverse = Numbers::all(inverse_size(squares, width, epsilon));
  each_part(width, [&](int at, auto load) {
    put(y, at, width, Numbers::fused((load(x, 0) - middle) * inverse, load(weight, 0), load(bias, 0)));
  });
}

// x / sqrt(mean of x² + epsilon) weight (Zhang & Sennrich 2019, equation 4).
void rms_norm(const float* x, const float* weight, float epsilon, int width, float* y) {
  const float squares = summed(width, [&](int, auto load) {
    const Numbers part = load(x, 0);
    return part * part;
  });
  const Numbers inverse = Numbers::all(inverse_size(squares, width, epsilon));
  each_part(width, [&](int at, auto load) { put(y, at, width, load(x, 0) * inverse * load(weight, 0)); });
}

// x Φ(x), with erf as the ratio of polynomials that is exact to float32.
void gelu(float* x, int count) {
  each_part(count, [&](int at, auto load) {
    const Numbers given = load(x, 0);
    Numbers z = given * Numbers::all(0.70710678118654752f);
    z = Numbers::lower(Numbers::higher(z, Numbers::all(-4.0f)), Numbers::all(4.0f));
    const Numbers square = z * z;
    Numbers above = Numbers::all(-2.72614225801306e-10f);
    for (const float factor : {2.77068142495902e-08f, -2.10102402082508e-06f, -5.69250639462346e-05f,
                               -7.34990630326855e-04f, -2.95459980854025e-03f, -1.60960333262415e-02f})
      above = Numbers::fused(above, square, Numbers::all(factor));
    Numbers below = Numbers::all(-1.45660718464996e-05f);
    for (const float factor :
         {-2.13374055278905e-04f, -1.68282697438203e-03f, -7.37332916720468e-03f, -1.42647390514189e-02f})
      below = Numbers::fused(below, square, Numbers::all(factor));
    const Numbers erf = z * above / below;
    put(x, at, count, given * Numbers::all(0.5f) * (Numbers::all(1.0f) + erf));
  });
}

// x / (1 + e^-x) (Ramachandran et al. 2017).
inline Numbers silu_of(Numbers x) {
  return x / (Numbers::all(1.0f) + exponential<false>(Numbers::all(0.0f) - x));
}

void silu(float* x, int count) {
  each_part(count, [&](int at, auto load) { put(x, at, count, silu_of(load(x, 0))); });
}

void silu_times(const float* gate, const float* up, int count, float* y) {
  each_part(count, [&](int at, auto load) { put(y, at, count, silu_of(load(gate, 0)) * load(up, 0)); });
}

// c = f before + (1 - f) given with f = sigmoid(forget), 0 before the first; x = max(c, 0), added to x where `add`
// (Kim et al. 2019, section 3).
void recur(const float* given, const float* forget, const float* before, int count, bool add, float* cell, float* x) {
  const Numbers zero = Numbers::all(0), one = Numbers::all(1);
  each_part(count, [&](int at, auto load) {
    const Numbers in = load(given, 0), last = before == nullptr ? zero : load(before, 0);
    const Numbers kept = one / (one + exponential<false>(zero - load(forget, 0)));
    const Numbers c = Numbers::fused(kept, last - in, in);
    put(cell, at, count, c);
    const Numbers out = Numbers::higher(zero, c);
    put(x, at, count, add ? load(x, 0) + out : out);
  });
}

// Turns each pair (2i, 2i + 1) of every head by an angle (Su et al. 2021, section 3.2.2).
void rotate(float* x, const float* turns, int heads, int width) {
  for (int head = 0; head < heads; ++head, x += width)
    for (int i = 0; i < width; i += 2) {
      const float cos = turns[i], sin = turns[i + 1], even = x[i], odd = x[i + 1];
      x[i] = even * cos - odd * sin;
      x[i + 1] = even * sin + odd * cos;
    }
}

void prepare_float(const float* x, int inputs, std::byte* row, std::int64_t bytes, float*) {
  std::memcpy(row, x, static_cast<std::size_t>(inputs) * sizeof(float));
  std::memset(row + static_cast<std::size_t>(inputs) * sizeof(float), 0,
              static_cast<std::size_t>(bytes) - static_cast<std::size_t>(inputs) * sizeof(float));
}

// NaN where a number is not finite, and 0 where all are so small that its inverse would be no number.
inline float largest_size(const float* x, int count) {
  Numbers most = Numbers::all(0), faults = Numbers::all(0);
  each_part(count, [&](int, auto load) {
    const Numbers part = load(x, 0);
    most = Numbers::higher(most, Numbers::higher(part, Numbers::all(0) - part));
    faults = Numbers::fused(part, Numbers::all(0), faults);
  });
  const float largest = most.highest() + faults.sum();
  return largest < 1e-36f ? 0.0f : largest;
}

// e^(x - highest) of numbers that fill registers, in place; returns their sum.
inline float exponentials_in_place(float* x, int count) {
  Numbers most = Numbers::load(x), sum = Numbers::all(0);
  for (int at = Numbers::width; at < count; at += Numbers::width) most = Numbers::higher(most, Numbers::load(x + at));
  const Numbers top = Numbers::all(most.highest());
  for (int at = 0; at < count; at += Numbers::width) {
    const Numbers power = exponential<true>(Numbers::load(x + at) - top);
    power.store(x + at);
    sum = sum + power;
  }
  return sum.sum();
}

// Numbers of a row that holds float32 or bfloat16.
template <bool halves>
inline Numbers load_stored(const std::byte* row, std::int64_t at) {
  if constexpr (halves)
    return Numbers::load_halves(row + 2 * at);
  else
    return Numbers::load(reinterpret_cast<const float*>(row) + at);
}

template <bool halves>
inline Numbers load_stored_part(const std::byte* row, std::int64_t at, int count) {
  if constexpr (halves)
    return Numbers::load_halves_part(row + 2 * at, count);
  else
    return Numbers::load_part(reinterpret_cast<const float*>(row) + at, count, 0);
}

// Offers the numbers of a register that may be among the best.
inline void offer(Numbers part, const float* mask, int count, std::int32_t first_id, Candidates& best) {
  constexpr float none = -std::numeric_limits<float>::infinity();
  if (mask != nullptr) part = part + Numbers::load_part(mask, count, none);
  float found[Numbers::width];
  part.store(found);
  for (unsigned bits = Numbers::above(part, Numbers::all(best.lowest())); bits != 0; bits &= bits - 1) {
    const int lane = __builtin_ctz(bits);
    best.offer(found[lane], first_id + lane);
  }
}

// Most numbers are among the best of nothing: four registers are looked at together, for their highest is wanted too.
Exponentials scan(const float* x, const float* mask, int count, std::int32_t first_id, Candidates* best) {
  constexpr float none = -std::numeric_limits<float>::infinity();
  constexpr int width = Numbers::width, four = 4 * width;
  Numbers most = Numbers::all(none);
  const auto look = [&](Numbers part, int at, int some) {
    if (Numbers::above(part, Numbers::all(best->lowest())) != 0)
      offer(part, mask == nullptr ? nullptr : mask + at, some, first_id + at, *best);
  };
  int at = 0;
  for (; at + four <= count; at += four) {
    const Numbers parts[4] = {Numbers::load(x + at), Numbers::load(x + at + width), Numbers::load(x + at + 2 * width),
                              Numbers::load(x + at + 3 * width)};
    const Numbers top = Numbers::higher(Numbers::higher(parts[0], parts[1]), Numbers::higher(parts[2], parts[3]));
    most = Numbers::higher(most, top);
    if (best == nullptr || Numbers::above(top, Numbers::all(best->lowest())) == 0) continue;
    for (int i = 0; i < 4; ++i) look(parts[i], at + i * width, width);
  }
  for (; at < count; at += width) {
    const int some = std::min(width, count - at);
    const Numbers part = Numbers::load_part(x + at, some, none);
    most = Numbers::higher(most, part);
    if (best != nullptr) look(part, at, some);
  }

  const float highest = most.highest();
  const Numbers top = Numbers::all(highest);
  Numbers even = Numbers::all(0), odd = Numbers::all(0);
  for (at = 0; at + 2 * width <= count; at += 2 * width) {
    even = even + exponential<true>(Numbers::load(x + at) - top);
    odd = odd + exponential<true>(Numbers::load(x + at + width) - top);
  }
  float sum = (even + odd).sum();
  for (; at < count; ++at) sum += std::exp(x[at] - highest);
  return {highest, sum};
}
