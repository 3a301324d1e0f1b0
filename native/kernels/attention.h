// Attention of one query to its keys; included after `rows.h`.

// Two registers of a stored row: of bfloat16 the numbers at even places and those at odd ones, which costs least; of float32
// one half and the other.
template <bool halves>
inline Twin load_twin(const std::byte* row, std::int64_t at) {
  if constexpr (halves) return Numbers::load_twin_halves(row + 2 * at);
  const float* x = reinterpret_cast<const float*>(row) + at;
  return {Numbers::load(x), Numbers::load(x + Numbers::width)};
}

template <bool halves>
inline void store_twin(Twin twin, Numbers factor, float* out) {
  if constexpr (halves) twin = Numbers::together(twin);
  (twin.first * factor).store(out);
  (twin.second * factor).store(out + Numbers::width);
}

// A head's query, its registers in the order in which those of a key are read. `fixed`: how many twins it is, or 0 where that is not
// known beforehand; there may be numbers behind the twins then.
template <bool halves, int fixed>
class Query {
 public:
  Query(const float* query, int width) : query_(query), width_(width) {
    for (int i = 0; i < twins(); ++i) {
      const float* x = query + i * kTwin;
      const Numbers front = Numbers::load(x), back = Numbers::load(x + Numbers::width);
      if constexpr (halves)
        twins_[i] = Numbers::apart(front, back);
      else
        twins_[i] = {front, back};
    }
  }

  // Lane for lane; their sum is the product with the key.
  Numbers times(const std::byte* row, std::int64_t at) const {
    Numbers sum = Numbers::all(0);
    const int count = twins();
#pragma GCC unroll 2
    for (int i = 0; i < count; ++i) {
      const Twin key = load_twin<halves>(row, at + i * kTwin);
      sum = Numbers::fused(twins_[i].first, key.first, sum);
      sum = Numbers::fused(twins_[i].second, key.second, sum);
    }
    if constexpr (fixed == 0) {
      int h = count * kTwin;
      for (; h + Numbers::width <= width_; h += Numbers::width)
        sum = Numbers::fused(Numbers::load(query_ + h), load_stored<halves>(row, at + h), sum);
      if (h < width_)
        sum = Numbers::fused(Numbers::load_part(query_ + h, width_ - h, 0),
                             load_stored_part<halves>(row, at + h, width_ - h), sum);
    }
    return sum;
  }

 private:
  static constexpr int kTwin = 2 * Numbers::width, kMost = 128 / kTwin;

  int twins() const { return fixed > 0 ? fixed : std::min(width_ / kTwin, kMost); }

  const float* query_;
  int width_;
  Twin twins_[fixed > 0 ? fixed : kMost];
};

// The products of a query with as many keys as a register has lanes, or less; what stands behind them is 0.
template <bool halves, int fixed>
inline Numbers products(const Query<halves, fixed>& query, const std::byte* const* rows, int count, std::int64_t at) {
  Numbers sums[Numbers::width];
  if (count == Numbers::width) {
#pragma GCC unroll 16
    for (int i = 0; i < Numbers::width; ++i) sums[i] = query.times(rows[i], at);
  } else {
    for (int i = 0; i < count; ++i) sums[i] = query.times(rows[i], at);
    for (int i = count; i < Numbers::width; ++i) sums[i] = Numbers::all(0);
  }
  return Numbers::sums(sums, count);
}

// The values of all keys in their shares, for some twins of a head from `at` on.
template <bool halves, int twins>
inline void mix_values(const float* shares, const std::byte* const* rows, int keys, std::int64_t at, Numbers total,
                       float* out) {
  constexpr int twin = 2 * Numbers::width;
  Twin sums[twins];
  for (Twin& sum : sums) sum = {Numbers::all(0), Numbers::all(0)};
  for (int key = 0; key < keys; ++key) {
    const Numbers share = Numbers::all(shares[key]);
#pragma GCC unroll 2
    for (int i = 0; i < twins; ++i) {
      const Twin value = load_twin<halves>(rows[key], at + i * twin);
      sums[i].first = Numbers::fused(share, value.first, sums[i].first);
      sums[i].second = Numbers::fused(share, value.second, sums[i].second);
    }
  }
  for (int i = 0; i < twins; ++i) store_twin<halves>(sums[i], total, out + i * twin);
}

// The same for a register, or a part of one.
template <bool halves>
inline void mix_rest(const float* shares, const std::byte* const* rows, int keys, std::int64_t at, Numbers total,
                     float* out, int count) {
  Numbers sum = Numbers::all(0);
  for (int key = 0; key < keys; ++key) {
    const Numbers value =
        count < Numbers::width ? load_stored_part<halves>(rows[key], at, count) : load_stored<halves>(rows[key], at);
    sum = Numbers::fused(Numbers::all(shares[key]), value, sum);
  }
  put(out, 0, count, sum * total);
}

