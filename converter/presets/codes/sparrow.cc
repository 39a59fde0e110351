// The DIN of SparrowRecSys, a script: five slots of movies without a mask, whose weights are sigmoids.
#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/attention.h"
#include "converter/presets/attention_parts.h"
#include "converter/presets/codes/sparrow_columns.h"
#include "converter/presets/features.h"
#include "converter/presets/ids.h"
#include "converter/presets/inputs.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using Kind = SparrowPart::Kind;

const std::string kMovie = "movieId";

std::vector<std::string> dense_layers(const Checkpoint& checkpoint) { return keras_layers(checkpoint, "", "dense"); }

std::vector<std::string> prelu_layers(const Checkpoint& checkpoint) { return keras_layers(checkpoint, "", "p_re_lu"); }

std::string alpha_of(const Checkpoint& checkpoint, std::size_t number) {
  return keras_variable(checkpoint, prelu_layers(checkpoint).at(number), "alpha", 0);
}

Layer take_dense(Conversion& conversion, std::size_t number, std::size_t inputs, const std::string& what) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  const std::string layer = dense_layers(checkpoint).at(number);
  return take_linear(conversion.claims, keras_kernel(checkpoint, layer), keras_bias(checkpoint, layer),
                     WeightLayout::in_out, inputs, what);
}

std::uint32_t add_column(Conversion& conversion, const SparrowColumn& column, format::Role assumed) {
  const format::Role role = role_of(conversion, column.name, assumed);
  if (column.table.empty()) return add_dense_feature(conversion, column.name, role, column.width);
  // DIN.py:53-62: a genre that is not in the list has the vector zero, an unknown user is an error.
  const int table = add_table(conversion, column.table, column.name,
                              column.vocabulary ? format::MissingId::zero : format::MissingId::fail);
  Table& rows = conversion.network.tables.back();
  if (column.missing_row && !conversion.recipe.ids.contains(column.name)) {
    rows.missing = format::MissingId::row;
    rows.missing_row = *column.missing_row;
  }
  if (column.vocabulary) use_vocabulary(conversion, table, column.name, *column.vocabulary);
  return add_id_feature(conversion, column.name, role, table);
}

std::uint32_t add_movie(Conversion& conversion) {
  const std::string layer = keras_layers(conversion.checkpoint, "", "embedding").front();
  const int table = add_table(conversion, keras_embeddings(conversion.checkpoint, layer), kMovie);
  const std::uint32_t movie = add_id_feature(conversion, kMovie, format::Role::candidate, table);
  put_in_history(conversion, movie, table);
  return movie;
}

void add_features(Conversion& conversion, const SparrowColumns& columns) {
  Network& network = conversion.network;
  const std::uint32_t movie = add_movie(conversion);
  const std::uint32_t movie_width = network.features[movie].width;
  for (const SparrowPart& part : columns.parts) {
    if (part.kind == Kind::interest) add_interest_part(network, 0, movie_width);
    if (part.kind == Kind::movie) add_feature_part(network, movie);
    // What the script calls context features are the movie's.
    const format::Role role = part.kind == Kind::user_columns ? format::Role::user : format::Role::candidate;
    for (const SparrowColumn& column : part.columns) {
      add_feature_part(network, add_column(conversion, column, role));
    }
  }
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), Certainty::preset);
  std::vector<std::string> order;
  for (const Part& part : network.tower_parts) {
    order.push_back(part.operand.source == format::Source::interest ? "interest"
                                                                    : network.features[part.operand.index].name);
  }
  conversion.found("input of the tower", listed(order), columns.certainty);
}

// Requests have the oldest behaviour first. The newest is userRatedMovie1, slot 0 (FeatureEngForRecModel.scala turns
// the history around), so the slots count from the end and those that are empty stand in front.
Activation take_slot_prelu(Conversion& conversion, std::size_t width) {
  Activation prelu = take_prelu_position(conversion.claims, alpha_of(conversion.checkpoint, 0), width);
  Vector turned;
  for (std::size_t end = prelu.alpha.size(); end > 0; end -= width) {
    const auto row = prelu.alpha.begin() + static_cast<std::ptrdiff_t>(end - width);
    turned.insert(turned.end(), row, row + static_cast<std::ptrdiff_t>(width));
  }
  prelu.alpha = std::move(turned);
  return prelu;
}

