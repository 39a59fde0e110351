#include "converter/requests/request_values.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {

using Json = nlohmann::json;

std::string shown(const Json& value) {
  constexpr std::size_t kLongest = 40;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list of " + std::to_string(value.size());
  if (value.is_string()) return in_quotes(value.get_ref<const std::string&>());
  return value.dump().substr(0, kLongest);
}

void ValueReader::fail(Row row, const std::string& expected, const Json& got) const {
  const std::string index = row ? "[" + std::to_string(*row) + "]" : "";
  throw Error(where_, std::string(section_) + "." + feature_.name + index + ": " + expected + ", got " + shown(got));
}

RequestColumn ValueReader::start() const {
  RequestColumn column;
  column.feature = static_cast<std::uint32_t>(number_);
  column.bag = feature_.kind == FeatureKind::bag;
  if (column.bag) column.offsets.push_back(0);
  if (feature_.kind == FeatureKind::dense) {
    column.kind = Column::Kind::numbers;
  } else if (feature_.string_ids) {
    column.kind = Column::Kind::strings;
  }
  return column;
}

RequestColumn ValueReader::one(const Json& value) const {
  RequestColumn column = start();
  append(value, {}, column);
  column.views.assign(column.strings.begin(), column.strings.end());
  return column;
}

RequestColumn ValueReader::list(const Json& values) const {
  if (!values.is_array()) fail({}, "a list with one value for each row expected", values);
  RequestColumn column = start();
  std::size_t row = 0;
  for (const Json& value : values) append(value, row++, column);
  column.views.assign(column.strings.begin(), column.strings.end());
  return column;
}

void ValueReader::append(const Json& value, Row row, RequestColumn& column) const {
  switch (feature_.kind) {
    case FeatureKind::id:
      return append_id(value, row, column);
    case FeatureKind::bag:
      return append_bag(value, row, column);
    case FeatureKind::dense:
      return append_numbers(value, row, column);
  }
}

void ValueReader::append_id(const Json& value, Row row, RequestColumn& column) const {
  if (feature_.string_ids) {
    if (!value.is_string()) fail(row, "a string id expected (the table has string keys)", value);
    column.strings.push_back(value.get<std::string>());
    return;
  }
  if (!value.is_number_integer()) fail(row, "an integer id expected", value);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    fail(row, "an id of at most 64 bits with sign expected", value);
  }
  column.ids.push_back(value.get<std::int64_t>());
}

void ValueReader::append_bag(const Json& value, Row row, RequestColumn& column) const {
  if (!value.is_array()) fail(row, "a list of ids expected", value);
  for (const Json& id : value) append_id(id, row, column);
  column.offsets.push_back(static_cast<std::uint32_t>(column.ids.size() + column.strings.size()));
}

void ValueReader::append_numbers(const Json& value, Row row, RequestColumn& column) const {
  if (feature_.dense_width == 1) return append_number(value, row, column);
  if (!value.is_array() || value.size() != feature_.dense_width) {
    fail(row, "a list of " + std::to_string(feature_.dense_width) + " numbers expected", value);
  }
  for (const Json& number : value) append_number(number, row, column);
}

void ValueReader::append_number(const Json& value, Row row, RequestColumn& column) const {
  if (!value.is_number()) fail(row, "a number expected", value);
  const auto number = static_cast<float>(value.get<double>());
  if (!std::isfinite(number)) fail(row, "a number within the range of a 32-bit float expected", value);
  column.numbers.push_back(number);
}

}  // namespace dinghy::converter
