// Adds the engine to the module.
#pragma once

#include <nanobind/nanobind.h>

void add_engine(nanobind::module_& module);
