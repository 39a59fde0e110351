// A checkpoint that has lost tensors is refused, or the report names what their absence was taken for.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "converter/error.h"
#include "converter/model_file/writer.h"
#include "converter/presets/packed_tables.h"
#include "converter/presets/presets.h"
#include "converter/readers/companions.h"
#include "converter/readers/read_checkpoint.h"
#include "tests/converter/presets/known_checkpoints.h"
#include "tests/converter/temporary_folder.h"

namespace dinghy::converter {
namespace {

using Names = std::set<std::string>;

// What is lost together: a tensor, all of a module, all of a name in a module ("bias" of all layers of the tower).
std::set<Names> families_of(const Checkpoint& checkpoint) {
  const auto names_where = [&](const std::string& begin, const std::string& end) {
    Names names;
    for (const Tensor& tensor : checkpoint.tensors) {
      if (tensor.name.starts_with(begin) && tensor.name.ends_with(end)) names.insert(tensor.name);
    }
    return names;
  };
  std::set<Names> families;
  for (const Tensor& tensor : checkpoint.tensors) {
    families.insert({tensor.name});
    const std::string last = tensor.name.substr(tensor.name.find_last_of("./") + 1);
    families.insert(names_where("", last));
    for (std::size_t i = 0; i < tensor.name.size(); ++i) {
      if (tensor.name[i] != '.' && tensor.name[i] != '/') continue;
      families.insert(names_where(tensor.name.substr(0, i + 1), ""));
      families.insert(names_where(tensor.name.substr(0, i + 1), last));
    }
  }
  return families;
}

struct Built {
  std::set<std::pair<std::string, std::string>> assumed;
  std::string bytes;  // of the file
};

Built build(const Checkpoint& whole, const Recipe& recipe) {
  Checkpoint checkpoint = whole;
  unpack_tables(checkpoint, recipe);
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  Built built;
  for (const Finding& finding : conversion.findings) {
    if (finding.certainty == Certainty::assumed) built.assumed.emplace(finding.subject, finding.value);
  }
  const TemporaryFolder folder;
  write_model(conversion.network, Provenance{}, GoldenRows{}, folder.path("m.dinghy"));
  built.bytes = read_file(folder.path("m.dinghy"));
  return built;
}

// Whoever writes a recipe for what is left names no feature that is lost.
Recipe without_features(Recipe recipe, const Names& lost) {
  InputsRecipe& inputs = recipe.inputs;
  for (auto* list : {&inputs.user, &inputs.context, &inputs.candidate, &inputs.history, &inputs.order}) {
    if (!*list) continue;
    std::erase_if(**list, [&](const std::string& name) {
      return std::ranges::any_of(lost, [&](const std::string& tensor) { return tensor.find(name) != tensor.npos; });
    });
  }
  return recipe;
}

bool is_silent(const Checkpoint& whole, const Recipe& recipe, const Names& lost, const Built& before) {
  Checkpoint checkpoint = whole;
  std::erase_if(checkpoint.tensors, [&](const Tensor& tensor) { return lost.contains(tensor.name); });
  try {
    const Built built = build(checkpoint, recipe);
    return built.bytes != before.bytes && std::ranges::includes(before.assumed, built.assumed);
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("presets: no checkpoint that has lost tensors converts in silence", "[presets]") {
  for (const KnownCheckpoint& known : own_checkpoints()) {
    const std::string path = recipe_of(known);
    const Recipe recipe = path.empty() ? Recipe{} : read_recipe(path);
    Checkpoint checkpoint = read_checkpoint(kOwnFolder + known.file);
    add_companions(checkpoint, {});
    const Built before = build(checkpoint, recipe);
    for (const Names& lost : families_of(checkpoint)) {
      INFO(known.file << " without " << *lost.begin() << " and " << lost.size() - 1 << " more");
      CHECK_FALSE(is_silent(checkpoint, recipe, lost, before));
      CHECK_FALSE(is_silent(checkpoint, without_features(recipe, lost), lost, before));
    }
  }
}

}  // namespace dinghy::converter
