// A key of a recipe changes the network or the report, or is an error that names it: every preset, every key.
#include "converter/presets/recipe_keys.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/packed_tables.h"
#include "converter/presets/presets.h"
#include "converter/readers/companions.h"
#include "converter/readers/read_checkpoint.h"
#include "tests/converter/commands/command.h"
#include "tests/converter/presets/known_checkpoints.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

struct Key {
  std::string section, key;
  std::vector<std::string> values;  // a network may have one of them anyway
};

const std::vector<Key> kKeys = {
    {"inputs", "user", {"[\"nobody\"]"}},
    {"inputs", "context", {"[\"nobody\"]"}},
    {"inputs", "candidate", {"[\"nobody\"]"}},
    {"inputs", "history", {"[\"nobody\"]"}},
    {"inputs", "dense", {"[\"nobody\"]"}},
    {"inputs", "order", {"[\"nobody\"]"}},
    {"attention", "softmax", {"true", "false"}},
    {"attention", "scale", {"0.37", "2"}},
    {"attention", "activation", {"\"tanh\"", "\"relu\""}},
    {"tower", "activation", {"\"tanh\"", "\"sigmoid\""}},
    {"epsilon", "dice", {"0.37"}},
    {"epsilon", "batch_norm", {"0.37"}},
    {"head", "link", {"\"identity\"", "\"sigmoid\""}},
    {"history", "max_length", {"3", "4"}},
    {"history", "keep", {"\"first\"", "\"last\""}},
    {"history", "mask", {"\"all_ids\"", "\"every_id\""}},
    {"history", "pad_side", {"\"left\"", "\"right\""}},
    {"history", "empty", {"\"reject\"", "\"zero\""}},
    {"history", "pad_row", {"1", "2"}},
};

// Everything that a recipe's key may change.
std::string shown(const Conversion& conversion) {
  std::string text;
  const auto add = [&](const auto&... numbers) { ((text += std::to_string(numbers) + " "), ...); };
  for (const Finding& finding : conversion.findings) {
    text += finding.subject + " = " + finding.value + " ";
    add(static_cast<int>(finding.certainty));
  }
  for (const Sequence& one : conversion.network.sequences) {
    add(one.max_length, static_cast<int>(one.keep), static_cast<int>(one.mask), static_cast<int>(one.pad_side));
  }
  for (const Feature& feature : conversion.network.features) add(static_cast<int>(feature.role), feature.pad_row);
  for (const Interest& interest : conversion.network.interests) {
    add(static_cast<int>(interest.normalizer), interest.scale, static_cast<int>(interest.empty));
  }
  for (const Table& table : conversion.network.tables) {
    add(table.first_id, static_cast<int>(table.missing), table.missing_row);
  }
  add(static_cast<int>(conversion.network.head.link));
  return text;
}

Checkpoint checkpoint_of(const std::string& file) {
  Checkpoint checkpoint = read_checkpoint(kOwnFolder + file);
  add_companions(checkpoint, {});
  return checkpoint;
}

std::string built(const Checkpoint& checkpoint, const std::string& recipe_text) {
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  Checkpoint unpacked = checkpoint;
  unpack_tables(unpacked, recipe);
  Conversion conversion(unpacked, recipe);
  build_network(conversion, choose_preset(unpacked, recipe));
  return shown(conversion);
}

std::string with_key(std::string recipe, const std::string& section, const std::string& line) {
  const std::string head = "[" + section + "]\n";
  const std::size_t place = recipe.find(head);
  return place == std::string::npos ? recipe + "\n" + head + line + "\n"
                                    : recipe.replace(place, head.size(), head + line + "\n");
}

// Whether the key shows: in the network, in the report, or in an error that names its section or its value.
bool shows(const Checkpoint& checkpoint, const std::string& recipe, const std::string& before, const Key& key,
           const std::string& value) {
  try {
    return built(checkpoint, with_key(recipe, key.section, key.key + " = " + value)) != before;
  } catch (const Error& error) {
    const std::string what = error.what();
    return what.find("[" + key.section + "]") != std::string::npos || what.find("nobody") != std::string::npos;
  }
}

}  // namespace

TEST_CASE("Trap 40: a key of a recipe shows in the network or the report, or is an error, in every preset",
          "[presets]") {
  for (const KnownCheckpoint& known : own_checkpoints()) {
    INFO(known.file);
    const std::string path = recipe_of(known);
    const std::string recipe = path.empty() ? "" : read_file(path);
    const Checkpoint checkpoint = checkpoint_of(known.file);
    if (known.preset.empty()) continue;  // a generic recipe has keys of its own
    const std::string before = built(checkpoint, recipe);
    for (const Key& key : kKeys) {
      if (("\n" + recipe).find("\n" + key.key + " = ") != std::string::npos) continue;
      INFO("[" << key.section << "] " << key.key);
      bool any = false;
      for (const std::string& value : key.values) any = any || shows(checkpoint, recipe, before, key, value);
      CHECK(any);
    }
  }
}

TEST_CASE("Trap 40: what a preset settles otherwise is an error that says how it is", "[presets]") {
  const auto refused = [](const std::string& file, const std::string& recipe) {
    try {
      built(checkpoint_of(file), recipe);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK_THAT(refused("recbole/DIN.pth", "[epsilon]\ndice = 1e-9\n"),
             ContainsSubstring("[epsilon] dice: nothing of this network depends on it; leave it out"));
  CHECK_THAT(refused("librecommender/din_tf_variables.npz", "[attention]\nactivation = \"relu\"\n"),
             ContainsSubstring("[attention] activation"));
  CHECK_THAT(refused("librecommender/din_tf_variables.npz", "[inputs]\nhistory = [\"item\"]\n"),
             ContainsSubstring("[inputs] history: here it is always category, item; leave it out"));
}

}  // namespace dinghy::converter
