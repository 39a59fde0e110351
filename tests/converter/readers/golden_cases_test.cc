// The trained checkpoints that lie beside the repository where they may.
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

#ifdef DINGHY_SHARED_DATA
const std::string kData = DINGHY_SHARED_DATA;
#else
const std::string kData;
#endif

std::string data_file(const std::string& name) {
  if (kData.empty()) SKIP("the shared data is not beside the repository");
  return kData + "/" + name;
}

double sum(const Tensor& tensor) {
  const std::vector<double> values = tensor.values();
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST_CASE("the trained checkpoints have the tensors that their cases list", "[readers]") {
  const std::vector<std::pair<std::string, std::string>> cases{{"rechorus-din", "model.pt"},
                                                               {"widedeep-din", "model.pt"},
                                                               {"recbole-din", "DIN.pth"},
                                                               {"seed-small", "din.npz"},
                                                               {"librecommender-din", "din_tf_variables.npz"}};
  for (const auto& [name, file] : cases) {
    INFO(name);
    const Checkpoint checkpoint = read_checkpoint(data_file("golden/" + name + "/" + file));
    const auto variables =
        nlohmann::json::parse(std::ifstream(data_file("golden/" + name + "/case.json"))).at("variables");
    REQUIRE(variables.size() == checkpoint.tensors.size());
    for (const auto& [variable, shape] : variables.items()) {
      INFO(variable);
      const Tensor* tensor = checkpoint.find(variable);
      REQUIRE(tensor);
      CHECK(tensor->shape == shape.get<std::vector<std::int64_t>>());
    }
  }
}

TEST_CASE("three files of one trained model hold the same tensors in the same order", "[readers]") {
  const std::string folder = data_file("golden/deepctr-torch-softmax/");
  const Checkpoint zip = read_checkpoint(folder + "model.pth");
  REQUIRE(zip.tensors.size() == 27);
  for (const char* name : {"model.legacy.pth", "model.whole.pth"}) {
    INFO(name);
    const Checkpoint other = read_checkpoint(folder + name);
    REQUIRE(other.tensors.size() == zip.tensors.size());
    for (std::size_t i = 0; i < zip.tensors.size(); ++i) {
      CHECK(other.tensors[i].name == zip.tensors[i].name);
      CHECK(other.tensors[i].shape == zip.tensors[i].shape);
      CHECK(other.tensors[i].values() == zip.tensors[i].values());
    }
  }
}

TEST_CASE("sums over trained tensors are those that PyTorch and NumPy compute", "[readers]") {
  const auto check = [](const char* file, const char* tensor, double expected) {
    const Checkpoint checkpoint = read_checkpoint(data_file(file));
    REQUIRE(checkpoint.find(tensor));
    CHECK(sum(*checkpoint.find(tensor)) == Catch::Approx(expected).epsilon(1e-9));
  };
  check("golden/deepctr-torch-raw/model.pth", "embedding_dict.user.weight", 57.18815425613664);
  check("golden/rechorus-din/model.pt", "embedding_dict.item_id.weight", -42.912373908642905);
  check("golden/fuxictr-raw/DIN.model", "dnn.mlp.4.weight", -1.4125762211624533);
  check("golden/torch-rechub-raw/model.pth", "mlp.mlp.8.weight", 3.749236300587654);
  check("golden/seed-small/din.npz", "item_emb/embeddings", -81.15259271573814);
  check("golden/librecommender-din/din_tf_variables.npz", "embedding/item_embeds_var:0", -3.135579947956103);
}

TEST_CASE("a RecBole file gives its state_dict and its config from among a live data set", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(data_file("golden/recbole-din/DIN.pth"));
  CHECK(checkpoint.format == "pytorch zip state_dict");
  const auto fact = [&](const std::string& path) {
    for (const auto& [key, value] : checkpoint.facts) {
      if (key == path) return value;
    }
    return "(no fact '" + path + "')";
  };
  CHECK(fact("config.model") == "DIN");
  CHECK(fact("config.final_config_dict.embedding_size") == "10");
  CHECK(fact("config.final_config_dict.mlp_hidden_size") == "[64,32]");
  CHECK(fact("other_parameter.embedding_layer.token_field_dims.item") == "[3707,19]");
}

TEST_CASE("a whole DeepCTR-Torch module gives its features and switches as facts", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(data_file("golden/deepctr-torch-softmax/model.whole.pth"));
  const auto has = [&](const std::string& path, const std::string& value) {
    return std::ranges::count(checkpoint.facts, std::pair(path, value)) == 1;
  };
  CHECK(has("class", "deepctr_torch.models.din.DIN"));
  CHECK(has("attention.weight_normalization", "true"));
  CHECK(has("attention.local_att.dnn.activation_layers.0.bn.eps", "1e-08"));
  CHECK(has("history_feature_list", "[\"item\",\"category\"]"));
  CHECK(has("dnn_feature_columns[0].class.args", "[\"user\",2001,8,false,\"int32\",\"user\",\"default_group\"]"));
  CHECK(has("dnn_feature_columns[3].class.args[1]", "50"));
}

TEST_CASE("the XDL model gives its weights, its tables and which feature each table serves", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(data_file("xdl-din"));
  CHECK(checkpoint.tensors.size() == 28);
  CHECK(checkpoint.find("tf_model/f1_attnull/kernel")->shape == std::vector<std::int64_t>{144, 80});
  CHECK(checkpoint.find("mid_embedding")->shape == std::vector<std::int64_t>{100, 18});
  CHECK(checkpoint.find("mid_embedding/ids")->values().front() == 1000000);
  CHECK(std::ranges::count(checkpoint.facts,
                           std::pair<std::string, std::string>{"feature_group.cat_list.trunc_num", "100"}) == 1);
}

}  // namespace
}  // namespace dinghy::converter::test
