// MetaSpore's DIN, whose module holds no embeddings: recognised to be refused with the reason.
#include "converter/error.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {
namespace {

void build(Conversion& conversion) {
  // python/metaspore/algos/sequential/din/din_net.py:74: EmbeddingLookup reads a parameter server by hashed columns.
  throw Error(conversion.checkpoint.path,
              "lacks the embeddings: MetaSpore keeps them in its parameter server; put the rows of each column into "
              "tables beside these tensors, and describe the network in a recipe with preset = \"generic\" and pads = "
              "\"zero_logit\"");
}

bool recognises(const Checkpoint& checkpoint) {
  for (const Tensor& tensor : checkpoint.tensors) {
    if (tensor.name.starts_with("DIN_attention.att_mlp_layers.dnn.")) return true;
  }
  return false;
}

}  // namespace

extern const Preset kMetaSpore = {"metaspore", "MetaSpore", recognises, build, "DIN_attention.att_mlp_layers.dnn"};

}  // namespace dinghy::converter
