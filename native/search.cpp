#include "search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "keyed.h"
#include "sample.h"

namespace dragoman {

Grammar::Grammar(std::span<const std::uint8_t> allowed, std::span<const std::uint8_t> next, int pieces)
    : pieces_(pieces), next_(next.begin(), next.end()) {
  masks_.reserve(allowed.size());
  for (const std::uint8_t yes : allowed) masks_.push_back(yes ? 0.0f : -std::numeric_limits<float>::infinity());
}

double SearchOptions::score(double log_probability, int length) const {
  if (penalty == Penalty::none) return log_probability;
  if (penalty == Penalty::average) return log_probability / length;
  return log_probability / std::pow((5.0 + length) / 6.0, alpha);
}

std::int32_t Search::forced() const {
  const auto at = static_cast<std::size_t>(step_);
  return at < job_.prefix.size() ? job_.prefix[at] : -1;
}

bool Search::take(std::span<const Step> steps) {
  ways_.clear();
  const bool over = choose(steps);
  ++step_;
  return over;
}

Row Search::longer(const Row& row, std::int32_t id, float log_probability) const {
  Row made = row;
  made.ids.push_back(id);
  made.log_probabilities.push_back(log_probability);
  made.log_probability += double{log_probability};
  made.state = grammar_.next(row.state, id);
  if (made.state == kWhole) made.whole = static_cast<int>(made.ids.size());
  return made;
}

// A hypothesis that its limit cut inside a character ends before it.
Found Search::found(const Row& row) const {
  Found made{row.ids, row.log_probabilities, 0, row.ids.back() == kEnd};
  if (!made.finished) {
    made.ids.resize(static_cast<std::size_t>(row.whole));
    made.log_probabilities.resize(static_cast<std::size_t>(row.whole));
  }
  double sum = 0;
  for (const float log_probability : made.log_probabilities) sum += double{log_probability};
  made.score = options_.score(sum, std::max(1, static_cast<int>(made.ids.size())));
  return made;
}

void Search::put(Found found, int most) {
  pool_.push_back(std::move(found));
  std::ranges::stable_sort(pool_, [](const Found& a, const Found& b) {
    return std::make_tuple(!a.finished, -a.score, std::cref(a.ids)) <
           std::make_tuple(!b.finished, -b.score, std::cref(b.ids));
  });
  if (pool_.size() > static_cast<std::size_t>(most)) pool_.resize(static_cast<std::size_t>(most));
}

namespace {

class Beam final : public Search {
 public:
  using Search::Search;

 private:
  struct Candidate {
    double score;
    std::size_t row;
    std::int32_t id;
    float log_probability;
  };

  // The best 2 W ways to go on: the highest score, then the lowest row, then the lowest id.
  std::vector<Candidate> candidates(std::span<const Step> steps) const {
    std::vector<Candidate> all;
    const auto add = [&](std::size_t row, std::int32_t id, float logit) {
      const auto log_probability = static_cast<float>(double{logit} - steps[row].log_sum);
      all.push_back({rows_[row].log_probability + double{log_probability}, row, id, log_probability});
    };
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      if (forced() >= 0) {
        add(row, forced(), steps[row].named);
        continue;
      }
      const Candidates& best = *steps[row].best;
      for (int i = 0, kept = 0; i < best.count && kept < 2 * options_.width; ++i) {
        const std::int32_t id = best.id[static_cast<std::size_t>(i)];
        if (id == kEnd && !may_end()) continue;
        add(row, id, best.value[static_cast<std::size_t>(i)]);
        ++kept;
      }
    }
    std::ranges::sort(all, [](const Candidate& a, const Candidate& b) {
      return std::make_tuple(-a.score, a.row, a.id) < std::make_tuple(-b.score, b.row, b.id);
    });
    if (all.size() > static_cast<std::size_t>(2 * options_.width))
      all.resize(static_cast<std::size_t>(2 * options_.width));
    return all;
  }

  bool choose(std::span<const Step> steps) override {
    const std::vector<Candidate> all = candidates(steps);
    const auto width = static_cast<std::size_t>(options_.width);
    std::vector<Row> next;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Candidate& way = all[i];
      Fate fate = Fate::pruned;
      if (way.id == kEnd && i < width) {
        put(found(longer(rows_[way.row], kEnd, way.log_probability)), options_.n_best);
        fate = Fate::finished;
      } else if (way.id != kEnd && next.size() < width) {
        next.push_back(longer(rows_[way.row], way.id, way.log_probability));
        fate = Fate::kept;
      }
      if (options_.watched)
        ways_.push_back({static_cast<int>(way.row), way.id, way.log_probability, way.score, fate});
    }
    rows_ = std::move(next);
    if (rows_.empty()) return true;
    if (step_ + 1 < job_.limit) return settled();
    for (const Row& row : rows_) {  // cut to whole characters, two may be the same
      Found cut = found(row);
      if (std::ranges::none_of(pool_, [&](const Found& other) { return other.ids == cut.ids; }))
        put(std::move(cut), options_.n_best);
    }
    return true;
  }

  // Whether no open way can still beat the worst of the kept.
  bool settled() const {
    return pool_.size() == static_cast<std::size_t>(options_.n_best) &&
           pool_.back().score > options_.score(rows_.front().log_probability, job_.limit);
  }
};

// Takes one piece a step for every row and never looks back: the likeliest, or one drawn.
class Walk final : public Search {
 public:
  using Search::Search;

 private:
  bool choose(std::span<const Step> steps) override {
    std::vector<Row> next;
    const auto go = [&](const Row& row, const Step& step) {
      const auto [id, logit] = pick(row, step);
      Row made = longer(row, id, static_cast<float>(double{logit} - step.log_sum));
      if (options_.watched)
        ways_.push_back({row.number, id, made.log_probabilities.back(), made.log_probability,
                         id == kEnd ? Fate::finished : Fate::kept});
      if (id == kEnd || step_ + 1 == job_.limit)
        put(found(made), samples());
      else
        next.push_back(std::move(made));
    };
    if (step_ == 0) {
      for (int number = 0; number < samples(); ++number) {
        rows_.front().number = number;
        go(rows_.front(), steps.front());
      }
    } else {
      for (std::size_t row = 0; row < rows_.size(); ++row) go(rows_[row], steps[row]);
    }
    rows_ = std::move(next);
    return rows_.empty();
  }

  int samples() const { return options_.sampling ? options_.n_best : 1; }

  std::pair<std::int32_t, float> pick(const Row& row, const Step& step) const {
    if (forced() >= 0) return {forced(), step.named};
    if (options_.sampling) {
      const double u = draw_number(job_.keys[static_cast<std::size_t>(row.number)], step_);
      const std::int32_t id = draw(step.logits, mask(row), grammar_.pieces(), may_end() ? -1 : kEnd, options_, u);
      return {id, step.logits[id]};
    }
    const std::size_t first = step.best->count > 0 && step.best->id.front() == kEnd && !may_end() ? 1 : 0;
    if (step.best->count <= static_cast<int>(first)) return {kEnd, step.named};  // nothing is allowed
    return {step.best->id[first], step.best->value[first]};
  }
};

}  // namespace

// One more than is kept, for where </s> may not yet come.
int candidates(const SearchOptions& options) {
  if (options.sampling) return 0;
  return options.width == 1 ? 2 : 2 * options.width + 1;
}

std::unique_ptr<Search> search(const Job& job, const SearchOptions& options, const Grammar& grammar) {
  if (options.sampling || options.width == 1) return std::make_unique<Walk>(job, options, grammar);
  return std::make_unique<Beam>(job, options, grammar);
}

}  // namespace dragoman
