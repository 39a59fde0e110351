// fun-rec's DIN, whose attention normalizes by the batch that is being scored: recognised to be refused with the
// reason.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {
namespace {

// models/din.py:44 calls the layer after its history, "last_k_clicked_items_din_layer"; a file without names has the
// class instead.
bool is_attention(const Tensor& tensor) {
  const std::string layer = tensor.name.substr(0, tensor.name.find('/'));
  return layer.ends_with("_din_layer") || is_keras_layer(layer, "din_attention_layer");
}

bool has_dice(const Checkpoint& checkpoint) {
  return std::ranges::any_of(checkpoint.tensors, [](const Tensor& tensor) {
    return is_attention(tensor) && tensor.name.find("/dice") != std::string::npos;
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
              "only; train with a Dice that keeps moving statistics, or with "
              "DinAttentionLayer(ffn_activation=\"sigmoid\")");
}

bool recognises(const Checkpoint& checkpoint) { return std::ranges::any_of(checkpoint.tensors, is_attention); }

}  // namespace

extern const Preset kFunRec = {"fun-rec", "fun-rec", recognises, build, "…_din_layer/…"};

}  // namespace dinghy::converter
