// Entries of the .index of TensorFlow checkpoints, damaged behind right checksums.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>

#include "converter/readers/storage.h"
#include "converter/readers/tensorflow/index_table.h"
#include "tests/converter/readers/damage/outcomes.h"
#include "tests/converter/readers/odd_files.h"
#include "tests/converter/readers/tensorflow/index_writer.h"

namespace dinghy::converter::test {
namespace {

namespace fs = std::filesystem;

Entries entries_of(const std::string& path) {
  const auto map = read_index_table(FileStorage(path), path);
  return {map.begin(), map.end()};
}

}  // namespace

TEST_CASE("damage: entries of the .index of a TensorFlow checkpoint", "[readers][repeats]") {
  const std::string name = GENERATE("training", "parts", "object_parts");
  const TemporaryFolder folder;
  fs::copy(fixture("tensorflow/" + name), folder.path("model"), fs::copy_options::recursive);
  const std::string index = folder.path("model/ckpt.index");
  const Entries sound = entries_of(index);
  const auto read = [&](const Entries& entries) {
    folder.write("model/ckpt.index", table(entries));
    return text_of(read_checkpoint(index));
  };
  Outcomes outcomes(read(sound), folder.path(""));
  const auto try_one = [&](const Entries& entries) { outcomes.count([&] { return read(entries); }); };
  for (std::size_t i = 0; i < sound.size(); ++i) {
    Entries entries = sound;
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
    try_one(entries);
    entries = sound;
    for_each_damage(sound[i].second, 0, sound[i].second.size(), [&](const std::string& damaged) {
      entries[i].second = damaged;
      try_one(entries);
    });
  }
  outcomes.check("tensorflow-" + name);
}

}  // namespace dinghy::converter::test
