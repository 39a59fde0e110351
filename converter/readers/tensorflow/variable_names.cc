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

}  // namespace

std::vector<std::string> in_natural_order(const std::set<std::string>& keys) {
  std::vector<std::string> ordered(keys.begin(), keys.end());
  std::ranges::stable_sort(ordered, naturally_less);
  return ordered;
}

void name_variables(std::vector<Tensor>& tensors, const std::map<std::string, std::string>& own_names) {
  const auto own_name = [&](const Tensor& tensor) {
    const auto found = own_names.find(tensor.name);
    return without_end(found == own_names.end() ? without_end(tensor.name, kAttribute) : found->second, ":0");
  };
  std::map<std::string, int> uses;
  for (const Tensor& tensor : tensors) ++uses[own_name(tensor)];
  for (Tensor& tensor : tensors) {
    const std::string name = own_name(tensor);
    tensor.name = uses[name] == 1 ? name : without_end(tensor.name, kAttribute);
  }
}

}  // namespace dinghy::converter
