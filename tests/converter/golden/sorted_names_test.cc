// Twins of the golden state_dicts in files that sort tensors by name: they convert to the same scores, or are refused.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "converter/readers/read_checkpoint.h"
#include "tests/converter/commands/command.h"
#include "tests/converter/golden/every_isa.h"
#include "tests/converter/npz_file.h"
#include "tests/converter/readers/odd_files.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

const std::string kTests = DINGHY_SOURCE_DIR "/tests/";

struct SortedCase {
  const char* folder;
  const char* checkpoint;
  const char* recipe;  // in tests/
  const char* order;   // the line that the recipe needs too; empty: none
};

// All numbers as float32, the order of a std::map.
void write_safetensors(const std::string& from, const std::string& to) {
  std::map<std::string, Tensor> sorted;
  for (const Tensor& tensor : read_checkpoint(from).tensors) sorted.emplace(tensor.name, tensor);
  nlohmann::json header = nlohmann::json::object();
  std::vector<float> numbers;
  for (const auto& [name, tensor] : sorted) {
    const std::size_t begin = 4 * numbers.size();
    const std::vector<double> values = tensor.values();
    numbers.insert(numbers.end(), values.begin(), values.end());
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, 4 * numbers.size()}}};
  }
  const std::string text = header.dump();
  std::ofstream(to, std::ios::binary) << test::bytes_of<std::uint64_t>({text.size()}) << text
                                      << test::bytes_of(numbers);
}

void write_sorted_npz(const std::string& from, const std::string& to) {
  const NpzFile file(from);
  std::map<std::string, std::vector<std::int64_t>> sorted;
  for (const Tensor& tensor : read_checkpoint(from).tensors) sorted.emplace(tensor.name, tensor.shape);
  NpzFile twin;
  for (const auto& [name, shape] : sorted) twin.set(name, shape, file.numbers(name));
  twin.write(to);
}

std::string with_order(std::string recipe, const std::string& order) {
  const std::string section = "[inputs]\n", line = section + "order = [" + order + "]\n";
  const std::size_t place = recipe.find(section);
  return place == std::string::npos ? recipe + "\n" + line : recipe.replace(place, section.size(), line);
}

}  // namespace

TEST_CASE("Trap 22: a state_dict sorted by name scores the same, or asks for the order", "[golden]") {
  const auto sorted_case = GENERATE(
      SortedCase{"deepctr-torch-softmax", "model.pth", "golden/deepctr-torch-softmax/recipe.toml",
                 R"("user", "item", "category")"},
      SortedCase{"deepctr-torch-raw", "model.pth", "golden/deepctr-torch-raw/recipe.toml",
                 R"("user", "item", "category", "hist_item", "hist_category")"},
      SortedCase{"deepctr-torch-sigmoid-bn", "model.pth", "golden/deepctr-torch-sigmoid-bn/recipe.toml",
                 R"("category", "user", "item")"},
      SortedCase{"prediction-flow", "model.pt", "golden/prediction-flow/recipe.toml", R"("user", "item", "category")"},
      SortedCase{"rechorus-form", "model.pt", "recipes/rechorus-names.toml", R"("user_id", "item_id", "i_category_c")"},
      SortedCase{"torch-rechub-shared", "model.pth", "golden/torch-rechub-shared/recipe.toml",
                 R"("item", "category", "user")"},
      SortedCase{"torch-rechub-softmax", "model.pth", "golden/torch-rechub-softmax/recipe.toml",
                 R"("user", "hist_item", "item")"},
      SortedCase{"widedeep", "model.pt", "golden/widedeep/recipe.toml", R"("user", "category")"},
      SortedCase{"unknown-code", "model.pth", "golden/unknown-code/recipe.toml", ""});
  const bool safetensors = GENERATE(true, false);
  INFO(sorted_case.folder << (safetensors ? " as safetensors" : " as npz"));
  const std::string source = kTests + "golden/" + sorted_case.folder + "/";
  const TemporaryFolder folder;
  const std::string twin = folder.path("twin"), model = folder.path("m.dinghy");
  (safetensors ? write_safetensors : write_sorted_npz)(source + sorted_case.checkpoint, twin);
  const std::string convert = "convert " + twin + " -o " + model + " --recipe ";
  const std::string recipe = kTests + sorted_case.recipe, order = sorted_case.order;
  if (!order.empty()) {
    const CommandResult refused = run_dinghy(convert + recipe);
    CHECK(refused.status == 1);
    CHECK_THAT(refused.errors, ContainsSubstring("sorted by name") && ContainsSubstring("[inputs] order = ["));
  }
  const std::string told = order.empty() ? recipe : folder.write("r.toml", with_order(read_file(recipe), order));
  const CommandResult converted = run_dinghy(convert + told);
  INFO(converted.errors);
  REQUIRE(converted.status == 0);
  CHECK(check_on_every_isa(model, read_file(source + "golden.jsonl"), 2e-6) > 0);
}

TEST_CASE("Trap 22: files beside a checkpoint tell the order that its sorted names have lost", "[golden]") {
  const TemporaryFolder folder;
  const std::string name = GENERATE("fuxictr", "fuxictr-specs", "fuxictr-content");
  const std::string source = kTests + "golden/" + name + "/", model = folder.path("m.dinghy");
  for (const std::string file : {"DIN.log", "feature_map.json", "feature_vocab.json"}) {
    std::filesystem::copy_file(source + file, folder.path(file));
  }
  write_safetensors(source + "DIN.model", folder.path("DIN.model"));
  const CommandResult converted = run_dinghy("convert " + folder.path("DIN.model") + " -o " + model);
  INFO(converted.errors);
  REQUIRE(converted.status == 0);
  CHECK(check_on_every_isa(model, read_file(source + "golden.jsonl"), 2e-6) > 0);
}

TEST_CASE("presets: an order that leaves out a feature is an error", "[presets]") {
  const TemporaryFolder folder;
  const std::string source = kTests + "golden/deepctr-torch-softmax/";
  const std::string recipe = folder.write("r.toml", with_order(read_file(source + "recipe.toml"), R"("user", "item")"));
  const CommandResult refused =
      run_dinghy("convert " + source + "model.pth -o " + folder.path("m.dinghy") + " --recipe " + recipe);
  CHECK(refused.status == 1);
  CHECK_THAT(refused.errors, ContainsSubstring("[inputs] order has to name each of category, item, user once"));
}

}  // namespace dinghy::converter
