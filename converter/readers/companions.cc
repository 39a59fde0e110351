#include "converter/readers/companions.h"

#include <algorithm>
#include <filesystem>

#include "converter/error.h"
#include "converter/readers/archive.h"
#include "converter/readers/numpy/column_means.h"
#include "converter/readers/numpy/id_list.h"
#include "converter/text/text_file.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxSize = 256ull << 20;

// FuxiCTR's feature map and vocabulary; EasyRec's and TorchEasyRec's configuration; model.to_json() of Keras.
constexpr const char* kKnownNames[] = {"feature_map.json", "feature_vocab.json", "pipeline.config",
                                       "model_config.json"};

// The lists of ids in an .npz, each a document "FILE: NAME"; other arrays are no texts. LibRecommender pads the numbers
// of items with their means, and these are all that is wanted of the matrix.
void add_lists(Checkpoint& checkpoint, const std::string& path) {
  const auto archive = Archive::open(path);
  const std::string file = std::filesystem::path(path).filename().string();
  for (const std::string& member : archive->names()) {
    const std::string place = archive->place(member);
    auto list = member == "item_dense_unique.npy" ? column_means_of_npy(archive->storage(member), place)
                                                  : id_list_of_npy(archive->storage(member), place);
    const std::string name = member.ends_with(".npy") ? member.substr(0, member.size() - 4) : member;
    if (list) checkpoint.documents.push_back({file + ": " + name, place, std::move(*list)});
  }
}

const Document* find_of_file(const Checkpoint& checkpoint, const std::string& name) {
  const auto found = std::ranges::find_if(checkpoint.documents, [&](const Document& document) {
    return document.name == name || document.name.starts_with(name + ": ");
  });
  return found == checkpoint.documents.end() ? nullptr : &*found;
}

void add(Checkpoint& checkpoint, const std::string& path) {
  if (InputFile(path).size() > kMaxSize) throw Error(path, "is over 256 MiB: too large for a file beside a checkpoint");
  if (path.ends_with(".npz")) return add_lists(checkpoint, path);
  std::string text = read_text_file(path, "give the file that the package wrote", kMaxSize);
  checkpoint.documents.push_back({std::filesystem::path(path).filename().string(), path, std::move(text)});
}

}  // namespace

void add_companions(Checkpoint& checkpoint, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const std::string name = std::filesystem::path(path).filename().string();
    if (const Document* other = find_of_file(checkpoint, name)) {
      throw Error(path, "has the name of " + other->source + "; give one of them");
    }
    add(checkpoint, path);
  }
  const std::filesystem::path whole(checkpoint.path);
  std::vector<std::filesystem::path> folders = {std::filesystem::is_directory(whole) ? whole : whole.parent_path()};
  // TorchEasyRec's checkpoint is the folder model.ckpt-N/model beside its configuration.
  const std::filesystem::path named = whole.filename() == "model" ? whole.parent_path() : whole;
  if (named.filename().string().starts_with("model.ckpt-")) folders.push_back(named.parent_path());
  // FuxiCTR's log of the training that wrote the checkpoint: MODEL.log beside MODEL.model.
  std::vector<std::string> names(std::begin(kKnownNames), std::end(kKnownNames));
  names.push_back(whole.stem().string() + ".log");
  // LibRecommender's names of features, raw ids and settings, beside MODEL_tf_variables.npz.
  const std::string stem = whole.stem().string(), variables = "_tf_variables";
  if (stem.ends_with(variables)) {
    for (const char* ending : {"_data_info_name_mapping.json", "_data_info.npz", "_hyper_parameters.json"}) {
      names.push_back(stem.substr(0, stem.size() - variables.size()) + ending);
    }
  }
  for (const std::filesystem::path& folder : folders) {
    for (const std::string& name : names) {
      const std::filesystem::path path = folder / name;
      if (!find_of_file(checkpoint, name) && std::filesystem::is_regular_file(path)) add(checkpoint, path.string());
    }
  }
}

}  // namespace dinghy::converter
