// The authors' DIN, with what its golden cases do not have. Every layer has the shapes that the code gives it, small.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <set>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

namespace dinghy::converter {
namespace {

constexpr int kItems = 3, kCategories = 2, kWidth = 2;  // a row of each table; a key is kWidth wide

Tensor ramp(const std::string& name, const std::vector<std::int64_t>& shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<float>(i + 1) / 8;
  return memory_tensor(name, shape, numbers);
}

void add_layer(Checkpoint& checkpoint, const std::string& scope, int in, int out) {
  checkpoint.tensors.push_back(ramp(scope + "/kernel", {in, out}));
  checkpoint.tensors.push_back(ramp(scope + "/bias", {out}));
}

void add_norm(Checkpoint& checkpoint, const std::string& scope, std::size_t width, bool affine, float mean = 0,
              float variance = 1) {
  const auto add = [&](const std::string& name, float value) {
    checkpoint.tensors.push_back(
        memory_tensor(scope + "/" + name, {static_cast<std::int64_t>(width)}, std::vector<float>(width, value)));
  };
  if (affine) add("gamma", 2);
  if (affine) add("beta", 0.5);
  add("moving_mean", mean);
  add("moving_variance", variance);
}

Tensor category_list(const std::vector<std::int64_t>& categories) {
  Tensor list = memory_tensor("Const", {static_cast<std::int64_t>(categories.size())}, {});
  std::vector<std::byte> bytes(categories.size() * sizeof(std::int64_t));
  std::memcpy(bytes.data(), categories.data(), bytes.size());
  list.dtype = DType::i64;
  list.storage = std::make_shared<BufferStorage>(std::move(bytes));
  return list;
}

/// tower_in: 3 * kWidth with the product, 2 * kWidth before 2020-06-12.
Checkpoint base(int tower_in = 3 * kWidth) {
  Checkpoint checkpoint = memory_checkpoint({ramp("item_emb_w", {kItems, 1}), ramp("cate_emb_w", {kCategories, 1}),
                                             ramp("user_emb_w", {4, kWidth}), ramp("item_b", {kItems})});
  add_layer(checkpoint, "f1_att", 4 * kWidth, 3);
  add_layer(checkpoint, "f2_att", 3, 2);
  add_layer(checkpoint, "f3_att", 2, 1);
  add_norm(checkpoint, "batch_normalization", kWidth, true);
  add_layer(checkpoint, "hist_fcn", kWidth, kWidth);
  add_norm(checkpoint, "b1", static_cast<std::size_t>(tower_in), true);
  add_layer(checkpoint, "f1", tower_in, 4);
  add_layer(checkpoint, "f2", 4, 3);
  add_layer(checkpoint, "f3", 3, 1);
  checkpoint.constants = {category_list({1, 0, 1})};
  return checkpoint;
}

Checkpoint dice(const std::string& suffix = "") {
  Checkpoint checkpoint = base();
  for (const auto& [number, width] : {std::pair<std::string, int>{"1", 4}, {"2", 3}}) {
    checkpoint.tensors.push_back(ramp("alphadice_" + number + suffix, {width}));
    checkpoint.tensors.push_back(ramp("betadice_" + number + suffix, {width}));
    add_norm(checkpoint, "dice_" + number + suffix, static_cast<std::size_t>(width), false);
  }
  return checkpoint;
}

struct Built {
  Network network;
  std::vector<Finding> findings;
  std::set<std::string> ignored;
};

Built build(const Checkpoint& checkpoint, const std::string& recipe_text = "") {
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  const Preset& preset = choose_preset(checkpoint, recipe);
  CHECK(std::string(preset.name) == "zhougr1993");
  build_network(conversion, preset);
  Built built{conversion.network, conversion.findings, {}};
  for (const auto& [name, reason] : conversion.claims.ignored()) built.ignored.insert(name);
  return built;
}

std::string found(const Built& built, const std::string& subject) {
  for (const Finding& finding : built.findings) {
    if (finding.subject == subject) return finding.value;
  }
  return "";
}

}  // namespace

TEST_CASE("Trap 3: batch norm statistics 0 and 1 stay as they are, and the report says so", "[presets]") {
  const Built built = build(base());
  CHECK_THAT(found(built, "statistics of b1"), ContainsSubstring("mean 0 and variance 1"));
  // gamma * x / sqrt(1 + 0.001) + beta before the weights
  const Layer& first = built.network.tower.at(0);
  CHECK_THAT(first.weight.at(0, 0), WithinAbs(2 / std::sqrt(1.001) / 8, 1e-12));
  double bias = 1.0 / 8;
  for (int in = 0; in < 6; ++in) bias += 0.5 * (in * 4 + 1) / 8;
  CHECK_THAT(first.bias.at(0), WithinAbs(bias, 1e-12));

  Checkpoint trained = base();
  std::erase_if(trained.tensors, [](const Tensor& t) { return t.name.starts_with("b1/"); });
  add_norm(trained, "b1", 6, true, 0.25, 4);
  CHECK(found(build(trained), "statistics of b1").empty());
}

TEST_CASE("Trap 4: beta of the authors' Dice is a factor on the normalized input", "[presets]") {
  const Activation activation = build(dice()).network.tower.at(0).activation;
  REQUIRE(activation.kind == format::ActivationKind::gate);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK_THAT(activation.scale.at(i), WithinAbs((static_cast<double>(i) + 1) / 8 / std::sqrt(1.001), 1e-12));
    CHECK(activation.shift.at(i) == 0);
    CHECK(activation.alpha.at(i) == (static_cast<double>(i) + 1) / 8);
  }
}

