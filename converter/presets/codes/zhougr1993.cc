// The DIN of the paper's authors, zhougr1993/DeepInterestNetwork: din/model.py and din/model_dice.py.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/attention.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/joined_table.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/script_attention.h"
#include "converter/presets/tower_inputs.h"
#include "converter/presets/untouched_norm.h"
#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

constexpr double kEpsilon = 1e-3;  // tf.layers.batch_normalization; Dice.py's own epsilon 1e-9 reaches nothing

NormRecipe norm_of(const std::string& scope, double epsilon) {
  return {scope + "/gamma", scope + "/beta", scope + "/moving_mean", scope + "/moving_variance", epsilon};
}

// cate_list of model.py:24, a constant of the graph: the category of every item.
std::vector<std::uint64_t> category_list(const Checkpoint& checkpoint, const Tensor& items, const Tensor& categories) {
  std::vector<std::uint64_t> list;
  for (const Tensor& constant : checkpoint.constants) {
    if (constant.numel() != static_cast<std::uint64_t>(items.shape[0])) continue;
    const Vector values = constant.values();
    const auto is_row = [&](double value) { return value >= 0 && value < static_cast<double>(categories.shape[0]); };
    if (!std::ranges::all_of(values, is_row)) continue;
    if (!list.empty()) throw Error(checkpoint.path, "the graph has two lists that may be the categories of the items");
    list.assign(values.begin(), values.end());
  }
  return list;
}

// A .meta that is there and cannot be read would change the network's inputs without a word.
void require_whole_graph(const Checkpoint& checkpoint) {
  for (const auto& [name, reason] : checkpoint.left_out) {
    if (!name.ends_with(".meta")) continue;
    throw Error(reason + "; it holds the categories of the items",
                "copy it again, or move it away and give the category in every request");
  }
}

void add_feature(Conversion& conversion, const std::string& name, int table) {
  put_in_history(conversion, add_id_feature(conversion, name, format::Role::candidate, table), table);
}

// Items with their categories side by side, as model.py:49 and :58 look them up; or a feature of its own where the
// graph that knows the categories is not there.
std::vector<std::string> add_items(Conversion& conversion) {
  const Tensor& items = conversion.claims.take("item_emb_w");
  const Tensor& categories = conversion.claims.take("cate_emb_w");
  for (const Tensor* table : {&items, &categories}) {
    if (table->shape.size() != 2 || table->numel() == 0) conversion.claims.fail(table->name, "is no table");
  }
  std::vector<std::uint64_t> list = category_list(conversion.checkpoint, items, categories);
  if (list.empty()) {
    require_whole_graph(conversion.checkpoint);
    add_feature(conversion, "item", add_table(conversion, items, "item"));
    add_feature(conversion, "category", add_table(conversion, categories, "category"));
    conversion.found("category of an item", "every request says it: there is no .meta with the list",
                     Certainty::preset);
    return {"item", "category"};
  }
  add_feature(conversion, "item",
              add_table(conversion, joined_table("item", items, categories, std::move(list)), "item"));
  conversion.found("category of an item", "its row of the list in the .meta, part of the item's vector",
                   Certainty::file);
  return {"item"};
}

