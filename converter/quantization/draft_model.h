// A model that is written only to be measured.
#pragma once

#include <string>

#include "converter/model_file/output_file.h"
#include "converter/network.h"
#include "dinghy/model.h"

namespace dinghy::converter {

/// The network as a model, in a file beside `output` that goes away with this object. `checkpoint` names it in errors.
/// One at a time, and none while an OutputFile is open.
class DraftModel {
 public:
  DraftModel(const Network& network, const std::string& checkpoint, const std::string& output);

  const Model& model() const { return model_; }

 private:
  OutputFile file_;
  Model model_;
};

}  // namespace dinghy::converter
