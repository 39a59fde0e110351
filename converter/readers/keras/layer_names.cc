#include "converter/readers/keras/layer_names.h"

#include <cctype>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/text/json_depth.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 32;

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }

// "BatchNormalization" is "batch_normalization", "PReLU" is "p_re_lu": the two substitutions of to_snake_case in
// keras/src/utils/naming.py. A registered class comes as "package>Class".
std::string snake_case(const std::string& class_name) {
  const std::string name = class_name.substr(class_name.rfind('>') + 1);
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool starts_word = i > 0 && i + 1 < name.size() && is_upper(name[i]) && is_lower(name[i + 1]);
    const bool ends_word = i > 0 && is_upper(name[i]) && is_lower(name[i - 1]);
    if (starts_word || ends_word) text += '_';
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return text;
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

void add_layers(const Json& model, const std::string& group, int depth, LayerNames& names) {
  if (depth > kMaxDepth || !model.is_object() || !model.contains("config")) return;
  const Json& config = model["config"];
  if (!config.is_object() || !config.contains("layers") || !config["layers"].is_array()) return;
  std::map<std::string, int> used;
  for (const Json& layer : config["layers"]) {
    if (!layer.is_object() || !layer.contains("config") || !layer["config"].is_object()) continue;
    const std::string class_name = snake_case(text_at(layer, "class_name"));
    const std::string name = text_at(layer["config"], "name");
    if (class_name.empty() || name.empty()) continue;
    const int number = used[class_name]++;
    const std::string path = group + "/" + class_name + (number == 0 ? "" : "_" + std::to_string(number));
    names[path] = name;
    add_layers(layer, path + "/layers", depth + 1, names);
  }
}

}  // namespace

LayerNames layer_names_of(const Document& config) {
  check_json_depth(config.text, config.source);
  const Json model = Json::parse(config.text, nullptr, false);
  if (model.is_discarded()) throw Error(config.source, "is no JSON; the file is damaged");
  LayerNames names;
  add_layers(model, "layers", 0, names);
  return names;
}

}  // namespace dinghy::converter
