#include "tests/converter/golden/golden_lines.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "converter/readers/read_checkpoint.h"
#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

Json case_json(const std::string& folder) { return Json::parse(read_file(folder + "/case.json")); }

std::vector<Json> read_lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<Json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
  return lines;
}

// Expected numbers, with a request's in one row: [requests][candidates], [requests][candidates][history].
struct Expected {
  const Tensor* scores;
  const Tensor* weights;  // nullptr where the case has none

  std::vector<double> row(const Tensor& tensor, std::size_t request) const {
    std::vector<double> values(tensor.numel() / static_cast<std::uint64_t>(tensor.shape[0]));
    tensor.read_rows(request, 1, values);
    return values;
  }

  void add_to(Json& line, std::size_t request, std::size_t candidates, std::size_t length) const {
    line["scores"] = row(*scores, request);
    if (!weights) return;
    const std::vector<double> padded = row(*weights, request);
    const std::size_t stride = padded.size() / candidates;
    Json attention = Json::array();
    for (std::size_t n = 0; n < candidates; ++n) {
      const auto begin = padded.begin() + static_cast<std::ptrdiff_t>(n * stride);
      attention.push_back(std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(length)));
    }
    line["attention"] = attention;
  }
};

// The columns of a list of candidates, with the dense features of the case.
Json candidate_columns(const Json& rows, const Json& dense) {
  Json columns;
  std::vector<std::string> names = {"item", "category"};
  for (const Json& name : dense) names.push_back(name);
  for (const std::string& name : names) {
    columns[name] = Json::array();
    for (const Json& row : rows) columns[name].push_back(row.at(name));
  }
  return columns;
}

void append_lines(std::string& text, const std::vector<Json>& requests, const Json& dense, const Expected& expected) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Json& request = requests[i];
    const Json candidates = request.contains("candidates") ? request["candidates"] : Json::array({request});
    Json line = {{"user", {{"user", request["user"]}}},
                 {"history", {{"item", request["history_items"]}, {"category", request["history_categories"]}}},
                 {"candidates", candidate_columns(candidates, dense)}};
    expected.add_to(line, i, candidates.size(), request["history_items"].size());
    text += line.dump() + "\n";
  }
}

}  // namespace

std::string golden_lines_of_case(const std::string& folder) {
  const Checkpoint expected = read_checkpoint(folder + "/expected.npz");
  const Json dense = case_json(folder).value("dense", Json::array());
  std::string text;
  append_lines(text, read_lines(folder + "/rows.jsonl"), dense, {expected.find("prob"), expected.find("att_weight")});
  append_lines(text, read_lines(folder + "/ranking.jsonl"), dense,
               {expected.find("rank_prob"), expected.find("rank_att_weight")});
  return text;
}

double tolerance_of_case(const std::string& folder) { return case_json(folder)["tolerance"]["prob"]; }

}  // namespace dinghy::converter
