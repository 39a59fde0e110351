#include "converter/readers/sharded.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "converter/error.h"
#include "converter/readers/path_inside.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"
#include "converter/text/text_file.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

// "model.safetensors.index.json", "pytorch_model.bin.index.json"
constexpr std::array<std::string_view, 2> kIndexSuffixes{".safetensors.index.json", ".bin.index.json"};
constexpr std::array<std::string_view, 2> kSingleNames{"model.safetensors", "pytorch_model.bin"};
constexpr std::uint64_t kMaxIndex = 100'000'000;
constexpr int kMaxDepth = 8;

struct Place {
  std::string tensor;
  std::string file;
};

// "weight_map" alone, entry by entry, in the index's order.
std::vector<Place> read_places(std::string_view text, const std::string& path) {
  std::vector<Place> places;
  std::string section, tensor;
  const auto consume = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kMaxDepth) throw Error(path, "nests deeper than an index does");
    if (depth == 1 && event == Json::parse_event_t::key) section = value.get<std::string>();
    // Keras 3 (save_weights with max_shard_size) has lists of files, too.
    if (section == "weight_map" && value.is_string() && value.get_ref<const std::string&>().ends_with(".weights.h5")) {
      throw Error(path,
                  "is the index of Keras weights in several files, which are not read; load them into the model and "
                  "save them in one: model.save_weights(\"model.weights.h5\")");
    }
    if (depth != 2 || section != "weight_map") return true;
    if (event == Json::parse_event_t::key) tensor = value.get<std::string>();
    if (event != Json::parse_event_t::value) return true;
    if (!value.is_string()) throw Error(path, "does not name the file of " + in_quotes(tensor));
    places.push_back({tensor, value.get<std::string>()});
    return false;
  };
  if (Json::parse(text, consume, false).is_discarded()) {
    throw Error(path, "is no valid JSON: it is truncated or damaged");
  }
  if (places.empty())
    throw Error(path, "has no \"weight_map\" with tensors; the index of a model in several files has one");
  return places;
}

// Each file once, and every tensor found by its name.
class Shards {
 public:
  using Read = std::function<Checkpoint(const std::string&)>;

  explicit Shards(const Read& read) : read_(read) {}

  void open(const std::string& folder, const std::string& file, const std::string& index) {
    if (files.contains(file)) return;
    const Checkpoint& shard = files.emplace(file, read_(path_inside(folder, file, index))).first->second;
    for (const Tensor& tensor : shard.tensors) tensors[file].emplace(tensor.name, &tensor);
    held += shard.tensors.size();
  }

  std::map<std::string, Checkpoint> files;
  std::map<std::string, std::unordered_map<std::string_view, const Tensor*>> tensors;
  std::size_t held = 0;

 private:
  const Read& read_;
};

bool is_model_file(const std::string& name) {
  return std::ranges::count(kSingleNames, name) > 0 ||
         std::ranges::any_of(kIndexSuffixes, [&](std::string_view suffix) { return name.ends_with(suffix); });
}

}  // namespace

std::optional<std::string> find_model_file(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (is_model_file(name)) names.push_back(name);
  }
  std::ranges::sort(names);
  if (names.size() > 1)
    throw Error(folder, "holds several models, " + listed(names) + "; give the path of one of them");
  return names.empty() ? std::nullopt : std::optional((std::filesystem::path(folder) / names[0]).string());
}

bool is_shard_index(std::string_view head) {
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  return head.starts_with('{') &&
         (head.find("\"weight_map\"") != std::string_view::npos || head.find("\"metadata\"") != std::string_view::npos);
}

Checkpoint read_sharded(const std::string& index_path, const std::function<Checkpoint(const std::string& path)>& read) {
  const std::filesystem::path index(index_path);
  const std::filesystem::path folder = index.has_parent_path() ? index.parent_path() : ".";
  const std::vector<Place> places =
      read_places(read_text_file(index_path, "an index is not so long", kMaxIndex), index_path);
  Shards shards(read);
  for (const Place& place : places) shards.open(folder.string(), place.file, index_path);
  const std::string format = shards.files.begin()->second.format;
  Checkpoint checkpoint{folder.string(), format + ", " + std::to_string(shards.files.size()) + " files", {}, {}};
  // The tool that cuts a model puts large tables into files of their own, and sorts the index.
  checkpoint.order_lost = true;
  for (const Place& place : places) {
    const auto found = shards.tensors[place.file].find(place.tensor);
    if (found == shards.tensors[place.file].end()) {
      throw Error((folder / place.file).string(), "lacks the tensor " + in_quotes(place.tensor) + " of the index");
    }
    checkpoint.tensors.push_back(*found->second);
  }
  if (shards.held != places.size()) {
    throw Error(index_path, "names " + std::to_string(places.size()) + " tensors, but its files hold " +
                                std::to_string(shards.held) + "; files and index do not belong together");
  }
  std::set<std::string> files{index.filename().string()};
  for (const auto& [file, shard] : shards.files) files.insert(file);
  checkpoint.files.assign(files.begin(), files.end());
  return checkpoint;
}

}  // namespace dinghy::converter
