// FuxiCTR's feature_encoder: what a feature's vectors go through behind the look-up, "nn.Linear(8, 4)" or a list.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// One module of an encoder, in the order in which they are applied.
struct FuxictrEncoder {
  enum class Kind { linear, activation, pooling };

  Kind kind = Kind::linear;
  std::string module;                           // behind the encoder's own name: "", or ".0" in a list
  std::optional<bool> has_bias = std::nullopt;  // of a linear layer, where the expression is known
  ActivationRecipe activation;                  // of the kind activation
  format::Pooling pooling = format::Pooling::sum;
};

/// The modules of Python expressions: one, or the elements of a list. Modules that only training needs are left out.
/// Throws Error at `where` for a module that is not known here, and for a second pooling.
std::vector<FuxictrEncoder> fuxictr_encoders(const std::vector<std::string>& expressions, bool is_list,
                                             const std::string& where);

/// The modules where nothing has the expression (feature_specs of parameters that are not here): a linear layer alone
/// is known by its tensors, which begin with `prefix`. Throws Error for other tensors.
std::vector<FuxictrEncoder> encoders_by_tensors(const Conversion& conversion, const std::string& prefix);

/// What the first module takes, where it is a linear layer whose tensor is there.
std::optional<std::size_t> input_width(const Conversion& conversion, const std::string& prefix,
                                       std::span<const FuxictrEncoder> encoders);

/// The layers of encoders without pooling, whose tensors begin with `prefix`.
std::vector<LayerRecipe> encoder_layers(const Conversion& conversion, const std::string& prefix,
                                        std::span<const FuxictrEncoder> encoders);

}  // namespace dinghy::converter
