#include "converter/explanation/recipe_text.h"

#include <algorithm>

#include "converter/explanation/certainty_text.h"
#include "converter/table_form.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"
#include "converter/text/utf8.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kReasonColumn = 40;

std::string list_text(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& one : texts) text += (text.empty() ? "" : ", ") + json_string(one);
  return "[" + text + "]";
}

class Writer {
 public:
  void section(const std::string& header) { text_ += "\n" + header + "\n"; }

  void line(const std::string& key, const std::string& value) { text_ += key + " = " + value + "\n"; }

  // A value that somebody has to confirm says so.
  void line(const std::string& key, const std::string& value, Certainty certainty) {
    std::string line = key + " = " + value;
    if (certainty != Certainty::recipe) {
      line.resize(std::max(line.size(), kReasonColumn), ' ');
      line += std::string("  # ") + certainty_text(certainty);
    }
    text_ += line + "\n";
  }

  // Empty texts are keys that are not there.
  void text_line(const std::string& key, const std::string& value) {
    if (!value.empty()) line(key, json_string(value));
  }

  template <class Value>
  void line_unless(const std::string& key, const Value& value, const Value& otherwise) {
    if (value != otherwise) line(key, text_of(value));
  }

  void layers(const std::string& header, const std::vector<LayerRecipe>& layers) {
    for (const LayerRecipe& layer : layers) {
      section("[[" + header + "]]");
      for (const std::string& part : layer.absent) {
        text_ += "# without " + part + ": " + certainty_text(Certainty::assumed) + "\n";
      }
      text_line("weight", layer.weight);
      text_line("bias", layer.bias);
      if (layer.activation && is_word(*layer.activation)) activation_line(*layer.activation);
      if (layer.input_batch_norm) norm("[" + header + ".input_batch_norm]", *layer.input_batch_norm);
      if (layer.batch_norm) norm("[" + header + ".batch_norm]", *layer.batch_norm);
      if (layer.activation && !is_word(*layer.activation)) activation_table(header, *layer.activation);
    }
  }

  void norm(const std::string& header, const NormRecipe& norm) {
    section(header);
    norm_keys(norm);
  }

  std::string take() { return std::move(text_); }

 private:
  static std::string text_of(bool value) { return value ? "true" : "false"; }
  static std::string text_of(double value) { return number_text(value); }
  static std::string text_of(std::uint32_t value) { return std::to_string(value); }
  static std::string text_of(std::int64_t value) { return std::to_string(value); }
  static std::string text_of(std::uint8_t value) { return std::to_string(value); }

  // What stands for itself, without keys of its own.
  static bool is_word(const ActivationRecipe& activation) {
    const ActivationWord word = activation.word.value;
    return activation.alpha.empty() && word != ActivationWord::leaky_relu;
  }

  void activation_line(const ActivationRecipe& activation) {
    line("activation", json_string(name_of(activation.word.value)), activation.word.certainty);
  }

  void activation_table(const std::string& header, const ActivationRecipe& activation) {
    section("[" + header + ".activation]");
    line("kind", json_string(name_of(activation.word.value)), activation.word.certainty);
    text_line("alpha", activation.alpha);
    if (activation.word.value == ActivationWord::leaky_relu) line("slope", number_text(activation.slope));
    if (activation.word.value == ActivationWord::row_dice) {
      line("epsilon", number_text(activation.epsilon.value), activation.epsilon.certainty);
      line_unless("each_channel", activation.each_channel, false);
    }
    if (activation.norm) norm_keys(*activation.norm);
  }

  void norm_keys(const NormRecipe& norm) {
    text_line("gamma", norm.gamma);
    text_line("beta", norm.beta);
    text_line("mean", norm.mean);
    text_line("deviation", norm.deviation);
    text_line("variance", norm.variance);
    if (norm.deviation.empty()) line("epsilon", number_text(norm.epsilon.value), norm.epsilon.certainty);
  }

  std::string text_;
};

