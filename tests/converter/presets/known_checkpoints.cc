#include "tests/converter/presets/known_checkpoints.h"

#include <filesystem>
#include <vector>

namespace dinghy::converter {
namespace {

const std::vector<KnownCheckpoint> kOwn = {
    {"ai-recommendersystem/din.ckpt.index", "ai-recommendersystem"},
    {"ai-recommendersystem/din.weights.h5", "ai-recommendersystem"},
    {"averaged-model/model.pth", "deepctr-torch"},
    {"deepctr-raw-hash/din.model.h5", "deepctr"},
    {"deepctr-softmax-bn/din.weights.h5", "deepctr"},
    {"deepctr-torch-raw/model.dynamo.onnx", "onnx"},
    {"deepctr-torch-raw/model.pth", "deepctr-torch"},
    {"deepctr-torch-raw/model.torchscript.onnx", "onnx"},
    {"deepctr-torch-sigmoid-bn/model.pth", "deepctr-torch"},
    {"deepctr-torch-sigmoid-bn/model.torchscript.onnx", "onnx"},
    {"deepctr-torch-softmax/model.pth", "deepctr-torch"},
    {"deepctr-torch-softmax/model.whole.pth", "deepctr-torch"},
    {"dien-form", "dien"},
    {"fuxictr-content/DIN.model", "fuxictr"},
    {"fuxictr-specs/DIN.model", "fuxictr"},
    {"fuxictr/DIN.model", "fuxictr"},
    {"librecommender-dot/din_tf_variables.npz", "librecommender"},
    {"librecommender-numbers/din_tf_variables.npz", "librecommender"},
    {"librecommender/din_tf_variables.npz", "librecommender"},
    {"lightning-ema/model.ckpt", "deepctr-torch"},
    {"nvidia-sim-dot", "nvidia-sim"},
    {"nvidia-sim-unit", "nvidia-sim"},
    {"packed-tables/model.pth", ""},
    {"paddlerec-form/rec_static.pdparams", "paddlerec"},
    {"prediction-flow/model.pt", "prediction-flow"},
    {"recbole/DIN.pth", "recbole"},
    {"rechorus-form/model.pt", "rechorus"},
    {"rechorus-numbers-form/model.pt", "rechorus"},
    {"reclearn-train/din.ckpt.index", "reclearn"},
    {"reclearn-train/din.weights.h5", "reclearn"},
    {"reclearn/din.ckpt.index", "reclearn"},
    {"reclearn/din_weights.h5", "reclearn"},
    {"seed-keras3-graph/din.ckpt.index", "seed"},
    {"seed-keras3/din.keras", "seed"},
    {"seed-npz/din.npz", "seed"},
    {"sparrow-form/din.model.h5", "sparrow"},
    {"torch-easyrec-form/model.ckpt-500", "torch-easyrec"},
    {"torch-easyrec-form/model.safetensors", "torch-easyrec"},
    {"torch-rechub-shared/model.pth", "torch-rechub"},
    {"torch-rechub-softmax/model.pth", "torch-rechub"},
    {"unknown-code/model.pth", ""},
    {"weight-norm/model.pth", "deepctr-torch"},
    {"widedeep/model.pt", "widedeep"},
    {"widedeep/model.whole.pt", "widedeep"},
    {"xdl-form", "xdl"},
    {"zhougr-form", "zhougr1993"},
};

#ifdef DINGHY_SHARED_DATA
const std::vector<KnownCheckpoint> kTrained = {
    {"deepctr-raw/din.model.h5", "deepctr"},
    {"deepctr-raw/din_weights.h5", "deepctr"},
    {"deepctr-raw/saved_model", "deepctr"},
    {"deepctr-raw/tf_checkpoint", "deepctr"},
    {"deepctr-softmax/din.keras", "deepctr"},
    {"deepctr-torch-raw/model.pth", "deepctr-torch"},
    {"deepctr-torch-sigmoid/model.pth", "deepctr-torch"},
    {"deepctr-torch-softmax/model.legacy.pth", "deepctr-torch"},
    {"deepctr-torch-softmax/model.whole.pth", "deepctr-torch"},
    {"dien-model-din/dnn_save_path", "dien"},
    {"fuxictr-raw/DIN.model", "fuxictr"},
    {"fuxictr-softmax-two-groups/DIN.model", "fuxictr"},
    {"librecommender-din/din_tf_variables.npz", "librecommender"},
    {"onnx-deepctr-torch-softmax/din.dynamo.onnx", "onnx"},
    {"onnx-deepctr-torch-softmax/din.torchscript.onnx", "onnx"},
    {"paddlerec-dygraph-incomplete/rec.pdparams", "paddlerec"},
    {"paddlerec-static/rec_static.pdparams", "paddlerec"},
    {"recbole-din/DIN.pth", "recbole"},
    {"rechorus-din/model.pt", "rechorus"},
    {"seed-keras3/din.weights.h5", "seed"},
    {"seed-small/din.model.h5", "seed"},
    {"seed-small/din.npz", "seed"},
    {"seed-small/din.safetensors", "seed"},
    {"seed-small/tf_checkpoint", "seed"},
    {"torch-rechub-raw/model.pth", "torch-rechub"},
    {"torch-rechub-softmax-pre/model.pth", "torch-rechub"},
    {"widedeep-din/model.pt", "widedeep"},
    {"zhougr-din-dice/save_path/ckpt.index", "zhougr1993"},
    {"zhougr-din/save_path", "zhougr1993"},
};
#else
const std::vector<KnownCheckpoint> kTrained;
#endif

bool is_read(const KnownCheckpoint& known) {
#ifdef DINGHY_WITHOUT_HDF5
  return !known.file.ends_with(".h5") && !known.file.ends_with(".keras");
#else
  return !known.file.empty();
#endif
}

std::vector<KnownCheckpoint> read_ones(std::vector<KnownCheckpoint> table) {
  std::erase_if(table, [](const KnownCheckpoint& known) { return !is_read(known); });
  return table;
}

}  // namespace

std::span<const KnownCheckpoint> own_checkpoints() {
  static const std::vector<KnownCheckpoint> table = read_ones(kOwn);
  return table;
}

std::span<const KnownCheckpoint> trained_checkpoints() {
  static const std::vector<KnownCheckpoint> table = read_ones(kTrained);
  return table;
}

std::string recipe_of(const KnownCheckpoint& known) {
  const std::string folder = known.file.substr(0, known.file.find('/'));
  if (folder == "rechorus-form") return DINGHY_SOURCE_DIR "/tests/recipes/rechorus-names.toml";
  if (folder == "lightning-ema") return kOwnFolder + folder + "/recipe.average.toml";  // it asks for one of two
  const bool whole = known.file.find(".whole.") != std::string::npos && known.preset == "deepctr-torch";
  const std::string recipe =
      kOwnFolder + folder + (known.file.ends_with(".onnx") ? "/recipe.onnx.toml" : "/recipe.toml");
  return !whole && std::filesystem::exists(recipe) ? recipe : std::string();
}

}  // namespace dinghy::converter
