// Threads that walk through the same work together, each with its share, and meet between its parts.
//
// Every thread runs the same function with its number; what only one shall do, number 0 does between two
// meetings. A team of one meets nobody and costs nothing.
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

// The part of [0, count) that is `me`'s of `size`; neighbours, and nearly equal.
inline Share share(int count, int me, int size) {
  const auto at = [&](int number) { return static_cast<int>(std::int64_t{count} * number / size); };
  return {at(me), at(me + 1)};
}

class Team {
 public:
  explicit Team(int size) : size_(size) {}
  int size() const { return size_; }

  // Waits until all have come here. Spins for some microseconds, in which an operation of a step ends, and
  // then sleeps.
  void meet() {
    if (size_ == 1) return;
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
    while (round_.load(std::memory_order_acquire) == round) round_.wait(round, std::memory_order_acquire);
  }

  // Runs work(number) on every member, this thread being number 0, and throws what one of them threw. A member
  // that throws would leave the others waiting: `work` may throw before its first meeting alone.
  void run(const std::function<void(int)>& work);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr int kSpinFor = 100;  // microseconds: longer than an operation of a step, shorter than a time slice

  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  int size_;
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<unsigned> round_{0};
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
  std::vector<std::jthread> others;
  for (int number = 1; number < size_; ++number) others.emplace_back(guarded, number);
  guarded(0);
  others.clear();  // joins them
  if (failure) std::rethrow_exception(failure);
}

}  // namespace dragoman
