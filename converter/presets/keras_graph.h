// The layers of a Keras model and what they are called with, out of its configuration.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// The result of one call of a layer.
struct KerasOutput {
  std::string layer;
  std::size_t call = 0;
};

struct KerasLayer {
  std::string name;
  std::string class_name;                       // without the package: "DinAttention" for "din>DinAttention"
  std::map<std::string, std::string> settings;  // texts as they are, everything else as JSON: "[80,40]", "false"
  std::vector<std::vector<KerasOutput>> calls;  // the inputs of each call
  std::size_t number = 0;                       // among the layers of its class
};

struct KerasGraph {
  std::string source;  // for errors
  Certainty certainty = Certainty::file;
  std::vector<KerasLayer> layers;

  /// Throws Error when there is no such layer.
  const KerasLayer& at(const std::string& name) const;
  /// The one layer of a class; throws Error when there are none or several.
  const KerasLayer& only(const std::string& class_name) const;

  /// What reaches `output` through layers of the classes `transparent` (concatenations, reshapes), in their order.
  std::vector<KerasOutput> sources_of(const KerasOutput& output, const std::vector<std::string>& transparent) const;
  /// The inputs of one call. Throws Error when there is no such call.
  const std::vector<KerasOutput>& inputs_of(const KerasOutput& output) const;
  /// The last extent of an input layer's shape; 0 where it is open.
  std::uint32_t width_of_input(const std::string& layer) const;
};

/// The graph in the document "model_config" of the checkpoint, or in a file model_config.json beside it (the text of
/// model.to_json()). None without one, and for a model that lists no layers. Throws Error for what is no JSON.
std::optional<KerasGraph> keras_graph(const Checkpoint& checkpoint);

/// The tensor of the Embedding layer `layer`. The layout of Keras 3 without names beside the variables numbers the
/// tables as the configuration lists them (trap 39).
std::string keras_table(const Checkpoint& checkpoint, const std::string& layer);

}  // namespace dinghy::converter
