// The door between Python and C++: dragoman._native. It turns NumPy arrays into spans and back, copies
// nothing on the way in, and lets other Python threads run while it works. std::invalid_argument becomes
// ValueError.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "cpu.h"
#include "engine_binding.h"
#include "lattice.h"
#include "merges.h"
#include "unigram.h"

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

// The edges of a text as three arrays: starts, ends, pieces.
auto edges(const dragoman::Lattice& lattice, Given<std::uint32_t> text) {
  std::vector<std::int32_t> starts, ends, pieces;
  for (const dragoman::Edge& edge : lattice.edges(span(text))) {
    starts.push_back(edge.start);
    ends.push_back(edge.end);
    pieces.push_back(edge.piece);
  }
  return std::tuple{made(std::move(starts)), made(std::move(ends)), made(std::move(pieces))};
}

std::pair<Made<std::int32_t>, Made<std::int64_t>> sample_many(const dragoman::Lattice& lattice,
                                                              Given<std::uint32_t> points,
                                                              Given<std::int64_t> offsets,
                                                              Given<std::int64_t> keys, double alpha) {
  dragoman::SampledTexts sampled;
  {
    nb::gil_scoped_release others_run;
    sampled = lattice.sample_many({span(points), span(offsets)}, span(keys), alpha);
  }
  return {made(std::move(sampled.ids)), made(std::move(sampled.offsets))};
}

auto learn_unigram(Given<std::uint32_t> points, Given<std::int64_t> offsets, Given<std::int64_t> counts,
                   std::int64_t size) {
  dragoman::Unigram learned;
  {
    nb::gil_scoped_release others_run;
    learned = dragoman::learn_unigram({span(points), span(offsets)}, span(counts), size);
  }
  return std::tuple{made(std::move(learned.points)), made(std::move(learned.offsets)),
                    made(std::move(learned.scores))};
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

  nb::class_<dragoman::Lattice>(module, "Lattice")
      .def(
          "__init__",
          [](dragoman::Lattice* self, Given<std::uint32_t> points, Given<std::int64_t> offsets,
             Given<double> scores) { new (self) dragoman::Lattice({span(points), span(offsets)}, span(scores)); },
          "points"_a.noconvert(), "offsets"_a.noconvert(), "scores"_a.noconvert())
      .def_prop_ro("unknown_score", &dragoman::Lattice::unknown_score)
      .def("edges", &edges, "text"_a.noconvert())
      .def("sample_many", &sample_many, "points"_a.noconvert(), "offsets"_a.noconvert(), "keys"_a.noconvert(),
           "alpha"_a);

  add_engine(module);

  module.def("learn_unigram", &learn_unigram, "points"_a.noconvert(), "offsets"_a.noconvert(),
             "counts"_a.noconvert(), "size"_a);
}
