// The JSON values of one feature into a column.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "converter/requests/requests.h"

namespace dinghy::converter {

/// A JSON value in short, for messages: "3.5", "a list of 4".
std::string shown(const nlohmann::json& value);

/// Reads the values of feature `number` of `shape`. Throws Error at `where`, naming `section` ("history"), the feature
/// and the row, for a value of the wrong type or range.
class ValueReader {
 public:
  ValueReader(const RequestShape& shape, std::size_t number, const char* section, const std::string& where)
      : feature_(shape.features[number]), number_(number), section_(section), where_(where) {}

  /// The one row of a user or context feature.
  RequestColumn one(const nlohmann::json& value) const;
  /// One row for each element of the list.
  RequestColumn list(const nlohmann::json& values) const;

 private:
  using Row = std::optional<std::size_t>;

  [[noreturn]] void fail(Row row, const std::string& expected, const nlohmann::json& got) const;
  RequestColumn start() const;
  void append(const nlohmann::json& value, Row row, RequestColumn& column) const;
  void append_id(const nlohmann::json& value, Row row, RequestColumn& column) const;
  void append_bag(const nlohmann::json& value, Row row, RequestColumn& column) const;
  void append_numbers(const nlohmann::json& value, Row row, RequestColumn& column) const;
  void append_number(const nlohmann::json& value, Row row, RequestColumn& column) const;

  const RequestShape::Feature& feature_;
  std::size_t number_;
  const char* section_;
  const std::string& where_;
};

}  // namespace dinghy::converter
