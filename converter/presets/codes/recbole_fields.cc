#include "converter/presets/codes/recbole_fields.h"

#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/facts.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

const std::string kLayer = "other_parameter.embedding_layer.";

Json list_fact(const Checkpoint& checkpoint, const std::string& name) {
  const std::string* text = find_fact(checkpoint, kLayer + name + ".item");
  const Json list = text ? Json::parse(*text, nullptr, false) : Json();
  return list.is_array() ? list : Json::array();
}

// Pooled inside every behaviour, or multiplied by a number: neither is a row of a table.
void refuse_other_kinds(const Checkpoint& checkpoint) {
  for (const char* kind : {"token_seq", "float", "float_seq"}) {
    const Json names = list_fact(checkpoint, std::string(kind) + "_field_names");
    if (names.empty()) continue;
    throw Error(checkpoint.path,
                "the item's field " + in_quotes(names[0].is_string() ? names[0].get<std::string>() : "") +
                    " is of the type " + kind + "; only token fields can be converted: train without it");
  }
}

}  // namespace

RecboleFields recbole_fields(const Checkpoint& checkpoint, std::int64_t rows, std::size_t compared) {
  refuse_other_kinds(checkpoint);
  const Json names = list_fact(checkpoint, "token_field_names"), sizes = list_fact(checkpoint, "token_field_dims");
  if (names.empty()) {
    if (compared == 1) return {{{"item_id", 0, rows}}, Certainty::assumed};
    throw Error(checkpoint.path, "has " + std::to_string(compared) +
                                     " fields of the item in one table, and only the file that RecBole itself saves, "
                                     "with other_parameter, says which rows are whose");
  }
  RecboleFields result{{}, Certainty::file};
  std::int64_t next = 0;  // layers.py:931: the fields lie one behind the other
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool known = names[i].is_string() && i < sizes.size() && sizes[i].is_number_unsigned();
    const auto size = known ? sizes[i].get<std::uint64_t>() : 0;
    if (size == 0 || size > static_cast<std::uint64_t>(rows - next)) {
      throw Error(checkpoint.path,
                  "token_field_dims do not divide the item's table of " + std::to_string(rows) + " rows");
    }
    result.fields.push_back({names[i].get<std::string>(), next, static_cast<std::int64_t>(size)});
    next += static_cast<std::int64_t>(size);
  }
  if (next == rows && result.fields.size() == compared) return result;
  throw Error(checkpoint.path, std::to_string(result.fields.size()) + " fields with " + std::to_string(next) +
                                   " rows do not fit an attention on " + std::to_string(compared) +
                                   " fields and a table of " + std::to_string(rows) + " rows");
}

}  // namespace dinghy::converter
