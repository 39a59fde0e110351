#include "converter/presets/recipe_keys.h"

#include <algorithm>
#include <cmath>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/inputs.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using Names = std::vector<std::string>;

bool is_near(double a, double b) { return std::abs(a - b) <= 1e-6 * std::abs(a); }

class Check {
 public:
  explicit Check(const Conversion& conversion)
      : conversion_(conversion), recipe_(conversion.recipe), network_(conversion.network) {}

  void inputs() const {
    role("user", recipe_.inputs.user, format::Role::user);
    role("context", recipe_.inputs.context, format::Role::context);
    role("candidate", recipe_.inputs.candidate, format::Role::candidate);
    if (recipe_.inputs.history) history_names(*recipe_.inputs.history);
    if (recipe_.inputs.dense) dense();
    const bool ordered = std::ranges::any_of(conversion_.findings, [](const Finding& finding) {
      return finding.subject == "order of the features" && finding.certainty == Certainty::recipe;
    });
    if (recipe_.inputs.order && !ordered) fail("inputs", "order", "");
  }

  void attention() const {
    const AttentionRecipe& said = recipe_.attention;
    for (const Interest& interest : network_.interests) {
      if (said.softmax &&
          interest.normalizer != (*said.softmax ? format::Normalizer::softmax : format::Normalizer::raw)) {
        fail("attention", "softmax", format::EnumNameNormalizer(interest.normalizer));
      }
      if (said.scale && !is_near(interest.scale, scale_of(*said.scale, key_width(network_, interest.fields)))) {
        fail("attention", "scale", number_text(interest.scale));
      }
    }
    if ((said.softmax || said.scale) && network_.interests.empty()) fail("attention", "softmax", "no attention");
    if (said.activation)
      found("attention", "activation", json_string(format::EnumNameActivationKind(*said.activation)));
    if (recipe_.tower.activation) {
      found("tower", "activation", json_string(format::EnumNameActivationKind(*recipe_.tower.activation)));
    }
    if (recipe_.epsilon.dice) found("epsilon", "dice", number_text(*recipe_.epsilon.dice));
    if (recipe_.epsilon.batch_norm) found("epsilon", "batch_norm", number_text(*recipe_.epsilon.batch_norm));
  }

  void history() const {
    const HistoryRecipe& said = recipe_.history;
    for (const Sequence& sequence : network_.sequences) {
      same("max_length", said.max_length, sequence.max_length, std::to_string(sequence.max_length));
      same("keep", said.keep, sequence.keep, format::EnumNameKeep(sequence.keep));
      same("mask", said.mask, sequence.mask, format::EnumNameMask(sequence.mask));
      same("pad_side", said.pad_side, sequence.pad_side, format::EnumNamePadSide(sequence.pad_side));
    }
    const bool any = said.max_length || said.keep || said.mask || said.pad_side || said.empty || said.pad_row;
    if (any && network_.sequences.empty()) throw Error(recipe_.where(), "[history]: this network has no history");
    if (recipe_.network) return;  // its features and interests say more
    for (const Interest& interest : network_.interests) {
      same("empty", said.empty, interest.empty, format::EnumNameEmptyHistory(interest.empty));
    }
    for (const Feature& feature : network_.features) {
      if (feature.sequence >= 0) same("pad_row", said.pad_row, feature.pad_row, std::to_string(feature.pad_row));
    }
  }

  void ids() const {
    for (const auto& [name, said] : recipe_.ids) {
      const auto named = std::ranges::find(network_.features, name, &Feature::name);
      if (named == network_.features.end()) continue;  // rename_features() says so
      const Feature& feature = *named;
      if (feature.kind == format::FeatureKind::dense) {
        throw Error(said.where, "[ids." + name + "]: the feature " + in_quotes(name) + " has numbers, no ids");
      }
      table(name, said, feature.table);
      if (feature.sequence >= 0) table(name, said, feature.history_table);
    }
  }

