// What a model says of itself: features, tables, interests.
#pragma once

#include <nanobind/nanobind.h>

#include "bindings/python/src/model_object.h"

namespace dinghy::python {

/// Defines Feature, Table, and the attributes of Model that describe it.
void define_descriptions(nanobind::module_& module, nanobind::class_<ModelObject>& model);

}  // namespace dinghy::python
