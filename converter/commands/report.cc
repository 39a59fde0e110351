#include "converter/commands/report.h"

#include <map>

#include "converter/explanation/certainty_text.h"
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
         chosen + "\n" + findings_text(conversion.findings) + "tensors: " + std::to_string(claims.taken()) + " used, " +
         std::to_string(claims.ignored().size()) + " ignored\n" + ignored_text(claims.ignored()) + output + ": " +
         bytes_text(sizes.file) + " (tables " + bytes_text(sizes.tables) + ", layers " + bytes_text(sizes.dense) +
         ", vocabularies " + bytes_text(sizes.vocabularies) + ", golden rows " + bytes_text(sizes.golden) +
         ", metadata " + bytes_text(sizes.metadata) + ")\n";
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
