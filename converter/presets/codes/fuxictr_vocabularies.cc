#include "converter/presets/codes/fuxictr_vocabularies.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "converter/error.h"
#include "converter/text/json_depth.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;
using StringRows = std::vector<std::pair<std::string, std::uint64_t>>;

// preprocess/tokenizer.py:95-96; no raw id of a request stands for them.
constexpr const char* kPadding = "__PAD__";
constexpr const char* kUnknown = "__OOV__";

// The number that a token writes, if it is the one way to write it: "7", not "07", "+7" or "7.0".
std::optional<std::int64_t> whole_number(const std::string& token) {
  std::int64_t number = 0;
  const char* const end = token.data() + token.size();
  const auto [stop, error] = std::from_chars(token.data(), end, number);
  if (error != std::errc() || stop != end || std::to_string(number) != token) return std::nullopt;
  return number;
}

void set_rows(Vocabulary& vocabulary, StringRows tokens) {
  for (const auto& [token, row] : tokens) {
    const auto number = whole_number(token);
    if (!number) {
      vocabulary.int64_rows.clear();
      vocabulary.string_rows = std::move(tokens);
      return;
    }
    vocabulary.int64_rows.emplace_back(*number, row);
  }
}

FuxictrVocabulary read_vocabulary(const Json& rows, const std::string& name, const std::string& where) {
  if (!rows.is_object()) throw Error(where, "is not an object of tokens and rows");
  FuxictrVocabulary result;
  result.vocabulary.name = name;
  StringRows tokens;
  for (const auto& [token, row] : rows.items()) {
    if (!row.is_number_unsigned()) throw Error(where, "the row of " + in_quotes(token) + " is not a whole number");
    if (token == kUnknown) result.unknown_row = row.get<std::uint64_t>();
    if (token != kUnknown && token != kPadding) tokens.emplace_back(token, row.get<std::uint64_t>());
  }
  set_rows(result.vocabulary, std::move(tokens));
  return result;
}

}  // namespace

std::map<std::string, FuxictrVocabulary> read_feature_vocabularies(const Document& document) {
  check_json_depth(document.text, document.source);
  const Json features = Json::parse(document.text, nullptr, false);
  if (features.is_discarded()) throw Error(document.source, "is not JSON");
  if (!features.is_object()) throw Error(document.source, "is not an object of features");
  std::map<std::string, FuxictrVocabulary> vocabularies;
  for (const auto& [feature, rows] : features.items()) {
    vocabularies[feature] =
        read_vocabulary(rows, document.name + ": " + feature, document.source + ": " + in_quotes(feature));
  }
  return vocabularies;
}

}  // namespace dinghy::converter
