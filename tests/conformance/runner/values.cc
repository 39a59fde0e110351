#include "tests/conformance/runner/values.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "dinghy/dinghy.h"

using nlohmann::json;

namespace dinghy::conformance {
namespace {

const FeatureInfo* find(const std::vector<FeatureInfo>& features, const std::string& name) {
  const auto found = std::find_if(features.begin(), features.end(), [&](const auto& f) { return f.name == name; });
  return found == features.end() ? nullptr : &*found;
}

/// JSON has no such numbers, so a case has them as texts.
float number(const json& value) {
  if (value == "NaN") return std::numeric_limits<float>::quiet_NaN();
  if (value == "Infinity") return std::numeric_limits<float>::infinity();
  return value.get<float>();
}

void add_numbers(const json& value, std::vector<float>& numbers) {
  if (!value.is_array()) {
    numbers.push_back(number(value));
    return;
  }
  for (const json& one : value) add_numbers(one, numbers);
}

void add_ids(const json& value, Values& column) {
  if (value.is_array()) {
    for (const json& one : value) add_ids(one, column);
  } else if (value.is_string()) {
    column.kind = Values::Kind::strings;
    column.strings.push_back(value);
  } else {
    column.ids.push_back(value);
  }
}

/// What the values are made of says what the column is; where there are none, the feature does.
Values column_of(const std::string& name, const json& rows, const FeatureInfo* feature) {
  Values column;
  column.feature = name;
  const bool dense = feature != nullptr && feature->kind == DINGHY_FEATURE_DENSE;
  const bool fractions = std::any_of(rows.begin(), rows.end(), [](const json& row) { return row.is_number_float(); });
  if (fractions || (dense && (rows.empty() || !rows[0].is_string() || rows[0] == "NaN" || rows[0] == "Infinity"))) {
    column.kind = Values::Kind::numbers;
    add_numbers(rows, column.numbers);
    return column;
  }
  if (rows.empty() && feature != nullptr && feature->strings) column.kind = Values::Kind::strings;
  const bool bags = rows.empty() ? feature != nullptr && feature->kind == DINGHY_FEATURE_BAG : rows[0].is_array();
  if (bags) column.offsets.push_back(0);
  for (const json& row : rows) {
    add_ids(row, column);
    const std::size_t size = column.strings.empty() ? column.ids.size() : column.strings.size();
    if (bags) column.offsets.push_back(static_cast<std::uint32_t>(size));
  }
  return column;
}

}  // namespace

Part rows_of(const json& step, const char* part, const std::vector<FeatureInfo>& features) {
  Part columns;
  const json section = step.value(part, json::object());
  for (const auto& [name, rows] : section.items()) columns.push_back(column_of(name, rows, find(features, name)));
  return columns;
}

Part values_of(const json& step, const char* part, const std::vector<FeatureInfo>& features) {
  Part columns;
  const json section = step.value(part, json::object());
  for (const auto& [name, value] : section.items()) {
    columns.push_back(column_of(name, json::array({value}), find(features, name)));
  }
  return columns;
}

std::size_t row_count(const json& step, const char* part) {
  const json& section = step.at(part);
  return section.empty() ? 0 : section.begin()->size();
}

std::vector<float> flat(const json& numbers) {
  std::vector<float> all;
  add_numbers(numbers, all);
  return all;
}

std::string difference(const std::vector<float>& got, const std::vector<float>& expected, double tolerance) {
  if (got.size() != expected.size()) {
    return std::to_string(got.size()) + " numbers instead of " + std::to_string(expected.size());
  }
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::fabs(static_cast<double>(got[i]) - expected[i]) <= tolerance) continue;  // a NaN is as wrong as any
    return "number " + std::to_string(i) + ": " + std::to_string(got[i]) + " instead of " + std::to_string(expected[i]);
  }
  return {};
}

}  // namespace dinghy::conformance
