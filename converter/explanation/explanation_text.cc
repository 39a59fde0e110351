#include <algorithm>

#include "converter/explanation/certainty_text.h"
#include "converter/explanation/explanation.h"
#include "converter/explanation/graph_inputs.h"
#include "converter/text/text_table.h"

namespace dinghy::converter {
namespace {

std::string preset_text(const Conversion& conversion, const Explanation& explanation) {
  std::string text;
  if (!explanation.preset) return "preset: none\n";
  const bool by_recipe = !conversion.recipe.preset.empty();
  text = std::string("preset ") + explanation.preset->name + " (" + explanation.preset->package + "), " +
         (by_recipe ? "by the recipe" : std::string("found by ") + explanation.preset->signature) + "\n";
  for (const Preset* other : explanation.recognised_by) {
    if (other == explanation.preset) continue;
    text += std::string("  also like ") + other->name + " (" + other->package + "): " + other->signature + "\n";
  }
  return text;
}

std::string findings_text(const std::vector<Finding>& findings) {
  if (findings.empty()) return {};
  TextTable table({"what", "how", "why", "in a recipe"});
  for (const Finding& finding : findings) {
    const std::optional<RecipeLine>& line = finding.recipe_line;
    table.add({finding.subject, finding.value, certainty_text(finding.certainty), line ? line->text() : "-"});
  }
  return table.text();
}

std::string calibration_text(const Conversion& conversion) {
  if (conversion.batch_norms.empty()) return {};
  return "  to convert it give --calibrate ROWS.jsonl: its tower takes the statistics of a batch\n";
}

std::string inputs_text(const Conversion& conversion) {
  const std::string table = graph_inputs_text(conversion);
  return table.empty() ? "" : "inputs of the graph\n" + table;
}

std::string ids_text(const Network& network, const Table& table) {
  if (table.vocabulary >= 0) return network.vocabularies.at(static_cast<std::size_t>(table.vocabulary)).name;
  if (table.hash != format::IdHash::none) return format::EnumNameIdHash(table.hash);
  return "from " + std::to_string(table.first_id);
}

std::string missing_text(const Table& table) {
  const std::string word = format::EnumNameMissingId(table.missing);
  return table.missing == format::MissingId::row ? word + " " + std::to_string(table.missing_row) : word;
}

std::string features_text(const Network& network) {
  if (network.features.empty()) return {};
  TextTable table({"feature", "role", "kind", "width", "table", "ids", "missing id", "padding row"});
  for (const Feature& feature : network.features) {
    const bool has_table = feature.table >= 0;
    const Table* rows = has_table ? &network.tables.at(static_cast<std::size_t>(feature.table)) : nullptr;
    table.add({feature.name, format::EnumNameRole(feature.role), format::EnumNameFeatureKind(feature.kind),
               std::to_string(feature.width), rows ? rows->source.name : "-", rows ? ids_text(network, *rows) : "-",
               rows ? missing_text(*rows) : "-", feature.sequence >= 0 ? std::to_string(feature.pad_row) : "-"});
  }
  return "features\n" + table.text();
}

std::string use_of(const TensorClaims& claims, const std::string& tensor) {
  if (claims.is_taken(tensor)) return "used";
  const auto ignored = std::ranges::find(claims.ignored(), tensor, &std::pair<std::string, std::string>::first);
  return ignored == claims.ignored().end() ? "not used" : "ignored, " + ignored->second;
}

std::string tensors_text(const Conversion& conversion) {
  TextTable table({"tensor", "shape", "numbers", "use"});
  for (const Tensor& tensor : conversion.checkpoint.tensors) {
    table.add({tensor.name, tensor.shape_text(), name_of(tensor.dtype), use_of(conversion.claims, tensor.name)});
  }
  std::string text = "tensors\n" + table.text();
  for (const auto& [name, reason] : conversion.checkpoint.left_out)
    text += "  left out: " + name + ", " + reason + "\n";
  return text;
}

}  // namespace

std::string explanation_text(const Conversion& conversion, const Explanation& explanation) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  std::string text = checkpoint.path + ": " + checkpoint.format + ", " + std::to_string(checkpoint.tensors.size()) +
                     " tensors, " + std::to_string(checkpoint.facts.size()) + " facts beside them\n";
  for (const Document& document : checkpoint.documents) {
    text += "  with " + document.name + " (" + document.source + ")\n";
  }
  return text + preset_text(conversion, explanation) + findings_text(conversion.findings) +
         calibration_text(conversion) + features_text(conversion.network) + inputs_text(conversion) +
         tensors_text(conversion);
}

}  // namespace dinghy::converter
