#include "converter/readers/safetensors/sharded.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "converter/error.h"
#include "converter/readers/path_inside.h"
#include "converter/readers/safetensors/safetensors.h"
#include "converter/text/quotes.h"
#include "converter/text/text_file.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kIndexSuffix = ".safetensors.index.json";
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
  if (places.empty()) throw Error(path, "has no \"weight_map\" with tensors; the index of safetensors has one");
  return places;
}

// Each file once, and every tensor found by its name.
struct Shards {
  std::map<std::string, Checkpoint> files;
  std::map<std::string, std::unordered_map<std::string_view, const Tensor*>> tensors;
  std::size_t held = 0;

  void open(const std::string& folder, const std::string& file, const std::string& index) {
    if (files.contains(file)) return;
    const Checkpoint& shard = files.emplace(file, read_safetensors(path_inside(folder, file, index))).first->second;
    for (const Tensor& tensor : shard.tensors) tensors[file].emplace(tensor.name, &tensor);
    held += shard.tensors.size();
  }
};

}  // namespace

std::optional<std::string> find_safetensors_index(const std::string& folder) {
  std::optional<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().filename().string().ends_with(kIndexSuffix)) continue;
    if (found) throw Error(folder, "holds several indexes of safetensors; give the path of one of them");
    found = entry.path().string();
  }
  return found;
}

bool is_safetensors_index(std::string_view head) {
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  return head.starts_with('{') &&
         (head.find("\"weight_map\"") != std::string_view::npos || head.find("\"metadata\"") != std::string_view::npos);
}

Checkpoint read_sharded_safetensors(const std::string& index_path) {
  const std::filesystem::path index(index_path);
  const std::filesystem::path folder = index.has_parent_path() ? index.parent_path() : ".";
  const std::vector<Place> places = read_places(read_text_file(index_path, "an index is not so long", kMaxIndex), index_path);
  Shards shards;
  for (const Place& place : places) shards.open(folder.string(), place.file, index_path);
  Checkpoint checkpoint{folder.string(), "safetensors, " + std::to_string(shards.files.size()) + " files", {}, {}};
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
