// Random numbers that are a pure function of a key, so that neither threads nor an order change them.
//
// Two programs that draw differently from the same key share these three lines and nothing else.
#pragma once

#include <cstdint>

namespace dragoman {

// splitmix64's finalizer, modulo 2^64 (Steele, Lea and Flood 2014).
inline std::uint64_t mix(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

inline std::uint64_t chain(std::uint64_t key, std::uint64_t next) { return mix(key ^ mix(next)); }

// From 0 to below 1.
inline double uniform(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

}  // namespace dragoman
