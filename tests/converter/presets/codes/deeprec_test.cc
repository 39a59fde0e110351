// DeepRec's DIN by the names and shapes of modelzoo/din/train.py, against its formula in plain numbers.
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

// Numbers that differ by place and name, exact in float32.
double number(const std::string& name, std::size_t i) {
  return static_cast<double>((i * 7 + name.size() * 3) % 11) / 16 - 0.25;
}

Tensor drawn(const std::string& name, const std::vector<std::int64_t>& shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<float>(number(name, i));
  return memory_tensor(name, shape, numbers);
}

// Tables of one number a row, so that keys have two.
Checkpoint checkpoint() {
  Checkpoint result =
      memory_checkpoint({drawn("input_layer/input_layer/UID_embedding/embedding_weights", {3, 1}),
                         drawn("input_layer/item_embedding_var", {5, 1}),
                         drawn("input_layer/category_embedding_var", {4, 1}), drawn("attention_layer//prelu_", {2})});
  const auto add = [&](const std::string& scope, int in, int out) {
    result.tensors.push_back(drawn(scope + "/kernel", {in, out}));
    result.tensors.push_back(drawn(scope + "/bias", {out}));
  };
  add("attention_layer/f1null", 2, 2);
  add("attention_layer/f1_attnull", 8, 3);
  add("attention_layer/f2_attnull", 3, 2);
  add("attention_layer/f3_attnull", 2, 1);
  for (const std::string name : {"gamma", "beta", "moving_mean"}) {
    result.tensors.push_back(drawn("top_mlp_layer/bn1/" + name, {9}));
  }
  result.tensors.push_back(memory_tensor("top_mlp_layer/bn1/moving_variance", {9}, std::vector<float>(9, 2.25f)));
  add("top_mlp_layer/dnn1", 9, 4);
  add("top_mlp_layer/dnn2", 4, 3);
  add("top_mlp_layer/dnn3", 3, 2);
  add("top_mlp_layer/logits", 2, 1);
  return result;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

template <class Function>
Numbers each(Numbers x, Function function) {
  for (double& number : x) number = function(number);
  return x;
}

struct Behaviour {
  std::size_t item, category;
};

Numbers vector_of(const Checkpoint& from, const Behaviour& of) {
  return {from.find("input_layer/item_embedding_var")->values()[of.item],
          from.find("input_layer/category_embedding_var")->values()[of.category]};
}

/// train.py from its inputs to the probability.
double expected(const Checkpoint& from, std::size_t user, const Behaviour& candidate,
                const std::vector<Behaviour>& history) {
  const Numbers item = vector_of(from, candidate);
  Numbers query = dense(from, "attention_layer/f1null", item);
  const Numbers alpha = from.find("attention_layer//prelu_")->values();
  for (std::size_t i = 0; i < 2; ++i) query[i] = query[i] > 0 ? query[i] : alpha[i] * query[i];
  Numbers weights, sum(2, 0), interest(2, 0);
  double total = 0;
  for (const Behaviour& behaviour : history) {
    const Numbers key = vector_of(from, behaviour);
    Numbers x = {query[0],          query[1],          key[0],           key[1], query[0] - key[0],
                 query[1] - key[1], query[0] * key[0], query[1] * key[1]};
    x = each(dense(from, "attention_layer/f1_attnull", x), sigmoid);
    x = each(dense(from, "attention_layer/f2_attnull", x), sigmoid);
    weights.push_back(std::exp(dense(from, "attention_layer/f3_attnull", x)[0]));
    total += weights.back();
  }
  for (std::size_t t = 0; t < history.size(); ++t) {
    const Numbers key = vector_of(from, history[t]);
    for (std::size_t i = 0; i < 2; ++i) {
      sum[i] += key[i];
      interest[i] += weights[t] / total * key[i];
    }
  }
  const std::string uid = "input_layer/input_layer/UID_embedding/embedding_weights";
  Numbers x = {from.find(uid)->values()[user],
               item[0],
               item[1],
               sum[0],
               sum[1],
               item[0] * sum[0],
               item[1] * sum[1],
               interest[0],
               interest[1]};
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto norm = [&](const char* name) {
      return from.find(std::string("top_mlp_layer/bn1/") + name)->values()[i];
    };
    x[i] = norm("gamma") * (x[i] - norm("moving_mean")) / std::sqrt(norm("moving_variance") + 1e-3) + norm("beta");
  }
  const auto relu = [](double number) { return std::max(number, 0.0); };
  x = each(dense(from, "top_mlp_layer/dnn1", x), relu);
  x = each(dense(from, "top_mlp_layer/dnn2", x), relu);
  return sigmoid(dense(from, "top_mlp_layer/logits", dense(from, "top_mlp_layer/dnn3", x))[0]);
}

