// The presets: one for each public DIN code whose checkpoints Dinghy knows. README.md says how to add one.
#pragma once

#include <span>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

struct Preset {
  const char* name;     // in recipes
  const char* package;  // the code that writes such checkpoints
  /// Whether the tensors' names are those of this code; nullptr where only a recipe can choose the preset.
  bool (*recognises)(const Checkpoint& checkpoint);
  /// Fills conversion.network and takes its tensors; nullptr where the preset describes. Throws Error.
  void (*build)(Conversion& conversion) = nullptr;
  /// What `recognises` looks for, for people: "attention.local_att.dense.weight".
  const char* signature = "";
  /// The network as the checkpoint and this code have it, with what of the recipe is this preset's own: order and names
  /// of features. What else the recipe says is put in afterwards (overrides). Takes no tensor. Throws Error.
  NetworkRecipe (*describe)(Conversion& conversion) = nullptr;
};

std::span<const Preset* const> presets();

/// Those that recognise the checkpoint; of a graph, whose tensors may have the names of a code, the one that reads
/// graphs.
std::vector<const Preset*> presets_for(const Checkpoint& checkpoint);

/// The preset that the recipe names, else the one that recognises the checkpoint. Throws Error when there is none, and
/// when there are several.
const Preset& choose_preset(const Checkpoint& checkpoint, const Recipe& recipe);

/// Whether the recipe ignores a tensor that looks like a part of the network: in the module of a used one, or a vector
/// as long as a used layer is wide.
bool ignores_parts(const Conversion& conversion);

/// Builds the network and accounts for every tensor: throws Error for one without a use.
void build_network(Conversion& conversion, const Preset& preset);

}  // namespace dinghy::converter