 private:
  [[noreturn]] void fail(const std::string& section, const std::string& key, const std::string& instead) const {
    throw Error(recipe_.where(),
                "[" + section + "] " + key +
                    (instead.empty() ? ": nothing of this network depends on it" : ": here it is always " + instead) +
                    "; leave it out");
  }

  // The values that the report gives for a key.
  Names values_of(const std::string& section, const std::string& key) const {
    const std::string begin = key + " = ";
    Names values;
    for (const Finding& finding : conversion_.findings) {
      if (!finding.recipe_line || finding.recipe_line->section != section) continue;
      const std::string& line = finding.recipe_line->line;
      if (line.starts_with(begin)) values.push_back(line.substr(begin.size()));
    }
    return values;
  }

  void found(const std::string& section, const std::string& key, const std::string& value) const {
    const Names values = values_of(section, key);
    const auto other = std::ranges::find_if(values, [&](const std::string& v) { return v != value; });
    if (values.empty() || other != values.end()) fail(section, key, values.empty() ? "" : *other);
  }

  template <class Value>
  void same(const char* key, const std::optional<Value>& said, Value is, const std::string& shown) const {
    if (said && *said != is) fail("history", key, shown);
  }

  template <class Wanted>
  Names names_where(Wanted wanted) const {
    Names names;
    for (const Feature& feature : network_.features) {
      if (wanted(feature)) names.push_back(feature.name);
    }
    return names;
  }

  void same_names(const char* list, Names said, Names are) const {
    std::ranges::sort(said);
    std::ranges::sort(are);
    if (said != are) fail("inputs", list, are.empty() ? "none" : listed(are));
  }

  // Columns of a history have names of their own in some codes, where a recipe names what they are compared with, or
  // both: "item:hist_item".
  void history_names(Names said) const {
    for (std::string& name : said) name = name.substr(0, name.find(':'));
    Names compared;
    for (const Interest& interest : network_.interests) {
      for (const Field& field : interest.fields) compared.push_back(network_.features.at(field.query).name);
    }
    std::ranges::sort(said);
    std::ranges::sort(compared);
    compared.erase(std::ranges::unique(compared).begin(), compared.end());
    if (said == compared) return;
    same_names("history", said, names_where([](const Feature& feature) { return feature.sequence >= 0; }));
  }

  void role(const char* list, const std::optional<Names>& said, format::Role role) const {
    if (said) same_names(list, *said, names_where([&](const Feature& feature) { return feature.role == role; }));
  }

  void dense() const {
    std::vector<NamedWidth> said = dense_inputs(conversion_, {}), are;
    for (const Feature& feature : network_.features) {
      if (feature.kind == format::FeatureKind::dense) are.push_back({feature.name, feature.dense_width});
    }
    const auto equal = [](const NamedWidth& a, const NamedWidth& b) { return a.name == b.name && a.width == b.width; };
    if (std::ranges::equal(said, are, equal)) return;
    Names shown;
    for (const NamedWidth& one : are) shown.push_back(one.name + ":" + std::to_string(one.width));
    fail("inputs", "dense", shown.empty() ? "none" : listed(shown));
  }

  void table(const std::string& name, const IdsRecipe& said, int index) const {
    if (index < 0) return;
    const Table& table = network_.tables.at(static_cast<std::size_t>(index));
    const bool honoured =
        (!said.first || *said.first == table.first_id) && (!said.missing || *said.missing == table.missing) &&
        (!said.row || *said.row == table.missing_row) && (!said.hash || *said.hash == table.hash) &&
        (!said.buckets || *said.buckets == table.hash_buckets) && (said.vocabulary.empty() || table.vocabulary >= 0);
    if (honoured) return;
    throw Error(said.where, "[ids." + name + "]: this preset finds the rows of " + in_quotes(name) +
                                " in a way that the recipe cannot change; leave it out");
  }

  const Conversion& conversion_;
  const Recipe& recipe_;
  const Network& network_;
};

}  // namespace

void require_honoured(const Conversion& conversion) {
  if (conversion.recipe.path.empty()) return;
  const Check check(conversion);
  check.inputs();
  check.attention();
  check.history();
  check.ids();
}

}  // namespace dinghy::converter
