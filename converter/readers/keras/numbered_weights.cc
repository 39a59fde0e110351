#include "converter/readers/keras/numbered_weights.h"

#include <set>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kLeastBytesOfAGroup = 16;  // more groups than the file has room for are one group, linked often
const std::string kVariables = "vars";
const std::set<std::string> kContainers = {"layers", "_layer_checkpoint_dependencies"};  // the latter up to Keras 2.14
const std::set<std::string> kBesideTheModel = {"optimizer", "metrics", "compiled_metrics"};

class Walk {
 public:
  Walk(const H5File& file, const LayerNames& names)
      : file_(file),
        names_(names),
        written_with_names_(file.has_group(kVariables) && file.texts(kVariables, "name").has_value()),
        groups_left_(1000 + file.size() / kLeastBytesOfAGroup) {}

  /// Takes the variables in `group`, and all below it. `named` is the name that its layers have given so far.
  void visit(const std::string& group, const std::string& named) {
    if (groups_left_-- == 0) throw Error(file_.place(group), "is linked more often than the file has room for");
    for (const H5Link& link : file_.links(group)) {
      if (!link.is_group || (group.empty() && kBesideTheModel.contains(link.name))) continue;
      const std::string path = group.empty() ? link.name : group + "/" + link.name;
      if (link.name == kVariables)
        take_variables(path, named);
      else
        visit(path, name_of(path, link.name, named));
    }
  }

  std::vector<H5Dataset> finish() {
    if (!unique_) return std::move(weights_);
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i].name = std::move(layer_names_[i]);
    return std::move(weights_);
  }

 private:
  std::string name_of(const std::string& path, const std::string& link, const std::string& named) const {
    const std::string front = named.empty() ? "" : named + "/";
    if (const auto known = names_.find(path); known != names_.end()) return front + known->second;
    if (kContainers.contains(link)) return named;
    const bool has_variables = file_.has_group(path + "/" + kVariables);
    const auto attribute = has_variables ? file_.texts(path + "/" + kVariables, "name") : std::nullopt;
    if (attribute && attribute->size() == 1) return front + attribute->front();
    // Lists of layers have no variables, and their layers' own names need no list's name in front.
    return has_variables || !written_with_names_ ? front + link : named;
  }

  void take_variables(const std::string& path, const std::string& named) {
    for (const H5Link& link : file_.links(path)) {
      if (link.is_group) continue;
      weights_.push_back(file_.dataset(path + "/" + link.name));
      layer_names_.push_back((named.empty() ? "" : named + "/") + kVariables + "/" + link.name);
      unique_ &= seen_.insert(layer_names_.back()).second;
    }
  }

  const H5File& file_;
  const LayerNames& names_;
  bool written_with_names_;
  std::uint64_t groups_left_;
  std::vector<H5Dataset> weights_;
  std::vector<std::string> layer_names_;
  std::set<std::string> seen_;
  bool unique_ = true;
};

}  // namespace

bool holds_numbered_weights(const H5File& file) {
  for (const std::string& container : kContainers) {
    if (file.has_group(container)) return true;
  }
  return file.has_group(kVariables);
}

std::vector<H5Dataset> read_numbered_weights(const H5File& file, const LayerNames& names) {
  Walk walk(file, names);
  walk.visit("", "");
  return walk.finish();
}

}  // namespace dinghy::converter
