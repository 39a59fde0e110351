#include "converter/readers/tensorflow/variable_names.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace dinghy::converter {
namespace {

constexpr std::string_view kAttribute = "/.ATTRIBUTES/VARIABLE_VALUE";

/// The digits that `text` begins with, without leading zeros.
std::string_view number_at(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && std::isdigit(static_cast<unsigned char>(text[size])) != 0) ++size;
  text = text.substr(0, size);
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  return text;
}

bool naturally_less(std::string_view a, std::string_view b) {
  const auto is_digit = [](std::string_view text) { return std::isdigit(static_cast<unsigned char>(text[0])) != 0; };
  while (!a.empty() && !b.empty()) {
    if (is_digit(a) && is_digit(b)) {
      const std::string_view left = number_at(a), right = number_at(b);
      if (left.size() != right.size()) return left.size() < right.size();
      if (left != right) return left < right;
      const auto skip = [](std::string_view& text) {
        text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
      };
      skip(a);
      skip(b);
      continue;
    }
    if (a[0] != b[0]) return a[0] < b[0];
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.size() < b.size();
}

std::string without_end(std::string text, std::string_view end) {
  if (text.ends_with(end)) text.resize(text.size() - end.size());
  return text;
}

// ---- Keras 3, whose variables are called "attention/kernel" or "din/kernel" in every layer inside another
// ---------------

bool has_numbered_layers(std::string_view path) {
  return path.find("_operations/") != path.npos || path.find("_layers/") != path.npos;
}

bool is_of_keras3(std::string_view path) {
  return path.ends_with("/_kernel") || path.ends_with("/_embeddings") || has_numbered_layers(path);
}

// "model", where every path begins with it.
std::string_view common_root(const std::vector<std::string>& paths) {
  const auto root = [](std::string_view path) { return path.substr(0, path.find('/') + 1); };
  for (const std::string& path : paths) {
    if (root(path) != root(paths.front())) return {};
  }
  return root(paths.front());
}

// The path from the root in the names of layers, which are those of the attributes that hold them:
// model/attention/score/_kernel is attention/score/kernel, and model/_operations/3/score/_kernel too, where the
// variable's own name, attention/kernel, says which layer 3 is.
std::string name_by_path(std::string_view path, std::string_view root, const std::string& own) {
  std::string name(path.substr(root.size()));
  const std::size_t last = name.rfind('/') + 1;
  if (name.substr(last).starts_with('_')) name.erase(last, 1);
  if (!has_numbered_layers(name)) return name;
  const std::size_t number = name.find('/') + 1, inside = name.find('/', number), scope = own.find('/');
  if (inside == name.npos || scope == own.npos) return name;
  return own.substr(0, scope) + name.substr(inside);
}

std::vector<std::string> keras3_names(const std::vector<std::string>& paths, const std::vector<std::string>& own) {
  std::vector<std::string> names;
  const std::string_view root = common_root(paths);
  for (std::size_t i = 0; i < paths.size(); ++i) names.push_back(name_by_path(paths[i], root, own[i]));
  return names;
}

}  // namespace

std::vector<std::string> in_natural_order(const std::set<std::string>& keys) {
  std::vector<std::string> ordered(keys.begin(), keys.end());
  std::ranges::stable_sort(ordered, naturally_less);
  return ordered;
}

void name_variables(std::vector<Tensor>& tensors, const std::map<std::string, std::string>& own_names) {
  std::vector<std::string> own, paths;
  for (const Tensor& tensor : tensors) {
    const auto found = own_names.find(tensor.name);
    paths.push_back(without_end(tensor.name, kAttribute));
    own.push_back(without_end(found == own_names.end() ? paths.back() : found->second, ":0"));
  }
  std::vector<std::string> others = paths;
  if (std::ranges::any_of(paths, is_of_keras3)) others = keras3_names(paths, own);
  std::map<std::string, int> uses;
  for (const std::string& name : own) ++uses[name];
  std::vector<std::size_t> shared;  // variables that have no name of their own
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    tensors[i].name = own[i];
    if (uses[own[i]] > 1) shared.push_back(i);
  }
  for (const std::size_t i : shared) ++uses[others[i]];
  for (const std::size_t i : shared) tensors[i].name = uses[others[i]] == 1 ? others[i] : paths[i];
}

}  // namespace dinghy::converter
