// dinghy inspect, as a user runs it.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <regex>
#include <sstream>

#include "converter/model_file/writer.h"
#include "converter/table_form.h"
#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

CommandResult inspect(const std::string& options, const std::string& golden = {}) {
  const TemporaryFolder folder;
  write_arithmetic_model(folder.path("m.dinghy"), golden);
  return run_dinghy("inspect " + folder.path("m.dinghy") + options);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("inspect describes the network in the words of the paper", "[commands]") {
  const CommandResult result = inspect("");
  CHECK(result.errors == "");
  CHECK(result.status == 0);
  CHECK(result.output.find(
            "network\n"
            "  behaviour history \"clicks\": the last 4 behaviours\n"
            "  interest \"interest\": query [item_id], keys [item_id] of \"clicks\"\n"
            "    local activation unit: [q, k, q-k, q*k] 8 -> 2 sigmoid -> 1, softmax, weighted sum, empty history: "
            "zero\n"
            "  tower: [user_id 1, hour 1, item_id 2, brand 1, interest 2]\n"
            "    7 -> 1 -> 1\n"
            "  score: logit\n") != std::string::npos);
}

TEST_CASE("inspect lists features, tables, origin and ISAs", "[commands]") {
  const std::string output = inspect("").output;
  for (const char* part :
       {"  name     role       kind       in history  width  table   history table\n",
        "  item_id  candidate  id         yes         2      items   items\n",
        "  brand    candidate  id string  no          1      brands  -\n",
        "  hour     context    dense 1    no          1      -       -\n",
        "  brands  3     1      f32        12 B   2 string keys  row 0\n", "golden rows: none",
        "  package     arithmetic 1.0\n", "  note        softmax: assumed\n", "ISAs of this build: ", "reference"}) {
    CAPTURE(part, output);
    CHECK(output.find(part) != std::string::npos);
  }
}

TEST_CASE("inspect --json lists the features by name, role, kind and history", "[commands]") {
  const std::string output = inspect(" --json").output;
  const std::string compact = std::regex_replace(output, std::regex("\\s+"), " ");
  CHECK(compact.find(R"("features": [ { "name": "user_id", "role": "user", "kind": "id", "in_history": false,)") !=
        std::string::npos);
  CHECK(compact.find(R"({ "name": "item_id", "role": "candidate", "kind": "id", "in_history": true,)") !=
        std::string::npos);
  CHECK(compact.find(R"("golden": null)") != std::string::npos);
}

TEST_CASE("inspect tells rows whose scales are floats from rows whose scales are halves", "[commands]") {
  const TemporaryFolder folder;
  Network network = arithmetic_network();
  set_form(network.tables[0], format::RowForm::i8);
  set_form(network.tables[1], format::RowForm::i8_half);
  write_model(network, {}, {}, folder.path("m.dinghy"));
  const std::string output = run_dinghy("inspect " + folder.path("m.dinghy")).output;
  CHECK(output.find("  users   4     1      i8         36 B") != std::string::npos);
  CHECK(output.find("  items   8     2      i8h        48 B") != std::string::npos);
  const std::string json = run_dinghy("inspect --json " + folder.path("m.dinghy")).output;
  const std::string compact = std::regex_replace(json, std::regex("\\s+"), " ");
  CHECK(compact.find(R"("encoding": "i8", "scale_type": "f32")") != std::string::npos);
  CHECK(compact.find(R"("encoding": "i8", "scale_type": "f16")") != std::string::npos);
}

TEST_CASE("inspect gives each section its share of the file, and the sections are all of it", "[commands]") {
  const TemporaryFolder folder;
  Network network = arithmetic_network();
  network.tables.push_back(network.tables[1]);
  network.tables.back().name = "hist_items";  // shares the rows of items
  network.features[2].history_table = 3;
  write_model(network, {}, {}, folder.path("m.dinghy"));
  const std::string output = run_dinghy("inspect " + folder.path("m.dinghy")).output;
  const std::string sections =
      output.substr(output.find("\nsections\n"), output.find("\ngolden rows") - output.find("\nsections\n"));
  for (const char* name : {"  header ", "  metadata ", "  dense ", "  vocabulary brands ", "  table users ",
                           "  table items, hist_items ", "  table brands ", "  between them "}) {
    CAPTURE(name, sections);
    CHECK(sections.find(name) != std::string::npos);
  }
  std::uint64_t bytes = 0;
  for (std::smatch row; const auto& line : lines_of(sections)) {
    if (std::regex_search(line, row, std::regex(R"((\d+) +\d+\.\d %$)"))) bytes += std::stoull(row[1]);
  }
  CHECK(bytes == std::filesystem::file_size(folder.path("m.dinghy")));
}

TEST_CASE("inspect of something else than a model is an error with status 1", "[commands]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("x.dinghy", "not a model");
  const CommandResult result = run_dinghy("inspect " + path);
  CHECK(result.status == 1);
  CHECK(result.errors.starts_with("dinghy: " + path + ": "));
  CHECK(result.output == "");
}

}  // namespace dinghy::converter
