#include "converter/presets/described_features.h"

#include <algorithm>
#include <optional>

#include "converter/error.h"
#include "converter/presets/computed_table.h"
#include "converter/presets/described_tables.h"
#include "converter/presets/features.h"
#include "converter/presets/ids.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/recipe_layers.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

class FeatureBuilder {
 public:
  FeatureBuilder(Conversion& conversion, const NetworkRecipe& description)
      : conversion_(conversion),
        network_(conversion.network),
        description_(description),
        tables_(conversion.claims, description) {}

  void build() {
    for (const TableRecipe& table : description_.tables) add_described_table(table);
    for (const FeatureRecipe& feature : description_.features) add_feature(feature);
    check_inputs(conversion_);
    report_features();
    for (const SequenceRecipe& history : description_.histories) add_history(conversion_, history);
    require_ids_of_masks();
  }

 private:
  struct Added {
    std::string rows;
    const FoundIds* ids;
    int table;
  };
  struct Norm {
    NormRecipe names;
    Affine channels;
    std::size_t used = 0;  // by the features before
  };

  Layer take_projection(const FeatureRecipe& recipe, std::size_t inputs) {
    return take_linear(conversion_.claims, recipe.projection, recipe.projection_bias, description_.layout, inputs,
                       "the feature");
  }

  // The ids that a preset found for a table.
  const FoundIds* found_ids(const std::string& table) const {
    const auto found = conversion_.found_ids.find(table);
    return found == conversion_.found_ids.end() ? nullptr : &found->second;
  }

  // Rows that several features share are one table, unless each has ids of its own.
  int find_or_add_table(const FeatureRecipe& recipe, const std::string& name) {
    const Tensor& rows = tables_.rows(name);
    const FoundIds* ids = found_ids(name);
    const auto shared = std::ranges::find_if(added_, [&](const Added& other) {
      return other.rows == rows.name && (!ids || !other.ids || *other.ids == *ids);
    });
    if (shared != added_.end()) return shared->table;
    const bool has_row = ids && ids->other_row;
    const int table =
        add_table(conversion_, rows, recipe.name, has_row ? format::MissingId::row : format::MissingId::fail);
    if (ids) use_found_ids(conversion_, table, recipe.name, *ids);
    added_.push_back({rows.name, ids, table});
    return table;
  }

  bool is_part(const std::string& name) const {
    return std::ranges::any_of(description_.tables, [&](const TableRecipe& table) {
      return std::ranges::count(table.beside, name) + std::ranges::count(table.sum, name) > 0;
    });
  }

  // It takes the ids of the first feature that has it, before those whose behaviours alone have it.
  void add_described_table(const TableRecipe& table) {
    const std::vector<FeatureRecipe>& features = description_.features;
    if (&*std::ranges::find(description_.tables, table.name, &TableRecipe::name) != &table) {
      throw Error(table.where.text, "two tables are called " + in_quotes(table.name));
    }
    auto feature = std::ranges::find_if(
        features, [&](const FeatureRecipe& other) { return other.table == table.name && other.projection.empty(); });
    if (feature == features.end()) feature = std::ranges::find(features, table.name, &FeatureRecipe::history_table);
    if (feature != features.end()) {
      find_or_add_table(*feature, table.name);
    } else if (!is_part(table.name) &&
               std::ranges::find(features, table.name, &FeatureRecipe::table) == features.end()) {
      throw Error(table.where.text, "no feature has the table " + in_quotes(table.name));
    }
  }

  // The layer behind a table works on rows, so it is folded into them.
  int find_or_add_projected_table(const FeatureRecipe& recipe) {
    const std::string name = recipe.table + " * " + recipe.projection;
    const auto known = std::ranges::find(network_.tables, name, [](const Table& table) { return table.source.name; });
    if (known != network_.tables.end()) return static_cast<int>(known - network_.tables.begin());
    const Tensor& rows = tables_.rows(recipe.table);
    Layer layer = take_projection(recipe, static_cast<std::size_t>(rows.shape[1]));
    TableTerm term{rows, std::move(layer.weight), static_cast<std::uint64_t>(rows.shape[0])};
    return add_table(conversion_, computed_table(name, {std::move(term)}, std::move(layer.bias)), recipe.name);
  }

  int sequence_of(const FeatureRecipe& recipe) const {
    if (recipe.history.empty()) return 0;
    const auto named = std::ranges::find(description_.histories, recipe.history, &SequenceRecipe::name);
    if (named == description_.histories.end()) {
      throw Error(recipe.where.text, "there is no [[history]] " + in_quotes(recipe.history));
    }
    return static_cast<int>(named - description_.histories.begin());
  }

