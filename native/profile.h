// Where the time of a call goes, operator by operator, by the clock of number 0 of its first team; the arithmetic and
// the memory are those of the whole team.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace dragoman {

enum class Operator { search, embed, prepare, projections, feed_forward, memory, attention, output, best };
inline constexpr std::array kOperatorNames = {
    "search",        "embedding",          "norms and rounding", "attention's matrices", "feed-forward's matrices",
    "memory's keys", "attention's scores", "output's matrix",    "sums and best pieces"};

struct Cost {
  double seconds = 0, operations = 0, bytes = 0;  // bytes of weights or of keys and values read
};

class Profile {
 public:
  // What happened since the last tick was this operator.
  void tick(Operator what, double operations = 0, double bytes = 0) {
    const auto now = Clock::now();
    Cost& cost = costs_[static_cast<std::size_t>(what)];
    cost.seconds += std::chrono::duration<double>(now - last_).count();
    cost.operations += operations;
    cost.bytes += bytes;
    last_ = now;
  }
  const std::array<Cost, kOperatorNames.size()>& costs() const { return costs_; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_ = Clock::now();
  std::array<Cost, kOperatorNames.size()> costs_{};
};

}  // namespace dragoman
