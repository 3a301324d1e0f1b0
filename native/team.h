// Threads that walk through the same work together, each with its share, and meet between its parts.
//
// Every thread runs the same function with its number; what only one shall do, number 0 does between two
// meetings. A team of one meets nobody and costs nothing.
//
// On a machine that is busy with other things a member may be away from its core for milliseconds, and all wait for it,
// at every one of the hundred meetings of a step. The team then lets number 0 work alone for a while: `adapt`.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dragoman {

struct Share {
  int first, last;
};

class Team {
 public:
  explicit Team(int size) : size_(size), active_(size) {}
  int size() const { return size_; }
  // How many work at present: all, or number 0 alone.
  int active() const { return active_.load(std::memory_order_relaxed); }

  // The part of [0, count) that is `me`'s: neighbours, and nearly equal.
  Share share(int count, int me) const {
    const int among = active();
    const auto at = [&](int number) { return static_cast<int>(std::int64_t{count} * number / among); };
    return {at(me), at(me + 1)};
  }

  // Waits until all who work have come here; who does not work waits for `gather`. Spins for some microseconds, in
  // which an operation of a step ends, and then sleeps.
  void meet(int me) {
    if (me == 0 && active() == 1) return;
    const unsigned round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      round_.notify_all();
      return;
    }
    const auto patience = Clock::now() + std::chrono::microseconds(kSpinFor);
    do {
      for (int spin = 0; spin < 32; ++spin) {
        if (round_.load(std::memory_order_acquire) != round) return;
        pause();
      }
    } while (Clock::now() < patience);
    slept_.fetch_add(1, std::memory_order_relaxed);
    while (round_.load(std::memory_order_acquire) == round) round_.wait(round, std::memory_order_acquire);
  }

  // Number 0 calls this once a step, when the others are on their way to the meeting that begins the next one. Where
  // members slept often in the step before, it goes on alone, and the others stay at that meeting until `gather`;
  // after some steps it tries all again, and where that fails, after twice as many.
  void adapt() {
    const int slept = slept_.exchange(0, std::memory_order_relaxed);
    if (size_ == 1) return;
    if (active() == 1) {
      if (--alone_ == 0) gather();
    } else if (slept > kSleeps * (size_ - 1)) {
      alone_ = longest_ = std::min(2 * longest_, kLongest);
      active_.store(1, std::memory_order_relaxed);
    } else {
      longest_ = kFirst;
    }
  }
  // From the next meeting on all work again.
  void gather() { active_.store(size_, std::memory_order_relaxed); }

  // Runs work(number) on every member, this thread being number 0, and throws what one of them threw. A member
  // that throws would leave the others waiting: `work` may throw before its first meeting alone.
  void run(const std::function<void(int)>& work);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr int kSpinFor = 100;  // microseconds: longer than an operation of a step, shorter than a time slice
  static constexpr int kSleeps = 3;     // of a member in a step; what number 0 does alone explains one
  static constexpr int kFirst = 8, kLongest = 1024;  // steps alone

  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  int size_;
  int alone_ = 0, longest_ = kFirst;
  std::atomic<int> active_;
  std::atomic<int> slept_{0};
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<unsigned> round_{0};
};

// Threads that are waited for when this goes. Not std::jthread: the C++ library of macOS has none.
class Threads {
 public:
  Threads() = default;
  Threads(const Threads&) = delete;
  ~Threads() { join(); }

  template <class Work>
  void begin(const Work& work, int number) {
    threads_.emplace_back(work, number);
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

inline void Team::run(const std::function<void(int)>& work) {
  std::exception_ptr failure;
  std::mutex one_at_a_time;
  const auto guarded = [&](int number) {
    try {
      work(number);
    } catch (...) {
      const std::lock_guard lock(one_at_a_time);
      if (!failure) failure = std::current_exception();
    }
  };
  // None begins before all are there: one that cannot be made would be waited for in vain.
  std::atomic<int> begin{0};
  Threads others;
  const auto wait = [&](int number) {
    begin.wait(0);
    if (begin == 1) guarded(number);
  };
  try {
    for (int number = 1; number < size_; ++number) others.begin(wait, number);
  } catch (...) {
    begin = 2;
    begin.notify_all();
    throw;
  }
  begin = 1;
  begin.notify_all();
  guarded(0);
  others.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace dragoman
