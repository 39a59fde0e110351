// Model.score_arrow: a request in each row of a batch of Arrow's.
#pragma once

#include <nanobind/nanobind.h>

#include "bindings/python/src/model_object.h"

namespace dinghy::python {

/// Defines ArrowScores, and Model.score_arrow.
void define_arrow(nanobind::module_& module, nanobind::class_<ModelObject>& model);

}  // namespace dinghy::python
