// `dinghy convert` from the outside: what it prints, and how it fails.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/converter/commands/command.h"
#include "tests/converter/npz_file.h"
#include "tests/converter/readers/odd_files.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace dinghy::converter {
namespace {

const std::string kCase = DINGHY_SOURCE_DIR "/tests/golden/deepctr-torch-softmax/";
const std::string kSeed = DINGHY_SOURCE_DIR "/tests/golden/seed-npz/din.npz";
const std::string kRecipe = " --recipe " + kCase + "recipe.toml";

// A conversion that has to fail with one line that begins so, and must leave nothing behind.
void fails_with(const std::string& arguments, const std::string& message) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("out"));
  const CommandResult result = run_dinghy("convert " + arguments + " -o " + folder.path("out/m.dinghy"));
  CHECK(result.status == 1);
  CHECK(result.output.empty());
  CHECK_THAT(result.errors, StartsWith("dinghy: ") && ContainsSubstring(message));
  CHECK(result.errors.find('\n') == result.errors.size() - 1);
  CHECK(std::filesystem::is_empty(folder.path("out")));
}

}  // namespace

TEST_CASE("convert reports what it read, derived and assumed, and checks golden rows", "[commands]") {
  const TemporaryFolder folder;
  const CommandResult result = run_dinghy("convert " + kCase + "model.pth" + kRecipe + " --check " + kCase +
                                          "golden.jsonl -o " + folder.path("m.dinghy"));
  CHECK(result.status == 0);
  CHECK(result.errors.empty());
  CHECK_THAT(result.output, ContainsSubstring("preset deepctr-torch (DeepCTR-Torch), by the recipe"));
  CHECK_THAT(result.output, ContainsSubstring("softmax of the logits"));
  CHECK_THAT(result.output, ContainsSubstring("ASSUMED, nothing says so"));
  CHECK_THAT(result.output, ContainsSubstring("checked on reference: 40 golden rows"));
  CHECK_THAT(result.output, ContainsSubstring("ignored, a counter that only training needs: "));

  const CommandResult selftest = run_dinghy("selftest " + folder.path("m.dinghy") + " --isa reference");
  CHECK(selftest.status == 0);
}

TEST_CASE("convert finds the preset and the features of a whole module without a recipe", "[commands]") {
  const TemporaryFolder folder;
  const CommandResult result =
      run_dinghy("convert " + kCase + "model.whole.pth --name shop -o " + folder.path("m.dinghy"));
  CHECK(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("found by the names of its tensors"));
  const CommandResult inspect = run_dinghy("inspect " + folder.path("m.dinghy"));
  CHECK_THAT(inspect.output, ContainsSubstring("shop"));
}

TEST_CASE("convert: a version of the model is in the file for who opens it", "[commands]") {
  const TemporaryFolder folder;
  const std::string model = folder.path("shop.dinghy"), convert = "convert " + kSeed + " -o " + model;
  REQUIRE(run_dinghy(convert).status == 0);
  CHECK_THAT(run_dinghy("inspect --json " + model).output, ContainsSubstring("\"version\": \"\""));
  REQUIRE(run_dinghy(convert + " --model-version '2026-11-29, run 7'").status == 0);
  CHECK_THAT(run_dinghy("inspect " + model).output, ContainsSubstring(": shop, version 2026-11-29, run 7, "));
  CHECK_THAT(run_dinghy("inspect --json " + model).output, ContainsSubstring("\"version\": \"2026-11-29, run 7\""));
  fails_with(kSeed + " --model-version " + std::string(1025, 'x'), "would not open: bytes of version: more than 1024");
}

TEST_CASE("convert names an XDL folder as the origin, with one hash for all files that were read", "[commands]") {
  const TemporaryFolder folder;
  const std::string case_folder = DINGHY_SOURCE_DIR "/tests/golden/xdl-form";
  const std::string model = folder.path("m.dinghy");
  REQUIRE(run_dinghy("convert " + case_folder + "/ -o " + model).status == 0);
  const std::string origin = run_dinghy("inspect " + model).output;
  CHECK_THAT(origin, ContainsSubstring("checkpoint  xdl-form\n"));
  const std::string sums = "cd " + case_folder +
                           " && sha256sum ad_embedding.conf cat_embedding dense.npz mid_embedding sparse.txt "
                           "uid_embedding user_embedding.conf | sha256sum >" +
                           folder.path("sum");
  REQUIRE(std::system(sums.c_str()) == 0);
  CHECK_THAT(origin, ContainsSubstring("sha256      " + read_file(folder.path("sum")).substr(0, 64) + "\n"));
}

