#include "bindings/python/src/rows_object.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>

#include "bindings/python/src/column_data.h"
#include "bindings/python/src/errors.h"
#include "dinghy/embedding_table.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace dinghy::python {
namespace {

using MaybeRow = std::optional<std::uint32_t>;

/// A feature's number and its table.
struct NamedTable {
  std::uint32_t feature;
  EmbeddingTable table;
};

NamedTable table_of(const ModelObject& model, const std::string& feature, bool history) {
  const auto number = model.model().feature(feature);
  if (!number) raise_value("the model has no feature '" + feature + "'");
  auto table = EmbeddingTable::of(model.model(), *number,
                                  history ? EmbeddingTable::Side::history : EmbeddingTable::Side::request);
  require(table.status());
  return {*number, std::move(*table)};
}

RowsObject rows_of(const ModelObject& model, const std::string& feature, nb::object ids, bool history) {
  const auto [number, table] = table_of(model, feature, history);
  const PartFeature part{.name = nb::str(feature.c_str()),
                         .number = number,
                         .kind = FeatureKind::id,
                         .width = 0,
                         .string_ids = model.model().features()[number].string_ids};
  ColumnData data;
  const Column keys = data.rows(part, ids.ptr(), {"ids", feature.c_str()});
  std::vector<std::byte> block(table.block_size(keys.size()));
  std::vector<std::uint32_t> which(keys.size());
  auto written = table.write(keys, block, which);
  require(written.status());
  return {.block = nb::bytes(block.data(), *written), .which = std::move(which), .ids = std::move(ids)};
}

std::uint64_t version_of_rows(const ModelObject& model, const std::string& feature, bool history) {
  const auto number = model.model().feature(feature);
  if (!number) raise_value("the model has no feature '" + feature + "'");
  const Feature& of = model.model().features()[*number];
  const std::uint64_t remote = history ? of.remote_history_version : of.remote_version;
  return remote != 0 ? remote : table_of(model, feature, history).table.version();
}

void make_rows(RowsObject* self, nb::bytes block, const std::vector<MaybeRow>& which, nb::object ids) {
  std::vector<std::uint32_t> rows;
  rows.reserve(which.size());
  for (const MaybeRow row : which) rows.push_back(row.value_or(Column::kNoRow));
  new (self) RowsObject{.block = std::move(block), .which = std::move(rows), .ids = std::move(ids)};
}

std::vector<MaybeRow> which_of(const RowsObject& rows) {
  std::vector<MaybeRow> which;
  which.reserve(rows.which.size());
  for (const std::uint32_t row : rows.which) which.push_back(row == Column::kNoRow ? MaybeRow() : MaybeRow(row));
  return which;
}

std::string repr(const RowsObject& rows) {
  return "<dinghy.TableRows for " + std::to_string(rows.which.size()) + " values, " +
         std::to_string(rows.block.size()) + " bytes>";
}

constexpr const char* kRows =
    R"(The rows of ids, to be sent to devices whose model takes them with its calls (docs/split.md).

feature: its name. ids: a sequence or an array of ids; ask for each once. history: rows of the table that the values in
the behaviour history have, where that is another.

Returns TableRows: an id without a row, by the table's policy, has None in `which`. Raises InvalidArgumentError for a feature
that has no table, UnsupportedError where its table is remote itself.)";

}  // namespace

void define_rows(nb::module_& module, nb::class_<ModelObject>& model) {
  nb::class_<RowsObject>(
      module, "TableRows",
      "Rows of a table that come with the values of a feature, wherever a call takes the values.\n\n"
      "block: the bytes that `Model.table_rows` made, where the table is. which: for each value the number\n"
      "of its row in the block, or None; several values may have one row. ids: the values' ids, as\n"
      "for any feature; without them the rows stand alone.")
      .def("__init__", make_rows, "block"_a, "which"_a, "ids"_a = nb::none())
      .def_ro("block", &RowsObject::block, "The rows, and in front of them which table they are of.")
      .def_prop_ro("which", which_of, "For each value the number of its row in the block, or None.")
      .def_ro("ids", &RowsObject::ids, "The ids of the values, or None.")
      .def("__repr__", repr);
  model.def("table_rows", rows_of, "feature"_a, "ids"_a, nb::kw_only(), "history"_a = false, kRows)
      .def("table_version", version_of_rows, "feature"_a, nb::kw_only(), "history"_a = false,
           "The version of a feature's table: rows and the model that takes them must have the same.");
}

}  // namespace dinghy::python
