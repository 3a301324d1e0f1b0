// The engine's door to Python. Arrays are contiguous and of exactly the dtype named; all sizes are checked by
// `dragoman.engine`, which is the only caller.
#include "engine_binding.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "engine.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using dragoman::Engine;
using dragoman::Found;
using Ids = nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Offsets = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Table = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <int dimensions>
using Floats = nb::ndarray<nb::numpy, float, nb::ndim<dimensions>>;

template <class Kind>
Kind kind(const nb::dict& table, const char* name, const std::map<std::string, Kind>& kinds) {
  return kinds.at(nb::cast<std::string>(table[name]));
}

dragoman::Shape shape_of(const nb::dict& table) {
  using namespace dragoman;
  const auto number = [&](const char* name) { return nb::cast<int>(table[name]); };
  const auto flag = [&](const char* name) { return nb::cast<bool>(table[name]); };
  Shape shape;
  shape.source_pieces = number("source_pieces");
  shape.target_pieces = number("target_pieces");
  shape.width = number("width");
  shape.heads = number("heads");
  shape.key_heads = number("key_heads");
  shape.feed_forward = number("feed_forward");
  shape.encoder_layers = number("encoder_layers");
  shape.decoder_layers = number("decoder_layers");
  shape.max_positions = number("max_positions");
  shape.norm = kind<NormPlace>(
      table, "norm", {{"pre", NormPlace::pre}, {"post", NormPlace::post}, {"none", NormPlace::none}});
  shape.norm_kind = kind<NormKind>(table, "norm_kind", {{"layer", NormKind::layer}, {"rms", NormKind::rms}});
  shape.epsilon = nb::cast<float>(table["epsilon"]);
  shape.activation = kind<Activation>(
      table, "activation",
      {{"relu", Activation::relu},
       {"gelu", Activation::gelu},
       {"swiglu", Activation::swiglu},
       {"silu", Activation::silu}});
  shape.positions = kind<Positions>(table, "positions",
                                    {{"sinusoidal", Positions::sinusoidal},
                                     {"learned", Positions::stored},
                                     {"table", Positions::stored},
                                     {"rotary", Positions::rotary},
                                     {"alibi", Positions::alibi},
                                     {"none", Positions::none}});
  shape.tie = kind<Tie>(table, "tie", {{"all", Tie::all}, {"target", Tie::target}, {"none", Tie::none}});
  shape.cell = kind<Cell>(table, "decoder_cell", {{"attention", Cell::attention}, {"ssru", Cell::ssru}});
  shape.biases = flag("biases");
  shape.residual = flag("residual");
  shape.scale_scores = flag("scale_scores");
  shape.scale_embeddings = flag("scale_embeddings");
  return shape;
}

using Any = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

// Takes an array out of the dict.
Any taken(nb::dict& weights, const std::string& name) {
  if (!weights.contains(name.c_str())) throw std::invalid_argument("no tensor " + name);
  Any array = nb::cast<Any>(weights[name.c_str()]);
  nb::del(weights[name.c_str()]);
  return array;
}

// float32 arrays, and int8 ones with `name.scale` beside them; each tensor lives as long as its user keeps it.
// `given`: nobody reads them again.
dragoman::Find finder(nb::dict& weights, bool given) {
  return [&weights, given](const std::string& name) {
    const auto array = std::make_shared<Any>(taken(weights, name));
    dragoman::Tensor tensor;
    tensor.rows = array->ndim() == 2 ? static_cast<std::int64_t>(array->shape(0)) : 1;
    tensor.columns = static_cast<std::int64_t>(array->shape(array->ndim() - 1));
    tensor.owner = array;
    tensor.given = given;
    if (array->dtype() == nb::dtype<float>()) {
      tensor.floats = static_cast<const float*>(array->data());
    } else if (array->dtype() == nb::dtype<std::int8_t>()) {
      const auto both = std::make_shared<std::pair<Any, Any>>(*array, taken(weights, name + ".scale"));
      tensor.bytes = static_cast<const std::int8_t*>(array->data());
      tensor.scales = static_cast<const float*>(both->second.data());
      tensor.owner = both;
    } else {
      throw std::invalid_argument("tensor " + name + " is neither float32 nor int8");
    }
    return tensor;
  };
}