TEST_CASE("convert replaces an older file only when all went well", "[commands]") {
  const TemporaryFolder folder;
  const std::string model = folder.write("m.dinghy", "old");
  CHECK(run_dinghy("convert " + kCase + "model.pth -o " + model).status == 1);
  CHECK(read_file(model) == "old");
  CHECK(run_dinghy("convert " + kCase + "model.pth" + kRecipe + " -o " + model).status == 0);
  CHECK(read_file(model).size() > 1000);
}

TEST_CASE("A golden row that comes out otherwise names the worst row and leaves no file", "[commands]") {
  const TemporaryFolder folder;
  const std::string lines = read_file(kCase + "golden.jsonl");
  const std::string second = lines.substr(lines.find('\n') + 1);
  std::string changed = second.substr(0, second.find('\n') + 1);
  const std::size_t scores = changed.find("\"scores\":[") + 10;
  changed.replace(scores, changed.find_first_of(",]", scores) - scores, "0.999");
  const std::string golden = folder.write("golden.jsonl", lines.substr(0, lines.find('\n') + 1) + changed);
  fails_with(kCase + "model.pth" + kRecipe + " --check " + golden,
             "does not score as expected, reference: score of " + golden + ":2, candidate 0:");
  fails_with(kCase + "model.pth" + kRecipe + " --check " + folder.write("empty.jsonl", ""), "holds no rows");
}

TEST_CASE("commands: a failed check lists what was assumed and whether attention agrees", "[commands]") {
  const TemporaryFolder folder;
  const std::string golden = " --check " + kCase + "golden.jsonl";
  std::string recipe = read_file(kCase + "recipe.toml");
  recipe.replace(recipe.find("activation = \"relu\""), 19, "activation = \"tanh\"");
  const std::string tanh = "model.pth --recipe " + folder.write("tanh.toml", recipe) + golden;
  fails_with(kCase + tanh, "its attention agrees, so look at the tower");
  fails_with(kCase + tanh, "ASSUMED was a longer history: [history] keep = \"last\"");
  recipe.replace(recipe.find("softmax = true"), 14, "softmax = false");
  fails_with(kCase + "model.pth --recipe " + folder.write("raw.toml", recipe) + golden, "its attention differs too");
}

TEST_CASE("Trap 41: ignoring what looks like a part of the network is an assumption", "[commands]") {
  const std::string source = DINGHY_SOURCE_DIR "/tests/golden/unknown-code/";
  std::string recipe = read_file(source + "recipe.toml");
  const std::size_t begin = recipe.find("[tower.layers.input_batch_norm]");
  REQUIRE(begin != std::string::npos);
  recipe.erase(begin, recipe.find("[[tower.layers]]", begin) - begin);
  recipe += "\n[ignore]\n";
  for (const std::string name : {"weight", "bias", "running_mean", "running_var"}) {
    recipe += "\"norm." + name + "\" = \"not needed\"\n";
  }
  const TemporaryFolder folder;
  const std::string model = folder.path("m.dinghy");
  const CommandResult result =
      run_dinghy("convert " + source + "model.pth --recipe " + folder.write("r.toml", recipe) + " -o " + model);
  INFO(result.errors);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("the network without norm.weight") &&
                                ContainsSubstring("warning: ignored tensors look like parts of the network"));
  CHECK_THAT(run_dinghy("inspect " + model).output, ContainsSubstring("the network without norm.running_mean"));
}

TEST_CASE("A wrong softmax is seen by the check", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe =
      folder.write("r.toml", "[inputs]\nhistory = [\"item\", \"category\"]\n[attention]\nsoftmax = false\n");
  fails_with(kCase + "model.pth --recipe " + recipe + " --check " + kCase + "golden.jsonl",
             "the preset or the recipe does not fit");
}

