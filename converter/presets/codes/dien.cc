// The DIN of the dien family of scripts in TensorFlow 1, whose variables have the same names: Model_DIN of
// mouna99/dien (script/model.py, utils.py, Dice.py) and of UIC-Paper/MIMN.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/attention.h"
#include "converter/presets/batch_dice.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/script_attention.h"
#include "converter/presets/tower_inputs.h"
#include "converter/presets/untouched_norm.h"
#include "converter/text/number_text.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

constexpr double kBatchNormEpsilon = 1e-3;     // tf.layers.batch_normalization
constexpr double kDiceEpsilon = 1e-9;          // Dice.py:3
constexpr double kOffset = 1e-8;               // model.py:74, softmax(...) + 0.00000001
constexpr std::uint32_t kTrainedLength = 100;  // train.py:29

class Builder {
 public:
  explicit Builder(Conversion& conversion) : conversion_(conversion), has_user_(conversion.claims.has(kUser)) {}

  void build() {
    refuse_others();
    add_features();
    // MIMN multiplies the history with its mask: padding is zeros in its sums, and to an empty history.
    add_history(conversion_, kTrainedLength);
    add_interest();
    add_tower();
    conversion_.found("click", "class 0 of two, softmax",
                      Certainty::preset);  // data_iterator.py:193, [label, 1 - label]
    conversion_.network.head.offset = kOffset;
  }

 private:
  static constexpr const char* kUser = "uid_embedding_var";

  // Names of the recurrent models of these scripts, whose attention has the names of DIN's.
  void refuse_others() const {
    for (const Tensor& tensor : conversion_.checkpoint.tensors) {
      for (const std::string part : {"gru1", "gru2", "rnn_1", "rnn_2", "aux_net"}) {
        if (tensor.name.find(part) == std::string::npos) continue;
        throw Error(conversion_.checkpoint.path,
                    "has " + tensor.name +
                        ": a recurrent network over the behaviours (DIEN), "
                        "not a Deep Interest Network; train Model_DIN of the same scripts");
      }
    }
  }

  void add_features() {
    if (has_user_)
      add_id_feature(conversion_, "uid", role_of(conversion_, "uid", format::Role::user),
                     add_table(conversion_, kUser, "uid"));
    const int items = add_table(conversion_, "mid_embedding_var", "mid");
    const int categories = has_categories() ? add_table(conversion_, "cat_embedding_var", "cat") : items;
    for (const auto& [name, table] : {std::pair<std::string, int>{"mid", items}, {"cat", categories}}) {
      const std::uint32_t feature =
          add_id_feature(conversion_, name, role_of(conversion_, name, format::Role::candidate), table);
      put_in_history(conversion_, feature, table);
      if (!has_user_) set_pad_row(conversion_, feature, -1);
      fields_.push_back({feature, feature});
      width_ += conversion_.network.features[feature].width;
    }
    if (!has_categories()) conversion_.found("table of the categories", "that of the items", Certainty::assumed);
    check_inputs(conversion_);
    report_roles(conversion_, roles_certainty(conversion_), Certainty::preset);
  }

  // Only MIMN, which takes no user, looks categories up in the table of the items.
  bool has_categories() const { return has_user_ || conversion_.claims.has("cat_embedding_var"); }

  void add_interest() {
    Interest interest;
    interest.fields = fields_;
    interest.layers = take_script_attention(conversion_, "", "null", width_);  // utils.py:236, the tag is "null"
    choose_normalizer(conversion_, interest, true, Certainty::preset);
    choose_scale(conversion_, interest, ScaleRecipe{}, width_);  // utils.py:267: the division is commented out
    // Masked logits are all -2^32 + 1: softmax averages the padding, which is zeros in MIMN.
    choose_empty(conversion_, interest, has_user_ ? format::EmptyHistory::pad_row : format::EmptyHistory::zero,
                 Certainty::preset);
    conversion_.network.interests.push_back(std::move(interest));
  }

