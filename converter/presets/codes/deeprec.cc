// The DIN of DeepRec's model zoo: modelzoo/din/train.py.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/attention.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/script_attention.h"
#include "converter/presets/tower_inputs.h"
#include "converter/presets/untouched_norm.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kBatchNormEpsilon = 1e-3;    // tf.layers.batch_normalization
constexpr std::uint32_t kTrainedLength = 50;  // MAX_SEQ_LENGTH

const Tensor* find_ending(const Checkpoint& checkpoint, const std::string& end) {
  const auto found =
      std::ranges::find_if(checkpoint.tensors, [&](const Tensor& tensor) { return tensor.name.ends_with(end); });
  return found == checkpoint.tensors.end() ? nullptr : &*found;
}

std::string name_ending(const Conversion& conversion, const std::string& end) {
  const Tensor* tensor = find_ending(conversion.checkpoint, end);
  return tensor ? tensor->name : end;  // whose absence the one who takes it reports
}

// DeepRec's growing tables are keys and values apart, in an order of their own.
void refuse_embedding_variables(const Checkpoint& checkpoint) {
  const Tensor* keys = find_ending(checkpoint, "-keys");
  if (!keys) return;
  throw Error(checkpoint.path, "has " + keys->name +
                                   ": an EmbeddingVariable of DeepRec, which is not read; train "
                                   "without --ev, or export the tables as plain variables");
}

void add_features(Conversion& conversion) {
  // Ids are words of uid_voc.txt, mid_voc.txt and cat_voc.txt; a word that is not there is row 0.
  const auto table_of = [&](const std::string& tensor, const std::string& feature) {
    return add_table(conversion, name_ending(conversion, tensor), feature, format::MissingId::row);
  };
  add_id_feature(conversion, "UID", role_of(conversion, "UID", format::Role::user),
                 table_of("UID_embedding/embedding_weights", "UID"));
  for (const auto& [name, tensor] :
       {std::pair<std::string, std::string>{"ITEM", "item_embedding_var"}, {"CATEGORY", "category_embedding_var"}}) {
    const int table = table_of(tensor, name);
    const std::uint32_t feature =
        add_id_feature(conversion, name, role_of(conversion, name, format::Role::candidate), table);
    put_in_history(conversion, feature, table);
    set_pad_row(conversion, feature, -1);  // safe_embedding_lookup_sparse gives zeros where a history has ended
  }
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), Certainty::preset);
  conversion.found("an id without a row", "row 0, unless [ids] says otherwise", Certainty::preset);
}

std::vector<Layer> take_query_layer(Conversion& conversion, std::size_t width) {
  Layer layer = take_dense(conversion, "attention_layer/f1null", width);
  // The scope of _prelu has an empty name: the tensor is attention_layer//prelu_.
  layer.activation = take_prelu(conversion.claims, name_ending(conversion, "/prelu_"), width_of(layer));
  conversion.found("query layer", std::to_string(width) + " to " + std::to_string(width_of(layer)) + ", PReLU",
                   Certainty::file);
  return {layer};
}

void add_interest(Conversion& conversion) {
  Interest interest;
  std::uint32_t width = 0;
  for (const std::string name : {"ITEM", "CATEGORY"}) {
    const std::uint32_t feature = feature_index(conversion, name);
    interest.fields.push_back({feature, feature});
    width += conversion.network.features[feature].width;
  }
  interest.query_layers = take_query_layer(conversion, width);
  interest.layers = take_script_attention(conversion, "attention_layer/", "null", width);
  choose_normalizer(conversion, interest, true, Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{}, width);  // the division is commented out
  choose_empty(conversion, interest, format::EmptyHistory::zero, Certainty::preset);
  conversion.network.interests.push_back(std::move(interest));
}

void add_tower(Conversion& conversion) {
  Network& network = conversion.network;
  const std::string scope = "top_mlp_layer/";
  std::size_t inputs = 0;
  for (const std::string input :
       {"UID", "ITEM", "CATEGORY", "sum:ITEM", "sum:CATEGORY", "ITEM*sum:ITEM", "CATEGORY*sum:CATEGORY", "interest"}) {
    for (const Part& part : tower_parts(conversion, input)) {
      inputs += part.operand.width;
      network.tower_parts.push_back(part);
    }
  }
  const auto [kind, sure] =
      conversion.decide(conversion.recipe.tower.activation, format::ActivationKind::relu, Certainty::preset);
  conversion.found("activation of the tower", format::EnumNameActivationKind(kind), sure,
                   RecipeLine{"tower", "activation = " + json_string(format::EnumNameActivationKind(kind))});
  for (const std::string name : {"dnn1", "dnn2", "dnn3", "logits"}) {
    network.tower.push_back(take_dense(conversion, scope + name, inputs));
    inputs = width_of(network.tower.back());
    // dnn3, of two numbers, has none: train.py puts the logit behind what was the softmax of dien.
    if (name == "dnn1" || name == "dnn2") network.tower.back().activation = plain_activation(kind);
  }
  const auto [epsilon, norm_sure] =
      conversion.decide(conversion.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
  const NormRecipe norm = {scope + "bn1/gamma", scope + "bn1/beta", scope + "bn1/moving_mean",
                           scope + "bn1/moving_variance", epsilon};
  fold_before(network.tower[0], take_norm(conversion.claims, norm, network.tower[0].weight.rows));
  conversion.found("batch norm of the tower's input", "folded, epsilon " + number_text(epsilon), norm_sure,
                   RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
  report_untouched(conversion, norm, "statistics of bn1");
}

void build(Conversion& conversion) {
  refuse_embedding_variables(conversion.checkpoint);
  add_features(conversion);
  Sequence history;
  history.max_length = kTrainedLength;
  history.keep = format::Keep::first;  // tf.sparse.slice
  add_history(conversion, conversion.recipe.history, history, Certainty::preset);
  add_interest(conversion);
  add_tower(conversion);
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("attention_layer/f1_attnull/kernel") && checkpoint.find("top_mlp_layer/dnn1/kernel");
}

}  // namespace

extern const Preset kDeeprec = {"deeprec", "DeepRec modelzoo/din", recognises, build,
                                "attention_layer/f1_attnull/kernel, top_mlp_layer/dnn1/kernel"};

}  // namespace dinghy::converter
