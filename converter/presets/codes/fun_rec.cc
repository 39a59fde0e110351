// fun-rec's DIN, whose attention normalizes by the batch that is being scored: recognised to be refused with the
// reason.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {
namespace {

bool has_dice(const Checkpoint& checkpoint) {
  return std::ranges::any_of(checkpoint.tensors, [](const Tensor& tensor) {
    return tensor.name.starts_with("din_attention_layer") && tensor.name.find("/dice") != std::string::npos;
  });
}

void build(Conversion& conversion) {
  const std::string& path = conversion.checkpoint.path;
  if (!has_dice(conversion.checkpoint)) {
    throw Error(path,
                "is fun-rec's DIN with another activation than Dice in its attention, which no preset knows; "
                "describe the network in a recipe with preset = \"generic\"");
  }
  // src/funrec/models/layers.py, Dice.call: mean and variance over axis 0, which is the batch.
  throw Error(path,
              "is fun-rec's DIN, whose attention normalizes Dice at each position of the history by the mean and "
              "variance of the batch that is being scored: a request alone has no score, and --calibrate knows towers "
              "only; train with a Dice that keeps moving statistics, or with ffn_activation = \"sigmoid\"");
}

bool recognises(const Checkpoint& checkpoint) { return !keras_layers(checkpoint, "", "din_attention_layer").empty(); }

}  // namespace

extern const Preset kFunRec = {"fun-rec", "fun-rec", recognises, build, "din_attention_layer/…"};

}  // namespace dinghy::converter
