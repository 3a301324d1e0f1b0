// Some columns of the output matrix, packed as the whole is: the pieces that one sentence may produce, where a lexical
// shortlist says so (Jean et al. 2015, section 3.3).
//
// Shapes.  N columns of the subset.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "memory.h"

namespace dragoman {

class Subset {
 public:
  // Ids in rising order; the whole must outlive nothing, for its numbers are copied.
  Subset(const Packed& whole, std::span<const std::int32_t> ids);

  const Packed& packed() const { return packed_; }
  std::span<const std::int32_t> ids() const { return ids_; }
  // Where an id stands among them, or -1.
  int place(std::int32_t id) const {
    const auto found = std::ranges::lower_bound(ids_, id);
    return found != ids_.end() && *found == id ? static_cast<int>(found - ids_.begin()) : -1;
  }

 private:
  Packed packed_;
  std::vector<std::int32_t> ids_;
  Buffer<std::byte> panels_;
  Buffer<float> bias_, scale_;
  Buffer<std::int32_t> correction_;
};

}  // namespace dragoman
