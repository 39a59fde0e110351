// Opens models: from a path, a descriptor, bytes, and where a pickled one lies.
#pragma once

#include <nanobind/nanobind.h>

#include "bindings/python/src/model_object.h"

namespace dinghy::python {

void define_opening(nanobind::module_& module, nanobind::class_<ModelObject>& model);

}  // namespace dinghy::python
