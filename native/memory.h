// Memory for numbers that kernels read: aligned to cache lines, large pieces on large pages.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace dragoman {

// `size` numbers that begin with a cache line. Their values are not set.
template <class Number>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) : size_(size) {
    constexpr std::size_t line = 64, page = std::size_t{2} << 20;
    const std::size_t bytes = size * sizeof(Number), step = bytes >= page ? page : line;
    const std::size_t whole = (bytes / step + 1) * step;
    data_.reset(static_cast<Number*>(std::aligned_alloc(step, whole)));
    if (!data_) throw std::bad_alloc();
#if defined(__linux__)
    if (step == page) madvise(data_.get(), whole, MADV_HUGEPAGE);  // advice: it may be declined
#endif
  }

  Number* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  Number& operator[](std::size_t at) const { return data_.get()[at]; }
  std::span<Number> span() const { return {data_.get(), size_}; }

  // Makes room for `size` numbers; what was there is lost.
  void want(std::size_t size) {
    if (size > size_) *this = Buffer(size + size / 4);
  }

 private:
  struct Free {
    void operator()(Number* data) const { std::free(data); }
  };
  std::unique_ptr<Number, Free> data_;
  std::size_t size_ = 0;
};

// Memory for what stays as long as the whole: piece after piece in the order in which it is asked for, each from a cache
// line on, so that small pieces lie on large pages too and what is read in turn is one stream.
class Arena {
 public:
  // `count` numbers whose values are not set.
  template <class Number>
  std::span<Number> take(std::size_t count) {
    constexpr std::size_t line = 64;
    const std::size_t bytes = (count * sizeof(Number) + line - 1) / line * line;
    if (chunks_.empty() || bytes > chunks_.back().size() - used_) {
      chunks_.emplace_back(std::max(bytes, kChunk));
      used_ = 0;
    }
    std::byte* first = chunks_.back().data() + std::exchange(used_, used_ + bytes);
    return {reinterpret_cast<Number*>(first), count};
  }

 private:
  static constexpr std::size_t kChunk = std::size_t{64} << 20;  // what of it is never written takes no memory

  std::vector<Buffer<std::byte>> chunks_;
  std::size_t used_ = 0;  // of the last one
};

}  // namespace dragoman