dragoman::Precision precision_of(const std::string& name) {
  using dragoman::Precision;
  return std::map<std::string, Precision>{
      {"float32", Precision::float32}, {"bf16", Precision::bfloat16}, {"int8", Precision::int8}}
      .at(name);
}

dragoman::SearchOptions options_of(const nb::dict& table) {
  using dragoman::Penalty;
  dragoman::SearchOptions options;
  options.width = nb::cast<int>(table["width"]);
  options.n_best = nb::cast<int>(table["n_best"]);
  options.min_length = nb::cast<int>(table["min_length"]);
  options.penalty = kind<Penalty>(
      table, "penalty", {{"paper", Penalty::paper}, {"average", Penalty::average}, {"none", Penalty::none}});
  options.alpha = nb::cast<double>(table["alpha"]);
  options.sampling = nb::cast<bool>(table["sampling"]);
  options.temperature = nb::cast<double>(table["temperature"]);
  options.top_k = nb::cast<int>(table["top_k"]);
  options.top_p = nb::cast<double>(table["top_p"]);
  return options;
}

template <class Number, class Array>
std::vector<std::span<const Number>> cut(const Array& numbers, const Offsets& offsets) {
  std::vector<std::span<const Number>> parts;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const auto first = static_cast<std::size_t>(offsets.data()[i]);
    parts.emplace_back(numbers.data() + first, static_cast<std::size_t>(offsets.data()[i + 1]) - first);
  }
  return parts;
}

Floats<1> made(std::vector<float>&& numbers) {
  auto owned = std::make_unique<std::vector<float>>(std::move(numbers));
  owned->reserve(1);
  float* data = owned->data();
  const std::size_t size = owned->size();
  nb::capsule owner(owned.get(), [](void* vector) noexcept { delete static_cast<std::vector<float>*>(vector); });
  owned.release();
  return Floats<1>(data, {size}, owner);
}

// Lets Python look at its signals, such as Ctrl-C, at most fifty times a second.
dragoman::Between signals() {
  using Clock = std::chrono::steady_clock;
  return [last = Clock::now()]() mutable {
    const auto now = Clock::now();
    if (now - last < std::chrono::milliseconds(20)) return;
    last = now;
    nb::gil_scoped_acquire held;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  };
}

// Tells a Python function of (sentence, step, [(row, id, log-probability, sum, fate)]); what it raises ends the call.
dragoman::Watch watcher(const nb::object& watch) {
  if (watch.is_none()) return {};
  return [&watch](int number, int step, std::span<const dragoman::Way> ways) {
    nb::gil_scoped_acquire held;
    nb::list told;
    for (const dragoman::Way& way : ways)
      told.append(nb::make_tuple(way.row, way.id, way.log_probability, way.sum, static_cast<int>(way.fate)));
    watch(number, step, told);
  };
}

// Puts {operator: (seconds, operations, bytes)} into a dict.
void tell(const dragoman::Profile& profile, nb::object& costs) {
  for (std::size_t i = 0; i < dragoman::kOperatorNames.size(); ++i) {
    const dragoman::Cost& cost = profile.costs()[i];
    costs[dragoman::kOperatorNames[i]] = nb::make_tuple(cost.seconds, cost.operations, cost.bytes);
  }
}

// For each job its hypotheses as (ids, log-probabilities, score, finished).
using Result = std::tuple<std::vector<std::int32_t>, std::vector<float>, double, bool>;

std::vector<std::vector<Result>> search(const Engine& engine, Ids sources, Offsets source_offsets, Ids prefixes,
                                        Offsets prefix_offsets, Offsets limits, Offsets keys, nb::dict options,
                                        const dragoman::Grammar& grammar, int threads, nb::object watch,
                                        nb::object costs, Ids pieces, Offsets piece_offsets) {
  const auto given = cut<std::int32_t>(sources, source_offsets), forced = cut<std::int32_t>(prefixes, prefix_offsets);
  const auto allowed = cut<std::int32_t>(pieces, piece_offsets);
  dragoman::SearchOptions wanted = options_of(options);
  wanted.watched = !watch.is_none();
  const std::size_t samples = given.empty() ? 0 : keys.size() / given.size();
  std::vector<dragoman::Job> jobs;
  for (std::size_t i = 0; i < given.size(); ++i)
    jobs.push_back({given[i], forced[i], static_cast<int>(limits.data()[i]), {keys.data() + i * samples, samples},
                    allowed.empty() ? std::span<const std::int32_t>{} : allowed[i]});
  std::vector<std::vector<Found>> found;
  {
    nb::gil_scoped_release others_run;
    dragoman::Profile profile;
    found = engine.search(jobs, wanted, grammar, threads, signals(), watcher(watch), costs.is_none() ? nullptr : &profile);
    nb::gil_scoped_acquire held;
    if (!costs.is_none()) tell(profile, costs);
  }
  std::vector<std::vector<Result>> results;
  for (std::vector<Found>& own : found) {
    results.emplace_back();
    for (Found& one : own)
      results.back().emplace_back(std::move(one.ids), std::move(one.log_probabilities), one.score, one.finished);
  }
  return results;
}