TEST_CASE("A checkpoint that says too little asks for a recipe", "[commands]") {
  fails_with(kCase + "model.pth", "does not say which features the history has; write a recipe with [inputs] history");
  fails_with(DINGHY_SOURCE_DIR "/tests/golden/deepctr-torch-raw/model.pth", "the tower takes 1 dense numbers");
}

TEST_CASE("A truncated checkpoint is one clear line", "[commands]") {
  const TemporaryFolder folder;
  const std::string whole = read_file(kCase + "model.pth");
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, whole.size() / 2, whole.size() - 1}) {
    const std::string path = folder.write("model.pth", whole.substr(0, size));
    fails_with(path + kRecipe, path);
  }
}

TEST_CASE("A zip without data.pkl is one clear line", "[commands]") {
  const TemporaryFolder folder;
  test::write_zip(folder.path("model.pth"), {{"archive/version", "3\n"}});
  fails_with(folder.path("model.pth"), "model.pth: is a zip archive, but holds no data.pkl (PyTorch)");
}

TEST_CASE("A pickle that calls os.system is one clear line, and nothing is called", "[commands]") {
  const TemporaryFolder folder;
  const std::string witness = folder.path("called");
  const std::string pickle =
      test::PickleAssembler().global("posix", "system").text("touch " + witness).raw("\x85R").stop();
  test::write_zip(folder.path("model.pth"), {{"archive/data.pkl", pickle}, {"archive/version", "3\n"}});
  fails_with(folder.path("model.pth"), "asks to call \"posix.system\"");
  CHECK_FALSE(std::filesystem::exists(witness));
}

TEST_CASE("A wrong preset is one clear line", "[commands]") {
  const TemporaryFolder folder;
  const std::string xdl = folder.write("xdl.toml", "preset = \"xdl\"\n");
  fails_with(kCase + "model.pth --recipe " + xdl, "model.pth: lacks the tensor \"uid_embedding\"");
  const std::string unknown = folder.write("unknown.toml", "preset = \"deepctr_torch\"\n");
  fails_with(kCase + "model.pth --recipe " + unknown,
             "there is no preset \"deepctr_torch\" (did you mean \"deepctr-torch\"?)");
  const std::string of_nobody = DINGHY_SOURCE_DIR "/tests/golden/unknown-code/model.pth";
  fails_with(of_nobody, "model.pth: no preset knows its 17 tensors (goods.weight, ");
  fails_with(of_nobody, "with preset = \"generic\", as docs/unknown-code.md does");
}

TEST_CASE("A missing tensor, a wrong shape, NaN and a tensor too many are one clear line each", "[commands]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("din.npz");
  const auto changed = [&](auto change) {
    NpzFile file(kSeed);
    change(file);
    file.write(path);
    return path;
  };
  fails_with(changed([](NpzFile& file) { file.remove("attention/ffn_1/bias"); }),
             "din.npz: lacks the tensor \"attention/ffn_1/bias\"");
  fails_with(changed([](NpzFile& file) { file.set("attention/score/kernel", {41, 1}, std::vector<float>(41, 1.0f)); }),
             "din.npz: attention/score/kernel: takes 41 numbers and gives 1, but the layer before has 40");
  fails_with(changed([](NpzFile& file) { file.set("logit/bias", {1}, {std::numeric_limits<float>::quiet_NaN()}); }),
             "din.npz: logit/bias: number 0 of [1] is nan");
  fails_with(changed([](NpzFile& file) {
               std::vector<float> rows = file.numbers("user_emb/embeddings");
               rows.back() = std::numeric_limits<float>::infinity();
               file.set("user_emb/embeddings", file.shape("user_emb/embeddings"), rows);
             }),
             "user_emb/embeddings: row ");
  fails_with(changed([](NpzFile& file) { file.set("extra", {1}, {1}); }), "din.npz: no use known for extra[1]");
}

