// EasyRec's MultiTowerDIN by the names of its graph and its pipeline.config, against its formula in plain numbers.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "converter/error.h"
#include "converter/model_file/writer.h"
#include "converter/presets/presets.h"
#include "converter/requests/request_scorer.h"
#include "tests/converter/memory_tensor.h"
#include "tests/converter/presets/codes/dense_formula.h"
#include "tests/converter/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

namespace dinghy::converter {
namespace {

// The item's tower has brand before item, the file has them by name.
const std::string kConfig = R"(
model_dir: "experiments/din"  # a comment
feature_config: {
  features: { input_names: 'age' feature_type: IdFeature embedding_dim: 2 num_buckets: 3 }
  features { input_names: "item" embedding_dim: 1, hash_bucket_size: 5 }
  features { input_names: 'b' feature_name: 'brand' embedding_dim: 2 vocab_list: ['none', 'acme', "zeta"] }
  features { input_names: 'brands' feature_type: SequenceFeature embedding_dim: 2 vocab_list: 'none' vocab_list: 'acme' }
}
model_config < model_class: 'MultiTowerDIN'
  feature_groups: { group_name: 'who' feature_names: 'age' wide_deep: DEEP }
  feature_groups: { group_name: 'what' feature_names: 'brand' feature_names: 'item' }
  seq_att_groups: { group_name: "din" seq_att_map: { key: "brand" hist_seq: "brands" } }
  multi_tower {
    towers { input: "who" dnn { hidden_units: [2] } }
    towers { input: "what" dnn { hidden_units: [3, 2] activation: 'tanh' } }
    din_towers { input: "din" dnn { hidden_units: 3 hidden_units: 1 } }
    final_dnn { hidden_units: 2 }
    l2_regularization: 5e-7
  }
>
)";

Tensor drawn(const std::string& name, const std::vector<std::int64_t>& shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i)
    numbers[i] = static_cast<float>((i * 7 + name.size() * 3 + static_cast<std::size_t>(name[0])) % 11) / 16 - 0.25f;
  if (name.ends_with("variance")) std::ranges::fill(numbers, 2.25f);
  return memory_tensor(name, shape, numbers);
}

Checkpoint checkpoint(const std::string& config = kConfig) {
  Checkpoint result = memory_checkpoint({drawn("din/brand_embedding/embedding_weights", {3, 2}),
                                         drawn("din/brands_embedding/embedding_weights", {2, 2}),
                                         drawn("input_layer/age_embedding/embedding_weights", {3, 2}),
                                         drawn("input_layer_1/brand_embedding/embedding_weights", {3, 2}),
                                         drawn("input_layer_1/item_embedding/embedding_weights", {5, 1})});
  const auto add_norm = [&](const std::string& scope, int width) {
    for (const char* name : {"/gamma", "/beta", "/moving_mean", "/moving_variance"})
      result.tensors.push_back(drawn(scope + name, {width}));
  };
  const auto add = [&](const std::string& scope, int in, int out, bool norm) {
    result.tensors.push_back(drawn(scope + "/kernel", {in, out}));
    result.tensors.push_back(drawn(scope + "/bias", {out}));
    if (norm) add_norm(scope + "/bn", out);
  };
  add_norm("who_fea_bn", 2);
  add("who_dnn/dnn_0", 2, 2, true);
  add_norm("what_fea_bn", 3);
  add("what_dnn/dnn_0", 3, 3, true);
  add("what_dnn/dnn_1", 3, 2, true);
  add("din_dnn/dnn_0", 8, 3, true);
  add("din_dnn/dnn_1", 3, 1, false);
  add("final_dnn/dnn_0", 8, 2, true);
  add("output", 2, 1, false);
  if (!config.empty()) result.documents.push_back({"pipeline.config", "pipeline.config", config});
  return result;
}

Numbers normed(const Checkpoint& from, const std::string& scope, Numbers x) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto of = [&](const char* name) { return from.find(scope + name)->values()[i]; };
    x[i] = of("/gamma") * (x[i] - of("/moving_mean")) / std::sqrt(of("/moving_variance") + 1e-3) + of("/beta");
  }
  return x;
}

template <class Function>
Numbers layer(const Checkpoint& from, const std::string& scope, const Numbers& x, Function activation) {
  Numbers y = normed(from, scope + "/bn", dense(from, scope, x));
  for (double& number : y) number = activation(number);
  return y;
}

Numbers row(const Checkpoint& from, const std::string& table, std::size_t row) {
  const Tensor& rows = *from.find(table + "_embedding/embedding_weights");
  const auto width = static_cast<std::ptrdiff_t>(rows.shape[1]);
  const Numbers values = rows.values();
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row) * width;
  return {begin, begin + width};
}

void append(Numbers& to, const Numbers& more) { to.insert(to.end(), more.begin(), more.end()); }

