// The files that LibRecommender's model.save and data_info.save write beside MODEL_tf_variables.npz.
#pragma once

#include <algorithm>
#include <string>

#include "converter/tensor.h"

namespace dinghy::converter {

inline const std::string kLibRecommenderNames = "_data_info_name_mapping.json";
inline const std::string kLibRecommenderSettings = "_hyper_parameters.json";
inline const std::string kLibRecommenderData = "_data_info.npz";

/// By the end of its name, which begins with the model's; nullptr where it is not there.
inline const Document* librecommender_file(const Checkpoint& checkpoint, const std::string& ending) {
  const auto found = std::ranges::find_if(checkpoint.documents,
                                          [&](const Document& document) { return document.name.ends_with(ending); });
  return found == checkpoint.documents.end() ? nullptr : &*found;
}

}  // namespace dinghy::converter