class Builder {
 public:
  explicit Builder(Conversion& conversion) : conversion_(conversion) {
    const auto [epsilon, sure] = conversion.decide(conversion.recipe.epsilon.batch_norm, kEpsilon, Certainty::preset);
    epsilon_ = epsilon;
    conversion.found("batch norm of the interest and of the tower's input", "folded, epsilon " + number_text(epsilon),
                     sure, RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
  }

  void build() {
    const std::vector<std::string> items = add_items(conversion_);
    check_inputs(conversion_);
    report_roles(conversion_, Certainty::preset, Certainty::preset);
    add_history(conversion_);
    add_interest();
    add_tower(items);
    add_bias(conversion_, "item_b", feature_index(conversion_, "item"));
    ignore();
  }

 private:
  void fold_norm(const std::string& scope, Layer& into) {
    const NormRecipe norm = norm_of(scope, epsilon_);
    fold_before(into, take_norm(conversion_.claims, norm, into.weight.rows));
    report_untouched(conversion_, norm, "statistics of " + scope);
  }

  void add_interest() {
    Network& network = conversion_.network;
    Interest interest;
    std::uint32_t width = 0;
    for (std::uint32_t i = 0; i < network.features.size(); ++i) {
      interest.fields.push_back({i, i});
      width += network.features[i].width;
    }
    interest.layers = take_script_attention(conversion_, "", "", width);  // model.py:218-220
    choose_normalizer(conversion_, interest, true, Certainty::preset);
    choose_scale(conversion_, interest, ScaleRecipe{true, 1}, width);
    // Scores of padding are all -2^32 + 1, and a batch has at least one behaviour: softmax averages rows of item 0,
    // whose category only the list tells.
    const bool knows_padding = network.features.size() == 1;
    choose_empty(conversion_, interest, knows_padding ? format::EmptyHistory::pad_row : format::EmptyHistory::reject,
                 Certainty::preset);
    // model.py:49-51. In 2018-01 the layer had no name. hist_bn is another one, of the path for many candidates, which
    // no loss trains.
    interest.post_layers.push_back(
        take_dense(conversion_, conversion_.claims.has("hist_fcn/kernel") ? "hist_fcn" : "dense", width));
    fold_norm("batch_normalization", interest.post_layers.back());
    network.interests.push_back(std::move(interest));
  }

  void add_tower(const std::vector<std::string>& items) {
    const std::string item = items.size() == 1 ? items[0] : "[" + items[0] + "," + items[1] + "]";
    std::vector<std::string> inputs = {"interest"};
    inputs.insert(inputs.end(), items.begin(), items.end());
    const std::size_t width = interest_width(conversion_.network, conversion_.network.interests[0]);
    // Since 2020-06-12 the tower takes the product too; the checkpoint shows which of the two it is.
    const Tensor* first = conversion_.checkpoint.find("f1/kernel");
    const bool has_product = !first || first->shape.empty() || static_cast<std::size_t>(first->shape[0]) != 2 * width;
    if (has_product) inputs.push_back("interest*" + item);
    for (const std::string& input : inputs) {
      const std::vector<Part> parts = tower_parts(conversion_, input);
      conversion_.network.tower_parts.insert(conversion_.network.tower_parts.end(), parts.begin(), parts.end());
    }
    conversion_.found("input of the tower", has_product ? "interest, item, interest * item" : "interest, item",
                      Certainty::file);
    std::size_t in = (has_product ? 3 : 2) * width;
    for (const std::string number : {"1", "2", "3"}) {
      Layer next = take_dense(conversion_, "f" + number, in);
      in = width_of(next);
      if (number != "3") next.activation = activation(number, in);
      if (number == "1") fold_norm("b1", next);
      conversion_.network.tower.push_back(std::move(next));
    }
  }

  // Sigmoid in model.py. Dice in model_dice.py: beta is a factor on the normalized input, not added to it (Dice.py:21).
  Activation activation(const std::string& number, std::size_t width) {
    TensorClaims& claims = conversion_.claims;
    // Where a user enabled Dice in model.py there are twins for the other item of a pair: the loss trains _i.
    const std::string name = claims.has("alphadice_" + number) ? number : number + "_i";
    if (!claims.has("alphadice_" + name)) {
      refuse_activation(conversion_, conversion_.recipe.tower.activation, "tower", "sigmoid");
      if (number == "1") conversion_.found("activation of the tower", "sigmoid", Certainty::file);
      return plain_activation(format::ActivationKind::sigmoid);
    }
    refuse_activation(conversion_, conversion_.recipe.tower.activation, "tower", "Dice");
    const auto [epsilon, sure] = conversion_.decide(conversion_.recipe.epsilon.dice, kEpsilon, Certainty::preset);
    const bool has_beta = claims.has("betadice_" + name);
    if (number == "1") {
      conversion_.found(
          "activation of the tower",
          std::string(has_beta ? "Dice with a factor beta" : "Dice") + ", epsilon " + number_text(epsilon), sure,
          RecipeLine{"epsilon", "dice = " + number_text(epsilon)});
    }
    // Before 2018-12 Dice had no beta, and its batch norm no name: the numbers go on behind the interest's.
    const std::string scope = has_beta ? "dice_" + name : "batch_normalization_" + number;
    const NormRecipe norm = {has_beta ? "betadice_" + name : "", "", scope + "/moving_mean", scope + "/moving_variance",
                             epsilon};
    report_untouched(conversion_, norm, "statistics of " + scope);
    return take_dice(claims, "alphadice_" + name, norm, width);
  }

  void ignore() {
    for (const Tensor& tensor : conversion_.checkpoint.tensors) {
      const std::string scope = tensor.name.substr(0, tensor.name.find('/'));
      if (scope == "user_emb_w") conversion_.claims.ignore(tensor.name, "the network does not take the user");
      if (scope == "global_epoch_step") conversion_.claims.ignore(tensor.name, "a counter of training");
      if (scope == "hist_bn" || scope.ends_with("_j") || scope.ends_with("_all")) {
        conversion_.claims.ignore(tensor.name, "a twin that no loss trains");
      }
    }
  }

  Conversion& conversion_;
  double epsilon_;
};

void build(Conversion& conversion) { Builder(conversion).build(); }

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("item_emb_w") && checkpoint.find("item_b") && checkpoint.find("f1_att/kernel");
}

}  // namespace

extern const Preset kZhougr1993 = {"zhougr1993", "zhougr1993/DeepInterestNetwork", recognises, build,
                                   "item_emb_w, item_b, f1_att/kernel"};

}  // namespace dinghy::converter
