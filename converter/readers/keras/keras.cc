#include "converter/readers/keras/keras.h"

#include "converter/readers/keras/weights.h"
#include "converter/readers/storage.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxConfig = std::uint64_t{64} << 20;
const std::string kWeights = "model.weights.h5";
const std::string kConfig = "config.json";
const std::string kDocument = "model_config";

}  // namespace

const bool kReadsKeras = true;

Checkpoint read_keras_h5(const std::string& path) {
  KerasWeights weights = read_weights(std::make_shared<FileStorage>(path), path, {});
  Checkpoint checkpoint;
  checkpoint.path = path;
  checkpoint.format = weights.format;
  checkpoint.tensors = std::move(weights.tensors);
  if (weights.model_config) {
    checkpoint.documents.push_back({kDocument, path + ": " + kDocument, std::move(*weights.model_config)});
  }
  return checkpoint;
}

bool is_keras_archive(const Archive& archive) { return archive.contains(kWeights) && archive.contains(kConfig); }

Checkpoint read_keras_archive(const Archive& archive) {
  const std::vector<std::byte> config = archive.bytes(kConfig, kMaxConfig);
  Checkpoint checkpoint;
  checkpoint.path = archive.path();
  checkpoint.format = "keras archive";
  checkpoint.documents.push_back(
      {kDocument, archive.place(kConfig), std::string(reinterpret_cast<const char*>(config.data()), config.size())});
  const LayerNames names = layer_names_of(checkpoint.documents.front());
  checkpoint.tensors = read_weights(archive.storage(kWeights), archive.place(kWeights), names).tensors;
  return checkpoint;
}

}  // namespace dinghy::converter
