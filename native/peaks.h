// What this machine gives to these kernels at best, to hold what a call used against it.
#pragma once

#include "kernels/kernels.h"

namespace dragoman {

struct Peaks {
  double operations = 0;  // a second, of products whose weights lie in the cache
  double bytes = 0;       // a second, read from memory
};

// Takes about half a second and 128 MiB.
Peaks measure_peaks(const Kernels& kernels, Precision precision, int threads);

}  // namespace dragoman
