// dinghy.TableRows: rows of a table that travel with the values of a feature.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <vector>

#include "bindings/python/src/model_object.h"

namespace dinghy::python {

struct RowsObject {
  nanobind::bytes block;
  std::vector<std::uint32_t> which;  // Column::kNoRow: none
  nanobind::object ids;              // as for a feature whose table is in the model; None: rows alone

  std::span<const std::byte> bytes() const noexcept {
    return {static_cast<const std::byte*>(block.data()), block.size()};
  }
};

/// The class, and Model.table_rows and Model.table_version, which give the rows of a model that has its tables.
void define_rows(nanobind::module_& module, nanobind::class_<ModelObject>& model);

}  // namespace dinghy::python
