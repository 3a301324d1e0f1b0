#include <algorithm>
#include <stdexcept>

#include "../cpu.h"
#include "tables.h"

namespace dragoman {

namespace {

struct Choice {
  std::string name;  // not of the table: its code, compiled for its set, may be called only where that runs
  const Kernels& (*table)();
  std::vector<std::string> needs;
  bool (*permitted)() = nullptr;
};

// Best first.
const std::vector<Choice>& choices() {
  static const std::vector<Choice> all = {
#if defined(__x86_64__)
      {"amx",
       amx::table,
       {"avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"},
       amx::permitted},
      {"avx512", avx512::table, {"avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16"}},
      {"avx2", avx2::table, {"avx2", "fma"}},
#endif
      {"portable", portable::table, {}},
  };
  return all;
}

bool runs(const Choice& choice, const std::vector<std::string>& offered) {
  return std::ranges::all_of(choice.needs,
                             [&](const std::string& name) {
                               return std::ranges::find(offered, name) != offered.end();
                             }) &&
         (choice.permitted == nullptr || choice.permitted());
}

}  // namespace

std::vector<std::string> kernel_names() {
  const std::vector<std::string> offered = instruction_sets();
  std::vector<std::string> names;
  for (const Choice& choice : choices())
    if (runs(choice, offered)) names.push_back(choice.name);
  return names;
}

const Kernels& kernels(const std::string& name) {
  const std::vector<std::string> offered = instruction_sets();
  for (const Choice& choice : choices())
    if (name == choice.name && runs(choice, offered)) return choice.table();
  throw std::invalid_argument("no kernels named " + name + " run on this machine");
}

}  // namespace dragoman