TEST_CASE("An output that cannot be written is one clear line", "[commands]") {
  const CommandResult nowhere = run_dinghy("convert " + kSeed + " -o /nonexistent/m.dinghy");
  CHECK(nowhere.status == 1);
  CHECK_THAT(nowhere.errors, StartsWith("dinghy: /nonexistent/m.dinghy: cannot be written: No such file"));
  const CommandResult folder = run_dinghy("convert " + kSeed + " -o /tmp");
  CHECK(folder.status == 1);
  CHECK_THAT(folder.errors, StartsWith("dinghy: /tmp: is not a regular file"));
}

TEST_CASE("A recipe or golden file that cannot be read is one clear line", "[commands]") {
  fails_with(kSeed + " --recipe /nonexistent.toml",
             "/nonexistent.toml: cannot be opened: No such file or directory; a recipe is a TOML file");
  fails_with(kSeed + " --recipe /tmp", "/tmp: is a folder; a recipe is a TOML file");
  fails_with(kSeed + " --check /nonexistent.jsonl", "/nonexistent.jsonl: cannot be opened");
}

TEST_CASE("A setting that the checkpoint contradicts is refused", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe = folder.write("r.toml", "[attention]\nactivation = \"sigmoid\"\n");
  fails_with(kSeed + " --recipe " + recipe,
             "[attention] activation is sigmoid, but the attention of this checkpoint "
             "has Dice");
}

TEST_CASE("Features get the names of [rename]", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe = folder.write("r.toml", "[rename]\nitem = \"product\"\n");
  const CommandResult result =
      run_dinghy("convert " + kSeed + " --recipe " + recipe + " -o " + folder.path("m.dinghy"));
  CHECK(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("item as product"));
  const std::string request = R"({"user": {"user": 1}, "history": {"product": [1], "category": [1]}, )"
                              R"("candidates": {"product": [2], "category": [1]}})";
  const CommandResult scores = run_dinghy("score " + folder.path("m.dinghy") + " --requests -", request + "\n");
  CHECK(scores.status == 0);
  CHECK_THAT(scores.output, StartsWith("{\"scores\": ["));
  const std::string clash = folder.write("clash.toml", "[rename]\nitem = \"category\"\n");
  fails_with(kSeed + " --recipe " + clash, "two features are called \"category\"");
}

TEST_CASE("convert puts vocabularies and hashes of a recipe into the model, and score takes raw ids", "[commands]") {
  const TemporaryFolder folder;
  NpzFile tensors;
  tensors.set("item", {3, 1}, {10, 20, 30});
  tensors.set("user", {2, 1}, {1, 2});
  tensors.set("shop", {3, 1}, {100, 200, 300});
  tensors.set("item_b", {3}, {1000, 2000, 3000});
  tensors.set("top", {3, 1}, {1, 1, 1});
  tensors.write(folder.path("m.npz"));
  folder.write("items.tsv", "B-1\t2\nB-2\t0\n");
  folder.write("users.txt", "90000000000\n-7\n");
  folder.write("recipe.toml", R"(preset = "generic"
layout = "in_out"
feature = [ { name = "user", role = "user", table = "user" }, { name = "item", table = "item" },
            { name = "shop", table = "shop" } ]
tower = { inputs = ["user", "item", "shop"], layers = [ { weight = "top" } ] }
head = { link = "identity", biases = [ { feature = "item", table = "item_b" } ] }
[ids.user]
vocabulary = "users.txt"
[ids.item]
vocabulary = "items.tsv"
missing = "zero"
[ids.shop]
hash = "farmhash64"
)");
  const std::string model = folder.path("m.dinghy");
  const CommandResult converted =
      run_dinghy("convert " + folder.path("m.npz") + " --recipe " + folder.path("recipe.toml") + " -o " + model);
  INFO(converted.errors);
  REQUIRE(converted.status == 0);
  // TensorFlow: string_to_hash_bucket_fast("42", 3) is 0, of "7" it is 1.
  const CommandResult scored =
      run_dinghy("score " + model + " --requests -",
                 R"({"user": {"user": -7}, "candidates": {"item": ["B-1", "B-2", "B-3"], "shop": [42, 7, 42]}})"
                 "\n");
  CHECK(scored.errors == "");
  CHECK(scored.output == "{\"scores\": [3132, 1212, 102]}\n");
}

}  // namespace dinghy::converter
