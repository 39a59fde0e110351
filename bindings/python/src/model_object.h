// dinghy.Model: a model with the calls that it is lent to.
#pragma once

#include <nanobind/nanobind.h>

#include <string>

#include "bindings/python/src/call.h"
#include "bindings/python/src/pool.h"
#include "dinghy/model.h"

namespace dinghy::python {

class ModelObject {
 public:
  /// `path`: where a pickled model is opened again; empty for one that has no file.
  ModelObject(Model model, Settings settings, std::string path, bool copied);
  ModelObject(const ModelObject&) = delete;  // its calls point to it

  nanobind::object score(nanobind::handle user, nanobind::handle history, nanobind::handle candidates,
                         nanobind::handle context, bool attention);

  Pool<Call>::Lease call();  // with empty arguments

  const Model& model() const noexcept { return model_; }
  const Settings& settings() const noexcept { return settings_; }
  const RequestShape& shape() const noexcept { return shape_; }
  const std::string& path() const noexcept { return path_; }
  bool copied() const noexcept { return copied_; }
  const std::string& isa() const noexcept { return isa_; }
  /// The hash of the metadata, in which the hashes of all numbers stand, and the size of the file.
  std::string hash() const;

 private:
  Model model_;
  Settings settings_;
  std::string path_, isa_;
  bool copied_;
  RequestShape shape_;
  Pool<Call> calls_;
};

}  // namespace dinghy::python