  Norm& take_channels(const NormRecipe& names) {
    std::size_t width = 0;
    for (const FeatureRecipe& feature : description_.features) width += feature.batch_norm == names ? feature.dense : 0;
    if (!conversion_.recipe.network) report_norm(conversion_, "numbers", names);
    return norms_.emplace_back(Norm{names, take_norm(conversion_.claims, names, width)});
  }

  // The next `width` channels of a normalization that several features may share.
  Affine next_channels(const NormRecipe& names, std::size_t width) {
    const auto known = std::ranges::find(norms_, names, &Norm::names);
    Norm& norm = known == norms_.end() ? take_channels(names) : *known;
    const auto next = [&](const Vector& all) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(norm.used);
      return Vector(begin, begin + static_cast<std::ptrdiff_t>(width));
    };
    Affine channels{next(norm.channels.scale), next(norm.channels.shift)};
    norm.used += width;
    return channels;
  }

  void add_numbers(const FeatureRecipe& recipe) {
    const std::uint32_t index = add_dense_feature(conversion_, recipe.name, recipe.role.value, recipe.dense);
    if (!recipe.projection.empty() || recipe.batch_norm) {
      Layer layer = recipe.projection.empty() ? identity_layer(recipe.dense) : take_projection(recipe, recipe.dense);
      if (recipe.batch_norm) fold_before(layer, next_channels(*recipe.batch_norm, recipe.dense));
      project_numbers(conversion_, index, std::move(layer));
    }
    if (recipe.in_history.value) put_numbers_in_history(conversion_, index, sequence_of(recipe));
  }

  void add_feature(const FeatureRecipe& recipe) {
    if (recipe.dense > 0) return add_numbers(recipe);
    const int table =
        recipe.projection.empty() ? find_or_add_table(recipe, recipe.table) : find_or_add_projected_table(recipe);
    const std::uint32_t index = add_id_feature(conversion_, recipe.name, recipe.role.value, table);
    if (recipe.bag) {
      network_.features[index].kind = format::FeatureKind::bag;
      network_.features[index].pooling = *recipe.bag;
    }
    if (recipe.in_history.value) add_column(recipe, index);
  }

  void add_column(const FeatureRecipe& recipe, std::uint32_t index) {
    Feature& feature = network_.features[index];
    const int table = recipe.history_table.empty() ? feature.table : find_or_add_table(recipe, recipe.history_table);
    put_in_history(conversion_, index, table, sequence_of(recipe));
    set_pad_row(conversion_, index, recipe.pad_row.value);
    feature.pad_id = recipe.pad_id;
  }

  // The roles of all features are as sure as the least sure of them.
  void report_features() {
    Certainty roles = Certainty::file, history = Certainty::file, padding = Certainty::file;
    for (const FeatureRecipe& feature : description_.features) {
      roles = std::max(roles, feature.role.certainty);
      if (!feature.in_history.value) continue;
      history = std::max(history, feature.in_history.certainty);
      if (feature.dense == 0) {
        padding = std::max(padding, feature.pad_row.certainty);
      } else if (feature.pad_row.certainty == Certainty::assumed) {
        conversion_.found("padding of " + feature.name, "zeros in front of its layer", Certainty::assumed);
      }
    }
    report_roles(conversion_, roles, history, padding);
  }

  // Padding is known by its ids: numbers and bags tell a mask nothing.
  void require_ids_of_masks() const {
    const std::vector<Sequence>& sequences = network_.sequences;
    for (std::size_t s = 0; s < sequences.size(); ++s) {
      if (sequences[s].mask == format::Mask::length) continue;
      const bool has_ids = std::ranges::any_of(network_.features, [s](const Feature& feature) {
        return feature.sequence == static_cast<int>(s) && feature.kind == format::FeatureKind::id;
      });
      if (has_ids) continue;
      throw Error(conversion_.recipe.where(), "the mask of " + in_quotes(sequences[s].name) +
                                                  " looks at ids, and no column of that history has any");
    }
  }

  Conversion& conversion_;
  Network& network_;
  const NetworkRecipe& description_;
  DescribedTables tables_;
  std::vector<Added> added_;  // tables of the network
  std::vector<Norm> norms_;
};

}  // namespace

void add_described_features(Conversion& conversion, const NetworkRecipe& description) {
  FeatureBuilder(conversion, description).build();
}

}  // namespace dinghy::converter
