// Everything but the products, written once over `Numbers`, the register of an instruction set.
//
// Included by one source for each set, after its `Numbers`, inside its own namespace: the same lines compiled
// for other registers. A sum runs over lanes first and then across them, in a fixed order.
//
// `Numbers` offers: width; load, load_part (a fill beyond the end), load_halves and load_halves_part (bfloat16),
// store, store_part, all (one number in all lanes), + - * / on two, fused (a b + c), higher, lower, nearest, power (2^n), sum and highest across lanes,
// sums (of `width` registers, one each), above (a bit for each lane that is higher). Of two numbers of which one is NaN,
// higher and lower give the second.
//
// What overflows stays infinite or NaN to the end of a pass, where a search sees it: no answer is made of such numbers.

inline Numbers exponential(Numbers x) {
  // e^x = 2^n e^r with |r| <= ln 2 / 2; the polynomial of Cephes' expf, 2e-7 of the result at most.
  x = Numbers::lower(Numbers::all(88.0f), Numbers::higher(Numbers::all(-87.0f), x));  // NaN stays NaN
  const Numbers n = Numbers::nearest(x * Numbers::all(1.44269504088896341f));
  Numbers r = Numbers::fused(n, Numbers::all(-0.693359375f), x);
  r = Numbers::fused(n, Numbers::all(2.12194440e-4f), r);
  Numbers p = Numbers::all(1.9875691500e-4f);
  for (const float factor : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f})
    p = Numbers::fused(p, r, Numbers::all(factor));
  p = Numbers::fused(p, r * r, r) + Numbers::all(1.0f);
  return p * Numbers::power(n);
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
  Numbers sums[2] = {Numbers::all(0), Numbers::all(0)};
  int turn = 0;
  each_part(count, [&](int at, auto load) {
    sums[turn] = sums[turn] + part(at, load);
    turn ^= 1;
  });
  return (sums[0] + sums[1]).sum();
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

