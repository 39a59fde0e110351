#include "converter/readers/tensorflow/bundle_path.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensorflow/index_table.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxStateFile = 1 << 20;

BundlePath split(const fs::path& prefix) {
  const fs::path folder = prefix.parent_path();
  return {folder.empty() ? "." : folder.string(), prefix.filename().string()};
}

/// The last checkpoint that a training wrote into a folder: model_checkpoint_path: "ckpt-1000".
std::string latest_prefix(const fs::path& state) {
  const FileStorage file(state.string());
  if (file.size() > kMaxStateFile) throw Error(state.string(), "is too large for the state file of a training");
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  const std::string key = "model_checkpoint_path:";
  const std::size_t begin = text.starts_with(key) ? 0 : text.find("\n" + key);
  const std::size_t open = begin == std::string::npos ? begin : text.find('"', begin);
  const std::size_t close = open == std::string::npos ? open : text.find('"', open + 1);
  if (close == std::string::npos) throw Error(state.string(), "names no model_checkpoint_path; give PREFIX.index");
  // Trainings write the path of their own machine: only the file's name still holds.
  const std::string name = fs::path(text.substr(open + 1, close - open - 1)).filename().string();
  if (name.empty() || name == "..") throw Error(state.string(), "names no checkpoint; give PREFIX.index");
  return name;
}

std::vector<std::string> prefixes_in(const fs::path& folder) {
  std::vector<std::string> prefixes;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".index" && entry.is_regular_file() &&
        is_index_table(FileStorage(entry.path().string()))) {
      prefixes.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(prefixes);
  return prefixes;
}

std::optional<BundlePath> find_in_folder(const fs::path& folder) {
  if (fs::exists(folder / "variables" / "variables.index")) return BundlePath{folder.string(), "variables/variables"};
  for (const char* name : {"saved_model.pb", "saved_model.pbtxt"}) {
    if (!fs::exists(folder / name)) continue;
    throw Error(folder.string(),
                "is a SavedModel without variables/variables.index, and its weights are in that folder; copy it with "
                "all that model.save or tf.saved_model.save wrote, variables/ too");
  }
  const std::vector<std::string> prefixes = prefixes_in(folder);
  if (prefixes.empty()) return std::nullopt;
  if (fs::is_regular_file(folder / "checkpoint"))
    return BundlePath{folder.string(), latest_prefix(folder / "checkpoint")};
  if (prefixes.size() > 1)
    throw Error(folder.string(), "holds the checkpoints " + listed(prefixes) + "; give PREFIX.index of one");
  return BundlePath{folder.string(), prefixes.front()};
}

}  // namespace

std::optional<BundlePath> find_bundle(const std::string& path) {
  const fs::path whole(path);
  if (fs::is_directory(whole)) return find_in_folder(whole);
  if (!fs::exists(whole)) return fs::exists(path + ".index") ? std::optional(split(whole)) : std::nullopt;
  const std::string name = whole.filename().string();
  if (name == "saved_model.pb" || name == "saved_model.pbtxt" || name == "keras_metadata.pb") {
    throw Error(path, "is a part of a SavedModel; give its folder");
  }
  for (const std::string suffix : {".data-", ".meta"}) {
    const std::string index = path.substr(0, path.rfind(suffix)) + ".index";
    if (path.rfind(suffix) != std::string::npos && fs::exists(index)) {
      throw Error(path, "is a part of a TensorFlow checkpoint; give " + index);
    }
  }
  if (!is_index_table(FileStorage(path))) return std::nullopt;
  if (whole.extension() != ".index")
    throw Error(path,
                "is the index of a TensorFlow checkpoint, but its name does not end in .index, so its .data files "
                "cannot be found");
  return split(fs::path(whole).replace_extension());
}

}  // namespace dinghy::converter