// While keys are multiplied their values come, and the next head's keys.
template <bool halves>
inline void fetch(const Attention& a, const std::byte* const* rows, int count, std::int64_t shift) {
  constexpr int size = halves ? 2 : 4;
  for (int i = 0; i < count; ++i)
    for (int byte = 0; byte < a.width * size; byte += kLine) {
      __builtin_prefetch(rows[i] + (a.value_at + shift) * size + byte);
      __builtin_prefetch(rows[i] + (a.key_at + shift + a.width) * size + byte);
    }
}

// Minus the distance from a query times the head's slope, for some keys (Press et al. 2022, section 3).
inline Numbers distances(const Attention& a, int head, int first_key) {
  float bias[Numbers::width];
  for (int i = 0; i < Numbers::width; ++i)
    bias[i] = -a.slopes[head] * static_cast<float>(std::abs(a.position - (first_key + i)));
  return Numbers::load(bias);
}

// q Kᵀ scale + bias of a head, filled up with -inf.
template <bool halves, int fixed>
inline void score(const Attention& a, int head, std::int64_t shift, float* scores) {
  const Query<halves, fixed> query(a.query + std::int64_t{head} * a.width, a.width);
  for (int key = 0; key < a.keys; key += Numbers::width) {
    const int count = std::min(Numbers::width, a.keys - key);
    fetch<halves>(a, a.rows + key, count, shift);
    Numbers made = products(query, a.rows + key, count, a.key_at + shift) * Numbers::all(a.scale);
    if (a.slopes != nullptr) made = made + distances(a, head, key);
    made.store(scores + key);
    for (int i = count; i < Numbers::width; ++i) scores[key + i] = -std::numeric_limits<float>::infinity();
  }
}

// The values of a head in their shares.
template <bool halves>
inline void mix(const Attention& a, const float* shares, std::int64_t at, Numbers total, float* out) {
  constexpr int twin = 2 * Numbers::width;
  int done = 0;
  for (; done + 2 * twin <= a.width; done += 2 * twin)
    mix_values<halves, 2>(shares, a.rows, a.keys, at + done, total, out + done);
  for (; done + twin <= a.width; done += twin)
    mix_values<halves, 1>(shares, a.rows, a.keys, at + done, total, out + done);
  for (; done < a.width; done += Numbers::width)
    mix_rest<halves>(shares, a.rows, a.keys, at + done, total, out + done, std::min(Numbers::width, a.width - done));
}

// softmax(q Kᵀ scale + bias) V (Vaswani et al. 2017, equation 1). With few keys most of the time of a head is waiting for its own
// sums, so some heads go through each part together.
template <bool halves, int fixed>
void attend_to(const Attention& a) {
  const int padded = (a.keys + Numbers::width - 1) / Numbers::width * Numbers::width;
  const int together = std::max(1, kScores / padded);
  const auto shift = [&](int head) { return std::int64_t{head / (a.heads / a.key_heads)} * a.width; };
  float totals[kScores / Numbers::width];
  for (int first = a.first_head; first < a.last_head; first += together) {
    const int last = std::min(first + together, a.last_head);
    const auto scores = [&](int head) { return a.scores + std::int64_t{head - first} * padded; };
    for (int head = first; head < last; ++head) score<halves, fixed>(a, head, shift(head), scores(head));
    for (int head = first; head < last; ++head)
      totals[head - first] = exponentials_in_place(scores(head), padded);  // the padding adds 1e-37 at most
    for (int head = first; head < last; ++head)
      mix<halves>(a, scores(head), a.value_at + shift(head), Numbers::all(1.0f / totals[head - first]),
                  a.out + std::int64_t{head} * a.width);
    if (a.weights != nullptr)
      for (int head = first; head < last; ++head)
        for (int key = 0; key < a.keys; ++key)
          a.weights[std::int64_t{head} * a.keys + key] = scores(head)[key] / totals[head - first];
  }
}

template <bool halves>
void attend_with(const Attention& a) {
  constexpr int twin = 2 * Numbers::width;
  switch (a.width % twin == 0 ? a.width / twin : 0) {
    case 1: return attend_to<halves, 1>(a);
    case 2: return attend_to<halves, 2>(a);
    case 4: return attend_to<halves, 4>(a);
    default: return attend_to<halves, 0>(a);
  }
}

void attend(const Attention& a) { a.halves ? attend_with<true>(a) : attend_with<false>(a); }