void write_history(Writer& writer, const SequenceRecipe& history, bool is_only) {
  writer.section(is_only ? "[history]" : "[[history]]");
  if (!is_only) writer.text_line("name", history.name);
  if (history.max_length.value > 0) {
    writer.line("max_length", std::to_string(history.max_length.value), history.max_length.certainty);
  }
  writer.line("keep", json_string(format::EnumNameKeep(history.keep.value)), history.keep.certainty);
  writer.line("mask", json_string(format::EnumNameMask(history.mask.value)), history.mask.certainty);
  writer.line("pad_side", json_string(format::EnumNamePadSide(history.pad_side.value)), history.pad_side.certainty);
}

void write_table(Writer& writer, const TableRecipe& table) {
  writer.section("[[table]]");
  writer.text_line("name", table.name);
  writer.text_line("tensor", table.tensor);
  writer.line_unless("first_row", table.first_row, std::int64_t{0});
  writer.line_unless("rows", table.rows, std::int64_t{0});
  writer.line_unless("zeros_from", table.zeros_from, std::int64_t{0});
  if (!table.beside.empty()) writer.line("beside", list_text(table.beside));
  if (!table.sum.empty()) writer.line("sum", list_text(table.sum));
  writer.layers("table.layers", table.layers);
}

void write_column(Writer& writer, const FeatureRecipe& feature) {
  const std::string history = feature.history.empty() ? "true" : json_string(feature.history);
  writer.line("history", history, feature.in_history.certainty);
  if (feature.dense > 0) return;
  writer.text_line("history_table", feature.history_table);
  writer.line("pad_row", std::to_string(feature.pad_row.value), feature.pad_row.certainty);
  writer.line_unless("pad_id", feature.pad_id, std::int64_t{0});
}

void write_feature(Writer& writer, const FeatureRecipe& feature) {
  writer.section("[[feature]]");
  writer.line("name", json_string(feature.name));
  writer.line("role", json_string(format::EnumNameRole(feature.role.value)), feature.role.certainty);
  writer.text_line("table", feature.table);
  writer.line_unless("dense", feature.dense, 0U);
  writer.text_line("projection", feature.projection);
  writer.text_line("projection_bias", feature.projection_bias);
  if (feature.bag) writer.line("bag", json_string(format::EnumNamePooling(*feature.bag)));
  if (feature.in_history.value) write_column(writer, feature);
  if (feature.batch_norm) writer.norm("[feature.batch_norm]", *feature.batch_norm);
}

std::string fields_text(const InterestRecipe& interest) {
  std::vector<std::string> texts;
  for (const FieldRecipe& field : interest.fields) texts.push_back(field_text(field));
  return list_text(texts);
}

void write_interest(Writer& writer, const InterestRecipe& interest) {
  writer.section("[[interest]]");
  writer.line("name", json_string(interest.name));
  writer.line("fields", fields_text(interest));
  writer.line_unless("pad_query", interest.pad_query, false);
  if (interest.score == format::Score::dot) writer.line("score", "\"dot\"");
  if (interest.score == format::Score::mlp) writer.line("parts", list_text(interest.parts));
  const ScaleRecipe& scale = interest.scale.value;
  writer.line("scale", scale.by_key_width ? "\"1/sqrt(width)\"" : number_text(scale.value), interest.scale.certainty);
  writer.line("normalizer", json_string(format::EnumNameNormalizer(interest.normalizer.value)),
              interest.normalizer.certainty);
  writer.line("pooling", json_string(format::EnumNamePooling(interest.pooling)));
  if (interest.pads.value != format::Pads::excluded) {
    writer.line("pads", json_string(format::EnumNamePads(interest.pads.value)), interest.pads.certainty);
    writer.line("pad_to", std::to_string(interest.pad_to));
  }
  if (interest.empty.value) {
    writer.line("empty", json_string(format::EnumNameEmptyHistory(*interest.empty.value)), interest.empty.certainty);
  }
  writer.layers("interest.query_layers", interest.query_layers);
  writer.layers("interest.layers", interest.layers);
  writer.layers("interest.post_layers", interest.post_layers);
}

// Whether a name alone says which vector it means.
bool is_unique(const NetworkRecipe& network, const std::string& name) {
  const auto count = [&](const auto& named) {
    return std::ranges::count_if(named, [&](const auto& one) { return one.name == name; });
  };
  return count(network.features) + count(network.interests) + count(network.mlps) == 1;
}

