// Where the decoder's keys and values live: blocks of sixteen steps, taken from a pool and given back.
//
// A step writes one row for each hypothesis of its sentence and never moves it. A hypothesis knows its past as
// pointers to such rows, so two that share a beginning share its rows, and changing places copies pointers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "memory.h"

namespace dragoman {

class CachePool {
 public:
  static constexpr int kSteps = 16;

  // Rows of `width` bytes, `places` of them a step.
  CachePool(std::int64_t width, int places) : width_(width), places_(places) {}

  Buffer<std::byte> take() {
    if (free_.empty()) return Buffer<std::byte>(static_cast<std::size_t>(kSteps * places_ * width_));
    Buffer<std::byte> block = std::move(free_.back());
    free_.pop_back();
    return block;
  }
  void give(Buffer<std::byte> block) { free_.push_back(std::move(block)); }
  std::int64_t width() const { return width_; }
  int places() const { return places_; }

 private:
  std::int64_t width_;
  int places_;
  std::vector<Buffer<std::byte>> free_;
};

// Pools between two calls, so that a call need not ask the operating system for its memory again. It keeps as many
// as have worked at once, and those of the last width and number of places alone.
class CacheShelf {
 public:
  std::unique_ptr<CachePool> take(std::int64_t width, int places) {
    const std::lock_guard lock(one_at_a_time_);
    std::erase_if(pools_, [&](const auto& pool) { return pool->width() != width || pool->places() != places; });
    if (pools_.empty()) return std::make_unique<CachePool>(width, places);
    std::unique_ptr<CachePool> pool = std::move(pools_.back());
    pools_.pop_back();
    return pool;
  }
  void give(std::unique_ptr<CachePool> pool) {
    const std::lock_guard lock(one_at_a_time_);
    pools_.push_back(std::move(pool));
  }

 private:
  std::mutex one_at_a_time_;
  std::vector<std::unique_ptr<CachePool>> pools_;
};

// The rows of one sentence.
class Cache {
 public:
  explicit Cache(CachePool& pool) : pool_(&pool) {}
  Cache(Cache&&) = default;
  Cache& operator=(Cache&&) = delete;
  ~Cache() {
    for (Buffer<std::byte>& block : blocks_) pool_->give(std::move(block));
  }

  std::byte* row(int step, int place) {
    const auto block = static_cast<std::size_t>(step / CachePool::kSteps);
    while (blocks_.size() <= block) blocks_.push_back(pool_->take());
    return blocks_[block].data() + (std::int64_t{step % CachePool::kSteps} * pool_->places() + place) * pool_->width();
  }

 private:
  CachePool* pool_;
  std::vector<Buffer<std::byte>> blocks_;
};

}  // namespace dragoman
