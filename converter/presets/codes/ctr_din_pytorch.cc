// The DIN of yeyingdege/ctr-din-pytorch, a port of the dien family's to PyTorch: din/{model,attention,fc,dice}.py.
#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/batch_dice.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/presets/tower_inputs.h"
#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-9;          // din/dice.py:11
constexpr double kBatchNormEpsilon = 1e-5;     // PyTorch's default
constexpr std::uint32_t kTrainedLength = 100;  // din/train.py:237

std::vector<Field> add_features(Conversion& conversion) {
  std::vector<Field> fields;
  for (const std::string name : {"uid", "mid", "cat"}) {
    const bool of_item = name != "uid";
    const int table = add_table(conversion, name + "_embeddings.embeddings.weight", name);
    const std::uint32_t feature = add_id_feature(
        conversion, name, role_of(conversion, name, of_item ? format::Role::candidate : format::Role::user), table);
    if (!of_item) continue;
    put_in_history(conversion, feature, table);
    fields.push_back({feature, feature});
  }
  return fields;
}

void add_interest(Conversion& conversion, const std::vector<Field>& fields) {
  Interest interest;
  interest.fields = fields;
  const std::size_t width = key_width(conversion.network, fields);
  TorchMlp mlp;
  mlp.part = "attention";
  mlp.assumed = format::ActivationKind::sigmoid;
  mlp.assumed_certainty = Certainty::preset;
  mlp.ends_in_logit = true;
  mlp.batch_norm = TorchNorm::never;
  const std::string unit = "attn.local_att.fc";
  interest.layers = take_torch_mlp(
      conversion, {{"", unit + "1.fc.0", "", ""}, {"", unit + "2.fc.0", "", ""}, {"", unit + "3.fc.0", "", ""}}, mlp,
      4 * width);
  choose_normalizer(conversion, interest, true, Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{}, width);
  // din/attention.py:32: the mask multiplies the logits, so padding goes into the softmax with 0.
  choose_pads(conversion, interest, format::Pads::zero_logit);
  conversion.network.interests.push_back(std::move(interest));
}

Layer take_layer(Conversion& conversion, const std::string& module, std::size_t inputs, bool has_bias) {
  return take_linear(conversion.claims, module + ".weight", has_bias ? module + ".bias" : "", WeightLayout::out_in,
                     inputs, "the input of the layer");
}

void add_dice(Conversion& conversion, const std::string& module) {
  const auto [epsilon, sure] = conversion.decide(conversion.recipe.epsilon.dice, kDiceEpsilon, Certainty::preset);
  Layer& layer = conversion.network.tower.back();
  layer.activation = batch_dice(conversion, conversion.network.tower.size() - 1,
                                take_alpha(conversion.claims, module + ".alphas", width_of(layer)), {epsilon, epsilon});
  if (conversion.network.tower.size() > 1) return;
  conversion.found("activation of the tower", "Dice by the batch's statistics, epsilon " + number_text(epsilon), sure,
                   RecipeLine{"epsilon", "dice = " + number_text(epsilon)});
}

void add_tower(Conversion& conversion) {
  Network& network = conversion.network;
  // din/model.py:54 sums the padded history without its mask.
  const std::string pad = ":" + std::to_string(network.sequences[0].max_length);
  std::size_t inputs = 0;
  for (const std::string& input : std::vector<std::string>{"uid", "mid", "cat", "sum:mid" + pad, "sum:cat" + pad,
                                                           "mid*sum:mid" + pad, "cat*sum:cat" + pad, "interest"}) {
    for (const Part& part : tower_parts(conversion, input)) {
      inputs += part.operand.width;
      network.tower_parts.push_back(part);
    }
  }
  network.tower.push_back(take_layer(conversion, "mlp.0.fc.1", inputs, true));
  const auto [epsilon, sure] =
      conversion.decide(conversion.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
  const std::string norm = "mlp.0.fc.0";
  fold_before(
      network.tower[0],
      take_norm(conversion.claims,
                {norm + ".weight", norm + ".bias", norm + ".running_mean", norm + ".running_var", epsilon}, inputs));
  conversion.found("batch norm of the tower's input", "folded, epsilon " + number_text(epsilon), sure,
                   RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
  add_dice(conversion, "mlp.0.fc.2");
  network.tower.push_back(take_layer(conversion, "mlp.1.fc.0", width_of(network.tower.back()), true));
  add_dice(conversion, "mlp.1.fc.1");
  network.tower.push_back(take_layer(conversion, "mlp.2.fc.0", width_of(network.tower.back()), false));
  if (width_of(network.tower.back()) != 2) conversion.claims.fail("mlp.2.fc.0.weight", "does not give two logits");
  conversion.found("click", "class 0 of two, softmax", Certainty::preset);  // din/data_iterator.py: [label, 1 - label]
}

void build(Conversion& conversion) {
  const std::vector<Field> fields = add_features(conversion);
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), Certainty::preset);
  add_history(conversion, kTrainedLength);
  add_interest(conversion, fields);
  add_tower(conversion);
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("attn.local_att.fc1.fc.0.weight") && checkpoint.find("mid_embeddings.embeddings.weight");
}

}  // namespace

extern const Preset kCtrDinPytorch = {"ctr-din-pytorch", "yeyingdege/ctr-din-pytorch", recognises, build,
                                      "attn.local_att.fc1.fc.0.weight, mid_embeddings.embeddings.weight"};

}  // namespace dinghy::converter
