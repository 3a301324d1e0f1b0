// The door between Python and C++: dragoman._native. It turns NumPy arrays into spans and back, copies
// nothing on the way in, and lets other Python threads run while it works. std::invalid_argument becomes
// ValueError.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "cpu.h"
#include "merges.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace {

template <class Number, std::size_t Dimensions = 1>
using Given = nb::ndarray<const Number, nb::ndim<Dimensions>, nb::c_contig, nb::device::cpu>;
template <class Number>
using Made = nb::ndarray<nb::numpy, Number, nb::ndim<1>>;

template <class Array>
auto span(const Array& array) {
  return std::span(array.data(), array.size());
}

// The array owns the vector; an empty one gets a cell, for NumPy wants an address.
template <class Number>
Made<Number> made(std::vector<Number>&& numbers) {
  auto owned = std::make_unique<std::vector<Number>>(std::move(numbers));
  owned->reserve(1);
  Number* data = owned->data();
  const std::size_t size = owned->size();
  nb::capsule owner(owned.get(),
                    [](void* vector) noexcept { delete static_cast<std::vector<Number>*>(vector); });
  owned.release();
  return Made<Number>(data, {size}, owner);
}

Made<std::int32_t> apply(const dragoman::Merges& merges, Given<std::int32_t> ids,
                         Given<std::int32_t> word_starts, std::int64_t key, double dropout) {
  std::vector<std::int32_t> merged;
  {
    nb::gil_scoped_release others_run;
    merged = merges.apply({span(ids), span(word_starts)}, key, dropout);
  }
  return made(std::move(merged));
}

std::pair<Made<std::int32_t>, Made<std::int64_t>> apply_many(const dragoman::Merges& merges,
                                                             Given<std::int32_t> ids,
                                                             Given<std::int64_t> text_starts,
                                                             Given<std::int32_t> word_starts,
                                                             Given<std::int64_t> word_offsets,
                                                             Given<std::int64_t> keys, double dropout) {
  dragoman::MergedTexts merged;
  {
    nb::gil_scoped_release others_run;
    merged = merges.apply_many(
        {span(ids), span(text_starts), span(word_starts), span(word_offsets), span(keys)}, dropout);
  }
  return {made(std::move(merged.ids)), made(std::move(merged.offsets))};
}

}  // namespace

NB_MODULE(_native, module) {
  // An object still alive when the interpreter ends is no fault of the user, whose stderr would tell of it.
  nb::set_leak_warnings(false);

  module.def("instruction_sets", &dragoman::instruction_sets);

  // noconvert: an array of another dtype is a TypeError, not a silent copy that could wrap around.
  nb::class_<dragoman::Merges>(module, "Merges")
      .def(
          "__init__",
          [](dragoman::Merges* self, Given<std::int32_t, 2> pairs, Given<std::int32_t> joined) {
            if (pairs.shape(1) != 2)
              throw std::invalid_argument("pairs has rows of another length than 2; write [left, right]");
            new (self) dragoman::Merges(span(pairs), span(joined));
          },
          "pairs"_a.noconvert(), "joined"_a.noconvert())
      .def("apply", &apply, "ids"_a.noconvert(), "word_starts"_a.noconvert(), "key"_a, "dropout"_a)
      .def("apply_many", &apply_many, "ids"_a.noconvert(), "text_starts"_a.noconvert(),
           "word_starts"_a.noconvert(), "word_offsets"_a.noconvert(), "keys"_a.noconvert(), "dropout"_a);
}
