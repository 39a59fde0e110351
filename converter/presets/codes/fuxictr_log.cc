#include "converter/presets/codes/fuxictr_log.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "converter/error.h"
#include "converter/presets/codes/python_literal.h"
#include "converter/text/json_depth.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;
using Names = std::vector<std::string>;

// model_zoo/DIN/run_expid.py:43; benchmarks/run_expid.py:54 of version 1 has only the logger's own words before it.
constexpr std::string_view kStarts[] = {"Params: {", " INFO {"};

// Where the parameters begin.
std::optional<std::size_t> find_parameters(const std::string& text) {
  for (const std::string_view start : kStarts) {
    const std::size_t place = text.find(start);
    if (place != std::string::npos) return place + start.size() - 1;
  }
  return std::nullopt;
}

// The log goes on behind them.
Json read_parameters(const Document& document, std::size_t start) {
  std::istringstream text(document.text.substr(start));
  Json parameters;
  try {
    text >> parameters;
  } catch (const Json::exception&) {
    throw Error(document.source, "its parameters are not JSON");
  }
  return parameters;
}

// Every value is a text, made by str(): fuxictr/utils.py:146.
std::optional<std::string> parameter(const Json& parameters, std::initializer_list<const char*> names) {
  for (const char* name : names) {  // the second is that of version 1.0
    const auto found = parameters.find(name);
    if (found != parameters.end() && found->is_string()) return found->get<std::string>();
  }
  return std::nullopt;
}

Json structure(const std::string& python) {
  const auto json = json_of_python(python);
  if (json) check_json_depth(*json, "the parameters in the log of FuxiCTR");
  return json ? Json::parse(*json, nullptr, false) : Json(Json::value_t::discarded);
}

// 'item_id', ('item_id', 'cate_id'): the fields of one group.
std::optional<Names> field_names(const Json& value) {
  if (value.is_string()) return Names{value.get<std::string>()};
  if (!value.is_array() || value.empty()) return std::nullopt;
  Names names;
  for (const Json& name : value) {
    if (!name.is_string()) return std::nullopt;
    names.push_back(name.get<std::string>());
  }
  return names;
}

// A list of groups; a group alone, which is a tuple or one name, stands without the list (DIN.py:63-68).
std::optional<std::vector<Names>> field_groups(const std::optional<std::string>& python) {
  if (!python || python->empty()) return std::nullopt;
  const bool plain = python->front() != '[' && python->front() != '(';
  const Json value = plain ? Json(*python) : structure(*python);
  const bool is_list = python->front() == '[';
  std::vector<Names> groups;
  for (const Json& group : is_list&& value.is_array() ? value : Json::array({value})) {
    auto names = field_names(group);
    if (!names) return std::nullopt;
    groups.push_back(std::move(*names));
  }
  return groups;
}

std::optional<std::vector<FuxictrGroup>> read_groups(const Json& parameters, const std::string& source) {
  const auto targets = field_groups(parameter(parameters, {"din_target_field", "din_query_field"}));
  const auto sequences = field_groups(parameter(parameters, {"din_sequence_field", "din_history_field"}));
  if (!targets || !sequences) return std::nullopt;
  std::vector<FuxictrGroup> groups;
  for (std::size_t i = 0; i < targets->size() && targets->size() == sequences->size(); ++i) {
    groups.push_back({(*targets)[i], (*sequences)[i]});
    if (groups.back().targets.size() != groups.back().sequences.size()) groups.clear();
  }
  if (groups.empty()) throw Error(source, "din_target_field and din_sequence_field do not name pairs of fields");
  return groups;
}

// Padding is on the side where a longer history is cut (preprocess/tokenizer.py:175-177), "post" unless said.
std::map<std::string, format::Keep> read_keep(const Json& parameters) {
  std::map<std::string, format::Keep> keep;
  const Json columns = structure(parameter(parameters, {"feature_cols"}).value_or(""));
  if (!columns.is_array()) return keep;
  for (const Json& column : columns) {
    if (!column.is_object() || column.value("type", Json()) != "sequence" || !column.contains("name")) continue;
    const bool pre = column.value("padding", Json("post")) == "pre";
    for (const std::string& name : field_names(column["name"]).value_or(Names{})) {
      keep[name] = pre ? format::Keep::last : format::Keep::first;
    }
  }
  return keep;
}

// None and an empty list change nothing of the feature map.
bool says_nothing(const std::optional<std::string>& python) {
  return !python || python->empty() || *python == "None" || *python == "[]";
}

std::optional<Names> read_use_features(const Json& parameters, const std::string& source) {
  const auto python = parameter(parameters, {"use_features"});
  if (says_nothing(python)) return std::nullopt;
  auto names = field_names(structure(*python));
  if (!names) throw Error(source, "use_features is not a list of names");
  return names;
}

std::string read_feature_specs(const Json& parameters, const std::string& source) {
  const auto python = parameter(parameters, {"feature_specs"});
  if (says_nothing(python)) return "";
  auto json = json_of_python(*python);
  if (!json) throw Error(source, "feature_specs is not what Python prints of a list");
  check_json_depth(*json, source);
  return std::move(*json);
}

}  // namespace

FuxictrParameters read_fuxictr_log(const Checkpoint& checkpoint) {
  for (const Document& document : checkpoint.documents) {
    const std::optional<std::size_t> start = find_parameters(document.text);
    if (!start) continue;
    const Json parameters = read_parameters(document, *start);
    const std::string& source = document.source;
    return {.source = source,
            .softmax = parameter(parameters, {"din_use_softmax"}),
            .attention_activation = parameter(parameters, {"attention_hidden_activations", "attention_activations"}),
            .attention_output = parameter(parameters, {"attention_output_activation", "attention_final_activation"}),
            .tower_activation = parameter(parameters, {"dnn_activations"}),
            .task = parameter(parameters, {"task"}),
            .groups = read_groups(parameters, source),
            .keep = read_keep(parameters),
            .use_features = read_use_features(parameters, source),
            .feature_specs = read_feature_specs(parameters, source)};
  }
  return {};
}

}  // namespace dinghy::converter