TEST_CASE("The authors' Dice of 2018, without beta, normalizes by batch norms that have only numbers", "[presets]") {
  Checkpoint checkpoint = dice();
  std::erase_if(checkpoint.tensors, [](const Tensor& t) { return t.name.starts_with("betadice_"); });
  for (Tensor& tensor : checkpoint.tensors) {
    if (tensor.name.starts_with("dice_")) tensor.name.replace(0, 4, "batch_normalization");
  }
  CHECK_THAT(build(checkpoint).network.tower.at(1).activation.scale.at(2), WithinAbs(1 / std::sqrt(1.001), 1e-12));
}

TEST_CASE("Trap 23: the category of an item comes from the list in the graph, or else from every request",
          "[presets]") {
  const Built listed = build(base());
  REQUIRE(listed.network.features.size() == 1);
  const Table& table = listed.network.tables.at(0);
  CHECK(table.source.shape == std::vector<std::int64_t>{kItems, kWidth});
  // Item i, then the category that the list has for it.
  CHECK(table.source.values() == std::vector<double>{1 / 8., 2 / 8., 2 / 8., 1 / 8., 3 / 8., 2 / 8.});

  Checkpoint alone = base();
  alone.constants.clear();
  const Built asked = build(alone);
  REQUIRE(asked.network.features.size() == 2);
  CHECK(asked.network.features.at(1).name == "category");
  CHECK(asked.network.features.at(1).sequence == 0);
  CHECK_THAT(found(asked, "category of an item"), ContainsSubstring("every request says it"));
  CHECK(asked.network.interests.at(0).empty == format::EmptyHistory::reject);  // the category of item 0 is not known
  CHECK(asked.network.tower_parts.size() == 5);  // interest, item, category, the product in two parts
}

TEST_CASE("A damaged graph of zhougr1993 is an error with its file and the way out", "[presets]") {
  Checkpoint checkpoint = base();
  checkpoint.constants.clear();
  checkpoint.left_out.emplace_back("ckpt.meta", "run/ckpt.meta: is damaged");
  CHECK_THROWS_WITH(build(checkpoint), ContainsSubstring("run/ckpt.meta: is damaged; it holds the categories") &&
                                           ContainsSubstring("move it away"));
}

TEST_CASE("Lists of another length or with categories that no table has are not the categories of the items",
          "[presets]") {
  Checkpoint checkpoint = base();
  checkpoint.constants = {category_list({0, 1}), category_list({0, 1, 2}), category_list({0, -1, 1})};
  CHECK(build(checkpoint).network.features.size() == 2);
  checkpoint.constants = {category_list({0, 1, 1}), category_list({1, 0, 1})};
  CHECK_THROWS_AS(build(checkpoint), Error);
}

TEST_CASE("Trap 24: twins that no loss trains are left out, and the trained one of a pair is used", "[presets]") {
  Checkpoint checkpoint = dice("_i");
  add_norm(checkpoint, "hist_bn", kWidth, true, 7, 9);
  for (const std::string twin : {"_j", "_all"}) {
    checkpoint.tensors.push_back(memory_tensor("alphadice_1" + twin, {4}, {9, 9, 9, 9}));
    checkpoint.tensors.push_back(memory_tensor("betadice_1" + twin, {4}, {9, 9, 9, 9}));
    add_norm(checkpoint, "dice_1" + twin, 4, false, 9, 9);
  }
  const Built built = build(checkpoint);
  CHECK(built.network.tower.at(0).activation.alpha == Vector{1 / 8., 2 / 8., 3 / 8., 4 / 8.});
  CHECK_THAT(built.network.interests.at(0).post_layers.at(0).weight.at(0, 0),
             WithinAbs(2 / std::sqrt(1.001) / 8, 1e-12));
  for (const std::string name : {"hist_bn/gamma", "alphadice_1_j", "dice_1_all/moving_mean", "user_emb_w"}) {
    INFO(name);
    CHECK(built.ignored.contains(name));
  }
}

TEST_CASE("The width of the tower tells whether the authors' DIN takes the product of interest and item", "[presets]") {
  CHECK(build(base()).network.tower_parts.size() == 3);
  const Built old = build(base(2 * kWidth));
  CHECK(old.network.tower_parts.size() == 2);
  CHECK(found(old, "input of the tower") == "interest, item");
}

TEST_CASE("The authors' DIN adds the item's bias and divides its logits by sqrt(width)", "[presets]") {
  const Built built = build(base(), "[ids.item]\nfirst = 1\n");
  const Interest& interest = built.network.interests.at(0);
  CHECK_THAT(interest.scale, WithinAbs(1 / std::sqrt(2.0), 1e-12));
  CHECK(interest.normalizer == format::Normalizer::softmax);
  CHECK(interest.empty == format::EmptyHistory::pad_row);
  REQUIRE(built.network.head.biases.size() == 1);
  const Table& bias = built.network.tables.at(built.network.head.biases[0].table);
  CHECK(bias.first_id == 1);
  CHECK(bias.source.values() == std::vector<double>{1 / 8., 2 / 8., 3 / 8.});
}

}  // namespace dinghy::converter
