// fanoping/DIN-pytorch, whose checkpoints lack the embeddings: recognised to be refused with the reason.
#include "converter/error.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {
namespace {

void build(Conversion& conversion) {
  // din/model.py:45-60 keeps the embeddings in a plain dict, din/dice.py:14-18 alpha in a plain tensor: neither gets
  // into a state_dict.
  throw Error(
      conversion.checkpoint.path,
      "lacks the embeddings: fanoping's DIN keeps them in a plain dict, so they were neither trained nor saved; "
      "put them into a torch.nn.ModuleDict, train again, and describe the network in a recipe with preset = "
      "\"generic\"");
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("attn.local_att.fc1.fc.0.weight") && checkpoint.find("fc_layer.fc.0.weight");
}

}  // namespace

extern const Preset kFanoping = {"fanoping", "fanoping/DIN-pytorch", recognises, build,
                                 "attn.local_att.fc1.fc.0.weight, fc_layer.fc.0.weight"};

}  // namespace dinghy::converter