Network build(const Checkpoint& from) {
  const Recipe recipe;
  Conversion conversion(from, recipe);
  const Preset& preset = choose_preset(from, recipe);
  CHECK(std::string(preset.name) == "deeprec");
  build_network(conversion, preset);
  return conversion.network;
}

}  // namespace

TEST_CASE("DeepRec's DIN scores as the formula of its script, an empty history and unknown ids included", "[presets]") {
  const Checkpoint from = checkpoint();
  TemporaryFolder folder;
  const std::string path = folder.path("m.dinghy");
  write_model(build(from), {}, {}, path);
  const Result<Model> model = Model::open(path.c_str());
  REQUIRE(model.ok());
  RequestReader reader(
      request_shape(*model),
      "{\"user\":{\"UID\":2},\"history\":{\"ITEM\":[1,4,2],\"CATEGORY\":[3,0,1]},\"candidates\":{\"ITEM\":[3,0],"
      "\"CATEGORY\":[2,1]}}\n"
      "{\"user\":{\"UID\":1},\"history\":{\"ITEM\":[],\"CATEGORY\":[]},\"candidates\":{\"ITEM\":[3],\"CATEGORY\":[2]}}"
      "\n"
      "{\"user\":{\"UID\":77},\"history\":{\"ITEM\":[1],\"CATEGORY\":[3]},\"candidates\":{\"ITEM\":[99],\"CATEGORY\":["
      "2]}}\n",
      "requests");
  RequestScorer scorer(*model, path, {.isa = "reference"});
  Request request;
  REQUIRE(reader.next(request));
  const std::vector<Behaviour> history = {{1, 3}, {4, 0}, {2, 1}};
  CHECK_THAT(scorer.score(request, false).scores[0], WithinAbs(expected(from, 2, {3, 2}, history), 1e-6));
  CHECK_THAT(scorer.score(request, false).scores[1], WithinAbs(expected(from, 2, {0, 1}, history), 1e-6));
  REQUIRE(reader.next(request));
  CHECK_THAT(scorer.score(request, false).scores[0], WithinAbs(expected(from, 1, {3, 2}, {}), 1e-6));
  REQUIRE(reader.next(request));
  CHECK_THAT(scorer.score(request, false).scores[0], WithinAbs(expected(from, 0, {0, 2}, {{1, 3}}), 1e-6));
}

TEST_CASE("DeepRec's DIN keeps the first 50 behaviours", "[presets]") {
  const Sequence history = build(checkpoint()).sequences.at(0);
  CHECK(history.max_length == 50);
  CHECK(history.keep == format::Keep::first);
}

TEST_CASE("DeepRec's EmbeddingVariables are refused by name", "[presets]") {
  Checkpoint from = checkpoint();
  from.tensors.push_back(drawn("input_layer/item_embedding_var-keys", {5}));
  CHECK_THROWS_MATCHES(build(from), Error, MessageMatches(ContainsSubstring("an EmbeddingVariable of DeepRec")));
}

}  // namespace dinghy::converter
