#include "tests/converter/golden/golden_lines.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/readers/read_checkpoint.h"
#include "dinghy/model.h"
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

// Calls change(item, category) for every item of a request with its category.
template <class Change>
void for_each_item(std::vector<Json>& requests, const Change& change) {
  for (Json& request : requests) {
    if (request.contains("item")) change(request["item"], request["category"]);
    if (request.contains("candidates")) {
      for (Json& row : request["candidates"]) change(row["item"], row["category"]);
    }
    for (std::size_t i = 0; i < request["history_items"].size(); ++i) {
      change(request["history_items"][i], request["history_categories"][i]);
    }
  }
}

// Requests have the raw ids of their package.
std::vector<Json> read_requests(const std::string& folder, const std::string& name, const std::string& package) {
  std::vector<Json> requests = read_lines(folder + "/" + name);
  if (package == "recbole") {  // the categories of its data set are "c1", "c2" …
    for_each_item(requests, [](const Json&, Json& category) { category = "c" + category.dump(); });
  }
  if (package == "LibRecommender") {  // to the package an item that it does not know has no category
    const Json maps = Json::parse(read_file(folder + "/id_maps.json"));
    for_each_item(requests, [&](const Json& item, Json& category) {
      if (!maps["item"].contains(item.dump())) category = -1;
    });
  }
  return requests;
}

// Expected numbers, with a request's in one row: [requests][candidates], [requests][candidates][history].
struct Expected {
  const Tensor* scores;
  std::vector<const Tensor*> weights;  // one for each interest; none where the case has none
  bool padded_left;                    // where in a row of weights the behaviours are

  Expected(const Checkpoint& expected, const std::string& prefix, bool left)
      : scores(expected.find(prefix + "prob")), padded_left(left) {
    if (const Tensor* only = expected.find(prefix + "att_weight")) weights.push_back(only);
    while (const Tensor* next = expected.find(prefix + "att_weight_" + std::to_string(weights.size()))) {
      weights.push_back(next);
    }
  }

  static std::vector<double> row(const Tensor& tensor, std::size_t request) {
    std::vector<double> values(tensor.numel() / static_cast<std::uint64_t>(tensor.shape[0]));
    tensor.read_rows(request, 1, values);
    return values;
  }

  Json attention(const Tensor& tensor, std::size_t request, std::size_t candidates, std::size_t length) const {
    const std::vector<double> padded = row(tensor, request);
    const std::size_t stride = padded.size() / candidates;
    Json rows = Json::array();
    for (std::size_t n = 0; n < candidates; ++n) {
      const std::size_t first = n * stride + (padded_left ? stride - length : 0);
      const auto begin = padded.begin() + static_cast<std::ptrdiff_t>(first);
      rows.push_back(std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(length)));
    }
    return rows;
  }

  void add_to(Json& line, std::size_t request, std::size_t candidates, std::size_t length) const {
    line["scores"] = row(*scores, request);
    Json interests = Json::array();
    for (const Tensor* tensor : weights) interests.push_back(attention(*tensor, request, candidates, length));
    if (!interests.empty()) line["attention"] = interests.size() == 1 ? interests[0] : interests;
  }
};

// Requests name what the model knows and nothing else: not every network takes the user or the category.
class LineWriter {
 public:
  LineWriter(const Model& model, const Json& facts)
      : model_(model),
        dense_(facts.value("dense", Json::array())),
        neutral_names_(facts.value("neutral_names", Json::object())) {}

  void append(std::string& text, const std::vector<Json>& requests, const Expected& expected) const {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const Json& request = requests[i];
      const Json candidates = request.contains("candidates") ? request["candidates"] : Json::array({request});
      Json line = {{"user", known({{"user", request["user"]}})},
                   {"history", history_columns(request)},
                   {"candidates", candidate_columns(candidates)}};
      expected.add_to(line, i, candidates.size(), request["history_items"].size());
      text += line.dump() + "\n";
    }
  }

 private:
  Json known(const Json& columns) const {
    Json kept = Json::object();
    for (const auto& [name, column] : columns.items()) {
      const std::string asked = name_in_model(name);
      if (model_.feature(asked)) kept[asked] = column;
    }
    return kept;
  }

  std::string name_in_model(const std::string& neutral) const {
    for (const auto& [name, meaning] : neutral_names_.items()) {
      if (meaning == neutral && model_.feature(name)) return name;
    }
    return model_.feature(neutral) || !model_.feature(neutral + "_id") ? neutral : neutral + "_id";
  }

  Json history_columns(const Json& request) const {
    const Json columns = known({{name_in_history("item"), request["history_items"]},
                                {name_in_history("category"), request["history_categories"]}});
    Json kept = Json::object();
    for (const auto& [name, column] : columns.items()) {
      if (model_.features()[*model_.feature(name)].in_history) kept[name] = column;
    }
    return kept;
  }

  // A column of the history may be a feature of its own.
  std::string name_in_history(const std::string& neutral) const {
    return model_.feature("hist_" + neutral) ? "hist_" + neutral : neutral;
  }

  Json candidate_columns(const Json& rows) const {
    Json columns;
    std::vector<std::string> names = {"item", "category"};
    for (const Json& name : dense_) names.push_back(name);
    for (const std::string& name : names) {
      columns[name] = Json::array();
      for (const Json& row : rows) columns[name].push_back(row.at(name));
    }
    return known(columns);
  }

  const Model& model_;
  Json dense_, neutral_names_;
};

}  // namespace

std::string golden_lines_of_case(const std::string& folder, const std::string& model_path) {
  const Result<Model> model = Model::open(model_path.c_str());
  if (!model.ok()) throw Error(model_path, model.status().message());
  const Checkpoint expected = read_checkpoint(folder + "/expected.npz");
  const Json facts = case_json(folder);
  const std::string layout = facts.value("attention", Json::object()).value("layout", "");
  const bool left = layout.starts_with("model layout") && facts["pad_side"] == "left";
  std::string text;
  const LineWriter writer(*model, facts);
  const std::string package = facts["package"];
  writer.append(text, read_requests(folder, "rows.jsonl", package), Expected(expected, "", left));
  writer.append(text, read_requests(folder, "ranking.jsonl", package), Expected(expected, "rank_", left));
  return text;
}

double tolerance_of_case(const std::string& folder) { return case_json(folder)["tolerance"]["prob"]; }

}  // namespace dinghy::converter
