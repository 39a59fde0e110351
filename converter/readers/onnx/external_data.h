// Tensors of an ONNX model that lie in files beside it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The files beside one model, each opened once. A file has to lie in the model's folder or below, and the way to it
/// may hold neither ".." nor links: a model from elsewhere must not read what else is on this machine.
class ExternalData {
 public:
  explicit ExternalData(const std::string& model_path);

  /// The bytes that the entries of a tensor's external_data name ("location", "offset", "length"). Throws Error at
  /// `where` for a location outside the folder, a missing file, and a range outside the file.
  std::shared_ptr<const Storage> storage(const std::map<std::string, std::string>& entries, const std::string& where);

  /// The locations of the files that were read, sorted.
  std::vector<std::string> files() const;

 private:
  std::shared_ptr<const Storage> open(const std::string& location, const std::string& where);

  std::string folder_;
  std::map<std::string, std::shared_ptr<const Storage>> files_;
};

}  // namespace dinghy::converter
