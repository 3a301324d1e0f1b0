// A team that searches sentences until none is left: continuous batching.
//
// Sentences wait in a line, longest first. Whenever room is free, the next ones are encoded together and join
// the step of those that are under way; a finished one leaves at once. What a sentence gets depends on nothing
// but itself (see `forward.h` and `output.h`), so neither the line nor its neighbours show in the result.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "cache.h"
#include "forward.h"
#include "output.h"
#include "search.h"

namespace dragoman {

// Called now and then by the thread that made the call, between two steps; what it throws ends the call.
using Between = std::function<void()>;

// Told after each step of each sentence which ways it looked at; by the thread that made the call.
using Watch = std::function<void(int number, int step, std::span<const Way> ways)>;

// The sentences of a call, shared by all workers.
struct Line {
  std::span<const Job> jobs;
  std::vector<int> order;  // longest source first
  Watch watch;             // with one worker alone
  Profile* profile = nullptr;  // of the worker that the caller's thread leads
  int workers = 1;
  std::vector<std::vector<Found>> results;
  std::atomic<int> next{0};
  std::atomic<bool> stop{false};  // some worker failed, or the caller wants no more
  std::atomic<int> over{0};       // workers that have ended
};

class Worker {
 public:
  Worker(const Model& model, const Kernels& kernels, const SearchOptions& options, const Grammar& grammar,
         Line& line, CacheShelf& shelf, int threads, Between between);
  Worker(const Worker&) = delete;
  ~Worker();

  // Works the line off with all threads of the team; throws what one of them threw.
  void run();

 private:
  struct Sentence {
    int number;  // of its job
    std::unique_ptr<Search> search;
    Cache cache;
    std::shared_ptr<Buffer<std::byte>> memory;  // of all sentences that were encoded with it
    std::vector<const std::byte*> memory_rows;
    std::unique_ptr<Subset> subset;  // where it may not produce every piece
  };

  void work(int me);
  bool plan();
  void admit();
  void lay_out();
  void take();
  int places() const;

  const Model& model_;
  const SearchOptions& options_;
  const Grammar& grammar_;
  Line& line_;
  Between between_;
  Team team_;
  Forward forward_;
  Output output_;
  CacheShelf& shelf_;
  std::unique_ptr<CachePool> pool_;
  std::vector<Sentence> sentences_;
  std::vector<SourceRow> sources_;  // to be encoded before the next step
  std::vector<TargetRow> targets_;
  std::vector<Ask> asks_;
  std::vector<Step> steps_;
  bool over_ = false;
  std::exception_ptr failure_;
};

}  // namespace dragoman
