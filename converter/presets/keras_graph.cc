#include "converter/presets/keras_graph.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/keras_variables.h"
#include "converter/text/json_depth.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxSources = 1 << 16;  // a few layers that double their input could ask for any number

// Keras 2 writes ["layer", call, output, {}], Keras 3 an object with "keras_history": ["layer", call, output].
std::optional<KerasOutput> output_of(const Json& json) {
  const Json& entry = json.is_object() && json.contains("keras_history") ? json["keras_history"] : json;
  if (!entry.is_array() || entry.size() < 2 || !entry[0].is_string() || !entry[1].is_number_unsigned()) return {};
  return KerasOutput{entry[0], entry[1].get<std::size_t>()};
}

void collect_inputs(const Json& json, int depth, std::vector<KerasOutput>& inputs) {
  if (depth > kMaxDepth || !json.is_structured()) return;
  if (const auto output = output_of(json)) return inputs.push_back(*output);
  for (const Json& inner : json) collect_inputs(inner, depth + 1, inputs);
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

KerasLayer layer_of(const Json& json) {
  KerasLayer layer;
  const std::string class_name = json.at("class_name");
  layer.class_name = class_name.substr(class_name.rfind('>') + 1);
  for (const auto& [key, value] : json.at("config").items()) {
    const bool tuple = value.is_object() && value.value("class_name", Json()) == "__tuple__";  // in a SavedModel
    if (tuple) layer.settings[key] = text_of(value.at("items"));
    if (!value.is_object()) layer.settings[key] = text_of(value);
  }
  // A layer of one's own may keep its name out of its settings.
  const auto name = layer.settings.find("name");
  layer.name = name != layer.settings.end() ? name->second : json.value("name", "");
  for (const Json& call : json.value("inbound_nodes", Json::array())) {
    layer.calls.emplace_back();
    collect_inputs(call, 0, layer.calls.back());
  }
  return layer;
}

KerasGraph graph_of(const Document& document, Certainty certainty) {
  KerasGraph graph{document.source, certainty, {}};
  check_json_depth(document.text, document.source);
  const Json model = Json::parse(document.text, nullptr, false);
  if (model.is_discarded()) throw Error(document.source, "is no JSON; the file is damaged");
  try {
    if (!model.contains("config") || !model["config"].is_object() || !model["config"].contains("layers")) return graph;
    std::map<std::string, std::size_t> numbers;
    for (const Json& layer : model["config"]["layers"]) {
      graph.layers.push_back(layer_of(layer));
      graph.layers.back().number = numbers[graph.layers.back().class_name]++;
    }
  } catch (const Json::exception&) {
    throw Error(document.source, "lists layers in a way that Keras does not; the file is damaged");
  }
  return graph;
}

}  // namespace

const KerasLayer& KerasGraph::at(const std::string& name) const {
  const auto found = std::ranges::find(layers, name, &KerasLayer::name);
  if (found == layers.end()) throw Error(source, "has no layer " + in_quotes(name));
  return *found;
}

const KerasLayer& KerasGraph::only(const std::string& class_name) const {
  const auto found = std::ranges::find(layers, class_name, &KerasLayer::class_name);
  if (found == layers.end()) throw Error(source, "has no layer of the class " + class_name);
  if (std::ranges::count(layers, class_name, &KerasLayer::class_name) > 1) {
    throw Error(source, "has several layers of the class " + class_name + ", where this code builds one");
  }
  return *found;
}

const std::vector<KerasOutput>& KerasGraph::inputs_of(const KerasOutput& output) const {
  const KerasLayer& layer = at(output.layer);
  if (output.call >= layer.calls.size() || layer.calls[output.call].empty()) {
    throw Error(source, "does not say what the layer " + in_quotes(layer.name) + " is called with");
  }
  return layer.calls[output.call];
}

std::vector<KerasOutput> KerasGraph::sources_of(const KerasOutput& output,
                                                const std::vector<std::string>& transparent) const {
  std::vector<KerasOutput> sources, open = {output};
  for (std::size_t steps = 0; !open.empty(); ++steps) {
    if (steps > kMaxSources) throw Error(source, "has layers that feed each other without end");
    const KerasOutput next = open.back();
    open.pop_back();
    if (std::ranges::find(transparent, at(next.layer).class_name) == transparent.end()) {
      sources.push_back(next);
      continue;
    }
    const std::vector<KerasOutput>& inputs = inputs_of(next);
    open.insert(open.end(), inputs.rbegin(), inputs.rend());
  }
  return sources;
}

std::uint32_t KerasGraph::width_of_input(const std::string& layer) const {
  const auto& settings = at(layer).settings;
  for (const char* key : {"batch_input_shape", "batch_shape"}) {  // Keras 2, Keras 3
    const auto shape = settings.find(key);
    if (shape == settings.end()) continue;
    const Json extents = Json::parse(shape->second, nullptr, false);
    if (!extents.is_array() || extents.empty() || !extents.back().is_number_unsigned()) return 0;
    const std::uint64_t width = extents.back();
    if (width > UINT32_MAX) throw Error(source, "has an input " + in_quotes(layer) + " wider than any row");
    return static_cast<std::uint32_t>(width);
  }
  return 0;
}

std::optional<KerasGraph> keras_graph(const Checkpoint& checkpoint) {
  for (const auto& [name, certainty] :
       {std::pair("model_config", Certainty::file), std::pair("model_config.json", Certainty::companion)}) {
    const Document* document = checkpoint.find_document(name);
    if (!document) continue;
    KerasGraph graph = graph_of(*document, certainty);
    if (!graph.layers.empty()) return graph;
  }
  return std::nullopt;
}

std::string keras_table(const Checkpoint& checkpoint, const std::string& layer) {
  const std::string named = keras_embeddings(checkpoint, layer);
  if (checkpoint.find(named)) return named;
  const auto graph = keras_graph(checkpoint);
  if (!graph) return named;
  const std::size_t number = graph->at(layer).number;
  return keras_embeddings(checkpoint, number == 0 ? "embedding" : "embedding_" + std::to_string(number));
}

}  // namespace dinghy::converter