std::vector<std::vector<float>> score(const Engine& engine, Ids sources, Offsets source_offsets, Ids targets,
                                      Offsets target_offsets, int threads) {
  const auto given = cut<std::int32_t>(sources, source_offsets), wanted = cut<std::int32_t>(targets, target_offsets);
  std::vector<dragoman::Pair> pairs;
  for (std::size_t i = 0; i < given.size(); ++i) pairs.push_back({given[i], wanted[i]});
  nb::gil_scoped_release others_run;
  return engine.score(pairs, threads, signals());
}

template <class Ask>
Floats<1> floats(Ids source, Ids target, Ask ask) {
  std::vector<float> numbers;
  {
    nb::gil_scoped_release others_run;
    numbers = ask(dragoman::Pair{{source.data(), source.size()}, {target.data(), target.size()}});
  }
  return made(std::move(numbers));
}

}  // namespace

void add_engine(nb::module_& module) {
  module.def("kernel_names", &dragoman::kernel_names);
  nb::class_<dragoman::Grammar>(module, "Grammar")
      .def(
          "__init__",
          [](dragoman::Grammar* self, Table allowed, Table next) {
            new (self) dragoman::Grammar({allowed.data(), allowed.size()}, {next.data(), next.size()},
                                         static_cast<int>(allowed.shape(1)));
          },
          "allowed"_a.noconvert(), "next"_a.noconvert());

  nb::class_<Engine>(module, "Engine")
      .def(
          "__init__",
          [](Engine* self, const nb::dict& shape, nb::dict weights, const std::string& precision,
             const std::string& kernels, bool given) {
            new (self) Engine(shape_of(shape), finder(weights, given), precision_of(precision), kernels);
          },
          "shape"_a, "weights"_a, "precision"_a, "kernels"_a, "given"_a)
      .def_prop_ro("weight_bytes", [](const Engine& self) { return self.model().bytes(); })
      .def(
          "peaks",
          [](const Engine& self, int threads) {
            const dragoman::Peaks peaks = self.peaks(threads);
            return nb::make_tuple(peaks.operations, peaks.bytes);
          },
          "threads"_a)
      .def("search", &search, "sources"_a.noconvert(), "source_offsets"_a.noconvert(), "prefixes"_a.noconvert(),
           "prefix_offsets"_a.noconvert(), "limits"_a.noconvert(), "keys"_a.noconvert(), "options"_a, "grammar"_a,
           "threads"_a, "watch"_a.none(), "costs"_a.none(), "pieces"_a.noconvert(), "piece_offsets"_a.noconvert())
      .def("score", &score, "sources"_a.noconvert(), "source_offsets"_a.noconvert(), "targets"_a.noconvert(),
           "target_offsets"_a.noconvert(), "threads"_a)
      .def(
          "logits",
          [](const Engine& self, Ids source, Ids target, int threads) {
            return floats(source, target, [&](const dragoman::Pair& pair) { return self.logits(pair, threads); });
          },
          "source"_a.noconvert(), "target"_a.noconvert(), "threads"_a)
      .def(
          "layers",
          [](const Engine& self, Ids source, Ids target, int threads) {
            return floats(source, target, [&](const dragoman::Pair& pair) { return self.layers(pair, threads); });
          },
          "source"_a.noconvert(), "target"_a.noconvert(), "threads"_a)
      .def(
          "cross_attention",
          [](const Engine& self, Ids source, Ids target, int threads) {
            return floats(source, target,
                          [&](const dragoman::Pair& pair) { return self.cross_attention(pair, threads); });
          },
          "source"_a.noconvert(), "target"_a.noconvert(), "threads"_a);
}
