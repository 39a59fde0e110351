#include "converter/quantization/table_report.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/packed_rows.h"
#include "converter/quantization/budget.h"
#include "converter/table_form.h"
#include "converter/text/number_text.h"
#include "converter/text/text_table.h"
#include "schema/header.h"

namespace dinghy::converter {
namespace {

using format::RowForm;

constexpr std::uint64_t kNeverFits = std::uint64_t{1} << 60;  // the cost of a form that is not to be chosen

std::uint64_t bytes_of(const Table& table, RowForm form) {
  const std::vector<std::int64_t>& shape = table.source.shape;
  return static_cast<std::uint64_t>(shape.at(0)) * format::row_bytes(form, static_cast<std::uint64_t>(shape.at(1)));
}

TableError measured(const Table& table, RowForm form, const std::string& where) {
  if (form == RowForm::f32) return {};
  const TableError error = table_errors(table, std::span(&form, 1), where).front();
  if (!error.overflow) return error;
  throw Error(where + ": " + table.source.name,
              "row " + std::to_string(*error.overflow) + " has numbers too large for " + word_of(form) +
                  ", whose halves end at 65504; store table " + table.name + " as i8 or f32");
}

/// Whether the checkpoint packs the same numbers in as many bytes or fewer.
bool is_packed_as_small(const Table& table, RowForm form) {
  const std::optional<RowForm> packed = packed_form(table.source);
  return packed && *packed != form && bytes_of(table, *packed) <= bytes_of(table, form);
}

/// `alignment` of the bytes: that of a segment, unless nothing stands behind this table.
std::vector<FormCost> costs_of(const Table& table, std::uint64_t alignment, const std::string& where) {
  const std::vector<TableError> errors = table_errors(table, kRowForms, where);
  std::vector<FormCost> costs;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (errors[i].overflow || is_packed_as_small(table, kRowForms[i])) {
      costs.push_back({kNeverFits, 0});
      continue;
    }
    const std::uint64_t units = (bytes_of(table, kRowForms[i]) + alignment - 1) / alignment;
    costs.push_back({units * alignment, errors[i].relative_l2 * errors[i].relative_l2});
  }
  return costs;
}

std::uint64_t smallest(const std::vector<std::vector<FormCost>>& costs) {
  std::uint64_t sum = 0;
  for (const auto& forms : costs) sum += std::ranges::min(forms, {}, &FormCost::bytes).bytes;
  return sum;
}

}  // namespace

std::vector<TableReport> store_tables(Network& network, const std::vector<RowForm>& forms, const std::string& where) {
  const std::vector<std::size_t> owners = owners_of_elements(network.tables);
  std::vector<TableReport> reports;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    Table& table = network.tables[i];
    set_form(table, forms[i]);
    reports.push_back({.name = table.name,
                       .rows = static_cast<std::uint64_t>(table.source.shape.at(0)),
                       .width = static_cast<std::uint64_t>(table.source.shape.at(1)),
                       .form = forms[i],
                       .bytes = bytes_of(table, forms[i]),
                       .error = owners[i] == i ? measured(table, forms[i], where) : reports[owners[i]].error});
  }
  return reports;
}

std::vector<RowForm> forms_within(const Network& network, std::uint64_t bytes, std::uint64_t other_bytes,
                                  const std::string& where) {
  const std::vector<std::size_t> owners = owners_of_elements(network.tables);
  const std::size_t last = *std::ranges::max_element(owners);
  std::vector<std::vector<FormCost>> costs;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const std::uint64_t alignment = i == last ? 1 : format::kSegmentAlignment;
    if (owners[i] == i) costs.push_back(costs_of(network.tables[i], alignment, where));
  }
  const auto chosen = choose_within(costs, bytes);
  if (!chosen) {
    throw Error("--budget", "the smallest file of this model has " + std::to_string(smallest(costs) + other_bytes) +
                                " bytes: tables " + std::to_string(smallest(costs)) + ", all else " +
                                std::to_string(other_bytes));
  }
  std::vector<RowForm> forms;
  std::size_t next = 0;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    forms.push_back(owners[i] == i ? kRowForms[(*chosen)[next++]] : forms[owners[i]]);
  }
  return forms;
}

std::string table_report_text(const std::vector<TableReport>& reports) {
  TextTable text({"table", "rows", "width", "stored as", "bytes", "relative L2 error", "worst row"});
  for (const TableReport& report : reports) {
    const bool exact = report.error.worst_row_l2 == 0;
    text.add(
        {report.name, std::to_string(report.rows), std::to_string(report.width), word_of(report.form),
         bytes_text(report.bytes), exact ? "0" : short_number(report.error.relative_l2),
         exact ? "-" : short_number(report.error.worst_row_l2) + " (" + std::to_string(report.error.worst_row) + ")"});
  }
  return text.text();
}

std::vector<std::string> table_notes(const std::vector<TableReport>& reports) {
  std::vector<std::string> notes;
  for (const TableReport& report : reports) {
    if (report.form == RowForm::f32) continue;
    notes.push_back("table " + report.name + ": " + word_of(report.form) + ", relative L2 error " +
                    short_number(report.error.relative_l2) + ", worst row " + std::to_string(report.error.worst_row) +
                    " with " + short_number(report.error.worst_row_l2));
  }
  return notes;
}

}  // namespace dinghy::converter
