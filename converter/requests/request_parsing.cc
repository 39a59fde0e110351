// One JSON line into a request. Everything that is not exactly what the model asks for is an error that says where.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "converter/error.h"
#include "converter/requests/feature_error.h"
#include "converter/requests/request_values.h"
#include "converter/requests/requests.h"
#include "converter/text/json_depth.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

enum class Section { user, context, history, candidates };
constexpr Section kSections[] = {Section::user, Section::context, Section::history, Section::candidates};

const char* name_of(Section section) {
  constexpr const char* kNames[] = {"user", "context", "history", "candidates"};
  return kNames[static_cast<int>(section)];
}

bool belongs(const RequestShape::Feature& feature, Section section) {
  switch (section) {
    case Section::user:
      return feature.role == Role::user;
    case Section::context:
      return feature.role == Role::context;
    case Section::history:
      return feature.in_history;
    case Section::candidates:
      return feature.role == Role::candidate;
  }
  return false;
}

class LineParser {
 public:
  LineParser(const RequestShape& shape, const std::string& where) : shape_(shape), where_(where) {}

  Request parse(std::string_view line) const {
    const Json object = parse_object(line);
    check_keys(object);
    Request request;
    request.where = where_;
    parse_user(object, Section::user, request);
    parse_user(object, Section::context, request);
    parse_history(object, request);
    parse_candidates(object, request);
    request.labels = parse_numbers(object, "label", request.candidate_count);
    request.scores = parse_numbers(object, "scores", request.candidate_count);
    if (object.contains("attention")) parse_attention(object["attention"], request);
    return request;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(where_, what); }
  [[noreturn]] void fail_features(const std::string& what) const { throw FeatureError(where_, what); }

