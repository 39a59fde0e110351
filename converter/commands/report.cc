#include "converter/commands/report.h"

#include <map>
#include <nlohmann/json.hpp>

#include "converter/explanation/certainty_text.h"
#include "converter/explanation/graph_inputs.h"
#include "converter/quantization/score_loss_report.h"
#include "converter/text/json_document.h"
#include "converter/text/number_text.h"
#include "converter/text/text_table.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kMaxNames = 12;  // of one reason; --explain lists all

std::string findings_text(const std::vector<Finding>& findings) {
  TextTable table({"what", "how", "why"});
  for (const Finding& finding : findings)
    table.add({finding.subject, finding.value, certainty_text(finding.certainty)});
  return table.text();
}

// Many tensors share one reason, such as the counters of batch norm and what an optimizer has for each weight.
std::string ignored_text(const std::vector<std::pair<std::string, std::string>>& ignored) {
  std::vector<std::string> reasons;
  std::map<std::string, std::vector<std::string>> names;
  for (const auto& [name, reason] : ignored) {
    if (!names.contains(reason)) reasons.push_back(reason);
    names[reason].push_back(name);
  }
  std::string text;
  for (const std::string& reason : reasons) {
    const std::vector<std::string>& all = names[reason];
    const std::size_t shown = all.size() > kMaxNames ? kMaxNames - 1 : all.size();
    text += "  ignored, " + reason + ":";
    for (std::size_t i = 0; i < shown; ++i) text += " " + all[i];
    if (shown < all.size()) text += " and " + std::to_string(all.size() - shown) + " more";
    text += "\n";
  }
  return text;
}

using Json = nlohmann::ordered_json;

Json choice_json(const Finding& finding) {
  return {{"what", finding.subject},
          {"how", finding.value},
          {"certainty", certainty_word(finding.certainty)},
          {"why", certainty_text(finding.certainty)},
          {"recipe", finding.recipe_line ? Json(finding.recipe_line->text()) : Json(nullptr)}};
}

Json tensors_json(const TensorClaims& claims) {
  Json ignored = Json::array();
  for (const auto& [name, reason] : claims.ignored()) ignored.push_back({{"name", name}, {"reason", reason}});
  return {{"used", claims.taken()}, {"ignored", ignored}};
}

Json sizes_json(const WrittenSizes& sizes) {
  return {{"file", sizes.file},          {"tables", sizes.tables},
          {"layers", sizes.dense},       {"vocabularies", sizes.vocabularies},
          {"golden_rows", sizes.golden}, {"metadata", sizes.metadata}};
}

Json check_json(const IsaCheck& check) {
  return {{"isa", check.isa},
          {"rows", check.comparison.rows},
          {"scores", check.comparison.scores},
          {"max_distance", check.comparison.score.distance},
          {"attention_weights", check.comparison.weights},
          {"max_attention_distance", check.comparison.attention.distance}};
}

template <class Element>
Json list(const std::vector<Element>& elements, Json (*describe)(const Element&)) {
  Json objects = Json::array();
  for (const Element& element : elements) objects.push_back(describe(element));
  return objects;
}

}  // namespace

std::vector<std::string> notes_of(const Conversion& conversion) {
  std::vector<std::string> notes;
  for (const Finding& finding : conversion.findings) {
    notes.push_back(finding.subject + ": " + finding.value + " (" + certainty_text(finding.certainty) + ")");
  }
  return notes;
}

std::vector<std::string> assumptions_of(const Conversion& conversion) {
  std::vector<std::string> assumptions;
  for (const Finding& finding : conversion.findings) {
    if (finding.certainty != Certainty::assumed) continue;
    const std::optional<RecipeLine>& line = finding.recipe_line;
    assumptions.push_back(finding.subject + ": " + (line ? line->text() : finding.value));
  }
  return assumptions;
}

std::string report_text(const Conversion& conversion, const Preset& preset, const std::string& output,
                        const WrittenSizes& sizes) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  const TensorClaims& claims = conversion.claims;
  const std::string chosen = conversion.recipe.preset.empty() ? "found by the names of its tensors" : "by the recipe";
  return checkpoint.path + ": " + checkpoint.format + "\npreset " + preset.name + " (" + preset.package + "), " +
         chosen + "\n" + findings_text(conversion.findings) + graph_inputs_text(conversion) +
         "tensors: " + std::to_string(claims.taken()) + " used, " + std::to_string(claims.ignored().size()) +
         " ignored\n" + ignored_text(claims.ignored()) + output + ": " + bytes_text(sizes.file) + " (tables " +
         bytes_text(sizes.tables) + ", layers " + bytes_text(sizes.dense) + ", vocabularies " +
         bytes_text(sizes.vocabularies) + ", golden rows " + bytes_text(sizes.golden) + ", metadata " +
         bytes_text(sizes.metadata) + ")\n";
}

std::string report_json(const Conversion& conversion, const Preset& preset, const WrittenSizes& sizes,
                        const std::vector<IsaCheck>& checks, const QuantizationReport& quantization) {
  Json report = {{"checkpoint", conversion.checkpoint.path},
                 {"format", conversion.checkpoint.format},
                 {"preset", preset.name},
                 {"package", preset.package},
                 {"choices", list(conversion.findings, choice_json)},
                 {"inputs", graph_inputs_json(conversion)},
                 {"tensors", tensors_json(conversion.claims)},
                 {"bytes", sizes_json(sizes)},
                 {"checks", list(checks, check_json)}};
  add_quantization(report, quantization.tables, quantization.loss ? &*quantization.loss : nullptr);
  return json_document(report);
}

std::string checks_text(const std::vector<IsaCheck>& checks) {
  std::string text;
  for (const IsaCheck& check : checks) {
    const GoldenComparison& comparison = check.comparison;
    text += "checked on " + check.isa + ": " + std::to_string(comparison.rows) + " golden rows, " +
            std::to_string(comparison.scores) + " scores within " + short_number(comparison.score.distance);
    if (comparison.weights > 0) {
      text += ", " + std::to_string(comparison.weights) + " attention weights within " +
              short_number(comparison.attention.distance);
    }
    text += "\n";
  }
  return text;
}

}  // namespace dinghy::converter
