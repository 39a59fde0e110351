#include "converter/presets/codes/fuxictr_vocabularies.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "converter/error.h"
#include "converter/presets/ids.h"
#include "converter/text/json_depth.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

// preprocess/tokenizer.py:95-96; no raw id of a request stands for them.
constexpr const char* kPadding = "__PAD__";
constexpr const char* kUnknown = "__OOV__";

FuxictrVocabulary read_vocabulary(const Json& rows, const std::string& name, const std::string& where) {
  if (!rows.is_object()) throw Error(where, "is not an object of tokens and rows");
  FuxictrVocabulary result;
  std::vector<std::pair<std::string, std::uint64_t>> tokens;
  for (const auto& [token, row] : rows.items()) {
    if (!row.is_number_unsigned()) throw Error(where, "the row of " + in_quotes(token) + " is not a whole number");
    if (token == kUnknown) result.unknown_row = row.get<std::uint64_t>();
    if (token != kUnknown && token != kPadding) tokens.emplace_back(token, row.get<std::uint64_t>());
  }
  result.vocabulary = vocabulary_of(name, std::move(tokens));
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
