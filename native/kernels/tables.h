// The tables of kernels that this build has; each stands in a source of its own, compiled for its set.
#pragma once

#include "kernels.h"

namespace dragoman {

#if defined(__x86_64__)
namespace amx {
bool permitted();  // whether the operating system lets this process use tiles
const Kernels& table();
}
namespace avx512 {
const Kernels& table();
}
namespace avx2 {
const Kernels& table();
}
#endif
namespace portable {
const Kernels& table();
}

}  // namespace dragoman
