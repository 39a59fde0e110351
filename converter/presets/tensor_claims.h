// Accounts for every tensor of a checkpoint: a preset takes it, or it is ignored with a reason.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

class TensorClaims {
 public:
  explicit TensorClaims(const Checkpoint& checkpoint) : checkpoint_(checkpoint), ignored_(checkpoint.left_out) {}

  bool has(const std::string& name) const { return checkpoint_.find(name) != nullptr; }
  /// Throws Error when the checkpoint lacks the tensor, or when it has been taken before.
  const Tensor& take(const std::string& name);
  /// A tensor that does not count for scores. Throws Error when the checkpoint lacks it or it has been taken.
  void ignore(const std::string& name, const std::string& reason);
  /// Ignores all tensors whose names end with `suffix`.
  void ignore_suffix(const std::string& suffix, const std::string& reason);

  /// Throws Error with the names of the tensors that are neither taken nor ignored.
  void require_all_used() const;

  /// Throws Error about a tensor: "model.pth: NAME: what".
  [[noreturn]] void fail(const std::string& name, const std::string& what) const;

  bool is_taken(const std::string& name) const { return taken_.contains(name); }
  std::size_t taken() const { return taken_.size(); }
  const std::vector<std::pair<std::string, std::string>>& ignored() const { return ignored_; }  // name, reason

 private:
  bool is_ignored(const std::string& name) const;

  const Checkpoint& checkpoint_;
  std::set<std::string> taken_;
  std::vector<std::pair<std::string, std::string>> ignored_;
};

}  // namespace dinghy::converter