  /// What build_fcn_net takes, in its order.
  std::vector<std::string> tower_inputs() {
    if (!has_user_) return {"mid", "cat", "sum:mid", "sum:cat", "interest"};
    // model.py:49 sums the padded history without its mask: rows of id 0 up to the longest history of the batch.
    const std::uint32_t length = conversion_.network.sequences[0].max_length;
    const std::string pad = length > 0 ? ":" + std::to_string(length) : "";
    conversion_.found("sum of the history",
                      "padded to " + std::to_string(length) + " behaviours with the row of padding",
                      conversion_.recipe.history.max_length ? Certainty::recipe : Certainty::assumed,
                      RecipeLine{"history", "max_length = " + std::to_string(length)});
    return {"uid",     "mid", "cat", "sum:mid" + pad, "sum:cat" + pad, "mid*sum:mid" + pad, "cat*sum:cat" + pad,
            "interest"};
  }

  void add_tower() {
    Network& network = conversion_.network;
    std::size_t inputs = 0;
    for (const std::string& input : tower_inputs()) {
      for (const Part& part : tower_parts(conversion_, input)) {
        inputs += part.operand.width;
        network.tower_parts.push_back(part);
      }
    }
    for (const std::string number : {"1", "2", "3"}) {
      network.tower.push_back(take_dense(conversion_, "f" + number, inputs));
      inputs = width_of(network.tower.back());
      if (number != "3") add_activation(number, inputs);
    }
    if (inputs != 2) conversion_.claims.fail("f3/kernel", "gives " + std::to_string(inputs) + " logits, not two");
    fold_batch_norm(network.tower[0]);
  }

  void fold_batch_norm(Layer& first) {
    const auto [epsilon, sure] =
        conversion_.decide(conversion_.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
    const NormRecipe norm = {"bn1/gamma", "bn1/beta", "bn1/moving_mean", "bn1/moving_variance", epsilon};
    fold_before(first, take_norm(conversion_.claims, norm, first.weight.rows));
    conversion_.found("batch norm of the tower's input", "folded, epsilon " + number_text(epsilon), sure,
                      RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
    report_untouched(conversion_, norm, "statistics of bn1");
  }

  void add_activation(const std::string& number, std::size_t width) {
    Layer& layer = conversion_.network.tower.back();
    const std::string prelu = prelu_of(number);
    if (!prelu.empty()) {
      refuse_activation(conversion_, conversion_.recipe.tower.activation, "tower", "PReLU");
      layer.activation = take_prelu(conversion_.claims, prelu, width);
      if (number == "1") conversion_.found("activation of the tower", "PReLU", Certainty::file);
      return;
    }
    refuse_activation(conversion_, conversion_.recipe.tower.activation, "tower", "Dice");
    const auto [epsilon, sure] = conversion_.decide(conversion_.recipe.epsilon.dice, kDiceEpsilon, Certainty::preset);
    layer.activation = batch_dice(conversion_, conversion_.network.tower.size() - 1,
                                  take_alpha(conversion_.claims, "dice_" + number + "/alphadice_" + number, width),
                                  {epsilon, epsilon});
    if (number == "1") {
      conversion_.found("activation of the tower", "Dice by the batch's statistics, epsilon " + number_text(epsilon),
                        sure, RecipeLine{"epsilon", "dice = " + number_text(epsilon)});
    }
  }

  /// The alpha of PReLU where the tower has no Dice: dien calls the scope prelu1, MIMN prelu_1 (utils.py, prelu).
  std::string prelu_of(const std::string& number) const {
    for (const std::string& scope : {"prelu" + number, "prelu_" + number}) {
      if (conversion_.claims.has(scope + "/prelu_" + scope)) return scope + "/prelu_" + scope;
    }
    return "";
  }

  Conversion& conversion_;
  bool has_user_;
  std::vector<Field> fields_;
  std::uint32_t width_ = 0;
};

void build(Conversion& conversion) { Builder(conversion).build(); }

// The recurrent networks, with another tag and in ai-matrix with a scope, are recognised to be refused.
bool recognises(const Checkpoint& checkpoint) {
  if (!checkpoint.find("mid_embedding_var")) return false;
  return std::ranges::any_of(checkpoint.tensors, [](const Tensor& tensor) {
    return tensor.name == "f1_attnull/kernel" || tensor.name.ends_with("f1_att1_1/kernel");
  });
}

}  // namespace

extern const Preset kDien = {"dien", "mouna99/dien, UIC-Paper/MIMN", recognises, build,
                             "mid_embedding_var, f1_attnull/kernel"};

}  // namespace dinghy::converter
