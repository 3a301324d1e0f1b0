#include "worker.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dragoman {

namespace {

constexpr int kRows = 128;        // of a step: beyond them a product gains no speed
constexpr int kSourceRows = 512;   // of an encoder pass: its room is taken anew by every call

}  // namespace

Worker::Worker(const Model& model, const Kernels& kernels, const SearchOptions& options, const Grammar& grammar,
               Line& line, CacheShelf& shelf, int threads, Between between)
    : model_(model),
      options_(options),
      grammar_(grammar),
      line_(line),
      between_(std::move(between)),
      team_(threads),
      forward_(model, kernels, team_),
      output_(model, kernels, forward_, team_),
      shelf_(shelf),
      pool_(shelf.take(forward_.cache_bytes(), places())) {
  if (between_) forward_.measure(line.profile);
}

Worker::~Worker() {
  sentences_.clear();  // gives their blocks back
  shelf_.give(std::move(pool_));
}

int Worker::places() const { return options_.sampling ? options_.n_best : options_.width; }

void Worker::run() {
  team_.run([this](int me) { work(me); });
  if (failure_) std::rethrow_exception(failure_);
}

// Number 0 decides what comes next; the numbers between are the work of all.
void Worker::work(int me) {
  while (true) {
    if (me == 0) {
      team_.adapt();
      over_ = !plan();
      forward_.tick(me, Operator::search);
      if (over_) team_.gather();  // to be told so
    }
    team_.meet(me);
    if (over_) return;
    if (!sources_.empty()) forward_.encode(me, sources_);
    forward_.decode(me, targets_);
    output_.scan(me, asks_);
  }
}

// Takes what the last step found, and lays out the next; false when nothing is left or something failed.
bool Worker::plan() {
  try {
    if (between_) between_();
    take();
    sources_.clear();
    if (line_.stop) return false;
    admit();
    if (sentences_.empty()) return false;
    lay_out();
    return true;
  } catch (...) {  // the others wait at the meeting: they must be told
    failure_ = std::current_exception();
    line_.stop = true;
    return false;
  }
}

void Worker::take() {
  if (targets_.empty()) return;
  std::size_t row = 0;
  std::vector<Sentence> staying;
  for (Sentence& sentence : sentences_) {
    steps_.clear();
    bool finite = true;
    for (std::size_t i = 0; i < sentence.search->rows().size(); ++i, ++row) {
      const int at = static_cast<int>(row);
      finite = finite && forward_.finite(at) && std::isfinite(output_.log_sum(at));
      steps_.push_back({&output_.best(at), output_.log_sum(at), output_.named(at),
                        options_.sampling ? output_.logits(at) : nullptr});
    }
    // The numbers overflow: there is no answer, and the caller sees that by its score.
    if (!finite) {
      Found none;
      none.score = std::numeric_limits<double>::quiet_NaN();
      line_.results[static_cast<std::size_t>(sentence.number)].push_back(std::move(none));
      continue;
    }
    const int step = sentence.search->step();
    const bool over = sentence.search->take(steps_);
    if (line_.watch) line_.watch(sentence.number, step, sentence.search->ways());
    if (over)
      line_.results[static_cast<std::size_t>(sentence.number)] = sentence.search->results();
    else
      staying.push_back(std::move(sentence));
  }
  sentences_ = std::move(staying);
  targets_.clear();
}

void Worker::admit() {
  const int room = std::max(1, kRows / places());
  if (static_cast<int>(sentences_.size()) > room * 3 / 4) return;  // encode several together
  // No more than half of a fair share of what is left, so that all workers end at about the same time.
  const int left = static_cast<int>(line_.order.size()) - line_.next;
  const int most = line_.workers == 1 ? left : left / (2 * line_.workers) + 1;
  std::vector<int> taken;
  int rows = 0;
  while (static_cast<int>(taken.size()) < most && static_cast<int>(sentences_.size() + taken.size()) < room &&
         rows < kSourceRows) {
    const int place = line_.next.fetch_add(1);
    if (place >= static_cast<int>(line_.order.size())) break;
    taken.push_back(line_.order[static_cast<std::size_t>(place)]);
    rows += static_cast<int>(line_.jobs[static_cast<std::size_t>(taken.back())].source.size());
  }
  if (taken.empty()) return;
  const std::int64_t width = forward_.memory_bytes();
  auto memory = std::make_shared<Buffer<std::byte>>(static_cast<std::size_t>(rows * width));
  int first = 0;
  for (const int number : taken) {
    const Job& job = line_.jobs[static_cast<std::size_t>(number)];
    Sentence sentence{number, search(job, options_, grammar_), Cache(*pool_), memory, {}, {}};
    if (!job.pieces.empty()) sentence.subset = std::make_unique<Subset>(model_.output().packed(), job.pieces);
    const int count = static_cast<int>(job.source.size());
    for (int position = 0; position < count; ++position) {
      std::byte* row = memory->data() + (first + position) * width;
      sources_.push_back({job.source[static_cast<std::size_t>(position)], position, first, count, row});
      sentence.memory_rows.push_back(row);
    }
    first += count;
    sentences_.push_back(std::move(sentence));
  }
}

void Worker::lay_out() {
  asks_.clear();
  int length = 1, subset = 0;
  for (const SourceRow& source : sources_) length = std::max(length, source.count);
  for (Sentence& sentence : sentences_) {
    Search& search = *sentence.search;
    int place = 0;
    for (Row& row : search.rows()) {
      // Cells are read by the next step alone, so two steps' rooms are enough.
      const int step = forward_.recurrent() ? search.step() % 2 : search.step();
      std::byte* cache = sentence.cache.row(step, place++);
      row.cache.push_back(cache);
      TargetRow target;
      target.id = row.ids.empty() ? kBegin : row.ids.back();
      target.position = search.step();
      target.cache = cache;
      target.earlier = row.cache.data();
      target.memory = sentence.memory_rows.data();
      target.memory_rows = static_cast<int>(sentence.memory_rows.size());
      targets_.push_back(target);
      asks_.push_back({search.mask(row), search.forced(), sentence.subset.get()});
      if (sentence.subset) subset = std::max(subset, sentence.subset->packed().outputs);
      length = std::max({length, target.position + 1, target.memory_rows});
    }
  }
  const int rows = static_cast<int>(targets_.size());
  forward_.want(std::max(rows, static_cast<int>(sources_.size())), length);
  output_.want(rows, candidates(options_), options_.sampling, subset);
}

}  // namespace dragoman
