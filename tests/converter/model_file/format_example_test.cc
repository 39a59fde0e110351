// The worked example of schema/FORMAT.md is a real file: this test writes it and compares every byte that is shown.
#include <catch2/catch_test_macros.hpp>
#include <cstdio>

#include "converter/model_file/writer.h"
#include "dinghy/model.h"
#include "tests/converter/commands/command.h"
#include "tests/converter/memory_tensor.h"

namespace dinghy::converter {
namespace {

// One item feature, candidate and history, of three rows and two vocabulary keys; one logit of attention, one of tower.
Network example_network() {
  Network network;
  network.name = "tiny";
  network.vocabularies = {{"items", {{1000, 1}, {2000, 2}}, {}}};
  Table table;
  table.name = "item";
  table.source = memory_tensor("item", {3, 2}, {0, 0, 1, 2, 3, 4});
  table.vocabulary = 0;
  network.tables = {table};
  network.sequences = {Sequence{}};
  Feature item;
  item.name = "item";
  item.width = 2;
  item.sequence = item.table = item.history_table = 0;
  network.features = {item};
  Interest interest;
  interest.fields = {{0, 0}};
  interest.layers = {{Matrix{8, 1, {0, 0, 0, 0, 0, 0, 1, 1}}, {}, {}}};
  network.interests = {interest};
  network.tower_parts = {{{format::Source::feature, 0, 0, 2}, {}}, {{format::Source::interest, 0, 0, 2}, {}}};
  network.tower = {{Matrix{4, 1, {0.5, 0.5, 0.25, 0.25}}, {-1}, {}}};
  return network;
}

// As `hexdump -C` prints it: a line that repeats the one before is a star.
std::string hex_dump(const std::string& bytes) {
  std::string text, before;
  bool star = false;
  char number[24];
  for (std::size_t begin = 0; begin < bytes.size(); begin += 16) {
    const std::string line = bytes.substr(begin, 16);
    if (line == before) {
      if (!star) text += "*\n";
      star = true;
      continue;
    }
    star = false;
    before = line;
    std::snprintf(number, sizeof(number), "%08zx ", begin);
    text += number;
    for (std::size_t i = 0; i < 16; ++i) {
      if (i == 8) text += ' ';
      if (i < line.size()) std::snprintf(number, sizeof(number), " %02x", static_cast<unsigned char>(line[i]));
      text += i < line.size() ? number : "   ";
    }
    text += "  |";
    for (const char c : line) text += c >= 0x20 && c < 0x7f ? c : '.';
    text += "|\n";
  }
  std::snprintf(number, sizeof(number), "%08zx\n", bytes.size());
  return text + number;
}

}  // namespace

TEST_CASE("FORMAT.md shows the bytes that the writer writes and the engine opens", "[model_file]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("tiny.dinghy");
  write_model(example_network(), {}, {}, path);
  const Result<Model> model = Model::open(path.c_str());
  INFO(model.status().message());
  REQUIRE(model.ok());
  CHECK(model->features().size() == 1);

  const std::string document = read_file(DINGHY_SOURCE_DIR "/schema/FORMAT.md");
  const std::string start = "```hexdump\n";
  const std::size_t begin = document.find(start);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = document.find("```", begin + start.size());
  CHECK(document.substr(begin + start.size(), end - begin - start.size()) == hex_dump(read_file(path)));
}

}  // namespace dinghy::converter