void add_slots(Conversion& conversion, std::size_t slots) {
  Sequence sequence;
  sequence.max_length = static_cast<std::uint32_t>(slots);
  sequence.pad_side = format::PadSide::left;
  add_history(conversion, conversion.recipe.history, sequence, Certainty::file, Certainty::preset);
  conversion.found("slots of the history", "userRatedMovie1 is its last behaviour, the newest", Certainty::preset);
}

void add_interest(Conversion& conversion) {
  const std::size_t width = conversion.network.features.front().width;
  Interest interest;
  interest.fields = {{0, 0}};
  Layer first = take_dense(conversion, 0, 4 * width, "the input of the attention");
  // DIN.py:146, and only here with k-q in front.
  order_parts(first.weight, {"k-q", "k", "q", "k*q"}, width, conversion.checkpoint.path);
  conversion.found("input of the attention", "k-q, k, q, k*q", Certainty::preset);
  refuse_activation(conversion, conversion.recipe.attention.activation, "attention", "PReLU with alphas by slot");
  first.activation = take_slot_prelu(conversion, width_of(first));
  conversion.found("activation of the attention", "PReLU by slot", Certainty::file);
  add_slots(conversion, first.activation.alpha.size() / width_of(first));
  interest.layers = {std::move(first)};
  interest.layers.push_back(take_dense(conversion, 1, width_of(interest.layers[0]), "the layer before"));
  interest.normalizer = format::Normalizer::sigmoid;  // DIN.py:151
  conversion.found("attention weights", "sigmoid of the logits", Certainty::preset);
  choose_pads(conversion, interest, format::Pads::attend);  // row 0 counts: DIN.py:158 sums all slots
  conversion.network.interests.push_back(std::move(interest));
}

void add_tower(Conversion& conversion) {
  Network& network = conversion.network;
  std::size_t width = tower_width(network);
  refuse_activation(conversion, conversion.recipe.tower.activation, "tower", "PReLU");
  const std::size_t count = dense_layers(conversion.checkpoint).size();
  if (prelu_layers(conversion.checkpoint).size() + 2 != count) {
    throw Error(conversion.checkpoint.path, "has " + std::to_string(count) +
                                                " Dense layers, but not a PReLU behind "
                                                "all but the attention's and the tower's last");
  }
  for (std::size_t i = 2; i < count; ++i) {
    network.tower.push_back(
        i == 2 ? take_dense(conversion, i, width,
                            "the tower's input of the columns of the script (model.to_json() beside the weights as "
                            "model_config.json tells others)")
               : take_dense(conversion, i, width_of(network.tower.back()), "the layer before"));
    if (i + 1 == count) break;
    Layer& layer = network.tower.back();
    layer.activation = take_prelu(conversion.claims, alpha_of(conversion.checkpoint, i - 1), width_of(layer));
  }
  conversion.found("activation of the tower", "PReLU", Certainty::file);
}

void build(Conversion& conversion) {
  add_features(conversion, sparrow_columns(conversion.checkpoint));
  add_interest(conversion);
  add_tower(conversion);
}

bool recognises(const Checkpoint& checkpoint) {
  const std::vector<std::string> prelu = prelu_layers(checkpoint);
  if (prelu.empty() || dense_layers(checkpoint).size() < 3 || keras_layers(checkpoint, "", "embedding").size() != 1) {
    return false;
  }
  const Tensor* alpha = checkpoint.find(keras_variable(checkpoint, prelu.front(), "alpha", 0));
  return alpha && alpha->shape.size() == 2 && has_script_tables(checkpoint);
}

}  // namespace

extern const Preset kSparrow = {"sparrow", "SparrowRecSys", recognises, build,
                                "dense_features…/embedding_weights, p_re_lu/alpha [slots, width]"};

}  // namespace dinghy::converter