/// multi_tower_din.py from the rows of its tables to the probability.
double expected(const Checkpoint& from, std::size_t age, std::size_t item, std::size_t brand,
                const std::vector<std::size_t>& history) {
  const auto relu = [](double x) { return std::max(x, 0.0); };
  const auto tanh = [](double x) { return std::tanh(x); };
  Numbers what = row(from, "input_layer_1/brand", brand);
  append(what, row(from, "input_layer_1/item", item));
  what = layer(from, "what_dnn/dnn_0", normed(from, "what_fea_bn", what), tanh);
  what = layer(from, "what_dnn/dnn_1", what, tanh);
  Numbers all = layer(from, "who_dnn/dnn_0", normed(from, "who_fea_bn", row(from, "input_layer/age", age)), relu);
  append(all, what);
  const Numbers q = row(from, "din/brand", brand);
  Numbers interest(2, 0);
  double total = 0;
  for (const std::size_t behaviour : history) {
    const Numbers k = row(from, "din/brands", behaviour);
    const Numbers parts = {q[0], q[1], k[0], k[1], q[0] - k[0], q[1] - k[1], q[0] * k[0], q[1] * k[1]};
    const double weight = std::exp(dense(from, "din_dnn/dnn_1", layer(from, "din_dnn/dnn_0", parts, relu))[0]);
    total += weight;
    for (std::size_t i = 0; i < 2; ++i) interest[i] += weight * k[i];
  }
  for (double& number : interest) number /= total > 0 ? total : 1;
  append(all, interest);
  append(all, q);
  return 1 / (1 + std::exp(-dense(from, "output", layer(from, "final_dnn/dnn_0", all, relu))[0]));
}

Network build(const Checkpoint& from, const std::string& recipe_text = "[ids.item]\nfirst = 0\n") {
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  Conversion conversion(from, recipe);
  const Preset& preset = choose_preset(from, recipe);
  CHECK(std::string(preset.name) == "easyrec");
  build_network(conversion, preset);
  return conversion.network;
}

void check_refused(std::string config, const std::string& old, const std::string& now, const std::string& message) {
  const std::size_t place = config.find(old);
  REQUIRE(place != std::string::npos);
  config.replace(place, old.size(), now);
  CHECK_THROWS_MATCHES(build(checkpoint(config), ""), Error, MessageMatches(ContainsSubstring(message)));
}

}  // namespace

TEST_CASE("EasyRec's MultiTowerDIN scores as its formula, by the words of a list and an empty history too",
          "[presets]") {
  const Checkpoint from = checkpoint();
  TemporaryFolder folder;
  const std::string path = folder.path("m.dinghy");
  write_model(build(from), {}, {}, path);
  const Result<Model> model = Model::open(path.c_str());
  REQUIRE(model.ok());
  RequestReader reader(request_shape(*model),
                       R"({"user":{"age":2},"history":{"brands":["acme","none","acme"]},)"
                       R"("candidates":{"item":[3,0],"brand":["zeta","acme"]}})"
                       "\n"
                       R"({"user":{"age":77},"history":{"brands":[]},"candidates":{"item":[4],"brand":["other"]}})"
                       "\n",
                       "requests");
  RequestScorer scorer(*model, path, {.isa = "reference"});
  Request request;
  REQUIRE(reader.next(request));
  const RequestScores& scores = scorer.score(request, false);
  CHECK_THAT(scores.scores[0], WithinAbs(expected(from, 2, 3, 2, {1, 0, 1}), 1e-6));
  CHECK_THAT(scores.scores[1], WithinAbs(expected(from, 2, 0, 1, {1, 0, 1}), 1e-6));
  REQUIRE(reader.next(request));
  CHECK_THAT(scorer.score(request, false).scores[0], WithinAbs(expected(from, 0, 4, 0, {}), 1e-6));
}

TEST_CASE("EasyRec's hashed ids are hashed as the decimal text of a number", "[presets]") {
  const Network network = build(checkpoint(), "");
  const auto hashed = std::ranges::find(network.tables, format::IdHash::farmhash64_decimal, &Table::hash);
  REQUIRE(hashed != network.tables.end());
  CHECK(hashed->hash_buckets == 5);
}

TEST_CASE("EasyRec's score is the number itself where its loss is that of a regression", "[presets]") {
  CHECK(build(checkpoint()).head.link == format::Link::sigmoid);
  std::string regression = kConfig;
  regression.replace(regression.find("'MultiTowerDIN'"), 15, "'MultiTowerDIN' loss_type: L2_LOSS");
  CHECK(build(checkpoint(regression)).head.link == format::Link::identity);
}

TEST_CASE("An EasyRec checkpoint without its pipeline.config says what is missing", "[presets]") {
  CHECK_THROWS_MATCHES(build(checkpoint("")), Error, MessageMatches(ContainsSubstring("--companion pipeline.config")));
}

TEST_CASE("EasyRec's networks and features that are not converted are refused by name", "[presets]") {
  check_refused(kConfig, "'tanh'", "'dice'", "the activation \"dice\"");
  check_refused(kConfig, "l2_regularization", "din_towers { input: 'din' } l2_regularization", "has 2 din_towers");
  check_refused(kConfig, "feature_type: IdFeature", "feature_type: TagFeature", "the type TagFeature");
  check_refused(kConfig, "hash_bucket_size: 5", "hash_bucket_size: 6", "a hash_bucket_size of 6");
  check_refused(kConfig, "hash_bucket_size: 5", "hash_bucket_size: five", "is no count");
  check_refused(kConfig, "vocab_list: ['none', 'acme', \"zeta\"]", "vocab_file: 'brands.txt'", "[ids.brand]");
  check_refused(kConfig, "feature_names: 'item'", "feature_names: 'f[0-3]'", "one by one");
  check_refused(kConfig, "feature_names: 'item'", "feature_names: 'other'", "has no feature \"other\"");
}

}  // namespace dinghy::converter
