#include "converter/presets/tensor_claims.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

std::vector<std::string> names_of(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const Tensor& tensor : checkpoint.tensors) names.push_back(tensor.name);
  return names;
}

}  // namespace

const Tensor& TensorClaims::take(const std::string& name) {
  const Tensor* tensor = checkpoint_.find(name);
  if (!tensor) {
    throw Error(checkpoint_.path, "lacks the tensor " + in_quotes(name) + did_you_mean(name, names_of(checkpoint_)) +
                                      "; the file is incomplete, or another preset or recipe fits it");
  }
  if (!taken_.insert(name).second) {
    throw Error(checkpoint_.path, "the tensor " + in_quotes(name) + " is used twice; the recipe names it twice");
  }
  return *tensor;
}

void TensorClaims::ignore(const std::string& name, const std::string& reason) {
  if (!has(name)) {
    throw Error(checkpoint_.path, "has no tensor " + in_quotes(name) + " that could be ignored" +
                                      did_you_mean(name, names_of(checkpoint_)));
  }
  if (taken_.contains(name)) {
    throw Error(checkpoint_.path, "the tensor " + in_quotes(name) + " is part of the network and cannot be ignored");
  }
  if (!is_ignored(name)) ignored_.emplace_back(name, reason);
}

void TensorClaims::ignore_suffix(const std::string& suffix, const std::string& reason) {
  for (const Tensor& tensor : checkpoint_.tensors) {
    if (tensor.name.ends_with(suffix)) ignore(tensor.name, reason);
  }
}

void TensorClaims::require_all_used() const {
  std::vector<std::string> left;
  for (const Tensor& tensor : checkpoint_.tensors) {
    if (!taken_.contains(tensor.name) && !is_ignored(tensor.name)) left.push_back(tensor.name + tensor.shape_text());
  }
  if (left.empty()) return;
  throw Error(checkpoint_.path, "no use known for " + listed(left) +
                                    "; give each a reason in the recipe's [ignore], or choose another preset");
}

void TensorClaims::fail(const std::string& name, const std::string& what) const {
  throw Error(checkpoint_.path + ": " + name, what);
}

bool TensorClaims::is_ignored(const std::string& name) const {
  return std::any_of(ignored_.begin(), ignored_.end(), [&](const auto& entry) { return entry.first == name; });
}

}  // namespace dinghy::converter
