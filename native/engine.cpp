#include "engine.h"

#include <algorithm>
#include <numeric>
#include <thread>

#include "forced.h"

namespace dragoman {

namespace {

constexpr int kManyPerThread = 8;  // sentences for each thread from which it works alone

std::vector<std::int32_t> after_begin(std::span<const std::int32_t> target) {
  std::vector<std::int32_t> ids = {kBegin};
  ids.insert(ids.end(), target.begin(), target.end());
  return ids;
}

// Calls work(thread, item) for all items, each on one of the threads; throws what one of them threw, and then
// begins no more.
template <class Work>
void spread(int items, int threads, Work work) {
  std::atomic<int> next{0};
  Team(threads).run([&](int me) {
    try {
      for (int item; (item = next.fetch_add(1)) < items;) work(me, item);
    } catch (...) {
      next = items;
      throw;
    }
  });
}

// Tells the others when a worker ends, whatever ends it.
class Leaving {
 public:
  explicit Leaving(Line& line) : line_(line) {}
  Leaving(const Leaving&) = delete;
  ~Leaving() { ++line_.over; }

 private:
  Line& line_;
};

// The caller's thread has no sentence left, and another may have a long one: an interrupt shall end that too.
void wait_for_others(Line& line, const Between& between) {
  while (line.over < line.workers - 1) {
    try {
      between();
    } catch (...) {
      line.stop = true;
      throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

std::vector<std::vector<Found>> Engine::search(std::span<const Job> jobs, const SearchOptions& options,
                                               const Grammar& grammar, int threads, const Between& between,
                                               const Watch& watch, Profile* profile) const {
  const int count = static_cast<int>(jobs.size());
  Line line;
  line.jobs = jobs;
  line.watch = watch;
  line.profile = profile;
  line.results.resize(jobs.size());
  line.order.resize(jobs.size());
  std::iota(line.order.begin(), line.order.end(), 0);
  std::ranges::stable_sort(line.order, std::greater{}, [&](int number) {
    return jobs[static_cast<std::size_t>(number)].source.size();
  });
  if (count >= kManyPerThread * threads && !watch) {
    line.workers = threads;
    Team(threads).run([&](int me) {
      const Leaving leaving(line);
      Worker(model_, kernels_, options, grammar, line, shelf_, 1, me == 0 ? between : Between()).run();
      if (me == 0) wait_for_others(line, between);
    });
  } else {
    Worker(model_, kernels_, options, grammar, line, shelf_, threads, between).run();
  }
  return std::move(line.results);
}

std::vector<std::vector<float>> Engine::score(std::span<const Pair> pairs, int threads,
                                              const Between& between) const {
  std::vector<std::vector<float>> scores(pairs.size());
  std::vector<std::unique_ptr<Forced>> passes;
  for (int i = 0; i < threads; ++i) passes.push_back(std::make_unique<Forced>(model_, kernels_, 1));
  spread(static_cast<int>(pairs.size()), threads, [&](int me, int item) {
    if (me == 0) between();
    const Pair& pair = pairs[static_cast<std::size_t>(item)];
    std::vector<std::int32_t> ids = after_begin(pair.target);
    ids.pop_back();
    Forced& pass = *passes[static_cast<std::size_t>(me)];
    pass.run(pair.source, ids, pair.target, {});
    scores[static_cast<std::size_t>(item)] = pass.log_probabilities;
  });
  return scores;
}

std::vector<float> Engine::logits(const Pair& pair, int threads) const {
  Forced pass(model_, kernels_, threads);
  pass.run(pair.source, pair.target, {}, {.logits = true});
  return std::move(pass.logits);
}

std::vector<float> Engine::cross_attention(const Pair& pair, int threads) const {
  Forced pass(model_, kernels_, threads);
  pass.run(pair.source, after_begin(pair.target), {}, {.weights = true});
  return std::move(pass.weights);
}

std::vector<float> Engine::layers(const Pair& pair, int threads) const {
  Forced pass(model_, kernels_, threads);
  pass.run(pair.source, pair.target, {}, {.layers = true});
  return std::move(pass.layers);
}

}  // namespace dragoman
