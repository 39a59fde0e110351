// dinghy pairs, as a user runs it.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "converter/requests/request_scorer.h"
#include "dinghy/pair_memo.h"
#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr const char* kCase = DINGHY_SOURCE_DIR "/tests/golden/deepctr-torch-softmax/";

/// The items of a golden case's requests: "item<TAB>category" lines.
std::string catalogue(const std::string& lines) {
  std::set<std::string> items;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    const auto request = nlohmann::json::parse(line);
    for (const char* part : {"history", "candidates"}) {
      const auto& of = request[part];
      for (std::size_t i = 0; i < of["item"].size(); ++i) {
        items.insert(of["item"][i].dump() + "\t" + of["category"][i].dump());
      }
    }
  }
  std::string text = "item\tcategory\n";
  for (const std::string& item : items) text += item + "\n";
  return text;
}

struct Shop {
  TemporaryFolder folder;
  std::string model = folder.path("m.dinghy"), memo = folder.path("m.pairs");
  std::string lines = read_file(std::string(kCase) + "golden.jsonl");

  Shop() {
    const CommandResult result =
        run_dinghy("convert " + std::string(kCase) + "model.pth -o " + model + " --recipe " + kCase + "recipe.toml");
    INFO(result.errors);
    REQUIRE(result.status == 0);
  }

  CommandResult pairs(const std::string& items, const std::string& more = {}) const {
    return run_dinghy("pairs " + model + " --items " + folder.write("items.tsv", items) + " -o " + memo + more);
  }
};

std::vector<std::vector<float>> scored(const Shop& shop, const Model& model, std::optional<PairMemo> memo) {
  RequestReader requests(request_shape(model), shop.lines, "golden");
  RequestScorer scorer(model, shop.model, {.isa = {}, .integers = Integers::when_faster, .memo = std::move(memo)});
  std::vector<std::vector<float>> scores;
  for (Request request; requests.next(request);) scores.push_back(scorer.score(request, false).scores);
  return scores;
}

}  // namespace

TEST_CASE("pairs: an application with a catalogue's pairs computes no logit, and scores the same", "[commands]") {
  const Shop shop;
  const CommandResult result = shop.pairs(catalogue(shop.lines));
  INFO(result.errors);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring(" items, ") && ContainsSubstring("computed by "));
  const Model model = *Model::open(shop.model.c_str());
  const auto memo = PairMemo::open(model, shop.memo.c_str());
  INFO(memo.status().message());
  REQUIRE(memo.ok());
  CHECK(memo->verify().ok());
  CHECK(scored(shop, model, *memo) == scored(shop, model, {}));
  CHECK(memo->counters().found > 0);
  CHECK(memo->counters().computed == 0);
}

TEST_CASE("pairs: a catalogue larger than a page is complete", "[commands]") {
  const Shop shop;
  std::string items = "category\titem\n";
  for (int i = 0; i < 300; ++i) items += std::to_string(i / 120) + "\t" + std::to_string(i % 120) + "\n";
  const CommandResult result = shop.pairs(items);
  INFO(result.errors);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("300 items, 90000 pairs in "));
  const Model model = *Model::open(shop.model.c_str());
  const auto memo = PairMemo::open(model, shop.memo.c_str());
  REQUIRE(memo.ok());
  CHECK(memo->counters().items == 300);  // the padding of histories is item 0 of category 0
}

TEST_CASE("pairs: a wrong catalogue is an error that says where, and leaves no file", "[commands]") {
  const Shop shop;
  const auto refused = [&](const std::string& items, const std::string& why) {
    const CommandResult result = shop.pairs(items);
    CHECK(result.status == 1);
    CHECK_THAT(result.errors, ContainsSubstring("items.tsv") && ContainsSubstring(why));
    CHECK(!std::filesystem::exists(shop.memo));
  };
  refused("", "its first line names features: item, category");
  refused("item\tcategory\n", "has no item");
  refused("item\n1\n", "has no column \"category\"");
  refused("item\tcategroy\n1\t2\n", "did you mean \"category\"");
  refused("item\tcategory\titem\n1\t2\t1\n", "twice");
  refused("item\tcategory\tuser\n1\t2\t1\n", "\"user\" is not a feature of items");
  refused("item\tcategory\n1\n", "items.tsv:2: has 1 values between tabs, the first line has 2 names");
  refused("item\tcategory\n1\tshoes\n", "category");
  refused("item\tcategory\n1.5\t2\n", "item");
  refused("item\tcategory\n99999999999999999999\t2\n", "item");
}

TEST_CASE("pairs: a model that takes no memo says why", "[commands]") {
  const Shop shop;
  const std::string model = shop.folder.path("other.dinghy");
  REQUIRE(run_dinghy("convert " + std::string(DINGHY_SOURCE_DIR) + "/tests/golden/nvidia-sim-dot -o " + model).status ==
          0);
  const CommandResult result =
      run_dinghy("pairs " + model + " --items " + shop.folder.write("i.tsv", "item_feat0\titem_feat1\n1\t1\n") +
                 " -o " + shop.memo);
  CHECK(result.status == 1);
  CHECK_THAT(result.errors, ContainsSubstring("nothing to keep"));
  CHECK(!std::filesystem::exists(shop.memo));
}

}  // namespace dinghy::converter
