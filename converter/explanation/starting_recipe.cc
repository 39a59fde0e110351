#include <algorithm>
#include <map>

#include "converter/explanation/certainty_text.h"
#include "converter/explanation/explanation.h"
#include "converter/presets/open_settings.h"
#include "converter/text/quotes.h"
#include "converter/text/utf8.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kReasonColumn = 40;

std::string with_reason(std::string line, const std::string& reason) {
  if (line.size() < kReasonColumn) line.resize(kReasonColumn, ' ');
  return line + "  # " + reason + "\n";
}

std::string head(const Conversion& conversion, const Explanation& explanation) {
  std::string text = "# For " + json_string(conversion.checkpoint.path) + " (" + conversion.checkpoint.format + ").\n";
  if (explanation.failure) return text + "# It does not convert yet: " + explanation.failure->what() + "\n";
  return text +
         "# A line that begins with # is settled, and only shows how to say otherwise. The others are assumptions:\n"
         "# make them true, and let `dinghy convert --check` judge with scores of the original code.\n";
}

// Two layers of one part may differ, Dice here and relu there: no line is true of the whole part.
bool holds_in_part(const std::vector<Finding>& findings, const Finding& finding) {
  return std::ranges::any_of(
      findings, [&](const Finding& other) { return other.subject == finding.subject && other.value != finding.value; });
}

// Lines by section, in the order in which sections came first.
class Sections {
 public:
  // An epsilon is found once for the attention and once for the tower.
  void add(const std::string& section, const std::string& line) {
    if (!lines_.contains(section)) order_.push_back(section);
    if (lines_[section].find(line) == std::string::npos) lines_[section] += line;
  }

  std::string text(const std::string& begin) const {
    std::string text;
    for (const std::string& section : order_) {
      if (section.empty()) {
        text.insert(0, lines_.at(section));  // a key of the root stands before all sections
      } else {
        text += begin + "[" + section + "]\n" + lines_.at(section);
      }
    }
    return text;
  }

 private:
  std::vector<std::string> order_;
  std::map<std::string, std::string> lines_;
};

// Every choice, in the order in which it was found; a recipe that was given has said its own already.
void add_findings(const Conversion& conversion, Sections& sections) {
  for (const Finding& finding : conversion.findings) {
    if (!finding.recipe_line || finding.certainty == Certainty::recipe) continue;
    const auto& [section, line] = *finding.recipe_line;
    // Which weights a file's owner means is a question: no line may answer it.
    const bool asked = section.empty();
    const bool open = finding.certainty == Certainty::assumed && !asked && conversion.recipe.path.empty() &&
                      !holds_in_part(conversion.findings, finding);
    const std::string reason = asked ? "say which: " + finding.value : certainty_text(finding.certainty);
    sections.add(section, with_reason((open ? "" : "# ") + line, reason));
  }
}

// Where the work stopped, what files of this code leave open beside what was found.
void add_open(const Conversion& conversion, const Preset& preset, Sections& sections) {
  for (const OpenSetting& setting : open_settings(preset.name)) {
    const std::string begin = std::string(setting.key) + " = ";
    const bool is_found = std::ranges::any_of(conversion.findings, [&](const Finding& finding) {
      return finding.recipe_line && finding.recipe_line->section == setting.section &&
             finding.recipe_line->line.starts_with(begin);
    });
    if (!is_found) sections.add(setting.section, with_reason("# " + begin + setting.example, "open, an example"));
  }
}

std::string ids_lines(const Network& network) {
  std::string text;
  for (const Feature& feature : network.features) {
    if (feature.table < 0) continue;
    const Table& table = network.tables.at(static_cast<std::size_t>(feature.table));
    if (table.name != feature.name || table.vocabulary >= 0) continue;  // another feature's table, or no plain ids
    text += "\n# [ids." + json_string(feature.name) + "]\n";
    text += with_reason("# first = " + std::to_string(table.first_id), "the id of row 0");
    text += with_reason("# missing = " + json_string(format::EnumNameMissingId(table.missing)), "an id without a row");
    if (table.missing == format::MissingId::row) text += "# row = " + std::to_string(table.missing_row) + "\n";
  }
  return text;
}

std::string tensor_lines(const Checkpoint& checkpoint) {
  std::string text = "\n# The tensors:\n";
  for (const Tensor& tensor : checkpoint.tensors) {
    text += "#   " + json_string(tensor.name) + " " + tensor.shape_text() + "\n";
  }
  return text;
}

// What an unknown code needs, to be filled in; docs/unknown-code.md walks through it.
const char* const kGenericLines = R"(
preset = "generic"
layout = "out_in"      # PyTorch's Linear; TensorFlow's and Keras' Dense is "in_out"

# [[feature]]
# name = "item"
# role = "candidate"   # user, context or candidate
# table = ""           # a tensor [rows, width]
# history = true       # behaviours have it too

# [[interest]]
# fields = ["item"]                  # q and k
# parts = ["q", "k", "q-k", "q*k"]   # what the first layer takes, in its order
# normalizer = ""                    # softmax, raw, sigmoid or one
# [[interest.layers]]                # one for each layer, the last gives one number
# weight = ""
# bias = ""
# activation = "sigmoid"

# [tower]
# inputs = ["interest", "item"]      # in the order of the first layer's inputs
# [[tower.layers]]
# weight = ""
# bias = ""
# activation = "relu"
)";

}  // namespace

std::string starting_recipe(const Conversion& conversion, const Explanation& explanation) {
  const Recipe& recipe = conversion.recipe;
  std::string text = head(conversion, explanation);
  if (!recipe.path.empty()) {
    text += recipe.text;
  } else if (explanation.preset) {
    text += std::string("\npreset = \"") + explanation.preset->name + "\"\n";
  } else {
    text += kGenericLines;
  }
  Sections sections;
  add_findings(conversion, sections);
  if (explanation.failure && explanation.preset && recipe.path.empty()) {
    add_open(conversion, *explanation.preset, sections);
  }
  text += sections.text(recipe.path.empty() ? "\n" : "\n# ");
  if (!explanation.failure && recipe.path.empty()) text += ids_lines(conversion.network);
  if (explanation.failure) text += tensor_lines(conversion.checkpoint);
  return as_utf8(text);  // a file's name may hold any bytes, TOML may not
}

}  // namespace dinghy::converter
