#include "tests/converter/golden/golden_lines.h"

#include <algorithm>
#include <filesystem>
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

// The rows of a case whose raw ids became rows by id_maps.json, which also has the category of every row of the items.
std::vector<Json> read_requests(const std::string& folder, const std::string& name) {
  std::vector<Json> requests = read_lines(folder + "/" + name);
  if (!std::filesystem::exists(folder + "/id_maps.json")) return requests;
  const Json maps = Json::parse(read_file(folder + "/id_maps.json"));
  if (!maps.contains("category_of_item_row")) return requests;
  const auto map_one = [&](Json& row) {
    row["item"] = maps["item_id"].at(std::to_string(row["item"].get<int>()));
    row["category"] = maps["category_of_item_row"].at(row["item"].get<std::size_t>());
  };
  for (Json& request : requests) {
    if (request.contains("item")) map_one(request);
    if (request.contains("candidates")) std::ranges::for_each(request["candidates"], map_one);
    request["history_categories"] = Json::array();
    for (Json& item : request["history_items"]) {
      item = maps["item_id"].at(std::to_string(item.get<int>()));
      request["history_categories"].push_back(maps["category_of_item_row"].at(item.get<std::size_t>()));
    }
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

std::vector<double> mapped_row(const Checkpoint& mapped, const std::string& name, std::size_t request) {
  return Expected::row(*mapped.find(name), request);
}

// LibRecommender's network takes rows of its tables: mapped.npz has them for users and items, item_features.npz the
// row of each item's category.
class RowIds {
 public:
  explicit RowIds(const std::string& folder)
      : mapped_(read_checkpoint(folder + "/mapped.npz")),
        categories_(read_checkpoint(folder + "/item_features.npz").find("item_sparse_unique")->values()) {}

  void replace_in(std::vector<Json>& requests, const std::string& prefix) const {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      Json& request = requests[i];
      request["user"] = static_cast<std::int64_t>(mapped_row(mapped_, prefix + "user", i)[0]);
      const std::vector<double> items = mapped_row(mapped_, prefix + "item", i);
      if (request.contains("candidates")) {
        for (std::size_t n = 0; n < items.size(); ++n) set_item(request["candidates"][n], items[n]);
      } else {
        set_item(request, items[0]);
      }
      const std::vector<double> history = mapped_row(mapped_, prefix + "history_items", i);
      for (std::size_t t = 0; t < request["history_items"].size(); ++t) {
        request["history_items"][t] = static_cast<std::int64_t>(history[t]);
        request["history_categories"][t] = category_of(history[t]);
      }
    }
  }

 private:
  void set_item(Json& row, double item) const {
    row["item"] = static_cast<std::int64_t>(item);
    row["category"] = category_of(item);
  }

  std::int64_t category_of(double item) const {
    return static_cast<std::int64_t>(categories_.at(static_cast<std::size_t>(item)));
  }

  Checkpoint mapped_;
  std::vector<double> categories_;
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
  std::vector<Json> rows = read_requests(folder, "rows.jsonl"), ranking = read_requests(folder, "ranking.jsonl");
  if (facts["package"] == "LibRecommender") {
    const RowIds ids(folder);
    ids.replace_in(rows, "");
    ids.replace_in(ranking, "rank_");
  }
  writer.append(text, rows, Expected(expected, "", left));
  writer.append(text, ranking, Expected(expected, "rank_", left));
  return text;
}

double tolerance_of_case(const std::string& folder) { return case_json(folder)["tolerance"]["prob"]; }

}  // namespace dinghy::converter
