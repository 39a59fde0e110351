#include "converter/presets/activation_setting.h"

#include "converter/error.h"

namespace dinghy::converter {

void refuse_activation(const Conversion& conversion, std::optional<format::ActivationKind> by_recipe,
                       const std::string& part, const std::string& known) {
  if (!by_recipe) return;
  throw Error(conversion.recipe.where(), "[" + part + "] activation is " + format::EnumNameActivationKind(*by_recipe) +
                                             ", but the " + part + " of this checkpoint has " + known +
                                             "; leave it out");
}

}  // namespace dinghy::converter