  Json parse_object(std::string_view line) const {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) fail("an empty line; a request is a JSON object");
    check_json_depth(line, where_);
    Json object;
    try {
      object = Json::parse(line, refuse_repeated_keys());
    } catch (const Json::exception& error) {
      // "[json.exception.parse_error.101] parse error at line 1, column 8: syntax …": `where_` has the right line.
      const std::string text = error.what();
      const std::size_t column = text.find("column ");
      fail("not valid JSON: " + text.substr(column != std::string::npos ? column : text.find("] ") + 2));
    }
    if (!object.is_object()) fail("a request is a JSON object, got " + shown(object));
    return object;
  }

  /// The parser would keep the last of several values without a word.
  Json::parser_callback_t refuse_repeated_keys() const {
    return [this, keys = std::vector<std::set<std::string>>()](int, Json::parse_event_t event, Json& parsed) mutable {
      if (event == Json::parse_event_t::object_start) keys.emplace_back();
      if (event == Json::parse_event_t::object_end) keys.pop_back();
      if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
        fail("the key " + in_quotes(parsed.get<std::string>()) + " is given twice");
      }
      return true;
    };
  }

  void check_keys(const Json& object) const {
    static const std::vector<std::string> kKeys = {"user",  "context", "history",  "candidates",
                                                   "label", "scores",  "attention"};
    for (const auto& [key, value] : object.items()) {
      if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
        fail("unknown key " + in_quotes(key) + did_you_mean(key, kKeys) + "; a request has the keys " + listed(kKeys));
      }
    }
  }

  // ---- features ----------------------------------------------------------------------------------------------------

  std::vector<std::string> names_in(Section section) const {
    std::vector<std::string> names;
    for (const RequestShape::Feature& feature : shape_.features) {
      if (belongs(feature, section)) names.push_back(feature.name);
    }
    return names;
  }

  [[noreturn]] void fail_unknown(const std::string& name, Section section) const {
    const std::string what = "unknown feature " + in_quotes(name) + " in \"" + name_of(section) + "\"";
    for (const RequestShape::Feature& feature : shape_.features) {
      for (const Section other : kSections) {
        if (feature.name == name && belongs(feature, other)) {
          fail_features(what + "; it belongs into \"" + name_of(other) + "\"");
        }
      }
    }
    const std::vector<std::string> known = names_in(section);
    fail_features(what + did_you_mean(name, known) + "; this model has there: " + listed(known));
  }

  /// The object of a section, its names compared with the model's; nullptr when neither has anything there.
  const Json* find_section(const Json& object, Section section) const {
    const std::vector<std::string> names = names_in(section);
    const auto found = object.find(name_of(section));
    if (found == object.end()) {
      if (names.empty()) return nullptr;
      fail_features(std::string("no \"") + name_of(section) + "\"; this model has there: " + listed(names));
    }
    if (!found->is_object()) {
      fail(std::string("\"") + name_of(section) + "\" is an object by feature names, got " + shown(*found));
    }
    for (const auto& [name, value] : found->items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) fail_unknown(name, section);
    }
    for (const std::string& name : names) {
      if (!found->contains(name)) {
        fail_features("no " + in_quotes(name) + " in \"" + name_of(section) +
                      "\"; this model has there: " + listed(names));
      }
    }
    return &*found;
  }

  /// Calls read(feature, number, JSON value) for each feature of a section.
  template <class Read>
  void for_each_feature(const Json& object, Section section, Read&& read) const {
    const Json* values = find_section(object, section);
    for (std::size_t i = 0; values && i < shape_.features.size(); ++i) {
      const RequestShape::Feature& feature = shape_.features[i];
      if (belongs(feature, section)) read(feature, i, (*values)[feature.name]);
    }
  }

  void parse_user(const Json& object, Section section, Request& request) const {
    for_each_feature(object, section, [&](const RequestShape::Feature&, std::size_t number, const Json& value) {
      request.features.push_back(ValueReader(shape_, number, name_of(section), where_).one(value));
    });
  }

  /// The columns of one history, or the candidates, have one length: that of the first.
  struct Length {
    std::string first;
    std::size_t rows = 0;
  };

  RequestColumn parse_column(std::size_t number, const Json& values, Section section, Length& length) const {
    RequestColumn column = ValueReader(shape_, number, name_of(section), where_).list(values);
    const std::string place = std::string(name_of(section)) + "." + shape_.features[number].name;
    if (length.first.empty()) length = {place, values.size()};
    if (values.size() != length.rows) {
      fail(place + " has " + std::to_string(values.size()) + " values, " + length.first + " has " +
           std::to_string(length.rows) + "; they must agree");
    }
    return column;
  }

  void parse_history(const Json& object, Request& request) const {
    std::vector<Length> lengths(shape_.sequences.size());
    for_each_feature(object, Section::history,
                     [&](const RequestShape::Feature& feature, std::size_t number, const Json& values) {
                       Length& length = lengths[static_cast<std::size_t>(feature.sequence)];
                       request.history.push_back(parse_column(number, values, Section::history, length));
                     });
    for (const Length& length : lengths) request.history_lengths.push_back(length.rows);
  }

  void parse_candidates(const Json& object, Request& request) const {
    Length length;
    for_each_feature(object, Section::candidates,
                     [&](const RequestShape::Feature&, std::size_t number, const Json& values) {
                       request.candidates.push_back(parse_column(number, values, Section::candidates, length));
                     });
    request.candidate_count = length.rows;
  }

  // ---- labels and expected results ---------------------------------------------------------------------------------

  double number(const Json& value, const char* key) const {
    if (!value.is_number()) fail(std::string("\"") + key + "\": a number expected, got " + shown(value));
    return value.get<double>();
  }

  std::vector<double> parse_numbers(const Json& object, const char* key, std::size_t count) const {
    const auto found = object.find(key);
    if (found == object.end()) return {};
    if (found->is_number() && count == 1) return {number(*found, key)};
    if (!found->is_array() || found->size() != count) {
      fail(std::string("\"") + key + "\" has one number for each candidate, here " + std::to_string(count) + ", got " +
           shown(*found));
    }
    std::vector<double> numbers;
    for (const Json& value : *found) numbers.push_back(number(value, key));
    return numbers;
  }

  std::vector<double> parse_weights(const Json& rows, std::size_t candidates, std::size_t behaviours) const {
    if (!rows.is_array() || rows.size() != candidates) {
      fail("\"attention\" has one list for each candidate, here " + std::to_string(candidates) + ", got " +
           shown(rows));
    }
    std::vector<double> weights;
    for (const Json& row : rows) {
      if (!row.is_array() || row.size() != behaviours) {
        fail("\"attention\" has for each candidate one weight for each behaviour, here " + std::to_string(behaviours) +
             ", got " + shown(row));
      }
      for (const Json& weight : row) weights.push_back(number(weight, "attention"));
    }
    return weights;
  }

  void parse_attention(const Json& value, Request& request) const {
    const std::size_t interests = shape_.interest_sequences.size();
    if (interests != 1 && (!value.is_array() || value.size() != interests)) {
      fail("\"attention\" has one list for each interest, here " + std::to_string(interests) + ", got " + shown(value));
    }
    for (std::size_t i = 0; i < interests; ++i) {
      const std::size_t behaviours = request.history_lengths[shape_.interest_sequences[i]];
      const Json& rows = interests == 1 ? value : value[i];
      request.attention.push_back(parse_weights(rows, request.candidate_count, behaviours));
    }
  }

  const RequestShape& shape_;
  const std::string& where_;
};

}  // namespace

Request parse_request(const RequestShape& shape, std::string_view line, const std::string& where) {
  return LineParser(shape, where).parse(line);
}

}  // namespace dinghy::converter
