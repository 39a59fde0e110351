#include "converter/presets/script_attention.h"

#include "converter/presets/activation_setting.h"
#include "converter/presets/layers.h"

namespace dinghy::converter {

Layer take_dense(Conversion& conversion, const std::string& scope, std::size_t inputs) {
  return take_linear(conversion.claims, scope + "/kernel", scope + "/bias", WeightLayout::in_out, inputs,
                     "the input of the layer");
}

std::vector<Layer> take_script_attention(Conversion& conversion, const std::string& scope, const std::string& tag,
                                         std::size_t width) {
  std::vector<Layer> layers;
  std::size_t inputs = 4 * width;
  for (const std::string name : {"f1_att", "f2_att", "f3_att"}) {
    layers.push_back(take_dense(conversion, scope + name + tag, inputs));
    inputs = width_of(layers.back());
    if (name != "f3_att") layers.back().activation = plain_activation(format::ActivationKind::sigmoid);
  }
  refuse_activation(conversion, conversion.recipe.attention.activation, "attention", "sigmoid");
  conversion.found("activation of the attention", "sigmoid", Certainty::preset);
  return layers;
}

}  // namespace dinghy::converter