void silu_times(const float* gate, const float* up, int count, float* y) {
  each_part(count, [&](int at, auto load) {
    const Numbers x = load(gate, 0);
    const Numbers below = Numbers::all(1.0f) + exponential(Numbers::all(0.0f) - x);
    put(y, at, count, x / below * load(up, 0));
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

// e^(x - highest) of all numbers in place, which are `count` and then filled up; returns their sum.
inline float exponentials_in_place(float* x, int padded, float highest) {
  Numbers sum = Numbers::all(0);
  const Numbers top = Numbers::all(highest);
  for (int at = 0; at < padded; at += Numbers::width) {
    const Numbers power = exponential(Numbers::load(x + at) - top);
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

// The products of a query with `Numbers::width` keys at once.
template <bool halves, bool whole>
inline Numbers products(const float* query, const std::byte* const* rows, std::int64_t at, int width) {
  Numbers sums[Numbers::width];
  for (Numbers& sum : sums) sum = Numbers::all(0);
  int h = 0;
  for (; h + Numbers::width <= width; h += Numbers::width) {
    const Numbers q = Numbers::load(query + h);
#pragma GCC unroll 16
    for (int i = 0; i < Numbers::width; ++i) sums[i] = Numbers::fused(q, load_stored<halves>(rows[i], at + h), sums[i]);
  }
  if constexpr (!whole)
    if (h < width) {
      const Numbers q = Numbers::load_part(query + h, width - h, 0);
      for (int i = 0; i < Numbers::width; ++i)
        sums[i] = Numbers::fused(q, load_stored_part<halves>(rows[i], at + h, width - h), sums[i]);
    }
  return Numbers::sums(sums);
}

// The products of a query with less keys than that; what stands behind them is 0.
template <bool halves>
inline Numbers few_products(const float* query, const std::byte* const* rows, int count, std::int64_t at, int width) {
  Numbers sums[Numbers::width];
  for (int i = 0; i < count; ++i) {
    Numbers sum = Numbers::all(0);
    int h = 0;
    for (; h + Numbers::width <= width; h += Numbers::width)
      sum = Numbers::fused(Numbers::load(query + h), load_stored<halves>(rows[i], at + h), sum);
    if (h < width)
      sum = Numbers::fused(Numbers::load_part(query + h, width - h, 0),
                           load_stored_part<halves>(rows[i], at + h, width - h), sum);
    sums[i] = sum;
  }
  for (int i = count; i < Numbers::width; ++i) sums[i] = Numbers::all(0);
  return Numbers::sums(sums);
}

// The values of all keys in their shares, for `parts` registers of a head from `at` on.
template <bool halves, int parts>
inline void mix_values(const float* shares, const std::byte* const* rows, int keys, std::int64_t at, Numbers total,
                       float* out) {
  Numbers sums[parts];
  for (Numbers& sum : sums) sum = Numbers::all(0);
  for (int key = 0; key < keys; ++key) {
    const Numbers share = Numbers::all(shares[key]);
    for (int i = 0; i < parts; ++i)
      sums[i] = Numbers::fused(share, load_stored<halves>(rows[key], at + i * Numbers::width), sums[i]);
  }
  for (int i = 0; i < parts; ++i) (sums[i] * total).store(out + i * Numbers::width);
}

template <bool halves>
inline void mix_rest(const float* shares, const std::byte* const* rows, int keys, std::int64_t at, Numbers total,
                     float* out, int count) {
  Numbers sum = Numbers::all(0);
  for (int key = 0; key < keys; ++key)
    sum = Numbers::fused(Numbers::all(shares[key]), load_stored_part<halves>(rows[key], at, count), sum);
  (sum * total).store_part(out, count);
}

// softmax(q Kᵀ scale + bias) V (Vaswani et al. 2017, equation 1).
template <bool halves>
void attend_to(const Attention& a) {
  const int keys = a.keys, width = a.width, padded = (keys + Numbers::width - 1) / Numbers::width * Numbers::width;
  constexpr int size = halves ? 2 : 4;
  const bool whole = width % Numbers::width == 0;
  for (int head = a.first_head; head < a.last_head; ++head) {
    const std::int64_t shift = std::int64_t{head / (a.heads / a.key_heads)} * width;
    const float* query = a.query + std::int64_t{head} * width;
    Numbers most = Numbers::all(-std::numeric_limits<float>::infinity());
    for (int key = 0; key < padded; key += Numbers::width) {
      const std::byte* const* some = a.rows + key;
      const int count = std::min(Numbers::width, keys - key);
      for (int i = 0; i < count; ++i)  // while these keys are multiplied their values come, and the next head's keys
        for (int byte = 0; byte < width * size; byte += kLine) {
          __builtin_prefetch(some[i] + (a.value_at + shift) * size + byte);
          __builtin_prefetch(some[i] + (a.key_at + shift + width) * size + byte);
        }
      const std::int64_t at = a.key_at + shift;
      Numbers scores = (count < Numbers::width ? few_products<halves>(query, some, count, at, width)
                        : whole                ? products<halves, true>(query, some, at, width)
                                               : products<halves, false>(query, some, at, width)) *
                       Numbers::all(a.scale);
      if (a.slopes != nullptr) {
        float bias[Numbers::width];
        for (int i = 0; i < Numbers::width; ++i)
          bias[i] = -a.slopes[head] * static_cast<float>(std::abs(a.position - (key + i)));
        scores = scores + Numbers::load(bias);
      }
      scores.store(a.scores + key);
      if (key + Numbers::width > keys) {
        for (int i = keys; i < key + Numbers::width; ++i) a.scores[i] = -std::numeric_limits<float>::infinity();
        scores = Numbers::load(a.scores + key);
      }
      most = Numbers::higher(most, scores);
    }
    const float sum = exponentials_in_place(a.scores, padded, most.highest());  // the padding adds 1e-38 at most
    const Numbers total = Numbers::all(1.0f / sum);
    float* out = a.out + std::int64_t{head} * width;
    int at = 0;
    for (; at + 4 * Numbers::width <= width; at += 4 * Numbers::width)
      mix_values<halves, 4>(a.scores, a.rows, keys, a.value_at + shift + at, total, out + at);
    for (; at + Numbers::width <= width; at += Numbers::width)
      mix_values<halves, 1>(a.scores, a.rows, keys, a.value_at + shift + at, total, out + at);
    if (at < width) mix_rest<halves>(a.scores, a.rows, keys, a.value_at + shift + at, total, out + at, width - at);
    if (a.weights != nullptr)
      for (int key = 0; key < keys; ++key) a.weights[std::int64_t{head} * keys + key] = a.scores[key] / sum;
  }
}

void attend(const Attention& a) { a.halves ? attend_to<true>(a) : attend_to<false>(a); }

Exponentials exponentials(const float* x, int count) {
  Numbers most = Numbers::all(-std::numeric_limits<float>::infinity());
  each_part(count, [&](int, auto load) {
    most = Numbers::higher(most, load(x, -std::numeric_limits<float>::infinity()));
  });
  const float highest = most.highest();
  const Numbers top = Numbers::all(highest);
  Numbers sums[2] = {Numbers::all(0), Numbers::all(0)};
  int at = 0;
  for (; at + 2 * Numbers::width <= count; at += 2 * Numbers::width)
    for (int i = 0; i < 2; ++i)
      sums[i] = sums[i] + exponential(Numbers::load(x + at + i * Numbers::width) - top);
  float sum = (sums[0] + sums[1]).sum();
  for (; at < count; ++at) sum += std::exp(x[at] - highest);
  return {highest, sum};
}

void offer(const float* x, const float* mask, int count, std::int32_t first_id, Candidates& best) {
  constexpr float none = -std::numeric_limits<float>::infinity();
  float found[Numbers::width];
  each_part(count, [&](int at, auto load) {
    Numbers part = load(x, none);
    unsigned bits = Numbers::above(part, Numbers::all(best.lowest()));
    if (bits == 0) return;  // seldom otherwise, and a mask only takes away
    if (mask != nullptr) {
      part = part + load(mask, none);
      bits = Numbers::above(part, Numbers::all(best.lowest()));
    }
    if (bits == 0) return;
    part.store(found);
    for (; bits != 0; bits &= bits - 1) {
      const int lane = __builtin_ctz(bits);
      best.offer(found[lane], first_id + at + lane);
    }
  });
}
