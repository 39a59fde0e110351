// Stores the tables of a network in forms of rows, and says what their numbers lose by it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/network.h"
#include "converter/quantization/table_error.h"

namespace dinghy::converter {

struct TableReport {
  std::string name;
  std::uint64_t rows = 0;
  std::uint64_t width = 0;
  format::RowForm form = format::RowForm::f32;
  std::uint64_t bytes = 0;
  TableError error;  // of f32: none
};

/// Sets the forms, one for each table, and measures them. Throws Error at `where` when a number is not finite, or too
/// large for the form.
std::vector<TableReport> store_tables(Network& network, const std::vector<format::RowForm>& forms,
                                      const std::string& where);

/// The forms that lose the least with at most `bytes` for all tables, each in whole pages of the file: the least sum
/// over the tables of their relative squared errors. Tables that share rows count once. Throws Error when not even the
/// smallest forms fit; `other_bytes`, what the rest of the file takes, is for its message.
std::vector<format::RowForm> forms_within(const Network& network, std::uint64_t bytes, std::uint64_t other_bytes,
                                          const std::string& where);

/// For a terminal: one line a table.
std::string table_report_text(const std::vector<TableReport>& reports);
/// For the provenance: one line for each table that is not f32.
std::vector<std::string> table_notes(const std::vector<TableReport>& reports);

}  // namespace dinghy::converter