// As somebody would write it, without saying what a name says by itself.
TowerInput shortest(const NetworkRecipe& network, TowerInput input) {
  using Of = VectorRecipe::Of;
  for (std::vector<VectorRecipe>* factor : {&input.vectors, &input.times}) {
    for (VectorRecipe& vector : *factor) {
      const bool is_sum = vector.of == Of::history_sum || vector.of == Of::history_mean;
      if (!is_sum && is_unique(network, vector.name)) vector.of = Of::any;
    }
  }
  return input;
}

void write_parts(Writer& writer, const NetworkRecipe& network, const std::string& section,
                 const TowerPartsRecipe& parts) {
  std::vector<std::string> inputs;
  for (const TowerInput& input : parts.inputs) inputs.push_back(tower_input_text(shortest(network, input)));
  writer.line("inputs", list_text(inputs));
  writer.layers(section + ".layers", parts.layers);
}

void write_head(Writer& writer, const HeadRecipe& head) {
  writer.section("[head]");
  writer.line("link", json_string(format::EnumNameLink(head.link.value)), head.link.certainty);
  writer.line_unless("positive_class", head.positive_class, std::uint8_t{0});
  writer.line_unless("scale", head.scale, 1.0);
  writer.line_unless("shift", head.shift, 0.0);
  writer.line_unless("offset", head.offset, 0.0);
  for (const BiasRecipe& bias : head.biases) {
    writer.section("[[head.biases]]");
    writer.text_line("feature", bias.feature);
    writer.text_line("table", bias.table);
  }
}

const char* hash_text(format::IdHash hash) {
  return hash == format::IdHash::farmhash64_decimal ? "\"farmhash64\"" : "\"farmhash64_keep_zero\"";
}

void write_ids(Writer& writer, const std::string& feature, const IdsRecipe& ids) {
  writer.section("[ids." + json_string(feature) + "]");
  if (ids.first) writer.line("first", std::to_string(*ids.first));
  writer.text_line("vocabulary", ids.vocabulary);
  if (ids.hash) writer.line("hash", hash_text(*ids.hash));
  if (ids.buckets) writer.line("buckets", std::to_string(*ids.buckets));
  if (ids.missing) writer.line("missing", json_string(format::EnumNameMissingId(*ids.missing)));
  if (ids.row) writer.line("row", std::to_string(*ids.row));
}

void write_texts(Writer& writer, const std::string& section, const std::map<std::string, std::string>& texts) {
  if (!texts.empty()) writer.section("[" + section + "]");
  for (const auto& [key, value] : texts) writer.line(json_string(key), json_string(value));
}

}  // namespace

std::string recipe_text(const Recipe& recipe) {
  const NetworkRecipe& network = recipe.network.value();
  Writer writer;
  writer.line("preset", "\"generic\"");
  writer.line("layout", network.layout == WeightLayout::out_in ? "\"out_in\"" : "\"in_out\"");
  writer.text_line("weights", recipe.weights);
  const bool is_only = network.histories.size() == 1 && network.histories[0].name == SequenceRecipe{}.name;
  for (const SequenceRecipe& history : network.histories) write_history(writer, history, is_only);
  for (const TableRecipe& table : network.tables) write_table(writer, table);
  for (const FeatureRecipe& feature : network.features) write_feature(writer, feature);
  for (const InterestRecipe& interest : network.interests) write_interest(writer, interest);
  for (const TowerPartsRecipe& mlp : network.mlps) {
    writer.section("[[mlp]]");
    writer.text_line("name", mlp.name);
    write_parts(writer, network, "mlp", mlp);
  }
  writer.section("[tower]");
  write_parts(writer, network, "tower", network.tower);
  write_head(writer, network.head);
  write_texts(writer, "rename", recipe.rename);
  for (const auto& [feature, ids] : recipe.ids) write_ids(writer, feature, ids);
  std::map<std::string, std::string> packed;
  for (const auto& [tensor, form] : recipe.packed) packed.emplace(tensor, format::word_of(form));
  write_texts(writer, "packed", packed);
  write_texts(writer, "ignore", recipe.ignore);
  return as_utf8(writer.take());
}

}  // namespace dinghy::converter
